// TOML 1.0 as `builtins.fromTOML` of C++ Nix 2.34 reads it, which is toml11 4.4: the same documents are accepted, and
// the errors have the same text. Input and strings are binary strings holding UTF-8.
//
// toml11 doesn't stop at the first error: it recovers, goes on and reports all of them in one message. So the parser
// below follows its control flow, also where that is peculiar: an error inside an array is reported again by each
// enclosing array, and where recovery resumes decides on the errors that follow. An error that the caller is to handle
// is thrown (as TomlFailure) with the scanning position left where it was found.
//
// Tables remember how they came about, as that decides on what may be added later:
//   "header"    [a]                    may not be opened again
//   "implied"   a in [a.b]             may be opened once by its own header
//   "dotted"    a in a.b = 1           may get more dotted keys
//   "inline"    a = {}                 is closed
// and arrays whether they are made of [[a]] headers.

import { guessTomlNumber, readTomlFloat, readTomlInteger, readTomlTimestamp, type TomlToken } from "./_toml_number.ts";
import {
  formatTomlProblem,
  pointAt,
  TomlFailure,
  tomlFailure,
  type TomlPlace,
  type TomlProblem,
  type TomlSource,
} from "./_toml_problem.ts";
import {
  bareKeyEnd,
  blanksEnd,
  commentEnd,
  multilineStringEnd,
  newlineEnd,
  scanHeader,
  stringEnd,
  type TomlNumberKind,
  unescapeToml,
} from "./_toml_text.ts";

export type TomlValue =
  | { readonly kind: "string"; readonly value: string }
  /** A number while it is safe, a bigint beyond, within 64 bits. Never -0. */
  | { readonly kind: "integer"; readonly value: number | bigint }
  /** `isNegative` tells of a NaN what `value` can't. */
  | { readonly kind: "float"; readonly value: number; readonly isNegative: boolean }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** A date, time or both; `value` is the text C++ Nix gives it with parse-toml-timestamps. */
  | { readonly kind: "timestamp"; readonly value: string }
  | TomlArray
  | TomlTable;

export interface TomlArray {
  readonly kind: "array";
  readonly items: readonly TomlValue[];
}

export interface TomlTable {
  readonly kind: "table";
  /** In the order of the document. */
  readonly entries: ReadonlyMap<string, TomlValue>;
}

/** The text isn't TOML, or not such as Nix can represent. `message` is what C++ Nix puts after "while parsing TOML: ". */
export class TomlParseError extends Error {
  override readonly name = "TomlParseError";
}

type TableForm = "header" | "implied" | "dotted" | "inline";

interface TableNode {
  readonly kind: "table";
  readonly entries: Map<string, Node>;
  form: TableForm;
  place: Span;
}

interface ArrayNode {
  readonly kind: "array";
  readonly items: Node[];
  readonly isOfHeaders: boolean;
  readonly place: Span;
}

type Scalar = Exclude<TomlValue, TomlArray | TomlTable>;
type ScalarNode = Scalar & { readonly place: Span };
type Node = ScalarNode | ArrayNode | TableNode;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** A scanned key and where it stands. */
interface Key {
  readonly parts: readonly string[];
  readonly place: Span;
}

type InsertKind = "key" | "table" | "array";

const ANY_FLOAT = "expected from `1` to `9` or digit [0-9] or inf or nan";
const IN_LOWERCASE = "must be in lowercase. A string must be surrounded by quotes.";

function isArrayOfTables(node: Node): node is ArrayNode {
  if (node.kind !== "array") return false;
  return node.isOfHeaders || node.items.length > 0 && node.items.every((item) => item.kind === "table");
}

class TomlParser {
  readonly #source: TomlSource;
  readonly #text: string;
  #at: number;
  readonly #problems: TomlProblem[] = [];
  /** The first string or key with a NUL byte, which Nix can't represent. */
  #withNul: string | undefined;

  constructor(text: string) {
    // A carriage return at the end is left to be found invalid.
    this.#text = text === "" || /[\n\r]$/.test(text) ? text : text + "\n";
    this.#source = { name: "fromTOML", text: this.#text };
    this.#at = text.startsWith("\xef\xbb\xbf") ? 3 : 0;
  }

