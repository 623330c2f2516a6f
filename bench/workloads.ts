/**
 * What is evaluated: the programs of workloads/, sources made at the time of the run, and real package sets that are given
 * by path. A workload evaluates strictly to something small that says whether it was done right.
 *
 * A file of workloads/ begins with a comment of what it is about, and may go on with
 *
 *     # goal: 0.6             at most that much of C++ Nix's time (without a goal: 1.5)
 *     # goal: 40 ms           at most that long
 *     # flags: --option …     more flags for both programs
 */
import { generatePackageFiles, generatePackageSet } from "./generate.ts";

/** What is wanted of us. */
export interface Goal {
  /** Most wall time in parts of C++ Nix's. */
  readonly ratio: number;
  /** Most wall time in seconds. */
  readonly seconds?: number;
}

/** A program to evaluate. */
export interface Workload {
  readonly name: string;
  /** One line. */
  readonly title: string;
  /** Real ones have a goal for memory as well. */
  readonly kind: "own" | "real";
  readonly goal: Goal;
  /** What to evaluate: a file or an expression, arguments, more flags. */
  readonly args: readonly string[];
  /** Makes the files that `args` name. */
  readonly prepare?: () => Promise<void>;
}

/** A workload that can't be run, and which flag would change that. */
export interface SkippedWorkload {
  readonly name: string;
  readonly needs: string;
}

/** Folders of real input; absolute paths. */
export interface Trees {
  /** nixpkgs 26.05. */
  readonly nixpkgs?: string;
  readonly nixpkgs2014?: string;
  readonly corepkgs?: string;
  /** A folder with project/ and args.nix. */
  readonly devenv?: string;
  /** A folder with nixpkgs' lib/ in it. */
  readonly lib?: string;
}

/** No workload should be slower than this. */
const DEFAULT_GOAL: Goal = { ratio: 1.5 };

/** Chars of the file that is only parsed. */
const PARSED_LENGTH = 6_000_000;
/** Files that are imported. */
const IMPORTED_FILES = 2500;

/** Returns the programs of workloads/ in the order of their names; `folder` is absolute. @throws {RangeError} */
export async function readWorkloads(folder: string): Promise<Workload[]> {
  const workloads: Workload[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !name.endsWith(".nix")) continue;
    const path = `${folder}/${name}`;
    workloads.push(describeWorkload(path, await Deno.readTextFile(path)));
  }
  return workloads.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Returns the workload of a file by its first comment. @throws {RangeError} if it has none or a line of it is unknown */
export function describeWorkload(path: string, text: string): Workload {
  const [title, ...lines] = /^(?:#.*\n)*/.exec(text)![0].split("\n").slice(0, -1).map((line) => line.slice(1).trim());
  if (title === undefined) throw new RangeError(`Cannot read workload "${path}": it has no title`);
  let goal = DEFAULT_GOAL;
  let flags: readonly string[] = [];
  for (const line of lines) {
    const [, key, value] = /^(\w+): (.+)$/.exec(line) ?? [];
    if (key === "goal") goal = parseGoal(value, path);
    else if (key === "flags") flags = value.split(" ");
    else throw new RangeError(`Cannot read workload "${path}": unknown line "${line}"`);
  }
  const name = path.slice(path.lastIndexOf("/") + 1, -".nix".length);
  return { name, title, kind: "own", goal, args: [...flags, path] };
}

function parseGoal(text: string, path: string): Goal {
  const [, number, unit] = /^([0-9.]+)( ms)?$/.exec(text) ?? [];
  if (number === undefined) throw new RangeError(`Cannot read workload "${path}": "${text}" is no goal`);
  // Starting is not compared: C++ has nothing to load.
  return unit === undefined ? { ratio: Number(number) } : { ratio: Infinity, seconds: Number(number) / 1000 };
}

/** Returns the workloads whose sources are made when they are needed, below `folder`. */
export function generatedWorkloads(folder: string): Workload[] {
  const [set, files] = [`${folder}/packages.nix`, `${folder}/packages`];
  return [{
    name: "parse",
    title: `One file of ${PARSED_LENGTH / 1e6} MB, of which nothing is evaluated.`,
    kind: "own",
    goal: DEFAULT_GOAL,
    args: ["-E", `builtins.attrNames (builtins.functionArgs (import ${set}))`],
    prepare: () => Deno.writeTextFile(set, generatePackageSet(1, PARSED_LENGTH)),
  }, {
    name: "import",
    title: `${IMPORTED_FILES} files of one package each, called.`,
    kind: "own",
    goal: DEFAULT_GOAL,
    args: [files],
    prepare: async () => {
      await Deno.mkdir(files, { recursive: true });
      for (const [name, text] of generatePackageFiles(1, IMPORTED_FILES)) {
        await Deno.writeTextFile(`${files}/${name}`, text);
      }
    },
  }];
}

interface RealWorkload {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly tree: keyof Trees;
  readonly ratio: number;
}

const REAL: readonly RealWorkload[] = [
  { name: "eval-modules", title: "evalModules of nixpkgs' lib", file: "eval_modules", tree: "lib", ratio: 1.0 },
  {
    name: "hello",
    title: "hello of nixpkgs 26.05",
    file: "package",
    args: ["--argstr", "name", "hello"],
    tree: "nixpkgs",
    ratio: 1.5,
  },
  {
    name: "firefox",
    title: "firefox of nixpkgs 26.05",
    file: "package",
    args: ["--argstr", "name", "firefox"],
    tree: "nixpkgs",
    ratio: 1.2,
  },
  { name: "packages", title: "34 packages of nixpkgs 26.05", file: "packages", tree: "nixpkgs", ratio: 1.1 },
  { name: "nixos", title: "A NixOS system of nixpkgs 26.05", file: "nixos", tree: "nixpkgs", ratio: 1.1 },
  { name: "devenv", title: "devenv shell", file: "devenv", tree: "devenv", ratio: 1.5 },
  { name: "corepkgs", title: "All of corepkgs", file: "corepkgs", tree: "corepkgs", ratio: 1.0 },
  { name: "nixpkgs-2014", title: "All of nixpkgs of 2014", file: "nixpkgs_2014", tree: "nixpkgs2014", ratio: 1.1 },
];

/** Returns the workloads on real input, `folder` being where their programs are, and what is left out. */
export function realWorkloads(folder: string, trees: Trees): {
  readonly workloads: Workload[];
  readonly skipped: SkippedWorkload[];
} {
  const workloads: Workload[] = [];
  const skipped: SkippedWorkload[] = [];
  for (const { name, title, file, args = [], tree, ratio } of REAL) {
    const path = trees[tree];
    if (path === undefined) {
      skipped.push({ name, needs: `--${tree}` });
      continue;
    }
    workloads.push({
      name,
      title,
      kind: "real",
      goal: { ratio },
      args: [`${folder}/${file}.nix`, "--arg", "path", path, ...args],
    });
  }
  return { workloads, skipped };
}
