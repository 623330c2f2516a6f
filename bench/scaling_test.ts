import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { growthOf, growthTable, SCALING_FAMILIES, scalingSteps } from "./scaling.ts";

Deno.test("scalingSteps() do the same amount for every size", () => {
  const steps = scalingSteps({ name: "lists", rounds: 2 }, { folder: "/w", sizes: [10, 1000] });
  assertEquals(steps.map(({ size, repeat }) => [size, repeat]), [[10, 200], [1000, 2]]);
  assertEquals(steps[1].args, ["/w/lists.nix", "--arg", "n", "1000", "--arg", "repeat", "2"]);
});

Deno.test("growthOf() subtracts the start", () => {
  const costs = [{ size: 10, repeat: 100, wall: 1.5 }, { size: 1000, repeat: 1, wall: 1.5 }];
  const { points, exponent } = growthOf({ family: "lists", program: "nix" }, costs, 0.5);
  assertEquals(points, [{ size: 10, seconds: 0.01 }, { size: 1000, seconds: 1 }]);
  assertAlmostEquals(exponent, 1);
});

Deno.test("growthTable() has a column for each size", () => {
  const costs = [{ size: 10, repeat: 10, wall: 1 }, { size: 100, repeat: 1, wall: 10 }];
  assertEquals(
    growthTable([growthOf({ family: "lists", program: "nix" }, costs, 0)]),
    `| of n  | program | ms, n = 10 | ms, n = 100 | exponent |
| ----- | ------- | ---------: | ----------: | -------: |
| lists | nix     |        100 |       10000 |     2.00 |
`,
  );
});

Deno.test("every family has its program", async () => {
  const folder = fromFileUrl(new URL("workloads/scaling", import.meta.url));
  for (const { name } of SCALING_FAMILIES) assert((await Deno.stat(`${folder}/${name}.nix`)).isFile);
});
