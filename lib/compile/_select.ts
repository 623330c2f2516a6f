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
import { attrPos, Attrs, cachedFind, cachedGetAttr, flat, getAttr, LookupCache } from "../runtime/attrs.ts";
import { type Shape } from "../runtime/shapes.ts";
import { evalError, hint, NixError, typeError } from "../runtime/errors.ts";
import { forceStringNoContext } from "../runtime/expect.ts";
import { showSymbol, typedValue } from "../runtime/print.ts";
import { force, forcePart, forceThunk, replacesThunk, Thunk } from "../runtime/thunk.ts";
import { hasParts } from "../runtime/tracking.ts";
import { type Env, outermostEnv } from "../runtime/env.ts";
import type { Slot, Value } from "../runtime/value.ts";
import { exprPos } from "./_positions.ts";
import { type CompileContext, evaluate, ExprCode, Operand, type Run } from "./code.ts";

/** Returns what evaluates one step's name. */
function compileName(step: AttrName, cx: CompileContext): Symbol | ((env: Env) => Symbol) {
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

/**
 * `e.name`. As {@link selectOne}, but for one shape, in variables of the closure: there are so many of these that an object
 * for each would be 4 MB of a NixOS system.
 */
function compileSelect1(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const name = e.path[0].name;
  let shape: Shape | null = null;
  let index = 0;
  return (env) => {
    const v = evaluate(base, env);
    if (!(v instanceof Attrs)) throw notASet(v, e.pos);
    const { values } = v;
    let i: number;
    let slot: Slot | undefined;
    if (v.shape === shape) slot = values[i = index];
    else {
      i = v.shape.find(name);
      if (i >= 0) {
        shape = v.shape;
        index = i;
        slot = values[i];
      } else {
        slot = slotOfBase(v, name);
        if (slot === undefined) throw missing(v, name, e.pos);
      }
    }
    if (!(slot instanceof Thunk)) return slot;
    if (slot.code === null) return slot.payload;
    return forceSelected(v, name, values, i, slot, e, env, cx);
  };
}

/** `e.name or fallback`. */
function compileSelectOr1(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const fallback = new ExprCode(e.fallback!, cx);
  const name = e.path[0].name;
  const cache = new LookupCache(name);
  return (env) => {
    const v = evaluate(base, env);
    if (!(v instanceof Attrs)) return fallback.run(env, fallback);
    const { values } = v;
    const i = cachedFind(cache, v.shape);
    const slot = i >= 0 ? values[i] : slotOfBase(v, name);
    if (slot === undefined) return fallback.run(env, fallback);
    if (!(slot instanceof Thunk)) return slot;
    if (slot.code === null) return slot.payload;
    return forceSelected(v, name, values, i, slot, e, env, cx);
  };
}

/** Returns what the base of a set holds, if it has one that has the name. */
function slotOfBase({ base }: Attrs, name: Symbol): Slot | undefined {
  if (base === null) return undefined;
  const place = base.shape.find(name);
  return place < 0 ? undefined : base.at(place);
}

/** `i` is where in `values` the thunk is; negative if it is in none. */
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
    const value = forceThunk(thunk, wantedAt(thunk, attrs, name, e.pos));
    // The set may be another one by now; these aren't its values then.
    if (i >= 0 && thunk.code === null && replacesThunk(value)) values[i] = value;
    return value;
  } catch (error) {
    throw inSelect(error, attrPos(attrs, name), e, env, cx);
  }
}

/**
 * Returns what C++ Nix blames for running a selected thunk: the attribute, where that has a position. Looked for only where
 * the thunk makes use of it, which those of expressions, most, don't.
 */
