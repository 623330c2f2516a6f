// JSON as C++ Nix 2.34 reads and writes it, which is nlohmann::json 3.11.3 on byte strings: the same values, the same
// error texts. Input and output are binary strings holding UTF-8.
//
// Reading is bottom-up through a builder, so that the caller makes its own values and no tree is built between; there
// is no recursion, so any nesting depth works. Traps:
//   - an integer literal that fits neither int64 nor uint64 becomes a float; one between 2^63 and 2^64-1 is an error
//     of Nix, not of the JSON parser; "-0" is the integer 0;
//   - a duplicate key keeps the last value: `object` gets both, in order;
//   - the text after "last read:" starts at the last string or number token, not at the offending one;
//   - columns count bytes, and the end of input counts as one.

import { encodeCodePoint } from "./utf8.ts";

/** Makes values of type V, with attribute names of type K, from what the parser meets. */
export interface JsonBuilder<V, K> {
  null(): V;
  boolean(value: boolean): V;
  /** A 64-bit integer: a number while it is safe, a bigint beyond. Never -0. */
  integer(value: number | bigint): V;
  float(value: number): V;
  string(value: string): V;
  /** Takes ownership of `items`. */
  array(items: V[]): V;
  key(name: string): K;
  /** Takes ownership of both; as long as each other, in source order, the last of equal keys wins. */
  object(keys: K[], values: V[]): V;
}

/** The text isn't JSON; the message is nlohmann's. */
export class JsonParseError extends Error {
  override readonly name = "JsonParseError";
}

/** The text is JSON but holds what Nix can't represent: a large unsigned integer or a NUL byte. */
export class JsonValueError extends Error {
  override readonly name = "JsonValueError";
}

/** A string to write isn't UTF-8; the message is nlohmann's. */
export class JsonWriteError extends Error {
  override readonly name = "JsonWriteError";
}

// Tokens. The order carries no meaning.
const FAILED = 0;
const END = 1;
const BEGIN_ARRAY = 2;
const END_ARRAY = 3;
const BEGIN_OBJECT = 4;
const END_OBJECT = 5;
const COLON = 6;
const COMMA = 7;
const TRUE = 8;
const FALSE = 9;
const NULL = 10;
const STRING = 11;
const INTEGER = 12;
const FLOAT = 13;
const VALUE = 14;

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
const SHORT_ESCAPES: Readonly<Record<number, string>> = { 8: "b", 9: "t", 10: "n", 12: "f", 13: "r" };

const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;

function hex(value: number, width: number): string {
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
function continuationCount(lead: number): number {
  return lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
}

/** Whether `code` may follow the first byte `lead` directly; the later ones only have to be 0x80 to 0xbf. */
function isSecondByte(lead: number, code: number): boolean {
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return code >= low && code <= high;
}

class Lexer {
  readonly text: string;
  /** How many bytes have been read; one more than the length once the end has been read. */
  position = 0;
  /** Where the last string or number token starts. */
  #mark = 0;
  #error = "";
  string = "";
  number: number | bigint = 0;
  token = FAILED;

  constructor(text: string) {
    this.text = text;
  }

  next(): number {
    return this.token = this.#scan();
  }

  #scan(): number {
    const text = this.text;
    let at = this.position;
    if (at === 0 && text.charCodeAt(0) === 0xef) {
      for (const code of [0xef, 0xbb, 0xbf]) {
        if (text.charCodeAt(at++) !== code) return this.#fail(at, "invalid BOM; must be 0xEF 0xBB 0xBF if given");
      }
    }
    let code = text.charCodeAt(at);
    while (code === 32 || code === 10 || code === 9 || code === 13) code = text.charCodeAt(++at);
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
      default:
        if (code === 0x2d || code >= 0x30 && code <= 0x39) return this.#scanNumber(at);
        if (code !== code || code === 0) return END;
        this.#error = "invalid literal";
        return FAILED;
    }
  }

  #fail(position: number, message: string): number {
    this.position = position;
    this.#error = message;
    return FAILED;
  }

  #scanLiteral(start: number, literal: string, token: number): number {
    for (let i = 1; i < literal.length; i++) {
      if (this.text.charCodeAt(start + i) !== literal.charCodeAt(i)) {
        return this.#fail(start + i + 1, "invalid literal");
      }
    }
    this.position = start + literal.length;
    return token;
  }

  #digitsEnd(at: number): number {
    let code = this.text.charCodeAt(at);
    while (code >= 0x30 && code <= 0x39) code = this.text.charCodeAt(++at);
    return at;
  }

  #scanNumber(start: number): number {
    this.#mark = start;
    const text = this.text;
    const negative = text.charCodeAt(start) === 0x2d;
    const digits = negative ? start + 1 : start;
    let at = text.charCodeAt(digits) === 0x30 ? digits + 1 : this.#digitsEnd(digits);
    if (at === digits) return this.#fail(at + 1, "invalid number; expected digit after '-'");
    let isFloat = false;
    if (text.charCodeAt(at) === 0x2e) {
      isFloat = true;
      const end = this.#digitsEnd(at + 1);
      if (end === at + 1) return this.#fail(end + 1, "invalid number; expected digit after '.'");
      at = end;
    }
    if ((text.charCodeAt(at) | 32) === 0x65) {
      isFloat = true;
      const sign = text.charCodeAt(at + 1);
      const signed = sign === 0x2b || sign === 0x2d;
      const from = signed ? at + 2 : at + 1;
      const end = this.#digitsEnd(from);
      if (end === from) {
        const reason = signed ? "expected digit after exponent sign" : "expected '+', '-', or digit after exponent";
        return this.#fail(end + 1, `invalid number; ${reason}`);
      }
      at = end;
    }
    this.position = at;
    const literal = text.slice(start, at);
    const value = Number(literal);
    if (isFloat) {
      this.number = value;
      return FLOAT;
    }
    if (Number.isSafeInteger(value)) {
      this.number = value + 0; // "-0" is 0
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
    const text = this.text;
    let built = "";
    let from = start + 1; // what is before is in `built`
    for (let at = from;; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.string = built === "" ? text.slice(from, at) : built + text.slice(from, at);
        this.position = at + 1;
        return STRING;
      }
      if (code === 0x5c) {
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
          const next = text.charCodeAt(++at);
          if (i === 1 ? !isSecondByte(text.charCodeAt(lead), next) : !(next >= 0x80 && next <= 0xbf)) {
            return this.#fail(at + 1, "invalid string: ill-formed UTF-8 byte");
          }
        }
      } else if (!(code >= 0x20)) {
        return this.#fail(
          at + 1,
          code === code ? controlMessage(code) : "invalid string: missing closing quote",
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
    const column = this.position - (read.lastIndexOf("\n") + 1);
    return new JsonParseError(
      `[json.exception.parse_error.101] parse error at line ${line}, column ${column}: ${message}`,
    );
  }
}

