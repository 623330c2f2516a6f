/**
 * The syntax tree made executable: one JS closure per expression.
 *
 * {@link compile} returns a closure that evaluates the expression in an environment. Children that always run are
 * compiled with their parent; those that may not (branches, bodies, arguments) are {@link ExprCode}s built when they first
 * run. Closures won over generated JavaScript (V8's own compilation doubled the time of run-once code) and over one big
 * interpreter loop (which defeats inline caches).
 *
 * Frames of traces cost nothing until an error passes: a `catch` adds them on the way out.
 */
import {
  type AssertExpr,
  type ConcatListsExpr,
  type CurPosExpr,
  type Expr,
  type IfExpr,
  Kind,
  type LetExpr,
  type ListExpr,
  type VarExpr,
  whole,
  type WithExpr,
} from "../syntax/ast.ts";
import type { Pos } from "../syntax/positions.ts";
import { symbolName } from "../syntax/symbols.ts";
import { show } from "../syntax/show.ts";
import { assertEqualValues } from "../runtime/assert_equal.ts";
import { Attrs, cachedFind, LookupCache } from "../runtime/attrs.ts";
import { Bug, hint, NixError, typeError, undefinedVariable, withFrame } from "../runtime/errors.ts";
import { emptyEnv, type Env, Env1, Env2, readSlot, writeSlot } from "../runtime/env.ts";
import { forceList } from "../runtime/expect.ts";
import { positionValue } from "../runtime/position_value.ts";
import { showSymbol, typedValue } from "../runtime/print.ts";
import { force, forceThunk, replacesThunk, Thunk } from "../runtime/thunk.ts";
import { EMPTY_LIST, Float, PathValue, type Slot, type Value } from "../runtime/value.ts";
import { compileAttrs } from "./_attrs.ts";
import { compileCall } from "./_calls.ts";
import { compileConcatStrings } from "./_concat_strings.ts";
import { compileLambda } from "./_lambdas.ts";
import { compilePiece } from "./pieces.ts";
import { compileEq, compileLogic, compileNEq, compileNot, compileUpdate } from "./_operators.ts";
import { compileHasAttr, compileSelect } from "./_select.ts";
import { type CompileContext, evaluate, ExprCode, makeSlot, Operand, readThunk, type Run } from "./code.ts";
import { notBool } from "./_positions.ts";
import { GLOBAL_LEVEL, sortedAttrs } from "./resolve.ts";
import { AttrKind } from "../syntax/ast.ts";

/** Returns the closure of an expression whose variables are resolved. */
export function compile(e: Expr, cx: CompileContext): Run {
  switch (e.kind) {
    case Kind.Int:
    case Kind.String: {
      const value = e.value;
      return () => value;
    }
    case Kind.Float: {
      const value = new Float(e.value);
      return () => value;
    }
    case Kind.Path: {
      const value = new PathValue(e.value);
      return () => value;
    }
    case Kind.Var:
      return compileVar(e, cx);
    case Kind.InheritFrom:
      return readVariable(0, e.slot, e.pos);
    case Kind.CurPos:
      return compileCurPos(e, cx);
    case Kind.Select:
      return compileSelect(e, cx);
    case Kind.HasAttr:
      return compileHasAttr(e, cx);
    case Kind.Attrs:
      return compileAttrs(e, cx);
    case Kind.List:
      return compileList(e, cx);
    case Kind.Lambda:
      return compileLambda(e, cx);
    case Kind.Call:
      return compileCall(e, cx);
    case Kind.Let:
      return compileLet(e, cx);
    case Kind.With:
      return compileWith(e, cx);
    case Kind.If:
      return compileIf(e, cx);
    case Kind.Assert:
      return compileAssert(e, cx);
    case Kind.Not:
      return compileNot(e, cx);
    case Kind.Eq:
      return compileEq(e, cx);
    case Kind.NEq:
      return compileNEq(e, cx);
    case Kind.And:
    case Kind.Or:
    case Kind.Impl:
      return compileLogic(e, cx);
    case Kind.Update:
      return compileUpdate(e, cx);
    case Kind.ConcatLists:
      return compileConcatLists(e, cx);
    case Kind.ConcatStrings:
      return compileConcatStrings(e, cx);
    case Kind.Lazy:
      return compile(whole(e), cx);
    case Kind.Piece:
      return compilePiece(e, cx);
  }
}

