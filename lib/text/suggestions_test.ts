import { assertEquals } from "@std/assert";
import { bestMatch, bestMatches, editDistance } from "./suggestions.ts";

Deno.test("editDistance() counts insertions, removals and replacements", () => {
  assertEquals(editDistance("", "abc"), 3);
  assertEquals(editDistance("kitten", "sitting"), 3);
  assertEquals(editDistance("same", "same"), 0);
});

Deno.test("bestMatches() gives the nearest names, at most five, by distance then spelling", () => {
  assertEquals(bestMatches(["foo", "bar", "fob", "fooo", "xyz"], "fo"), ["fob", "foo", "fooo"]);
  assertEquals(bestMatches(["a", "b", "c", "d", "e", "f"], "x"), ["a", "b", "c", "d", "e"]);
  assertEquals(bestMatches(["completely"], "other"), []);
});

Deno.test("bestMatch() returns the one that is nearest", () => {
  assertEquals(bestMatch(["expr", "env", "file"], "exp"), "expr");
  assertEquals(bestMatch(["abc", "abd"], "abe"), undefined);
  assertEquals(bestMatch(["abc"], "xyz"), undefined);
});
