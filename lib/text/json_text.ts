// JSON as C++ Nix 2.34 writes it, which is nlohmann::json 3.11.3 on byte strings: the same texts, the same errors. Strings
// are binary strings holding UTF-8.

import { continuationCount, hex, isSecondByte, SHORT_ESCAPES } from "./_json_lexer.ts";
import { bytesToBinary } from "./utf8.ts";

/** A string to write isn't UTF-8; the message is nlohmann's. */
export class JsonWriteError extends Error {
  override readonly name = "JsonWriteError";
}

/** nlohmann hands the bytes of a string on when its buffer hasn't room for another character: from this many on. */
const FULL_BUFFER = 500;

/** Returns what nlohmann writes of the literal of a string before it finds that the string isn't UTF-8. */
export function writtenOfBadString(text: string): string {
  let written = '"';
  let buffer = "";
  for (let at = 0; at < text.length;) {
    const char = text.slice(at, at + 1 + continuationCount(text.charCodeAt(at)));
    try {
      buffer += quoteJson(char).slice(1, -1);
    } catch (e) {
      if (!(e instanceof JsonWriteError)) throw e;
      break;
    }
    at += char.length;
    if (buffer.length < FULL_BUFFER) continue;
    written += buffer;
    buffer = "";
  }
  return written;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_BYTES = 1 << 12;
/** A buffer of at most this many bytes is kept for the next text. */
const KEPT_BYTES = 1 << 20;
/** Strings up to this length are written char by char. */
const SHORT = 256;
/** The most bytes that become of a char, `\\u0000`. */
const MOST_BYTES = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** By char below 0x80: what follows the backslash that it needs; "u" for those that are spelt by number, 0 for none. */
const ESCAPES = new Uint8Array(0x80);
for (let code = 0; code < 0x20; code++) ESCAPES[code] = (SHORT_ESCAPES[code] ?? "u").charCodeAt(0);
ESCAPES[QUOTE] = QUOTE;
ESCAPES[BACKSLASH] = BACKSLASH;
const BY_NUMBER = 0x75;
const DIGITS = "0123456789abcdef";

/** The buffer of the last text, while no other has it. */
let spare: Uint8Array | null = null;

/**
 * A JSON text while it is written: bytes in a buffer, and one string in the end. Joining strings, which are some fifty for
 * each object, takes twice as long, and the collector three times as long again.
 */
export class JsonText {
  #bytes: Uint8Array;
  #length = 0;
  #ascii = true;

  constructor() {
    this.#bytes = spare ?? new Uint8Array(FIRST_BYTES);
    spare = null;
  }

  /** Adds one char, below 0x80, as it is. */
  char(code: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = code;
  }

  /** Adds a text that is JSON. */
  json(text: string): void {
    const { length } = text;
    this.#reserve(length + 2);
    const bytes = this.#bytes;
    const start = this.#length;
    this.#length += length;
    // With room for two bytes more than chars, as many as chars are written only if all are ASCII.
    if (length > SHORT && encoder.encodeInto(text, bytes.subarray(start, start + length + 2)).written === length) {
      return;
    }
    for (let i = 0; i < length; i++) {
      const code = bytes[start + i] = text.charCodeAt(i);
      if (code >= 0x80) this.#ascii = false;
    }
  }

  /** Adds an integer. */
  integer(n: number | bigint): void {
    if (!(n >= 0 && n < 1e9)) return this.json(String(n));
    let left = n as number;
    let size = 1;
    for (let limit = 10; limit <= left; limit *= 10) size++;
    this.#reserve(size);
    const end = this.#length += size;
    const bytes = this.#bytes;
    for (let at = end - 1; at >= end - size; at--) {
      const rest = Math.floor(left / 10);
      bytes[at] = 0x30 + left - 10 * rest;
      left = rest;
    }
  }

  /** Adds a string. @throws {JsonWriteError} if it isn't UTF-8. */
  string(text: string): void {
    const { length } = text;
    if (length > SHORT) return this.json(quoteJson(text));
    this.#reserve(MOST_BYTES * length + 2);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return this.json(quoteJson(text));
      const escape = ESCAPES[code];
      if (escape === 0) bytes[at++] = code;
      else {
        bytes[at++] = BACKSLASH;
        bytes[at++] = escape;
        if (escape === BY_NUMBER) {
          bytes[at++] = 0x30;
          bytes[at++] = 0x30;
          bytes[at++] = 0x30 + (code >> 4);
          bytes[at++] = DIGITS.charCodeAt(code & 15);
        }
      }
    }
    bytes[at++] = QUOTE;
    this.#length = at;
  }

  /** Returns what has been added. */
  soFar(): string {
    const bytes = this.#bytes.subarray(0, this.#length);
    return this.#ascii ? decoder.decode(bytes) : bytesToBinary(bytes);
  }

  /** Returns the text, to which nothing can be added afterwards. */
  finish(): string {
    const text = this.soFar();
    if (this.#bytes.length <= KEPT_BYTES) spare = this.#bytes;
    return text;
  }

  #reserve(more: number): void {
    if (this.#length + more > this.#bytes.length) this.#grow(more);
  }

  #grow(more: number): void {
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

/**
 * Returns the JSON string literal, quotes included, of a binary string holding UTF-8. Only quote, backslash and control
 * characters are escaped; 0x7f and everything beyond ASCII stay.
 *
 * @throws {JsonWriteError} if the string isn't UTF-8
 */
export function quoteJson(text: string): string {
  // deno-lint-ignore no-control-regex
  if (!/[\0-\x1f"\\\x80-\xff]/.test(text)) return `"${text}"`;
  let out = '"';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) {
      if (code >= 0x20 && code !== 0x22 && code !== 0x5c) continue;
      const short = code >= 0x20 ? text[at] : SHORT_ESCAPES[code];
      out += text.slice(from, at) + "\\" + (short ?? `u${hex(code, 4)}`);
      from = at + 1;
      continue;
    }
    const count = continuationCount(code);
    if (count === 0) throw invalidByte(at, code);
    for (let i = 1; i <= count; i++) {
      const next = text.charCodeAt(++at);
      if (next !== next) {
        const last = hex(text.charCodeAt(text.length - 1), 2).toUpperCase();
        throw new JsonWriteError(
          `[json.exception.type_error.316] incomplete UTF-8 string; last byte: 0x${last}`,
        );
      }
      if (i === 1 ? !isSecondByte(code, next) : next < 0x80 || next > 0xbf) throw invalidByte(at, next);
    }
  }
  return out + text.slice(from) + '"';
}

function invalidByte(index: number, byte: number): JsonWriteError {
  return new JsonWriteError(
    `[json.exception.type_error.316] invalid UTF-8 byte at index ${index}: 0x${hex(byte, 2).toUpperCase()}`,
  );
}
