// Base16 and base64 as C++ Nix reads and writes them: base16 is written in lower case and read in either; base64 has the
// standard alphabet and padding, and its reader is lax (stops at the first "=", skips newlines, drops leftover bits,
// doesn't ask for padding).

import { HashError } from "./errors.ts";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const INVALID = 255;
const HEX_DIGIT = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < 16; i++) {
  HEX_DIGIT["0123456789abcdef".charCodeAt(i)] = i;
  HEX_DIGIT["0123456789ABCDEF".charCodeAt(i)] = i;
}
const BASE64_DIGIT = new Uint8Array(256).fill(INVALID);
for (let i = 0; i < 64; i++) BASE64_DIGIT[BASE64.charCodeAt(i)] = i;

/** Returns the lower-case base16 text of `bytes`. */
export function encodeBase16(bytes: Uint8Array): string {
  return bytes.toHex();
}

/**
 * Returns the bytes of a base16 text of either case.
 * @throws {HashError} at the first char that isn't a digit, or if the length is odd.
 */
export function decodeBase16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  decodeBase16To(bytes, text);
  if (text.length % 2 === 1) throw new HashError(`Cannot parse base16 "${text}": length is odd`);
  return bytes;
}

/** Writes the bytes of a base16 text into `bytes`, which tell how many. @throws {HashError} as {@link decodeBase16} does. */
export function decodeBase16To(bytes: Uint8Array, text: string): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = hexDigit(text, 2 * i) << 4 | hexDigit(text, 2 * i + 1);
}

function hexDigit(text: string, at: number): number {
  const digit = HEX_DIGIT[text.charCodeAt(at)] ?? INVALID;
  if (digit === INVALID) throw new HashError(`invalid character in Base16 string: '${text[at]}'`);
  return digit;
}

/** Returns the padded base64 text of `bytes`. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0);
    text += BASE64[group >> 18] + BASE64[group >> 12 & 63] +
      (left > 1 ? BASE64[group >> 6 & 63] : "=") + (left > 2 ? BASE64[group & 63] : "=");
  }
  return text;
}

/**
 * Returns the bytes of a base64 text, with or without padding.
 * @throws {HashError} at the first char outside the alphabet.
 */
export function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor(text.length * 3 / 4));
  let length = 0;
  let bits = 0;
  let group = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x3d) break;
    if (char === 0x0a) continue;
    const digit = BASE64_DIGIT[char] ?? INVALID;
    if (digit === INVALID) throw new HashError(`invalid character in Base64 string: '${text[i]}'`);
    group = (group << 6 | digit) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = group >> bits & 0xff;
    }
  }
  return bytes.slice(0, length);
}
