import { assertEquals } from "@std/assert";
import type { Measured } from "./compare.ts";
import type { Usage } from "./process.ts";
import { costTable, summarize, summaryLines } from "./report.ts";
import type { Workload } from "./workloads.ts";

const workload: Workload = { name: "sort", title: "Sorting.", kind: "real", goal: { ratio: 0.6 }, args: [] };

const usage = (wall: number, peak: number): Usage => ({ wall, user: wall * 0.75, sys: 0.125, peak });

function measured(nix: Usage[], ours: Usage[]): Measured {
  return { kind: "measured", output: "[ 1 ]", samples: new Map([["nix", nix], ["binary", ours]]) };
}

Deno.test("summarize() takes medians and their ratios", () => {
  const nix = [usage(2, 100e6), usage(2.5, 100e6), usage(1.5, 100e6)];
  const { costs, missed } = summarize(workload, measured(nix, [usage(1, 120e6)]));
  assertEquals(costs.nix, {
    wall: 2,
    user: 1.5,
    sys: 0.125,
    peak: 100e6,
    spread: 0.5,
    walls: [2, 2.5, 1.5],
  });
  assertEquals(costs.binary.ratio, { wall: 0.5, user: 0.5, peak: 1.2 });
  assertEquals(missed, []);
});

Deno.test("summarize() says which goals are missed", () => {
  assertEquals(summarize(workload, measured([usage(2, 100e6)], [usage(1.5, 160e6)])).missed, [
    "binary is slow",
    "binary is large",
  ]);
});

Deno.test("summarize() lets little memory be, and that of own workloads", () => {
  assertEquals(summarize(workload, measured([usage(2, 10e6)], [usage(1, 149e6)])).missed, []);
  assertEquals(summarize({ ...workload, kind: "own" }, measured([usage(2, 10e6)], [usage(1, 900e6)])).missed, []);
});

Deno.test("summarize() knows goals in seconds", () => {
  const startup: Workload = { ...workload, goal: { ratio: Infinity, seconds: 0.04 } };
  assertEquals(summarize(startup, measured([usage(0.01, 1)], [usage(0.03, 1)])).missed, []);
  assertEquals(summarize(startup, measured([usage(0.01, 1)], [usage(0.05, 1)])).missed, ["binary is slow"]);
});

Deno.test("costTable() has a row for each program and marks what misses its goal", () => {
  assertEquals(
    costTable([summarize(workload, measured([usage(2, 100e6)], [usage(1.5, 120e6)]))]),
    `| workload | program | wall s |  ±% | user s | sys s |  MB | wall × | user × | MB × |      |
| -------- | ------- | -----: | --: | -----: | ----: | --: | -----: | -----: | ---: | ---- |
| sort     | nix     |  2.000 |   0 |   1.50 |  0.13 | 100 |        |        |      |      |
|          | binary  |  1.500 |   0 |   1.13 |  0.13 | 120 |   0.75 |   0.75 | 1.20 | slow |
`,
  );
});

Deno.test("summaryLines() has a line for each program but the baseline", () => {
  const workloads = [[usage(1, 1), usage(0.5, 1)], [usage(1, 1), usage(2, 1)]].map(([nix, ours]) =>
    summarize(workload, measured([nix], [ours]))
  );
  assertEquals(summaryLines(workloads), [
    "binary: 1.00 of nix's wall time (geometric mean of 2), slower in 1, goals missed in 1: sort",
  ]);
  assertEquals(summaryLines([]), []);
});
