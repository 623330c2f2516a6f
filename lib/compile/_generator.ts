/**
 * Generates JavaScript for the body of a function or the expression of a thunk; see tier_up.ts.
 *
 * A function of up to three plain arguments gets these as they are (`a1`, …) and the environment around it (`c`). An
 * environment with them in it (`e0`) is made when something needs one, a thunk or a closure; in most calls of most such
 * functions nothing does. Anything else gets its environment.
 *
 * Frames of traces: generated code keeps in `s` which operand is being evaluated, and one `catch` around the body adds
 * what the closures would have added ({@link Generator.guarded}).
 */
import {
  type AndExpr,
  type AttrsExpr,
  type CallExpr,
  type ConcatStringsExpr,
  type Expr,
  type HasAttrExpr,
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
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { Attrs, LookupCache, updateAttrs } from "../runtime/attrs.ts";
import { shapeOf } from "../runtime/shapes.ts";
import { call1, call2, call3, callN } from "../runtime/call.ts";
import { callDepth, enterCall, isFarFromLimit, leaveCall, restoreCallDepth } from "../runtime/depth.ts";
import { Env1, Env2, EnvN } from "../runtime/env.ts";
import { equalValues } from "../runtime/equality.ts";
import { NixError, typeError, withFrame } from "../runtime/errors.ts";
import { typedValue } from "../runtime/print.ts";
import { failing, forceThunk, Thunk } from "../runtime/thunk.ts";
import { hasParts } from "../runtime/tracking.ts";
import { Float, type LambdaCode, PathValue, Primop, type Value } from "../runtime/value.ts";
import { exprPos, notBool } from "./_positions.ts";
import { literalPositions } from "./_attrs.ts";
import { compilePlus } from "./_concat_strings.ts";
import { hasPath, inFallback, selectOne, selectPath, selectSite } from "./_select.ts";
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
  call3,
  callN,
  enterCall,
  Env1,
  Env2,
  EnvN,
  leaveCall,
  equalValues,
  forceThunk,
  hasParts,
  hasPath,
  inFallback,
  isFarFromLimit,
  makeSlot,
  notBool,
  operandNotASet,
  readThunk,
  selectOne,
  selectPath,
  updateAttrs,
};

/** Adds to an error what the closures would have added around the failing operand. */
type Fix = (error: unknown) => unknown;

/** A JS expression and what is known of its value. */
interface Js {
  readonly code: string;
  readonly type?: "number" | "boolean" | "string" | "set";
}

/** Thrown for what is too large to be worth it. */
export class TooLarge extends Error {}

/** Makes one function. */
export class Generator {
  readonly #cx: CompileContext;
  /** Constants the generated code refers to as `k[i]`. */
  readonly #constants: unknown[] = [];
  /** Per site: how to complete an error that comes up there. Site 0 adds nothing. */
  readonly #fixes: Fix[] = [(e) => e];
  #out = "";
  #temps = 0;
  #nodes = 0;
  #site = 0;
  /** Expressions of the environments made in the body, innermost last, after the one that it runs in. */
  readonly #envs: string[];
  /** How many arguments the function gets as they are; 0 if it gets its environment. */
  readonly #args: number;
  /** By their slots, variables that have been read on the way to where code is being generated: none is read twice. */
  #read = new Map<string, Js>();

  /** Returns the code of a thunk that the generated code makes. */
  readonly #thunkCode: (expr: Expr) => ExprCode;

  constructor(cx: CompileContext, { args, thunkCode }: {
    readonly args: number;
    readonly thunkCode: (expr: Expr) => ExprCode;
  }) {
    this.#cx = cx;
    this.#args = args;
    this.#thunkCode = thunkCode;
    // With arguments, an environment is made of them when something needs one.
    this.#envs = [args === 0 ? "e0" : `(e0 ??= ${newEnv("c", argumentNames(args))})`];
  }

