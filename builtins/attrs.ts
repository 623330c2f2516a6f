/**
 * Attribute sets.
 *
 * Nothing here sorts: shapes know their order. Attributes are never forced, and `mapAttrs` and `zipAttrsWith` make
 * thunks of calls, which is visible where unevaluated values are printed.
 */
import {
  Attrs,
  deferredAttrs,
  EMPTY_ATTRS,
  flat,
  flatShape,
  getAttr,
  hasAttr,
  isDeferrable,
} from "../lib/runtime/attrs.ts";
import { orderBySymbol, shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { attrApplication, lazyAttrApplication } from "../lib/runtime/call.ts";
import { typeError } from "../lib/runtime/errors.ts";
import { forceAttrs, forceFunction, forceList, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import { force, settleSlot, Thunk } from "../lib/runtime/thunk.ts";
import { tracker } from "../lib/runtime/tracking.ts";
import { Lambda, lambdaExpr, PartialLambda, Primop, PrimopApp, type Slot, type Value } from "../lib/runtime/value.ts";
import type { Pos } from "../lib/syntax/positions.ts";
import { intern, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import { LIST_TO_ATTRS } from "./list_to_attrs.ts";
import { INTERSECT_ATTRS, REMOVE_ATTRS } from "./subsets.ts";

/** As it is wherever a string is wanted: most are plain strings at once. */
function plainName(slot: Slot, words: string): string {
  return typeof slot === "string" ? slot : forceStringNoContext(slot, words);
}

function attrNames(set: Slot): Value {
  const shape = flatShape(forceAttrs(set, "while evaluating the argument passed to builtins.attrNames"));
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

function catAttrs(attr: Slot, list: Slot): Value {
  const name = intern(plainName(attr, "while evaluating the first argument passed to builtins.catAttrs"));
  const words = "while evaluating an element in the list passed as second argument to builtins.catAttrs";
  const found: Slot[] = [];
  const sets = forceList(list, "while evaluating the second argument passed to builtins.catAttrs");
  for (let i = 0; i < sets.length; i++) {
    const value = getAttr(forceAttrs(sets[i], words), name);
    settleSlot(sets, i);
    if (value !== undefined) found.push(value);
  }
  return found;
}

function functionArgs(f: Slot): Value {
  const fn = force(f);
  if (fn instanceof Primop || fn instanceof PrimopApp) return EMPTY_ATTRS;
  if (!(fn instanceof Lambda || fn instanceof PartialLambda)) throw typeError("'functionArgs' requires a function");
  // Sorted by symbol, as attributes are.
  const formals = lambdaExpr(fn).formals?.formals ?? [];
  const n = formals.length;
  if (n === 0) return EMPTY_ATTRS;
  const names = new Array<Symbol>(n);
  const values = new Array<Slot>(n);
  const positions = new Array<Pos>(n);
  for (let i = 0; i < n; i++) {
    const { name, fallback, pos } = formals[i];
    names[i] = name;
    values[i] = fallback !== null;
    positions[i] = pos;
  }
  return new Attrs(shapeOf(names), values, positions);
}

function mapAttrs(f: Slot, attrset: Slot): Value {
  const attrs = forceAttrs(attrset, "while evaluating the second argument passed to builtins.mapAttrs");
  const shape = flatShape(attrs);
  // Where values are tracked, thunks know which run has made them: not whoever wanted them first.
  if (attrs.base === null || tracker !== null) return applyToAttrs(f, flat(attrs));
  const code = lazyAttrApplication(f, { attrs, shape });
  return deferredAttrs(shape, null, (slot) => new Thunk(code, slot));
}

/** Returns a set of what a function makes of each name and its value, when it is wanted. */
function applyToAttrs(fn: Slot, attrs: Attrs): Attrs {
  const n = attrs.values.length;
  const code = attrApplication(fn, attrs);
  // Where values are tracked, thunks know which run has made them: not whoever wanted them first.
  if (isDeferrable(n) && tracker === null) return deferredAttrs(attrs.shape, null, (slot) => new Thunk(code, slot));
  const applied = new Array<Slot>(n);
  for (let i = 0; i < n; i++) applied[i] = new Thunk(code, i);
  return new Attrs(attrs.shape, applied);
}

function zipAttrsWith(f: Slot, list: Slot): Value {
  const fn = forceFunction(f, "while evaluating the first argument passed to builtins.zipAttrsWith");
  const sets = forceList(list, "while evaluating the second argument passed to builtins.zipAttrsWith");
  const words = "while evaluating a value of the list passed as second argument to builtins.zipAttrsWith";
  // Counted first, so that each list is made in its final size. The name's number in order of appearance is its place.
  const places = new Map<Symbol, number>();
  const found: Symbol[] = [];
  const counts: number[] = [];
  for (let k = 0; k < sets.length; k++) {
    const { names } = flat(forceAttrs(sets[k], words)).shape;
    settleSlot(sets, k);
    for (let i = 0; i < names.length; i++) {
      const place = places.get(names[i]);
      if (place !== undefined) counts[place]++;
      else {
        places.set(names[i], found.length);
        found.push(names[i]);
        counts.push(1);
      }
    }
  }
  const n = found.length;
  if (n === 0) return EMPTY_ATTRS;
  const lists = new Array<Slot[]>(n);
  for (let k = 0; k < n; k++) {
    lists[k] = new Array<Slot>(counts[k]);
    counts[k] = 0;
  }
  for (let k = 0; k < sets.length; k++) {
    const { shape: { names }, values } = force(sets[k]) as Attrs;
    for (let i = 0; i < names.length; i++) {
      const place = places.get(names[i])!;
      lists[place][counts[place]++] = values[i];
    }
  }
  const order = orderBySymbol(found);
  const names = new Array<Symbol>(n);
  const sorted = new Array<Slot[]>(n);
  for (let i = 0; i < n; i++) {
    names[i] = found[order[i]];
    sorted[i] = lists[order[i]];
  }
  return applyToAttrs(fn, new Attrs(shapeOf(names), sorted));
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
  REMOVE_ATTRS,
  LIST_TO_ATTRS,
  INTERSECT_ATTRS,
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
