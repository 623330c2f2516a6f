/**
 * Attribute sets.
 *
 * Results are built from shapes and sorted arrays of symbols, so nothing here sorts except `listToAttrs`. Subsets
 * (`removeAttrs`, `intersectAttrs`) keep the positions of what they were taken from, worked out when asked for. Each
 * result is a set of its own even if it holds the same as an argument, because printing marks repeated sets.
 */
import { attrPos, Attrs, AttrsBuilder, EMPTY_ATTRS, flat, getAttr, hasAttr } from "../lib/runtime/attrs.ts";
import { MergedPositions, type Positions, shapeOf } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { lazyCall2 } from "../lib/runtime/call.ts";
import { typeError } from "../lib/runtime/errors.ts";
import { forceAttrs, forceFunction, forceList, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import { force } from "../lib/runtime/thunk.ts";
import { Lambda, lambdaExpr, PartialLambda, Primop, PrimopApp, type Slot, type Value } from "../lib/runtime/value.ts";
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

/** Returns the attributes of a plain set in the given slots, which are ascending. */
function subset(attrs: Attrs, slots: readonly number[]): Attrs {
  const n = slots.length;
  if (n === 0) return EMPTY_ATTRS;
  const names = new Array<Symbol>(n);
  const values = new Array<Slot>(n);
  for (let i = 0; i < n; i++) {
    names[i] = attrs.shape.names[slots[i]];
    values[i] = attrs.values[slots[i]];
  }
  const shape = shapeOf(names);
  const positions = attrs.positions === null
    ? null
    : new MergedPositions(null, attrs.positions, { shape, source: Int32Array.from(slots) });
  return new Attrs(shape, values, positions);
}

function removeAttrs(set: Slot, list: Slot): Value {
  const attrs = flat(forceAttrs(set, "while evaluating the first argument passed to builtins.removeAttrs"));
  const names = forceList(list, "while evaluating the second argument passed to builtins.removeAttrs");
  const words = "while evaluating the values of the second argument passed to builtins.removeAttrs";
  const { shape } = attrs;
  const removed = new Set<number>();
  for (const slot of names) {
    const name = intern(plainName(slot, words));
    const at = shape.find(name);
    if (at >= 0) removed.add(at);
  }
  if (removed.size === 0) return new Attrs(shape, attrs.values, attrs.positions);
  const kept: number[] = [];
  for (let i = 0; i < shape.names.length; i++) if (!removed.has(i)) kept.push(i);
  return subset(attrs, kept);
}

function listToAttrs(e: Slot): Value {
  const list = forceList(e, "while evaluating the argument passed to builtins.listToAttrs");
  const pair = "in a {name=...; value=...;} pair";
  const order: { readonly name: Symbol; readonly attrs: Attrs }[] = [];
  for (const slot of list) {
    const attrs = forceAttrs(slot, "while evaluating an element of the list passed to builtins.listToAttrs");
    const name = requireAttr(attrs, NAME, pair);
    const text = typeof name === "string" ? name : forceStringNoContext(
      name,
      "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs",
      attrPos(attrs, NAME),
    );
    order.push({ name: intern(text), attrs });
  }
  // Stable, so that the first of several with one name comes first; the others' values are not even looked for.
  order.sort((a, b) => a.name - b.name);
  const builder = new AttrsBuilder();
  let previous = -1;
  for (const { name, attrs } of order) {
    if (name === previous) continue;
    builder.add(name, requireAttr(attrs, VALUE, pair), attrPos(attrs, VALUE));
    previous = name;
  }
  return builder.build();
}

function intersectAttrs(e1: Slot, e2: Slot): Value {
  const left = forceAttrs(e1, "while evaluating the first argument passed to builtins.intersectAttrs");
  const right = forceAttrs(e2, "while evaluating the second argument passed to builtins.intersectAttrs");
  const wanted = flat(left).shape;
  if (right.base === null && right.shape.size <= wanted.size) {
    const slots: number[] = [];
    const { names } = right.shape;
    for (let i = 0; i < names.length; i++) if (wanted.find(names[i]) >= 0) slots.push(i);
    return subset(right, slots);
  }
  return picked(right, wanted.names);
}

/** Returns the attributes of a set (an overlay, too, which need not be merged for it) that are among `wanted`. */
function picked(from: Attrs, wanted: readonly Symbol[]): Attrs {
  const { shape: upper, base } = from;
  const names: Symbol[] = [];
  const values: Slot[] = [];
  const source: number[] = [];
  for (const name of wanted) {
    let at = upper.find(name);
    if (at >= 0) {
      values.push(from.values[at]);
    } else {
      if (base === null) continue;
      at = base.shape.find(name);
      if (at < 0) continue;
      values.push(base.values[at]);
      at = ~at;
    }
    names.push(name);
    source.push(at);
  }
  if (names.length === 0) return EMPTY_ATTRS;
  const shape = shapeOf(names);
  const lower: Positions = base === null ? null : base.positions;
  const positions = from.positions === null && lower === null
    ? null
    : new MergedPositions(lower, from.positions, { shape, source: Int32Array.from(source) });
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
  for (let i = 0; i < n; i++) mapped[i] = lazyCall2(f, symbolName(shape.names[i]), values[i]);
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
  for (const [name, slots] of zipped) builder.add(name, lazyCall2(fn, symbolName(name), slots));
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
