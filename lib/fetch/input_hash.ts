// The hashes among an input's attributes: the NAR hash of its tree and the commit it was made from.

import { HashError, HashNameError } from "../format/errors.ts";
import { type Hash, parseHash, parseHashPrefixed, parseSri, printHash } from "../format/hash.ts";
import { type InputAttrs, maybeString } from "./attrs.ts";
import { FetchError, inputError } from "./errors.ts";

/** Returns `narHash`; "" is a hash of zero bytes. @throws {FetchError} if it is no SHA-256 in SRI form */
export function narHashOf(attrs: InputAttrs): Hash | undefined {
  const text = maybeString(attrs, "narHash");
  if (text === undefined) return undefined;
  const hash: Hash = text === "" ? { algo: "sha256", digest: new Uint8Array(32) } : hashErrors(() => parseSri(text));
  if (hash.algo !== "sha256") throw new FetchError("usage", "narHash must use SHA-256");
  return hash;
}

/** Returns `narHash` in SRI form. @throws {FetchError} as {@link narHashOf} */
export function narHashSri(attrs: InputAttrs): string | undefined {
  const hash = narHashOf(attrs);
  return hash === undefined ? undefined : printHash(hash, "sri");
}

/** Returns `rev`, SHA-1 unless it says otherwise. @throws {FetchError} if it is no hash */
export function revOf(attrs: InputAttrs): Hash | undefined {
  const text = maybeString(attrs, "rev");
  return text === undefined ? undefined : parseRev(text);
}

/** Returns the hash a revision is, SHA-1 unless it says otherwise. @throws {FetchError} if it is none */
export function parseRev(text: string): Hash {
  try {
    return parseHashPrefixed(text);
  } catch (e) {
    if (!(e instanceof HashError)) throw e;
    return hashErrors(() => parseHash(text, "sha1"));
  }
}

/** Returns a revision in hexadecimal digits. */
export function revText(rev: Hash): string {
  return printHash(rev, "base16");
}

/** Returns `rev` in hexadecimal digits. @throws {FetchError} as {@link revOf} */
export function revHex(attrs: InputAttrs): string | undefined {
  const rev = revOf(attrs);
  return rev === undefined ? undefined : revText(rev);
}

/** Makes errors of hashes ours. */
export function hashErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (e) {
    if (e instanceof HashNameError) throw new FetchError("usage", e.message);
    if (e instanceof HashError) throw inputError(e.message);
    throw e;
  }
}
