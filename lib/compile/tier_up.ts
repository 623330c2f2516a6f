/**
 * Hot functions as generated JavaScript.
 *
 * A function that has been called often gets its body translated to one JS function over the same environment arrays, so
 * that both forms can be mixed freely: whatever the translation does not cover runs through its closure. What it gains is
 * the calls between closures, and the polymorphic caches in them; measured on loops up to 2.5 times. Often means ten
 * thousand times: V8 has to compile each of these functions from scratch, while closures share their code.
 *
 * Frames of traces: generated code keeps in `s` which operand is being evaluated, and one `catch` around the body adds
 * what the closures would have added ({@link Generator.guarded}).
 *
 * One liberty: arithmetic on numbers at hand, as an argument of a call, is done at once instead of in a thunk. It cannot
 * fail; it shows only where a value is printed without being forced.
 */
import {
  type AndExpr,
  type AttrsExpr,
  type CallExpr,
  type ConcatStringsExpr,
  type Expr,
  type IfExpr,
  type ImplExpr,
  Kind,
  type LetExpr,
  type OrExpr,
  type SelectExpr,
  type UpdateExpr,
  type VarExpr,
  whole,
} from "../syntax/ast.ts";
import type { Pos } from "../syntax/positions.ts";
import { Attrs, shapeOf, updateAttrs } from "../runtime/attrs.ts";
import { call1, call2, callN } from "../runtime/call.ts";
import { callDepth, enterCall, isFarFromLimit, leaveCall, restoreCallDepth } from "../runtime/depth.ts";
import { equalValues } from "../runtime/equality.ts";
import { NixError, typeError, withFrame } from "../runtime/errors.ts";
import { typedValue } from "../runtime/print.ts";
import { Thunk } from "../runtime/thunk.ts";
import { Float, type LambdaCode, PathValue, Primop, type Value } from "../runtime/value.ts";
import { failingOperand } from "./_calls.ts";
import { exprPos, notBool } from "./_positions.ts";
import { literalPositions } from "./_attrs.ts";
import { compilePlus } from "./_concat_strings.ts";
import { selectSlow } from "./_select.ts";
import { type CompileContext, ExprCode, makeSlot, readThunk, type Run } from "./code.ts";
import { GLOBAL_LEVEL, sortedAttrs } from "./resolve.ts";

/** Bodies with more nodes than this stay closures: generating them costs more than it gains. */
const MAX_NODES = 400;

function operandNotASet(v: Value): NixError {
  return typeError("expected a set but found " + typedValue(v));
}

/** What generated code calls. */
const RUNTIME = {
  Thunk,
  Attrs,
  call1,
  call2,
  callN,
  enterCall,
  leaveCall,
  equalValues,
  isFarFromLimit,
  makeSlot,
  notBool,
  operandNotASet,
  readThunk,
  selectSlow,
  updateAttrs,
};

/** Adds to an error what the closures would have added around the failing operand. */
type Fix = (error: unknown) => unknown;

/** A JS expression and what is known of its value. */
interface Js {
  readonly code: string;
  readonly type?: "number" | "boolean" | "string" | "set";
}

/** Sums with fewer operators gain nothing, unless one of their operands is a call. */
const MIN_OPERATORS = 4;

/**
 * Whether an expression does what generated code does better than closures: decide, compare, or add up a lot. For making
 * a set or a thunk or calling something there is code that V8 has long since compiled; generated code takes it as long
 * again (sort and genericClosure took a sixth longer with it).
 */
function isWorthGenerating(expr: Expr): boolean {
  const e = whole(expr);
  switch (e.kind) {
    case Kind.If:
    case Kind.And:
    case Kind.Or:
    case Kind.Impl:
    case Kind.Not:
    case Kind.Eq:
    case Kind.NEq:
      return true;
    case Kind.Let:
      return isWorthGenerating(e.body);
    case Kind.ConcatStrings:
      return operatorsIn(e) >= MIN_OPERATORS || !e.forceString && e.parts.some((part) => isCallOfItsOwn(part.expr));
    default:
      return false;
  }
}

