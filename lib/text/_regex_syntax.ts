// Parser for POSIX extended regular expressions as libstdc++ 16 reads them (std::regex with the `extended` grammar, in
// strict ANSI mode and the C locale), which is what C++ Nix 2.34 is built with. It differs from the standard's text:
//
//   - a backslash may only precede one of .[\()*+?{|^$ and is an ordinary character inside brackets;
//   - there are no back-references; `]` and `}` stand for themselves outside brackets;
//   - an alternative may be empty, a quantifier may follow another one, but none may start an alternative or follow
//     an anchor;
//   - chars are signed, so the range [\x80-a] is valid and [a-\xff] isn't;
//   - class names are compared without case, [[=a=]] matches both cases;
//   - compiling stops with its own error once more than 100000 automaton states have been made. Counted repetition
//     clones states, so the count has to follow libstdc++'s construction exactly; it is kept by arithmetic here.

import { type ByteSet, byteSet, complement } from "./_byte_set.ts";

export type RegexNode =
  | { readonly kind: "bytes"; readonly set: ByteSet }
  | { readonly kind: "group"; readonly index: number; readonly body: RegexNode }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly branches: readonly RegexNode[] }
  | RegexRepeat
  | { readonly kind: "begin" }
  | { readonly kind: "end" };

/** `max` is Infinity for an open end. */
export interface RegexRepeat {
  readonly kind: "repeat";
  readonly body: RegexNode;
  readonly min: number;
  readonly max: number;
  /** Whether the first of `min` passes goes through the loop itself, as for `x+`, not through a copy, as for `x{1,}`. */
  readonly entersLoop: boolean;
}

/** A pattern that has been parsed; `groupCount` counts capture groups, which are numbered from 1. */
export interface ParsedRegex {
  readonly root: RegexNode;
  readonly groupCount: number;
  /** How many automaton states libstdc++ makes for it. */
  readonly stateCount: number;
}

/** Why a pattern can't be used: it is malformed, or its automaton would be too large. */
export type RegexErrorKind = "syntax" | "size";

/** The pattern can't be used. */
export class RegexError extends Error {
  override readonly name = "RegexError";
  readonly kind: RegexErrorKind;

  constructor(kind: RegexErrorKind, pattern: string) {
    super(
      kind === "syntax"
        ? `invalid regular expression '${pattern}'`
        : `memory limit exceeded by regular expression '${pattern}'`,
    );
    this.kind = kind;
  }
}

const STATE_LIMIT = 100_000;
const MAX_INT = 2147483647;
/** `.` matches every byte but NUL. */
const ANY: ByteSet = [1, 255];
const SPECIAL = ".[\\()*+?{|^$";

// Tokens that aren't a single character of the pattern.
const END = "end";
const ORDINARY = "ordinary";
const BRACKET = "[";
const NEGATED_BRACKET = "[^";
const COLLATING = "[.";
const CLASS = "[:";
const EQUIVALENCE = "[=";
const COUNT = "count";

/** POSIX's names of the ASCII characters, in order, letters left out. */
const CHARACTER_NAMES = ("NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed " +
  "carriage-return SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark " +
  "quotation-mark number-sign dollar-sign percent-sign ampersand apostrophe left-parenthesis right-parenthesis " +
  "asterisk plus-sign comma hyphen period slash zero one two three four five six seven eight nine colon semicolon " +
  "less-than-sign equals-sign greater-than-sign question-mark commercial-at " +
  ". ".repeat(26) +
  "left-square-bracket backslash right-square-bracket circumflex underscore grave-accent " +
  ". ".repeat(26) +
  "left-curly-bracket vertical-line right-curly-bracket tilde DEL").split(" ");

/** First and last bytes of the ranges of each class. */
const CLASSES: Readonly<Record<string, string>> = {
  d: "09",
  w: "09AZ__az",
  s: "\t\r  ",
  alnum: "09AZaz",
  alpha: "AZaz",
  blank: "\t\t  ",
  cntrl: "\0\x1f\x7f\x7f",
  digit: "09",
  graph: "!~",
  lower: "az",
  print: " ~",
  punct: "!/:@[`{~",
  space: "\t\r  ",
  upper: "AZ",
  xdigit: "09AFaf",
};

/** A piece with `span`, how many states a clone of it has: those it started from are unreachable afterwards. */
interface Piece {
  readonly node: RegexNode;
  readonly span: number;
}

