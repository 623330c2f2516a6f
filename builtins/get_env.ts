/** `getEnv`. */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { EvalIO } from "../lib/runtime/io.ts";
import type { Slot } from "../lib/runtime/value.ts";

/** Returns `getEnv`. What pure and restricted evaluation hide is up to `io`. */
export function getEnvBuiltin({ io }: { readonly io: Pick<EvalIO, "getEnv"> }): Builtin {
  return {
    name: "getEnv",
    params: ["s"],
    doc: "Returns the environment variable *s*, or an empty string if there is none. In pure evaluation there is none.",
    call: (s: Slot) =>
      io.getEnv(forceStringNoContext(s, "while evaluating the first argument passed to builtins.getEnv")),
  };
}
