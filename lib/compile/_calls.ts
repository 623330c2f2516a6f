/** Function application, and arithmetic, which the grammar turns into calls of `__sub`, `__mul`, `__div`, `__lessThan`. */
import { type CallExpr, Kind } from "../syntax/ast.ts";
import { call1, call2, call3, callN } from "../runtime/call.ts";
import { callDepth, enterCall, leaveCall, restoreCallDepth } from "../runtime/depth.ts";
import { NixError } from "../runtime/errors.ts";
import { failing } from "../runtime/thunk.ts";
import { Primop, type Slot, type Value } from "../runtime/value.ts";
import { builtinOperand, type CompileContext, evaluate, ExprCode, makeSlot, Operand, type Run } from "./code.ts";
import { GLOBAL_LEVEL } from "./resolve.ts";

export function compileCall(e: CallExpr, cx: CompileContext): Run {
  const pos = e.pos;
  if (e.fn.kind === Kind.Var && e.fn.level === GLOBAL_LEVEL && e.args.length === 2) {
    const fn = cx.globals[e.fn.slot];
    if (fn instanceof Primop) {
      const fast = ARITHMETIC[fn.name];
      if (fast !== undefined) return compileArithmetic(e, fn, fast, cx);
    }
  }
  const fn = new Operand(e.fn, cx);
  const args = e.args.map((arg) => new ExprCode(arg, cx));
  switch (args.length) {
    case 1: {
      const a = args[0];
      return (env) => call1(evaluate(fn, env), makeSlot(a, env), pos);
    }
    case 2: {
      const [a, b] = args;
      return (env) => call2(evaluate(fn, env), makeSlot(a, env), makeSlot(b, env), pos);
    }
    case 3: {
      const [a, b, c] = args;
      return (env) => call3(evaluate(fn, env), makeSlot(a, env), makeSlot(b, env), makeSlot(c, env), pos);
    }
    default:
      return (env) => {
        const f = evaluate(fn, env);
        const n = args.length;
        const slots = new Array<Slot>(n);
        for (let i = 0; i < n; i++) slots[i] = makeSlot(args[i], env);
        return callN(f, slots, pos);
      };
  }
}

/** Results on plain numbers; undefined leaves the case (overflow, division by zero) to the builtin. */
type Fast = (a: number, b: number) => Value | undefined;

const ARITHMETIC: Record<string, Fast | undefined> = {
  __proto__: null as never,
  sub: (a, b) => {
    const r = a - b;
    return Number.isSafeInteger(r) ? r : undefined;
  },
  mul: (a, b) => {
    const r = a * b;
    return Number.isSafeInteger(r) ? r + 0 : undefined; // + 0: no -0
  },
  div: (a, b) => b === 0 ? undefined : Math.trunc(a / b) + 0,
  lessThan: (a, b) => a < b,
};

/**
 * Operands are evaluated here instead of through thunks. If one fails, the builtin is called with a slot that fails the
 * same way, so that the trace has the builtin's frames.
 */
function compileArithmetic(e: CallExpr, primop: Primop, fast: Fast, cx: CompileContext): Run {
  const left = builtinOperand(e.args[0], cx);
  const right = builtinOperand(e.args[1], cx);
  const rightCode = new ExprCode(e.args[1], cx);
  const pos = e.pos;
  return (env) => {
    const depth = callDepth();
    enterCall(pos);
    let a: Value;
    try {
      a = evaluate(left, env);
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      restoreCallDepth(depth);
      return call2(primop, failing(error), makeSlot(rightCode, env), pos);
    }
    let b: Value;
    try {
      b = evaluate(right, env);
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      restoreCallDepth(depth);
      return call2(primop, a, failing(error), pos);
    }
    leaveCall();
    if (typeof a === "number" && typeof b === "number") {
      const r = fast(a, b);
      if (r !== undefined) return r;
    }
    return call2(primop, a, b, pos);
  };
}
