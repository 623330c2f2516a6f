/**
 * Arguments that are paths to be read.
 *
 * Whatever the argument's context stands for is made available first. All that comes of it carries the frame "while
 * realising the context of path …"; problems with the file itself come later and don't.
 */
import { coerceToPath } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { hint, withFrame } from "../lib/runtime/errors.ts";
import { ioPath } from "../lib/runtime/internal_path.ts";
import type { EvalIO, Realise } from "../lib/runtime/io.ts";
import type { Slot } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";

/** What reading a path takes. */
export interface PathDeps {
  readonly io: EvalIO;
  readonly realise: Realise;
}

/** Which symlinks of a path argument are followed. */
export type Following = "full" | "ancestors" | "none";

/** Returns the path in a slot as EvalIO knows it, once it can be read. @throws {NixError} if it is none or can't. */
export function realisePath(deps: PathDeps, slot: Slot, following: Following): string {
  const context = new ContextBuilder();
  const path = ioPath(coerceToPath(slot, context, "while realising the context of a path"));
  try {
    if (path[0] === "/") deps.realise(context.build());
    return following === "none" ? path : deps.io.resolveSymlinks(path, following);
  } catch (e) {
    throw withFrame(e, NO_POS, hint`while realising the context of path '${path}'`);
  }
}
