import { assert, assertEquals } from "@std/assert";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

const SOURCE = 'let a = [ 1 2 ]; f = x: { y = x; }; in f "s${toString a}"\n';
const DONOR = "with { z = 3.5; }; z < 4 || true\n";

Deno.test("mutate() is a function of the stream and its sources", () => {
  assertEquals(mutate(new Random(1, 5), SOURCE, DONOR), mutate(new Random(1, 5), SOURCE, DONOR));
});

Deno.test("mutate() changes most programs, each time differently", () => {
  const mutants = new Set(Array.from({ length: 200 }, (_, index) => mutate(new Random(1, index), SOURCE, DONOR)));
  assert(mutants.size > 120, `${mutants.size} mutants`);
});

Deno.test("mutate() makes binary strings of any source", () => {
  for (let index = 0; index < 300; index++) {
    for (const source of ["", "\xff\x80", "''${", SOURCE]) {
      assert(!/[^\0-\xff]/.test(mutate(new Random(2, index), source, DONOR)));
    }
  }
});

Deno.test("mutate() takes pieces of the donor", () => {
  const mutants = Array.from({ length: 300 }, (_, index) => mutate(new Random(3, index), SOURCE, DONOR));
  assert(mutants.some((mutant) => mutant.includes("3.5")));
});
