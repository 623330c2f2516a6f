/**
 * The parser: Nix source text to syntax tree, by recursive descent with operator precedences.
 *
 * It accepts what C++ Nix 2.34's grammar accepts, and its trees, positions and order of interning are those that the
 * grammar's actions give. Traps:
 * - Actions of C++ Nix run when a rule is complete: a lambda's argument is interned, and its formals checked, after
 *   the body.
 * - `f a` in parentheses stays open: `(f a) b` is one call with two arguments, and `(1 - 2) 3` calls `__sub` with three.
 * - `or` is a keyword only behind a selection; `map or [ ]` makes it a variable (see "cursed or" below).
 * - On any syntax error this parser just gives up; `_syntax_error.ts` then works out what Bison would have said.
 *   Errors of meaning (duplicates and such) are thrown here, since they come first or not at all.
 *
 * It is one state machine and so one object: rules call each other in circles, and all move the scanner's current token.
 * But the circles meet in {@link Parser.expr}. So its class comes in layers, each of which knows those below it, and of
 * those above only that there is an `expr()`: the scanner, literals (`_literal_parser.ts`), bindings and attribute paths
 * (`_binding_parser.ts`), and here expressions. Switches use literal token numbers, see `_tokens.ts`.
 */
import {
  AndExpr,
  AssertExpr,
  CallExpr,
  ConcatListsExpr,
  ConcatStringsExpr,
  CurPosExpr,
  EqExpr,
  type Expr,
  FloatExpr,
  Formal,
  type Formals,
  HasAttrExpr,
  IfExpr,
  ImplExpr,
  IntExpr,
  LambdaExpr,
  LetExpr,
  ListExpr,
  NEqExpr,
  NotExpr,
  OrExpr,
  SelectExpr,
  singlePath,
  StringExpr,
  StringPart,
  UpdateExpr,
  VarExpr,
  WithExpr,
} from "./ast.ts";
import { appended } from "./_lists.ts";
import { BindingParser, emptyAttrs } from "./_binding_parser.ts";
import { checkFormals } from "./_formals.ts";
import { SYNTAX_ERROR, syntaxError } from "./_syntax_error.ts";
import { T } from "./_tokens.ts";
import { ParseError, showOffset } from "./errors.ts";
import { borrowBytes, returnBytes } from "./lexer.ts";
import type { ParseOptions } from "./parse_options.ts";
import { NO_POS, type Pos, type Source } from "./positions.ts";
import { intern, internRange, NO_SYMBOL, type Symbol } from "./symbols.ts";

/**
 * Returns the expression that `source` holds. Variables are not looked up.
 *
 * @throws {ParseError} when it holds none, with the message and position of C++ Nix 2.34.
 */
export function parse(source: Source, options: ParseOptions): Expr {
  const bytes = borrowBytes(source.text, options.bytes);
  try {
    return new Parser(source, bytes, options).file();
  } catch (error) {
    if (error === SYNTAX_ERROR) throw syntaxError(source, bytes, options.features);
    // Nesting beyond the native stack; C++ Nix says the same when its stack ends.
    if (error instanceof RangeError) throw new ParseError("stack overflow (possible infinite recursion)");
    throw error;
  } finally {
    returnBytes(bytes);
  }
}

const SUB = intern("__sub");
const LESS_THAN = intern("__lessThan");
const MUL = intern("__mul");
const DIV = intern("__div");
const OR = intern("or");
const FIND_FILE = intern("__findFile");
const NIX_PATH = intern("__nixPath");
const BODY = intern("body");

/** Precedence of the binary operators by token kind, from 1; 0 for all else. */
const PRECEDENCE = new Uint8Array(Object.keys(T).length);
[
  [T.Impl], // right
  [T.Or],
  [T.And],
  [T.Eq, T.NEq], // none
  [T.Less, T.Greater, T.LEq, T.GEq], // none
  [T.Update], // right
  [T.Not], // prefix
  [T.Plus, T.Minus],
  [T.Times, T.Slash],
  [T.Concat], // right
  [T.Question],
  [T.Negate], // prefix
].forEach((tokens, index) => tokens.forEach((token) => PRECEDENCE[token] = index + 1));