class Parser {
  readonly #pattern: string;
  #at = 0;
  #scanning: "normal" | "bracket" | "brace" = "normal";
  #atBracketStart = false;
  #token: string = END;
  /** The character, name or number of the token. */
  #value = "";
  groupCount = 0;
  stateCount = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#advance();
  }

  parse(): RegexNode {
    this.#addStates(1);
    const { node } = this.#choice();
    if (this.#token !== END) throw this.#error();
    this.#addStates(2);
    return node;
  }

  #error(): RegexError {
    return new RegexError("syntax", this.#pattern);
  }

  #addStates(count: number): void {
    this.stateCount += count;
    if (this.stateCount > STATE_LIMIT) throw new RegexError("size", this.#pattern);
  }

  #set(token: string, value: string): void {
    this.#token = token;
    this.#value = value;
  }

  /** Scans one token ahead, as libstdc++ does: a bad token is reported before the error of what precedes it. */
  #advance(): void {
    const pattern = this.#pattern;
    if (this.#at === pattern.length) {
      this.#token = END;
      return;
    }
    const c = pattern[this.#at++]!;
    if (this.#scanning === "bracket") this.#scanInBracket(c);
    else if (this.#scanning === "brace") this.#scanInBrace(c);
    else if (!SPECIAL.includes(c)) this.#set(ORDINARY, c);
    else if (c === "\\") {
      const escaped = pattern[this.#at++];
      if (escaped === undefined || !SPECIAL.includes(escaped)) throw this.#error();
      this.#set(ORDINARY, escaped);
    } else if (c === "[") {
      this.#scanning = "bracket";
      this.#atBracketStart = true;
      this.#token = BRACKET;
      if (pattern[this.#at] === "^") {
        this.#at++;
        this.#token = NEGATED_BRACKET;
      }
    } else {
      if (c === "{") this.#scanning = "brace";
      this.#token = c;
    }
  }

  #scanInBracket(c: string): void {
    const atStart = this.#atBracketStart;
    this.#atBracketStart = false;
    if (c === "-") this.#token = "-";
    else if (c === "[") {
      const opener = this.#pattern[this.#at];
      if (opener === undefined) throw this.#error();
      if (opener !== "." && opener !== ":" && opener !== "=") return this.#set(ORDINARY, c);
      const end = this.#pattern.indexOf(opener, this.#at + 1);
      if (end < 0 || this.#pattern[end + 1] !== "]") throw this.#error();
      this.#set(c + opener, this.#pattern.slice(this.#at + 1, end));
      this.#at = end + 2;
    } else if (c === "]" && !atStart) {
      this.#scanning = "normal";
      this.#token = "]";
    } else this.#set(ORDINARY, c);
  }

  #scanInBrace(c: string): void {
    if (c >= "0" && c <= "9") {
      let end = this.#at;
      while (this.#pattern[end]! >= "0" && this.#pattern[end]! <= "9") end++;
      this.#set(COUNT, this.#pattern.slice(this.#at - 1, end));
      this.#at = end;
    } else if (c === ",") this.#token = ",";
    else if (c === "}") {
      this.#scanning = "normal";
      this.#token = "}";
    } else throw this.#error();
  }

  #accept(token: string): boolean {
    if (this.#token !== token) return false;
    this.#advance();
    return true;
  }

  #choice(): Piece {
    const first = this.#alternative();
    if (this.#token !== "|") return first;
    const branches = [first.node];
    let span = first.span;
    while (this.#accept("|")) {
      const next = this.#alternative();
      branches.push(next.node);
      span += next.span + 2;
      this.#addStates(2);
    }
    return { node: { kind: "choice", branches }, span };
  }

  #alternative(): Piece {
    const items: RegexNode[] = [];
    let span = 1;
    for (let term = this.#term(); term !== undefined; term = this.#term()) {
      items.push(term.node);
      span += term.span;
    }
    this.#addStates(1);
    return { node: items.length === 1 ? items[0]! : { kind: "sequence", items }, span };
  }

  #term(): Piece | undefined {
    if (this.#token === "^" || this.#token === "$") {
      const kind = this.#token === "^" ? "begin" : "end";
      this.#advance();
      this.#addStates(1);
      return { node: { kind }, span: 1 };
    }
    let piece = this.#atom();
    while (piece !== undefined) {
      const repeated = this.#quantified(piece);
      if (repeated === undefined) break;
      piece = repeated;
    }
    return piece;
  }

  #atom(): Piece | undefined {
    const value = this.#value;
    if (this.#accept(ORDINARY)) return this.#bytes([value.charCodeAt(0), value.charCodeAt(0)]);
    if (this.#accept(".")) return this.#bytes(ANY);
    if (this.#accept("(")) {
      const index = ++this.groupCount;
      this.#addStates(1);
      const { node, span } = this.#choice();
      if (!this.#accept(")")) throw this.#error();
      this.#addStates(1);
      return { node: { kind: "group", index, body: node }, span: span + 2 };
    }
    if (this.#accept(BRACKET)) return this.#bytes(this.#bracket());
    if (this.#accept(NEGATED_BRACKET)) return this.#bytes(complement(this.#bracket()));
    return undefined;
  }

  #bytes(set: ByteSet): Piece {
    this.#addStates(1);
    return { node: { kind: "bytes", set }, span: 1 };
  }

  #quantified({ node, span }: Piece): Piece | undefined {
    if (this.#accept("*")) {
      this.#addStates(1);
      return { node: repeat(node, 0, Infinity), span: span + 1 };
    }
    if (this.#accept("+")) {
      this.#addStates(1);
      return { node: repeat(node, 1, Infinity, true), span: span + 1 };
    }
    if (this.#accept("?")) {
      this.#addStates(2);
      return { node: repeat(node, 0, 1), span: span + 2 };
    }
    if (!this.#accept("{")) return undefined;
    const min = this.#count();
    if (min === undefined) throw this.#error();
    this.#addStates(1);
    let max: number | undefined = min;
    if (this.#accept(",")) max = this.#count() ?? Infinity;
    if (!this.#accept("}")) throw this.#error();
    this.#addStates(min * span);
    if (max === Infinity) {
      this.#addStates(span + 1);
      return { node: repeat(node, min, max), span: 2 + (min + 1) * span };
    }
    if (max < min) throw this.#error();
    this.#addStates(1);
    this.#addStates((max - min) * (span + 1));
    return { node: repeat(node, min, max), span: 2 + max * span + (max - min) };
  }

  #count(): number | undefined {
    const value = Number(this.#value);
    if (!this.#accept(COUNT)) return undefined;
    if (value > MAX_INT) throw this.#error();
    return value;
  }

  /** Parses what follows `[` or `[^`. */
  #bracket(): ByteSet {
    const ranges: number[] = [];
    // A character that may turn out to start a range; "class" after what can't start one.
    let last: number | "class" | undefined;
    const value = this.#value;
    if (this.#accept(ORDINARY)) last = value.charCodeAt(0);
    else if (this.#accept("-")) last = 45;
    const push = (next: number | "class" | undefined) => {
      if (typeof last === "number") ranges.push(last, last);
      last = next;
    };
    while (!this.#accept("]")) {
      const value = this.#value;
      if (this.#accept(COLLATING)) {
        const code = this.#collatingCode(value);
        push(code);
        push(code); // matches even as the start of a range
      } else if (this.#accept(EQUIVALENCE)) {
        const letter = String.fromCharCode(this.#collatingCode(value));
        push("class");
        for (const c of [letter.toLowerCase(), letter.toUpperCase()]) ranges.push(c.charCodeAt(0), c.charCodeAt(0));
      } else if (this.#accept(CLASS)) {
        const name = value.toLowerCase();
        if (!Object.hasOwn(CLASSES, name)) throw this.#error();
        push("class");
        for (const c of CLASSES[name]!) ranges.push(c.charCodeAt(0));
      } else if (this.#accept(ORDINARY)) push(value.charCodeAt(0));
      else if (this.#accept("-")) {
        if (this.#accept("]")) {
          push(45);
          break;
        }
        if (typeof last !== "number") throw this.#error();
        const value = this.#value;
        const to = this.#accept(ORDINARY) ? value.charCodeAt(0) : this.#accept("-") ? 45 : -1;
        if (to < 0) throw this.#error();
        ranges.push(...this.#range(last, to));
        last = undefined;
      } else throw this.#error();
    }
    push(undefined);
    return byteSet(ranges);
  }

  #collatingCode(name: string): number {
    if (/^[A-Za-z]$/.test(name)) return name.charCodeAt(0);
    const code = name === "." ? -1 : CHARACTER_NAMES.indexOf(name);
    if (code < 0) throw this.#error();
    return code;
  }

  #range(from: number, to: number): number[] {
    const isNegative = (code: number) => code >= 128;
    if (isNegative(from) && !isNegative(to)) return [from, 255, 0, to];
    if (from > to || isNegative(from) !== isNegative(to)) throw this.#error();
    return [from, to];
  }
}

function repeat(body: RegexNode, min: number, max: number, entersLoop = false): RegexRepeat {
  return { kind: "repeat", body, min, max, entersLoop };
}

/**
 * Parses a pattern.
 *
 * @throws {RegexError} if it is malformed or too large
 */
export function parseRegex(pattern: string): ParsedRegex {
  const parser = new Parser(pattern);
  const root = parser.parse();
  return { root, groupCount: parser.groupCount, stateCount: parser.stateCount };
}

/** Whether the node can match without consuming a byte; anchors count as such. */
export function isNullable(node: RegexNode): boolean {
  switch (node.kind) {
    case "bytes":
      return false;
    case "group":
      return isNullable(node.body);
    case "sequence":
      return node.items.every(isNullable);
    case "choice":
      return node.branches.some(isNullable);
    case "repeat":
      return node.min === 0 || isNullable(node.body);
    case "begin":
    case "end":
      return true;
  }
}