/** Whether an expression calls a function of the program's: there V8 sees which one it is, as a closure for all calls doesn't. */
function isCallOfItsOwn(expr: Expr): boolean {
  const e = whole(expr);
  return e.kind === Kind.Call && !(e.fn.kind === Kind.Var && e.fn.level === GLOBAL_LEVEL);
}

/** How many operators a sum has one after the other. */
function operatorsIn(expr: Expr): number {
  let n = 0;
  for (let e = whole(expr); e.kind === Kind.ConcatStrings && !e.forceString; e = whole(e.parts[0].expr)) {
    n += e.parts.length - 1;
  }
  return n;
}

/**
 * Returns generated code for the body of a function, null where it is not worth it. It leaves it to `closure` close to the
 * limit of nested calls, where that of `==` and of arithmetic counts too.
 */
export function generateBody(body: Expr, closure: Run, cx: CompileContext): LambdaCode["body"] | null {
  if (!cx.tierUpAll && !isWorthGenerating(body)) return null;
  const generator = new Generator(cx);
  try {
    return generator.body(body, closure);
  } catch (e) {
    if (e instanceof TooLarge) return null;
    throw e;
  }
}

/**
 * Returns the code of a thunk that generated code makes. Such a thunk is made as often as the function is called: if it
 * turns out to be evaluated as often, its expression is generated, too.
 */
function hotCode(expr: Expr, cx: CompileContext): ExprCode {
  const code = new ExprCode(expr, cx);
  if (!code.waits) return code;
  code.run = (env) => {
    const closure = cx.compile(expr);
    code.expr = null;
    let left = cx.tierUpAfter;
    code.run = (env) => {
      if (--left > 0) return closure(env);
      code.run = generateBody(expr, closure, cx) ?? closure;
      return code.run(env, code);
    };
    return closure(env);
  };
  return code;
}

class TooLarge extends Error {}

class Generator {
  readonly #cx: CompileContext;
  /** Constants the generated code refers to as `k[i]`. */
  readonly #constants: unknown[] = [];
  /** Per site: how to complete an error that comes up there. Site 0 adds nothing. */
  readonly #fixes: Fix[] = [(e) => e];
  #out = "";
  #temps = 0;
  #nodes = 0;
  #site = 0;
  /** Names of the JS variables that hold the environments made in the body, innermost last. */
  readonly #envs: string[] = ["e0"];

  constructor(cx: CompileContext) {
    this.#cx = cx;
  }

  body(expr: Expr, closure: Run): LambdaCode["body"] {
    const result = this.#value(expr);
    const names = Object.keys(RUNTIME).join(", ");
    const guarded = this.#fixes.length > 1;
    const temps = Array.from({ length: this.#temps }, (_, i) => `t${i}`);
    const code = `"use strict"; const { ${names} } = rt;
return function nix(e0) {
if (!isFarFromLimit()) return closure(e0);
let s = 0${temps.length > 0 ? ", " + temps.join(", ") : ""};
${guarded ? "const d = callDepth(); try {" : ""}
${this.#out}return ${result.code};
${guarded ? "} catch (e) { throw fix(e, s, d); }" : ""}
};`;
    const fixes = this.#fixes;
    const fix = (error: unknown, site: number, depth: number) => {
      if (!(error instanceof NixError) || site === 0) return error;
      restoreCallDepth(depth);
      return fixes[site](error);
    };
    const make = new Function("rt", "k", "fix", "callDepth", "closure", code);
    return make(RUNTIME, this.#constants, fix, callDepth, closure);
  }

  #constant(value: unknown): string {
    let i = this.#constants.indexOf(value);
    if (i < 0 || typeof value === "number") i = this.#constants.push(value) - 1;
    return `k[${i}]`;
  }

  #temp(): string {
    return `t${this.#temps++}`;
  }

  #emit(code: string): void {
    this.#out += code + "\n";
  }

