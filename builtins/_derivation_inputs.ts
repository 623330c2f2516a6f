/**
 * What the strings of a derivation refer to, as the inputs of the derivation.
 *
 * The same few elements turn up in thousands of derivations, so what one means is worked out once.
 */
import type { Derivation, InputDrv } from "../lib/format/derivation.ts";
import { type DrvPath, isDrvPath, type StorePath } from "../lib/format/store_path.ts";
import { type KnownPaths, UnknownPathError } from "../lib/known_paths.ts";
import { type Context, type ContextElement, parseElement } from "../lib/runtime/context.ts";
import { hint, NixError } from "../lib/runtime/errors.ts";

/** What turning contexts into inputs needs. */
export interface InputDeps {
  readonly knownPaths: KnownPaths;
  /** What a path that isn't from this evaluation refers to; empty if that isn't known. */
  readonly references: (path: StorePath) => readonly StorePath[];
}

/** The part of a derivation that follows from its context. */
export type DerivationInputs = Pick<Derivation, "inputDrvs" | "inputSrcs">;

/** What a context element makes an input. */
type Input =
  | { readonly kind: "source"; readonly path: StorePath }
  | { readonly kind: "closure"; readonly drvPath: DrvPath }
  | {
    readonly kind: "output";
    readonly drvPath: DrvPath;
    readonly output: string;
    /** That and nothing else of the derivation: shared by all that use it so. */
    readonly alone: InputDrv;
  }
  /** An output of a derivation that `outputs` lead to from `drvPath`. */
  | {
    readonly kind: "dynamic";
    readonly drvPath: DrvPath;
    readonly outputs: readonly string[];
    readonly output: string;
  };

/** Returns what turns contexts into inputs. What it returns throws {@link NixError} for a derivation that isn't known. */
export function makeInputsOf({ knownPaths, references }: InputDeps): (context: Context | null) => DerivationInputs {
  const inputs = new Map<ContextElement, Input>();

  const closure = (drvPath: DrvPath): readonly StorePath[] => {
    try {
      return knownPaths.closure(drvPath, references);
    } catch (e) {
      throw e instanceof UnknownPathError ? new NixError("store", hint`path '${e.path}' is not valid`) : e;
    }
  };

  const inputOf = (element: ContextElement): Input => {
    let input = inputs.get(element);
    if (input === undefined) inputs.set(element, input = parseInput(element));
    return input;
  };

  const collect = (elements: readonly ContextElement[]): DerivationInputs => {
    const sources: StorePath[] = [];
    const drvs = new Map<DrvPath, Used>();
    for (const element of elements) {
      const input = inputOf(element);
      switch (input.kind) {
        case "source":
          sources.push(input.path);
          break;
        case "output":
          addOutput(entry(drvs, input.drvPath), input);
          break;
        case "dynamic": {
          let used = entry(drvs, input.drvPath);
          for (const output of input.outputs) used = entry(used.dynamic ??= new Map(), output);
          used.outputs.push(input.output);
          break;
        }
        case "closure":
          for (const path of closure(input.drvPath)) {
            sources.push(path);
            if (isDrvPath(path)) entry(drvs, path).outputs.push(...knownPaths.derivation(path).outputs.names);
          }
      }
    }
    const inputDrvs = new Map<DrvPath, InputDrv>();
    for (const path of [...drvs.keys()].sort()) inputDrvs.set(path, inputDrv(drvs.get(path)!));
    return { inputDrvs, inputSrcs: [...new Set(sources)].sort() };
  };

  return (context) => {
    const elements = context === null ? [] : context.elements;
    const sources: StorePath[] = [];
    /** In order of paths, while nothing else than one output of each came up. */
    const simple = new Map<DrvPath, InputDrv>();
    let last = "";
    for (let i = 0; i < elements.length; i++) {
      const input = inputOf(elements[i]);
      if (input.kind === "source") sources.push(input.path);
      else if (input.kind === "output" && input.drvPath > last) simple.set(last = input.drvPath, input.alone);
      else return collect(elements);
    }
    // Copied, because what push() makes has room for 17, and derivations stay.
    return { inputDrvs: simple, inputSrcs: sources.slice() };
  };
}

function parseInput(element: ContextElement): Input {
  const parsed = parseElement(element);
  switch (parsed.kind) {
    case "opaque":
      return { kind: "source", path: parsed.path as StorePath };
    case "drvDeep":
      return { kind: "closure", drvPath: parsed.drvPath as DrvPath };
    case "built": {
      const { output } = parsed;
      const outputs: string[] = [];
      let base = parsed.drvPath;
      for (; typeof base !== "string"; base = base.drvPath) outputs.unshift(base.output);
      const drvPath = base as DrvPath;
      return outputs.length > 0
        ? { kind: "dynamic", drvPath, outputs, output }
        : { kind: "output", drvPath, output, alone: { outputs: [output] } };
    }
  }
}

/** What a derivation uses of others, while that is collected. */
interface Used {
  readonly outputs: string[];
  /** What it is if the first output that came up is all that is used. */
  alone: InputDrv | null;
  dynamic: Map<string, Used> | null;
}

function entry<K>(map: Map<K, Used>, key: K): Used {
  let used = map.get(key);
  if (used === undefined) map.set(key, used = { outputs: [], alone: null, dynamic: null });
  return used;
}

function addOutput(used: Used, { output, alone }: Input & { kind: "output" }): void {
  if (used.outputs.length === 0) used.alone = alone;
  used.outputs.push(output);
}

function inputDrv({ outputs, alone, dynamic }: Used): InputDrv {
  if (outputs.length === 1 && dynamic === null && alone !== null) return alone;
  const sorted = [...new Set(outputs)].sort();
  if (dynamic === null) return { outputs: sorted };
  const dynamicOutputs = new Map<string, InputDrv>();
  for (const name of [...dynamic.keys()].sort()) dynamicOutputs.set(name, inputDrv(dynamic.get(name)!));
  return { outputs: sorted, dynamicOutputs };
}

/** Returns the error of an input derivation that is neither from this evaluation nor in the store. */
export function unknownDerivation(e: UnknownPathError): NixError {
  return new NixError("store", hint`derivation '${e.path}' is not valid`);
}
