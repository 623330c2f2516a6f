// A short storm; `deno task storm` makes longer ones.

import { assert } from "@std/assert";
import { NIX_OR_NONE, NIX_PROGRAMS } from "../../lib/store/_nix.ts";
import { storm } from "./storm.ts";

Deno.test("kill -9 of devix at any moment leaves its own store complete", async () => {
  const { hits } = await storm({ kills: 3, victim: "devix", chains: 20, seed: 3 });
  assert(hits > 0);
});

for (const nix of NIX_OR_NONE) {
  Deno.test({
    name: `kill -9 of the daemon of Nix ${nix.version} is an error that the next run makes good`,
    ignore: NIX_PROGRAMS.length === 0,
    fn: async () => void await storm({ kills: 2, victim: "daemon", nix, chains: 20, seed: 4 }),
  });
}
