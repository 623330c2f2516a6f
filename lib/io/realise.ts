// Making sure that what a path's string context stands for is there, before the path is read.
//
// Plain paths and derivations must be valid. An output of a derivation would have to be built (import from derivation),
// which devix leaves to others: the output may be there already, or the caller may have a way to get it.

import { hint, NixError } from "../runtime/errors.ts";
import { displayElement, type ParsedElement, parseElement } from "../runtime/context.ts";
import { type DrvPath, type StorePath } from "../format/store_path.ts";
import { type KnownPaths, UnknownPathError } from "../known_paths.ts";
import { InvalidPathError, type Realise } from "../runtime/io.ts";

/** What {@link makeRealise} needs. */
export interface RealiseDeps {
  readonly knownPaths: KnownPaths;
  /** Whether a store path can be read. */
  readonly isValid: (path: StorePath) => boolean;
  /** `allow-import-from-derivation` */
  readonly allowImportFromDerivation: boolean;
  /** Gets an output that isn't there; false if it can't. */
  readonly realiseOutput?: (drvPath: DrvPath, output: string) => boolean;
}

type BuiltElement = Extract<ParsedElement, { readonly kind: "built" }>;

/** Returns what realises contexts. */
export function makeRealise(deps: RealiseDeps): Realise {
  const requireValid = (path: string) => {
    if (!deps.isValid(path as StorePath)) throw new InvalidPathError(path);
  };

  const realiseOutput = (element: BuiltElement, shown: string) => {
    const { drvPath, output } = element;
    if (typeof drvPath !== "string") throw unsupported(shown);
    const path = deps.knownPaths.derivation(drvPath as DrvPath).outputs.get(output);
    if (path === undefined) {
      throw new NixError("store", hint`derivation '${drvPath}' does not have wanted outputs ${`'${output}'`}`);
    }
    if (path !== null && deps.isValid(path)) return;
    if (deps.realiseOutput?.(drvPath as DrvPath, output)) return;
    throw unsupported(shown);
  };

  return (context) => {
    if (context === null) return;
    const outputs: [BuiltElement, string][] = [];
    for (const text of context.elements) {
      const element = parseElement(text);
      if (element.kind === "built") {
        outputs.push([element, displayElement(text)]);
        let base = element.drvPath;
        while (typeof base !== "string") base = base.drvPath;
        requireKnown(base);
      } else {
        requireValid(element.kind === "opaque" ? element.path : element.drvPath);
      }
    }
    if (outputs.length === 0) return;
    if (!deps.allowImportFromDerivation) {
      throw new NixError(
        "eval",
        hint`cannot build '${
          outputs[0][1]
        }' during evaluation because the option 'allow-import-from-derivation' is disabled`,
      );
    }
    for (const [element, shown] of outputs) realiseOutput(element, shown);
  };

  function requireKnown(drvPath: string): void {
    try {
      deps.knownPaths.derivation(drvPath as DrvPath);
    } catch (e) {
      if (e instanceof UnknownPathError) throw new InvalidPathError(drvPath);
      throw e;
    }
  }
}

function unsupported(shown: string): NixError {
  return new NixError(
    "unsupported",
    hint`cannot build '${shown}' during evaluation: ${"import from derivation"} is not supported`,
  );
}
