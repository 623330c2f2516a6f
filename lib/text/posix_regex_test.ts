// Expectations are what C++ Nix 2.34.8 gives for builtins.match and builtins.split.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { RegexMachine } from "./_regex_machine.ts";
import { translateRegex } from "./_regex_native.ts";
import { parseRegex } from "./_regex_syntax.ts";
import { compileRegex, RegexError, type RegexGroup } from "./posix_regex.ts";

const X = undefined;
const MATCHES: readonly (readonly [pattern: string, text: string, groups: readonly RegexGroup[] | undefined])[] = [
  ["ab", "abc", X],
  ["abc", "abc", []],
  ["a(b)(c)", "abc", ["b", "c"]],
  ["[[:space:]]+([[:upper:]]+)[[:space:]]+", "  FOO   ", ["FOO"]],
  ["a|b", "b", []],
  ["", "", []],
  ["(a|ab)(c|bcd)(d*)", "abcd", ["a", "bcd", ""]],
  ["(a)|b", "b", [X]],
  ["(a){0}", "", [X]],
  // Groups keep what an earlier iteration captured.
  ["(a|(b))*", "ba", ["a", "b"]],
  ["((a)|b)*", "ab", ["b", "a"]],
  // A loop may go through its body twice without consuming anything.
  ["(a*)+", "aa", [""]],
  ["(a*)*", "aab", X],
  ["(a*|b)*", "aabb", [""]],
  ["(a*)?", "", [""]],
  ["a**", "aaa", []],
  ["x{2}{3}", "xxxxxx", []],
  ["(x{1,2}){2}", "xxx", ["x"]],
  // Signed bytes, ranges, brackets.
  ["[\x80-a]+", "\xff0a", []],
  ["[]a]+", "]a", []],
  ["[^]a]+", "]a", X],
  ["[a\\]]", "\\]", []],
  ["[\\n]", "n", []],
  ["[--/]", ".", []],
  ["[[=a=]]", "A", []],
  ["[[.hyphen.]x]+", "-x", []],
  ["[[:ALPHA:]]", "z", []],
  ["[[:w:]]+", "a_9", []],
  [".", "\xff", []],
  ["a]}", "a]}", []],
  ["$|^", "", []],
];

Deno.test("matchWhole() gives the groups C++ Nix gives", () => {
  for (const [pattern, text, groups] of MATCHES) {
    assertEquals(compileRegex(pattern).matchWhole(text), groups, `${pattern} ${text}`);
  }
});

const SPLITS: readonly (readonly [pattern: string, text: string, pieces: unknown])[] = [
  ["(a)b", "abc", ["", ["a"], "c"]],
  ["([ac])", "abc", ["", ["a"], "b", ["c"], ""]],
  ["(a)|(c)", "abc", ["", ["a", null], "b", [null, "c"], ""]],
  ["([[:upper:]]+)", "  FOO   ", ["  ", ["FOO"], "   "]],
  ["b*", "abba", ["", [], "a", [], "", [], "a", [], ""]],
  ["", "ab", ["", [], "a", [], "b", [], ""]],
  ["^a", "aab", ["", [], "ab"]],
  ["$", "ab", ["ab", [], ""]],
  // The longer alternative wins, the left one among equals.
  ["(a|ab)(c|bcd)?", "abcd", ["", ["a", "bcd"], ""]],
  ["a|ab|abc", "abcabx", ["", [], "", [], "x"]],
  ["(a*|b)", "bb", ["", ["b"], "", ["b"], "", [""], ""]],
];

Deno.test("findAll() visits what std::regex_iterator visits", () => {
  for (const [pattern, text, pieces] of SPLITS) {
    const split: unknown[] = [];
    let at = 0;
    for (const { start, end, groups } of compileRegex(pattern).findAll(text)) {
      split.push(text.slice(at, start), groups.map((group) => group ?? null));
      at = end;
    }
    assertEquals([...split, text.slice(at)], pieces, `${pattern} ${text}`);
  }
});

