/** `outputOf`: the output of a derivation that may itself be an output. */
import { FormatError } from "../lib/format/errors.ts";
import { downstreamPlaceholder, dynamicPlaceholder } from "../lib/format/placeholder.ts";
import type { DrvPath } from "../lib/format/store_path.ts";
import { type KnownPaths, UnknownPathError } from "../lib/known_paths.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { Context, displayElement, type ParsedDrvPath, parseElement } from "../lib/runtime/context.ts";
import { evalError, hint, NixError } from "../lib/runtime/errors.ts";
import { forceString, forceStringNoContext } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { ContextString, type Slot, stringContext, stringText, type Value } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { unknownDerivation } from "./_derivation_inputs.ts";

/** What `outputOf` needs. */
export interface OutputOfDeps {
  readonly knownPaths: KnownPaths;
}

/** Returns `outputOf`. */
export function outputOfBuiltin({ knownPaths }: OutputOfDeps): Builtin {
  const outputOf = (reference: Slot, outputName: Slot): Value => {
    const drvPath = derivedPath(reference, "while evaluating the first argument to builtins.outputOf");
    const output = forceStringNoContext(outputName, "while evaluating the second argument to builtins.outputOf");
    return new ContextString(outputText(drvPath, output), Context.of(`!${output}!${elementOf(drvPath)}`));
  };

  /** Returns what the one element in the context of a string is, which must be what the string says. */
  const derivedPath = (slot: Slot, words: string): ParsedDrvPath => {
    const v = forceString(slot, words);
    const text = stringText(v);
    const elements = stringContext(v)?.elements ?? [];
    const fail = (message: string) => evalError(message).addFrame(NO_POS, words);
    if (elements.length !== 1) {
      throw fail(
        hint`string '${text}' has ${elements.length} entries in its context. It should only have exactly one entry`,
      );
    }
    const element = parseElement(elements[0]);
    switch (element.kind) {
      case "drvDeep":
        throw fail(
          hint`string '${text}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
        );
      case "opaque":
        if (text === element.path) return element.path;
        throw fail(hint`path string '${text}' has context with the different path '${element.path}'`);
      case "built": {
        const expected = outputText(element.drvPath, element.output);
        if (text === expected) return { drvPath: element.drvPath, output: element.output };
        throw fail(
          hint`string '${text}' has context with the output '${element.output}' from derivation '${
            display(element.drvPath)
          }', but the string is not the right placeholder for this derivation output. It should be '${expected}'`,
        );
      }
    }
  };

  /** Returns the path of an output, or what stands for it. */
  const outputText = (drvPath: ParsedDrvPath, output: string): string => {
    if (typeof drvPath !== "string") {
      const { base, outputs } = chain(drvPath);
      return dynamicPlaceholder(base, [...outputs, output]);
    }
    const path = readDerivation(drvPath as DrvPath).outputs.get(output);
    if (path === undefined) {
      throw new NixError("store", hint`derivation '${drvPath}' does not have output '${output}'`);
    }
    return path ?? downstreamPlaceholder(drvPath as DrvPath, output);
  };

  const readDerivation = (path: DrvPath) => {
    try {
      return knownPaths.derivation(path);
    } catch (e) {
      if (e instanceof UnknownPathError) throw unknownDerivation(e);
      if (!(e instanceof FormatError)) throw e;
      throw foreignError("store", new Error(`error parsing derivation '${path}': ${e.message}`, { cause: e }));
    }
  };

  return {
    name: "outputOf",
    params: ["derivation-reference", "output-name"],
    feature: "dynamic-derivations",
    doc: "Returns the path of an output of a derivation, or a string that stands for it until it is known. " +
      "*derivation-reference* is the path of a derivation or, for a derivation that another one makes, an output.",
    call: outputOf,
  };
}

function chain(path: ParsedDrvPath): { readonly base: DrvPath; readonly outputs: string[] } {
  if (typeof path === "string") return { base: path as DrvPath, outputs: [] };
  const { base, outputs } = chain(path.drvPath);
  return { base, outputs: [...outputs, path.output] };
}

function elementOf(path: ParsedDrvPath): string {
  return typeof path === "string" ? path : `!${path.output}!${elementOf(path.drvPath)}`;
}

function display(path: ParsedDrvPath): string {
  return displayElement(elementOf(path));
}
