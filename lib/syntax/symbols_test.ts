import { assert, assertEquals } from "@std/assert";
import { HASH_FACTOR, HASH_MASK, intern, internRange, symbolName } from "./symbols.ts";

function internText(name: string): number {
  const text = `<${name}>`;
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * HASH_FACTOR + name.charCodeAt(i)) & HASH_MASK;
  return internRange(bytes, 1, 1 + name.length, hash, text);
}

Deno.test("internRange() and intern() agree, also as tables grow", () => {
  const names = Array.from({ length: 40000 }, (_, i) => `symbols-test-${i * 7919}`);
  names.forEach((name, i) => i % 2 === 0 ? intern(name) : internText(name));
  for (const name of names) {
    const symbol = internText(name);
    assertEquals(intern(name), symbol);
    assertEquals(symbolName(symbol), name);
  }
});

Deno.test("internRange() tells names of equal hash apart", () => {
  assert(internText("a\x00") !== internText("\x00a"));
  // 97 * "a" + "\xff" = 97 * "b" + "\x9e"
  assert(internText("a\xff") !== internText("b\x9e"));
});

Deno.test("intern() tells names apart of which it looks at the same bytes first", () => {
  const names = ["", "a", "aa", "aaa", "symbols-x-test-middle-end", "symbols-y-test-middle-end", "x".repeat(300)];
  const symbols = names.map(intern);
  assertEquals(new Set(symbols).size, names.length);
  for (let i = 0; i < 3; i++) assertEquals(names.map(intern), symbols);
  assertEquals(symbols.map(symbolName), names);
});

Deno.test("intern() has C++ Nix's first symbols in its order", () => {
  const order = ["<with>", "outPath", "name", "__functor", "", "startSet", "__sub", "or", "body"].map(intern);
  assertEquals(order, [...order].sort((a, b) => a - b));
});
