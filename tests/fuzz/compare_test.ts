import { assertEquals, assertNotEquals } from "@std/assert";
import type { Result } from "./batch.ts";
import { differ, signature } from "./compare.ts";

const value = (output: string): Result => ({ kind: "value", output });
const error = (message: string, suggestion: string | null = null, trace = ""): Result => ({
  kind: "error",
  error: "error",
  message,
  suggestion,
  trace,
});
const crash: Result = { kind: "crash", report: "SIGSEGV\n" };

Deno.test("differ() compares values, kinds, messages and suggestions", () => {
  assertEquals(differ(value("1\n"), value("1\n")), false);
  assertEquals(differ(value("1\n"), value("2\n")), true);
  assertEquals(differ(value("1\n"), error("x")), true);
  assertEquals(differ(error("x"), error("y")), true);
  assertEquals(differ(error("x"), error("x", "Did you mean y?")), true);
  assertEquals(differ(error("x", null, "at a:1:1"), error("x", null, "at a:1:2")), true);
});

Deno.test("differ() reports our crashes and leaves the oracle's alone", () => {
  assertEquals([differ(value("1\n"), crash), differ(crash, crash), differ(crash, value("1\n"))], [true, false, false]);
});

Deno.test("differ() overlooks the sign of NaN and the time", () => {
  assertEquals(differ(value("{ currentTime = 17; }\n"), value("{ currentTime = 18; }\n")), false);
  assertEquals(differ(value("[ -nan ]\n"), value("[ nan ]\n")), false);
});

Deno.test("differ() overlooks what an empty store makes of paths that were computed", () => {
  const oracle = error("path 'abc-d.drv' is not valid");
  assertEquals(differ(oracle, error("cannot build '/nix/store/abc-d.drv^out' during evaluation: no")), false);
  assertEquals(differ(oracle, crash), true);
});

Deno.test("signature() forgets names, numbers and values but not messages", () => {
  const sort = (name: string) => signature(value("1\n"), error(`attribute '${name}' missing`));
  assertEquals(sort("a"), sort("b c"));
  assertEquals(
    signature(error("cannot coerce a set to a string: { a = 1; }"), value("1\n")),
    signature(error("cannot coerce a set to a string: { }"), value("2\n")),
  );
  assertNotEquals(sort("a"), signature(value("1\n"), error("division by zero")));
});
