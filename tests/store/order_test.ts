import { assertEquals } from "@std/assert";
import { watchOrder } from "./order.ts";

Deno.test("20,000 derivations are named after all they refer to", () => {
  // Heaps that are forced from their tips, so that nothing comes in the order in which it is written.
  const expr = `let
    n = 20000;
    at = list: is: map (builtins.elemAt list) (builtins.filter (i: i < n) is);
    texts = builtins.genList (i: builtins.toFile "t\${toString i}" (toString (at texts [ (2 * i + 1) (3 * i + 2) ]))) n;
    all = builtins.genList (i: derivation {
      name = "d\${toString i}"; system = "x"; builder = "/b";
      inputs = at all [ (2 * i + 1) (2 * i + 2) (i + 7919) ];
      text = builtins.elemAt texts (n - 1 - i);
    }) n;
  in map (x: x.drvPath) all`;
  assertEquals(watchOrder(expr), { derivations: 20_000, others: 20_000, early: [] });
});
