/**
 * `e.a.b`, `e.a or d`, `e ? a.b`.
 *
 * A select site remembers the shape it last met and where the attribute is in it.
 */
import { type AttrName, type Expr, type HasAttrExpr, Kind, type SelectExpr } from "../syntax/ast.ts";
import { NO_POS, type Pos, type PosTable } from "../syntax/positions.ts";
import { intern, type Symbol, symbolName } from "../syntax/symbols.ts";
import { show } from "../syntax/show.ts";
import { bestMatches } from "../text/suggestions.ts";
import { attrPos, Attrs, cachedFind, cachedGetAttr, flat, getAttr, LookupCache, type Shape } from "../runtime/attrs.ts";
import { evalError, hint, NixError, typeError } from "../runtime/errors.ts";
import { forceStringNoContext } from "../runtime/expect.ts";
import { showSymbol, typedValue } from "../runtime/print.ts";
import { BLACKHOLE, force, forcePart, forceThunk, replacesThunk, Thunk } from "../runtime/thunk.ts";
import { hasParts } from "../runtime/tracking.ts";
import type { Env, Slot, Value } from "../runtime/value.ts";
import { exprPos } from "./_positions.ts";
import { type CompileContext, evaluate, ExprCode, Operand, type Run } from "./code.ts";

/** Returns what evaluates one step's name. */
export function compileName(step: AttrName, cx: CompileContext): Symbol | ((env: Env) => Symbol) {
  if (step.expr === null) return step.name;
  const run = cx.compile(step.expr);
  const pos = exprPos(step.expr);
  return (env) => intern(forceStringNoContext(run(env), "while evaluating an attribute name", pos));
}

export function compileSelect(e: SelectExpr, cx: CompileContext): Run {
  if (e.path.length === 1 && e.path[0].expr === null) {
    return e.fallback === null ? compileSelect1(e, cx) : compileSelectOr1(e, cx);
  }
  return e.path.every((step) => step.expr === null) ? compileSelectNames(e, cx) : compileSelectPath(e, cx);
}

/** What a call returns that something is selected of is a part of the run that it is in (lib/runtime/tracking.ts). */
function asPart(e: Expr, run: Run): Run {
  if (e.kind !== Kind.Call) return run;
  return (env) => hasParts() ? forcePart("selection", () => run(env)) : run(env);
}

/** `e.name`. */
function compileSelect1(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const name = e.path[0].name;
  let shape: Shape | null = null;
  let index = 0;
  return (env) => {
    const v = evaluate(base, env);
    if (!(v instanceof Attrs)) throw notASet(v, e.pos);
    let values = v.values;
    let i: number;
    if (v.shape === shape) i = index;
    else {
      i = v.shape.find(name);
      if (i >= 0) {
        shape = v.shape;
        index = i;
      } else {
        if (v.base === null || (i = v.base.shape.find(name)) < 0) throw missing(v, name, e.pos);
        values = v.base.values;
      }
    }
    const slot = values[i];
    if (!(slot instanceof Thunk)) return slot;
    if (slot.code === null) return slot.payload;
    return forceSelected(v, name, values, i, slot, e, env, cx);
  };
}

/** An inline cache: the shape a site last met and the slot it needs there. */
export interface SelectCache {
  shape: Shape | null;
  index: number;
}

/** `e.name` for generated code, where its inline cache or the slot's content did not settle it. */
export function selectSlow(
  v: Value,
  name: Symbol,
  cache: SelectCache,
  site: { readonly e: SelectExpr; readonly cx: CompileContext },
  env: Env,
): Value {
  if (!(v instanceof Attrs)) throw notASet(v, site.e.pos);
  let values = v.values;
  let i = v.shape.find(name);
  if (i >= 0) {
    cache.shape = v.shape;
    cache.index = i;
  } else {
    if (v.base === null || (i = v.base.shape.find(name)) < 0) throw missing(v, name, site.e.pos);
    values = v.base.values;
  }
  const slot = values[i];
  if (!(slot instanceof Thunk)) return slot;
  if (slot.code === null) return slot.payload;
  return forceSelected(v, name, values, i, slot, site.e, env, site.cx);
}

/** `e.name or fallback`. */
function compileSelectOr1(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const fallback = new ExprCode(e.fallback!, cx);
  const name = e.path[0].name;
  const cache = new LookupCache();
  return (env) => {
    const v = evaluate(base, env);
    if (!(v instanceof Attrs)) return fallback.run(env, fallback);
    let values = v.values;
    let i = cachedFind(cache, v.shape, name);
    if (i < 0) {
      if (v.base === null || (i = v.base.shape.find(name)) < 0) return fallback.run(env, fallback);
      values = v.base.values;
    }
    const slot = values[i];
    if (!(slot instanceof Thunk)) return slot;
    if (slot.code === null) return slot.payload;
    return forceSelected(v, name, values, i, slot, e, env, cx);
  };
}

function forceSelected(
  attrs: Attrs,
  name: Symbol,
  values: Slot[],
  i: number,
  thunk: Thunk,
  e: SelectExpr,
  env: Env,
  cx: CompileContext,
): Value {
  try {
    const value = forceThunk(thunk, thunk.code === BLACKHOLE ? attrPos(attrs, name) || e.pos : e.pos);
    if (thunk.code === null && replacesThunk(value)) values[i] = value;
    return value;
  } catch (error) {
    throw inSelect(error, attrPos(attrs, name), e, env, cx);
  }
}

/** Adds the frame "while evaluating the attribute 'a.b'", except inside the evaluator's own files. */
function inSelect(error: unknown, pos: Pos, e: SelectExpr, env: Env, cx: CompileContext): unknown {
  if (error instanceof NixError && pos !== NO_POS && !isInternal(cx.positions, pos)) {
    error.addFrame(pos, hint`while evaluating the attribute '${showPath(e, env, cx)}'`);
  }
  return error;
}

