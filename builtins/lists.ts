/**
 * Lists.
 *
 * Elements are slots and stay what they are: moving one from list to list never forces it, and `map` and `genList` make
 * thunks of calls, which is visible where unevaluated values are printed. Functions that hand a list on unchanged
 * (`filter` where everything passes) return the same array, so nothing may ever write into a list, but for a value in the
 * place of its own thunk ({@link settleSlot}): a list that lives shouldn't keep thunks that have been evaluated.
 */
import { Attrs, AttrsBuilder } from "../lib/runtime/attrs.ts";
import { type Shape, shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { application, call1, call2 } from "../lib/runtime/call.ts";
import { enterCall, leaveCall } from "../lib/runtime/depth.ts";
import { equalSlots } from "../lib/runtime/equality.ts";
import { evalError, hint, OutOfMemory } from "../lib/runtime/errors.ts";
import { forceBool, forceFunction, forceInt, forceList, forceStringNoContext } from "../lib/runtime/expect.ts";
import { force, forceSlot, settleSlot, Thunk } from "../lib/runtime/thunk.ts";
import { ContextString, EMPTY_LIST, type Slot, type Value } from "../lib/runtime/value.ts";
import { valuePos } from "../lib/runtime/value_pos.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { intern, type Symbol } from "../lib/syntax/symbols.ts";

function length(list: Slot): Value {
  return forceList(list, "while evaluating the first argument passed to builtins.length").length;
}

function head(list: Slot): Value {
  const elements = forceList(list, "while evaluating the first argument passed to 'builtins.head'");
  if (elements.length === 0) throw evalError("'builtins.head' called on an empty list");
  return forceSlot(elements, 0);
}

function tail(list: Slot): Value {
  const elements = forceList(list, "while evaluating the first argument passed to 'builtins.tail'");
  if (elements.length === 0) throw evalError("'builtins.tail' called on an empty list");
  return elements.length === 1 ? EMPTY_LIST : elements.slice(1);
}

function elemAt(list: Slot, n: Slot): Value {
  const index = forceInt(n, "while evaluating the second argument passed to 'builtins.elemAt'");
  const elements = forceList(list, "while evaluating the first argument passed to 'builtins.elemAt'");
  if (index < 0 || index >= elements.length) {
    throw evalError(hint`'builtins.elemAt' called with index ${index} on a list of size ${elements.length}`);
  }
  return forceSlot(elements, Number(index));
}

function elem(x: Slot, list: Slot): Value {
  const elements = forceList(list, "while evaluating the second argument passed to builtins.elem");
  if (elements.length === 0) return false;
  enterCall(NO_POS);
  const wanted = force(x);
  leaveCall();
  if (typeof wanted !== "string") return elements.some((element) => equalSlots(x, element));
  enterCall(NO_POS);
  let found = false;
  for (let i = 0; i < elements.length; i++) {
    const v = forceSlot(elements, i);
    if (v === wanted || (v instanceof ContextString && v.text === wanted)) {
      found = true;
      break;
    }
  }
  leaveCall();
  return found;
}

function map(f: Slot, list: Slot): Value {
  const elements = forceList(list, "while evaluating the second argument passed to builtins.map");
  const n = elements.length;
  if (n === 0) return elements;
  const fn = forceFunction(f, "while evaluating the first argument passed to builtins.map");
  const result = new Array<Slot>(n);
  const code = application(fn);
  for (let i = 0; i < n; i++) result[i] = new Thunk(code, elements[i]);
  return result;
}

function filter(f: Slot, list: Slot): Value {
  const elements = forceList(list, "while evaluating the second argument passed to builtins.filter");
  if (elements.length === 0) return elements;
  const fn = forceFunction(f, "while evaluating the first argument passed to builtins.filter");
  const words = "while evaluating the return value of the filtering function passed to builtins.filter";
  const result: Slot[] = [];
  for (let i = 0; i < elements.length; i++) {
    const keep = call1(fn, elements[i], NO_POS);
    settleSlot(elements, i);
    if (keep === true || (keep !== false && forceBool(keep, words))) result.push(elements[i]);
  }
  return result.length === elements.length ? elements : ofRightSize(result);
}

/** Returns a copy without the room that push() has made; of an empty list the one that all share. */
function ofRightSize(list: readonly Slot[]): Slot[] {
  return list.length === 0 ? EMPTY_LIST : list.slice();
}

function foldlStrict(op: Slot, nul: Slot, list: Slot): Value {
  const fn = forceFunction(op, "while evaluating the first argument passed to builtins.foldlStrict");
  const elements = forceList(list, "while evaluating the third argument passed to builtins.foldlStrict");
  const n = elements.length;
  if (n === 0) return force(nul);
  let accumulator = call2(fn, nul, elements[0], NO_POS);
  for (let i = 1; i < n; i++) {
    accumulator = call2(fn, accumulator, elements[i], NO_POS);
    settleSlot(elements, i);
  }
  return accumulator;
}

function anyOrAll(name: "any" | "all", decisive: boolean): Builtin["call"] {
  const first = `while evaluating the first argument passed to builtins.${name}`;
  const second = `while evaluating the second argument passed to builtins.${name}`;
  const words = `while evaluating the return value of the function passed to builtins.${name}`;
  return (pred: Slot, list: Slot): Value => {
    const fn = forceFunction(pred, first);
    const elements = forceList(list, second);
    for (let i = 0; i < elements.length; i++) {
      const result = forceBool(call1(fn, elements[i], NO_POS), words);
      settleSlot(elements, i);
      if (result === decisive) return decisive;
    }
    return !decisive;
  };
}

function concatLists(lists: Slot): Value {
  const outer = forceList(lists, "while evaluating the first argument passed to builtins.concatLists");
  const inner = new Array<Slot[]>(outer.length);
  for (let i = 0; i < outer.length; i++) {
    inner[i] = forceList(outer[i], "while evaluating a value of the list passed to builtins.concatLists");
  }
  return concatenated(inner);
}

function concatenated(lists: readonly Slot[][]): Slot[] {
  let size = 0;
  let nonEmpty: Slot[] | null = null;
  for (const list of lists) {
    size += list.length;
    if (list.length > 0) nonEmpty = list;
  }
  if (nonEmpty === null) return EMPTY_LIST;
  if (nonEmpty.length === size) return nonEmpty;
  const result = new Array<Slot>(size);
  let at = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) result[at++] = list[i];
  return result;
}

