// Store derivations as values: what a .drv file says, plus the name that only its path carries.
//
// All strings are binary strings and all paths whole store paths. Maps and lists that C++ Nix keeps sorted are sorted here
// too (by bytes, which is `<` on binary strings): ATerms, and through them every store path, depend on the order.
// `newDerivation` sorts; whoever builds the record by hand must keep the order.
//
// Structured attributes are the environment variable "__json", as in the ATerm.

import type { ContentAddress, ContentAddressMethod } from "./content_address.ts";
import { contentAddressPrefix, makeFixedOutputPath } from "./content_address.ts";
import type { DrvPath, StoreDirOptions, StorePath } from "./store_path.ts";
import { outputPathName } from "./store_path.ts";
import type { HashAlgo } from "./hash.ts";
import { sortedMap, sortedSet } from "./sorted.ts";
import { DerivationError } from "./errors.ts";

/** The environment variable that holds structured attributes as JSON. */
export const STRUCTURED_ATTRS_VAR = "__json";

/** One output: where it will be, as far as that is known before building. */
export type DerivationOutput =
  /** The path follows from the derivation. */
  | { readonly kind: "inputAddressed"; readonly path: StorePath }
  /** The content is known in advance; `path` follows from it. */
  | { readonly kind: "fixed"; readonly ca: ContentAddress; readonly path: StorePath }
  /** The path follows from the content, which isn't known. */
  | { readonly kind: "floating"; readonly method: ContentAddressMethod; readonly algo: HashAlgo }
  /** Input-addressed, but an input's path isn't known yet. */
  | { readonly kind: "deferred" }
  /** Like floating, and built anew each time. */
  | { readonly kind: "impure"; readonly method: ContentAddressMethod; readonly algo: HashAlgo };

/** Which outputs of an input derivation are used. */
export interface InputDrv {
  /** Output names, sorted. */
  readonly outputs: readonly string[];
  /** Outputs that are themselves derivations, whose outputs are used in turn; sorted by name. */
  readonly dynamicOutputs?: ReadonlyMap<string, InputDrv>;
}

/** A store derivation. */
export interface Derivation {
  /** The store path name without ".drv". */
  readonly name: string;
  /** By output name, sorted. */
  readonly outputs: ReadonlyMap<string, DerivationOutput>;
  /** By store path, sorted. */
  readonly inputDrvs: ReadonlyMap<DrvPath, InputDrv>;
  /** Sorted. */
  readonly inputSrcs: readonly StorePath[];
  readonly system: string;
  readonly builder: string;
  readonly args: readonly string[];
  /** By variable name, sorted. */
  readonly env: ReadonlyMap<string, string>;
}

/** How the outputs of a derivation come by their paths; all of one kind. */
export type DerivationType = "inputAddressed" | "fixed" | "floating" | "deferred" | "impure";

/** Returns a derivation with sorted parts; the parts are used as they are when they are in order already. */
export function newDerivation(parts: Derivation): Derivation {
  return {
    name: parts.name,
    outputs: sortedMap(parts.outputs),
    inputDrvs: sortedMap(parts.inputDrvs),
    inputSrcs: sortedSet(parts.inputSrcs),
    system: parts.system,
    builder: parts.builder,
    args: parts.args,
    env: sortedMap(parts.env),
  };
}

/** Returns the output whose content hashes to `ca`. */
export function fixedOutput(
  ca: ContentAddress,
  options: StoreDirOptions & { readonly drvName: string; readonly output: string },
): DerivationOutput {
  const name = outputPathName(options.drvName, options.output);
  return { kind: "fixed", ca, path: makeFixedOutputPath(ca, { name, storeDir: options.storeDir }) };
}

/**
 * Returns the kind that all outputs have.
 * @throws {DerivationError} with C++ Nix's message if there are none or they can't go together.
 */
export function derivationType(drv: Derivation): DerivationType {
  if (drv.outputs.size === 1) {
    // Most have one.
    const [name] = drv.outputs.keys();
    const { kind } = drv.outputs.get(name)!;
    if (kind === "fixed" && name !== "out") throw wrongFixedOutput();
    return kind;
  }
  let type: DerivationType | undefined;
  let floatingAlgo: HashAlgo | undefined;
  drv.outputs.forEach((output, name) => {
    if (type !== undefined && type !== output.kind) throw new DerivationError("can't mix derivation output types");
    if (output.kind === "fixed") {
      if (type !== undefined) throw new DerivationError("only one fixed output is allowed for now");
      if (name !== "out") throw wrongFixedOutput();
    } else if (output.kind === "floating") {
      floatingAlgo ??= output.algo;
      if (floatingAlgo !== output.algo) {
        throw new DerivationError("all floating outputs must use the same hash algorithm");
      }
    }
    type = output.kind;
  });
  if (type === undefined) throw new DerivationError("must have at least one output");
  return type;
}

function wrongFixedOutput(): DerivationError {
  return new DerivationError('single fixed output must be named "out"');
}

/** Tells whether an input is used through the outputs of a derivation that another derivation makes. */
export function hasDynamicInputs(drv: Derivation): boolean {
  let found = false;
  drv.inputDrvs.forEach(({ dynamicOutputs }) => {
    if (dynamicOutputs !== undefined && dynamicOutputs.size > 0) found = true;
  });
  return found;
}

/** Returns method and algorithm as ATerms write them: "r:sha256". */
export function printMethodAlgo(method: ContentAddressMethod, algo: HashAlgo): string {
  return contentAddressPrefix(method) + algo;
}
