import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { NixError } from "./errors.ts";
import { failing, force, forceSlot, isUnevaluated, lazy, replacesThunk, settleSlot, Thunk } from "./thunk.ts";
import { Primop, type Slot } from "./value.ts";

Deno.test("force() runs a thunk once", () => {
  let runs = 0;
  const thunk = lazy(() => ++runs);
  assertEquals([force(thunk), force(thunk), runs], [1, 1, 1]);
});

Deno.test("force() of a thunk that needs itself is infinite recursion at the place that asked", () => {
  const thunk: Thunk = lazy(() => force(thunk, 42));
  const error = assertThrows(() => force(thunk), NixError);
  assertEquals([error.kind, error.pos], ["infinite-recursion", 42]);
});

Deno.test("force() of a failed thunk fails again without running it, with the frames of the first time", () => {
  let runs = 0;
  const thunk = lazy(() => {
    runs++;
    throw new NixError("throw", "no");
  });
  assertThrows(() => force(thunk), NixError).addFrame(0, "first");
  const second = assertThrows(() => force(thunk), NixError).addFrame(0, "second");
  const third = assertThrows(() => force(thunk), NixError);
  const texts = (e: NixError) => e.frames.map((f) => f.text);
  assertEquals([texts(second), texts(third), runs], [["first", "second"], ["first"], 1]);
});

Deno.test("force() leaves a thunk as it was when the host failed", () => {
  let fail = true;
  const thunk = lazy(() => {
    if (fail) throw new RangeError("Maximum call stack size exceeded");
    return 1;
  });
  assertThrows(() => force(thunk), RangeError);
  assertEquals(isUnevaluated(thunk), true);
  fail = false;
  assertEquals(force(thunk), 1);
});

Deno.test("failing() gives a thunk of an error", () => {
  const error = new NixError("eval", "why");
  const thrown = assertThrows(() => force(failing(error)), NixError);
  assertEquals(thrown.message, "why");
});

Deno.test("replacesThunk() keeps cells of lists and functions apart", () => {
  const list = [1];
  assertEquals([replacesThunk(list), replacesThunk(1), replacesThunk(null)], [false, true, true]);
  assertStrictEquals(force(lazy(() => list)), list);
  // Nothing tells one empty list from another.
  assertEquals(replacesThunk([]), true);
});

Deno.test("forceSlot() and settleSlot() put values in place of thunks, but not of lists' and functions'", () => {
  const fn = new Primop("f", 1, () => null);
  const lists = lazy(() => [1]);
  const functions = lazy(() => fn);
  const waiting = lazy(() => 3);
  const slots: Slot[] = [lazy(() => 1), lists, functions, waiting, 4];
  assertEquals(slots.slice(0, 3).map((_, i) => forceSlot(slots, i)), [1, [1], fn]);
  slots.forEach((_, i) => settleSlot(slots, i));
  assertEquals(slots.map((slot) => slot instanceof Thunk), [false, true, true, true, false]);
  assertEquals([slots[0], isUnevaluated(waiting)], [1, true]);
  force(waiting);
  settleSlot(slots, 3);
  assertEquals(slots[3], 3);
});

Deno.test("settleSlot() leaves a thunk that failed", () => {
  const slots: Slot[] = [failing(new NixError("eval", "no"))];
  assertThrows(() => forceSlot(slots, 0), NixError);
  settleSlot(slots, 0);
  assertEquals(slots[0] instanceof Thunk, true);
});
