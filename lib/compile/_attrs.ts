/** Sets: `{ … }` and `rec { … }`, with computed names and `__overrides`. */
import {
  type AttrDef,
  AttrKind,
  type AttrsExpr,
  type DynamicAttrDef,
  type Expr,
  type InheritFromExpr,
  Kind,
  SelectExpr,
  VarExpr,
  whole,
} from "../syntax/ast.ts";
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { intern, NO_SYMBOL, type Symbol } from "../syntax/symbols.ts";
import {
  attrPos,
  Attrs,
  AttrsBuilder,
  deferredAttrs,
  EMPTY_ATTRS,
  flat,
  hasAttr,
  isDeferrable,
  literalPos,
} from "../runtime/attrs.ts";
import { positionAt, type Positions } from "../runtime/merge_plan.ts";
import { orderBySymbol, type Shape, shapeOf } from "../runtime/shapes.ts";
import { evalError, hint } from "../runtime/errors.ts";
import { forceAttrs, forceStringNoContext } from "../runtime/expect.ts";
import { showPos, showSymbol } from "../runtime/print.ts";
import { force, Thunk } from "../runtime/thunk.ts";
import { tracker } from "../runtime/tracking.ts";
import { emptyEnv, type Env, writeSlot } from "../runtime/env.ts";
import type { Slot } from "../runtime/value.ts";
import { type CompileContext, ExprCode, makeSlot, type Run } from "./code.ts";
import { sortedAttrs } from "./resolve.ts";

const OVERRIDES = intern("__overrides");

export function compileAttrs(e: AttrsExpr, cx: CompileContext): Run {
  const attrs = sortedAttrs(e);
  if (attrs.length === 0 && e.dynamic.length === 0) {
    return sameSet(new Attrs(EMPTY_ATTRS.shape, [], literalPositions(e, attrs)));
  }
  if (!e.recursive) {
    const make = compilePlain(e, attrs, cx);
    if (e.dynamic.length === 0) return make;
    const addDynamic = compileDynamic(e, cx);
    return (env) => addDynamic(make(env), env);
  }
  const make = compileRecursive(e, attrs, cx);
  if (e.dynamic.length === 0) return (env) => make(env, null);
  const addDynamic = compileDynamic(e, cx);
  return (env) => {
    const scope = { env };
    return addDynamic(make(env, scope), scope.env);
  };
}

/** Makes the static part of a recursive set; where `scope` is given, it gets the environment that computed names see. */
type MakeRecursive = (env: Env, scope: { env: Env } | null) => Attrs;

/** The position of each attribute, and last that of the set itself ({@link Positions}). */
export function literalPositions(e: AttrsExpr, attrs: readonly AttrDef[]): Pos[] {
  const n = attrs.length;
  const positions = new Array<Pos>(n + 1);
  for (let i = 0; i < n; i++) positions[i] = attrs[i].pos;
  positions[n] = e.pos;
  return positions;
}

function compilePlain(e: AttrsExpr, attrs: readonly AttrDef[], cx: CompileContext): (env: Env) => Attrs {
  const n = attrs.length;
  const names = new Array<Symbol>(n);
  const codes = new Array<ExprCode>(n);
  let fromSource: boolean[] | null = null;
  for (let i = 0; i < n; i++) {
    const attr = attrs[i];
    const direct = selectOfVariable(attr, e.inheritFrom);
    names[i] = attr.name;
    codes[i] = new ExprCode(direct ?? attr.expr, cx);
    if (attr.kind === AttrKind.InheritedFrom && direct === null) {
      fromSource ??= new Array<boolean>(n).fill(false);
      fromSource[i] = true;
    }
  }
  const shape = shapeOf(names);
  const positions = literalPositions(e, attrs);
  if (n === 0) return sameSet(new Attrs(shape, [], positions));
  if (fromSource === null) return makePlain(shape, positions, codes);
  return makeInheriting(makeSources(e.inheritFrom, cx), { shape, positions, codes, fromSource });
}

// By themselves: functions made in one place keep each other's variables, and syntax trees would be among them.

function sameSet(attrs: Attrs): () => Attrs {
  return () => attrs;
}

function makePlain(shape: Shape, positions: Positions, codes: readonly ExprCode[]): (env: Env) => Attrs {
  if (isDeferrable(codes.length)) {
    return (env) => makeDeferred(shape, positions, (slot) => makeSlot(codes[slot], env));
  }
  return (env) => {
    const n = codes.length;
    const values = new Array<Slot>(n);
    for (let i = 0; i < n; i++) values[i] = makeSlot(codes[i], env);
    return new Attrs(shape, values, positions);
  };
}

function makeDeferred(shape: Shape, positions: Positions, make: (slot: number) => Slot): Attrs {
  // Where values are tracked, thunks know which run has made them: not whoever wanted them first.
  return tracker === null
    ? deferredAttrs(shape, positions, make)
    : new Attrs(shape, shape.names.map((_, slot) => make(slot)), positions);
}

