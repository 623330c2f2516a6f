// A short one; `storm.ts` by itself goes on for longer.
import { FROM_SOURCE, storm } from "./storm.ts";

Deno.test("a cache is none the worse for kills, and several processes share it", async () => {
  await storm({ kills: 2, processes: 2, seed: 5, command: FROM_SOURCE, say: () => {} });
});