function isInternal(positions: PosTable, pos: Pos): boolean {
  const origin = positions.originOf(pos)!;
  return origin.kind === "file" && origin.display !== undefined && origin.display.startsWith("\xc2\xabnix-internal");
}

function showPath(e: SelectExpr, env: Env, cx: CompileContext): string {
  return e.path.map((step) => {
    if (step.expr === null) return showSymbol(step.name);
    try {
      return showSymbol((compileName(step, cx) as (env: Env) => Symbol)(env));
    } catch (error) {
      if (!(error instanceof NixError)) throw error;
      return '"${' + show(step.expr) + '}"';
    }
  }).join(".");
}

function notASet(v: Value, pos: Pos): NixError {
  return typeError("expected a set but found " + typedValue(v)).addFrame(pos, "while selecting an attribute");
}

function missing(attrs: Attrs, name: Symbol, pos: Pos): NixError {
  const error = evalError(hint`attribute '${showSymbol(name)}' missing`, pos);
  error.suggestions = bestMatches(flat(attrs).shape.names.map(symbolName), symbolName(name));
  return error;
}

function lookUp(cache: LookupCache | null, attrs: Attrs, name: Symbol): Slot | undefined {
  return cache === null ? getAttr(attrs, name) : cachedGetAttr(cache, attrs, name);
}

/** A step of a path, with its inline cache; index -1 where the shape lacks the name. */
class Step {
  shape: Shape | null = null;
  index = -1;
  readonly name: Symbol;
  constructor(name: Symbol) {
    this.name = name;
  }
}

/** Looks a step's name up where its cache is no help, and fills that. */
function lookUpStep(step: Step, attrs: Attrs): Slot | undefined {
  const { shape } = attrs;
  const index = shape === step.shape ? step.index : shape.find(step.name);
  step.shape = shape;
  step.index = index;
  if (index >= 0) return attrs.values[index];
  return attrs.base === null ? undefined : getAttr(attrs.base, step.name);
}

/** Several steps, as most are: names that are always the same. */
function compileSelectNames(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const steps = e.path.map(({ name }) => new Step(name));
  const fallback = e.fallback === null ? null : new ExprCode(e.fallback, cx);
  const pos = e.pos;
  return (env) => {
    let slot: Slot = evaluate(base, env);
    let found: Attrs | null = null;
    let k = 0;
    try {
      do {
        const v: Value = slot instanceof Thunk ? slot.code === null ? slot.payload : forceThunk(slot, pos) : slot;
        if (!(v instanceof Attrs)) {
          if (fallback !== null) return fallback.run(env, fallback);
          throw notASet(v, pos);
        }
        const step = steps[k];
        const next: Slot | undefined = v.shape === step.shape && step.index >= 0
          ? v.values[step.index]
          : lookUpStep(step, v);
        if (next === undefined) {
          if (fallback !== null) return fallback.run(env, fallback);
          throw missing(v, step.name, pos);
        }
        slot = next;
        found = v;
      } while (++k < steps.length);
      if (!(slot instanceof Thunk)) return slot;
      if (slot.code === null) return slot.payload;
      return forceThunk(slot, slot.code === BLACKHOLE ? attrPos(found, steps[k - 1].name) || pos : pos);
    } catch (error) {
      throw found === null ? error : inSelect(error, attrPos(found, steps[k - 1].name), e, env, cx);
    }
  };
}

/** The general case: several steps, some of them computed. */
function compileSelectPath(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const names = e.path.map((step) => compileName(step, cx));
  const fallback = e.fallback === null ? null : new ExprCode(e.fallback, cx);
  // Only of the names that are always the same.
  const caches = names.map((name) => typeof name === "number" ? new LookupCache() : null);
  const pos = e.pos;
  return (env) => {
    let v: Value = evaluate(base, env);
    let found: Attrs | null = null;
    let foundName: Symbol = 0;
    try {
      let slot: Slot = v;
      for (let k = 0; k < names.length; k++) {
        const step = names[k];
        const name: Symbol = typeof step === "number" ? step : step(env);
        v = force(slot, pos);
        if (!(v instanceof Attrs)) {
          if (fallback !== null) return fallback.run(env, fallback);
          throw notASet(v, pos);
        }
        const next = lookUp(caches[k], v, name);
        if (next === undefined) {
          if (fallback !== null) return fallback.run(env, fallback);
          throw missing(v, name, pos);
        }
        slot = next;
        found = v;
        foundName = name;
      }
      if (!(slot instanceof Thunk)) return slot;
      if (slot.code === null) return slot.payload;
      return forceThunk(slot, slot.code === BLACKHOLE ? attrPos(found!, foundName) || pos : pos);
    } catch (error) {
      throw found === null ? error : inSelect(error, attrPos(found, foundName), e, env, cx);
    }
  };
}

export function compileHasAttr(e: HasAttrExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx);
  const names = e.path.map((step) => compileName(step, cx));
  const pos = exprPos(e.expr);
  const last = names.length - 1;
  // Only of the names that are always the same.
  const caches = names.map((name) => typeof name === "number" ? new LookupCache() : null);
  return (env) => {
    let v: Value = evaluate(base, env);
    for (let k = 0;; k++) {
      const step = names[k];
      const name = typeof step === "number" ? step : step(env);
      if (!(v instanceof Attrs)) return false;
      const slot = lookUp(caches[k], v, name);
      if (slot === undefined) return false;
      if (k === last) return true;
      v = force(slot, pos);
    }
  };
}