function checked(text: string): string {
  if (!text.includes("\0")) return text;
  const shown = text.replaceAll("\0", "\xe2\x90\x80"); // U+2400
  throw new JsonValueError(
    `input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
  );
}

interface Frame<V, K> {
  /** Undefined for an array. */
  readonly keys: K[] | undefined;
  readonly items: V[];
}

/**
 * Parses a JSON text and returns what `builder` makes of it. The builder is called as tokens are read, so that its own
 * errors come before later syntax errors, as in C++ Nix.
 *
 * @throws {JsonParseError} if the text isn't JSON
 * @throws {JsonValueError} if a value can't be a Nix value
 */
export function parseJson<V, K>(text: string, builder: JsonBuilder<V, K>): V {
  const lexer = new Lexer(text);
  const outer: Frame<V, K>[] = [];
  let frame: Frame<V, K> | undefined;
  let token = lexer.next();
  const readKey = (keys: K[]) => {
    if (lexer.token !== STRING) throw lexer.error("object key", STRING);
    keys.push(builder.key(checked(lexer.string)));
    if (lexer.next() !== COLON) throw lexer.error("object separator", COLON);
    token = lexer.next();
  };
  for (;;) {
    let value: V;
    switch (token) {
      case STRING:
        value = builder.string(checked(lexer.string));
        break;
      case INTEGER:
        if (lexer.number > MAX_INT64) {
          throw new JsonValueError(`unsigned json number ${lexer.number} outside of Nix integer range`);
        }
        value = builder.integer(lexer.number);
        break;
      case FLOAT:
        if (!Number.isFinite(lexer.number)) {
          throw new JsonParseError(
            `[json.exception.out_of_range.406] number overflow parsing '${lexer.lastRead()}'`,
          );
        }
        value = builder.float(lexer.number as number);
        break;
      case TRUE:
      case FALSE:
        value = builder.boolean(token === TRUE);
        break;
      case NULL:
        value = builder.null();
        break;
      case BEGIN_ARRAY:
        token = lexer.next();
        if (token !== END_ARRAY) {
          if (frame !== undefined) outer.push(frame);
          frame = { keys: undefined, items: [] };
          continue;
        }
        value = builder.array([]);
        break;
      case BEGIN_OBJECT:
        if (lexer.next() !== END_OBJECT) {
          if (frame !== undefined) outer.push(frame);
          frame = { keys: [], items: [] };
          readKey(frame.keys!);
          continue;
        }
        value = builder.object([], []);
        break;
      case FAILED:
        throw lexer.error("value", FAILED);
      case END:
        if (lexer.position === 1) {
          throw lexer.errorHere(
            "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
          );
        }
        throw lexer.error("value", VALUE);
      default:
        throw lexer.error("value", VALUE);
    }
    for (;;) {
      if (frame === undefined) {
        if (lexer.next() !== END) throw lexer.error("value", END);
        return value;
      }
      frame.items.push(value);
      token = lexer.next();
      if (token === COMMA) {
        token = lexer.next();
        if (frame.keys !== undefined) readKey(frame.keys);
        break;
      }
      if (frame.keys === undefined) {
        if (token !== END_ARRAY) throw lexer.error("array", END_ARRAY);
        value = builder.array(frame.items);
      } else {
        if (token !== END_OBJECT) throw lexer.error("object", END_OBJECT);
        value = builder.object(frame.keys, frame.items);
      }
      frame = outer.pop();
    }
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
