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
import { type Env, isFunction, type Slot, type Value } from "./value.ts";
import { infiniteRecursion, NixError } from "./errors.ts";
import { enterOwner, type Owner, owner, setOwner } from "./owner.ts";
import { setTainted, tainted, volatileThunks } from "./volatile.ts";

/**
 * Something a thunk can run. `run` gets the thunk's payload (an environment, usually), the code itself, the position of
 * what wants the value, and the thunk, which is a black hole while it runs.
 */
export interface Code {
  // deno-lint-ignore no-explicit-any
  run: (payload: any, code: any, pos: Pos, thunk: Thunk) => Value;
}

/** A slot's content that has not been evaluated when it was made. */
export class Thunk {
  code: Code | null;
  // deno-lint-ignore no-explicit-any
  payload: any;
  /** Takes no space where there are no owners: V8 sizes objects by what the first ones were given. */
  declare owner?: Owner;
  constructor(code: Code, payload: Env | unknown) {
    this.code = code;
    this.payload = payload;
    if (owner !== null) this.owner = owner;
  }
}

/** The code of a thunk that is running. */
export const BLACKHOLE: Code = {
  run: () => {
    throw infiniteRecursion(NO_POS);
  },
};

/** The code of a thunk whose evaluation failed; the payload is the error. */
export const FAILED: Code = {
  run: (error: NixError) => {
    throw error.clone();
  },
};

/** The code of a thunk that has run and was made from something volatile (volatile.ts); the payload is the value. */
export const VOLATILE: Code = {
  run: (value: Value) => value,
};

/** Likewise of one that failed; the payload is the error. */
const VOLATILE_FAILED: Code = {
  run: (error: NixError) => {
    throw error.clone();
  },
};

const NATIVE: Code = { run: (compute: () => Value) => compute() };

/** Returns a thunk that computes its value with a JS function. */
export function lazy(compute: () => Value): Thunk {
  return new Thunk(NATIVE, compute);
}

/** The code of thunks that {@link eager} makes. */
const EAGER: Code = { run: NATIVE.run };

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
  return slot instanceof Thunk && slot.code !== null && slot.code !== VOLATILE && slot.code !== EAGER;
}

/** Returns the value of a slot that has one; the thunk that is in it if it hasn't run. */
export function peek(slot: Slot): Slot {
  if (!(slot instanceof Thunk)) return slot;
  if (slot.code === null || slot.code === VOLATILE) return slot.payload;
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
  const before = owner;
  if (before !== null) {
    if (volatileThunks !== null) return forceNotingVolatile(thunk, pos);
    enterOwner(thunk.owner);
  }
  thunk.code = BLACKHOLE;
  thunk.payload = null;
  try {
    const value = code.run(payload, code, pos, thunk);
    thunk.payload = value;
    thunk.code = null;
    if (before !== null) setOwner(before);
    return value;
  } catch (e) {
    if (before !== null) setOwner(before);
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

/** The same where it is noted what was made from something volatile. */
function forceNotingVolatile(thunk: Thunk, pos: Pos): Value {
  const code = thunk.code!;
  const payload = thunk.payload;
  if (code === VOLATILE || code === VOLATILE_FAILED) {
    setTainted(true);
    return code.run(payload, code, pos, thunk);
  }
  const thunks = volatileThunks!;
  const before = owner;
  const taintedBefore = tainted;
  setTainted(false);
  enterOwner(thunk.owner);
  thunk.code = BLACKHOLE;
  thunk.payload = null;
  try {
    const value = code.run(payload, code, pos, thunk);
    thunk.payload = value;
    if (tainted) {
      thunk.code = VOLATILE;
      thunks.add(thunk, code, payload);
    } else {
      thunk.code = null;
    }
    return value;
  } catch (e) {
    if (!(e instanceof NixError)) {
      thunk.code = code;
      thunk.payload = payload;
    } else {
      thunk.payload = code === FAILED ? payload : e;
      if (tainted) {
        thunk.code = VOLATILE_FAILED;
        thunks.add(thunk, code, payload);
      } else {
        thunk.code = FAILED;
      }
    }
    throw e;
  } finally {
    setOwner(before);
    if (taintedBefore) setTainted(true);
  }
}

/**
 * Whether a slot may hold `value` itself instead of the thunk that produced it. Functions and lists are recognised by
 * the cell that holds them (equality of functions, `«repeated»` in printed lists), so their thunks stay. Thunks that are
 * {@link VOLATILE} stay in any case.
 */
export function replacesThunk(value: Value): boolean {
  return !(Array.isArray(value) || isFunction(value));
}
