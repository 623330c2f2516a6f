import { FormatError, HashNameError } from "../lib/format/errors.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";

/** Returns what lib/format has to say as an error of the Nix program, other errors as they are. */
export function hashError(e: unknown): unknown {
  if (e instanceof HashNameError) return foreignError("usage", e);
  return e instanceof FormatError ? foreignError("eval", e) : e;
}