  /** Runs `generate` for code whose errors `fix` completes. */
  #guarded<T>(fix: Fix, generate: () => T): T {
    const outer = this.#site;
    const outerFix = this.#fixes[outer];
    this.#site = this.#fixes.push(outer === 0 ? fix : (e) => outerFix(fix(e))) - 1;
    this.#emit(`s = ${this.#site};`);
    const result = generate();
    this.#site = outer;
    this.#emit(`s = ${outer};`);
    return result;
  }

  /** Puts the value into a variable, so that it is computed here and once. */
  #settle(js: Js): Js {
    if (/^(t\d+|-?\d+|true|false|k\[\d+\])$/.test(js.code)) return js;
    const t = this.#temp();
    this.#emit(`${t} = ${js.code};`);
    return { ...js, code: t };
  }

  get #env(): string {
    return this.#envs[this.#envs.length - 1];
  }

  /** The JS expression of the environment `level` up. */
  #envAt(level: number): string {
    const n = this.#envs.length;
    if (level < n) return this.#envs[n - 1 - level];
    return this.#envs[0] + "[0]".repeat(level - n + 1);
  }

  #value(expr: Expr): Js {
    const e = whole(expr);
    if (++this.#nodes > MAX_NODES) throw new TooLarge();
    switch (e.kind) {
      case Kind.Int:
        return typeof e.value === "number"
          ? { code: String(e.value), type: "number" }
          : { code: this.#constant(e.value) };
      case Kind.String:
        return { code: this.#constant(e.value), type: "string" };
      case Kind.Float:
        return { code: this.#constant(new Float(e.value)) };
      case Kind.Path:
        return { code: this.#constant(new PathValue(e.value)) };
      case Kind.Var:
        return e.withs === null ? this.#variable(e) : this.#closure(e);
      case Kind.Select:
        return e.path.length === 1 && e.path[0].expr === null && e.fallback === null
          ? this.#select(e)
          : this.#closure(e);
      case Kind.If:
        return this.#if(e);
      case Kind.And:
      case Kind.Or:
      case Kind.Impl:
        return this.#logic(e);
      case Kind.Not: {
        const v = this.#boolean(e.expr, exprPos(e.expr), "in the argument of the not operator");
        return { code: `!${v.code}`, type: "boolean" };
      }
      case Kind.Eq:
        return this.#equal(e.left, e.right, false);
      case Kind.NEq:
        return this.#equal(e.left, e.right, true);
      case Kind.Call:
        return this.#call(e);
      case Kind.Let:
        return this.#let(e);
      case Kind.ConcatStrings:
        return this.#concat(e);
      case Kind.Attrs:
        return this.#attrs(e);
      case Kind.List: {
        if (e.elems.length > 8) return this.#closure(e);
        return { code: `[${e.elems.map((x) => this.#slot(x)).join(", ")}]` };
      }
      case Kind.Update:
        return this.#update(e);
      default:
        return this.#closure(e);
    }
  }

  /** Leaves the expression to its closure. */
  #closure(e: Expr): Js {
    const k = this.#constant(new ExprCode(e, this.#cx));
    return this.#settle({ code: `${k}.run(${this.#env}, ${k})` });
  }

  #variable(e: VarExpr): Js {
    if (e.level === GLOBAL_LEVEL) {
      const slot = this.#cx.globals[e.slot];
      return slot instanceof Thunk ? this.#closure(e) : { code: this.#constant(slot) };
    }
    const env = this.#envAt(e.level);
    const t = this.#temp();
    this.#emit(`${t} = ${env}[${e.slot + 1}];`);
    this.#emit(`if (${t} instanceof Thunk) ${t} = readThunk(${env}, ${e.slot + 1}, ${t}, ${e.pos});`);
    return { code: t };
  }

  #slot(e: Expr): string {
    switch (e.kind) {
      case Kind.Int:
        if (typeof e.value === "number") return String(e.value);
        break;
      case Kind.String:
        return this.#constant(e.value);
      case Kind.Var:
        if (e.withs === null && e.level !== GLOBAL_LEVEL && e.level >= this.#envs.length - 1) {
          // Not one of a `let` under construction: the content is there.
          return `${this.#envAt(e.level)}[${e.slot + 1}]`;
        }
        break;
    }
    const code = hotCode(e, this.#cx);
    const k = this.#constant(code);
    return code.waits ? `new Thunk(${k}, ${this.#env})` : `makeSlot(${k}, ${this.#env})`;
  }

  /** A slot for an argument: arithmetic on a number at hand is done at once. */
  #argument(expr: Expr): string {
    const e = whole(expr);
    const sum = arithmeticOnVariable(e, this.#cx);
    if (sum === null || sum.variable.level === GLOBAL_LEVEL) return this.#slot(e);
    const v = this.#temp();
    const r = this.#temp();
    const env = this.#envAt(sum.variable.level);
    this.#emit(`${v} = ${env}[${sum.variable.slot + 1}];`);
    this.#emit(
      `${r} = typeof ${v} === "number" && isFarFromLimit() && Number.isSafeInteger(${r} = ${v} ${sum.operator} ${sum.constant}) ? ${r} : ${
        this.#slot(e)
      };`,
    );
    return r;
  }

  #select(e: SelectExpr): Js {
    const base = this.#settle(this.#value(e.expr));
    const name = e.path[0].name;
    // One inline cache per site: the shape last met and the slot.
    const cache = this.#constant({ shape: null, index: 0 });
    const site = this.#constant({ e, cx: this.#cx });
    const t = this.#temp();
    this.#emit(
      `if (${base.code} instanceof Attrs && ${base.code}.shape === ${cache}.shape) {` +
        ` ${t} = ${base.code}.values[${cache}.index]; if (${t} instanceof Thunk)` +
        ` ${t} = ${t}.code === null ? ${t}.payload : selectSlow(${base.code}, ${name}, ${cache}, ${site}, ${this.#env});` +
        ` } else ${t} = selectSlow(${base.code}, ${name}, ${cache}, ${site}, ${this.#env});`,
    );
    return { code: t };
  }

  #boolean(e: Expr, pos: Pos, words: string): Js {
    return this.#guarded((error) => withFrame(error, pos, words), () => {
      const v = this.#settle(this.#value(e));
      if (v.type === "boolean") return v;
      this.#emit(`if (${v.code} !== true && ${v.code} !== false) throw notBool(${v.code}, ${pos});`);
      return { code: v.code, type: "boolean" };
    });
  }

  #if(e: IfExpr): Js {
    const cond = this.#boolean(e.cond, e.pos, "while evaluating a branch condition");
    const t = this.#temp();
    this.#emit(`if (${cond.code}) {`);
    const a = this.#value(e.then);
    this.#emit(`${t} = ${a.code};`);
    this.#emit(`} else {`);
    const b = this.#value(e.otherwise);
    this.#emit(`${t} = ${b.code};`);
    this.#emit(`}`);
    return { code: t, type: a.type === b.type ? a.type : undefined };
  }

  #logic(e: AndExpr | OrExpr | ImplExpr): Js {
    const name = e.kind === Kind.And ? "AND (&&)" : e.kind === Kind.Or ? "OR (||)" : "IMPL (->)";
    const a = this.#boolean(e.left, e.pos, `in the left operand of the ${name} operator`);
    const t = this.#temp();
    this.#emit(`${t} = ${e.kind === Kind.Impl ? "!" : ""}${a.code};`);
    this.#emit(e.kind === Kind.And ? `if (${t}) {` : `if (!${t}) {`);
    const b = this.#boolean(e.right, e.pos, `in the right operand of the ${name} operator`);
    this.#emit(`${t} = ${b.code};`);
    this.#emit("}");
    return { code: t, type: "boolean" };
  }

  #equal(left: Expr, right: Expr, negated: boolean): Js {
    const a = this.#settle(this.#value(left));
    const b = this.#settle(this.#value(right));
    const same = a.type === "string" || b.type === "string"
      ? `(typeof ${a.code} === "string" && typeof ${b.code} === "string" ? ${a.code} === ${b.code} : equalValues(${a.code}, ${b.code}, 0))`
      : `(typeof ${a.code} === "number" && typeof ${b.code} === "number" || typeof ${a.code} === "string" && typeof ${b.code} === "string" ? ${a.code} === ${b.code} : equalValues(${a.code}, ${b.code}, 0))`;
    return this.#settle({ code: negated ? `!${same}` : same, type: "boolean" });
  }

  #call(e: CallExpr): Js {
    if (e.fn.kind === Kind.Var && e.fn.level === GLOBAL_LEVEL && e.args.length === 2) {
      const fn = this.#cx.globals[e.fn.slot];
      if (fn instanceof Primop && fn.name in OPERATORS) return this.#arithmetic(e, fn);
    }
    const fn = this.#settle(this.#value(e.fn));
    const args = e.args.map((a) => this.#argument(a));
    switch (args.length) {
      case 1:
        return this.#settle({ code: `call1(${fn.code}, ${args[0]}, ${e.pos})` });
      case 2:
        return this.#settle({ code: `call2(${fn.code}, ${args[0]}, ${args[1]}, ${e.pos})` });
      default:
        return this.#settle({ code: `callN(${fn.code}, [${args.join(", ")}], ${e.pos})` });
    }
  }

  /** `a - b` and its like on numbers; anything else is left to the builtin, also to complete errors of operands. */
  #arithmetic(e: CallExpr, primop: Primop): Js {
    const pos = e.pos;
    const operator = OPERATORS[primop.name]!;
    const [left, right] = e.args;
    const k = this.#constant(primop);
    const simple = isSimple(left) && isSimple(right);
    if (!simple) this.#emit(`enterCall(${pos});`);
    const a = this.#settle(this.#guarded(
      (error) => rethrown(() => call2(primop, failingOperand(error as NixError, left), null, pos)),
      () => this.#value(left),
    ));
    const b = this.#settle(this.#guarded(
      (error) => rethrown(() => call2(primop, 0, failingOperand(error as NixError, right), pos)),
      () => this.#value(right),
    ));
    if (!simple) this.#emit("leaveCall();");
    const t = this.#temp();
    const numbers = `typeof ${a.code} === "number" && typeof ${b.code} === "number"`;
    if (primop.name === "lessThan") {
      this.#emit(`${t} = ${numbers} ? ${a.code} < ${b.code} : call2(${k}, ${a.code}, ${b.code}, ${pos});`);
      return { code: t, type: "boolean" };
    }
    this.#emit(
      `${t} = ${numbers} && Number.isSafeInteger(${t} = ${a.code} ${operator} ${b.code}) ? ${t} + 0 : call2(${k}, ${a.code}, ${b.code}, ${pos});`,
    );
    return { code: t };
  }

  #let(e: LetExpr): Js {
    const attrs = e.attrs;
    if (attrs.inheritFrom.length > 0 || attrs.attrs.some((a) => a.kind !== 0)) return this.#closure(e);
    const sorted = sortedAttrs(attrs);
    const inner = this.#temp();
    this.#emit(`${inner} = [${this.#env}${", undefined".repeat(sorted.length)}];`);
    this.#envs.push(inner);
    sorted.forEach((a) => {
      const code = hotCode(a.expr, this.#cx);
      const k = this.#constant(code);
      this.#emit(`${inner}[${a.slot + 1}] = ${code.waits ? `new Thunk(${k}, ${inner})` : `makeSlot(${k}, ${inner})`};`);
    });
    const result = this.#value(e.body);
    this.#envs.pop();
    return result;
  }

  /** `a + b`. */
  #concat(e: ConcatStringsExpr): Js {
    if (e.parts.length !== 2 || e.forceString) return this.#closure(e);
    const plus = this.#constant(compilePlus(e, this.#cx));
    const [left, right] = e.parts.map((p) => p.expr);
    const a = this.#settle(this.#value(left));
    const t = this.#temp();
    this.#emit(`if (typeof ${a.code} === "number" || typeof ${a.code} === "string") {`);
    const b = this.#settle(this.#value(right));
    this.#emit(
      `if (typeof ${a.code} === "number") ${t} = typeof ${b.code} === "number" && ` +
        `Number.isSafeInteger(${t} = ${a.code} + ${b.code}) ? ${t} : ${plus}(${a.code}, ${this.#env}, ${b.code});`,
    );
    this.#emit(
      `else ${t} = typeof ${b.code} === "string" ? ${a.code} + ${b.code} : ${plus}(${a.code}, ${this.#env}, ${b.code});`,
    );
    this.#emit(`} else ${t} = ${plus}(${a.code}, ${this.#env});`);
    return { code: t };
  }

  #attrs(e: AttrsExpr): Js {
    if (
      e.recursive || e.dynamic.length > 0 || e.inheritFrom.length > 0 || e.attrs.length === 0 || e.attrs.length > 16
    ) {
      return this.#closure(e);
    }
    const sorted = sortedAttrs(e);
    const shape = this.#constant(shapeOf(sorted.map((a) => a.name)));
    const positions = this.#constant(literalPositions(e, sorted));
    return {
      code: `new Attrs(${shape}, [${sorted.map((a) => this.#slot(a.expr)).join(", ")}], ${positions})`,
      type: "set",
    };
  }

  #update(e: UpdateExpr): Js {
    if (e.left.kind === Kind.Update || e.right.kind === Kind.Update) return this.#closure(e);
    const operand = (x: Expr, words: string): Js =>
      this.#guarded((error) => withFrame(error, exprPos(x), words), () => {
        const v = this.#settle(this.#value(x));
        if (v.type !== "set") this.#emit(`if (!(${v.code} instanceof Attrs)) throw operandNotASet(${v.code});`);
        return v;
      });
    const b = operand(e.right, "in the right operand of the update (//) operator");
    const a = operand(e.left, "in the left operand of the update (//) operator");
    return this.#settle({ code: `updateAttrs(${a.code}, ${b.code})`, type: "set" });
  }
}

