/**
 * Interpolated strings and paths, and `+`, which C++ Nix treats as one: the type of the first piece decides whether the
 * result is a number, a path or a string.
 */
import { type ConcatStringsExpr, Kind } from "../syntax/ast.ts";
import { canonPath, coerceToString, type Coercion, WEAK } from "../runtime/coerce.ts";
import { ContextBuilder } from "../runtime/context.ts";
import type { Env } from "../runtime/env.ts";
import { evalError, hint } from "../runtime/errors.ts";
import { showType } from "../runtime/print.ts";
import {
  ContextString,
  fitsInt64,
  Float,
  floatOf,
  isInt,
  makeString,
  normaliseInt,
  PathValue,
  type Value,
} from "../runtime/value.ts";
import type { Pos } from "../syntax/positions.ts";
import { type CompileContext, evaluate, ExprCode, Operand, type Run } from "./code.ts";

const WORDS = "while evaluating a path segment";

export function compileConcatStrings(e: ConcatStringsExpr, cx: CompileContext): Run {
  const operands = e.parts.map((p) => new Operand(p.expr, cx));
  const positions = e.parts.map((p) => p.pos);
  const copying: Coercion = { strong: false, copy: cx.copy };
  if (!e.forceString) {
    const concat = compileByFirst(e, operands.map((o): Run => (env) => evaluate(o, env)), positions, copying);
    if (operands.length !== 2) return (env) => concat(evaluate(operands[0], env), env);
    // `a + b`
    const [left, right] = operands;
    return (env) => {
      const a = evaluate(left, env);
      if (typeof a === "number" || typeof a === "string") {
        const b = evaluate(right, env);
        if (typeof a === "number") {
          if (typeof b === "number") {
            const sum = a + b;
            if (Number.isSafeInteger(sum)) return sum;
          }
        } else if (typeof b === "string") return a + b;
        return concat(a, env, b);
      }
      return concat(a, env);
    };
  }
  if (operands.length === 1 && e.parts[0].expr.kind !== Kind.String) {
    const only = operands[0];
    return (env) => {
      const v = evaluate(only, env);
      return typeof v === "string" || v instanceof ContextString ? v : concatStrings([v], positions, copying);
    };
  }
  const n = operands.length;
  return (env) => {
    let text = "";
    for (let i = 0; i < n; i++) {
      const v = evaluate(operands[i], env);
      if (typeof v === "string") text += v;
      else return concatRest(text, v, i, operands, env, positions, copying);
    }
    return text;
  };
}

/** Goes on from piece `i`, the first that is not a plain string. */
function concatRest(
  start: string,
  first: Value,
  at: number,
  operands: readonly Operand[],
  env: Env,
  positions: readonly Pos[],
  how: Coercion,
): Value {
  const context = new ContextBuilder();
  let text = start;
  let v = first;
  for (let i = at;;) {
    if (typeof v === "string") text += v;
    else if (v instanceof ContextString) {
      text += v.text;
      context.add(v.context);
    } else text += coerceToString(v, context, how, WORDS, positions[i]);
    if (++i === operands.length) return makeString(text, context.build());
    v = evaluate(operands[i], env);
  }
}

function concatStrings(values: readonly Value[], positions: readonly Pos[], how: Coercion): Value {
  const context = new ContextBuilder();
  let text = "";
  for (let i = 0; i < values.length; i++) text += coerceToString(values[i], context, how, WORDS, positions[i]);
  return makeString(text, context.build());
}

/** Returns what computes `a + b` from the value of `a` and, if it has been evaluated, that of `b`. */
export function compilePlus(
  e: ConcatStringsExpr,
  cx: CompileContext,
): (first: Value, env: Env, second?: Value) => Value {
  const runs = e.parts.map((p): Run => {
    const code = new ExprCode(p.expr, cx);
    return (env) => code.run(env, code);
  });
  return compileByFirst(e, runs, e.parts.map((p) => p.pos), { strong: false, copy: cx.copy });
}

/** Without quotes: numbers add up, a path takes strings without context, anything else makes a string. */
function compileByFirst(
  e: ConcatStringsExpr,
  runs: readonly Run[],
  positions: readonly Pos[],
  copying: Coercion,
): (first: Value, env: Env, second?: Value) => Value {
  return (first, env, second) => {
    const piece = (i: number): Value => i === 1 && second !== undefined ? second : runs[i](env);
    if (isInt(first) || first instanceof Float) return addNumbers(first, piece, positions);
    if (first instanceof PathValue) {
      const context = new ContextBuilder();
      let path = first.path;
      for (let i = 1; i < runs.length; i++) path += coerceToString(piece(i), context, WEAK, WORDS, positions[i]);
      if (context.build() !== null) {
        throw evalError("a string that refers to a store path cannot be appended to a path", e.pos);
      }
      return new PathValue(canonPath(path));
    }
    // Only after a string are paths copied to the store; after a set that stands for one they are text.
    const how = typeof first === "string" || first instanceof ContextString ? copying : WEAK;
    const context = new ContextBuilder();
    let text = coerceToString(first, context, how, WORDS, positions[0]);
    for (let i = 1; i < runs.length; i++) text += coerceToString(piece(i), context, how, WORDS, positions[i]);
    return makeString(text, context.build());
  };
}

function addNumbers(
  first: number | bigint | Float,
  piece: (i: number) => Value,
  positions: readonly Pos[],
): Value {
  let sum: number | bigint | Float = first;
  for (let i = 1; i < positions.length; i++) {
    const v = piece(i);
    if (sum instanceof Float) {
      if (v instanceof Float) sum = floatOf(sum.value + v.value, sum, v);
      else if (isInt(v)) sum = floatOf(sum.value + Number(v), sum, v);
      else throw evalError(hint`cannot add ${showType(v)} to a float`, positions[i]);
    } else if (isInt(v)) {
      const total: bigint = BigInt(sum) + BigInt(v);
      if (!fitsInt64(total)) {
        throw evalError(hint`integer overflow in adding ${sum} + ${v}`, positions[i]);
      }
      sum = normaliseInt(total);
    } else if (v instanceof Float) sum = floatOf(Number(sum) + v.value, sum, v);
    else throw evalError(hint`cannot add ${showType(v)} to an integer`, positions[i]);
  }
  return sum;
}
