import { assert, assertEquals } from "@std/assert";
import { Blocks } from "./blocks.ts";

/** Milliseconds that an attribute takes a process. */
type Cost = (process: number, index: number) => number;

/** Lets processes take blocks, each when it has done the one before. */
function distribute(count: number, processes: number, cost: Cost): { taken: number[]; blocks: number; waits: number } {
  const blocks = new Blocks(count, processes);
  const busy = Array.from({ length: processes }, () => ({ until: 0, last: 0, done: false }));
  const taken = new Array<number>(count).fill(-1);
  let handed = 0;
  for (;;) {
    const [next] = busy.filter(({ done }) => !done).sort((a, b) => a.until - b.until);
    if (next === undefined) break;
    const process = busy.indexOf(next);
    const block = blocks.take(process, next.last);
    next.done = block === undefined;
    if (block === undefined) continue;
    handed++;
    next.last = 0;
    for (let i = block.start; i < block.end; i++) {
      assertEquals(taken[i], -1, `attribute ${i} is handed out once`);
      taken[i] = process;
      next.last += cost(process, i);
    }
    next.until += next.last;
  }
  const ends = busy.map(({ until }) => until);
  return { taken, blocks: handed, waits: Math.max(...ends) - Math.min(...ends) };
}

const COSTS: readonly (readonly [count: number, processes: number, words: string, cost: Cost])[] = [
  [1, 2, "one attribute", () => 100],
  [10, 3, "few", () => 50],
  [1000, 1, "one process", () => 1],
  [1000, 2, "processes of different speed", (process) => process === 0 ? 1 : 9],
  [5000, 5, "five processes", (process) => [1, 2, 3, 4, 50][process]],
  [5000, 4, "attributes of different cost", (_, i) => i % 100 === 0 ? 80 : i < 2000 ? 5 : 0.1],
  [3000, 2, "attributes that take no time", () => 0],
];

for (const [count, processes, words, cost] of COSTS) {
  Deno.test(`Blocks hands out each attribute once, and nobody waits: ${words}`, () => {
    const { taken, waits } = distribute(count, processes, cost);
    assert(!taken.includes(-1));
    assert(waits <= 101, `one waits ${waits} ms for another`);
  });
}

Deno.test("Blocks gives two processes one stretch each, and few blocks", () => {
  const { taken, blocks } = distribute(10_000, 2, (process) => process === 0 ? 0.5 : 1.5);
  const meeting = taken.indexOf(1);
  assert(taken.slice(meeting).every((process) => process === 1));
  assert(Math.abs(meeting - 7500) < 100, `they meet at ${meeting}`);
  assert(blocks < 400, `${blocks} blocks`);
});

Deno.test("Blocks gives three processes stretches of some length", () => {
  const { taken } = distribute(9000, 3, () => 1);
  const changes = taken.filter((process, i) => i > 0 && process !== taken[i - 1]).length;
  assert(changes <= 12, `${changes} changes`);
});
