// Ed25519 signatures of store paths. Keys and signatures are written `name:base64`; a secret key is 64 bytes, seed and then
// public key, as libsodium has it. What is signed is the path's fingerprint (narinfo.ts).
//
// node:crypto takes keys as DER only, hence the fixed prefixes that make DER of raw bytes.

import * as crypto from "node:crypto";
import { Buffer } from "node:buffer";
import { decodeBase64, encodeBase64 } from "./base_encodings.ts";
import { binaryToBytes } from "./bytes.ts";
import { FormatError, HashError } from "./errors.ts";

/** A name and the bytes that go by it: a key, or a signature by the key of that name. */
interface Named {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A signature, with the name of the key that made it. */
export interface Signature extends Named {
  readonly kind: "signature";
}

/** A key that signatures are checked with. */
export interface PublicKey extends Named {
  readonly kind: "publicKey";
}

/** A key that makes signatures. */
export interface SecretKey extends Named {
  readonly kind: "secretKey";
}

const PKCS8_PREFIX = "302e020100300506032b657004220420";
const SPKI_PREFIX = "302a300506032b6570032100";

/** Returns `name:base64`. */
export function printSignature(value: Signature | PublicKey | SecretKey): string {
  return `${value.name}:${encodeBase64(value.bytes)}`;
}

/** Returns a signature. @throws {FormatError} if there is no name or no base64. */
export function parseSignature(text: string): Signature {
  return { kind: "signature", ...parseNamed(text, "signature") };
}

/** Returns a public key. @throws {FormatError} if it is malformed or not 32 bytes. */
export function parsePublicKey(text: string): PublicKey {
  const named = parseNamed(text, "key");
  if (named.bytes.length !== 32) throw new FormatError("public key is not valid");
  return { kind: "publicKey", ...named };
}

/** Returns a secret key. @throws {FormatError} if it is malformed or not 64 bytes; the text isn't part of the message. */
export function parseSecretKey(text: string): SecretKey {
  const named = parseNamed(text, "key");
  if (named.bytes.length !== 64) throw new FormatError("secret key is not valid");
  return { kind: "secretKey", ...named };
}

function parseNamed(text: string, what: string): Named {
  const colon = text.indexOf(":");
  if (colon <= 0) throw new FormatError(`${what} is corrupt`);
  let bytes: Uint8Array;
  try {
    bytes = decodeBase64(text.slice(colon + 1));
  } catch (error) {
    if (!(error instanceof HashError)) throw error;
    throw new FormatError(error.message, { cause: error });
  }
  if (bytes.length === 0) throw new FormatError(`${what} is corrupt`);
  return { name: text.slice(0, colon), bytes };
}

/** Returns the public half of a secret key. */
export function publicKeyOf(key: SecretKey): PublicKey {
  return { kind: "publicKey", name: key.name, bytes: key.bytes.slice(32) };
}

/** Returns the signature of a binary string. */
export function sign(text: string, key: SecretKey): Signature {
  const der = Buffer.concat([Buffer.from(PKCS8_PREFIX, "hex"), key.bytes.subarray(0, 32)]);
  const secret = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { kind: "signature", name: key.name, bytes: new Uint8Array(crypto.sign(null, binaryToBytes(text), secret)) };
}

/** Tells whether the signature of a binary string was made by the one of these keys that has its name. */
export function verify(
  text: string,
  options: { readonly signature: Signature; readonly keys: Iterable<PublicKey> },
): boolean {
  const { signature, keys } = options;
  for (const key of keys) {
    if (key.name !== signature.name) continue;
    if (signature.bytes.length !== 64) throw new FormatError("signature is not valid");
    const der = Buffer.concat([Buffer.from(SPKI_PREFIX, "hex"), key.bytes]);
    const spki = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
    return crypto.verify(null, binaryToBytes(text), spki, signature.bytes);
  }
  return false;
}
