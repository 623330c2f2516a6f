/**
 * Delayed computations.
 *
 * A thunk is two words: what to run and on what. Once it has run, `code` is null and `payload` the value; while it runs,
 * `code` is {@link BLACKHOLE}, so that meeting it again is recognised as infinite recursion; if it failed, `code` is
 * {@link FAILED} and `payload` the error, so that forcing it again fails the same way (with a fresh trace) without
 * running anything twice.
 */
import type { Pos } from "../syntax/positions.ts";
import { NO_POS } from "../syntax/positions.ts";
import type { Env } from "./env.ts";
import { isFunction, type Slot, type Value } from "./value.ts";
import { infiniteRecursion, NixError } from "./errors.ts";
import { type DependencySet, EMPTY_SET } from "./dependency_sets.ts";
import { beginRun, dependencies, dependOnAll, endRun, fail, part, type Run, run, settle, tracker } from "./tracking.ts";

/**
 * Something a thunk can run. `run` gets the thunk's payload (an environment, usually), the code itself, the position of
 * what wants the value, and the thunk, which is a black hole while it runs.
 */
export interface Code {
  // deno-lint-ignore no-explicit-any
  run: (payload: any, code: any, pos: Pos, thunk: Thunk) => Value;
}

/**
 * Code that is no expression's. One class for all of it, with its function in a field: so whoever runs a thunk meets objects
 * of two kinds only, which V8 tells apart in place.
 */
export class NativeCode implements Code {
  constructor(
    readonly run: Code["run"],
    /** What it works with, besides the payload. */
    readonly operand: unknown = null,
    readonly secondOperand: unknown = null,
  ) {}
}

/** A slot's content that has not been evaluated when it was made. */
export class Thunk {
  code: Code | null;
  // deno-lint-ignore no-explicit-any
  payload: any;
  /**
   * What made it, and once it has run what it depends on (tracking.ts). Takes no space where that isn't tracked: V8 sizes
   * objects by what the first ones were given.
   */
  declare origin?: Run | DependencySet;
  constructor(code: Code, payload: Env | unknown) {
    this.code = code;
    this.payload = payload;
    if (run !== null) this.origin = run;
  }
}

/** The code of a thunk that is running. */
export const BLACKHOLE: Code = new NativeCode(() => {
  throw infiniteRecursion(NO_POS);
});

/** The code of a thunk whose evaluation failed; the payload is the error. */
const FAILED: Code = new NativeCode((error: NixError) => {
  throw error.clone();
});

/** The code of a thunk that has run and depends on something (tracking.ts); the payload is the value. */
export const TRACKED: Code = new NativeCode((value: Value) => value);

/** Likewise of one that failed; the payload is the error. */
const TRACKED_FAILED: Code = new NativeCode((error: NixError) => {
  throw error.clone();
});

const NATIVE: Code = new NativeCode((compute: () => Value) => compute());

/** Returns a thunk that computes its value with a JS function. */
export function lazy(compute: () => Value): Thunk {
  return new Thunk(NATIVE, compute);
}

/** Returns a value that a run makes on its way; see tracking.ts. */
export function forcePart(place: string, compute: () => Slot, pos: Pos = NO_POS): Value {
  return force(part(place, compute, (compute) => lazy(() => force(compute(), pos))), pos);
}

/** Makes a thunk of {@link lazy} that hasn't run compute its value with another function. */
export function renewLazy(thunk: Thunk, compute: () => Value): void {
  if (thunk.code === NATIVE) thunk.payload = compute;
}

/** The code of thunks that {@link eager} makes. */
const EAGER: Code = new NativeCode(NATIVE.run);

/**
 * Returns a thunk of what C++ Nix computes before evaluation starts, and is computed here when it is needed: nothing
 * that asks whether it has a value finds that it hasn't.
 */
export function eager(compute: () => Value): Thunk {
  return new Thunk(EAGER, compute);
}

/** Returns a thunk that fails with `error` whenever it is forced. */
export function failing(error: NixError): Thunk {
  return new Thunk(FAILED, error);
}

/** Whether the slot holds something not evaluated yet (or failed). */
export function isUnevaluated(slot: Slot): slot is Thunk {
  return slot instanceof Thunk && slot.code !== null && slot.code !== TRACKED && slot.code !== EAGER;
}