/** Makes the environment of what attributes are inherited from. */
function makeSources(sources: readonly Expr[], cx: CompileContext): (env: Env) => Env {
  const codes = sources.map((source) => new ExprCode(source, cx));
  return (env) => {
    const inner = emptyEnv(env, codes.length);
    for (let i = 0; i < codes.length; i++) writeSlot(inner, i, makeSlot(codes[i], env));
    return inner;
  };
}

function makeInheriting(sourcesIn: (env: Env) => Env, { shape, positions, codes, fromSource }: {
  readonly shape: Shape;
  readonly positions: Positions;
  readonly codes: readonly ExprCode[];
  readonly fromSource: readonly boolean[];
}): (env: Env) => Attrs {
  const slotIn = (slot: number, env: Env, sources: Env) => makeSlot(codes[slot], fromSource[slot] ? sources : env);
  if (isDeferrable(codes.length)) {
    return (env) => {
      const sources = sourcesIn(env);
      return makeDeferred(shape, positions, (slot) => slotIn(slot, env, sources));
    };
  }
  return (env) => {
    const sources = sourcesIn(env);
    const values = new Array<Slot>(codes.length);
    for (let i = 0; i < values.length; i++) values[i] = slotIn(i, env, sources);
    return new Attrs(shape, values, positions);
  };
}

/**
 * Returns `variable.name` for an attribute that is inherited from a variable, as most are that are inherited from something:
 * it needs no environment with what it is inherited from.
 */
function selectOfVariable(attr: AttrDef, sources: readonly Expr[]): SelectExpr | null {
  if (attr.kind !== AttrKind.InheritedFrom) return null;
  const select = whole(attr.expr) as SelectExpr;
  const from = whole(select.expr) as InheritFromExpr;
  const source = whole(sources[from.index]);
  if (source.kind !== Kind.Var || source.withs !== null) return null;
  const variable = new VarExpr(from.pos, source.name);
  variable.level = source.level;
  variable.slot = source.slot;
  return new SelectExpr(select.pos, variable, select.path, null);
}

function compileRecursive(e: AttrsExpr, attrs: readonly AttrDef[], cx: CompileContext): MakeRecursive {
  const shape = shapeOf(attrs.map((a) => a.name));
  const positions = literalPositions(e, attrs);
  const codes = attrs.map((a) => new ExprCode(a.expr, cx));
  const slots = attrs.map((a) => a.slot);
  const outside = attrs.map((a) => a.kind === AttrKind.Inherited);
  const froms = e.inheritFrom.map((from) => new ExprCode(from, cx));
  const n = codes.length;
  const overridden = attrs.some((a) => a.name === OVERRIDES);
  return (env, scope) => {
    const inner = emptyEnv(env, n + froms.length);
    for (let i = 0; i < froms.length; i++) writeSlot(inner, n + i, makeSlot(froms[i], inner));
    const values = new Array<Slot>(n);
    for (let i = 0; i < n; i++) {
      const code = codes[i];
      // With `__overrides` every attribute waits, lest it share a variable that is about to be replaced.
      const slot = outside[i] ? makeSlot(code, env) : overridden ? new Thunk(code, inner) : makeSlot(code, inner);
      writeSlot(inner, slots[i], slot);
      values[i] = slot;
    }
    if (scope !== null) scope.env = inner;
    const made = new Attrs(shape, values, positions);
    return overridden ? applyOverrides(made, slots, inner) : made;
  };
}

/** Replaces attributes of a `rec` by those of its `__overrides`, in the set and in the scope its attributes see. */
function applyOverrides(made: Attrs, slots: readonly number[], inner: Env): Attrs {
  const overrides = flat(
    forceAttrs(
      made.values[made.shape.find(OVERRIDES)],
      "while evaluating the `__overrides` attribute",
    ),
  );
  const builder = new AttrsBuilder();
  made.shape.names.forEach((name, i) => builder.add(name, made.values[i], attrPos(made, name)));
  overrides.shape.names.forEach((name, i) => {
    builder.add(name, overrides.values[i], attrPos(overrides, name));
    const at = made.shape.find(name);
    if (at >= 0) writeSlot(inner, slots[at], overrides.values[i]);
  });
  const { shape, values, positions } = builder.build();
  // It stays the set that the literal makes.
  const known = shape.names.map((name, slot) => positionAt(positions, slot, name));
  return new Attrs(shape, values, [...known, literalPos(made)]);
}

