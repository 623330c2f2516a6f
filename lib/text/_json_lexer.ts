// The tokens of JSON, and the errors of C++ Nix's parser (see json.ts).
//
// It works on the bytes of the text: reading one takes a third of the time of a char of a string. Strings without escapes,
// which is nearly all, and numbers are read in one loop each; what a number is comes out of that loop too, unless it has
// more digits than are exact.

import { encodeCodePoint } from "./utf8.ts";

/** The text isn't JSON; the message is nlohmann's. */
export class JsonParseError extends Error {
  override readonly name = "JsonParseError";
}

/** The text is JSON but holds what Nix can't represent: a large unsigned integer or a NUL byte. */
export class JsonValueError extends Error {
  override readonly name = "JsonValueError";
}

// Tokens. The order carries no meaning.
/** Its error is the lexer's. */
export const FAILED = 0;
export const END = 1;
export const BEGIN_ARRAY = 2;
export const END_ARRAY = 3;
export const BEGIN_OBJECT = 4;
export const END_OBJECT = 5;
export const COLON = 6;
export const COMMA = 7;
export const TRUE = 8;
export const FALSE = 9;
export const NULL = 10;
export const STRING = 11;
export const INTEGER = 12;
export const FLOAT = 13;
export const VALUE = 14;

const TOKEN_NAMES: readonly string[] = [
  "<parse error>",
  "end of input",
  "'['",
  "']'",
  "'{'",
  "'}'",
  "':'",
  "','",
  "true literal",
  "false literal",
  "null literal",
  "string literal",
  "number literal",
  "number literal",
  "'[', '{', or a literal",
];
const CONTROL_NAMES =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
    .split(" ");
/** What follows the backslash, by control character. */
export const SHORT_ESCAPES: Readonly<Record<number, string>> = { 8: "b", 9: "t", 10: "n", 12: "f", 13: "r" };

/** The largest integer of Nix. */
export const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;

/** Returns a number in base 16. */
export function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}

function controlMessage(code: number): string {
  const escape = `\\u${hex(code, 4).toUpperCase()}`;
  const short = SHORT_ESCAPES[code];
  return `invalid string: control character U+${escape.slice(2)} (${
    CONTROL_NAMES[code]
  }) must be escaped to ${escape}` +
    (short === undefined ? "" : ` or \\${short}`);
}

/** The number of continuation bytes after this first byte, or 0 if it can't start a multi-byte character. */
export function continuationCount(lead: number): number {
  return lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
}

/** Whether `code` may follow the first byte `lead` directly; the later ones only have to be 0x80 to 0xbf. */
export function isSecondByte(lead: number, code: number): boolean {
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return code >= low && code <= high;
}

const encoder = new TextEncoder();

/** Returns the bytes of a binary string and at least one zero. */
function terminatedBytes(text: string): Uint8Array {
  const { length } = text;
  // Two more bytes than chars: as many are written only if all are ASCII. (How many are read can't be relied on, see
  // lib/format/bytes.ts.)
  const bytes = new Uint8Array(length + 2);
  if (encoder.encodeInto(text, bytes).written === length) return bytes;
  for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  bytes[length] = bytes[length + 1] = 0;
  return bytes;
}

/** Digits that are always exact as a number. */
const EXACT_DIGITS = 15;
/** The powers of ten that are exact. An exact number times or over one of them is rounded once, as it should be. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Takes a text apart. */
export class JsonLexer {
  readonly text: string;
  readonly #bytes: Uint8Array;
  /** How many bytes have been read; one more than the length once the end has been read. */
  position = 0;
  /** Where the last string or number token starts. */
  #mark = 0;
  #error = "";
  /** The last string token. */
  string = "";
  /** Whether it had escapes. */
  escaped = false;
  /** The last number token. Never -0 if it is an integer. */
  number: number | bigint = 0;
  token = FAILED;

  constructor(text: string) {
    this.text = text;
    this.#bytes = terminatedBytes(text);
  }

  /** Reads the next token. */
  next(): number {
    return this.token = this.#scan();
  }

  /** Reads the next token if it is a string that is spelt as one read before, which was `length` bytes from `start` on. */
  nextIs(start: number, length: number): boolean {
    const bytes = this.#bytes;
    let at = this.position;
    let code = bytes[at];
    while (code === 32 || code === 10 || code === 9 || code === 13) code = bytes[++at];
    for (let i = 0; i < length; i++) if (bytes[at + i] !== bytes[start + i]) return false;
    this.#mark = at;
    this.position = at + length;
    this.token = STRING;
    return true;
  }

  /** Where the last string token starts, quote included. */
  get stringStart(): number {
    return this.#mark;
  }