/** Returns the value of a slot that has one; the thunk that is in it if it hasn't run. */
export function peek(slot: Slot): Slot {
  if (!(slot instanceof Thunk)) return slot;
  if (slot.code === null) return slot.payload;
  if (slot.code === TRACKED) return forceThunk(slot, NO_POS);
  return slot.code === EAGER ? forceThunk(slot, NO_POS) : slot;
}

/** Returns the value of a slot, evaluating it first if need be. `pos` is blamed for infinite recursion. */
export function force(slot: Slot, pos: Pos = NO_POS): Value {
  if (slot instanceof Thunk) return slot.code === null ? slot.payload : forceThunk(slot, pos);
  return slot;
}

/** Runs a thunk that has no value yet. */
export function forceThunk(thunk: Thunk, pos: Pos): Value {
  const code = thunk.code!;
  const payload = thunk.payload;
  if (code === BLACKHOLE) throw infiniteRecursion(pos);
  if (tracker !== null) return forceTracked(thunk, pos);
  // Looked at when all is over, as for a message.
  if (code === TRACKED || code === TRACKED_FAILED) return code.run(payload, code, pos, thunk);
  thunk.code = BLACKHOLE;
  thunk.payload = null;
  try {
    const value = code.run(payload, code, pos, thunk);
    thunk.payload = value;
    thunk.code = null;
    return value;
  } catch (e) {
    if (e instanceof NixError) {
      thunk.code = FAILED;
      // The error itself, not a copy: as in C++ Nix, frames it collects until it is caught show up next time too.
      thunk.payload = code === FAILED ? payload : e;
    } else {
      // A host failure (stack exhausted, an interrupt, a bug) says nothing about the value: leave it as it was.
      thunk.code = code;
      thunk.payload = payload;
    }
    throw e;
  }
}

/** The same where it is tracked what values depend on. */
function forceTracked(thunk: Thunk, pos: Pos): Value {
  const code = thunk.code!;
  const payload = thunk.payload;
  if (code === TRACKED) {
    dependOnAll(thunk.origin as DependencySet);
    return payload;
  }
  if (code === TRACKED_FAILED) {
    dependOnAll(thunk.origin as DependencySet);
    throw payload.clone();
  }
  const maker = (thunk.origin as Run | undefined) ?? null;
  const outer = run;
  const before = dependencies;
  const own = beginRun(maker);
  if (maker === null) own.parts = tracker!.partsOf(thunk);
  thunk.code = BLACKHOLE;
  thunk.payload = null;
  try {
    const value = code.run(payload, code, pos, thunk);
    own.dependencies = dependencies;
    thunk.payload = value;
    if (dependencies === EMPTY_SET) {
      thunk.code = null;
    } else {
      thunk.code = TRACKED;
      settle(thunk, { code, payload, run: own, maker });
    }
    return value;
  } catch (e) {
    if (!(e instanceof NixError)) {
      thunk.code = code;
      thunk.payload = payload;
    } else {
      own.dependencies = dependencies;
      thunk.payload = code === FAILED ? payload : e;
      fail({ thunk, code, payload, maker });
      if (dependencies === EMPTY_SET) {
        thunk.code = FAILED;
      } else {
        thunk.code = TRACKED_FAILED;
        settle(thunk, { code, payload, run: own, maker });
      }
    }
    throw e;
  } finally {
    endRun(outer, before);
  }
}

/**
 * Whether a slot may hold `value` itself instead of the thunk that produced it. Functions and lists (that aren't empty) are
 * recognised by the cell that holds them (equality of functions, `«repeated»` in printed lists), so their thunks stay. Thunks
 * that are {@link TRACKED} stay in any case.
 */
export function replacesThunk(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : !isFunction(value);
}

/** Returns the value of one of many slots, and puts it in its place ({@link settleSlot}). */
export function forceSlot(slots: Slot[], i: number): Value {
  const value = force(slots[i]);
  settleSlot(slots, i);
  return value;
}

/** Puts the value of a slot in its place where that may be, so that a thunk that is held by nothing else is garbage. */
export function settleSlot(slots: Slot[], i: number): void {
  const slot = slots[i];
  if (slot instanceof Thunk && slot.code === null && replacesThunk(slot.payload)) slots[i] = slot.payload;
}

/** Returns the value of a slot that may as well hold that, else what is in it. */
export function valueOrSlot(slot: Slot): Slot {
  return slot instanceof Thunk && slot.code === null && replacesThunk(slot.payload) ? slot.payload : slot;
}