function compileDynamic(e: AttrsExpr, cx: CompileContext): (attrs: Attrs, env: Env) => Attrs {
  const names = e.dynamic.map((d) => cx.compile(d.name));
  const values = e.dynamic.map((d) => new ExprCode(d.value, cx));

  /** The name of one; null if there is to be none. */
  const nameOf = (i: number, env: Env): Symbol | null => {
    const { pos } = e.dynamic[i];
    const name = force(names[i](env), pos);
    if (name === null) return null;
    return intern(forceStringNoContext(name, "while evaluating the name of a dynamic attribute", pos));
  };

  if (e.attrs.length === 0 && e.dynamic.length === 1) {
    const [only] = e.dynamic;
    const positions = only.pos === NO_POS ? null : [only.pos];
    return (attrs, env) => {
      const symbol = nameOf(0, env);
      if (symbol === null) return attrs;
      nameFunctions(only.value, symbol);
      return new Attrs(shapeOf([symbol]), [makeSlot(values[0], env)], positions);
    };
  }
  const n = names.length;
  const plans: (DynamicPlan | undefined)[] = [];
  let last: DynamicPlan | null = null;

  /** Checks that a name isn't there yet. */
  const checkNew = (attrs: Attrs, symbols: readonly Symbol[], at: number): void => {
    const symbol = symbols[at];
    const earlier = symbols.indexOf(symbol);
    if (earlier === at && !hasAttr(attrs, symbol)) return;
    const where = showPos(cx.positions, earlier < at ? e.dynamic[earlier].pos : attrPos(attrs, symbol));
    throw evalError(hint`dynamic attribute '${showSymbol(symbol)}' already defined at ${where}`, e.dynamic[at].pos);
  };

  return (attrs, env) => {
    flat(attrs);
    let plan = last !== null && last.shape === attrs.shape && last.positions === attrs.positions ? last : null;
    const symbols = new Array<Symbol>(n);
    let isEmpty = true;
    let hash = 0;
    for (let i = 0; i < n; i++) {
      const symbol = nameOf(i, env) ?? NO_SYMBOL;
      symbols[i] = symbol;
      hash = (Math.imul(hash, 31) + symbol) | 0;
      if (plan !== null && plan.symbols[i] !== symbol) plan = null;
      if (symbol === NO_SYMBOL) continue;
      if (plan === null) checkNew(attrs, symbols, i);
      isEmpty = false;
      nameFunctions(e.dynamic[i].value, symbol);
    }
    if (isEmpty) return attrs;
    if (plan === null) {
      const at = hash & (MOST_PLANS - 1);
      const known = plans[at];
      plan = known !== undefined && known.isFor(attrs, symbols)
        ? known
        : plans[at] = new DynamicPlan(attrs, symbols, e.dynamic);
      last = plan;
    }
    const { source } = plan;
    const made = new Array<Slot>(source.length);
    for (let i = 0; i < made.length; i++) {
      const from = source[i];
      made[i] = from < 0 ? attrs.values[~from] : makeSlot(values[from], env);
    }
    return new Attrs(plan.madeShape, made, plan.madePositions);
  };
}

/** How many plans are kept for one set with computed names; a power of two. */
const MOST_PLANS = 64;

/**
 * What a set with computed names becomes for some names: most such sets have the same few over and over, with `null` for
 * attributes that there are to be none of. Its sets share their positions, too.
 */
class DynamicPlan {
  /** The static part. */
  readonly shape: Shape;
  readonly positions: Positions;
  /** The computed names, {@link NO_SYMBOL} for none. */
  readonly symbols: readonly Symbol[];
  readonly madeShape: Shape;
  readonly madePositions: Positions;
  /** Where values come from: the number of a computed name, or `~slot` of the static part. */
  readonly source: readonly number[];

  constructor(attrs: Attrs, symbols: readonly Symbol[], dynamic: readonly DynamicAttrDef[]) {
    this.shape = attrs.shape;
    this.positions = attrs.positions;
    this.symbols = symbols;
    const names = attrs.shape.names.slice();
    const source = names.map((_, slot) => ~slot);
    const positions = names.map((name) => attrPos(attrs, name));
    for (let i = 0; i < symbols.length; i++) {
      if (symbols[i] === NO_SYMBOL) continue;
      names.push(symbols[i]);
      source.push(i);
      positions.push(dynamic[i].pos);
    }
    const order = Array.from(orderBySymbol(names));
    this.madeShape = shapeOf(order.map((at) => names[at]));
    this.source = order.map((at) => source[at]);
    this.madePositions = positions.every((pos) => pos === NO_POS) ? null : order.map((at) => positions[at]);
  }

  isFor({ shape, positions }: Attrs, symbols: readonly Symbol[]): boolean {
    if (shape !== this.shape || positions !== this.positions) return false;
    for (let i = 0; i < symbols.length; i++) if (symbols[i] !== this.symbols[i]) return false;
    return true;
  }
}

/** As C++ Nix does: the function expression takes the name it was last bound to. */
function nameFunctions(value: Expr, name: Symbol): void {
  for (let lambda = value; lambda.kind === Kind.Lambda; lambda = lambda.body) lambda.name = name;
}