  #scan(): number {
    const bytes = this.#bytes;
    let at = this.position;
    if (at === 0 && bytes[0] === 0xef) {
      for (const code of [0xef, 0xbb, 0xbf]) {
        if (bytes[at++] !== code) return this.#fail(at, "invalid BOM; must be 0xEF 0xBB 0xBF if given");
      }
    }
    let code = bytes[at];
    while (code === 32 || code === 10 || code === 9 || code === 13) code = bytes[++at];
    this.position = at + 1;
    switch (code) {
      case 0x22:
        return this.#scanString(at);
      case 0x5b:
        return BEGIN_ARRAY;
      case 0x5d:
        return END_ARRAY;
      case 0x7b:
        return BEGIN_OBJECT;
      case 0x7d:
        return END_OBJECT;
      case 0x3a:
        return COLON;
      case 0x2c:
        return COMMA;
      case 0x74:
        return this.#scanLiteral(at, "true", TRUE);
      case 0x66:
        return this.#scanLiteral(at, "false", FALSE);
      case 0x6e:
        return this.#scanLiteral(at, "null", NULL);
      case 0:
        return END;
    }
    if (code === 0x2d || code >= 0x30 && code <= 0x39) return this.#scanNumber(at);
    this.#error = "invalid literal";
    return FAILED;
  }

  #fail(position: number, message: string): number {
    this.position = position;
    this.#error = message;
    return FAILED;
  }

  #scanLiteral(start: number, literal: string, token: number): number {
    for (let i = 1; i < literal.length; i++) {
      if (this.#bytes[start + i] !== literal.charCodeAt(i)) return this.#fail(start + i + 1, "invalid literal");
    }
    this.position = start + literal.length;
    return token;
  }

  #scanNumber(start: number): number {
    this.#mark = start;
    const bytes = this.#bytes;
    const negative = bytes[start] === 0x2d;
    const from = negative ? start + 1 : start;
    let at = from;
    let code = bytes[at];
    if (!(code >= 0x30 && code <= 0x39)) return this.#fail(at + 1, "invalid number; expected digit after '-'");
    let value = code - 0x30;
    code = bytes[++at];
    if (value !== 0) {
      while (code >= 0x30 && code <= 0x39) {
        value = value * 10 + (code - 0x30);
        code = bytes[++at];
      }
    }
    if (code !== 0x2e && code !== 0x65 && code !== 0x45) {
      this.position = at;
      if (at - from > EXACT_DIGITS) return this.#longInteger(start, at);
      this.number = negative ? 0 - value : value; // "-0" is 0
      return INTEGER;
    }
    let digits = at - from;
    let scale = 0;
    if (code === 0x2e) {
      const first = ++at;
      code = bytes[at];
      while (code >= 0x30 && code <= 0x39) {
        value = value * 10 + (code - 0x30);
        code = bytes[++at];
      }
      if (at === first) return this.#fail(at + 1, "invalid number; expected digit after '.'");
      scale = first - at;
      digits -= scale;
    }
    if (code === 0x65 || code === 0x45) {
      const sign = bytes[++at];
      const signed = sign === 0x2b || sign === 0x2d;
      const first = signed ? ++at : at;
      code = bytes[at];
      let exponent = 0;
      while (code >= 0x30 && code <= 0x39) {
        exponent = exponent * 10 + (code - 0x30);
        code = bytes[++at];
      }
      if (at === first) {
        const reason = signed ? "expected digit after exponent sign" : "expected '+', '-', or digit after exponent";
        return this.#fail(at + 1, `invalid number; ${reason}`);
      }
      scale += sign === 0x2d ? -exponent : exponent;
    }
    this.position = at;
    if (digits > EXACT_DIGITS || scale < -22 || scale > 22) {
      this.number = Number(this.text.slice(start, at));
    } else {
      if (negative) value = -value;
      this.number = scale < 0 ? value / POWERS_OF_TEN[-scale] : value * POWERS_OF_TEN[scale];
    }
    return FLOAT;
  }

  #longInteger(start: number, end: number): number {
    const literal = this.text.slice(start, end);
    const value = Number(literal);
    if (Number.isSafeInteger(value)) {
      this.number = value;
      return INTEGER;
    }
    const exact = BigInt(literal);
    if (exact > MAX_UINT64 || exact < -MAX_INT64 - 1n) {
      this.number = value;
      return FLOAT;
    }
    this.number = exact;
    return INTEGER;
  }

  #scanString(start: number): number {
    this.#mark = start;
    const bytes = this.#bytes;
    let at = start + 1;
    let code = bytes[at];
    while (code < 0x80 && code >= 0x20 && code !== 0x22 && code !== 0x5c) code = bytes[++at];
    if (code === 0x22) {
      this.string = this.text.slice(start + 1, at);
      this.escaped = false;
      this.position = at + 1;
      return STRING;
    }
    return this.#scanUnusualString(start, at);
  }

  /** The same for strings with escapes or bytes beyond ASCII, the first of which is at `at`, and for what isn't a string. */
  #scanUnusualString(start: number, at: number): number {
    const { text } = this;
    const bytes = this.#bytes;
    let built = "";
    let from = start + 1; // what is before is in `built`
    let escaped = false;
    for (;; at++) {
      const code = bytes[at];
      if (code === 0x22) {
        this.string = built + text.slice(from, at);
        this.escaped = escaped;
        this.position = at + 1;
        return STRING;
      }
      if (code === 0x5c) {
        escaped = true;
        built += text.slice(from, at);
        const end = this.#scanEscape(at + 1);
        if (end < 0) return FAILED;
        built += this.string;
        from = end;
        at = end - 1;
      } else if (code >= 0x80) {
        const count = continuationCount(code);
        if (count === 0) return this.#fail(at + 1, "invalid string: ill-formed UTF-8 byte");
        const lead = at;
        for (let i = 1; i <= count; i++) {
          const next = bytes[++at];
          if (i === 1 ? !isSecondByte(bytes[lead], next) : !(next >= 0x80 && next <= 0xbf)) {
            return this.#fail(at + 1, "invalid string: ill-formed UTF-8 byte");
          }
        }
      } else if (!(code >= 0x20)) {
        return this.#fail(
          at + 1,
          at < text.length ? controlMessage(code) : "invalid string: missing closing quote",
        );
      }
    }
  }

  /** Puts the character after a backslash into `string` and returns the offset after it, or -1 after an error. */
  #scanEscape(at: number): number {
    const code = this.text.charCodeAt(at);
    switch (code) {
      case 0x22:
      case 0x5c:
      case 0x2f:
        this.string = this.text[at]!;
        return at + 1;
      case 0x62:
        this.string = "\b";
        return at + 1;
      case 0x66:
        this.string = "\f";
        return at + 1;
      case 0x6e:
        this.string = "\n";
        return at + 1;
      case 0x72:
        this.string = "\r";
        return at + 1;
      case 0x74:
        this.string = "\t";
        return at + 1;
      case 0x75:
        break;
      default:
        this.#fail(at + 1, "invalid string: forbidden character after backslash");
        return -1;
    }
    let unit = this.#scanHex(at + 1);
    if (unit < 0) return -1;
    at += 5;
    if (unit >= 0xdc00 && unit <= 0xdfff) {
      this.#fail(at, "invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF");
      return -1;
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const lone = "invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF";
      for (const wanted of [0x5c, 0x75]) {
        if (this.text.charCodeAt(at++) !== wanted) {
          this.#fail(at, lone);
          return -1;
        }
      }
      const low = this.#scanHex(at);
      if (low < 0) return -1;
      at += 4;
      if (low < 0xdc00 || low > 0xdfff) {
        this.#fail(at, lone);
        return -1;
      }
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    this.string = encodeCodePoint(unit);
    return at;
  }

  #scanHex(at: number): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = parseInt(this.text.charAt(at + i), 16);
      if (digit !== digit) {
        this.#fail(at + i + 1, "invalid string: '\\u' must be followed by 4 hex digits");
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  /** The bytes since the last string or number token, control characters spelled out. */
  lastRead(): string {
    // deno-lint-ignore no-control-regex
    const control = /[\0-\x1f]/g;
    return this.text.slice(this.#mark, this.position)
      .replace(control, (c) => `<U+${hex(c.charCodeAt(0), 4).toUpperCase()}>`);
  }

  /** The error for the token just read; `expected` is FAILED where nlohmann names no expectation. */
  error(context: string, expected: number): JsonParseError {
    const found = this.token === FAILED
      ? `${this.#error}; last read: '${this.lastRead()}'`
      : `unexpected ${TOKEN_NAMES[this.token]}`;
    const wanted = expected === FAILED ? "" : `; expected ${TOKEN_NAMES[expected]}`;
    return this.errorHere(`syntax error while parsing ${context} - ${found}${wanted}`);
  }

  errorHere(message: string): JsonParseError {
    const read = this.text.slice(0, this.position);
    const line = read.split("\n").length;
    // To see a number's end one more character is read and put back; that doesn't bring back the column before a line's end.
    const putBack = (this.token === INTEGER || this.token === FLOAT) && this.text.charCodeAt(this.position) === 10;
    const column = putBack ? 0 : this.position - (read.lastIndexOf("\n") + 1);
    return new JsonParseError(
      `[json.exception.parse_error.101] parse error at line ${line}, column ${column}: ${message}`,
    );
  }
}