/** By token kind: 1 where an argument or list element can start. */
const STARTS_SIMPLE = new Uint8Array(Object.keys(T).length);
for (
  const token of [T.Id, T.Int, T.Float, T.Path, T.HPath, T.SPath, T.Uri, T.Let, T.Rec, T.IndOpen, T.Quote, T.LParen]
) STARTS_SIMPLE[token] = 1;
STARTS_SIMPLE[T.LBrace] = STARTS_SIMPLE[T.LBracket] = 1;

class Parser extends BindingParser {
  /** Elements of lists under construction, so that each list ends up with an array of just its size. */
  readonly stack: Expr[] = [];
  depth = 0;
  /** The last `x or` that was met, if nothing has enclosed it yet; its end is in `cursedEnd`. */
  cursed: Expr | null = null;
  cursedEnd = 0;

  file(): Expr {
    this.next();
    const e = this.expr();
    if (this.tok !== 0) this.fail();
    return e;
  }

  /** Any expression; the grammar's `expr_function`. */
  override expr(): Expr {
    const start = this.start;
    switch (this.tok) {
      case 3: { // identifier
        const stop = this.stop;
        const hash = this.hash;
        const tok = this.next();
        if (tok === 48) { // :
          this.next();
          const body = this.expr();
          const arg = internRange(this.bytes, start, stop, hash, this.text);
          return new LambdaExpr(this.base + start, arg, null, body);
        }
        if (tok === 49) return this.argThenFormals(start, stop, hash);
        return this.operation(this.application(this.selection(this.variable(start, stop, hash), start), start), start);
      }
      case 56: // {
        return this.formalsOrAttrs(start);
      case 16: { // assert
        this.next();
        const cond = this.expr();
        this.expect(50);
        return new AssertExpr(this.base + start, cond, this.expr());
      }
      case 17: { // with
        this.next();
        const attrs = this.expr();
        this.expect(50);
        return new WithExpr(this.base + start, attrs, this.expr());
      }
      case 18: { // let
        if (this.next() === 56) {
          const e = this.selection(this.letBody(start), start);
          return this.operation(this.application(e, start), start);
        }
        const attrs = this.bindings(19, NO_POS);
        this.next();
        const body = this.expr();
        if (attrs.dynamic.length !== 0) {
          throw new ParseError("dynamic attributes not allowed in let", this.base + start);
        }
        return new LetExpr(attrs, body);
      }
      case 13: { // if
        this.next();
        const cond = this.expr();
        this.expect(14);
        const then = this.expr();
        this.expect(15);
        return new IfExpr(this.base + start, cond, then, this.expr());
      }
      default:
        return this.operation(this.operand(), start);
    }
  }

  /** The rest of an `expr_if` that is no `if`: operators and pipes behind `left`. */
  operation(left: Expr, start: number): Expr {
    const e = PRECEDENCE[this.tok] === 0 ? left : this.operators(left, start, 1);
    return this.tok === 32 || this.tok === 33 ? this.pipes(e) : e;
  }

  pipes(left: Expr): Expr {
    if (this.tok === 33) {
      while (this.tok === 33) {
        const pos = this.base + this.start;
        this.next();
        left = call(pos, this.operatorExpr(1), left);
      }
      return left;
    }
    const pos = this.base + this.start;
    this.next();
    let right = this.operatorExpr(1);
    if (this.tok === 32) right = this.pipes(right);
    return call(pos, left, right);
  }

  /** An `expr_op` of operators that bind at least as tightly as `min`. */
  operatorExpr(min: number): Expr {
    const start = this.start;
    const left = this.operand();
    return PRECEDENCE[this.tok] < min ? left : this.operators(left, start, min);
  }

  /** What stands before, between and behind operators: calls, and prefix operators with their operand. */
  operand(): Expr {
    const start = this.start;
    const tok = this.tok;
    if (tok === 51) { // !
      this.next();
      return new NotExpr(this.operatorExpr(8));
    }
    if (tok === 43) { // -
      this.next();
      return new CallExpr(this.base + start, new VarExpr(NO_POS, SUB), [new IntExpr(0), this.operatorExpr(13)]);
    }
    return this.application(this.selection(this.simple(), start), start);
  }

