// Binary strings: JavaScript strings with one char (0..255) per byte. The evaluator keeps Nix strings, file contents and
// paths in this form, because V8 stores it in one byte per char and compares, slices and concatenates it natively;
// raw data (digests, NARs on the wire) stays Uint8Array.
//
// Traps: TextDecoder("latin1") is windows-1252 by the WHATWG standard and maps 0x80..0x9f elsewhere; Buffer's latin1
// conversions are 10 to 60 times slower than the UTF-8 ones in Deno 2.6. So both directions try UTF-8, which is the
// identity on ASCII, and fall back when the data isn't ASCII. What encodeInto says it has read can't be relied on: once
// optimised, Deno 2.6 gives the number of bytes for it (strings of less than 4096 chars that aren't all ASCII).

import type { Buffer as NodeBuffer } from "node:buffer";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The longest text that is looked at in one go. */
const STEP = 1 << 16;

/**
 * Where {@link asciiBytes} writes; overwritten by each call, so no result may outlive the next. UTF-8 of what is looked at
 * always fits, so the number of bytes tells ASCII.
 */
const scratch = new Uint8Array(2 * STEP);

/** Tells whether every char of a binary string is below 0x80, so that UTF-8 and latin1 agree on it. */
export function isAscii(text: string): boolean {
  // A regular expression takes ten times as long on long strings.
  if (text.length <= STEP) return encoder.encodeInto(text, scratch).written === text.length;
  for (let at = 0; at < text.length; at += STEP) {
    const part = text.slice(at, at + STEP);
    if (encoder.encodeInto(part, scratch).written !== part.length) return false;
  }
  return true;
}

/**
 * Returns the bytes of a binary string that is ASCII and not longer than 64 KiB, undefined for others. They are valid until
 * the next call of any function here: this is for hashing, where the copy is most of the cost.
 */
export function asciiBytes(text: string): Uint8Array | undefined {
  if (text.length > STEP) return undefined;
  const { written } = encoder.encodeInto(text, scratch);
  return written === text.length ? scratch.subarray(0, written) : undefined;
}

/** Returns the binary string of `bytes`: char i is byte i. */
export function bytesToBinary(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  // Equal length isn't proof: an invalid byte also decodes to one char (U+FFFD).
  if (text.length === bytes.length && isAscii(text)) return text;
  if (bytes.length <= LOOP_UP_TO) return String.fromCharCode(...bytes);
  return buffer().from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Above this, Buffer is quicker even if its first use is counted. */
const LOOP_UP_TO = 4096;

let loaded: typeof NodeBuffer | undefined;

/** Loaded when it is needed: that takes 3 ms, and most evaluations never do. */
function buffer(): typeof NodeBuffer {
  return loaded ??= process.getBuiltinModule("node:buffer").Buffer;
}

/** Returns the bytes of a binary string, in a new array. Chars above 255 are a caller's mistake and lose their high bits. */
export function binaryToBytes(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  // Every char from 0x80 up takes at least two bytes in UTF-8, so equal length means ASCII.
  if (bytes.length === text.length) return bytes;
  const out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/** Returns the binary string whose bytes are the UTF-8 encoding of a JavaScript (UTF-16) string. */
export function utf8ToBinary(text: string): string {
  return isAscii(text) ? text : bytesToBinary(encoder.encode(text));
}

/** Returns the JavaScript string a binary string encodes in UTF-8; invalid sequences become U+FFFD. */
export function binaryToUtf8(text: string): string {
  return isAscii(text) ? text : decoder.decode(binaryToBytes(text));
}

/** Tells whether two byte arrays have the same length and contents. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Returns the arrays one after the other in a new one. */
export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
