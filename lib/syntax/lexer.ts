/**
 * The scanner: finds the next token of a source text, on demand, without making an object for it.
 *
 * C++ Nix's scanner is a set of regular expressions of which the longest match wins, with a stack of modes. Here the
 * parser knows the mode (inside a string it calls {@link Lexer.scanString} instead of {@link Lexer.next}), and the
 * longest match is worked out by hand. What surprises:
 * - a path may start with anything in `[A-Za-z0-9._+-]`, so `a/b`, `1/2` and `+a/b` are paths; `x:y` is a URI;
 * - a number or name that has a slash, dot, plus or colon somewhere behind it needs a look ahead (`pathOrUri`);
 * - a NUL byte ends the text; bytes that can't start a token are tokens of their own, "invalid token".
 *
 * It reads a byte array rather than the string: the same speed when hot, twice as fast while V8 still interprets.
 * Loops and switches use literal character codes, for the reason given in `_tokens.ts`.
 */
import { hint, ParseError } from "./errors.ts";
import type { Source } from "./positions.ts";

const ID = 1;
const PATH = 2;
const URI = 4;
const SCHEME = 8;
const DIGIT = 16;
/** After a name: the longest match might be a path or a URI. */
const SUSPECT = 32;
/** Inside `"…"`: not plain text. */
const STRING_STOP = 64;
/** Inside `''…''`: not plain text. */
const IND_STRING_STOP = 128;

const CLASS = new Uint8Array(256);
function mark(chars: string, bits: number): void {
  for (let i = 0; i < chars.length; i++) CLASS[chars.charCodeAt(i)] |= bits;
}
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
mark(LETTERS + DIGITS + "_'-", ID);
mark(LETTERS + DIGITS + "._-+", PATH);
mark(LETTERS + DIGITS + "%/?:@&=+$,-_.!~*'", URI);
mark(LETTERS + DIGITS + "+-.", SCHEME);
mark(DIGITS, DIGIT);
mark("/.+:", SUSPECT);
mark('"\\$\r\0', STRING_STOP);
mark("'$\0", IND_STRING_STOP);

/** What the scanner needs of {@link import("./parse_options.ts").ParseOptions}. */
export interface LexerOptions {
  readonly pipeOperators: boolean;
}

// Reused from one text to the next; taken out while in use.
let spareBytes: Uint8Array | null = null;
const encoder = new TextEncoder();

/**
 * Returns the bytes of a binary string, followed by at least four zeros; give them back with {@link returnBytes}.
 * `known` is just these bytes, if at hand.
 */
export function borrowBytes(text: string, known?: Uint8Array): Uint8Array {
  const length = text.length;
  let bytes = spareBytes;
  spareBytes = null;
  if (bytes === null || bytes.length < length + 4) bytes = new Uint8Array(Math.max(2 * length, 1 << 17) + 4);
  if (known !== undefined) bytes.set(known);
  // UTF-8 of ASCII is the text itself, and this call is native. Anything else shows in the count, also when cut short.
  else if (encoder.encodeInto(text, bytes).written !== length) {
    for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  }
  bytes.fill(0, length, length + 4);
  return bytes;
}

/** Gives the array back, for the next text. */
export function returnBytes(bytes: Uint8Array): void {
  spareBytes = bytes;
}

/** The scanner of one source text. The current token is `tok` (see `_tokens.ts`), at bytes `start` to `stop`. */
export class Lexer {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly base: number;
  readonly pipeOperators: boolean;
  tok = 0;
  start = 0;
  stop = 0;
  /** Of a name: its hash, as `internRange` wants it. */
  hash = 0;
  /** Of an integer or float. */
  number: number | bigint = 0;
  /** Of a piece of string: its value. */
  string = "";
  /** What is wrong, where `tok` is T.Error. Thrown only once the parser looks at that token. */
  lexError: ParseError | null = null;
  /** No token that starts before this offset can be a path or URI: that was looked at. */
  noPathBefore = 0;

  constructor(source: Source, bytes: Uint8Array, options: LexerOptions) {
    this.text = source.text;
    this.bytes = bytes;
    this.end = source.text.length;
    this.base = source.base;
    this.pipeOperators = options.pipeOperators;
  }

