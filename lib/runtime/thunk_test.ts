import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { NixError } from "./errors.ts";
import { failing, force, isUnevaluated, lazy, replacesThunk, Thunk } from "./thunk.ts";

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
