/**
 * The golden corpus: one test per case of testdata/lang, against expectations that C++ Nix wrote (see oracle.ts).
 *
 * What evaluates is the command in the variable DEVIX (`dist/devix`, `…/nix-instantiate`), or else this checkout: in
 * process through `tests/lang/session_evaluator.ts` where that exists, through cli.ts otherwise. Outcomes are computed
 * one case ahead of the test that asks, so that two processes run at a time although tests run one after the other.
 */
import { discoverCases, type LangCase, readExpectation } from "./lang/case.ts";
import { textFromBinary } from "./lang/bytes.ts";
import { parseDivergences } from "./lang/divergences.ts";
import type { CaseEvaluator } from "./lang/evaluator.ts";
import { expectationOf, type Outcome } from "./lang/outcome.ts";
import { instantiateCommand, ProcessEvaluator } from "./lang/process_evaluator.ts";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const corpus = `${root}/testdata/lang`;
const command = Deno.env.get("DEVIX");

async function createEvaluator(): Promise<CaseEvaluator> {
  if (command !== undefined) return new ProcessEvaluator(instantiateCommand(command, root), corpus);
  const inProcess = new URL("./lang/session_evaluator.ts", import.meta.url);
  if (await exists(inProcess)) return (await import(inProcess.href)).createSessionEvaluator(corpus);
  return new ProcessEvaluator([Deno.execPath(), "run", "-A", `${root}/cli.ts`, "nix-instantiate"], corpus);
}

async function exists(path: string | URL): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

const cases = await discoverCases(corpus);
const divergences = parseDivergences(await Deno.readTextFile(`${root}/tests/divergences.txt`));
const runnable = command !== undefined || await exists(`${root}/cli.ts`);

let evaluator: Promise<CaseEvaluator> | undefined;
const started = new Map<number, Promise<Outcome>>();

function outcomeAt(index: number): Promise<Outcome> {
  let outcome = started.get(index);
  if (outcome === undefined) {
    evaluator ??= createEvaluator();
    outcome = evaluator.then((it) => it.evaluate(cases[index]));
    outcome.catch(() => {}); // reported by the test that awaits it
    started.set(index, outcome);
  }
  return outcome;
}

Deno.test.afterAll(async () => {
  await Promise.allSettled(started.values());
  await (await evaluator)?.close();
});

for (const [index, lang] of cases.entries()) {
  Deno.test({
    name: `lang ${lang.name}`,
    ignore: !runnable,
    // The outcome of the next case is under way when this one ends.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const outcome = outcomeAt(index);
      if (index + 1 < cases.length) outcomeAt(index + 1);
      const difference = await differenceOf(lang, outcome);
      started.delete(index);
      const reason = divergences.get(lang.name);
      if (reason === undefined && difference !== null) throw new Error(difference);
      if (reason !== undefined && difference === null) {
        throw new Error(`Listed in divergences.txt ("${reason}"), but the outcome is C++ Nix's`);
      }
    },
  });
}

Deno.test("divergences.txt lists only cases that exist", () => {
  const names = new Set(cases.map((lang) => lang.name));
  const unknown = [...divergences.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0) throw new Error(`No such case: ${unknown.join(", ")}`);
});

/** Returns how an outcome differs from the expectation, or null. */
async function differenceOf(lang: LangCase, pending: Promise<Outcome>): Promise<string | null> {
  const wanted = await readExpectation(corpus, lang);
  if ((wanted.exp === null) === (wanted.err === null)) {
    throw new Error("The case has no expectation, or two: run deno task oracle");
  }
  const outcome = await pending;
  const got = expectationOf(outcome, lang.directives.compareStderr);
  const same = got.exp === wanted.exp && got.err === wanted.err && got.stderr === wanted.stderr;
  if (same) return null;
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
