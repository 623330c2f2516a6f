import { assertEquals, assertThrows } from "@std/assert";
import { RedBlackTree } from "./_red_black_tree.ts";

const natural = (a: number, b: number) => a < b;

Deno.test("RedBlackTree yields its entries in order and takes each key once", () => {
  const tree = new RedBlackTree<number, string>(natural);
  const keys = Array.from({ length: 500 }, (_, i) => (i * 7919) % 251);
  for (const [i, key] of keys.entries()) assertEquals(tree.insert(key, `v${i}`), i < 251);
  const entries = [...tree];
  assertEquals(entries.map((e) => e.key), Array.from({ length: 251 }, (_, i) => i));
  assertEquals(entries[0].value, "v0");
});

Deno.test("RedBlackTree compares a new key with few others", () => {
  let comparisons = 0;
  const tree = new RedBlackTree<number, null>((a, b) => {
    comparisons++;
    return a < b;
  });
  for (let i = 0; i < 1024; i++) tree.insert(i, null);
  comparisons = 0;
  tree.insert(5000, null);
  // Twice the height of a perfect tree at most, and one with the neighbour.
  assertEquals(comparisons <= 21, true);
});

Deno.test("RedBlackTree is as it was after a comparison that threw", () => {
  const tree = new RedBlackTree<number | string, null>((a, b) => {
    if (typeof a !== typeof b) throw new TypeError("no order");
    return a < b;
  });
  for (const key of [3, 1, 2]) tree.insert(key, null);
  assertThrows(() => tree.insert("x", null), TypeError);
  assertEquals([...tree].map((e) => e.key), [1, 2, 3]);
});
