/** `storePath`. */
import { FormatError } from "../lib/format/errors.ts";
import { isInStore, isStorePath, splitStorePath, type StorePath } from "../lib/format/store_path.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToPath } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import type { EvalIO } from "../lib/runtime/io.ts";
import { makeString, type Slot, type Value } from "../lib/runtime/value.ts";

/** What `storePath` needs. */
export interface StorePathDeps {
  readonly io: EvalIO;
  readonly pureEval: boolean;
  /** Called with the path, to fetch it or to refuse; null where whether it is there doesn't matter. */
  readonly ensurePath: ((path: StorePath) => void) | null;
}

/** Returns `storePath`. */
export function storePathBuiltin({ io, pureEval, ensurePath }: StorePathDeps): Builtin {
  const { storeDir } = io;

  const storePath = (p: Slot): Value => {
    if (pureEval) throw evalError(hint`'${"builtins.storePath"}' is not allowed in pure evaluation mode`);
    const context = new ContextBuilder();
    const words = "while evaluating the first argument passed to 'builtins.storePath'";
    let path = coerceToPath(p, context, words).path;
    // A symlink right in the store is itself what is meant; all others are followed.
    if (!isStorePath(path, { storeDir })) path = io.resolveSymlinks(path, "full");
    if (!isInStore(path, { storeDir })) throw evalError(hint`path '${path}' is not in the Nix store`);
    const whole = wholePath(path);
    ensurePath?.(whole);
    context.addElement(whole);
    return makeString(path, context.build());
  };

  const wholePath = (path: string): StorePath => {
    try {
      return splitStorePath(path, { storeDir }).storePath;
    } catch (e) {
      throw e instanceof FormatError ? foreignError("eval", e) : e;
    }
  };

  return {
    name: "storePath",
    params: ["path"],
    doc:
      "Returns *path*, which must be in the store, as a string that depends on it. The path isn't copied again as it " +
      "would be otherwise. Not available in pure evaluation.",
    call: storePath,
  };
}
