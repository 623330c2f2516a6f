/**
 * Forcing a slot to a value of one type.
 *
 * Each takes the words C++ Nix adds to the trace ("while evaluating the first argument passed to builtins.head"). As in
 * Nix, some add them to every error that comes up while forcing, and the ones for sets and lists only to their own
 * type error; which is which is visible in traces, so it is kept. The errors show the slot rather than its value: a list
 * that holds itself is recognised by its cell.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { intern, type Symbol, symbolName } from "../syntax/symbols.ts";
import { Attrs, getAttr, hasAttr } from "./attrs.ts";
import { displayElement, firstElement } from "./context.ts";
import { evalError, hint, typeError, withFrame } from "./errors.ts";
import { quoteAttrName, typedValue } from "./print.ts";
import { force } from "./thunk.ts";
import { ContextString, Float, isFunction, type Slot, type Value } from "./value.ts";

const FUNCTOR = intern("__functor");
const TYPE = intern("type");

/** Returns the set in `slot`. @throws {NixError} if it is anything else. */
export function forceAttrs(slot: Slot, words: string, pos: Pos = NO_POS): Attrs {
  const v = force(slot, pos);
  if (v instanceof Attrs) return v;
  throw typeError("expected a set but found " + typedValue(slot)).addFrame(pos, words);
}

/** Returns the list in `slot`. @throws {NixError} if it is anything else. */
export function forceList(slot: Slot, words: string, pos: Pos = NO_POS): Slot[] {
  const v = force(slot, pos);
  if (Array.isArray(v)) return v;
  throw typeError("expected a list but found " + typedValue(slot)).addFrame(pos, words);
}

/** Returns the integer in `slot`. @throws {NixError} if it is anything else. */
export function forceInt(slot: Slot, words: string, pos: Pos = NO_POS): number | bigint {
  if (typeof slot === "number") return slot;
  try {
    const v = force(slot, pos);
    if (typeof v === "number" || typeof v === "bigint") return v;
    throw typeError("expected an integer but found " + typedValue(slot), pos);
  } catch (e) {
    throw withFrame(e, pos, words);
  }
}

/** Returns the float in `slot`, or the integer in it as a float. @throws {NixError} if it is anything else. */
export function forceFloat(slot: Slot, words: string, pos: Pos = NO_POS): number {
  try {
    const v = force(slot, pos);
    if (v instanceof Float) return v.value;
    if (typeof v === "number" || typeof v === "bigint") return Number(v);
    throw typeError("expected a float but found " + typedValue(slot), pos);
  } catch (e) {
    throw withFrame(e, pos, words);
  }
}

/** Returns the Boolean in `slot`. @throws {NixError} if it is anything else. */
export function forceBool(slot: Slot, words: string, pos: Pos = NO_POS): boolean {
  try {
    const v = force(slot, pos);
    if (typeof v === "boolean") return v;
    throw typeError("expected a Boolean but found " + typedValue(slot), pos);
  } catch (e) {
    throw withFrame(e, pos, words);
  }
}

/** Returns the string in `slot`, with its context. @throws {NixError} if it is anything else. */
export function forceString(slot: Slot, words: string, pos: Pos = NO_POS): string | ContextString {
  if (typeof slot === "string") return slot;
  try {
    const v = force(slot, pos);
    if (typeof v === "string" || v instanceof ContextString) return v;
    throw typeError("expected a string but found " + typedValue(slot), pos);
  } catch (e) {
    throw withFrame(e, pos, words);
  }
}

/** Returns the bytes of the string in `slot`, which must have no context. @throws {NixError} otherwise. */
export function forceStringNoContext(slot: Slot, words: string, pos: Pos = NO_POS): string {
  const v = forceString(slot, words, pos);
  if (typeof v === "string") return v;
  throw evalError(
    hint`the string '${v.text}' is not allowed to refer to a store path (such as '${
      displayElement(firstElement(v.context))
    }')`,
  ).addFrame(pos, words);
}

/** Returns the function (or set with `__functor`) in `slot`. @throws {NixError} if it is anything else. */
export function forceFunction(slot: Slot, words: string, pos: Pos = NO_POS): Value {
  try {
    const v = force(slot, pos);
    if (isFunction(v) || isFunctor(v)) return v;
    throw typeError("expected a function but found " + typedValue(slot), pos);
  } catch (e) {
    throw withFrame(e, pos, words);
  }
}

/** Whether `v` is a set that can be called. */
function isFunctor(v: Value): boolean {
  return v instanceof Attrs && hasAttr(v, FUNCTOR);
}

/** Returns the attribute's slot. @throws {NixError} "attribute 'x' missing" if the set has none of that name. */
export function requireAttr(attrs: Attrs, name: Symbol, words: string): Slot {
  const slot = getAttr(attrs, name);
  if (slot !== undefined) return slot;
  throw typeError(hint`attribute '${quoteAttrName(symbolName(name))}' missing`).addFrame(NO_POS, words);
}

/** Whether `v` is a set with `type = "derivation"`; forces that attribute. */
export function isDerivation(v: Value): v is Attrs {
  if (!(v instanceof Attrs)) return false;
  const type = getAttr(v, TYPE);
  if (type === undefined) return false;
  const t = force(type);
  return t === "derivation" || (t instanceof ContextString && t.text === "derivation");
}
