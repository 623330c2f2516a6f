/** Constants that depend on nothing. Those that tell of the world are with the effects. */
import type { BuiltinConstant } from "../lib/runtime/builtin.ts";

/** The version of C++ Nix that we answer for. */
const NIX_VERSION = "2.34.8";

/** `true`, `false`, `null`. */
export const LITERAL_CONSTANTS: readonly BuiltinConstant[] = [
  { name: "true", bare: true, doc: "The Boolean value *true*.", value: true },
  { name: "false", bare: true, doc: "The Boolean value *false*.", value: false },
  { name: "null", bare: true, doc: "The value that stands for the absence of one.", value: null },
];

/** `nixVersion`, `langVersion`. */
export const VERSION_CONSTANTS: readonly BuiltinConstant[] = [
  {
    name: "nixVersion",
    doc: "The version of Nix that this evaluator is compatible with.",
    value: NIX_VERSION,
  },
  {
    name: "langVersion",
    doc: "The version of the language, which no longer changes: test for single builtins instead.",
    value: 6,
  },
];