  /** Scans the token behind the current one, outside of strings and paths, and returns its kind. */
  next(): number {
    const b = this.bytes;
    let p = this.stop;
    for (;;) {
      const c = b[p];
      switch (c) {
        case 32: // space
        case 10:
          while (b[++p] === 32);
          continue;
        case 9:
        case 13:
          p++;
          continue;

        case 35: // #
          p = this.#lineComment(p);
          continue;

        // deno-fmt-ignore
        case 97:
        case 98:
        case 99:
        case 100:
        case 101:
        case 102:
        case 103:
        case 104:
        case 105:
        case 106:
        case 107:
        // deno-fmt-ignore
        case 108:
        case 109:
        case 110:
        case 111:
        case 112:
        case 113:
        case 114:
        case 115:
        case 116:
        case 117:
        case 118:
        // deno-fmt-ignore
        case 119:
        case 120:
        case 121:
        case 122:
        // deno-fmt-ignore
        case 65:
        case 66:
        case 67:
        case 68:
        case 69:
        case 70:
        case 71:
        case 72:
        case 73:
        case 74:
        case 75:
        case 76:
        // deno-fmt-ignore
        case 77:
        case 78:
        case 79:
        case 80:
        case 81:
        case 82:
        case 83:
        case 84:
        case 85:
        case 86:
        case 87:
        case 88:
        // deno-fmt-ignore
        case 89:
        case 90:
        case 95: {
          let h = 0;
          let q = p;
          let d: number = c;
          do {
            h = (h * 97 + d) & 0xffffff;
            d = b[++q];
          } while ((CLASS[d] & 1) !== 0);
          this.start = p;
          if ((CLASS[d] & 32) !== 0 && p >= this.noPathBefore && this.pathOrUri(p)) return this.tok;
          this.stop = q;
          this.hash = h;
          return this.tok = q - p <= 7 ? this.#keyword(c, p, q - p) : 3;
        }

        case 59: // ;
          return this.#one(50, p);
        case 61: // =
          return b[p + 1] === 61 ? this.#two(22, p) : this.#one(60, p);
        case 46: // .
          this.start = p;
          if (p >= this.noPathBefore && this.pathOrUri(p)) return this.tok;
          if ((CLASS[b[p + 1]] & 16) !== 0) return this.#float(p, p);
          if (b[p + 1] === 46 && b[p + 2] === 46) {
            this.stop = p + 3;
            return this.tok = 37;
          }
          return this.#one(52, p);
        case 40: // (
          return this.#one(54, p);
        case 41: // )
          return this.#one(55, p);
        case 123: // {
          return this.#one(56, p);
        case 125: // }
          return this.#one(57, p);
        case 91: // [
          return this.#one(58, p);
        case 93: // ]
          return this.#one(59, p);
        case 34: // "
          return this.#one(53, p);
        case 58: // :
          return this.#one(48, p);
        case 44: // ,
          return this.#one(61, p);
        case 63: // ?
          return this.#one(46, p);
        case 64: // @
          return this.#one(49, p);
        case 42: // *
          return this.#one(44, p);
        case 36: // $
          return b[p + 1] === 123 ? this.#two(34, p) : this.#one(2, p);
        case 33: // !
          return b[p + 1] === 61 ? this.#two(23, p) : this.#one(51, p);
        case 38: // &
          return b[p + 1] === 38 ? this.#two(28, p) : this.#one(2, p);
        case 43: // +
          this.start = p;
          if (p >= this.noPathBefore && this.pathOrUri(p)) return this.tok;
          return b[p + 1] === 43 ? this.#two(27, p) : this.#one(42, p);
        case 45: // -
          this.start = p;
          if (p >= this.noPathBefore && this.pathOrUri(p)) return this.tok;
          return b[p + 1] === 62 ? this.#two(30, p) : this.#one(43, p);
        case 62: // >
          return b[p + 1] === 61 ? this.#two(25, p) : this.#one(40, p);
        case 60: // <
          return this.#less(p);
        case 124: // |
          if (b[p + 1] === 124) return this.#two(29, p);
          return b[p + 1] === 62 ? this.#pipe(33, p) : this.#one(2, p);

        case 47: { // /
          const d = b[p + 1];
          if (d === 47) return this.#two(26, p);
          if (d === 42) {
            const q = this.#blockComment(p);
            if (q !== -1) {
              p = q;
              continue;
            }
            return this.#one(45, p);
          }
          this.start = p;
          return this.pathOrUri(p) ? this.tok : this.#one(45, p);
        }

        case 39: // '
          return b[p + 1] === 39 ? this.#indOpen(p) : this.#one(2, p);

        // deno-fmt-ignore
        case 48:
        case 49:
        case 50:
        case 51:
        case 52:
        case 53:
        case 54:
        case 55:
        case 56:
        case 57:
          return this.#numeral(p);

        case 126: // ~
          return this.#homePath(p);

        case 0:
          this.start = p;
          this.stop = p < this.end ? p + 1 : p;
          return this.tok = 0;

        default:
          return this.#one(2, p);
      }
    }
  }

