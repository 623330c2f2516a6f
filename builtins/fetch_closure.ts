/** `fetchClosure`: checks its arguments as C++ Nix does; there are no binary caches to fetch from here. */
import { isInStore, splitStorePath } from "../lib/format/store_path.ts";
import { FormatError } from "../lib/format/errors.ts";
import { attrPos, flat } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToPath } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint, NixError, withFrame } from "../lib/runtime/errors.ts";
import { forceAttrs, forceBool, forceStringNoContext } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { force } from "../lib/runtime/thunk.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import type { Pos } from "../lib/syntax/positions.ts";
import { mayNeedOrder, symbolName } from "../lib/syntax/symbols.ts";

/** Returns `fetchClosure`. */
export function fetchClosureBuiltin({ storeDir }: { readonly storeDir: string }): Builtin {
  const fetchClosure = (arg: Slot): Value => {
    const set = forceAttrs(arg, "while evaluating the argument passed to builtins.fetchClosure");
    let fromStore: string | undefined;
    let fromPath: string | undefined;
    let hasToPath = false;
    let inputAddressed = false;
    const { shape, values } = flat(set);
    mayNeedOrder(shape.names);
    for (let i = 0; i < shape.names.length; i++) {
      const name = symbolName(shape.names[i]);
      const pos = attrPos(set, shape.names[i]);
      const words = hint`while evaluating the attribute '${name}' passed to builtins.fetchClosure`;
      switch (name) {
        case "fromPath":
          fromPath = storePathIn(values[i], words, pos);
          break;
        case "toPath":
          hasToPath = true;
          if (force(values[i], pos) !== "") storePathIn(values[i], words, pos);
          break;
        case "fromStore":
          fromStore = forceStringNoContext(values[i], words, pos);
          break;
        case "inputAddressed":
          inputAddressed = forceBool(values[i], words, pos);
          break;
        default:
          throw evalError(hint`attribute '${name}' isn't supported in call to 'fetchClosure'`);
      }
    }
    if (fromPath === undefined) throw evalError(hint`attribute '${"fromPath"}' is missing in call to 'fetchClosure'`);
    if (inputAddressed && hasToPath) {
      throw evalError(
        hint`attribute '${"inputAddressed"}' is set to true, but '${"toPath"}' is also set. Please remove one of them`,
      );
    }
    if (fromStore === undefined) throw evalError(hint`attribute '${"fromStore"}' is missing in call to 'fetchClosure'`);
    if (!/^https?:\/\//.test(fromStore)) throw evalError("'fetchClosure' only supports http:// and https:// stores");
    if (fromStore.includes("?")) {
      throw evalError(hint`'fetchClosure' does not support URL query parameters (in '${fromStore}')`);
    }
    throw new NixError(
      "unsupported",
      hint`cannot fetch '${fromPath}' from '${fromStore}': ${"fetchClosure"} is not supported`,
    );
  };

  const storePathIn = (slot: Slot, words: string, pos: Pos): string => {
    const { path } = coerceToPath(slot, new ContextBuilder(), words, pos);
    try {
      if (isInStore(path, { storeDir })) return splitStorePath(path, { storeDir }).storePath;
    } catch (e) {
      throw withFrame(e instanceof FormatError ? foreignError("eval", e) : e, pos, words);
    }
    throw evalError(hint`path '${path}' is not in the Nix store`).addFrame(pos, words);
  };

  return {
    name: "fetchClosure",
    feature: "fetch-closure",
    params: ["args"],
    doc:
      "Would fetch a store path and all it refers to from a binary cache. Not supported: it checks its argument and fails.",
    call: fetchClosure,
  };
}
