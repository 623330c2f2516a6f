// Nix's own base 32: digits and lower-case letters without e, o, u, t; the bytes are read as one little-endian number and
// the most significant digit is written first, so the text runs backwards through the bytes. There is no padding; the
// first char of a text whose length doesn't fill whole bytes may carry too many bits, which decodes to one byte more.

import { HashError } from "./errors.ts";

/** The 32 digits in order of value. */
export const NIXBASE32_ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz";

const INVALID = 255;
const DIGIT = new Uint8Array(256).fill(INVALID);
const CHAR = new Uint8Array(32).map((_, i) => NIXBASE32_ALPHABET.charCodeAt(i));
for (let i = 0; i < 32; i++) DIGIT[NIXBASE32_ALPHABET.charCodeAt(i)] = i;

/** The chars of the hash part of a store path, which is nearly all that is encoded, while it is. */
const HASH_PART_CHARS = 32;
const hashPart = new Array<number>(HASH_PART_CHARS).fill(0);

/** Returns the number of chars that `bytes` bytes take. */
export function nixbase32Length(bytes: number): number {
  return bytes === 0 ? 0 : Math.floor((bytes * 8 - 1) / 5) + 1;
}

/**
 * Returns the nixbase32 text of `bytes`.
 *
 * @example
 * ```ts
 * encodeNixbase32(new Uint8Array([0x1f])); // "0z"
 * ```
 */
export function encodeNixbase32(bytes: Uint8Array): string {
  const length = nixbase32Length(bytes.length);
  // Joining chars one by one would make a rope.
  const chars = length === HASH_PART_CHARS ? hashPart : new Array<number>(length);
  const last = bytes.length - 1;
  for (let n = 0; n < length; n++) {
    const bit = n * 5;
    const i = bit >> 3;
    const pair = bytes[i] | (i < last ? bytes[i + 1] << 8 : 0);
    chars[length - 1 - n] = CHAR[pair >> (bit & 7) & 31];
  }
  return String.fromCharCode.apply(null, chars);
}

/**
 * Returns the bytes of a nixbase32 text: as many as its chars touch, plus one when its leading chars overflow, as C++ Nix
 * does; a caller that wants a given size compares lengths.
 * @throws {HashError} at the last char that isn't a digit (the text is read backwards).
 */
export function decodeNixbase32(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(text.length * 5 / 8) + 1);
  let length = 0;
  for (let n = 0; n < text.length; n++) {
    const at = text.length - n - 1;
    const digit = DIGIT[text.charCodeAt(at)] ?? INVALID;
    if (digit === INVALID) {
      throw new HashError(`invalid character in Nix32 (Nix's Base32 variation) string: '${text[at]}'`);
    }
    const bit = n * 5;
    const i = bit >> 3;
    const shifted = digit << (bit & 7);
    bytes[i] |= shifted & 0xff;
    length = i + 1;
    if (shifted > 0xff) {
      bytes[i + 1] |= shifted >> 8;
      length = i + 2;
    }
  }
  return bytes.slice(0, length);
}
