// Paths made into strings: `"${./file}"`, derivation attributes, toJSON.

import { hint, NixError } from "../runtime/errors.ts";
import type { EvalIO } from "../runtime/io.ts";
import type { EvalLog } from "../runtime/log.ts";
import type { CopyToStore } from "../runtime/coerce.ts";
import { recall, remember, type Remembered } from "../runtime/tracking.ts";
import { ioPath } from "../runtime/internal_path.ts";

/** Returns what copies a path to the store under its own name, once per evaluation. */
export function makeCopyToStore(deps: { readonly io: EvalIO; readonly log: EvalLog }): CopyToStore {
  const { io, log } = deps;
  const copied = new Map<string, Remembered<string>>();
  return (path) => {
    if (path.path.endsWith(".drv")) {
      throw new NixError("eval", hint`file names are not allowed to end in '${".drv"}'`);
    }
    const source = ioPath(path);
    let known = copied.get(source);
    if (known === undefined) {
      const name = path.path === "/" ? "source" : path.path.slice(path.path.lastIndexOf("/") + 1);
      known = remember(() => io.importPath(source, { name, method: "nar" }));
      copied.set(source, known);
      log.message(5, `copied source '${source}' -> '${known.value}'`);
    }
    return recall(known);
  };
}
