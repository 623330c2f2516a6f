/** The harness's command line. */
import { parseArgs } from "@std/cli/parse-args";
import { PRESETS } from "./programs.ts";
import type { Trees } from "./workloads.ts";

/** What the command line asks for. */
export interface BenchOptions {
  readonly mode: "compare" | "scaling" | "profile" | "list" | "help";
  /** A `nix-instantiate` of C++ Nix, as {@link parseOracle} takes it. */
  readonly oracle?: string;
  /** As {@link parseProgram} takes them. */
  readonly ours: readonly string[];
  readonly runs: number;
  readonly warmup: number;
  /** Seconds for one run. */
  readonly timeout: number;
  readonly only: RegExp;
  readonly trees: Trees;
  /** Of --scaling; rising. */
  readonly sizes: readonly number[];
  /** Of --profile. */
  readonly workload: string;
  readonly date: string | null;
  /** Whether the results go to where they are committed. */
  readonly save: boolean;
  /** Added to the name of the results' file. */
  readonly label: string;
}

/** A command line that can't be followed. */
export class UsageError extends Error {}

/** Runs that a median is worth keeping of. */
const RUNS_TO_SAVE = 5;

/** What --help prints. */
export const USAGE = `usage: deno task bench --oracle CMD [--ours PROGRAM]… [FLAG]…

Runs whole programs with devix and with C++ Nix by turns and compares time and memory; docs/performance.md says how.

  --oracle CMD         nix-instantiate of C++ Nix; without it the first of ours is what the others are compared to
  --ours PROGRAM       repeatable; a preset, or [NAME=][VARIABLE=VALUE…] CMD; without it: binary
${Object.entries(PRESETS).map(([name, what]) => `                         ${name.padEnd(8)} ${what}\n`).join("")}
  --only REGEX         only workloads whose name matches
  --runs N, --warmup N counted runs of each (5), runs before that (1); --runs 1 --warmup 0 checks that all is well
  --timeout SECONDS    for one run (600)

  --nixpkgs TREE       nixpkgs 26.05: hello, firefox, packages, nixos, and eval-modules with its lib/
  --lib TREE           another folder with nixpkgs' lib/ in it for eval-modules
  --corepkgs TREE, --nixpkgs2014 TREE
  --devenv DIR         a folder with project/ (a devenv project with its bootstrap files) and args.nix

  --save               keep the results in bench/results/, not in bench/results/local/; needs --date
  --date DATE          the day to write into them, YYYY-MM-DD
  --label TEXT         added to the file's name, which is that of the commit

  --scaling            how cost grows with size, instead; --sizes 1000,10000,100000
  --profile WORKLOAD   where the time goes in one workload, instead (needs Deno 2.9)
  --list               the workloads
`;

const STRINGS = ["oracle", "only", "runs", "warmup", "timeout", "sizes", "profile", "date", "label"];
const TREES = ["nixpkgs", "nixpkgs2014", "corepkgs", "devenv", "lib"] as const;
const BOOLEANS = ["save", "scaling", "list", "help"];

/** Reads a command line. @throws {UsageError} */
export function parseOptions(args: readonly string[]): BenchOptions {
  const flags = parseArgs([...args], {
    string: [...STRINGS, ...TREES, "ours"],
    boolean: BOOLEANS,
    collect: ["ours"],
    unknown: (arg: string) => {
      throw new UsageError(`Cannot read the command line: unknown argument "${arg}"`);
    },
  });
  for (const name of [...STRINGS, ...TREES]) {
    if (flags[name] === "") throw new UsageError(`Cannot read the command line: --${name} needs a value`);
  }
  const mode = flags.help
    ? "help"
    : flags.list
    ? "list"
    : flags.scaling
    ? "scaling"
    : flags.profile !== undefined
    ? "profile"
    : "compare";
  const options: BenchOptions = {
    mode,
    oracle: flags.oracle,
    ours: flags.ours.length > 0 ? flags.ours : ["binary"],
    runs: numberOf("runs", flags.runs, { otherwise: 5, least: 1 }),
    warmup: numberOf("warmup", flags.warmup, { otherwise: 1, least: 0 }),
    timeout: numberOf("timeout", flags.timeout, { otherwise: 600, least: 1 }),
    only: regexOf(flags.only ?? ""),
    trees: { ...Object.fromEntries(TREES.map((name) => [name, flags[name]])), lib: flags.lib ?? flags.nixpkgs },
    sizes: (flags.sizes ?? "1000,10000,100000").split(",")
      .map((text: string) => numberOf("sizes", text, { otherwise: 0, least: 1 }))
      .sort((a: number, b: number) => a - b),
    workload: flags.profile ?? "",
    date: dateOf(flags.date),
    save: flags.save,
    label: flags.label ?? "",
  };
  if (options.save && options.date === null) throw new UsageError("Cannot save results: --date is missing");
  if (options.save && options.runs < RUNS_TO_SAVE) {
    throw new UsageError(`Cannot save results: --runs is ${options.runs}, less than ${RUNS_TO_SAVE}`);
  }
  return options;
}

function numberOf(name: string, text: string | undefined, { otherwise, least }: { otherwise: number; least: number }) {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < least) {
    throw new UsageError(`Cannot read the command line: --${name} is "${text}", not a whole number from ${least}`);
  }
  return number;
}

function regexOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (e) {
    throw new UsageError(`Cannot read the command line: --only: ${(e as Error).message}`);
  }
}

function dateOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new UsageError(`Cannot read the command line: --date is "${text}", not YYYY-MM-DD`);
}
