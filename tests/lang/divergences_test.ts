import { assertEquals, assertThrows } from "@std/assert";
import { parseDivergences } from "./divergences.ts";

Deno.test("parseDivergences() maps cases to reasons", () => {
  const reasons = parseDivergences("# comment\n\nfloats/nan  the sign of NaN cannot be seen\na/b x\n");
  assertEquals([...reasons], [["floats/nan", "the sign of NaN cannot be seen"], ["a/b", "x"]]);
});

Deno.test("parseDivergences() wants a reason and each case once", () => {
  assertThrows(() => parseDivergences("a/b\n"), SyntaxError, "gives no reason");
  assertThrows(() => parseDivergences("a x\na y\n"), SyntaxError, "listed twice");
});