  operators(left: Expr, start: number, min: number): Expr {
    for (;;) {
      const tok = this.tok;
      const precedence = PRECEDENCE[tok];
      if (precedence < min || precedence === 0) return left;
      const pos = this.base + this.start;
      this.next();
      switch (tok) {
        case 46: // ?
          left = new HasAttrExpr(left, this.attrPath());
          break;
        case 42: { // +
          const parts = [new StringPart(this.base + start, left), null as unknown as StringPart];
          const rightPos = this.base + this.start;
          parts[1] = new StringPart(rightPos, this.operatorExpr(9));
          left = new ConcatStringsExpr(pos, false, parts);
          break;
        }
        case 43: // -
          left = arithmetic(pos, SUB, left, this.operatorExpr(9));
          break;
        case 44: // *
          left = arithmetic(pos, MUL, left, this.operatorExpr(10));
          break;
        case 45: // /
          left = arithmetic(pos, DIV, left, this.operatorExpr(10));
          break;
        case 27: // ++
          left = new ConcatListsExpr(pos, left, this.operatorExpr(10));
          break;
        case 26: // //
          left = new UpdateExpr(pos, left, this.operatorExpr(6));
          break;
        case 22: // ==
          left = new EqExpr(left, this.operatorExpr(5));
          break;
        case 23: // !=
          left = new NEqExpr(left, this.operatorExpr(5));
          break;
        case 39: // <
          left = arithmetic(pos, LESS_THAN, left, this.operatorExpr(6));
          break;
        case 40: // >
          left = arithmetic(pos, LESS_THAN, this.operatorExpr(6), left);
          break;
        case 24: // <=
          left = new NotExpr(arithmetic(pos, LESS_THAN, this.operatorExpr(6), left));
          break;
        case 25: // >=
          left = new NotExpr(arithmetic(pos, LESS_THAN, left, this.operatorExpr(6)));
          break;
        case 28: // &&
          left = new AndExpr(pos, left, this.operatorExpr(4));
          break;
        case 29: // ||
          left = new OrExpr(pos, left, this.operatorExpr(3));
          break;
        default: // ->
          left = new ImplExpr(pos, left, this.operatorExpr(1));
      }
      // Comparisons don't chain.
      if ((precedence === 4 || precedence === 5) && PRECEDENCE[this.tok] === precedence) this.fail();
    }
  }

  /** Arguments behind `fn`, which starts at `start`. */
  application(fn: Expr, start: number): Expr {
    if (STARTS_SIMPLE[this.tok] !== 1) {
      // A bad token is looked at here, so it is reported before any error in what is complete by now.
      if (this.tok === 1) this.fail();
      return fn;
    }
    const first = this.argument();
    // Arrays of the right size: what push() makes has room for 16 more.
    let args: Expr[];
    if (STARTS_SIMPLE[this.tok] !== 1) args = [first];
    else {
      const second = this.argument();
      if (STARTS_SIMPLE[this.tok] !== 1) args = [first, second];
      else {
        const third = this.argument();
        if (STARTS_SIMPLE[this.tok] !== 1) args = [first, second, third];
        else {
          args = [first, second, third, this.argument()];
          while (STARTS_SIMPLE[this.tok] === 1) args.push(this.argument());
        }
      }
    }
    if (this.tok === 1) this.fail();
    if (fn instanceof CallExpr) {
      fn.args.push(...args);
      return fn;
    }
    return new CallExpr(this.base + start, fn, args);
  }

  /** An argument, list element or fallback: the grammar's `expr_select` in a place where "cursed or" matters. */
  argument(): Expr {
    const start = this.start;
    const e = this.selection(this.simple(), start);
    if (this.cursed !== null) {
      if (this.cursed === e) this.warnCursedOr(start);
      this.cursed = null;
    }
    return e;
  }

