/** `!`, `&&`, `||`, `->`, `==`, `!=` and `//`. */
import {
  type AndExpr,
  type EqExpr,
  type Expr,
  type ImplExpr,
  Kind,
  type NEqExpr,
  type NotExpr,
  type OrExpr,
  type UpdateExpr,
} from "../syntax/ast.ts";
import type { Pos } from "../syntax/positions.ts";
import { Attrs, EMPTY_ATTRS, updateAttrs } from "../runtime/attrs.ts";
import { equalValues } from "../runtime/equality.ts";
import { typeError, withFrame } from "../runtime/errors.ts";
import { typedValue } from "../runtime/print.ts";
import type { Env } from "../runtime/env.ts";
import type { Value } from "../runtime/value.ts";
import { exprPos, notBool } from "./_positions.ts";
import { type CompileContext, evaluate, ExprCode, Operand, type Run } from "./code.ts";

function bool(operand: Operand, env: Env, pos: Pos, words: string): boolean {
  try {
    const v = evaluate(operand, env);
    if (v === true || v === false) return v;
    throw notBool(v, pos);
  } catch (error) {
    throw withFrame(error, pos, words);
  }
}

export function compileNot(e: NotExpr, cx: CompileContext): Run {
  const inner = new Operand(e.expr, cx);
  return (env) => {
    try {
      const v = evaluate(inner, env);
      if (v === true || v === false) return !v;
      throw notBool(v, exprPos(e.expr));
    } catch (error) {
      // Looked for only now: in `!!!!…x` each one's place is that of x, and far away.
      throw withFrame(error, exprPos(e.expr), "in the argument of the not operator");
    }
  };
}

export function compileLogic(e: AndExpr | OrExpr | ImplExpr, cx: CompileContext): Run {
  const left = new Operand(e.left, cx);
  const right = new ExprCode(e.right, cx);
  const pos = e.pos;
  switch (e.kind) {
    case Kind.And:
      return (env) =>
        bool(left, env, pos, "in the left operand of the AND (&&) operator") &&
        lazyBool(right, env, pos, "in the right operand of the AND (&&) operator");
    case Kind.Or:
      return (env) =>
        bool(left, env, pos, "in the left operand of the OR (||) operator") ||
        lazyBool(right, env, pos, "in the right operand of the OR (||) operator");
    case Kind.Impl:
      return (env) =>
        !bool(left, env, pos, "in the left operand of the IMPL (->) operator") ||
        lazyBool(right, env, pos, "in the right operand of the IMPL (->) operator");
  }
}

/** {@link bool} of an operand that may never run. */
function lazyBool(code: ExprCode, env: Env, pos: Pos, words: string): boolean {
  try {
    const v = code.run(env, code);
    if (v === true || v === false) return v;
    throw notBool(v, pos);
  } catch (error) {
    throw withFrame(error, pos, words);
  }
}

function same(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b;
  return equalValues(a, b);
}

export function compileEq(e: EqExpr, cx: CompileContext): Run {
  const left = new Operand(e.left, cx);
  const right = new Operand(e.right, cx);
  return (env) => same(evaluate(left, env), evaluate(right, env));
}

export function compileNEq(e: NEqExpr, cx: CompileContext): Run {
  const left = new Operand(e.left, cx);
  const right = new Operand(e.right, cx);
  return (env) => !same(evaluate(left, env), evaluate(right, env));
}

interface UpdateOperand {
  readonly operand: Operand;
  readonly pos: Pos;
  readonly words: string;
}

/** Appends the operands of a chain `a // b // c`, with the words of the operator each one belongs to. */
function addOperands(all: UpdateOperand[], e: UpdateExpr, cx: CompileContext): void {
  const add = (expr: Expr, words: string) => {
    if (expr.kind === Kind.Update) addOperands(all, expr, cx);
    else all.push({ operand: new Operand(expr, cx), pos: exprPos(expr), words });
  };
  add(e.left, "in the left operand of the update (//) operator");
  add(e.right, "in the right operand of the update (//) operator");
}

function updateOperand({ operand, pos, words }: UpdateOperand, env: Env): Attrs {
  try {
    const v = evaluate(operand, env);
    if (v instanceof Attrs) return v;
    throw typeError("expected a set but found " + typedValue(v));
  } catch (error) {
    throw withFrame(error, pos, words);
  }
}

/** As in C++ Nix, the operands of a chain are evaluated from the right and merged from the left. */
export function compileUpdate(e: UpdateExpr, cx: CompileContext): Run {
  const all: UpdateOperand[] = [];
  addOperands(all, e, cx);
  if (all.length === 2) {
    const [left, right] = all;
    return (env) => {
      const b = updateOperand(right, env);
      const a = updateOperand(left, env);
      return updateAttrs(a, b);
    };
  }
  return (env) => {
    const sets = new Array<Attrs>(all.length);
    for (let i = all.length - 1; i >= 0; i--) sets[i] = updateOperand(all[i], env);
    let result = EMPTY_ATTRS;
    for (const set of sets) result = updateAttrs(result, set);
    return result;
  };
}
