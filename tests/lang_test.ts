/**
 * The golden corpus: one test per case of testdata/lang, against expectations that C++ Nix wrote (see oracle.ts).
 *
 * What is tested is the command in the variable DEVIX (`dist/devix`, `…/nix-instantiate`), one process per case, or else
 * this checkout, in this process. A case that fails here gets a process of its own, which decides: other cases leave
 * traces in this one (see in_process_evaluator.ts).
 */
import { fromFileUrl } from "@std/path";
import { textFromBinary } from "./lang/bytes.ts";
import { discoverCases, type LangCase, readExpectation } from "./lang/case.ts";
import { parseDivergences } from "./lang/divergences.ts";
import type { CaseEvaluator } from "./lang/evaluator.ts";
import { InProcessEvaluator } from "./lang/in_process_evaluator.ts";
import { expectationOf } from "./lang/outcome.ts";
import { checkoutCommand, instantiateCommand, ProcessEvaluator } from "./lang/process_evaluator.ts";

const root = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const corpus = `${root}/testdata/lang`;
const command = Deno.env.get("DEVIX");
const cases = await discoverCases(corpus);
const divergences = parseDivergences(await Deno.readTextFile(`${root}/tests/divergences.txt`));

/** The last one decides; those before it only save time. */
const evaluators: CaseEvaluator[] = [];

Deno.test.beforeAll(() => {
  if (command === undefined) evaluators.push(new InProcessEvaluator(corpus));
  evaluators.push(
    new ProcessEvaluator(command === undefined ? checkoutCommand(root) : instantiateCommand(command, root), corpus),
  );
});

Deno.test.afterAll(async () => {
  for (const evaluator of evaluators) await evaluator.close();
});

for (const lang of cases) {
  // The first case loads the C library, which stays (lib/io): Deno 2.6 takes that for a leak.
  Deno.test(`lang ${lang.name}`, { sanitizeResources: false }, async () => {
    let difference: string | null = null;
    for (const evaluator of evaluators) {
      difference = await differenceOf(lang, evaluator);
      if (difference === null) break;
    }
    const reason = divergences.get(lang.name);
    if (reason === undefined && difference !== null) throw new Error(difference);
    if (reason !== undefined && difference === null) {
      throw new Error(`Listed in divergences.txt ("${reason}"), but the outcome is C++ Nix's`);
    }
  });
}

Deno.test("divergences.txt lists only cases that exist", () => {
  const names = new Set(cases.map((lang) => lang.name));
  const unknown = [...divergences.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`No such case: ${unknown.join(", ")}`);
});

/** Returns how an outcome differs from the expectation, or null. */
async function differenceOf(lang: LangCase, evaluator: CaseEvaluator): Promise<string | null> {
  const wanted = await readExpectation(corpus, lang);
  if ((wanted.exp === null) === (wanted.err === null)) {
    throw new Error("The case has no expectation, or two: run deno task oracle");
  }
  const outcome = await evaluator.evaluate(lang);
  const got = expectationOf(outcome, lang.directives.compareStderr);
  if (got.exp === wanted.exp && got.err === wanted.err && got.stderr === wanted.stderr) return null;
  const show = (title: string, text: string | null) => (text === null ? "" : `${title}\n${textFromBinary(text)}\n`);
  return [
    "outcome differs\n",
    show("wanted output:", wanted.exp),
    show("wanted error:", wanted.err),
    show("wanted standard error:", wanted.stderr),
    show("got output:", got.exp),
    show("got error:", got.err),
    show("got standard error:", got.err !== null || got.stderr !== null ? outcome.stderr : null),
  ].join("");
}