function wantedAt({ code }: Thunk, attrs: Attrs, name: Symbol, pos: Pos): Pos {
  return code instanceof ExprCode ? pos : attrPos(attrs, name) || pos;
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

/** A step of a path: a name that is always the same, or what evaluates it. */
type Step = LookupCache | ((env: Env) => Symbol);

function compileStep(step: AttrName, cx: CompileContext): Step {
  const name = compileName(step, cx);
  return typeof name === "number" ? new LookupCache(name) : name;
}

/** A select site all of whose names are always the same. */
export interface SelectSite {
  readonly e: SelectExpr;
  readonly cx: CompileContext;
  readonly steps: readonly LookupCache[];
}

export function selectSite(e: SelectExpr, cx: CompileContext): SelectSite {
  return { e, cx, steps: e.path.map(({ name }) => new LookupCache(name)) };
}

/** Such names need none. */
const NO_ENV = outermostEnv();

/** Returns the attribute that a site of one name and without fallback selects. */
export function selectOne(v: Value, { e, cx, steps }: SelectSite): Value {
  if (!(v instanceof Attrs)) throw notASet(v, e.pos);
  const step = steps[0];
  const { name } = step;
  const { values } = v;
  const i = cachedFind(step, v.shape);
  const slot = i >= 0 ? values[i] : slotOfBase(v, name);
  if (slot === undefined) throw missing(v, name, e.pos);
  if (!(slot instanceof Thunk)) return slot;
  if (slot.code === null) return slot.payload;
  return forceSelected(v, name, values, i, slot, e, NO_ENV, cx);
}

/** Returns what a site's path leads to; undefined where it leads nowhere and the site has a fallback. */
export function selectPath(base: Value, { e, cx, steps }: SelectSite): Value | undefined {
  const { pos } = e;
  const last = steps.length - 1;
  let v = base;
  let found: Attrs | null = null;
  let foundName: Symbol = 0;
  try {
    for (let k = 0;; k++) {
      if (!(v instanceof Attrs)) {
        if (e.fallback !== null) return undefined;
        throw notASet(v, pos);
      }
      const step = steps[k];
      const { values } = v;
      const i = cachedFind(step, v.shape);
      const slot = i >= 0 ? values[i] : slotOfBase(v, step.name);
      if (slot === undefined) {
        if (e.fallback !== null) return undefined;
        throw missing(v, step.name, pos);
      }
      found = v;
      foundName = step.name;
      if (!(slot instanceof Thunk)) v = slot;
      else if (slot.code === null) v = slot.payload;
      else {
        v = forceThunk(slot, k === last ? wantedAt(slot, found, foundName, pos) : pos);
        if (i >= 0 && slot.code === null && replacesThunk(v)) values[i] = v;
      }
      if (k === last) return v;
    }
  } catch (error) {
    throw found === null ? error : inSelect(error, attrPos(found, foundName), e, NO_ENV, cx);
  }
}

/** Several steps, as most are: names that are always the same. */
function compileSelectNames(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const site = selectSite(e, cx);
  const fallback = e.fallback === null ? null : new ExprCode(e.fallback, cx);
  if (fallback === null) return (env) => selectPath(evaluate(base, env), site)!;
  return (env) => {
    const from = evaluate(base, env);
    const v = selectPath(from, site);
    if (v !== undefined) return v;
    try {
      return fallback.run(env, fallback);
    } catch (error) {
      throw inFallback(error, from, site);
    }
  };
}

/** Adds to an error of a site's fallback what C++ Nix tells of the last attribute that there is on the path, if any is. */
export function inFallback(error: unknown, base: Value, { e, cx, steps }: SelectSite): unknown {
  let slot: Slot = base;
  let pos = NO_POS;
  for (const { name } of steps) {
    const v = force(slot, e.pos);
    const next = v instanceof Attrs ? getAttr(v, name) : undefined;
    if (next === undefined) break;
    pos = attrPos(v as Attrs, name);
    slot = next;
  }
  return inSelect(error, pos, e, NO_ENV, cx);
}

/** The general case: several steps, some of them computed. */
function compileSelectPath(e: SelectExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx, asPart);
  const steps = e.path.map((step) => compileStep(step, cx));
  const fallback = e.fallback === null ? null : new ExprCode(e.fallback, cx);
  const pos = e.pos;
  return (env) => {
    let v: Value = evaluate(base, env);
    let found: Attrs | null = null;
    let foundName: Symbol = 0;
    try {
      let slot: Slot = v;
      for (const step of steps) {
        const name = step instanceof LookupCache ? step.name : step(env);
        v = force(slot, pos);
        if (!(v instanceof Attrs)) {
          if (fallback !== null) return fallback.run(env, fallback);
          throw notASet(v, pos);
        }
        const next = step instanceof LookupCache ? cachedGetAttr(step, v) : getAttr(v, name);
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
      return forceThunk(slot, wantedAt(slot, found!, foundName, pos));
    } catch (error) {
      throw found === null ? error : inSelect(error, attrPos(found, foundName), e, env, cx);
    }
  };
}

/** Whether names that are always the same lead from `base` to an attribute. */
export function hasPath(base: Value, steps: readonly LookupCache[], pos: Pos): boolean {
  let v = base;
  for (let k = 0;; k++) {
    if (!(v instanceof Attrs)) return false;
    const slot = cachedGetAttr(steps[k], v);
    if (slot === undefined) return false;
    if (k === steps.length - 1) return true;
    v = force(slot, pos);
  }
}

export function compileHasAttr(e: HasAttrExpr, cx: CompileContext): Run {
  const base = new Operand(e.expr, cx);
  if (e.path.every((step) => step.expr === null)) {
    const steps = e.path.map(({ name }) => new LookupCache(name));
    const pos = exprPos(e.expr);
    return (env) => hasPath(evaluate(base, env), steps, pos);
  }
  const steps = e.path.map((step) => compileStep(step, cx));
  const pos = exprPos(e.expr);
  const last = steps.length - 1;
  return (env) => {
    let v: Value = evaluate(base, env);
    for (let k = 0;; k++) {
      const step = steps[k];
      const name = step instanceof LookupCache ? step.name : step(env);
      if (!(v instanceof Attrs)) return false;
      const slot = step instanceof LookupCache ? cachedGetAttr(step, v) : getAttr(v, name);
      if (slot === undefined) return false;
      if (k === last) return true;
      v = force(slot, pos);
    }
  };
}
