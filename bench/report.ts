/** What comes out: a table to read and a document to keep, of the same medians and ratios. */
import type { Measured } from "./compare.ts";
import type { Usage } from "./process.ts";
import { commandLabel, type Program } from "./programs.ts";
import { geometricMean, median, spread } from "./statistics.ts";
import { type Column, formatTable } from "./table.ts";
import type { Workload } from "./workloads.ts";

/** Peaks of real workloads are fine up to this, and up to that many times the baseline's. */
const MEMORY_GOAL = { bytes: 150e6, ratio: 1.3 };

/** What a workload cost a program: medians, and what they are in parts of the baseline's. */
export interface Cost extends Usage {
  /** Range of wall times in parts of the median. */
  readonly spread: number;
  /** Absent from the baseline's own costs. */
  readonly ratio?: { readonly wall: number; readonly user: number; readonly peak: number };
  /** Wall times in seconds, in the order of the runs. */
  readonly walls: readonly number[];
}

/** A workload and what it cost each program; the first is the baseline. */
export interface WorkloadResult {
  readonly name: string;
  readonly title: string;
  readonly output: string;
  readonly costs: Readonly<Record<string, Cost>>;
  /** Goals that were missed: "binary is slow", "binary is large". */
  readonly missed: readonly string[];
}

/** Where and on what a measurement was made. */
export interface Setting {
  /** What the caller says: the clock isn't asked. */
  readonly date: string | null;
  readonly commit: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memory: number;
    readonly kernel: string;
    /** Average over the minute before the measurement. */
    readonly load: number;
  };
  readonly deno: { readonly deno: string; readonly v8: string };
}

/** All of a measurement. */
export interface Results extends Setting {
  readonly runs: number;
  readonly programs: readonly { readonly name: string; readonly command: string; readonly version: string }[];
  readonly workloads: readonly WorkloadResult[];
}

/** Returns how a program is named in {@link Results}. */
export function describeProgram(program: Program, version: string): Results["programs"][number] {
  return { name: program.name, command: commandLabel(program), version };
}

/** Returns medians, ratios and missed goals of a workload. Its first program is the baseline. */
export function summarize(workload: Workload, { output, samples }: Measured): WorkloadResult {
  const costs: Record<string, Cost> = {};
  const missed: string[] = [];
  let base: Cost | undefined;
  for (const [name, usages] of samples) {
    const cost = costOf(usages, base);
    costs[name] = cost;
    if (base === undefined) {
      base = cost;
      continue;
    }
    const { goal, kind } = workload;
    if (cost.ratio!.wall > goal.ratio || cost.wall > (goal.seconds ?? Infinity)) missed.push(`${name} is slow`);
    if (kind === "real" && cost.peak > Math.max(MEMORY_GOAL.bytes, MEMORY_GOAL.ratio * base.peak)) {
      missed.push(`${name} is large`);
    }
  }
  return { name: workload.name, title: workload.title, output, costs, missed };
}

function costOf(usages: readonly Usage[], base: Cost | undefined): Cost {
  const middle = (of: (usage: Usage) => number) => median(usages.map(of));
  const walls = usages.map(({ wall }) => round(wall, 4));
  const cost = {
    wall: round(middle(({ wall }) => wall), 4),
    user: round(middle(({ user }) => user), 4),
    sys: round(middle(({ sys }) => sys), 4),
    peak: middle(({ peak }) => peak),
    spread: round(spread(walls), 3),
    walls,
  };
  if (base === undefined) return cost;
  const part = (of: (usage: Usage) => number) => round(of(cost) / of(base), 3);
  return {
    ...cost,
    ratio: { wall: part(({ wall }) => wall), user: part(({ user }) => user), peak: part(({ peak }) => peak) },
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const COLUMNS: readonly Column[] = [
  { title: "workload", align: "left" },
  { title: "program", align: "left" },
  ...["wall s", "±%", "user s", "sys s", "MB", "wall ×", "user ×", "MB ×"].map((title) => ({
    title,
    align: "right" as const,
  })),
  { title: "", align: "left" },
];

/** Returns the table of some workloads, a row for each program, the baseline's first. */
export function costTable(workloads: readonly WorkloadResult[]): string {
  const rows = workloads.flatMap(({ name, costs, missed }) =>
    Object.entries(costs).map(([program, { wall, spread, user, sys, peak, ratio }], at) => [
      at === 0 ? name : "",
      program,
      wall.toFixed(3),
      (100 * spread / 2).toFixed(0),
      user.toFixed(2),
      sys.toFixed(2),
      (peak / 1e6).toFixed(0),
      ratio?.wall.toFixed(2) ?? "",
      ratio?.user.toFixed(2) ?? "",
      ratio?.peak.toFixed(2) ?? "",
      missed.filter((text) => text.startsWith(`${program} is `)).map((text) => text.slice(program.length + 4)).join(
        ", ",
      ),
    ])
  );
  return formatTable(COLUMNS, rows);
}

/** Returns a line for each program but the baseline: its mean ratio, and how often it is behind. */
export function summaryLines(workloads: readonly WorkloadResult[]): string[] {
  const [base, ...others] = Object.keys(workloads[0]?.costs ?? {});
  return others.map((name) => {
    const ratios = workloads.map(({ costs }) => costs[name].ratio!.wall);
    const slower = ratios.filter((ratio) => ratio > 1).length;
    const missed = workloads.filter(({ missed }) => missed.some((text) => text.startsWith(`${name} is `)));
    const mean = geometricMean(ratios).toFixed(2);
    return `${name}: ${mean} of ${base}'s wall time (geometric mean of ${ratios.length}), slower in ${slower}, ` +
      `goals missed in ${missed.length}${missed.length === 0 ? "" : `: ${missed.map(({ name }) => name).join(" ")}`}`;
  });
}
