// Writes down what C++ Nix makes of the cases: deno run -A tests/fetch/record.ts NIX_INSTANTIATE [--missing]
//
// With `--missing` only of those that aren't written down yet.
//
// It has to have a store that it may write to, and port 443 of 127.0.0.2 has to be free for the forges.

import type { Outcome } from "./case.ts";
import { CASES } from "./cases.ts";
import { evaluateNix } from "./evaluate.ts";
import { openWorld } from "./world.ts";

const [nix, missing] = Deno.args;
if (nix === undefined) throw new Error("which nix-instantiate?");
const world = await openWorld();
if (/:\d+$/.test(world.https)) throw new Error("cannot listen at port 443");
const file = new URL("../../testdata/fetch/expected.json", import.meta.url);
const known: Record<string, Outcome> = missing === "--missing" ? JSON.parse(await Deno.readTextFile(file)) : {};
const outcomes: Record<string, Outcome> = {};
for (const fetchCase of CASES) {
  outcomes[fetchCase.name] = known[fetchCase.name] ?? await evaluateNix(fetchCase, world, nix);
}
await Deno.writeTextFile(file, JSON.stringify(outcomes, null, 2) + "\n");
await world.close();
Deno.exit(0);
