/**
 * Says where two values differ, for `assert a == b;`. It goes the way of {@link equalValues} (equality.ts), which has just
 * found a difference, and must stay in step with it.
 */
import { inOrder, intern, outOfOrder } from "../syntax/symbols.ts";
import { NO_POS } from "../syntax/positions.ts";
import { attrPos, Attrs, flat, getAttr, hasAttr } from "./attrs.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { equalValues } from "./equality.ts";
import { hint, NixError } from "./errors.ts";
import { isDerivation } from "./expect.ts";
import { PRINT_FOR_ERRORS, printValue, showSymbol, showType, typeName } from "./print.ts";
import { force } from "./thunk.ts";
import { Float, isFunction, isInt, isString, PathValue, type Slot, stringText, type Value } from "./value.ts";

const OUT_PATH = intern("outPath");

const shown = (v: Value) => printValue(v, PRINT_FOR_ERRORS);

function differ(message: string): NixError {
  return new NixError("assert", message);
}

/** Returns if the slots are equal after all. @throws {NixError} (kind `assert`) that says what differs. */
export function assertEqualValues(a: Slot, b: Slot): void {
  enterCall(NO_POS);
  const x = force(a);
  const y = force(b);
  assertEqual(x, y);
  leaveCall();
}

function assertEqual(x: Value, y: Value): void {
  const number = (v: Value) => isInt(v) || v instanceof Float;
  if (number(x) && number(y)) {
    if (equalValues(x, y)) return;
    throw differ(
      hint`${showType(x)} with value '` + shown(x) + hint`' is not equal to ${showType(y)} with value '` + shown(y) +
        "'",
    );
  }
  if (typeName(x) !== typeName(y)) {
    throw differ(
      hint`${showType(x)} of value '` + shown(x) + hint`' is not equal to ${showType(y)} of value '` + shown(y) + "'",
    );
  }
  if (x === null) return;
  if (typeof x === "boolean") {
    if (x !== y) throw differ(`boolean '${shown(x)}' is not equal to boolean '${shown(y)}'`);
  } else if (isString(x)) {
    if (stringText(x) !== stringText(y as string)) {
      throw differ(`string '${shown(x)}' is not equal to string '${shown(y)}'`);
    }
  } else if (x instanceof PathValue) {
    if (x.path !== (y as PathValue).path) throw differ(`path '${shown(x)}' is not equal to path '${shown(y)}'`);
  } else if (Array.isArray(x)) assertEqualLists(x, y as Slot[]);
  else if (x instanceof Attrs) assertEqualAttrs(x, y as Attrs);
  else if (isFunction(x)) {
    throw differ("distinct functions and immediate comparisons of identical functions compare as unequal");
  }
}

function assertEqualElements(a: Slot, b: Slot): void {
  if (a === b) {
    force(a);
    return;
  }
  assertEqualValues(a, b);
}

function assertEqualLists(x: readonly Slot[], y: readonly Slot[]): void {
  if (x.length !== y.length) {
    throw differ(
      hint`list of size '${x.length}' is not equal to list of size '${y.length}', left hand side is '` +
        shown(x as Slot[]) + "', right hand side is '" + shown(y as Slot[]) + "'",
    );
  }
  for (let i = 0; i < x.length; i++) {
    try {
      assertEqualElements(x[i], y[i]);
    } catch (e) {
      if (e instanceof NixError) e.addFrame(NO_POS, hint`while comparing list element ${i}`);
      throw e;
    }
  }
}

function assertEqualAttrs(x: Attrs, y: Attrs): void {
  if (isDerivation(x) && isDerivation(y)) {
    const a = getAttr(x, OUT_PATH);
    const b = getAttr(y, OUT_PATH);
    if (a !== undefined && b !== undefined) {
      try {
        return assertEqualElements(a, b);
      } catch (e) {
        if (e instanceof NixError) {
          e.addFrame(NO_POS, hint`while comparing a derivation by its '${"outPath"}' attribute`);
        }
        throw e;
      }
    }
  }
  const left = flat(x).shape.names;
  const right = flat(y).shape.names;
  if (inOrder(left) && inOrder(right)) assertInOrder(x, y);
  else outOfOrder(() => assertInOrder(x, y));
}

function assertInOrder(x: Attrs, y: Attrs): void {
  const left = x.shape.names;
  const right = y.shape.names;
  if (left.length !== right.length) {
    throw differ(`attribute names of attribute set '${shown(x)}' differs from attribute set '${shown(y)}'`);
  }
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i]) {
      if (!hasAttr(y, left[i])) {
        throw differ(
          hint`attribute name '${showSymbol(left[i])}' is contained in '` + shown(x) + "', but not in '" + shown(y) +
            "'",
        );
      }
      throw differ(
        hint`attribute name '${showSymbol(right[i])}' is missing in '` + shown(x) + "', but is contained in '" +
          shown(y) +
          "'",
      );
    }
    try {
      assertEqualElements(x.values[i], y.values[i]);
    } catch (e) {
      if (e instanceof NixError) {
        const rightPos = attrPos(y, right[i]);
        const leftPos = attrPos(x, left[i]);
        if (rightPos !== NO_POS) e.addFrame(rightPos, "where right hand side is");
        if (leftPos !== NO_POS) e.addFrame(leftPos, "where left hand side is");
        e.addFrame(NO_POS, hint`while comparing attribute '${showSymbol(left[i])}'`);
      }
      throw e;
    }
  }
}
