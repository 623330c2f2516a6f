/**
 * Where the evaluator says things that are not its result: `builtins.trace`, warnings, "evaluating file …". What it
 * looks like and where it goes is the composition root's business.
 */
import type { Pos } from "../syntax/positions.ts";

/** Receives what evaluation has to say. Texts are binary strings and may hold terminal escape codes. */
export interface EvalLog {
  /** `builtins.trace` and `traceVerbose`: the text after `trace: `. */
  trace(text: string): void;
  /** A warning of the evaluator; `fromExpr` for `builtins.warn`. */
  warn(text: string, options?: { readonly fromExpr?: boolean; readonly pos?: Pos }): void;
  /** A message for verbosity `level` (3 info, 4 talkative, 5 chatty, 6 debug, 7 vomit). */
  message(level: number, text: string): void;
}
