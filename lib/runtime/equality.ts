/**
 * `==` and the ordering of `<`.
 *
 * Functions never equal anything, but two cells that are one and the same are equal whatever they hold; the outermost
 * pair of a comparison never counts as the same cell, because C++ Nix compares copies there. Derivations compare by
 * `outPath`. Lists order lexicographically.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { inOrder, intern, outOfOrder } from "../syntax/symbols.ts";
import { Attrs, flat, getAttr } from "./attrs.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { evalError, hint, withPlacelessFrame } from "./errors.ts";
import { isDerivation } from "./expect.ts";
import { PRINT_FOR_ERRORS, printValue, showType, typeName } from "./print.ts";
import { force, isUnevaluated } from "./thunk.ts";
import { speculate } from "./speculate.ts";
import { ContextString, Float, isInt, isString, PathValue, type Slot, stringText, type Value } from "./value.ts";

const OUT_PATH = intern("outPath");

/** Whether two values are equal; forces what it has to compare. */
export function equalValues(a: Value, b: Value, pos: Pos = NO_POS): boolean {
  enterCall(pos);
  const result = equal(a, b, pos);
  leaveCall();
  return result;
}

/** How many values are looked at for what may fail: platforms of nixpkgs, which are compared a lot, are 500 or so. */
const MAX_HARMLESS = 5000;

/** Whether two slots are equal, where being the same cell is enough. */
export function equalSlots(a: Slot, b: Slot, pos: Pos = NO_POS): boolean {
  enterCall(pos);
  const x = force(a, pos);
  const y = force(b, pos);
  const result = a === b || equal(x, y, pos);
  leaveCall();
  return result;
}

function equal(a: Value, b: Value, pos: Pos): boolean {
  if (typeof a === "string") return typeof b === "string" ? a === b : b instanceof ContextString && a === b.text;
  if (typeof a === "number" || typeof a === "bigint") {
    return b instanceof Float ? Number(a) === b.value : a === b;
  }
  if (a === null || typeof a === "boolean") return a === b;
  if (a instanceof Attrs) return b instanceof Attrs && equalAttrs(a, b, pos);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalSlots(a[i], b[i], pos)) return false;
    return true;
  }
  if (a instanceof ContextString) return isString(b) && a.text === stringText(b);
  if (a instanceof PathValue) return b instanceof PathValue && a.path === b.path && a.display === b.display;
  if (a instanceof Float) return b instanceof Float ? a.value === b.value : isInt(b) && a.value === Number(b);
  return false;
}

function equalAttrs(a: Attrs, b: Attrs, pos: Pos): boolean {
  if (isDerivation(a) && isDerivation(b)) {
    const x = getAttr(a, OUT_PATH);
    const y = getAttr(b, OUT_PATH);
    if (x !== undefined && y !== undefined) return equalSlots(x, y, pos);
  }
  const x = flat(a).shape.names;
  const y = flat(b).shape.names;
  if (x.length !== y.length) return false;
  if (inOrder(x) && inOrder(y)) return equalInOrder(a, b, pos);
  // What is found to differ before something that fails is compared is different; the other way round it fails.
  const plain = () => {
    const budget = { left: MAX_HARMLESS };
    return [...a.values, ...b.values].every((slot) => isPlain(slot) || speculate(() => isHarmless(slot, budget)));
  };
  return outOfOrder(() => equalInOrder(a, b, pos), (equal) => equal || plain());
}

function equalInOrder(a: Attrs, b: Attrs, pos: Pos): boolean {
  const x = a.shape.names;
  const y = b.shape.names;
  const left = a.values;
  const right = b.values;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i] || !equalSlots(left[i], right[i], pos)) return false;
  return true;
}

/** Whether nothing in a slot fails that comparing it might evaluate, as far as the budget goes. Evaluates it all. */
function isHarmless(slot: Slot, budget: { left: number }): boolean {
  if (--budget.left < 0) return false;
  const v = force(slot);
  if (v instanceof Attrs) return flat(v).values.every((inner) => isHarmless(inner, budget));
  return !Array.isArray(v) || v.every((inner) => isHarmless(inner, budget));
}

/** Whether comparing a slot can't fail. */
function isPlain(slot: Slot): boolean {
  if (isUnevaluated(slot)) return false;
  const v = force(slot);
  return !(v instanceof Attrs || Array.isArray(v) && v.length > 0);
}

/**
 * Whether `left < right`, evaluating both. `words` join the trace of what comparing them throws, not of what evaluating
 * them does. These are slots because errors recognise a list that holds itself by its cell.
 * @throws {NixError} for values that have no order, or not with each other.
 */
export function lessThan(left: Slot, right: Slot, words = ""): boolean {
  const a = force(left);
  const b = force(right);
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return a < b;
  try {
    return compare(left, right);
  } catch (e) {
    throw words === "" ? e : withPlacelessFrame(e, words);
  }
}

function compare(left: Slot, right: Slot): boolean {
  const x = force(left);
  const y = force(right);
  if (isInt(x)) {
    if (isInt(y)) return x < y;
    if (y instanceof Float) return Number(x) < y.value;
  } else if (x instanceof Float) {
    if (y instanceof Float) return x.value < y.value;
    if (isInt(y)) return x.value < Number(y);
  } else if (isString(x)) {
    if (isString(y)) return stringText(x) < stringText(y);
  } else if (x instanceof PathValue) {
    if (y instanceof PathValue) return x.path < y.path;
  } else if (Array.isArray(x)) {
    if (Array.isArray(y)) {
      for (let i = 0;; i++) {
        if (i === y.length) return false;
        if (i === x.length) return true;
        if (!equalSlots(x[i], y[i])) return lessThan(x[i], y[i], "while comparing two list elements");
      }
    }
  }
  const values = [printValue(left, PRINT_FOR_ERRORS), printValue(right, PRINT_FOR_ERRORS)];
  throw evalError(
    hint`cannot compare ${showType(x)} with ${showType(y)}; ` +
      (typeName(x) === typeName(y)
        ? `values of that type are incomparable (values are ${values[0]} and ${values[1]})`
        : `values are ${values[0]} and ${values[1]}`),
  );
}
