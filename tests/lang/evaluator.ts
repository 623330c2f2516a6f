/**
 * The seam between the corpus and whatever evaluates it.
 *
 * Runners ask a {@link CaseEvaluator} for the outcome of a case and know nothing else. There is one that starts a
 * process per case (process_evaluator.ts; right for any `nix-instantiate`, C++ Nix's too) and a fast one that runs the
 * case in this process (in_process_evaluator.ts), whose failures the other has to confirm.
 */
import type { LangCase } from "./case.ts";
import type { Outcome } from "./outcome.ts";

/** Stands in outputs and expectations for the absolute path of the corpus folder. */
export const CORPUS_MARKER = "/pwd";

/** The home directory of every case; it does not exist. */
export const CASE_HOME = "/homeless";

/** Evaluates cases. */
export interface CaseEvaluator {
  /**
   * Returns the outcome of a case, the path of the corpus folder replaced by {@link CORPUS_MARKER} in all texts.
   *
   * @throws {Error} when the evaluator itself broke: a crash, a timeout, a JavaScript exception
   */
  evaluate(lang: LangCase): Promise<Outcome>;
  /** Ends whatever the evaluator keeps open. */
  close(): Promise<void>;
}

/** Returns an outcome with the corpus folder replaced by {@link CORPUS_MARKER}. `corpus` is absolute. */
export function markCorpus(outcome: Outcome, corpus: string): Outcome {
  const mark = (text: string) => text.replaceAll(corpus, CORPUS_MARKER);
  const stdout = mark(outcome.stdout), stderr = mark(outcome.stderr);
  if (outcome.ok) return { ok: true, stdout, stderr };
  const suggestion = outcome.suggestion === null ? null : mark(outcome.suggestion);
  return { ...outcome, message: mark(outcome.message), suggestion, stdout, stderr };
}
