/**
 * Stands in for `node:crypto` where there is none: as much of it as the language needs (lib/format/hash.ts). What browsers
 * have of their own for this answers later, and hashes of store paths are needed at once.
 */
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const ALGORITHMS = { md5, sha1, sha256, sha512 };

/** What Node's `createHash` returns. */
export interface Hash {
  update(data: Uint8Array): void;
  digest(): Uint8Array;
}

/** Starts to hash. */
export function createHash(algorithm: keyof typeof ALGORITHMS): Hash {
  return ALGORITHMS[algorithm].create();
}

/** Returns the hash of bytes, in base16. */
export function hash(algorithm: keyof typeof ALGORITHMS, data: Uint8Array, _encoding: "hex"): string {
  return bytesToHex(ALGORITHMS[algorithm](data));
}
