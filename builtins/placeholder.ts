/** `placeholder`. */
import { placeholder } from "../lib/format/placeholder.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { Slot } from "../lib/runtime/value.ts";

/** `placeholder`. */
export const PLACEHOLDER: Builtin = {
  name: "placeholder",
  bare: true,
  params: ["output"],
  doc: "Returns a string that stands for the path of the derivation's own output *output*. It is replaced when the " +
    "derivation is built.",
  call: (output: Slot) =>
    placeholder(forceStringNoContext(output, "while evaluating the first argument passed to builtins.placeholder")),
};