  /** `.path`, `.path or fallback` or `or` behind `e`, which starts at `start`. */
  selection(e: Expr, start: number): Expr {
    if (this.tok === 52) { // .
      this.next();
      const path = this.attrPath();
      if ((this.tok as number) !== 31) return new SelectExpr(this.base + start, e, path, null);
      this.next();
      return new SelectExpr(this.base + start, e, path, this.argument());
    }
    if (this.tok === 31) { // or
      const pos = this.base + start;
      this.cursed = e = new CallExpr(pos, e, [new VarExpr(pos, OR)]);
      this.cursedEnd = this.stop;
      this.next();
    }
    return e;
  }

  /** An operand without arguments or selection, the grammar's `expr_simple`. */
  simple(): Expr {
    const start = this.start;
    switch (this.tok) {
      case 3: { // identifier
        const e = this.variable(start, this.stop, this.hash);
        this.next();
        return e;
      }
      case 53: { // "
        const e = this.stringLiteral();
        return typeof e === "string" ? new StringExpr(e) : e;
      }
      case 54: // (
        return this.parenthesized();
      case 58: // [
        return this.list();
      case 56: // {
        this.next();
        return this.attrs(this.base + start, false);
      case 20: // rec
        if (this.next() !== 56) this.fail();
        this.next();
        return this.attrs(this.base + start, true);
      case 18: // let
        if (this.next() !== 56) this.fail();
        return this.letBody(start);
      case 35: // ''
        return this.indString();
      case 6: { // integer
        const e = new IntExpr(this.number);
        this.next();
        return e;
      }
      case 8: // path
      case 9: // ~/ path
        return this.path();
      case 10: { // <path>
        const pos = this.base + start;
        const name = new StringExpr(this.text.substring(start + 1, this.stop - 1));
        this.next();
        return new CallExpr(pos, new VarExpr(NO_POS, FIND_FILE), [new VarExpr(NO_POS, NIX_PATH), name]);
      }
      case 7: { // float
        const e = new FloatExpr(Number(this.number));
        this.next();
        return e;
      }
      case 12: // URI
        return this.uri();
      default:
        this.fail();
    }
  }

  variable(start: number, stop: number, hash: number): Expr {
    if (stop - start === 8 && this.bytes[start] === 95 && this.text.startsWith("__curPos", start)) {
      return new CurPosExpr(this.base + start);
    }
    return new VarExpr(this.base + start, internRange(this.bytes, start, stop, hash, this.text));
  }

  /** `(…)`. Without recursion for `((((…`, so that it can go as deep as C++ Nix lets it, whose stack is on the heap. */
  parenthesized(): Expr {
    let starts: number[] | null = null;
    let start = this.start;
    while (this.next() === 54) {
      (starts ??= []).push(start);
      start = this.start;
    }
    let e = this.expr();
    for (;;) {
      this.cursed = null;
      this.expect(55);
      if (starts === null || starts.length === 0) return e;
      e = this.restOfOperation(e, start);
      start = starts.pop()!;
    }
  }

  list(): Expr {
    const { stack } = this;
    const first = this.depth;
    this.next();
    while (STARTS_SIMPLE[this.tok] === 1) {
      const e = this.argument();
      stack[this.depth++] = e;
    }
    this.expect(59);
    const elems = stack.slice(first, this.depth);
    this.depth = first;
    return new ListExpr(elems);
  }

  /** `let { … }`, from the brace on. */
  letBody(start: number): Expr {
    this.next();
    const attrs = this.attrs(this.base + start, true);
    return new SelectExpr(NO_POS, attrs, singlePath(BODY), null);
  }

  /** `{` where a function may start: its formals, or a set with all that may follow one. */
  formalsOrAttrs(start: number): Expr {
    const pos = this.base + start;
    switch (this.next()) {
      case 57: // }
        this.next();
        if (this.tok === 48 || this.tok === 49) return this.formalsThen(start, { formals: [], ellipsis: false });
        return this.restOfOperation(emptyAttrs(pos), start);
      case 37: // ...
        return this.formalsThen(start, this.formals());
      case 3: { // identifier
        const namePos = this.start;
        const stop = this.stop;
        const hash = this.hash;
        const tok = this.next();
        if (tok === 61 || tok === 46 || tok === 57) { // , ? }
          return this.formalsThen(start, this.formals(this.restOfFormal(namePos, stop, hash)));
        }
        const attrs = emptyAttrs(pos);
        this.binding(attrs, this.base + namePos, internRange(this.bytes, namePos, stop, hash, this.text));
        this.moreBindings(attrs, 57);
        this.next();
        return this.restOfOperation(attrs, start);
      }
      default:
        return this.restOfOperation(this.attrs(pos, false), start);
    }
  }