function compileVar(e: VarExpr, cx: CompileContext): Run {
  if (e.withs !== null) return compileWithVar(e);
  if (e.level === GLOBAL_LEVEL) {
    const slot = cx.globals[e.slot];
    if (!(slot instanceof Thunk)) return () => slot;
    const pos = e.pos;
    return () => force(slot, pos);
  }
  if (e.level < 0) throw new Bug(`variable "${symbolName(e.name)}" was not resolved`);
  return readVariable(e.level, e.slot, e.pos);
}

/** Reads a variable; once it has been evaluated here, its environment holds the value itself. */
function readVariable(level: number, slot: number, pos: Pos): Run {
  switch (level) {
    case 0:
      return (env) => {
        const content = readSlot(env, slot)!;
        return content instanceof Thunk ? readThunk(env, slot, content, pos) : content;
      };
    case 1:
      return (env) => {
        const up = env.up;
        const content = readSlot(up, slot)!;
        return content instanceof Thunk ? readThunk(up, slot, content, pos) : content;
      };
    case 2:
      return (env) => {
        const up = env.up.up;
        const content = readSlot(up, slot)!;
        return content instanceof Thunk ? readThunk(up, slot, content, pos) : content;
      };
    default:
      return (env) => {
        let up = env;
        for (let i = level; i > 0; i--) up = up.up;
        const content = readSlot(up, slot)!;
        return content instanceof Thunk ? readThunk(up, slot, content, pos) : content;
      };
  }
}

/** A variable that only the enclosing `with`s can supply: their sets are looked into from the inside out. */
function compileWithVar(e: VarExpr): Run {
  const { name, pos } = e;
  const levels = e.withs!;
  const caches = levels.map(() => new LookupCache(name));
  return (env) => {
    let up = env;
    let at = 0;
    for (let k = 0; k < levels.length; k++) {
      for (; at < levels[k]; at++) up = up.up;
      const attrs = readWith(up);
      const i = cachedFind(caches[k], attrs.shape);
      const { values } = attrs;
      let slot: Slot;
      if (i >= 0) slot = values[i];
      else {
        if (attrs.base === null) continue;
        const place = attrs.base.shape.find(name);
        if (place < 0) continue;
        slot = attrs.base.at(place);
      }
      if (!(slot instanceof Thunk)) return slot;
      if (slot.code === null) return slot.payload;
      const value = forceThunk(slot, pos);
      if (i >= 0 && slot.code === null && replacesThunk(value)) values[i] = value;
      return value;
    }
    throw undefinedVariable(showSymbol(name), pos);
  };
}

/** The second variable of a `with` environment holds the position of the `with`. */
function readWith(env: Env): Attrs {
  const slot = env.a!;
  if (slot instanceof Attrs) return slot;
  const pos = env.b as Pos;
  const v = force(slot, pos);
  if (!(v instanceof Attrs)) {
    throw typeError("expected a set but found " + typedValue(slot)).addFrame(
      pos,
      "while evaluating the first subexpression of a with expression",
    );
  }
  if (!(slot instanceof Thunk) || slot.code === null) env.a = v;
  return v;
}

function compileWith(e: WithExpr, cx: CompileContext): Run {
  const attrs = new ExprCode(e.attrs, cx);
  const body = cx.compile(e.body);
  const pos = e.pos;
  return (env) => body(new Env2(env, makeSlot(attrs, env), pos));
}

function compileCurPos(e: CurPosExpr, cx: CompileContext): Run {
  const { positions } = cx;
  const pos = e.pos;
  return () => positionValue(positions, pos);
}