  parse(): TomlTable {
    const root = this.#parseFile();
    if (this.#problems.length > 0) throw new TomlParseError(this.#problems.map(formatTomlProblem).join(""));
    if (this.#withNul !== undefined) {
      const shown = this.#withNul.replaceAll("\0", "\xe2\x90\x80"); // U+2400
      throw new TomlParseError(
        `error: input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
      );
    }
    return root;
  }

  get #isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get #current(): string | undefined {
    return this.#text[this.#at];
  }

  #advance(): void {
    if (!this.#isAtEnd) this.#at++;
  }

  #skipBlanks(): void {
    this.#at = blanksEnd(this.#text, this.#at);
  }

  // Errors.

  #span({ first, last }: Span): TomlPlace {
    return { source: this.#source, first, last, isPoint: false };
  }

  #failure(title: string, message = "here", hint = "", at = this.#at): TomlFailure {
    return tomlFailure(pointAt(this.#source, at), title, { message, hint });
  }

  #conflict(title: string, key: Key, message: string, other: Node, otherMessage: string): TomlFailure {
    return new TomlFailure({
      title,
      places: [[this.#span(key.place), message], [this.#span(other.place), otherMessage]],
      hint: "",
    });
  }

  /** Runs `parse`; if it fails, records the problem and returns undefined. */
  #attempt<T>(parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof TomlFailure)) throw error;
      this.#problems.push(error.problem);
      return undefined;
    }
  }

  // Document structure.

  #parseFile(): TableNode {
    const root: TableNode = { kind: "table", entries: new Map(), form: "header", place: { first: 0, last: 0 } };
    const start = this.#at;
    while (!this.#isAtEnd) {
      const hasComment = this.#attempt(() => this.#parseComment());
      if (hasComment === undefined) this.#skipCommentBlock();
      else if (!hasComment) {
        const newline = newlineEnd(this.#text, blanksEnd(this.#text, this.#at));
        this.#at = newline < 0 ? start : newline;
        break;
      }
    }
    if (this.#attempt(() => this.#parseTable(root)) === undefined) this.#skipUntilHeader();
    while (!this.#isAtEnd) {
      this.#skipSpace();
      if (!this.#parseSection(root, "[[") && !this.#parseSection(root, "[")) {
        const isArray = this.#text.startsWith("[[", this.#at);
        const header = scanHeader(this.#text, this.#at, isArray ? "[[" : "[");
        if ("expected" in header) {
          const title = `toml::parse_file: invalid ${isArray ? "array-table" : "table"} key`;
          this.#problems.push(this.#failure(title, `expected ${header.expected}`, "", header.stop).problem);
        }
        this.#skipUntilHeader();
      }
    }
    return root;
  }

  /** Parses a header and its table; false if there is no such header here. */
  #parseSection(root: TableNode, open: "[" | "[["): boolean {
    const first = this.#at;
    const header = scanHeader(this.#text, first, open);
    if ("expected" in header) return false;
    this.#at = blanksEnd(this.#text, first + open.length);
    let parts: readonly string[];
    try {
      parts = this.#parseKey().parts;
    } catch (error) {
      if (!(error instanceof TomlFailure)) throw error;
      return false; // toml11 forgets this error
    }
    this.#at = header.end;
    const key: Key = { parts, place: { first, last: header.end } };
    if (this.#attempt(() => this.#endHeader()) === undefined) {
      this.#skipUntilHeader();
      return true;
    }
    const table: TableNode = { kind: "table", entries: new Map(), form: "header", place: key.place };
    const inserted = this.#attempt(() => this.#insert(open === "[" ? "table" : "array", root, key, table));
    const target = inserted?.kind === "table" ? inserted : table;
    if (this.#attempt(() => this.#parseTable(target)) === undefined) this.#skipUntilHeader();
    return true;
  }

  #endHeader(): true {
    if (this.#parseComment()) return true;
    this.#skipBlanks();
    if (this.#isAtEnd) return true;
    const end = newlineEnd(this.#text, this.#at);
    if (end < 0) {
      throw this.#failure("toml::parse_file: newline (or EOF) expected", "expected 0x0a(LINE FEED) or \r\n");
    }
    this.#at = end;
    return true;
  }

  /** Parses the rest of a line if it is a comment; says whether it was. */
  #parseComment(): boolean {
    const end = commentEnd(this.#text, blanksEnd(this.#text, this.#at));
    if (end < 0) return false;
    this.#at = end;
    if (this.#isAtEnd) return true;
    const newline = newlineEnd(this.#text, end);
    if (newline >= 0) {
      this.#at = newline;
      return true;
    }
    while (!this.#isAtEnd) {
      this.#advance();
      if (this.#current === "\n") {
        this.#advance();
        break;
      }
    }
    throw this.#failure(
      "toml::parse_comment_line: newline (LF / CRLF) or EOF is expected",
      "but got this",
      "Hint: most of the control characters are not allowed in comments",
    );
  }

  /** Skips blanks, newlines and comments that end in a newline; says whether a newline was among them. */
  #skipSpace(): boolean {
    const text = this.#text;
    let hasNewline = false;
    for (;;) {
      this.#skipBlanks();
      const comment = commentEnd(text, this.#at);
      const newline = newlineEnd(text, comment < 0 ? this.#at : comment);
      if (newline < 0) return hasNewline;
      this.#at = newline;
      hasNewline = true;
    }
  }

  /** Parses key-value pairs up to the next header. */
  #parseTable(table: TableNode): true {
    const before = this.#problems.length;
    let hasNewline = true;
    while (!this.#isAtEnd) {
      const start = this.#at;
      hasNewline = this.#skipSpace() || hasNewline;
      if (this.#isAtEnd) break;
      if (this.#current === "[") {
        this.#at = start;
        break;
      }
      if (!hasNewline) throw this.#failure("toml::parse_table: newline (LF / CRLF) or EOF is expected");
      hasNewline = false;
      const pair = this.#attempt(() => this.#parsePair());
      if (pair === undefined) {
        this.#skipPair();
        continue;
      }
      hasNewline = this.#attempt(() => this.#parseComment()) ?? false;
      this.#attempt(() => this.#insert("key", table, pair.key, pair.value));
    }
    if (this.#problems.length > before) throw new TomlFailure(this.#problems.pop()!);
    return true;
  }

  // Keys.

  #parsePair(): { readonly key: Key; readonly value: Node } {
    const first = this.#at;
    let key: Key;
    try {
      key = this.#parseKey();
      this.#skipBlanks();
      if (this.#current !== "=") {
        throw this.#failure("toml::parse_key_value_pair: invalid key value separator `=`", "expected =");
      }
    } catch (error) {
      this.#at = first;
      throw error;
    }
    this.#at++;
    this.#skipBlanks();
    return { key, value: this.#parseValue() };
  }

  #parseKey(): Key {
    const first = this.#at;
    const parts: string[] = [];
    while (!this.#isAtEnd) {
      parts.push(this.#parseSimpleKey());
      const dot = blanksEnd(this.#text, this.#at);
      if (this.#text[dot] !== ".") break;
      this.#at = blanksEnd(this.#text, dot + 1);
    }
    if (parts.length === 0) {
      throw this.#failure("toml::parse_key: expected a new key, but got nothing", "reached EOF", "", first);
    }
    return { parts, place: { first, last: this.#at } };
  }

  #parseSimpleKey(): string {
    const start = this.#at;
    const quote = this.#current;
    if (quote === '"' || quote === "'") return this.#parseString(quote, false);
    const end = bareKeyEnd(this.#text, start);
    if (end < 0) {
      throw this.#failure(
        "toml::parse_simple_key: invalid key: key must be \"quoted\", 'quoted-literal', or bare key.",
        "expected alpha [a-zA-Z], digit [0-9], -, or _",
        "Hint: non-ASCII scripts are allowed in toml v1.1.0, but not in v1.0.0.\n",
      );
    }
    this.#at = end;
    return this.#text.slice(start, end);
  }

  #insert(kind: InsertKind, into: TableNode, key: Key, value: Node): Node {
    const failed = "toml::insert_value: failed to insert";
    let table = into;
    for (const part of key.parts.slice(0, -1)) {
      const found = table.entries.get(part);
      if (found === undefined) {
        const form = kind === "key" ? "dotted" : "implied";
        const next: TableNode = { kind: "table", entries: new Map(), form, place: key.place };
        table.entries.set(part, next);
        table = next;
      } else if (found.kind === "table") {
        if (found.form === "inline") {
          const title = `${failed} a value: inline table is immutable`;
          throw this.#conflict(title, key, "inserting this", found, "to this table");
        }
        if (kind === "key" && found.form !== "dotted") {
          const title = "toml::insert_value: reopening a table using dotted keys";
          throw this.#conflict(title, key, "dotted key cannot reopen a table", found, "this table is already closed");
        }
        table = found;
      } else if (isArrayOfTables(found)) {
        if (!found.isOfHeaders) {
          const title = "toml::insert_value:inline array of tables are immutable";
          throw this.#conflict(title, key, "inserting this", found, "inline array of tables");
        }
        if (kind === "key") {
          const title = "toml::insert_value:dotted key cannot reopen an array-of-tables";
          throw this.#conflict(title, key, "inserting this", found, "to this array-of-tables.");
        }
        table = found.items[found.items.length - 1] as TableNode;
      } else {
        const title = `${failed} a value, value already exists`;
        throw this.#conflict(title, key, "while inserting this", found, "non-table value already exists");
      }
    }
    const last = key.parts[key.parts.length - 1]!;
    const found = table.entries.get(last);
    if (found === undefined) {
      const isArray = kind === "array";
      table.entries.set(last, isArray ? { kind, items: [value], isOfHeaders: true, place: key.place } : value);
      return value;
    }
    if (kind === "key") {
      const title = `${failed} a value, value already exists`;
      throw this.#conflict(title, key, "inserting this", found, "but value already exists");
    }
    if (kind === "table") {
      if (found.kind !== "table" || found.form !== "implied") {
        const title = `${failed} a table, table already defined`;
        throw this.#conflict(title, key, "inserting this", found, "this table is explicitly defined");
      }
      found.form = "header";
      found.place = key.place;
      return found;
    }
    if (!isArrayOfTables(found)) {
      const title = `${failed} an array of tables, value already exists`;
      throw this.#conflict(title, key, "while inserting this", found, "non-table value already exists");
    }
    if (!found.isOfHeaders) {
      const title = `${failed} a table, inline array of tables is immutable`;
      throw this.#conflict(title, key, "while inserting this", found, "this is inline array-of-tables");
    }
    found.items.push(value);
    return value;
  }

  // Values.

  #parseValue(): Node {
    const first = this.#at;
    const kind = this.#guessKind();
    const done = (scalar: Scalar): Node => ({ ...scalar, place: { first, last: this.#at } });
    switch (kind) {
      case "string": {
        const quote = this.#current!;
        const isMultiline = this.#text.startsWith(quote.repeat(3), first);
        return done({ kind: "string", value: this.#parseString(quote, isMultiline) });
      }
      case "array":
        return this.#parseArray();
      case "table":
        return this.#parseInlineTable();
      case "boolean":
        return done({ kind: "boolean", value: this.#parseBoolean() });
      case "integer":
        return done({ kind: "integer", value: this.#read(readTomlInteger) });
      case "float":
        return done({ kind: "float", isNegative: this.#current === "-", value: this.#read(readTomlFloat) });
      default:
        return done({ kind: "timestamp", value: this.#read((source, at) => readTomlTimestamp(source, at, kind)) });
    }
  }

  #read<T>(read: (source: TomlSource, at: number) => TomlToken<T>): T {
    try {
      const { value, end } = read(this.#source, this.#at);
      this.#at = end;
      return value;
    } catch (error) {
      if (error instanceof TomlFailure) this.#at = error.resume ?? this.#at;
      throw error;
    }
  }

  #guessKind(): "string" | "array" | "table" | "boolean" | TomlNumberKind {
    const text = this.#text;
    switch (this.#current) {
      case '"':
      case "'":
        return "string";
      case "[":
        return "array";
      case "{":
        return "table";
      case "t":
      case "f":
        return "boolean";
      case "T":
      case "F": {
        const name = this.#current === "T" ? "true" : "false";
        throw this.#failure(`toml::parse_value: \`${name}\` ${IN_LOWERCASE}`, "expected true or false");
      }
      case "i":
      case "I":
      case "n":
      case "N": {
        const name = this.#current === "i" || this.#current === "I" ? "inf" : "nan";
        if (text.startsWith(name, this.#at)) return "float";
        throw this.#failure(`toml::parse_value: \`${name}\` ${IN_LOWERCASE}`, ANY_FLOAT);
      }
      default:
        return guessTomlNumber(this.#source, this.#at);
    }
  }

  #parseBoolean(): boolean {
    for (const value of [true, false]) {
      if (this.#text.startsWith(String(value), this.#at)) {
        this.#at += String(value).length;
        return value;
      }
    }
    throw this.#failure(
      "toml::parse_boolean: invalid boolean: boolean must be `true` or `false`, in lowercase. " +
        'string must be surrounded by `"`',
      "expected true or false",
    );
  }

  #parseString(quote: string, isMultiline: boolean): string {
    const text = this.#text;
    const first = this.#at;
    const end = isMultiline ? multilineStringEnd(text, first, quote) : stringEnd(text, first, quote);
    const delimiter = isMultiline ? quote.repeat(3) : quote;
    if (end < 0) {
      const name = (isMultiline ? "ml_" : "") + (quote === '"' ? "basic" : "literal");
      throw this.#failure(`toml::parse_${name}_string: invalid string format`, `expected ${delimiter}`, "", ~end);
    }
    this.#at = end;
    let start = first + delimiter.length;
    if (isMultiline) start = Math.max(newlineEnd(text, start), start);
    let value = text.slice(start, end - delimiter.length);
    if (quote === '"') {
      const unescaped = unescapeToml(value);
      if (typeof unescaped !== "string") {
        const source = { name: "internal temporary", text: value.slice(unescaped.first - 1) };
        const place = { source, first: 1, last: unescaped.last - unescaped.first + 1, isPoint: false };
        const isSurrogate = unescaped.codePoint < 0x10000;
        throw new TomlFailure({
          title: "toml::parse_utf8_codepoint: " +
            (isSurrogate ? "[0xD800, 0xDFFF] is not a valid UTF-8" : "input codepoint is too large."),
          places: [[place, isSurrogate ? "here" : "must be in range [0x00, 0x10FFFF]"]],
          hint: "",
        });
      }
      value = unescaped;
      if (value.includes("\0")) this.#withNul ??= value;
    }
    return value;
  }