  #one(tok: number, p: number): number {
    this.start = p;
    this.stop = p + 1;
    return this.tok = tok;
  }

  #two(tok: number, p: number): number {
    this.start = p;
    this.stop = p + 2;
    return this.tok = tok;
  }

  #lineComment(p: number): number {
    const b = this.bytes;
    for (;;) {
      const c = b[++p];
      if (c === 10 || c === 13 || (c === 0 && p >= this.end)) return p;
    }
  }

  /** Returns the offset behind the comment that starts at `p`, or -1 if it never ends. */
  #blockComment(p: number): number {
    const b = this.bytes;
    p += 2;
    for (;;) {
      const c = b[p++];
      if (c === 42) {
        if (b[p] === 47) return p + 1;
      } else if (c === 0 && p > this.end) return -1;
    }
  }

  /** Returns the kind of the name of at most seven bytes at `p`: a keyword or T.Id. */
  #keyword(c: number, p: number, length: number): number {
    switch (c) {
      case 97: // a
        return length === 6 && this.text.startsWith("assert", p) ? 16 : 3;
      case 101: // e
        return length === 4 && this.text.startsWith("else", p) ? 15 : 3;
      case 105: { // i
        if (length === 2) {
          const d = this.bytes[p + 1];
          return d === 110 ? 19 : d === 102 ? 13 : 3;
        }
        return length === 7 && this.text.startsWith("inherit", p) ? 21 : 3;
      }
      case 108: // l
        return length === 3 && this.bytes[p + 1] === 101 && this.bytes[p + 2] === 116 ? 18 : 3;
      case 111: // o
        return length === 2 && this.bytes[p + 1] === 114 ? 31 : 3;
      case 114: // r
        return length === 3 && this.bytes[p + 1] === 101 && this.bytes[p + 2] === 99 ? 20 : 3;
      case 116: // t
        return length === 4 && this.text.startsWith("then", p) ? 14 : 3;
      case 119: // w
        return length === 4 && this.text.startsWith("with", p) ? 17 : 3;
      default:
        return 3;
    }
  }

  /** Whether a path or URI starts at `p`, which is then the current token (but for `start`). */
  pathOrUri(p: number): boolean {
    const b = this.bytes;
    let q = p;
    while ((CLASS[b[q]] & PATH) !== 0) q++;
    const c = b[q];
    if (c === 47) {
      if ((CLASS[b[q + 1]] & PATH) !== 0) {
        this.stop = this.#pathEnd(q);
        this.tok = 8;
        return true;
      }
      if (b[q + 1] === 36 && b[q + 2] === 123) {
        this.stop = q + 1;
        this.tok = 8;
        return true;
      }
    } else if (c === 58) {
      if ((CLASS[b[q + 1]] & URI) === 0 || (CLASS[b[p]] & (ID | DIGIT)) !== ID) return false;
      for (let i = p; i < q; i++) if ((CLASS[b[i]] & SCHEME) === 0) return false;
      // `-` is the one ID character in SCHEME that is no letter.
      if (b[p] === 45) return false;
      q++;
      while ((CLASS[b[q]] & URI) !== 0) q++;
      this.stop = q;
      this.tok = 12;
      return true;
    }
    // A later start in this run may yet be a URI: `a_b.c:d`.
    if (c !== 58) this.noPathBefore = q;
    return false;
  }

  /** From a slash with a path character behind it: the end of `(/[path]+)+/?`. */
  #pathEnd(q: number): number {
    const b = this.bytes;
    while (b[q] === 47 && (CLASS[b[q + 1]] & PATH) !== 0) {
      q++;
      while ((CLASS[b[q]] & PATH) !== 0) q++;
    }
    return b[q] === 47 ? q + 1 : q;
  }

  #homePath(p: number): number {
    const b = this.bytes;
    if (b[p + 1] === 47) {
      this.start = p;
      if ((CLASS[b[p + 2]] & PATH) !== 0) {
        this.stop = this.#pathEnd(p + 1);
        return this.tok = 9;
      }
      if (b[p + 2] === 36 && b[p + 3] === 123) {
        this.stop = p + 2;
        return this.tok = 9;
      }
    }
    return this.#one(2, p);
  }

  /** `<`, `<=`, `<|` or `<some/path>`. */
  #less(p: number): number {
    const b = this.bytes;
    const d = b[p + 1];
    if (d === 61) return this.#two(24, p);
    if (d === 124) return this.#pipe(32, p);
    let q = p + 1;
    while ((CLASS[b[q]] & PATH) !== 0) {
      do q++; while ((CLASS[b[q]] & PATH) !== 0);
      if (b[q] === 62) {
        this.start = p;
        this.stop = q + 1;
        return this.tok = 10;
      }
      if (b[q] === 47) q++;
    }
    return this.#one(39, p);
  }

  #pipe(tok: number, p: number): number {
    if (this.pipeOperators) return this.#two(tok, p);
    this.#two(1, p);
    const feature = "pipe-operators";
    return this.#fail(
      hint`experimental Nix feature '${feature}' is disabled; ` +
        hint`add '--extra-experimental-features ${feature}' to enable it`,
    );
  }

  #indOpen(p: number): number {
    const b = this.bytes;
    this.start = p;
    let q = p + 2;
    while (b[q] === 32) q++;
    this.stop = b[q] === 10 ? q + 1 : p + 2;
    return this.tok = 35;
  }

  #numeral(p: number): number {
    const b = this.bytes;
    let q = p + 1;
    while ((CLASS[b[q]] & DIGIT) !== 0) q++;
    this.start = p;
    const d = b[q];
    // Any path character may follow, as in `1-2/3`.
    if (((CLASS[d] & PATH) !== 0 || d === 47) && p >= this.noPathBefore && this.pathOrUri(p)) return this.tok;
    if (d === 46 && (b[p] !== 48 || (q === p + 1 && (CLASS[b[q + 1]] & DIGIT) !== 0))) return this.#float(p, q);
    this.stop = q;
    if (q - p <= 15) {
      let n = 0;
      for (let i = p; i < q; i++) n = n * 10 + b[i] - 48;
      this.number = n;
      return this.tok = 6;
    }
    const big = BigInt(this.text.substring(p, q));
    if (big > 0x7fffffffffffffffn) return this.#fail(hint`invalid integer '${this.text.substring(p, q)}'`);
    this.number = big <= Number.MAX_SAFE_INTEGER ? Number(big) : big;
    return this.tok = 6;
  }

  /** A float that starts at `p` and has its dot at `q`. */
  #float(p: number, q: number): number {
    const b = this.bytes;
    do q++; while ((CLASS[b[q]] & DIGIT) !== 0);
    if (b[q] === 69 || b[q] === 101) {
      let e = q + 1;
      if (b[e] === 43 || b[e] === 45) e++;
      if ((CLASS[b[e]] & DIGIT) !== 0) {
        while ((CLASS[b[e]] & DIGIT) !== 0) e++;
        q = e;
      }
    }
    this.stop = q;
    const literal = this.text.substring(p, q);
    const value = Number(literal);
    // strtod() reports overflow, and results too small to be exact.
    if (value === Infinity || (value < 2.2250738585072014e-308 && /[1-9]/.test(literal.replace(/[eE].*/, "")))) {
      return this.#fail(hint`invalid float '${literal}'`);
    }
    this.number = value;
    return this.tok = 7;
  }

  #fail(message: string): number {
    this.lexError = new ParseError(message, this.base + this.start);
    return this.tok = 1;
  }

  /**
   * Scans the text of a `"…"` from `p` as far as it goes without interpolation, leaves its value in `string`, and
   * returns the offset of what stopped it: the quote, a `${`, or where the text ends.
   *
   * @throws {ParseError} when it holds a NUL byte (but not behind a backslash, as C++ Nix 2.34 does).
   */
  scanString(p: number): number {
    const b = this.bytes;
    const text = this.text;
    const first = p;
    let from = p;
    let value = "";
    let nul = false;
    for (;;) {
      const c = b[p];
      if ((CLASS[c] & 64) === 0) {
        p++;
        continue;
      }
      if (c === 34) break;
      if (c === 36) {
        const d = b[p + 1];
        if (d === 123) break;
        if (d === 36) p++; // `$$` is a pair: in `$${` nothing is interpolated.
        else if (p + 1 >= this.end || (d === 92 && p + 2 >= this.end)) break;
        p++;
      } else if (c === 92) {
        if (p + 1 >= this.end) break;
        const d = b[p + 1];
        const plain = d !== 110 && d !== 114 && d !== 116;
        value += text.substring(from, p);
        if (!plain) value += d === 110 ? "\n" : d === 114 ? "\r" : "\t";
        from = plain ? p + 1 : p + 2;
        p += 2;
      } else if (c === 13) {
        value += text.substring(from, p) + "\n";
        from = ++p;
        if (b[p] === 10) from = ++p;
      } else {
        if (p >= this.end) break;
        nul = true;
        p++;
      }
    }
    this.string = value === "" ? text.substring(from, p) : value + text.substring(from, p);
    if (nul) this.#throwNul(this.string, first);
    return p;
  }

  /**
   * Returns the offset of what stops the plain text of a `''…''` that starts at `p`: a `''`, a `${`, an escape, a lone
   * `$` or `'` (both are pieces of their own), or where the text ends.
   *
   * @throws {ParseError} when it holds a NUL byte.
   */
  scanIndString(p: number): number {
    const b = this.bytes;
    const first = p;
    let nul = false;
    for (;;) {
      const c = b[p];
      if ((CLASS[c] & 128) === 0) {
        p++;
        continue;
      }
      const d = b[p + 1];
      if (c === 36) {
        if (d === 123 || d === 39 || p + 1 >= this.end) break;
        if (d === 0) nul = true;
        p += 2;
      } else if (c === 39) {
        if (d === 39 || d === 36 || p + 1 >= this.end) break;
        if (d === 0) nul = true;
        p += 2;
      } else {
        if (p >= this.end) break;
        nul = true;
        p++;
      }
    }
    if (nul) this.#throwNul(this.text.substring(first, p), first);
    return p;
  }

  /**
   * Returns the offset behind the escape or the lone `$` or `'` at `p`, where {@link scanIndString} stopped before the
   * end of the text and not at a `${`, and leaves its value in `string`; `p` itself at the closing quotes.
   */
  scanIndEscape(p: number): number {
    const b = this.bytes;
    if (b[p] === 36 || b[p + 1] !== 39) {
      this.string = b[p] === 36 ? "$" : "'";
      return p + 1;
    }
    const c = b[p + 2];
    if (c === 36 || c === 39) {
      this.string = c === 36 ? "$" : "''";
      return p + 3;
    }
    if (c !== 92 || p + 3 >= this.end) return p;
    const d = b[p + 3];
    this.string = d === 110 ? "\n" : d === 114 ? "\r" : d === 116 ? "\t" : this.text[p + 3];
    return p + 4;
  }

  #throwNul(value: string, start: number): never {
    throw new ParseError(
      hint`input string '${
        value.replaceAll("\0", "\xe2\x90\x80")
      }' cannot be represented as Nix string because it contains null bytes`,
      this.base + start,
    );
  }

  /** Returns the end of the piece of path at `p`, behind the first piece of one; `p` itself when there is none. */
  scanPathPart(p: number): number {
    const b = this.bytes;
    let q = p;
    while ((CLASS[b[q]] & PATH) !== 0) q++;
    if (b[q] !== 47) return q;
    return (CLASS[b[q + 1]] & PATH) !== 0 ? this.#pathEnd(q) : q + 1;
  }
}
