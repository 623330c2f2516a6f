import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { geometricMean, growthExponent, median, spread } from "./statistics.ts";

Deno.test("median() is the middle, or between the two in the middle", () => {
  assertEquals(median([3]), 3);
  assertEquals(median([10, 2, 9]), 9);
  assertEquals(median([4, 100, 1, 2]), 3);
});

Deno.test("median() leaves its argument as it is", () => {
  const values = [3, 1, 2];
  median(values);
  assertEquals(values, [3, 1, 2]);
});

Deno.test("median() and geometricMean() need numbers", () => {
  assertThrows(() => median([]), RangeError, "Cannot take a median: there are no numbers");
  assertThrows(() => geometricMean([]), RangeError, "Cannot take a mean: there are no numbers");
});

Deno.test("spread() is the range in parts of the median", () => {
  assertEquals(spread([2, 2, 2]), 0);
  assertEquals(spread([1, 2, 3]), 1);
  assertEquals(spread([0, 0]), 0);
});

Deno.test("geometricMean() takes twice as slow and twice as fast for level", () => {
  assertAlmostEquals(geometricMean([2, 0.5]), 1);
  assertAlmostEquals(geometricMean([1, 2, 4]), 2);
});

Deno.test("growthExponent() finds the power of exact laws", () => {
  for (const k of [0.5, 1, 2]) {
    const points = [1e3, 1e4, 1e5].map((size) => ({ size, seconds: 3e-6 * size ** k }));
    assertAlmostEquals(growthExponent(points), k);
  }
});

Deno.test("growthExponent() leaves out what cost nothing", () => {
  const points = [{ size: 1, seconds: -0.1 }, { size: 10, seconds: 1 }, { size: 100, seconds: 10 }];
  assertAlmostEquals(growthExponent(points), 1);
});

Deno.test("growthExponent() of one size is not a number", () => {
  assertEquals(growthExponent([{ size: 10, seconds: 1 }, { size: 10, seconds: 2 }]), NaN);
  assertEquals(growthExponent([]), NaN);
});
