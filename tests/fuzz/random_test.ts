import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Random } from "./random.ts";

Deno.test("Random gives equal streams for equal seeds only", () => {
  const take = (seed: number, index: number) => {
    const random = new Random(seed, index);
    return random.times(8, () => random.next());
  };
  assertEquals(take(1, 2), take(1, 2));
  assertNotEquals(take(1, 2), take(1, 3));
  assertNotEquals(take(1, 2), take(2, 2));
});

Deno.test("Random.below() reaches every number below the limit and none other", () => {
  const random = new Random(7);
  const reached = new Set(random.times(500, () => random.below(5)));
  assertEquals([...reached].sort(), [0, 1, 2, 3, 4]);
});

Deno.test("Random.weighted() never picks an item of weight 0", () => {
  const random = new Random(7);
  const picked = new Set(random.times(300, () => random.weighted([[0, "never"], [1, "a"], [3, "b"], [0, "no"]])));
  assertEquals([...picked].sort(), ["a", "b"]);
});

Deno.test("Random.shuffled() keeps the items", () => {
  const items = [1, 2, 3, 4, 5, 6];
  const random = new Random(3);
  const shuffles = random.times(5, () => random.shuffled(items));
  for (const shuffled of shuffles) assertEquals([...shuffled].sort(), items);
  assert(shuffles.some((shuffled) => shuffled.join() !== items.join()));
});
