// The cases against what C++ Nix made of them.
//
// testdata/fetch/expected.json has the outcomes, as `record.ts` wrote them down; a case whose outcome isn't there is an
// error. With DEVIX_NIX_INSTANTIATE set to the path of a `nix-instantiate` they are asked for anew, which takes minutes.

import { assert, assertEquals } from "@std/assert";
import type { Outcome } from "./case.ts";
import { CASES } from "./cases.ts";
import { evaluateDevix, evaluateNix } from "./evaluate.ts";
import { hasProgram, openWorld } from "./world.ts";

const EXPECTED = new URL("../../testdata/fetch/expected.json", import.meta.url);

// The C library stays loaded (lib/io): Deno 2.6 takes that for a leak.
Deno.test("fetchers answer as C++ Nix does", { sanitizeResources: false }, async (t) => {
  const expected: Record<string, Outcome> = JSON.parse(await Deno.readTextFile(EXPECTED));
  const nix = Deno.env.get("DEVIX_NIX_INSTANTIATE");
  const world = await openWorld({ anyPort: nix === undefined });
  const hasHg = hasProgram("hg");
  for (const fetchCase of CASES) {
    const ignore = fetchCase.needs === "hg" && !hasHg;
    const fn = async () => {
      const ours = await evaluateDevix(fetchCase, world);
      const theirs = nix === undefined ? expected[fetchCase.name] : await evaluateNix(fetchCase, world, nix);
      assert(theirs !== undefined, "not recorded");
      if (fetchCase.differs === undefined) return assertEquals(ours, theirs);
      const said = "error" in ours ? ours.error : JSON.stringify(ours.value);
      assert(fetchCase.differs.ours.test(said), said);
    };
    await t.step({ name: fetchCase.name, ignore, fn });
  }
  await world.close();
});