function concatMap(f: Slot, list: Slot): Value {
  const fn = forceFunction(f, "while evaluating the first argument passed to builtins.concatMap");
  const elements = forceList(list, "while evaluating the second argument passed to builtins.concatMap");
  const lists = new Array<Slot[]>(elements.length);
  for (let i = 0; i < elements.length; i++) {
    const v = call1(fn, elements[i], NO_POS);
    settleSlot(elements, i);
    lists[i] = Array.isArray(v) ? v : forceList(
      v,
      "while evaluating the return value of the function passed to builtins.concatMap",
      valuePos(v, valuePos(fn, NO_POS)),
    );
  }
  return concatenated(lists);
}

/** C++ Nix fails to allocate such a list, and so would we, less gracefully. */
const MAX_LENGTH = 2 ** 32 - 1;

function genList(generator: Slot, size: Slot): Value {
  const n = forceInt(size, "while evaluating the second argument passed to builtins.genList");
  if (n < 0) throw evalError(hint`cannot create list of size ${n}`);
  const fn = forceFunction(generator, "while evaluating the first argument passed to builtins.genList");
  if (n > MAX_LENGTH) throw new OutOfMemory();
  const code = application(fn);
  const result = new Array<Slot>(Number(n));
  for (let i = 0; i < n; i++) result[i] = new Thunk(code, i);
  return result;
}

const RIGHT = intern("right");
const WRONG = intern("wrong");
let partitionShape: Shape | null = null;

