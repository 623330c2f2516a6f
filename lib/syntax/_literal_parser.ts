/**
 * Reads strings, indented strings, paths and URIs: the lowest layer of the parser, see `parser.ts`.
 *
 * Between two interpolations a literal has no tokens, so these rules don't go from token to token. They have the scanner
 * look for the next piece from an offset `p` that they keep themselves, and put `stop` behind the literal before they let
 * it go on. Inside of `${…}` everything is as outside. Traps:
 * - Pieces aren't joined where C++ Nix 2.34 keeps them apart; `--parse` shows it.
 * - A path literal goes on for as long as pieces of path, or interpolations, follow it without space. `./a//b` is an
 *   error, yet `./a//b${c}` isn't, and only the end tells which it is.
 */
import { ConcatStringsExpr, type Expr, PathExpr, StringExpr, StringPart } from "./ast.ts";
import { appended } from "./_lists.ts";
import { type IndPieces, stripIndentation } from "./_indentation.ts";
import { diagnose, PathLiterals } from "./_paths.ts";
import { SYNTAX_ERROR } from "./_syntax_error.ts";
import { hint, ParseError, settingInParentheses } from "./errors.ts";
import { Lexer } from "./lexer.ts";
import type { ParseOptions } from "./parse_options.ts";
import type { Source } from "./positions.ts";

/** The rules for literals, and how a rule fails. */
export abstract class LiteralParser extends Lexer {
  readonly options: ParseOptions;
  readonly paths: PathLiterals;

  constructor(source: Source, bytes: Uint8Array, options: ParseOptions) {
    super(source, bytes, options.features);
    this.options = options;
    this.paths = new PathLiterals(options);
  }

  /** Any expression. */
  abstract expr(): Expr;

  fail(): never {
    throw this.tok === 1 ? this.lexError : SYNTAX_ERROR;
  }

  /** Passes the current token, which has to be a `tok`. */
  expect(tok: number): void {
    if (this.tok !== tok) this.fail();
    this.next();
  }

  /** A `"…"`: its value when it is constant. */
  stringLiteral(): string | Expr {
    const first = this.stop;
    let p = this.scanString(first);
    if (this.bytes[p] === 34) {
      const value = this.string;
      this.stop = p + 1;
      this.next();
      return value;
    }
    let parts: StringPart[] = [];
    let from = first;
    for (;;) {
      if (p > from) parts = appended(parts, new StringPart(this.base + from, new StringExpr(this.string)));
      if (this.bytes[p] === 34) break;
      if (this.bytes[p] !== 36 || this.bytes[p + 1] !== 123) throw SYNTAX_ERROR; // the text ends
      parts = appended(parts, this.interpolation(p));
      from = this.stop;
      p = this.scanString(from);
    }
    this.stop = p + 1;
    this.next();
    return new ConcatStringsExpr(this.base + first, true, parts);
  }

  /** `${expr}` at `p`; the `}` becomes the current token, and is not passed. */
  interpolation(p: number): StringPart {
    this.stop = p + 2;
    this.next();
    const e = this.expr();
    if (this.tok !== 57) this.fail();
    return new StringPart(this.base + p, e);
  }

  indString(): Expr {
    const b = this.bytes;
    const pos = this.base + this.start;
    const pieces: IndPieces = { starts: [], ends: [], values: [] };
    const { starts, ends, values } = pieces;
    let p = this.stop;
    for (;;) {
      const q = this.scanIndString(p);
      if (q > p) {
        starts.push(p);
        ends.push(q);
        values.push(null);
        p = q;
      }
      if (p >= this.end) throw SYNTAX_ERROR;
      if (b[p] === 36 && b[p + 1] === 123) {
        const { expr } = this.interpolation(p);
        starts.push(p);
        ends.push(-1);
        values.push(expr);
        p = this.stop;
        continue;
      }
      const next = this.scanIndEscape(p);
      if (next === p) break; // ''
      starts.push(p);
      ends.push(-1);
      values.push(this.string);
      p = next;
    }
    const e = stripIndentation(pieces, b, this.text, { pos, base: this.base });
    this.stop = p + 2;
    this.next();
    return e;
  }

  path(): Expr {
    const start = this.start;
    const pos = this.base + start;
    const literal = this.text.substring(start, this.stop);
    const first = new PathExpr(this.tok === 8 ? this.paths.path(literal, pos) : this.paths.home(literal, pos));
    // What follows at once is part of the path.
    const b = this.bytes;
    let p = this.stop;
    let from = start;
    let parts: StringPart[] | null = null;
    let interpolated = false;
    for (;;) {
      if (b[p] === 36 && b[p + 1] === 123) {
        parts = appended(parts ?? [new StringPart(pos, first)], this.interpolation(p));
        interpolated = true;
        p = this.stop;
        continue;
      }
      const q = this.scanPathPart(p);
      if (q === p) break;
      // As in C++ Nix 2.34, `./a//b` is an error, yet `./a//b${c}` isn't.
      if (parts === null) parts = [new StringPart(pos, first)];
      else if (!interpolated) throw SYNTAX_ERROR;
      parts = appended(parts, new StringPart(this.base + p, new StringExpr(this.text.substring(p, q))));
      from = p;
      p = q;
    }
    if (b[p - 1] === 47) {
      // At the end of the text C++ Nix still stands at the piece before.
      throw new ParseError("path has a trailing slash", this.base + (p >= this.end ? from : p));
    }
    if (parts !== null && !interpolated) throw SYNTAX_ERROR;
    this.stop = p;
    this.next();
    return parts === null ? first : new ConcatStringsExpr(pos, false, parts);
  }

  uri(): Expr {
    const literal = this.text.substring(this.start, this.stop);
    const level = this.options.lint.urlLiterals;
    if (level !== "ignore") {
      const what = level === "fatal" ? "disallowed" : "discouraged";
      const message = hint`URL literals are ${what}. Consider using a string literal "${literal}" instead ` +
        settingInParentheses("lint-url-literals");
      diagnose(this.options, level, message, this.base + this.start);
    }
    this.next();
    return new StringExpr(literal);
  }
}
