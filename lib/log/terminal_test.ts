import { assertEquals } from "@std/assert";
import { filterEscapes } from "./terminal.ts";

// What the pinned C++ Nix wrote for `builtins.trace` of these texts, without and with a terminal.
const CASES: readonly [what: string, text: string, plain: string, coloured: string][] = [
  ["leaves plain text alone", "hello\nworld", "hello\nworld", "hello\nworld"],
  ["expands tabs to the next multiple of eight", "trace: a\tb", "trace: a        b", "trace: a        b"],
  ["counts columns across newlines", "trace: 1234567\n\tx", "trace: 1234567\n  x", "trace: 1234567\n  x"],
  ["drops CR and BEL", "a\rb\x07c", "abc", "abc"],
  ["keeps colours for a terminal only", "\x1b[31;1merror:\x1b[0m x", "error: x", "\x1b[31;1merror:\x1b[0m x"],
  ["drops other CSI sequences everywhere", "a\x1b[2Kb\x1b[1;5Hc", "abc", "abc"],
  ["drops links ended by ESC backslash", "\x1b]8;;http://x\x1b\\y\x1b]8;;\x1b\\", "y", "y"],
  ["drops links ended by BEL", "\x1b]8;;http://x\x07y", "y", "y"],
  ["drops two-byte escapes", "a\x1bMb", "ab", "ab"],
  ["drops an escape cut off at the end", "a\x1b[", "a", "a"],
  ["counts wide characters as two columns", "\xe6\x97\xa5\tx", "\xe6\x97\xa5      x", "\xe6\x97\xa5      x"],
  ["counts a combining character as none", "e\xcc\x81\tx", "e\xcc\x81       x", "e\xcc\x81       x"],
  ["takes invalid bytes one by one", "\xff\xc3\tx", "\xff\xc3      x", "\xff\xc3      x"],
];

for (const [what, text, plain, coloured] of CASES) {
  Deno.test(`filterEscapes() ${what}`, () => {
    assertEquals(filterEscapes(text, { colours: false }), plain);
    assertEquals(filterEscapes(text, { colours: true }), coloured);
  });
}
