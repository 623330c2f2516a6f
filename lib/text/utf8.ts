// The only place where binary strings (one char 0..255 per byte) meet JavaScript's UTF-16 strings. Nix strings, source
// files and paths are bytes that need not be UTF-8; text for people, JSON and JavaScript APIs is UTF-16.
//
// ASCII, which is nearly everything, is the same in both and returned as it is.

const NON_ASCII = /[^\0-\x7f]/;
const CHUNK = 8192;

/** Returns the bytes of a binary string. */
export function binaryToBytes(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Returns the binary string of these bytes. */
export function bytesToBinary(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += CHUNK) {
    parts.push(String.fromCharCode.apply(null, bytes.subarray(i, i + CHUNK) as unknown as number[]));
  }
  return parts.join("");
}

/** Returns the UTF-16 form of a UTF-8 binary string; malformed bytes become U+FFFD. A byte order mark is kept. */
export function decodeUtf8Lossy(binary: string): string {
  if (!NON_ASCII.test(binary)) return binary;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(binaryToBytes(binary));
}

/** Returns the UTF-8 binary string of a UTF-16 string; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): string {
  if (!NON_ASCII.test(text)) return text;
  return bytesToBinary(new TextEncoder().encode(text));
}

/** Returns the UTF-8 binary string of one code point, which must not be a surrogate. */
export function encodeCodePoint(codePoint: number): string {
  if (codePoint < 0x80) return String.fromCharCode(codePoint);
  if (codePoint < 0x800) return String.fromCharCode(0xc0 | codePoint >> 6, 0x80 | codePoint & 0x3f);
  if (codePoint < 0x10000) {
    return String.fromCharCode(0xe0 | codePoint >> 12, 0x80 | codePoint >> 6 & 0x3f, 0x80 | codePoint & 0x3f);
  }
  return String.fromCharCode(
    0xf0 | codePoint >> 18,
    0x80 | codePoint >> 12 & 0x3f,
    0x80 | codePoint >> 6 & 0x3f,
    0x80 | codePoint & 0x3f,
  );
}
