/**
 * The differential fuzzer: random and damaged programs through two evaluators, until their answers differ.
 *
 *     deno task fuzz --oracle PATH/nix-instantiate [--devix CMD] [--seconds N | --count N] [--seed S] [--start I]
 *                    [--tree FOLDER] [--finds FOLDER] [--modes strict,lazy,json,xml,parse] [--sources generated,corpus,tree]
 *
 * `--ignore REGEXP` leaves out sorts of differences that are known; sorts are what the summary at the end lists.
 *
 * Program number I of seed S is always the same one (--start I --count 1 makes it again). Each sort of difference is
 * shrunk and written once, as a folder of --finds (default dist/fuzz) with the program, the original and both answers.
 * Without --devix (and the variable DEVIX) this checkout is tested, in a process that goes on, which is fastest. Exits
 * with 1 when there was a difference.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { binaryFromBytes, binaryFromText, textFromBinary } from "../lang/bytes.ts";
import { discoverCases } from "../lang/case.ts";
import { checkoutCommand, instantiateCommand } from "../lang/process_evaluator.ts";
import { BatchEvaluator, type Mode, MODE_FLAGS, type ProgramEvaluator, type Result, writePrograms } from "./batch.ts";
import { differ, reduced, renderResult, signature } from "./compare.ts";
import { Generator } from "./generate.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { ServerEvaluator } from "./server_evaluator.ts";
import { shrink } from "./shrink.ts";

/** Programs of one batch. All of a batch are evaluated in the same mode. */
const BATCH = 100;
/** Milliseconds one program may take. */
const TIMEOUT = 10_000;
/** Candidates asked about while shrinking one find. */
const SHRINK_LIMIT = 1500;
/** Longest file of --tree that is used, in bytes. */
const LONGEST_FILE = 12_000;

/**
 * Programs that say nothing: C++ Nix's `break` returns a thunk where a value is due (see divergences.txt), and the
 * functions of getFlake and the fetchers look at the network.
 */
const UNCOMPARABLE = /\bbreak\b|\bfetch|getFlake/;

type Source = "generated" | "corpus" | "tree";

const root = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");
const flags = parseArgs(Deno.args, {
  string: ["oracle", "devix", "seconds", "count", "seed", "start", "tree", "finds", "modes", "sources", "ignore"],
});
if (!flags.oracle) {
  console.error("usage: deno task fuzz --oracle PATH_OF_NIX_INSTANTIATE [--devix CMD] [--seconds N] [--seed S] …");
  Deno.exit(2);
}

const seed = Number(flags.seed ?? 1);
const start = Number(flags.start ?? 0);
const count = Number(flags.count ?? Infinity);
const deadline = performance.now() + 1000 * Number(flags.seconds ?? (flags.count === undefined ? 60 : Infinity));
const modes = (flags.modes ?? "strict,strict,strict,lazy,json,xml,parse").split(",") as Mode[];
const ignored = flags.ignore === undefined ? null : new RegExp(flags.ignore);
const finds = flags.finds ?? `${root}/dist/fuzz`;
const corpus = await readCorpus();
const tree = flags.tree === undefined ? [] : await listTree(flags.tree);
const sources = (flags.sources ?? "generated,generated,generated,corpus,tree").split(",")
  .filter((source: string) => source !== "tree" || tree.length > 0) as Source[];

const temporary = await Deno.makeTempDir({ prefix: "fuzz-" });
// Deep enough that programs that copy `../..` to the store don't copy the machine.
const directory = `${temporary}/a/b/c/d/e`;
await Deno.mkdir(directory, { recursive: true });
const devixCommand = flags.devix ?? Deno.env.get("DEVIX");
const options = { directory, state: await Deno.makeTempDir({ prefix: "fuzz-state-" }), timeout: TIMEOUT };
const oracle: ProgramEvaluator = new BatchEvaluator(instantiateCommand(flags.oracle, Deno.cwd()), {
  ...options,
  // The other side is done long before.
  parallel: devixCommand === undefined ? 2 : 1,
});
const devix: ProgramEvaluator = devixCommand === undefined
  ? new ServerEvaluator(checkoutCommand(root), options)
  : new BatchEvaluator(instantiateCommand(devixCommand, Deno.cwd()), options);
const spent = { oracle: 0, devix: 0 };

/** Times that each sort of difference was seen. */
const seen = new Map<string, number>();
let programs = 0;
try {
  for (let index = start; index < start + count && performance.now() < deadline; index += BATCH) {
    await fuzzBatch(index, Math.min(BATCH, start + count - index));
  }
} finally {
  await devix.close();
  await oracle.close();
  await Deno.remove(temporary, { recursive: true });
  await Deno.remove(options.state, { recursive: true });
}
for (const [sort, times] of [...seen].sort((a, b) => b[1] - a[1])) console.log(`${times} × ${textFromBinary(sort)}`);
const rate = (milliseconds: number) => Math.round(programs / milliseconds * 1000);
console.log(
  `${programs} programs, ${seen.size} sorts of differences; ` +
    `per second: oracle ${rate(spent.oracle)} (${oracle.processes} processes), devix ${
      rate(spent.devix)
    } (${devix.processes})`,
);
Deno.exit(seen.size > 0 ? 1 : 0);

