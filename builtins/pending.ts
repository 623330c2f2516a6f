/**
 * Builtins whose implementation has not landed yet: their names exist, so that programs which mention them without calling
 * them evaluate; a call is an error of kind `unsupported`.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { hint, NixError } from "../lib/runtime/errors.ts";

const NAMES: readonly (readonly [name: string, bare: boolean, feature?: string])[] = [
  ["fetchurl", false],
  ["fetchTarball", true],
  ["fetchGit", true],
  ["fetchMercurial", true],
  ["fetchTree", true, "fetch-tree"],
  ["fetchClosure", false, "fetch-closure"],
  ["getFlake", false],
  ["parseFlakeRef", false],
  ["flakeRefToString", false],
];

export const PENDING_BUILTINS: readonly Builtin[] = NAMES.map(([name, bare, feature]) => ({
  name,
  bare,
  feature,
  params: ["args"],
  doc: "Not available yet.",
  call: () => {
    throw new NixError("unsupported", hint`the builtin '${name}' is not available yet`);
  },
}));
