/**
 * `deno task bench`: whole programs with devix and with C++ Nix by turns. `--help` lists the flags, docs/performance.md says
 * how it is measured.
 *
 * Exits with 1 if a program failed or printed something else than the first, 2 if the command line is wrong. Goals that are
 * missed are shown, and are no failure: that is for the reader to judge.
 */
import { fromFileUrl } from "@std/path";
import { compare } from "./compare.ts";
import { describeSetting, loadWarning } from "./machine.ts";
import { type BenchOptions, parseOptions, USAGE, UsageError } from "./options.ts";
import { Launcher, type ProcessResult } from "./process.ts";
import { type CpuProfile, profileText, summarizeProfile } from "./profile.ts";
import { BUNDLE_DIRECTORY, denoRun, parseOracle, parseProgram, type Program, programEnvironment } from "./programs.ts";
import { costTable, describeProgram, type Results, summarize, summaryLines, type WorkloadResult } from "./report.ts";
import { type Growth, growthOf, growthTable, SCALING_FAMILIES, scalingSteps } from "./scaling.ts";
import { median } from "./statistics.ts";
import { bundle } from "../scripts/bundle.ts";
import { generatedWorkloads, readWorkloads, realWorkloads, type SkippedWorkload, type Workload } from "./workloads.ts";

const root = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");

/** One run of the harness: its options, its folder, the programs. */
class Bench {
  readonly options: BenchOptions;
  readonly programs: readonly Program[];
  readonly #directory: string;
  readonly #launcher: Launcher;
  readonly #prepared = new Set<string>();

  constructor(options: BenchOptions, { directory, launcher }: { directory: string; launcher: Launcher }) {
    this.options = options;
    this.#directory = directory;
    this.#launcher = launcher;
    const ours = options.ours.map((text) => parseProgram(text, root));
    this.programs = options.oracle === undefined ? ours : [parseOracle(options.oracle), ...ours];
    const names = this.programs.map(({ name }) => name);
    if (new Set(names).size < names.length) throw new UsageError(`Cannot compare: two programs are called the same`);
  }

  /** Returns the workloads that were asked for, and those among them that need a flag. */
  async workloads(): Promise<{ chosen: Workload[]; skipped: SkippedWorkload[] }> {
    const folder = `${root}/bench/workloads`;
    const real = realWorkloads(`${folder}/real`, this.options.trees);
    const all = [...await readWorkloads(folder), ...generatedWorkloads(this.#directory), ...real.workloads];
    const chosen = ({ name }: { name: string }) => this.options.only.test(name);
    return { chosen: all.filter(chosen), skipped: real.skipped.filter(chosen) };
  }

  /** Makes a workload's files, once. */
  async prepare({ name, prepare }: Workload): Promise<void> {
    if (this.#prepared.has(name)) return;
    this.#prepared.add(name);
    await prepare?.();
  }

  async run(program: Program, args: readonly string[]): Promise<ProcessResult> {
    return await this.#launch(program, [...program.evaluation, ...args]);
  }

  /** Returns what results say of the programs: commands, and the first line of what each says it is. */
  async describePrograms(): Promise<Results["programs"]> {
    const described: Results["programs"][number][] = [];
    for (const program of this.programs) {
      const { code, stdout } = await this.#launch(program, ["--version"]);
      described.push(describeProgram(program, code === 0 ? stdout.split("\n")[0] : ""));
    }
    return described;
  }

  async #launch(program: Program, args: readonly string[]): Promise<ProcessResult> {
    // A HOME for each: what one program caches is no other's business.
    const home = `${this.#directory}/home-${program.name}`;
    await Deno.mkdir(home, { recursive: true });
    const { timeout } = this.options;
    return await this.#launcher.run({
      words: [...program.words, ...args],
      env: programEnvironment(program, home),
      timeout,
    });
  }
}

