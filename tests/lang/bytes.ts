/**
 * Binary strings for the corpus: one char (0..255) per byte, the representation the evaluator itself uses for Nix
 * strings. `TextDecoder("latin1")` is of no use here: the encoding standard makes it windows-1252, which changes
 * 0x80..0x9f.
 */

/** Returns the binary string of some bytes. */
export function binaryFromBytes(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 0x2000) {
    out += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
  }
  return out;
}

/**
 * Returns the bytes of a binary string.
 *
 * @throws {RangeError} when a char is above 255, so the string is not a binary one
 */
export function bytesFromBinary(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) {
    const code = binary.charCodeAt(i);
    if (code > 255) throw new RangeError(`Cannot encode binary string: char ${code} at ${i} is no byte`);
    bytes[i] = code;
  }
  return bytes;
}

/** Returns the binary string of a text's UTF-8 bytes. */
export function binaryFromText(text: string): string {
  return binaryFromBytes(new TextEncoder().encode(text));
}

/** Returns the text of a binary string that holds UTF-8; other bytes become U+FFFD. For display only. */
export function textFromBinary(binary: string): string {
  return new TextDecoder().decode(bytesFromBinary(binary));
}