Deno.test("compileRegex() refuses what libstdc++ refuses", () => {
  const invalid = ["(", ")", "a)", "*a", "(*a)", "a|*b", "^*", "a{", "a{1", "a{,2}", "a{2,1}", "a{1,2,3}", "a{ 1}"];
  const escapes = ["\\", "a\\", "\\1", "\\n", "\\w", "\\}", "\\]", "\\-", "\\/"];
  const brackets = ["[", "[]", "[^]", "[a", "[a-", "[z-a]", "[a-\xff]", "[a-z-9]", "[[:alpha:]-z]", "[a-[:digit:]]"];
  const names = ["[[:foo:]]", "[[:alpha]]", "[[.-.]]", "[[=ab=]]", "[[.", "a{4294967297}"];
  for (const pattern of [...invalid, ...escapes, ...brackets, ...names]) {
    const error = assertThrows(() => compileRegex(pattern), RegexError, undefined, pattern);
    assertEquals(error.message, `invalid regular expression '${pattern}'`);
  }
});

Deno.test("compileRegex() counts states as libstdc++ does", () => {
  const error = assertThrows(() => compileRegex("(.{1,500}){1,300}"), RegexError);
  assertEquals(error.message, "memory limit exceeded by regular expression '(.{1,500}){1,300}'");
  assertEquals(parseRegex("a").stateCount, 5);
  compileRegex("a{99991}");
  assertThrows(() => compileRegex("a{100000}"), RegexError);
});

Deno.test("matchWhole() and findAll() end quickly where backtracking would not", () => {
  const a = "a".repeat(50_000);
  for (const pattern of ["(a*)*b", "(a+)+b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b", "((a?b?)*(c?)*)*d"]) {
    assertEquals(compileRegex(pattern).matchWhole(a), undefined);
    assertEquals(compileRegex(pattern).findAll(a), []);
  }
  assertEquals(compileRegex("(a|aa)+$").matchWhole(a), ["a"]);
});

Deno.test("translateRegex() passes common patterns and refuses ambiguous loops", () => {
  const usual = [
    "([0-9]+)\\.([0-9]+)(\\..*)?",
    "[a-zA-Z_][a-zA-Z0-9_'-]*",
    "(.*)/([^/]*)",
    "([a-z]+-)*[a-z]+",
    "foo|bar",
  ];
  for (const pattern of usual) assert(translateRegex(parseRegex(pattern))?.canSearch, pattern);
  for (const pattern of ["(a*)*", "(a+)+", "(a|aa)+", "(a|(b))*", "(a?b?)*", "((a*)?b)*"]) {
    assertEquals(translateRegex(parseRegex(pattern)), undefined, pattern);
  }
  assertEquals(translateRegex(parseRegex("a|ab"))?.canSearch, false);
});

Deno.test("RegexMachine agrees with the JavaScript engine where that is used", () => {
  const texts = ["", "a", "ab", "aabb", "abcabc", "a.b-c", "1.2.3", "x_y", "ba\xff"];
  for (
    const pattern of ["a*b?", "(a|b)+c", "[^.]+\\.(.*)", "(ab|ba)*", "([0-9]+\\.)+[0-9]", "a{1,2}(b{2})?", "(a?b)?c*"]
  ) {
    const parsed = parseRegex(pattern);
    assert(translateRegex(parsed) !== undefined, pattern);
    const machine = new RegexMachine(parsed.root, parsed.groupCount, () => new Error("too large"));
    const regex = compileRegex(pattern);
    for (const text of texts) {
      const spans = machine.findAll(text).map((captures) => [captures[0], captures[1]]);
      assertEquals(regex.findAll(text).map(({ start, end }) => [start, end]), spans, `${pattern} ${text}`);
      assertEquals(regex.matchWhole(text) !== undefined, machine.matchWhole(text) !== undefined);
    }
  }
});
