/**
 * Runs corpus cases in this process: a hundred times faster than one process each.
 *
 * It calls the command line's own `nix-instantiate` with a {@link Process} that writes to strings, so flags, settings
 * and error reports are the real ones. What it cannot give a case is a process of its own: names interned by other
 * cases change the order in which attributes are forced, the native stack is that of the test runner, and getEnv sees
 * this environment. A difference seen here therefore proves nothing yet; ask a ProcessEvaluator then.
 */
import { nixInstantiate } from "../../cli/nix_instantiate.ts";
import type { Process } from "../../cli/process.ts";
import { restoreCallDepth } from "../../lib/runtime/depth.ts";
import type { Optimisations } from "../../lib/runtime/optimisations.ts";
import { binaryFromBytes, binaryFromText } from "./bytes.ts";
import { commandArguments, type LangCase } from "./case.ts";
import { type CaseEvaluator, markCorpus } from "./evaluator.ts";
import { type Outcome, outcomeOfRun } from "./outcome.ts";
import { isolatedEnvironment } from "./process_evaluator.ts";

/** What a run of `nix-instantiate` gave; texts are binary strings. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `nix-instantiate` in this process. `cwd` is absolute; nothing but `env` is seen of an environment by flags and settings. */
export function runInProcess(
  args: readonly string[],
  options: {
    cwd: string;
    env: Readonly<Record<string, string>>;
    stdin?: string;
    optimisations?: Partial<Optimisations>;
  },
): Run {
  let stdout = "", stderr = "";
  const process: Process = {
    args: args.map(binaryFromText),
    env: (name) => (Object.hasOwn(options.env, name) ? binaryFromText(options.env[name]) : undefined),
    cwd: binaryFromText(options.cwd),
    colours: false,
    terminal: false,
    isStackChild: true,
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
    passing: (text) => void (stderr += text),
    columns: () => 80,
    readStdin: () => options.stdin ?? "",
    readFile: (path) => binaryFromBytes(Deno.readFileSync(path)),
    exists: (path) => {
      try {
        Deno.statSync(path);
        return true;
      } catch {
        return false;
      }
    },
  };
  try {
    const code = nixInstantiate(process, { optimisations: options.optimisations });
    return { code, stdout, stderr };
  } finally {
    // A process of its own would have ended: an error leaves it as deep as it was.
    restoreCallDepth(0);
  }
}

/** Evaluates each case through {@link runInProcess}. */
export class InProcessEvaluator implements CaseEvaluator {
  readonly #corpus: string;
  readonly #directory: string;
  readonly #env: Record<string, string>;
  readonly #optimisations: Partial<Optimisations>;

  /** `corpus` is the absolute path of the corpus folder. */
  constructor(corpus: string, optimisations: Partial<Optimisations> = {}) {
    this.#corpus = corpus;
    this.#optimisations = optimisations;
    this.#directory = Deno.makeTempDirSync({ prefix: "lang-case-" });
    this.#env = isolatedEnvironment(this.#directory);
  }

  async evaluate(lang: LangCase): Promise<Outcome> {
    const stdin = lang.directives.stdin
      ? binaryFromBytes(await Deno.readFile(`${this.#corpus}/${lang.file}`))
      : undefined;
    const env = { ...this.#env, ...lang.directives.env };
    const run = runInProcess(commandArguments(lang), {
      cwd: this.#corpus,
      env,
      stdin,
      optimisations: this.#optimisations,
    });
    return markCorpus(outcomeOfRun(run), binaryFromText(this.#corpus));
  }

  async close(): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}