function compileList(e: ListExpr, cx: CompileContext): Run {
  const elems = e.elems.map((elem) => new ExprCode(elem, cx));
  const n = elems.length;
  if (n === 0) return () => EMPTY_LIST;
  if (n === 1) {
    const only = elems[0];
    return (env) => [makeSlot(only, env)];
  }
  if (n === 2) {
    const [first, second] = elems;
    return (env) => [makeSlot(first, env), makeSlot(second, env)];
  }
  return (env) => {
    const list = new Array<Slot>(n);
    for (let i = 0; i < n; i++) list[i] = makeSlot(elems[i], env);
    return list;
  };
}

function compileLet(e: LetExpr, cx: CompileContext): Run {
  const attrs = sortedAttrs(e.attrs);
  const codes = attrs.map((a) => new ExprCode(a.expr, cx));
  const slots = attrs.map((a) => a.slot);
  const outside = attrs.map((a) => a.kind === AttrKind.Inherited);
  const froms = e.attrs.inheritFrom.map((from) => new ExprCode(from, cx));
  const body = cx.compile(e.body);
  const n = codes.length;
  if (froms.length === 0 && !outside.includes(true)) {
    if (n === 1) {
      const only = codes[0];
      return (env) => {
        const inner = new Env1(env, undefined);
        inner.a = makeSlot(only, inner);
        return body(inner);
      };
    }
    return (env) => {
      const inner = emptyEnv(env, n);
      for (let i = 0; i < n; i++) writeSlot(inner, slots[i], makeSlot(codes[i], inner));
      return body(inner);
    };
  }
  return (env) => {
    const inner = emptyEnv(env, n + froms.length);
    // As C++ Nix does: the sources first, so that they see none of the names yet.
    for (let i = 0; i < froms.length; i++) writeSlot(inner, n + i, makeSlot(froms[i], inner));
    for (let i = 0; i < n; i++) writeSlot(inner, slots[i], makeSlot(codes[i], outside[i] ? env : inner));
    return body(inner);
  };
}

function compileIf(e: IfExpr, cx: CompileContext): Run {
  const cond = new Operand(e.cond, cx);
  const then = new ExprCode(e.then, cx);
  const otherwise = new ExprCode(e.otherwise, cx);
  const pos = e.pos;
  return (env) => {
    let c: Value;
    try {
      c = evaluate(cond, env);
      if (c !== true && c !== false) throw notBool(c, pos);
    } catch (error) {
      throw withFrame(error, pos, "while evaluating a branch condition");
    }
    return c ? then.run(env, then) : otherwise.run(env, otherwise);
  };
}

function compileAssert(e: AssertExpr, cx: CompileContext): Run {
  const cond = new Operand(e.cond, cx);
  const body = new ExprCode(e.body, cx);
  const pos = e.pos;
  return (env) => {
    let c: Value;
    try {
      c = evaluate(cond, env);
      if (c !== true && c !== false) throw notBool(c, pos);
    } catch (error) {
      throw withFrame(error, pos, "in the condition of the assert statement");
    }
    if (!c) throw assertionFailed(e, env, cx);
    return body.run(env, body);
  };
}

function assertionFailed(e: AssertExpr, env: Env, cx: CompileContext): unknown {
  const text = show(e.cond);
  if (e.cond.kind === Kind.Eq) {
    // Compare again, to say where they differ.
    try {
      assertEqualValues(cx.compile(e.cond.left)(env), cx.compile(e.cond.right)(env));
    } catch (error) {
      if (error instanceof NixError && (error.kind === "assert" || error.kind === "throw")) {
        error.addFrame(e.pos, hint`while evaluating the condition of the assertion '${text}'`);
      }
      return error;
    }
  }
  return new NixError("assert", hint`assertion '${text}' failed`, e.pos);
}

function compileConcatLists(e: ConcatListsExpr, cx: CompileContext): Run {
  const left = new Operand(e.left, cx);
  const right = new Operand(e.right, cx);
  const pos = e.pos;
  return (env) => {
    const a = evaluate(left, env);
    const b = evaluate(right, env);
    const x = forceList(a, "while evaluating one of the elements to concatenate", pos);
    const y = forceList(b, "while evaluating one of the elements to concatenate", pos);
    return y.length === 0 ? x : x.length === 0 ? y : x.concat(y);
  };
}