  /** Returns the function; `closure` does the same. @throws {TooLarge} */
  body(expr: Expr, closure: Run): LambdaCode["body"] & NonNullable<LambdaCode["direct"]> {
    const result = this.#value(expr);
    const names = Object.keys(RUNTIME).join(", ");
    const guarded = this.#fixes.length > 1;
    const temps = Array.from({ length: this.#temps }, (_, i) => `t${i}`);
    const args = argumentNames(this.#args);
    const head = this.#args === 0
      ? `return function nix(e0) {
if (!isFarFromLimit()) return closure(e0);`
      : `return function nix(c, ${args.join(", ")}) {
if (!isFarFromLimit()) return closure(${newEnv("c", args)});
let e0 = null;`;
    const code = `"use strict"; const { ${names} } = rt;
${head}
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
    return this.#args === 0 ? "e0" + ".up".repeat(level - n + 1) : "c" + ".up".repeat(level - n);
  }

  /** The JS expression of a variable's slot. */
  #slotOf({ level, slot }: VarExpr): string {
    return this.#isArgument(level) ? `a${slot + 1}` : variableOf(this.#envAt(level), slot);
  }

  #isArgument(level: number): boolean {
    return this.#args > 0 && level === this.#envs.length - 1;
  }

  /** Runs `generate` for code that may be passed over. */
  #branch<T>(generate: () => T): T {
    const read = this.#read;
    this.#read = new Map(read);
    const result = generate();
    this.#read = read;
    return result;
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
        return e.path.every((step) => step.expr === null) ? this.#select(e) : this.#closure(e);
      case Kind.HasAttr:
        return e.path.every((step) => step.expr === null) ? this.#hasAttr(e) : this.#closure(e);
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

  #variable(e: VarExpr, pos = e.pos): Js {
    if (e.level === GLOBAL_LEVEL) {
      const slot = this.#cx.globals[e.slot];
      return slot instanceof Thunk ? this.#closure(e) : { code: this.#constant(slot) };
    }
    const slot = this.#slotOf(e);
    const known = this.#read.get(slot);
    if (known !== undefined) return known;
    const t = this.#temp();
    this.#emit(`${t} = ${slot};`);
    if (this.#isArgument(e.level)) {
      this.#emit(`if (${t} instanceof Thunk) { ${t} = ${t}.code === null ? ${t}.payload : forceThunk(${t}, ${pos});`);
      this.#emit(`if (${slot}.code === null && (typeof ${t} !== "object" || ${t} instanceof Attrs)) ${slot} = ${t}; }`);
    } else {
      const env = this.#envAt(e.level);
      this.#emit(`if (${t} instanceof Thunk) ${t} = readThunk(${env}, ${e.slot}, ${t}, ${pos});`);
    }
    const js = { code: t };
    this.#read.set(slot, js);
    return js;
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
          return this.#slotOf(e);
        }
        break;
    }
    const code = this.#thunkCode(e);
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
    this.#emit(`${v} = ${this.#slotOf(sum.variable)};`);
    this.#emit(
      `${r} = typeof ${v} === "number" && isFarFromLimit() && Number.isSafeInteger(${r} = ${v} ${sum.operator} ${sum.constant}) ? ${r} : ${
        this.#slot(e)
      };`,
    );
    return r;
  }

  /** `e.a.b`, `e.a.b or fallback`. */
  #select(e: SelectExpr): Js {
    if (whole(e.expr).kind !== Kind.Call) return this.#selectFrom(e);
    // Where parts of a run stay, all that it calls has to count them in the same way (tracking.ts): as closures do.
    const t = this.#temp();
    this.#emit("if (hasParts()) {");
    this.#emit(`${t} = ${this.#closure(e).code};`);
    this.#emit("} else {");
    this.#emit(`${t} = ${this.#branch(() => this.#selectFrom(e)).code};`);
    this.#emit("}");
    return { code: t };
  }

  #selectFrom(e: SelectExpr): Js {
    const base = this.#settle(this.#value(e.expr));
    const site = selectSite(e, this.#cx);
    const t = this.#temp();
    this.#emit(`${t}found: { ${t}absent: { ${t}slow: {`);
    this.#emit(`${t} = ${this.#steps(base, site.steps, t, true)}; break ${t}found; }`);
    const select = e.path.length === 1 && e.fallback === null ? "selectOne" : "selectPath";
    const slow = `${t} = ${select}(${base.code}, ${this.#constant(site)});`;
    if (e.fallback === null) {
      this.#emit(`} ${slow} }`);
    } else {
      this.#emit(`${slow} if (${t} !== undefined) break ${t}found; }`);
      const fallback = e.path.length === 1
        ? this.#branch(() => this.#value(e.fallback!))
        : this.#fallback(e.fallback!, `${base.code}, ${this.#constant(site)}`);
      this.#emit(`${t} = ${fallback.code}; }`);
    }
    return { code: t };
  }

  /** A fallback of several steps: what its errors are told of depends on how far these went, which the site finds out. */
  #fallback(e: Expr, selection: string): Js {
    if (cannotFail(e, this.#cx)) return this.#branch(() => this.#value(e));
    const outer = this.#site;
    this.#site = 0;
    // So that there is a depth of calls to restore.
    this.#fixes.push(this.#fixes[0]);
    this.#emit("s = 0; try {");
    const value = this.#branch(() => this.#settle(this.#value(e)));
    this.#emit(`s = ${outer};`);
    this.#emit(`} catch (e) { e = fix(e, s, d); s = ${outer}; throw inFallback(e, ${selection}); }`);
    this.#site = outer;
    return value;
  }

  /** `e ? a.b`. */
  #hasAttr(e: HasAttrExpr): Js {
    const base = this.#settle(this.#value(e.expr));
    const steps = e.path.map(({ name }) => new LookupCache(name));
    const t = this.#temp();
    this.#emit(`${t}found: { ${t}absent: { ${t}slow: {`);
    this.#steps(base, steps, t, false);
    this.#emit(`${t} = true; break ${t}found; }`);
    this.#emit(`${t} = hasPath(${base.code}, ${this.#constant(steps)}, ${exprPos(e.expr)}); break ${t}found; }`);
    this.#emit(`${t} = false; }`);
    return { code: t, type: "boolean" };
  }

  /**
   * Goes through sets whose shapes the caches know, as long as there is no thunk to run, and returns the last value if it is
   * wanted. Otherwise it leaves the block `…slow`, or `…absent` where it is certain that there is no such attribute.
   */
  #steps(base: Js, steps: readonly LookupCache[], label: string, wanted: boolean): string {
    let v = base.code;
    if (base.type !== "set") this.#emit(`if (!(${v} instanceof Attrs)) break ${label}slow;`);
    steps.forEach((step, k) => {
      this.#nodes++;
      const cache = this.#constant(step);
      const shape = this.#temp();
      const i = this.#temp();
      this.#emit(`${shape} = ${v}.shape;`);
      this.#emit(
        `${i} = ${shape} === ${cache}.shape ? ${cache}.index : ${shape} === ${cache}.otherShape ? ${cache}.otherIndex : -2;`,
      );
      this.#emit(
        `if (${i} < 0) { if (${i} === -1 && ${v}.base === null) break ${label}absent; else break ${label}slow; }`,
      );
      const isLast = k === steps.length - 1;
      if (isLast && !wanted) return;
      const next = this.#temp();
      this.#emit(`${next} = ${v}.values[${i}];`);
      // What is certain to be a set is asked for first: that it isn't anything else takes longer to see.
      if (!isLast) this.#emit(`if (!(${next} instanceof Attrs)) {`);
      this.#emit(
        `if (${next} instanceof Thunk) { if (${next}.code !== null) break ${label}slow; ${next} = ${next}.payload;`,
      );
      this.#emit(`if (typeof ${next} !== "object" || ${next} instanceof Attrs) ${v}.values[${i}] = ${next}; }`);
      if (!isLast) this.#emit(`if (!(${next} instanceof Attrs)) break ${label}slow; }`);
      v = next;
    });
    return v;
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
    const a = this.#branch(() => this.#value(e.then));
    this.#emit(`${t} = ${a.code};`);
    this.#emit(`} else {`);
    const b = this.#branch(() => this.#value(e.otherwise));
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
    const b = this.#branch(() => this.#boolean(e.right, e.pos, `in the right operand of the ${name} operator`));
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
      case 3:
        return this.#settle({ code: `call3(${fn.code}, ${args.join(", ")}, ${e.pos})` });
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
      (error) => rethrown(() => call2(primop, failing(error as NixError), null, pos)),
      () => this.#builtinOperand(left),
    ));
    const b = this.#settle(this.#guarded(
      (error) => rethrown(() => call2(primop, 0, failing(error as NixError), pos)),
      () => this.#builtinOperand(right),
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

  /** As {@link builtinOperand}. */
  #builtinOperand(expr: Expr): Js {
    const e = whole(expr);
    return e.kind === Kind.Var && e.withs === null ? this.#variable(e, NO_POS) : this.#value(e);
  }

  #let(e: LetExpr): Js {
    const attrs = e.attrs;
    if (attrs.inheritFrom.length > 0 || attrs.attrs.some((a) => a.kind !== 0)) return this.#closure(e);
    const sorted = sortedAttrs(attrs);
    const inner = this.#temp();
    this.#emit(`${inner} = ${newEnv(this.#env, sorted.map(() => "undefined"))};`);
    this.#envs.push(inner);
    sorted.forEach((a) => {
      const code = this.#thunkCode(a.expr);
      const k = this.#constant(code);
      this.#emit(
        `${variableOf(inner, a.slot)} = ${code.waits ? `new Thunk(${k}, ${inner})` : `makeSlot(${k}, ${inner})`};`,
      );
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
    const b = this.#branch(() => this.#settle(this.#value(right)));
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

/** Whether evaluating it, though not all inside it, cannot fail. */
function cannotFail(expr: Expr, cx: CompileContext): boolean {
  const e = whole(expr);
  switch (e.kind) {
    case Kind.Int:
    case Kind.Float:
    case Kind.String:
    case Kind.Path:
    case Kind.Lambda:
    case Kind.List:
      return true;
    case Kind.Attrs:
      return !e.recursive && e.dynamic.length === 0;
    case Kind.Var:
      return e.level === GLOBAL_LEVEL && !(cx.globals[e.slot] instanceof Thunk);
    default:
      return false;
  }
}

/** Whether evaluating it twice does no harm and costs little. */
function isSimple(e: Expr): boolean {
  return e.kind === Kind.Int || (e.kind === Kind.Var && e.withs === null);
}

function argumentNames(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `a${i + 1}`);
}

/** The JS expression that makes an environment of variables with these contents. */
function newEnv(up: string, contents: readonly string[]): string {
  if (contents.length <= 1) return `new Env1(${up}, ${contents})`;
  if (contents.length === 2) return `new Env2(${up}, ${contents})`;
  const [a, b, c, d = "undefined", ...rest] = contents;
  return `new EnvN(${up}, ${[a, b, c, d]}, ${rest.length > 0 ? `[${rest}]` : null})`;
}

/** The JS expression of a variable of an environment. */
function variableOf(env: string, slot: number): string {
  return slot < 4 ? `${env}.${"abcd"[slot]}` : `${env}.rest[${slot - 4}]`;
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
