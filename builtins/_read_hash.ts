/** Hashes as Nix programs write them. */
import { type Hash, type HashAlgo, parseHash, parseHashAlgo, parseHashAllowEmpty } from "../lib/format/hash.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import { requireFeature } from "./_features.ts";
import { hashError } from "./_hash_error.ts";

/** What reading a hash depends on. */
export interface HashReadDeps {
  /** The experimental features that are on. */
  readonly features: ReadonlySet<string>;
  readonly log: EvalLog;
}

/** Returns the algorithm a string names. @throws {NixError} if it names none, or one that isn't enabled */
export function readHashAlgo(name: string, { features }: Pick<HashReadDeps, "features">): HashAlgo {
  let algo: HashAlgo;
  try {
    algo = parseHashAlgo(name);
  } catch (e) {
    throw hashError(e);
  }
  if (algo === "blake3") requireFeature(features, "blake3-hashes");
  return algo;
}

/**
 * Returns the hash a string spells, of the given algorithm if it names none itself.
 * @throws {NixError} if it is none, or of an algorithm that isn't enabled
 */
export function readHash(text: string, algo: HashAlgo | undefined, deps: Pick<HashReadDeps, "features">): Hash {
  // Names of algorithms are looked at before anything else in the hash.
  const prefix = /^([^:]*):/.exec(text) ?? /^([^-]*)-/.exec(text);
  if (prefix !== null) readHashAlgo(prefix[1], deps);
  try {
    return parseHash(text, algo);
  } catch (e) {
    throw hashError(e);
  }
}

/** Like {@link readHash}, but "" is a hash of zero bytes, with a warning. */
export function readHashAllowEmpty(text: string, algo: HashAlgo | undefined, deps: HashReadDeps): Hash {
  if (text !== "") return readHash(text, algo, deps);
  try {
    return parseHashAllowEmpty(text, algo, { onWarning: (message) => deps.log.warn(message) });
  } catch (e) {
    throw hashError(e);
  }
}
