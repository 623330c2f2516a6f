import { assertEquals } from "@std/assert";
import { peekSort } from "./sort.ts";

const natural = (a: number, b: number) => a < b;

function pseudoRandom(n: number, modulus: number): number[] {
  return Array.from({ length: n }, (_, i) => (i * 7919 + (i * i) % 31) % modulus);
}

Deno.test("peekSort() sorts rising, falling, mixed and random input", () => {
  const inputs = [
    [],
    [1],
    [2, 1],
    Array.from({ length: 100 }, (_, i) => i),
    Array.from({ length: 100 }, (_, i) => -i),
    Array.from({ length: 101 }, (_, i) => i < 60 ? i : 120 - i),
    pseudoRandom(1000, 997),
    pseudoRandom(1000, 7),
  ];
  for (const input of inputs) {
    const sorted = [...input];
    peekSort(sorted, natural);
    assertEquals(sorted, [...input].sort((a, b) => a - b));
  }
});

Deno.test("peekSort() keeps the order of equal items", () => {
  const items = pseudoRandom(500, 5).map((key, at) => ({ key, at }));
  peekSort(items, (a, b) => a.key < b.key);
  for (let i = 1; i < items.length; i++) {
    const [a, b] = [items[i - 1], items[i]];
    assertEquals(a.key < b.key || (a.key === b.key && a.at < b.at), true);
  }
});

Deno.test("peekSort() returns a permutation whatever the comparator says", () => {
  for (const before of [() => true, () => false, (a: number, b: number) => ((a * b) & 1) === 0]) {
    const items = pseudoRandom(300, 1000);
    const sorted = [...items];
    peekSort(sorted, before);
    assertEquals(sorted.sort(), items.sort());
  }
});

Deno.test("peekSort() compares only neighbours in a rising list", () => {
  let comparisons = 0;
  peekSort(Array.from({ length: 1000 }, (_, i) => i), (a, b) => {
    comparisons++;
    return a < b;
  });
  // 999 pairs of neighbours; the one in the middle is looked at twice.
  assertEquals(comparisons, 1000);
});
