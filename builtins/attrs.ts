/**
 * Attribute sets.
 *
 * Results are built from shapes and sorted arrays of symbols, so nothing here sorts except `listToAttrs`. Subsets
 * (`removeAttrs`, `intersectAttrs`) keep the positions of what they were taken from, worked out when asked for. Each
 * result is a set of its own even if it holds the same as an argument, because printing marks repeated sets.
 */
import { attrPos, Attrs, AttrsBuilder, EMPTY_ATTRS, flat, getAttr, hasAttr } from "../lib/runtime/attrs.ts";
import { MergedPositions, type MergePlan, type Shape, shapeOf } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { Application2, ArgumentPair } from "../lib/runtime/call.ts";
import { typeError } from "../lib/runtime/errors.ts";
import { forceAttrs, forceFunction, forceList, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import { force, Thunk } from "../lib/runtime/thunk.ts";
import { Lambda, lambdaExpr, PartialLambda, Primop, PrimopApp, type Slot, type Value } from "../lib/runtime/value.ts";
import type { Pos } from "../lib/syntax/positions.ts";
import { intern, type Symbol, symbolName } from "../lib/syntax/symbols.ts";

const NAME = intern("name");
const VALUE = intern("value");

/** As it is wherever a string is wanted: most are plain strings at once. */
function plainName(slot: Slot, words: string): string {
  return typeof slot === "string" ? slot : forceStringNoContext(slot, words);
}

function attrNames(set: Slot): Value {
  const { shape } = flat(forceAttrs(set, "while evaluating the argument passed to builtins.attrNames"));
  const { names, byName } = shape;
  const list = new Array<Slot>(names.length);
  for (let i = 0; i < list.length; i++) list[i] = symbolName(names[byName[i]]);
  return list;
}

function attrValues(set: Slot): Value {
  const { shape, values } = flat(forceAttrs(set, "while evaluating the argument passed to builtins.attrValues"));
  const { byName } = shape;
  const list = new Array<Slot>(values.length);
  for (let i = 0; i < list.length; i++) list[i] = values[byName[i]];
  return list;
}

function getAttrByName(s: Slot, set: Slot): Value {
  const name = plainName(s, "while evaluating the first argument passed to builtins.getAttr");
  const attrs = forceAttrs(set, "while evaluating the second argument passed to builtins.getAttr");
  return force(requireAttr(attrs, intern(name), "in the attribute set under consideration"));
}

function hasAttrByName(s: Slot, set: Slot): Value {
  const name = plainName(s, "while evaluating the first argument passed to builtins.hasAttr");
  const attrs = forceAttrs(set, "while evaluating the second argument passed to builtins.hasAttr");
  return hasAttr(attrs, intern(name));
}

/** Symbols and list indices below this fit one exact number together. */
const SORT_RADIX = 2 ** 26;

/** Returns the indices of a list of symbols in the order of the symbols, equal ones in the order of the list. */
function sortedIndices(names: readonly Symbol[]): ArrayLike<number> {
  const n = names.length;
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = names[i] * SORT_RADIX + i;
  keys.sort();
  for (let i = 0; i < n; i++) keys[i] %= SORT_RADIX;
  return keys;
}

function listToAttrs(e: Slot): Value {
  const list = forceList(e, "while evaluating the argument passed to builtins.listToAttrs");
  const missing = "in a {name=...; value=...;} pair";
  const n = list.length;
  const pairs = new Array<Attrs>(n);
  const names = new Array<Symbol>(n);
  let sorted = true;
  for (let i = 0; i < n; i++) {
    const pair = forceAttrs(list[i], "while evaluating an element of the list passed to builtins.listToAttrs");
    const name = requireAttr(pair, NAME, missing);
    const text = typeof name === "string" ? name : forceStringNoContext(
      name,
      "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs",
      attrPos(pair, NAME),
    );
    pairs[i] = pair;
    names[i] = intern(text);
    sorted &&= i === 0 || names[i - 1] < names[i];
  }
  const order = sorted ? null : sortedIndices(names);
  const distinct: Symbol[] = [];
  const values: Slot[] = [];
  const positions: Pos[] = [];
  for (let k = 0; k < n; k++) {
    const i = order === null ? k : order[k];
    // Of several with one name the first counts; the others' values are not even looked for.
    if (distinct.length > 0 && distinct[distinct.length - 1] === names[i]) continue;
    values.push(requireAttr(pairs[i], VALUE, missing));
    positions.push(attrPos(pairs[i], VALUE));
    distinct.push(names[i]);
  }
  return distinct.length === 0 ? EMPTY_ATTRS : new Attrs(shapeOf(distinct), values, positions);
}

/** Sets up to this size remember how their shape's subsets look. */
const MASK_BITS = 30;

/** How each shape was cut down: by a bit mask of the slots that stay. */
const subsetPlans = new WeakMap<Shape, Map<number, MergePlan>>();

/** Returns the names a shape has in the slots of `mask`, as a plan of a merge that takes them all from the right. */
function subsetPlan(shape: Shape, mask: number): MergePlan {
  let plans = subsetPlans.get(shape);
  if (plans === undefined) subsetPlans.set(shape, plans = new Map());
  let plan = plans.get(mask);
  if (plan === undefined) {
    const slots: number[] = [];
    for (let i = 0; i < shape.names.length; i++) if ((mask >> i) & 1) slots.push(i);
    plans.set(mask, plan = planOfSlots(shape, slots));
  }
  return plan;
}

function planOfSlots(shape: Shape, slots: readonly number[]): MergePlan {
  return { shape: shapeOf(slots.map((i) => shape.names[i])), source: Int32Array.from(slots) };
}

/** Returns the attributes of a plain set that the plan takes from the right. */
function subset(attrs: Attrs, plan: MergePlan): Attrs {
  const { source, shape } = plan;
  const n = source.length;
  if (n === 0) return EMPTY_ATTRS;
  const values = new Array<Slot>(n);
  for (let i = 0; i < n; i++) values[i] = attrs.values[source[i]];
  return new Attrs(shape, values, attrs.positions === null ? null : new MergedPositions(null, attrs.positions, plan));
}

function removeAttrs(set: Slot, list: Slot): Value {
  const attrs = flat(forceAttrs(set, "while evaluating the first argument passed to builtins.removeAttrs"));
  const names = forceList(list, "while evaluating the second argument passed to builtins.removeAttrs");
  const words = "while evaluating the values of the second argument passed to builtins.removeAttrs";
  const { shape } = attrs;
  const n = shape.names.length;
  if (n <= MASK_BITS) {
    const all = (1 << n) - 1;
    let mask = all;
    for (const slot of names) {
      const at = shape.find(intern(plainName(slot, words)));
      if (at >= 0) mask &= ~(1 << at);
    }
    return mask === all ? copyOf(attrs) : subset(attrs, subsetPlan(shape, mask));
  }
  const removed = new Set<number>();
  for (const slot of names) {
    const at = shape.find(intern(plainName(slot, words)));
    if (at >= 0) removed.add(at);
  }
  if (removed.size === 0) return copyOf(attrs);
  const kept: number[] = [];
  for (let i = 0; i < n; i++) if (!removed.has(i)) kept.push(i);
  return subset(attrs, planOfSlots(shape, kept));
}

function copyOf(attrs: Attrs): Attrs {
  return new Attrs(attrs.shape, attrs.values, attrs.positions);
}

/** How the last intersection with a set of this shape on the left went. */
interface LastIntersection {
  readonly upper: Shape;
  readonly base: Shape | null;
  readonly plan: MergePlan;
}

const lastIntersections = new WeakMap<Shape, LastIntersection>();

function intersectAttrs(e1: Slot, e2: Slot): Value {
  const left = forceAttrs(e1, "while evaluating the first argument passed to builtins.intersectAttrs");
  const right = forceAttrs(e2, "while evaluating the second argument passed to builtins.intersectAttrs");
  const wanted = flat(left).shape;
  const { shape: upper, base } = right;
  if (base === null && upper.size <= wanted.size) {
    if (upper.size <= MASK_BITS) {
      let mask = 0;
      for (let i = 0; i < upper.names.length; i++) if (wanted.find(upper.names[i]) >= 0) mask |= 1 << i;
      return subset(right, subsetPlan(upper, mask));
    }
    const slots: number[] = [];
    for (let i = 0; i < upper.names.length; i++) if (wanted.find(upper.names[i]) >= 0) slots.push(i);
    return subset(right, planOfSlots(upper, slots));
  }
  const baseShape = base === null ? null : base.shape;
  let last = lastIntersections.get(wanted);
  if (last === undefined || last.upper !== upper || last.base !== baseShape) {
    last = { upper, base: baseShape, plan: pickingPlan(upper, baseShape, wanted.names) };
    lastIntersections.set(wanted, last);
  }
  return base === null ? subset(right, last.plan) : picked(right, base, last.plan);
}

/** Returns the names among `wanted` that a set has (an overlay, if it has a base), with where they are. */
function pickingPlan(upper: Shape, base: Shape | null, wanted: readonly Symbol[]): MergePlan {
  const names: Symbol[] = [];
  const source: number[] = [];
  for (const name of wanted) {
    let at = upper.find(name);
    if (at < 0) {
      const inBase = base === null ? -1 : base.find(name);
      if (inBase < 0) continue;
      at = ~inBase;
    }
    names.push(name);
    source.push(at);
  }
  return { shape: shapeOf(names), source: Int32Array.from(source) };
}

/** Returns the attributes of an overlay that the plan names, without merging it. */
function picked(upper: Attrs, base: Attrs, plan: MergePlan): Attrs {
  const { source, shape } = plan;
  const n = source.length;
  if (n === 0) return EMPTY_ATTRS;
  const values = new Array<Slot>(n);
  for (let i = 0; i < n; i++) {
    const s = source[i];
    values[i] = s >= 0 ? upper.values[s] : base.values[~s];
  }
  const positions = upper.positions === null && base.positions === null
    ? null
    : new MergedPositions(base.positions, upper.positions, plan);
  return new Attrs(shape, values, positions);
}

function catAttrs(attr: Slot, list: Slot): Value {
  const name = intern(plainName(attr, "while evaluating the first argument passed to builtins.catAttrs"));
  const words = "while evaluating an element in the list passed as second argument to builtins.catAttrs";
  const found: Slot[] = [];
  for (const slot of forceList(list, "while evaluating the second argument passed to builtins.catAttrs")) {
    const value = getAttr(forceAttrs(slot, words), name);
    if (value !== undefined) found.push(value);
  }
  return found;
}

function functionArgs(f: Slot): Value {
  const fn = force(f);
  if (fn instanceof Primop || fn instanceof PrimopApp) return EMPTY_ATTRS;
  if (!(fn instanceof Lambda || fn instanceof PartialLambda)) throw typeError("'functionArgs' requires a function");
  const attrs = new AttrsBuilder();
  for (const formal of lambdaExpr(fn).formals?.formals ?? []) {
    attrs.add(formal.name, formal.fallback !== null, formal.pos);
  }
  return attrs.build();
}

function mapAttrs(f: Slot, attrset: Slot): Value {
  const attrs = flat(forceAttrs(attrset, "while evaluating the second argument passed to builtins.mapAttrs"));
  const { shape, values } = attrs;
  const n = values.length;
  const mapped = new Array<Slot>(n);
  const application = new Application2(f);
  for (let i = 0; i < n; i++) {
    mapped[i] = new Thunk(application, new ArgumentPair(symbolName(shape.names[i]), values[i]));
  }
  return new Attrs(shape, mapped);
}

function zipAttrsWith(f: Slot, list: Slot): Value {
  const fn = forceFunction(f, "while evaluating the first argument passed to builtins.zipAttrsWith");
  const sets = forceList(list, "while evaluating the second argument passed to builtins.zipAttrsWith");
  const words = "while evaluating a value of the list passed as second argument to builtins.zipAttrsWith";
  const zipped = new Map<Symbol, Slot[]>();
  for (const slot of sets) {
    const { shape, values } = flat(forceAttrs(slot, words));
    for (let i = 0; i < values.length; i++) {
      const slots = zipped.get(shape.names[i]);
      if (slots === undefined) zipped.set(shape.names[i], [values[i]]);
      else slots.push(values[i]);
    }
  }
  const builder = new AttrsBuilder();
  const application = new Application2(fn);
  for (const [name, slots] of zipped) {
    builder.add(name, new Thunk(application, new ArgumentPair(symbolName(name), slots)));
  }
  return builder.build();
}

/** `attrNames` … `zipAttrsWith`, without `unsafeGetAttrPos`. */
export const ATTRS_BUILTINS: readonly Builtin[] = [
  {
    name: "attrNames",
    params: ["set"],
    doc: "Returns the names of the attributes of a set as a list, sorted by bytes.",
    call: attrNames,
  },
  {
    name: "attrValues",
    params: ["set"],
    doc: "Returns the values of the attributes of a set as a list, in the order of `attrNames`.",
    call: attrValues,
  },
  {
    name: "getAttr",
    params: ["s", "set"],
    doc: "Returns the attribute named *s*. Fails if there is none. Like `set.${s}`.",
    call: getAttrByName,
  },
  {
    name: "hasAttr",
    params: ["s", "set"],
    doc: "Returns whether there is an attribute named *s*. Like `set ? ${s}`.",
    call: hasAttrByName,
  },
  {
    name: "removeAttrs",
    bare: true,
    params: ["set", "list"],
    doc: "Returns the set without the attributes whose names are in *list*. Names it does not have do no harm.",
    call: removeAttrs,
  },
  {
    name: "listToAttrs",
    params: ["e"],
    doc:
      "Returns a set made from a list of `{ name = …; value = …; }` sets. Of several with the same name the first counts.",
    call: listToAttrs,
  },
  {
    name: "intersectAttrs",
    params: ["e1", "e2"],
    doc: "Returns the attributes of *e2* whose names *e1* has too.",
    call: intersectAttrs,
  },
  {
    name: "catAttrs",
    params: ["attr", "list"],
    doc: "Returns the values of the attribute *attr* of those sets in a list that have it.",
    call: catAttrs,
  },
  {
    name: "functionArgs",
    params: ["f"],
    doc:
      "Returns a set that has an attribute for each one that a function `{ a, b ? 1 }: …` takes: `true` if it has a default. It is empty for other functions.",
    call: functionArgs,
  },
  {
    name: "mapAttrs",
    params: ["f", "attrset"],
    doc: "Returns the set with each value replaced by `f name value`, to be evaluated when needed.",
    call: mapAttrs,
  },
  {
    name: "zipAttrsWith",
    params: ["f", "list"],
    doc:
      "Returns a set with all names of the sets in a list; each value is `f name values`, where *values* are those the sets have under that name, in order.",
    call: zipAttrsWith,
  },
];