  #parseArray(): ArrayNode {
    const before = this.#problems.length;
    const first = this.#at++;
    const items: Node[] = [];
    this.#skipSpace();
    let hasComma = true;
    while (!this.#isAtEnd && this.#current !== "]") {
      if (!hasComma) throw this.#failure("toml::parse_array: expected value-separator `,` or closing `]`");
      const item = this.#attempt(() => this.#parseValue());
      if (item === undefined) {
        const stop = this.#at;
        this.#skipValue();
        if (this.#at === stop) break;
        continue;
      }
      this.#skipSpace();
      hasComma = this.#current === ",";
      if (hasComma) this.#at++;
      this.#attempt(() => this.#parseComment());
      if (hasComma) this.#skipSpace();
      items.push(item);
    }
    if (this.#current !== "]") {
      throw this.#failure("toml::parse_array: missing closing bracket `]`", "expected `]`, reached EOF");
    }
    this.#at++;
    if (this.#problems.length !== before) throw new TomlFailure(this.#problems[this.#problems.length - 1]!);
    return { kind: "array", items, isOfHeaders: false, place: { first, last: this.#at } };
  }

  #parseInlineTable(): TableNode {
    const before = this.#problems.length;
    const first = this.#at++;
    const place = { first, last: first };
    const table: TableNode = { kind: "table", entries: new Map(), form: "inline", place };
    this.#skipBlanks();
    let isEmpty = true;
    let hasComma = false;
    while (!this.#isAtEnd) {
      if (this.#current === "}") {
        if (hasComma) {
          throw this.#failure("toml::parse_inline_table: trailing comma is not allowed in TOML-v1.0.0)");
        }
        break;
      }
      if (!hasComma && !isEmpty) {
        throw this.#failure("toml::parse_inline_table: expected value-separator `,` or closing `}`");
      }
      isEmpty = false;
      const pair = this.#attempt(() => this.#parsePair());
      if (pair === undefined) {
        while (!this.#isAtEnd && this.#current !== "}" && this.#current !== "\n") this.#at++;
        break;
      }
      if (this.#attempt(() => this.#insert("key", table, pair.key, pair.value)) === undefined) {
        while (!this.#isAtEnd && !",\n}".includes(this.#current!)) this.#at++;
        if (!this.#isAtEnd) hasComma = this.#current === ",";
        continue;
      }
      this.#skipBlanks();
      hasComma = this.#current === ",";
      if (hasComma) this.#at++;
      this.#skipBlanks();
    }
    if (this.#current !== "}") {
      throw this.#failure(
        "toml::parse_inline_table: missing closing bracket `}`",
        "expected `}`, reached line end",
      );
    }
    this.#at++;
    if (this.#problems.length > before) throw new TomlFailure(this.#problems.pop()!);
    table.place = { first, last: this.#at };
    return table;
  }

  // Recovery: where to go on after an error.

  #skipCommentBlock(): void {
    while (!this.#isAtEnd) {
      this.#skipBlanks();
      if (this.#current === "#") {
        // toml11 never gets past this; a document that makes it hang is reported here.
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else {
        const end = newlineEnd(this.#text, this.#at);
        if (end < 0) return;
        this.#at = end;
      }
    }
  }

  #skipString(): void {
    const quote = this.#current!;
    if (this.#text.startsWith(quote.repeat(3), this.#at)) {
      const end = this.#text.indexOf(quote.repeat(3), this.#at + 3);
      this.#at = end < 0 ? this.#text.length : end + 3;
      return;
    }
    while (!this.#isAtEnd) {
      this.#at++;
      if (this.#current === quote || this.#current === "\n") {
        this.#at++;
        return;
      }
    }
  }

  #isAtHeader(): boolean {
    return "end" in scanHeader(this.#text, this.#at, "[") || "end" in scanHeader(this.#text, this.#at, "[[");
  }

  #skipArray(): void {
    this.#at++;
    while (!this.#isAtEnd) {
      const c = this.#current;
      if (c === '"' || c === "'") this.#skipString();
      else if (c === "#") this.#skipCommentBlock();
      else if (c === "{") this.#skipInlineTable();
      else if (c === "[") {
        if (this.#isAtHeader()) return;
        this.#skipArray();
      } else if (c === "=") {
        // A pair can't be in an array: the closing bracket is missing, and this line is to be parsed.
        this.#at = this.#text.lastIndexOf("\n", this.#at) + 1;
        return;
      } else if (c === "]") return;
      else this.#at++;
    }
  }

  #skipInlineTable(): void {
    this.#at++;
    while (!this.#isAtEnd) {
      const c = this.#current;
      if (c === "\n" || c === "}") return;
      if (c === '"' || c === "'") this.#skipString();
      else if (c === "#") {
        this.#skipCommentBlock();
        return;
      } else if (c === "[") {
        if (this.#isAtHeader()) return;
        this.#skipArray();
      } else if (c === "{") this.#skipInlineTable();
      else this.#at++;
    }
  }

  #skipValue(): void {
    const c = this.#current;
    if (c === '"' || c === "'") this.#skipString();
    else if (c === "[") this.#skipArray();
    else if (c === "{") this.#skipInlineTable();
    else while (!this.#isAtEnd && !"\n,]}".includes(this.#current!)) this.#at++;
  }

  #skipPair(): void {
    while (!this.#isAtEnd) {
      if (this.#current === "=") return this.#skipValue();
      if (this.#current === "\n") return;
      this.#at++;
    }
  }

  #skipUntilHeader(): void {
    while (!this.#isAtEnd) {
      if (this.#current === "\n") {
        const line = ++this.#at;
        this.#skipBlanks();
        if (this.#isAtHeader()) {
          this.#at = line;
          return;
        }
      }
      this.#advance();
    }
  }
}

/**
 * Parses a TOML document.
 *
 * @throws {TomlParseError} if it is malformed or holds a NUL character
 */
export function parseToml(text: string): TomlTable {
  return new TomlParser(text).parse();
}
