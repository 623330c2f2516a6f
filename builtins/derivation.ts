/** `derivation`, and the file `<nix/fetchurl.nix>`: builtins written in Nix. */
import type { BuiltinConstant } from "../lib/runtime/builtin.ts";
import type { Thunk } from "../lib/runtime/thunk.ts";
import { DERIVATION } from "./_derivation.nix.ts";
import { FETCHURL } from "./_fetchurl.nix.ts";

/** What `derivation` needs. */
export interface DerivationDeps {
  /** Returns a thunk of a text of the evaluator's own; it is parsed when first needed. */
  readonly internal: (name: string, text: string) => Thunk;
}

/** The name under which positions in `derivation` are known. */
const DERIVATION_FILE = "derivation-internal.nix";

/** How messages name it. */
export const DERIVATION_DISPLAY = `\xc2\xabnix-internal\xc2\xbb/${DERIVATION_FILE}`;

/** Returns `derivation`. */
export function derivationConstant({ internal }: DerivationDeps): BuiltinConstant {
  return {
    name: "derivation",
    bare: true,
    doc:
      "Returns a derivation: a set that stands for what running a program (`builder`, on a machine of type `system`) " +
      "makes. All attributes are passed to it as environment variables. See the manual's chapter on derivations.",
    value: internal(DERIVATION_FILE, DERIVATION),
  };
}

/** The files of `<nix/…>` by path. */
export const INTERNAL_FILES: Readonly<Record<string, string>> = { "/fetchurl.nix": FETCHURL };
