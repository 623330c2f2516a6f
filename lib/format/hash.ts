// Hash algorithms, and every spelling of a hash that C++ Nix 2.34 takes or prints.
//
// A hash is written `algo:digest` (digest in base16, nix32 or base64, told apart by its length), `algo-base64` (SRI), or a
// bare digest when the algorithm is known otherwise. Error texts are C++ Nix's (libutil/hash.cc), which builtins surface;
// one of its quirks is that a wrong char in a digest is reported as a digest of length 0.
//
// Hashing is synchronous: by libcrypto where there is one (`_libcrypto.ts`), else by node:crypto, and BLAKE3 by @noble/hashes.
// Of node:crypto one-shot digests as hex text are the fast case by far: its `hash` costs 1 us for 150 bytes where
// `createHash().update().digest()` costs several, and building a Buffer for the result as much again; so what only needs hex
// (fingerprints, hashModulo) should ask for hex.

import type * as crypto from "node:crypto";
import { blake3 } from "@noble/hashes/blake3.js";
import { asciiBytes, binaryToBytes, equalBytes } from "./bytes.ts";
import { decodeBase16, decodeBase16To, decodeBase64, encodeBase16, encodeBase64 } from "./base_encodings.ts";
import { decodeNixbase32, encodeNixbase32, nixbase32Length } from "./nixbase32.ts";
import { HashError, HashNameError } from "./errors.ts";
import { type HashStream, type NativeAlgo, type NativeHash, openLibcrypto } from "./_libcrypto.ts";
import { sha256Hex } from "./_sha256.ts";

/** The algorithms of Nix 2.34; "blake3" is behind an experimental feature there, which callers enforce. */
export type HashAlgo = "md5" | "sha1" | "sha256" | "sha512" | "blake3";

/** How a digest is written. */
export type HashFormat = "base16" | "nix32" | "base64" | "sri";

/** A digest with the algorithm that made it. */
export interface Hash {
  readonly algo: HashAlgo;
  /** As many bytes as the algorithm gives (see {@link digestLength}). */
  readonly digest: Uint8Array;
}

const DIGEST_LENGTH: Readonly<Record<HashAlgo, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64, blake3: 32 };

/** Returns the length of the algorithm's digests in bytes. */
export function digestLength(algo: HashAlgo): number {
  return DIGEST_LENGTH[algo];
}

/** Returns the digest of bytes, or of the bytes a binary string stands for. */
export function hashBytes(algo: HashAlgo, data: Uint8Array | string): Uint8Array {
  if (algo === "blake3") return blake3(typeof data === "string" ? binaryToBytes(data) : data);
  return decodeBase16(hashHex(algo, data));
}

/** Puts the SHA-256 of bytes, or of the bytes a binary string stands for, into 32 others. */
export function sha256Into(digest: Uint8Array, data: Uint8Array | string): void {
  if (!sha256Native) return decodeBase16To(digest, hashHex("sha256", data));
  sha256Native.hashInto(digest, typeof data === "string" ? asciiBytes(data) ?? binaryToBytes(data) : data);
}

/** Returns the digest of bytes, or of a binary string, in base16. */
export function hashHex(algo: HashAlgo, data: Uint8Array | string): string {
  if (algo === "blake3") return encodeBase16(hashBytes(algo, data));
  // node:crypto would take a string as UTF-8.
  if (typeof data === "string") data = asciiBytes(data) ?? binaryToBytes(data);
  return algo === "sha256" ? sha256(data) : libcrypto(algo)?.hex(data) ?? nodeCrypto().hash(algo, data, "hex");
}

function sha256(data: Uint8Array): string {
  if (sha256Native) return sha256Native.hex(data);
  hashed += data.length;
  if (hashed > NATIVE_FROM) sha256Native = libcrypto("sha256");
  if (sha256Native) return sha256Native.hex(data);
  return hashed > NODE_FROM ? nodeCrypto().hash("sha256", data, "hex") : sha256Hex(data);
}

/** Returns the {@link Hash} of bytes or of a binary string. */
export function hashOf(algo: HashAlgo, data: Uint8Array | string): Hash {
  return { algo, digest: hashBytes(algo, data) };
}

/** In bytes, until there is libcrypto. */
let hashed = 0;
/** From how many bytes on it is worth while to have libcrypto, for 3 to 4 ms. */
const NATIVE_FROM = 1 << 13;
/** From how many on node:crypto, where there is none. */
const NODE_FROM = 1 << 15;

