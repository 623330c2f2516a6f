/**
 * Writes the expectations of the golden corpus from a C++ Nix, and records its version in testdata/lang/ORACLE.
 *
 *     deno task oracle --oracle PATH/nix-instantiate [--only REGEXP] [--check]
 *
 * Only this program writes `.exp`, `.err` and `.stderr` files. With `--check` it writes nothing and exits with 1 when
 * one would change. Every case is run twice: an outcome that isn't the same both times, or that names this machine,
 * is no expectation.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { discoverCases, type LangCase, readExpectation, writeExpectation } from "./lang/case.ts";
import { binaryFromText } from "./lang/bytes.ts";
import { expectationOf } from "./lang/outcome.ts";
import { ProcessEvaluator } from "./lang/process_evaluator.ts";

const root = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const corpus = `${root}/testdata/lang`;
const CONCURRENCY = 2;

const flags = parseArgs(Deno.args, { string: ["oracle", "only"], boolean: ["check"] });
if (!flags.oracle) {
  console.error("usage: deno task oracle --oracle PATH_OF_NIX_INSTANTIATE [--only REGEXP] [--check]");
  Deno.exit(2);
}
const oracle = flags.oracle.startsWith("/") ? flags.oracle : `${Deno.cwd()}/${flags.oracle}`;
const wanted = new RegExp(flags.only ?? "");
const cases = (await discoverCases(corpus)).filter((lang) => wanted.test(lang.name));

const evaluator = new ProcessEvaluator([oracle], corpus);
const changed: string[] = [], problems: string[] = [];
const queue = cases.values();
await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
  for (const lang of queue) {
    try {
      if (await settle(lang)) changed.push(lang.name);
    } catch (error) {
      problems.push(`${lang.name}: ${(error as Error).message}`);
    }
  }
}));
await evaluator.close();
await recordVersion();

for (const name of changed.sort()) console.log(flags.check ? "differs" : "wrote", name);
for (const problem of problems.sort()) console.error(problem);
console.log(`${cases.length} cases, ${changed.length} changed, ${problems.length} problems`);
if (problems.length > 0 || (flags.check && changed.length > 0)) Deno.exit(1);

/** Evaluates a case and brings its files up to date. Returns whether they were not. */
async function settle(lang: LangCase): Promise<boolean> {
  const [first, second] = [await evaluator.evaluate(lang), await evaluator.evaluate(lang)].map((outcome) =>
    expectationOf(outcome, lang.directives.compareStderr)
  );
  for (const key of ["exp", "err", "stderr"] as const) {
    if (first[key] !== second[key]) throw new Error(`the ${key} of two runs differ`);
    const leak = [root, Deno.env.get("HOME"), "/tmp/"].find((path) =>
      path !== undefined && path !== "/" && first[key]?.includes(binaryFromText(path))
    );
    if (leak !== undefined) throw new Error(`the ${key} names "${leak}", a path of this machine`);
  }
  if (!flags.check) return await writeExpectation(corpus, lang, first);
  const before = await readExpectation(corpus, lang);
  return before.exp !== first.exp || before.err !== first.err || before.stderr !== first.stderr;
}

async function recordVersion(): Promise<void> {
  const { stdout } = await new Deno.Command(oracle, { args: ["--version"] }).output();
  const version = new TextDecoder().decode(stdout);
  const file = `${corpus}/ORACLE`;
  if (!flags.check && flags.only === undefined) await Deno.writeTextFile(file, version);
}
