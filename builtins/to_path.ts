/** `toPath`. */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToPath } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { ioPath } from "../lib/runtime/internal_path.ts";
import { makeString, type Slot, type Value } from "../lib/runtime/value.ts";

function toPath(s: Slot): Value {
  const context = new ContextBuilder();
  const path = coerceToPath(s, context, "while evaluating the first argument passed to builtins.toPath");
  return makeString(ioPath(path), context.build());
}

/** `toPath`, deprecated: a string that is an absolute path, made canonical. Despite its name it returns a string. */
export const TO_PATH: Builtin = {
  name: "toPath",
  params: ["s"],
  doc: "Returns the absolute path *s* as a string without `.`, `..` and double slashes. Deprecated: use `/. + s`.",
  call: toPath,
};
