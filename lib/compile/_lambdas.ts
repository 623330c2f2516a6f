/** Functions: making closures, and binding set patterns. */
import type { Expr, LambdaExpr } from "../syntax/ast.ts";
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { needOrder, NO_SYMBOL, symbolName } from "../syntax/symbols.ts";
import { bestMatches } from "../text/suggestions.ts";
import { Attrs, attrsSize, flat, getAttr } from "../runtime/attrs.ts";
import { type Shape } from "../runtime/shapes.ts";
import { hint, typeError, withFrame } from "../runtime/errors.ts";
import { showSymbol, typedValue } from "../runtime/print.ts";
import { force } from "../runtime/thunk.ts";
import { emptyEnv, type Env, writeSlot } from "../runtime/env.ts";
import { Lambda, type LambdaCode, type Slot, type Value } from "../runtime/value.ts";
import { type CompileContext, ExprCode, makeSlot, type Run } from "./code.ts";
import { generateBody, generateDirect } from "./tier_up.ts";
import { lambdaChain, sortedFormals } from "./resolve.ts";

export function compileLambda(e: LambdaExpr, cx: CompileContext): Run {
  const chain = lambdaChain(e);
  const inner = chain[chain.length - 1];
  const code: LambdaCode = {
    expr: e,
    arity: chain.length,
    inner,
    positions: cx.positions,
    showCalls: cx.showCalls,
    body: (env) => {
      const closure = cx.compile(inner.body);
      // This is its first call.
      code.body = cx.tierUpAfter < Infinity ? countCalls(code, closure, inner.body, cx) : closure;
      return closure(env);
    },
    direct: null,
    bind: e.formals === null ? null : (closure, arg, pos) => (code.bind = compileFormals(e, cx))(closure, arg, pos),
  };
  return (env) => new Lambda(code, env);
}

/** Returns a body that runs `closure` until the function is hot, then puts generated code in its place. */
function countCalls(code: LambdaCode, closure: Run, body: Expr, cx: CompileContext): Run {
  let left = cx.tierUpAfter;
  return (env) => {
    if (--left === 0) {
      code.body = closure;
      if (code.bind !== null || code.arity > 3) code.body = generateBody(body, closure, cx) ?? closure;
      else code.direct = generateDirect(body, closure, cx, code.arity);
      return code.body(env);
    }
    return closure(env);
  };
}

/** Where a set pattern finds its values in arguments of one shape: slot of each formal, -1 for its default. */
interface Binding {
  readonly shape: Shape;
  readonly slots: readonly number[];
}

function compileFormals(e: LambdaExpr, cx: CompileContext): (closure: Env, arg: Slot, pos: Pos) => Env {
  const formals = sortedFormals(e);
  const n = formals.length;
  const names = formals.map((f) => f.name);
  const places = formals.map((f) => f.slot);
  const defaults = formals.map((f) => f.fallback === null ? null : new ExprCode(f.fallback, cx));
  const first = e.arg === NO_SYMBOL ? 0 : 1;
  const size = n + first;
  let last: Binding | null = null;
  let others: Map<Shape, Binding> | null = null;

  const bindingOf = (attrs: Attrs, pos: Pos): Binding => {
    let binding = others?.get(attrs.shape);
    if (binding === undefined) {
      binding = { shape: attrs.shape, slots: matchFormals(e, names, attrs, defaults, pos) };
      if (last !== null) {
        others ??= new Map();
        if (others.size < 64) {
          others.set(last.shape, last);
          others.set(binding.shape, binding);
        }
      }
    }
    last = binding;
    return binding;
  };

  return (closure, arg, pos) => {
    const v: Value = arg instanceof Attrs ? arg : forceArgument(arg, e, pos);
    const attrs = v as Attrs;
    const env = emptyEnv(closure, size);
    if (first === 1) env.a = arg;
    if (attrs.base !== null && e.formals!.ellipsis) {
      // An overlay (a package set, say) is not worth flattening for a few names.
      bindOverlay(e, { names, places, defaults }, attrs, env, pos);
      return env;
    }
    flat(attrs);
    const slots = (last !== null && last.shape === attrs.shape ? last : bindingOf(attrs, pos)).slots;
    const values = attrs.values;
    for (let i = 0; i < n; i++) {
      const s = slots[i];
      writeSlot(env, places[i], s >= 0 ? values[s] : makeSlot(defaults[i]!, env));
    }
    return env;
  };
}

function forceArgument(arg: Slot, e: LambdaExpr, pos: Pos): Attrs {
  try {
    const v = force(arg, e.pos);
    if (v instanceof Attrs) return v;
    throw typeError("expected a set but found " + typedValue(arg))
      .addFrame(e.pos, "while evaluating the value passed for the lambda argument");
  } catch (error) {
    throw pos === NO_POS ? error : withFrame(error, pos, "from call site");
  }
}

function bindOverlay(
  e: LambdaExpr,
  { names, places, defaults }: {
    readonly names: readonly number[];
    readonly places: readonly number[];
    readonly defaults: readonly (ExprCode | null)[];
  },
  attrs: Attrs,
  env: Env,
  pos: Pos,
): void {
  for (let i = 0; i < names.length; i++) {
    const slot = getAttr(attrs, names[i]);
    if (slot !== undefined) writeSlot(env, places[i], slot);
    else if (defaults[i] !== null) writeSlot(env, places[i], makeSlot(defaults[i]!, env));
    else throw missingArgument(e, names, i, pos);
  }
}

function matchFormals(
  e: LambdaExpr,
  names: readonly number[],
  attrs: Attrs,
  defaults: readonly (ExprCode | null)[],
  pos: Pos,
): readonly number[] {
  const slots = new Array<number>(names.length);
  let used = 0;
  for (let i = 0; i < names.length; i++) {
    const s = attrs.shape.find(names[i]);
    if (s >= 0) used++;
    else if (defaults[i] === null) throw missingArgument(e, names, i, pos);
    slots[i] = s;
  }
  if (!e.formals!.ellipsis && used !== attrsSize(attrs)) {
    needOrder(attrs.shape.names);
    const unexpected = attrs.shape.names.find((name) => !names.includes(name))!;
    const error = typeError(
      hint`function '${lambdaName(e)}' called with unexpected argument '${showSymbol(unexpected)}'`,
      e.pos,
    ).addFrame(pos, "from call site");
    error.suggestions = bestMatches(names.map(symbolName), symbolName(unexpected));
    throw error;
  }
  return slots;
}

function missingArgument(e: LambdaExpr, names: readonly number[], i: number, pos: Pos) {
  needOrder(names);
  return typeError(
    hint`function '${lambdaName(e)}' called without required argument '${showSymbol(names[i])}'`,
    e.pos,
  ).addFrame(pos, "from call site");
}

function lambdaName(e: LambdaExpr): string {
  return e.name === NO_SYMBOL ? "anonymous lambda" : symbolName(e.name);
}