async function main(): Promise<number> {
  const options = parseOptions(Deno.args);
  if (options.mode === "help") {
    console.log(USAGE);
    return 0;
  }
  if (options.ours.includes("bundle")) await bundle(`${root}/${BUNDLE_DIRECTORY}`);
  const directory = await Deno.makeTempDir({ prefix: "devix-bench-" });
  const launcher = new Launcher(directory);
  const interrupted = () => {
    launcher.kill();
    Deno.removeSync(directory, { recursive: true });
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", interrupted);
  try {
    const bench = new Bench(options, { directory, launcher });
    switch (options.mode) {
      case "list":
        return await list(bench);
      case "profile":
        return await profile(bench);
      case "scaling":
        return await compareGrowth(bench);
      case "compare":
        return await compareAll(bench);
    }
  } finally {
    Deno.removeSignalListener("SIGINT", interrupted);
    launcher[Symbol.dispose]();
    await Deno.remove(directory, { recursive: true });
  }
}

async function list(bench: Bench): Promise<number> {
  const { chosen, skipped } = await bench.workloads();
  for (const { name, title } of chosen) console.log(`${name.padEnd(20)} ${title}`);
  for (const { name, needs } of skipped) console.log(`${name.padEnd(20)} (needs ${needs})`);
  return 0;
}

async function compareAll(bench: Bench): Promise<number> {
  const { options, programs } = bench;
  const { chosen, skipped } = await bench.workloads();
  const setting = await describeSetting(root, options.date);
  note(loadWarning(setting));
  for (const { name, needs } of skipped) note(`skipped ${name}: ${needs} isn't given`);
  const done: WorkloadResult[] = [];
  const failures: string[] = [];
  for (const [at, workload] of chosen.entries()) {
    note(`[${at + 1}/${chosen.length}] ${workload.name}`);
    await bench.prepare(workload);
    const result = await compare(programs, { ...options, run: (program) => bench.run(program, workload.args) });
    if (result.kind === "measured") {
      done.push(summarize(workload, result));
      note(`    ${ratioLine(done.at(-1)!)}`);
    } else {
      failures.push(`FAILED ${workload.name}: ${result.reason}`);
      note(failures.at(-1)!);
    }
  }
  if (done.length > 0) console.log(costTable(done));
  for (const line of summaryLines(done)) console.log(line);
  const results: Results = {
    ...setting,
    runs: options.runs,
    programs: await bench.describePrograms(),
    workloads: done,
  };
  if (done.length > 0) await keep("", results, options);
  return verdict(failures);
}

async function compareGrowth(bench: Bench): Promise<number> {
  const { options, programs } = bench;
  const folder = `${root}/bench/workloads/scaling`;
  const setting = await describeSetting(root, options.date);
  note(loadWarning(setting));
  const growths: Growth[] = [];
  const failures: string[] = [];
  const startup = await compare(programs, { ...options, run: (program) => bench.run(program, ["-E", "1 + 1"]) });
  if (startup.kind === "failed") return verdict([`FAILED to start: ${startup.reason}`]);
  const wall = (usages: readonly { wall: number }[]) => median(usages.map(({ wall }) => wall));
  for (const family of SCALING_FAMILIES.filter(({ name }) => options.only.test(name))) {
    const tree = family.tree && options.trees[family.tree];
    if (family.tree !== undefined && tree === undefined) {
      note(`skipped ${family.name}: --${family.tree} isn't given`);
      continue;
    }
    const costs = new Map<string, { size: number; repeat: number; wall: number }[]>(
      programs.map(({ name }) => [name, []]),
    );
    let failed = false;
    for (const { size, repeat, args } of scalingSteps(family, { folder, sizes: options.sizes, tree })) {
      note(`${family.name}, n = ${size}, ${repeat} times`);
      const result = await compare(programs, { ...options, run: (program) => bench.run(program, args) });
      if (result.kind === "failed") {
        failures.push(`FAILED ${family.name}, n = ${size}: ${result.reason}`);
        note(failures.at(-1)!);
        failed = true;
        break;
      }
      for (const [program, usages] of result.samples) costs.get(program)!.push({ size, repeat, wall: wall(usages) });
    }
    if (failed) continue;
    for (const [program, points] of costs) {
      growths.push(growthOf({ family: family.name, program }, points, wall(startup.samples.get(program)!)));
    }
  }
  if (growths.length > 0) {
    console.log(growthTable(growths));
    await keep(
      "scaling-",
      { ...setting, runs: options.runs, programs: await bench.describePrograms(), growths },
      options,
    );
  }
  return verdict(failures);
}

/** Evaluates one workload from the sources with V8's profiler; the answer isn't compared. */
async function profile(bench: Bench): Promise<number> {
  const { chosen, skipped } = await bench.workloads();
  const workload = chosen.find(({ name }) => name === bench.options.workload);
  if (workload === undefined) {
    const needs = skipped.find(({ name }) => name === bench.options.workload)?.needs;
    throw new UsageError(
      `Cannot profile "${bench.options.workload}": ${
        needs === undefined ? "there is no such workload" : `it needs ${needs}`
      }`,
    );
  }
  await bench.prepare(workload);
  const folder = `${root}/dist/profile`;
  await Deno.mkdir(folder, { recursive: true });
  const flags = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${workload.name}.cpuprofile`];
  const words = [...denoRun(`${root}/cli.ts`, flags), "nix-instantiate"];
  const program: Program = { name: "profiled", words, evaluation: ["--eval", "--strict"], env: {} };
  const { code, stdout, stderr } = await bench.run(program, workload.args);
  if (code !== 0) return verdict([`FAILED ${workload.name}: exits with ${code}\n${stderr}`]);
  note(stdout.trimEnd());
  const file = `${folder}/${workload.name}.cpuprofile`;
  const recorded = JSON.parse(await Deno.readTextFile(file)) as CpuProfile;
  console.log(profileText(summarizeProfile(recorded, `file://${root}/`), 40));
  console.log(file);
  return 0;
}

/** What is known before the table is. */
function ratioLine({ costs }: WorkloadResult): string {
  return Object.entries(costs).map(([name, { wall, ratio }]) =>
    ratio === undefined ? `${name} ${wall.toFixed(3)} s` : `${name} × ${ratio.wall.toFixed(2)}`
  ).join(", ");
}

/** Writes results to the file of their commit. */
async function keep(prefix: string, results: Results | Record<string, unknown>, options: BenchOptions): Promise<void> {
  const folder = options.save ? `${root}/bench/results` : `${root}/bench/results/local`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${prefix}${results.commit}${options.label === "" ? "" : `-${options.label}`}.json`;
  await Deno.writeTextFile(path, JSON.stringify(results, null, 2) + "\n");
  note(`results are in ${path}`);
}

function verdict(failures: readonly string[]): number {
  if (failures.length === 0) return 0;
  note(`\n${failures.length} FAILED\n${failures.join("\n")}`);
  return 1;
}

function note(text: string | null): void {
  if (text !== null) console.error(text);
}

try {
  Deno.exit(await main());
} catch (e) {
  if (!(e instanceof UsageError || e instanceof RangeError)) throw e;
  console.error(e.message);
  Deno.exit(2);
}
