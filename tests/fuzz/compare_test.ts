import { assertEquals, assertNotEquals } from "@std/assert";
import type { Result } from "./batch.ts";
import { differ, signature } from "./compare.ts";

const value = (output: string): Result => ({ kind: "value", output });
const error = (message: string, suggestion: string | null = null): Result => ({
  kind: "error",
  error: "error",
  message,
  suggestion,
});
const crash: Result = { kind: "crash", report: "SIGSEGV\n" };

Deno.test("differ() compares values, kinds, messages and suggestions", () => {
  assertEquals(differ(value("1\n"), value("1\n")), false);
  assertEquals(differ(value("1\n"), value("2\n")), true);
  assertEquals(differ(value("1\n"), error("x")), true);
  assertEquals(differ(error("x"), error("y")), true);
  assertEquals(differ(error("x"), error("x", "Did you mean y?")), true);
});

Deno.test("differ() reports our crashes and leaves the oracle's alone", () => {
  assertEquals([differ(value("1\n"), crash), differ(crash, crash), differ(crash, value("1\n"))], [true, false, false]);
});

Deno.test("differ() overlooks the sign of NaN, the time and places in internal files", () => {
  assertEquals(differ(value("{ currentTime = 17; }\n"), value("{ currentTime = 18; }\n")), false);
  assertEquals(differ(value("[ -nan ]\n"), value("[ nan ]\n")), false);
  assertEquals(differ(error("x derivation-internal.nix:30:1»"), error("x derivation-internal.nix:19:1»")), false);
  assertEquals(differ(error("x a.nix:30:1»"), error("x a.nix:19:1»")), true);
});

Deno.test("differ() overlooks what a store without derivations makes of import from derivation", () => {
  const oracle = error("path 'abc-d.drv' is not valid");
  assertEquals(differ(oracle, error("cannot build '/nix/store/abc-d.drv^out' during evaluation: no")), false);
  assertEquals(differ(oracle, error("something else")), true);
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
