/** `toFile`. */
import { makeTextPath } from "../lib/format/content_address.ts";
import { FormatError } from "../lib/format/errors.ts";
import type { StorePath } from "../lib/format/store_path.ts";
import type { KnownPaths } from "../lib/known_paths.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { Context } from "../lib/runtime/context.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceString, forceStringNoContext } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { makeString, type Slot, stringContext, stringText, type Value } from "../lib/runtime/value.ts";

/** What `toFile` needs. */
export interface ToFileDeps {
  readonly knownPaths: KnownPaths;
}

/** Returns `toFile`. */
export function toFileBuiltin({ knownPaths }: ToFileDeps): Builtin {
  const { storeDir } = knownPaths;

  const toFile = (name: Slot, s: Slot): Value => {
    const fileName = forceStringNoContext(name, "while evaluating the first argument passed to builtins.toFile");
    const v = forceString(s, "while evaluating the second argument passed to builtins.toFile");
    const references = (stringContext(v)?.elements ?? []) as readonly StorePath[];
    // Derivations before their outputs, which is the order of C++ Nix.
    const derived = references.find((element) => element[0] === "=") ??
      references.find((element) => element[0] === "!");
    if (derived !== undefined) {
      const shown = derived.replace(`${storeDir}/`, "");
      throw evalError(
        hint`files created by ${"builtins.toFile"} may not reference derivations, but ${fileName} references ${shown}`,
      );
    }
    const contents = stringText(v);
    const path = textPath(fileName, contents, references);
    knownPaths.addText({ path, contents, references });
    return makeString(path, Context.of(path));
  };

  const textPath = (name: string, contents: string, references: readonly StorePath[]): StorePath => {
    try {
      return makeTextPath(contents, { name, references, storeDir });
    } catch (e) {
      throw e instanceof FormatError ? foreignError("eval", e) : e;
    }
  };

  return {
    name: "toFile",
    params: ["name", "s"],
    doc:
      "Puts the string *s* into a file in the store and returns its path, which ends in *name*. The string may refer " +
      "to files in the store, but not to what derivations make.",
    call: toFile,
  };
}
