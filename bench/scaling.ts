/**
 * How cost grows with size. Each program of workloads/scaling is a function of `n`, the size, and `repeat`, how often to do
 * it again. Small sizes are repeated until they do as much as the largest: one by one they would be over before there is
 * anything to measure, and cold code would look like growth below linear. What starting costs is subtracted; a program that
 * is linear then takes the same time for all sizes.
 */
import { type CostPoint, growthExponent } from "./statistics.ts";
import { type Column, formatTable } from "./table.ts";
import type { Trees } from "./workloads.ts";

/** A program with a size. */
export interface ScalingFamily {
  readonly name: string;
  /** How many times the largest size it does in all. */
  readonly rounds: number;
  readonly tree?: keyof Trees;
}

/** The programs, with rounds that give C++ Nix about a second or more. */
export const SCALING_FAMILIES: readonly ScalingFamily[] = [
  { name: "attributes", rounds: 3 },
  { name: "lists", rounds: 3 },
  { name: "strings", rounds: 3 },
  { name: "derivations", rounds: 1 },
  { name: "modules", rounds: 1, tree: "lib" },
];

/** One size of a family, as a command. */
export interface ScalingStep {
  readonly size: number;
  readonly repeat: number;
  /** What to evaluate: a file and its arguments. */
  readonly args: readonly string[];
}

/** Returns the steps of a family; `folder` is where the programs are, `sizes` rise. */
export function scalingSteps(
  { name, rounds }: ScalingFamily,
  { folder, sizes, tree }: { readonly folder: string; readonly sizes: readonly number[]; readonly tree?: string },
): ScalingStep[] {
  return sizes.map((size) => {
    const repeat = Math.max(1, Math.round(rounds * sizes[sizes.length - 1] / size));
    const path = tree === undefined ? [] : ["--arg", "path", tree];
    const values = ["--arg", "n", `${size}`, "--arg", "repeat", `${repeat}`];
    return { size, repeat, args: [`${folder}/${name}.nix`, ...values, ...path] };
  });
}

/** What a family cost a program. */
export interface Growth {
  readonly family: string;
  readonly program: string;
  /** Seconds for doing it once. */
  readonly points: readonly CostPoint[];
  /** 1 is linear. */
  readonly exponent: number;
}

/** Returns how cost grows, given the wall time of all repetitions of each step and that of doing nothing, in seconds. */
export function growthOf(
  { family, program }: { readonly family: string; readonly program: string },
  costs: readonly { readonly size: number; readonly repeat: number; readonly wall: number }[],
  startup: number,
): Growth {
  const points = costs.map(({ size, repeat, wall }) => ({ size, seconds: (wall - startup) / repeat }));
  return { family, program, points, exponent: growthExponent(points) };
}

/** Returns a table with a row for each program and a column for each size. */
export function growthTable(growths: readonly Growth[]): string {
  const sizes = growths[0]?.points.map(({ size }) => size) ?? [];
  const columns: Column[] = [
    { title: "of n", align: "left" },
    { title: "program", align: "left" },
    ...sizes.map((size) => ({ title: `ms, n = ${size}`, align: "right" as const })),
    { title: "exponent", align: "right" },
  ];
  return formatTable(
    columns,
    growths.map(({ family, program, points, exponent }) => [
      family,
      program,
      ...points.map(({ seconds }) => milliseconds(seconds)),
      exponent.toFixed(2),
    ]),
  );
}

/** Three digits that mean something, at least. */
function milliseconds(seconds: number): string {
  const value = 1000 * seconds;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
