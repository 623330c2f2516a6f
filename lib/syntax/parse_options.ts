/** What parsing depends on besides the text. The evaluator's settings end up here. */
import type { Pos } from "./positions.ts";

/** What to do about a discouraged form. */
export type Lint = "ignore" | "warn" | "fatal";

/** The surroundings and settings of one text. */
export interface ParseOptions {
  /** What relative path literals are relative to: an absolute path, as a byte string. */
  readonly basePath: string;
  /** Returns the directory that `~` stands for; may throw. */
  readonly homeDir: () => string;
  /** In pure evaluation a `~/…` literal is an error. */
  readonly pureEval: boolean;
  readonly features: { readonly pipeOperators: boolean };
  readonly lint: { readonly urlLiterals: Lint; readonly shortPathLiterals: Lint; readonly absolutePathLiterals: Lint };
  /** Takes a warning; `pos` is NO_POS where the message names its position itself. */
  readonly warn: (message: string, pos: Pos) => void;
  /** The bytes of the text, if they are at hand; saves making them. */
  readonly bytes?: Uint8Array;
}
