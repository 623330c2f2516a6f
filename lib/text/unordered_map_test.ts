import { assertEquals } from "@std/assert";
import { unorderedMapOrder } from "./unordered_map.ts";

// As C++ Nix 2.34.8 traced them; what its library's map does on growing is in the golden cases of fromTOML too.
Deno.test("unorderedMapOrder() orders as GNU's C++ library", () => {
  assertEquals(unorderedMapOrder([]), []);
  assertEquals(unorderedMapOrder(["a"]), ["a"]);
  assertEquals(unorderedMapOrder(["c", "e", "f-g", "t"])[0], "t");
});

Deno.test("unorderedMapOrder() has every key once", () => {
  const keys = Array.from({ length: 1000 }, (_, i) => `key-${i}`);
  assertEquals(unorderedMapOrder(keys).sort(), keys.sort());
});
