import { assertEquals, assertThrows } from "@std/assert";
import { parseAttrPath } from "./attr_path.ts";
import { NixError } from "./errors.ts";

const CASES: readonly [path: string, parts: readonly string[]][] = [
  ["", []],
  ["a", ["a"]],
  ["a.b.0", ["a", "b", "0"]],
  ['a."b.c".d', ["a", "b.c", "d"]],
  ['a"b.c"d', ["ab.cd"]],
  ["a..b", ["a", "", "b"]],
  [".a", ["", "a"]],
  ["a.", ["a"]],
  ['a.""', ["a"]],
];

for (const [path, parts] of CASES) {
  Deno.test(`parseAttrPath() splits ${path || "nothing"}`, () => assertEquals(parseAttrPath(path), parts));
}

Deno.test("parseAttrPath() wants quotes to end", () => {
  assertEquals((assertThrows(() => parseAttrPath('a."b'), NixError) as NixError).kind, "parse");
});
