import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, USAGE, UsageError } from "./options.ts";

function complaint(...args: string[]): string {
  return (assertThrows(() => parseOptions(args), UsageError) as Error).message;
}

Deno.test("parseOptions() has defaults", () => {
  const { mode, ours, runs, warmup, timeout, sizes, save, date, oracle } = parseOptions([]);
  assertEquals([mode, ours, runs, warmup, timeout, sizes, save, date, oracle], [
    "compare",
    ["binary"],
    5,
    1,
    600,
    [1000, 10000, 100000],
    false,
    null,
    undefined,
  ]);
});

Deno.test("parseOptions() collects our programs", () => {
  assertEquals(parseOptions(["--ours", "binary", "--ours", "x=deno run a.js"]).ours, ["binary", "x=deno run a.js"]);
});

Deno.test("parseOptions() takes the lib of nixpkgs unless told another", () => {
  assertEquals(parseOptions(["--nixpkgs", "/n"]).trees.lib, "/n");
  assertEquals(parseOptions(["--nixpkgs", "/n", "--lib", "/l"]).trees.lib, "/l");
});

Deno.test("parseOptions() reads modes", () => {
  assertEquals(parseOptions(["--scaling", "--sizes", "100,10"]).sizes, [10, 100]);
  const { mode, workload } = parseOptions(["--profile", "json"]);
  assertEquals([mode, workload], ["profile", "json"]);
});

Deno.test("parseOptions() refuses what it can't follow", () => {
  assertEquals(complaint("--orcale", "x"), 'Cannot read the command line: unknown argument "--orcale"');
  assertEquals(complaint("json"), 'Cannot read the command line: unknown argument "json"');
  assertEquals(complaint("--runs", "0"), 'Cannot read the command line: --runs is "0", not a whole number from 1');
  assertEquals(
    complaint("--runs", "many"),
    'Cannot read the command line: --runs is "many", not a whole number from 1',
  );
  assertEquals(complaint("--date", "today"), 'Cannot read the command line: --date is "today", not YYYY-MM-DD');
  assertEquals(complaint("--only"), "Cannot read the command line: --only needs a value");
  assertEquals(complaint("--only", "(").startsWith("Cannot read the command line: --only: "), true);
});

Deno.test("parseOptions() saves only what is worth it", () => {
  assertEquals(complaint("--save"), "Cannot save results: --date is missing");
  assertEquals(
    complaint("--save", "--date", "2026-01-31", "--runs", "3"),
    "Cannot save results: --runs is 3, less than 5",
  );
  assertEquals(parseOptions(["--save", "--date", "2026-01-31"]).save, true);
});

Deno.test("every flag of the help exists", () => {
  const flags = new Set([...USAGE.matchAll(/--[a-z0-9]+/g)].map(([flag]) => flag));
  for (const flag of flags) {
    try {
      parseOptions([flag, "1"]);
    } catch (e) {
      assertEquals((e as Error).message.includes('unknown argument "--'), false, flag);
    }
  }
});