  restOfOperation(e: Expr, start: number): Expr {
    return this.operation(this.application(this.selection(e, start), start), start);
  }

  /** Formals from the current token, or from behind `first`, to behind the `}`. */
  formals(first: Formal | null = null): Formals {
    let formals: Formal[] = [];
    let ellipsis = false;
    if (first !== null) {
      formals = [first];
      if (this.tok === 61) this.next();
      else if (this.tok !== 57) this.fail();
    }
    while (this.tok !== 57) {
      if (this.tok === 37) { // ...
        ellipsis = true;
        if (this.next() !== 57) this.fail();
        break;
      }
      if (this.tok !== 3) this.fail();
      const { start, stop, hash } = this;
      this.next();
      formals = appended(formals, this.restOfFormal(start, stop, hash));
      if ((this.tok as number) !== 61) break;
      this.next();
    }
    this.expect(57);
    return { formals: formals.length > 3 ? formals.slice() : formals, ellipsis };
  }

  /** A formal from behind its name. C++ Nix makes the symbol after the fallback. */
  restOfFormal(start: number, stop: number, hash: number): Formal {
    let fallback: Expr | null = null;
    if (this.tok === 46) { // ?
      this.next();
      fallback = this.expr();
    }
    return new Formal(this.base + start, internRange(this.bytes, start, stop, hash, this.text), fallback);
  }

  /** `: body` or `@ arg: body` behind formals. */
  formalsThen(start: number, formals: Formals): Expr {
    let argStart = -1;
    let argStop = 0;
    let argHash = 0;
    if (this.tok === 49) { // @
      if (this.next() !== 3) this.fail();
      argStart = this.start;
      argStop = this.stop;
      argHash = this.hash;
      this.next();
    }
    this.expect(48);
    const body = this.expr();
    const arg = argStart < 0 ? NO_SYMBOL : internRange(this.bytes, argStart, argStop, argHash, this.text);
    const pos = this.base + start;
    return new LambdaExpr(pos, arg, checkFormals(formals, arg, pos), body);
  }

  /** `arg @ { … }: body` from the `@` on. */
  argThenFormals(start: number, stop: number, hash: number): Expr {
    if (this.next() !== 56) this.fail();
    this.next();
    const formals = this.formals();
    this.expect(48);
    const body = this.expr();
    const arg = internRange(this.bytes, start, stop, hash, this.text);
    const pos = this.base + start;
    return new LambdaExpr(pos, arg, checkFormals(formals, arg, pos), body);
  }

  /** `f x or` will one day pass `x` and `or` to `f`, not `x or`. */
  warnCursedOr(start: number): void {
    const snippet = this.text.substring(start, this.cursedEnd).replace(/\r\n?/g, "\n");
    this.options.warn(
      `at ${showOffset(this.source, start)}: ` +
        "This expression uses `or` as an identifier in a way that will change in a future Nix release.\n" +
        "Wrap this entire expression in parentheses to preserve its current meaning:\n" +
        `    (${snippet})\n` +
        "Give feedback at https://github.com/NixOS/nix/pull/11121",
      NO_POS,
    );
  }
}

function arithmetic(pos: Pos, operator: Symbol, left: Expr, right: Expr): Expr {
  return new CallExpr(pos, new VarExpr(NO_POS, operator), [left, right]);
}

/** A call of `fn`, which may be a call already: then it gets one more argument. */
function call(pos: Pos, fn: Expr, arg: Expr): Expr {
  if (!(fn instanceof CallExpr)) return new CallExpr(pos, fn, [arg]);
  fn.args.push(arg);
  return fn;
}