/** libcrypto's SHA-256, if enough has been hashed for it and there is one. */
let sha256Native: NativeHash | undefined;

/** Returns libcrypto's hash, which is looked for once; undefined where there is none. */
function libcrypto(algo: NativeAlgo): NativeHash | undefined {
  if (!(algo in natives)) natives[algo] = openLibcrypto(algo);
  return natives[algo];
}
const natives: { [algo in NativeAlgo]?: NativeHash | undefined } = {};

/** Loaded when it is wanted: that takes 16 ms, in some places 40. */
function nodeCrypto(): typeof crypto {
  return loaded ??= process.getBuiltinModule("node:crypto");
}
let loaded: typeof crypto | undefined;

/** Hashes a stream of chunks. */
export class Hasher {
  readonly algo: HashAlgo;
  #state: HashStream | crypto.Hash | ReturnType<typeof blake3.create>;
  #length = 0;

  constructor(algo: HashAlgo) {
    this.algo = algo;
    this.#state = begin(algo);
  }

  /** How many bytes were hashed so far. */
  get length(): number {
    return this.#length;
  }

  /** Hashes more bytes, or the bytes of a binary string. */
  update(data: Uint8Array | string): this {
    const bytes = typeof data === "string" ? binaryToBytes(data) : data;
    this.#length += bytes.length;
    this.#state.update(bytes);
    return this;
  }

