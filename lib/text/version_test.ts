import { assertEquals } from "@std/assert";
import { compareVersions, parseDrvName, splitVersion } from "./version.ts";

Deno.test("compareVersions() orders as Nix", () => {
  const table: readonly (readonly [string, string, -1 | 0 | 1])[] = [
    ["1.0", "2.3", -1],
    ["2.1", "2.3", -1],
    ["2.3", "2.3", 0],
    ["2.5", "2.3", 1],
    ["3.1", "2.3", 1],
    ["2.3.1", "2.3", 1],
    ["2.3.1", "2.3a", 1],
    ["2.3pre1", "2.3", -1],
    ["2.3pre3", "2.3pre12", -1],
    ["2.3a", "2.3c", -1],
    ["2.3pre1", "2.3c", -1],
    ["2.3pre1", "2.3q", -1],
    ["01", "1", 0],
    ["2147483647", "2147483648", 1], // too long for an int: a word
    ["2147483648", "10", -1],
    ["a-b", "a.b", 0],
    ["", "..", 0],
  ];
  for (const [a, b, order] of table) {
    assertEquals(compareVersions(a, b), order, `${a} ${b}`);
  }
});

Deno.test("splitVersion() drops separators and splits digits from words", () => {
  assertEquals(splitVersion("1.2.3-beta4"), ["1", "2", "3", "beta", "4"]);
  assertEquals(splitVersion("--.a..1"), ["a", "1"]);
  assertEquals(splitVersion("."), []);
});

Deno.test("parseDrvName() splits at the first dash before a non-letter", () => {
  assertEquals(parseDrvName("apache-httpd-2.0.48"), { name: "apache-httpd", version: "2.0.48" });
  assertEquals(parseDrvName("nix-0.12pre12876"), { name: "nix", version: "0.12pre12876" });
  assertEquals(parseDrvName("a-b-"), { name: "a-b-", version: "" });
  assertEquals(parseDrvName("a--b"), { name: "a", version: "-b" });
  assertEquals(parseDrvName("a-\xe9"), { name: "a", version: "\xe9" });
});