const OPERATORS: Record<string, string | undefined> = { __proto__: null as never, sub: "-", mul: "*", lessThan: "<" };

function rethrown(fail: () => unknown): unknown {
  try {
    fail();
  } catch (e) {
    return e;
  }
  return undefined;
}

/** Whether evaluating it twice does no harm and costs little. */
function isSimple(e: Expr): boolean {
  return e.kind === Kind.Int || (e.kind === Kind.Var && e.withs === null);
}

function arithmeticOnVariable(
  e: Expr,
  cx: CompileContext,
): { variable: VarExpr; operator: string; constant: number } | null {
  if (e.kind === Kind.ConcatStrings && !e.forceString && e.parts.length === 2) {
    const [a, b] = e.parts.map((p) => p.expr);
    if (a.kind === Kind.Var && a.withs === null && b.kind === Kind.Int && typeof b.value === "number") {
      return { variable: a, operator: "+", constant: b.value };
    }
  }
  if (e.kind === Kind.Call && e.args.length === 2 && e.fn.kind === Kind.Var && e.fn.level === GLOBAL_LEVEL) {
    const fn = cx.globals[e.fn.slot];
    const [a, b] = e.args;
    if (fn instanceof Primop && fn.name === "sub" && a.kind === Kind.Var && a.withs === null) {
      if (b.kind === Kind.Int && typeof b.value === "number") return { variable: a, operator: "-", constant: b.value };
    }
  }
  return null;
}
