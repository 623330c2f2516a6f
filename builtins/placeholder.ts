/** `placeholder`. */
import { placeholder } from "../lib/format/placeholder.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import type { Slot } from "../lib/runtime/value.ts";

/** Those that were asked for, which are few names again and again. */
const known = new Map<string, string>();
const MOST_KNOWN = 100;

function remembered(output: string): string {
  let text = known.get(output);
  if (text === undefined) {
    text = placeholder(output);
    if (known.size < MOST_KNOWN) known.set(output, text);
  }
  return text;
}

/** `placeholder`. */
export const PLACEHOLDER: Builtin = {
  name: "placeholder",
  bare: true,
  params: ["output"],
  doc: "Returns a string that stands for the path of the derivation's own output *output*. It is replaced when the " +
    "derivation is built.",
  call: (output: Slot) =>
    remembered(forceStringNoContext(output, "while evaluating the first argument passed to builtins.placeholder")),
};
