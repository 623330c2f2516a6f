import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { describeWorkload, generatedWorkloads, readWorkloads, realWorkloads } from "./workloads.ts";

const folder = fromFileUrl(new URL("workloads", import.meta.url));

Deno.test("describeWorkload() reads title, goal and flags", () => {
  assertEquals(
    describeWorkload("/w/deep_calls.nix", "# Calls.\n# goal: 0.6\n# flags: --option max-call-depth 9\n1\n"),
    {
      name: "deep_calls",
      title: "Calls.",
      kind: "own",
      goal: { ratio: 0.6 },
      args: ["--option", "max-call-depth", "9", "/w/deep_calls.nix"],
    },
  );
});

Deno.test("describeWorkload() has goals in milliseconds, and one for all others", () => {
  assertEquals(describeWorkload("/w/a.nix", "# A.\n# goal: 40 ms\n1").goal, { ratio: Infinity, seconds: 0.04 });
  assertEquals(describeWorkload("/w/a.nix", "# A.\n1").goal, { ratio: 1.5 });
});

Deno.test("describeWorkload() refuses what it doesn't know", () => {
  const error = (text: string) => assertThrows(() => describeWorkload("/a.nix", text), RangeError) as Error;
  assertEquals(error("1").message, 'Cannot read workload "/a.nix": it has no title');
  assertEquals(error("# A.\n# gaol: 1\n1").message, 'Cannot read workload "/a.nix": unknown line "gaol: 1"');
  assertEquals(error("# A.\n# goal: fast\n1").message, 'Cannot read workload "/a.nix": "fast" is no goal');
});

Deno.test("readWorkloads() finds those of the checkout", async () => {
  const names = (await readWorkloads(folder)).map(({ name }) => name);
  assert(names.length >= 18, `${names.length}`);
  assertEquals(names, [...names].sort());
});

Deno.test("realWorkloads() names what is left out and the flag it needs", () => {
  const { workloads, skipped } = realWorkloads(folder, { lib: "/lib" });
  assertEquals(workloads.map(({ name, args }) => [name, args.slice(-3)]), [["eval-modules", [
    "--arg",
    "path",
    "/lib",
  ]]]);
  assertEquals(skipped.find(({ name }) => name === "firefox"), { name: "firefox", needs: "--nixpkgs" });
});

Deno.test("workloads have names of their own and programs that exist", async () => {
  const trees = { nixpkgs: "/a", nixpkgs2014: "/b", corepkgs: "/c", devenv: "/d", lib: "/e" };
  const { workloads, skipped } = realWorkloads(`${folder}/real`, trees);
  assertEquals(skipped, []);
  for (const { args } of workloads) assert((await Deno.stat(args[0])).isFile);
  const names = [...workloads, ...generatedWorkloads("/g"), ...await readWorkloads(folder)].map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
});