async function fuzzBatch(first: number, size: number): Promise<void> {
  const choice = new Random(seed, first);
  const source = choice.pick(sources);
  // A tree's files are mostly functions: what they parse to says more than what they evaluate to.
  const mode = source === "tree" ? choice.pick<Mode>(["parse", "parse", "xml"]) : choice.pick(modes);
  const batch = await Promise.all(
    Array.from({ length: size }, (_, offset) => programAt(first + offset, source)),
  );
  const [wanted, got] = await evaluateBoth(batch, mode, { timed: true });
  programs += size;
  for (let offset = 0; offset < size; offset++) {
    if (differ(wanted[offset], got[offset])) await report(first + offset, batch[offset], mode);
  }
}

/** Returns a program as a binary string; a function of seed, index and the material only. */
async function programAt(index: number, source: Source): Promise<string> {
  const random = new Random(seed, index);
  switch (source) {
    case "generated":
      return binaryFromText(new Generator(random).program());
    case "corpus":
      return mutate(random, random.pick(corpus), random.pick(corpus));
    case "tree": {
      const [text, donor] = [await readTreeFile(random.pick(tree)), await readTreeFile(random.pick(tree))];
      return random.chance(0.2) ? text : mutate(random, text, donor);
    }
  }
}

async function evaluateBoth(
  batch: readonly string[],
  mode: Mode,
  { timed = false } = {},
): Promise<[readonly Result[], readonly Result[]]> {
  const files = await writePrograms(directory, batch);
  const run = async (side: "oracle" | "devix", evaluator: ProgramEvaluator) => {
    const began = performance.now();
    const results = await evaluator.evaluate(files, mode);
    if (timed) spent[side] += performance.now() - began;
    return results;
  };
  return await Promise.all([run("oracle", oracle), run("devix", devix)]);
}

/** Returns both results of a program that has a process of its own on either side. */
async function evaluateAlone(program: string, mode: Mode): Promise<[Result, Result]> {
  const [file] = await writePrograms(directory, [program]);
  return await Promise.all([oracle.alone(file, mode), devix.alone(file, mode)]);
}

/** Asks both sides about a program alone and, if they still differ in a way not seen yet, shrinks and writes it. */
async function report(index: number, program: string, mode: Mode): Promise<void> {
  if (UNCOMPARABLE.test(program)) return;
  const [wanted, got] = await evaluateAlone(program, mode);
  if (!differ(wanted, got)) return;
  const sort = signature(wanted, got);
  if (ignored !== null && ignored.test(sort)) return;
  const times = seen.get(sort) ?? 0;
  seen.set(sort, times + 1);
  if (times > 0) return;
  const interesting = async (candidates: readonly string[]) => {
    const files = await writePrograms(directory, candidates);
    // Most candidates are just errors. Where devix says something else than before, the oracle needn't be started.
    const right = await devix.evaluate(files, mode);
    const likely = files.flatMap((_, at) => (reduced(right[at]) === reduced(got) ? [at] : []));
    const left = await oracle.evaluate(likely.map((at) => files[at]), mode);
    return files.map((_, at) => {
      const result = left[likely.indexOf(at)];
      return result !== undefined && differ(result, right[at]) && signature(result, right[at]) === sort;
    });
  };
  const small = await shrink(program, interesting, SHRINK_LIMIT);
  const [oracleResult, devixResult] = await evaluateAlone(small, mode);
  const folder = `${finds}/${seed}-${index}-${mode}`;
  await Deno.mkdir(folder, { recursive: true });
  const write = (name: string, binary: string) =>
    Deno.writeFile(`${folder}/${name}`, Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  await write("program.nix", small);
  await write("original.nix", program);
  await write("oracle.txt", renderResult(oracleResult));
  await write("devix.txt", renderResult(devixResult));
  await write("flags.txt", MODE_FLAGS[mode].join(" ") + "\n");
  const excerpt = (binary: string) => textFromBinary(binary.length > 600 ? `${binary.slice(0, 600)} [...]\n` : binary);
  console.log(`${folder}\n${excerpt(small)}\n--- oracle\n${excerpt(renderResult(oracleResult))}--- devix`);
  console.log(excerpt(renderResult(devixResult)));
}

/** Returns the sources of the corpus cases that need no special flags and don't look at the clock. */
async function readCorpus(): Promise<string[]> {
  const folder = `${root}/testdata/lang`;
  const texts = await Promise.all((await discoverCases(folder)).map(async (lang) => {
    const { stdin, options, env, args } = lang.directives;
    if (stdin || options.length > 0 || Object.keys(env).length > 0 || args.length > 0) return [];
    const text = binaryFromBytes(await Deno.readFile(`${folder}/${lang.file}`)).replaceAll(/^# test:.*\n/gm, "");
    // Whole file systems must not be hashed, and times differ between two runs.
    return /currentTime|fetch|\/\.(?![.\w])/.test(text) || text.length > 4000 ? [] : [text];
  }));
  return texts.flat();
}

async function listTree(folder: string): Promise<string[]> {
  const files: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for await (const entry of Deno.readDir(below)) {
      const path = `${below}/${entry.name}`;
      if (entry.isDirectory) await walk(path);
      else if (entry.isFile && entry.name.endsWith(".nix") && (await Deno.stat(path)).size <= LONGEST_FILE) {
        files.push(path);
      }
    }
  };
  await walk(folder);
  return files.sort();
}

async function readTreeFile(path: string): Promise<string> {
  return binaryFromBytes(await Deno.readFile(path));
}