  /** Returns the digest of all that was hashed. The hasher can't be used afterwards. */
  digest(): Uint8Array {
    return new Uint8Array(this.#state.digest());
  }
}

function begin(algo: HashAlgo): HashStream | crypto.Hash | ReturnType<typeof blake3.create> {
  if (algo === "blake3") return blake3.create({});
  return libcrypto(algo)?.create() ?? nodeCrypto().createHash(algo);
}

/** Folds a digest to `size` bytes by XORing byte i into byte i mod `size`: how store paths shorten SHA-256 to 20 bytes. */
export function compressHash(digest: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  for (let i = 0, to = 0; i < digest.length; i++) {
    out[to] ^= digest[i];
    if (++to === size) to = 0;
  }
  return out;
}

/** Tells whether two hashes have the same algorithm and digest. */
export function equalHashes(a: Hash, b: Hash): boolean {
  return a.algo === b.algo && equalBytes(a.digest, b.digest);
}

/** Returns the hash in the given format; `prefix` asks for `algo:` in front (SRI always has its own). */
export function printHash(hash: Hash, format: HashFormat, options: { readonly prefix?: boolean } = {}): string {
  const prefix = options.prefix ? `${hash.algo}:` : "";
  switch (format) {
    case "base16":
      return prefix + encodeBase16(hash.digest);
    case "nix32":
      return prefix + encodeNixbase32(hash.digest);
    case "base64":
      return prefix + encodeBase64(hash.digest);
    case "sri":
      return `${hash.algo}-${encodeBase64(hash.digest)}`;
  }
}

/** Tells whether a string names a hash algorithm. */
export function isHashAlgo(text: string): text is HashAlgo {
  return Object.hasOwn(DIGEST_LENGTH, text);
}

/** Returns the algorithm a string names. @throws {HashError} if it names none. */
export function parseHashAlgo(text: string): HashAlgo {
  if (isHashAlgo(text)) return text;
  throw new HashNameError(`unknown hash algorithm '${text}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`);
}

/**
 * Returns the format a string names. "base32" is a deprecated name for "nix32", of which `onWarning` is told.
 * @throws {HashError} if it names none.
 */
export function parseHashFormat(text: string, onWarning?: (message: string) => void): HashFormat {
  switch (text) {
    case "base32":
      onWarning?.('"base32" is a deprecated alias for hash format "nix32".');
      return "nix32";
    case "base16":
    case "nix32":
    case "base64":
    case "sri":
      return text;
  }
  throw new HashNameError(`unknown hash format '${text}', expect 'base16', 'base32', 'base64', or 'sri'`);
}

/**
 * Returns the hash that `text` spells in any form. `algo`, if given, is needed for a bare digest and must agree with a
 * prefix.
 * @throws {HashError} with C++ Nix's message.
 *
 * @example
 * ```ts
 * parseHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=").algo; // "sha256"
 * ```
 */
export function parseHash(text: string, algo?: HashAlgo): Hash {
  return parseHashWithFormat(text, algo).hash;
}

/** Like {@link parseHash}, and returns the format the hash was written in too. */
export function parseHashWithFormat(text: string, algo?: HashAlgo): { hash: Hash; format: HashFormat } {
  return parsePrefixed(text, (parsed) => {
    if (parsed === undefined && algo === undefined) {
      throw new HashError(`hash '${text}' does not include a type, nor is the type otherwise known from context`);
    }
    if (parsed !== undefined && algo !== undefined && parsed !== algo) {
      throw new HashError(`hash '${text}' should have type '${algo}'`);
    }
    return (parsed ?? algo)!;
  });
}

/** Like {@link parseHash}, but the text must name the algorithm. */
export function parseHashPrefixed(text: string): Hash {
  return parsePrefixed(text, (parsed) => {
    if (parsed === undefined) throw new HashError(`hash '${text}' does not include a type`);
    return parsed;
  }).hash;
}

/** Returns the hash of a bare digest in base16, nix32 or base64, as its length tells. */
export function parseHashUnprefixed(text: string, algo: HashAlgo): Hash {
  return decodeDigest(text, algo, formatFromLength(text, algo));
}

/** Returns the hash of a bare digest in a known format. */
export function parseHashAs(text: string, options: { readonly algo: HashAlgo; readonly format: HashFormat }): Hash {
  return decodeDigest(text, options.algo, options.format);
}

/** Returns the hash of an SRI string, `algo-base64`. */
export function parseSri(text: string): Hash {
  const dash = text.indexOf("-");
  if (dash < 0) throw new HashError(`hash '${text}' is not SRI`);
  return decodeDigest(text.slice(dash + 1), parseHashAlgo(text.slice(0, dash)), "sri");
}

/**
 * Like {@link parseHash}, but "" is the hash of zero bytes ("fill it in later"), of which `onWarning` is told.
 * @throws {HashError} for "" without `algo`, and as parseHash does.
 */
export function parseHashAllowEmpty(
  text: string,
  algo: HashAlgo | undefined,
  options: { readonly onWarning?: (message: string) => void } = {},
): Hash {
  if (text !== "") return parseHash(text, algo);
  if (algo === undefined) throw new HashError("empty hash requires explicit hash algorithm");
  const hash: Hash = { algo, digest: new Uint8Array(DIGEST_LENGTH[algo]) };
  options.onWarning?.(`found empty hash, assuming '${printHash(hash, "sri")}'`);
  return hash;
}

function parsePrefixed(
  text: string,
  resolve: (parsed: HashAlgo | undefined) => HashAlgo,
): { hash: Hash; format: HashFormat } {
  // A colon anywhere wins over a dash.
  let at = text.indexOf(":");
  let sri = false;
  if (at < 0) {
    at = text.indexOf("-");
    sri = at >= 0;
  }
  const algo = resolve(at < 0 ? undefined : parseHashAlgo(text.slice(0, at)));
  const rest = at < 0 ? text : text.slice(at + 1);
  const format = sri ? "sri" : formatFromLength(rest, algo);
  return { hash: decodeDigest(rest, algo, format), format };
}

function formatFromLength(text: string, algo: HashAlgo): HashFormat {
  const bytes = DIGEST_LENGTH[algo];
  if (text.length === bytes * 2) return "base16";
  if (text.length === nixbase32Length(bytes)) return "nix32";
  if (text.length === Math.ceil(bytes / 3) * 4) return "base64";
  throw new HashError(`hash '${text}' has wrong length for hash algorithm '${algo}'`);
}

const DECODERS = {
  base16: { decode: decodeBase16, label: "base16" },
  nix32: { decode: decodeNixbase32, label: "nix32" },
  base64: { decode: decodeBase64, label: "Base64" },
  sri: { decode: decodeBase64, label: "SRI" },
} as const;

function decodeDigest(text: string, algo: HashAlgo, format: HashFormat): Hash {
  const { decode, label } = DECODERS[format];
  let digest: Uint8Array;
  try {
    digest = decode(text);
  } catch (error) {
    if (!(error instanceof HashError)) throw error;
    // As C++ Nix 2.34 does: the decoder's message is dropped and the digest counts as empty.
    digest = new Uint8Array(0);
  }
  const wanted = DIGEST_LENGTH[algo];
  if (digest.length !== wanted) {
    throw new HashError(`invalid ${label} hash '${text}', length ${digest.length} != expected length ${wanted}`);
  }
  return { algo, digest };
}