function partition(pred: Slot, list: Slot): Value {
  const fn = forceFunction(pred, "while evaluating the first argument passed to builtins.partition");
  const elements = forceList(list, "while evaluating the second argument passed to builtins.partition");
  const words = "while evaluating the return value of the partition function passed to builtins.partition";
  const right: Slot[] = [];
  const wrong: Slot[] = [];
  for (let i = 0; i < elements.length; i++) {
    forceSlot(elements, i);
    const element = elements[i];
    if (forceBool(call1(fn, element, NO_POS), words)) right.push(element);
    else wrong.push(element);
  }
  partitionShape ??= shapeOf([RIGHT, WRONG]);
  return new Attrs(partitionShape, [ofRightSize(right), ofRightSize(wrong)]);
}

function groupBy(f: Slot, list: Slot): Value {
  const fn = forceFunction(f, "while evaluating the first argument passed to builtins.groupBy");
  const elements = forceList(list, "while evaluating the second argument passed to builtins.groupBy");
  const words = "while evaluating the return value of the grouping function passed to builtins.groupBy";
  const groups = new Map<Symbol, Slot[]>();
  for (let i = 0; i < elements.length; i++) {
    const key = call1(fn, elements[i], NO_POS);
    settleSlot(elements, i);
    const element = elements[i];
    const name = intern(typeof key === "string" ? key : forceStringNoContext(key, words));
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [element]);
    else group.push(element);
  }
  const attrs = new AttrsBuilder();
  groups.forEach((group, name) => attrs.add(name, group.slice()));
  return attrs.build();
}

/** `elemAt` … `concatMap`, without `sort`. */
export const LIST_BUILTINS: readonly Builtin[] = [
  {
    name: "elemAt",
    params: ["xs", "n"],
    doc: "Returns element *n* of the list *xs*, counted from 0.",
    call: elemAt,
  },
  { name: "head", params: ["list"], doc: "Returns the first element of a list that is not empty.", call: head },
  {
    name: "tail",
    params: ["list"],
    doc: "Returns a list without its first element. The list is copied, so don't loop with it.",
    call: tail,
  },
  {
    name: "map",
    bare: true,
    params: ["f", "list"],
    doc: "Returns the list of `f x` for each element *x*, each to be evaluated when needed.",
    call: map,
  },
  {
    name: "filter",
    params: ["f", "list"],
    doc: "Returns the elements for which *f* returns `true`.",
    call: filter,
  },
  { name: "elem", params: ["x", "xs"], doc: "Returns whether an element of *xs* equals *x*.", call: elem },
  {
    name: "concatLists",
    params: ["lists"],
    doc: "Returns one list of all elements of the lists in a list.",
    call: concatLists,
  },
  { name: "length", params: ["list"], doc: "Returns how many elements a list has.", call: length },
  {
    name: "foldl'",
    params: ["op", "nul", "list"],
    doc:
      "Combines the elements of a list from the left: `foldl' op nul [ a b ]` is `op (op nul a) b`. Each intermediate result is evaluated at once; *nul* is not.",
    call: foldlStrict,
  },
  {
    name: "any",
    params: ["pred", "list"],
    doc: "Returns whether *pred* returns `true` for some element. Stops at the first.",
    call: anyOrAll("any", true),
  },
  {
    name: "all",
    params: ["pred", "list"],
    doc: "Returns whether *pred* returns `true` for every element. Stops at the first that differs.",
    call: anyOrAll("all", false),
  },
  {
    name: "genList",
    params: ["generator", "length"],
    doc:
      "Returns the list `[ (generator 0) (generator 1) … ]` of the given length, each element evaluated when needed.",
    call: genList,
  },
  {
    name: "partition",
    params: ["pred", "list"],
    doc: "Returns a set of two lists: `right`, the elements for which *pred* returns `true`, and `wrong`, the others.",
    call: partition,
  },
  {
    name: "groupBy",
    params: ["f", "list"],
    doc: "Returns a set of lists: under each name the elements for which *f* returned it, in order.",
    call: groupBy,
  },
  {
    name: "concatMap",
    params: ["f", "list"],
    doc: "Returns one list of all elements of the lists that *f* returns for the elements of *list*.",
    call: concatMap,
  },
];
