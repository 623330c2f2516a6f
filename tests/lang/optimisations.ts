/**
 * The golden corpus once per optimisation switched off, and once with all of them on from the start: no outcome may
 * change.
 *
 *     deno task optimisations [N]        every N-th case only
 *
 * Everything runs in this process. A case whose outcome here isn't the expected one anyway (names interned by other cases
 * change the order of attributes, see in_process_evaluator.ts) has to give what it gives with the usual optimisations.
 */
import { fromFileUrl } from "@std/path";
import { adjustLimits } from "../../cli/stack.ts";
import { OPTIMISATIONS, type Optimisations } from "../../lib/runtime/optimisations.ts";
import { discoverCases, readExpectation } from "./case.ts";
import { InProcessEvaluator } from "./in_process_evaluator.ts";
import { expectationOf } from "./outcome.ts";

/** The ways to run the corpus, by name. */
const VARIANTS: Readonly<Record<string, Partial<Optimisations>>> = {
  "without tier-up": { tierUpAfter: Infinity },
  "without shared shapes": { sharedShapes: 0 },
  "without overlays": { overlaysAbove: Infinity },
  "without layers": { layersAbove: Infinity },
  "without any": { tierUpAfter: Infinity, sharedShapes: 0, overlaysAbove: Infinity, layersAbove: Infinity },
  "layers from the start": { layersAbove: 0 },
  "all from the start": {
    tierUpAfter: 1,
    tierUpAll: true,
    sharedShapes: Infinity,
    overlaysAbove: 0,
    layersAbove: 0,
  },
};

/** How often each optimisation and case differ. */
export interface Comparison {
  readonly cases: number;
  /** `case: variant`. */
  readonly differing: readonly string[];
}

/** Runs every n-th case of the corpus in all variants. */
export async function compareVariants(corpus: string, every: number): Promise<Comparison> {
  const differing: string[] = [];
  const plain = new InProcessEvaluator(corpus);
  const variants = Object.entries(VARIANTS).map(([name, o]) => [name, new InProcessEvaluator(corpus, o)] as const);
  const cases = (await discoverCases(corpus)).filter((_, index) => index % every === 0);
  try {
    for (const lang of cases) {
      const outcomeOf = async (evaluator: InProcessEvaluator) =>
        JSON.stringify(expectationOf(await evaluator.evaluate(lang), lang.directives.compareStderr));
      const expected = JSON.stringify(await readExpectation(corpus, lang));
      for (const [name, evaluator] of variants) {
        const got = await outcomeOf(evaluator);
        // Under `deno test` the native stack is small; the task has one that is large enough.
        if (got.includes("stack overflow (possible infinite recursion)")) continue;
        if (got !== expected && got !== await outcomeOf(plain)) {
          differing.push(`${lang.name}: ${name}`);
        }
      }
    }
  } finally {
    for (const evaluator of [plain, ...variants.map(([, evaluator]) => evaluator)]) await evaluator.close();
  }
  return { cases: cases.length, differing };
}

if (import.meta.main) {
  if (adjustLimits() === "child-needed") throw new Error("Cannot run the corpus: the stack limit cannot be raised");
  const corpus = fromFileUrl(new URL("../../testdata/lang", import.meta.url));
  const { cases, differing } = await compareVariants(corpus, Number(Deno.args[0] ?? 1));
  for (const line of differing) console.log(line);
  const names = Object.keys(VARIANTS).join(", ");
  console.log(`${cases} cases, each ${names} (usually: ${JSON.stringify(OPTIMISATIONS)}); ${differing.length} differ`);
  Deno.exit(differing.length > 0 ? 1 : 0);
}
