// Derivations that are downloads: `builder = "builtin:fetchurl"`, as `<nix/fetchurl.nix>` makes them.

import type { Derivation } from "../format/derivation.ts";
import type { UrlFetch } from "./fetch.ts";

/** Returns what a derivation fetches; undefined if it isn't such a one. */
export function fetchOfDerivation(drv: Derivation): UrlFetch | undefined {
  if (drv.builder !== "builtin:fetchurl" || drv.args.length > 0) return undefined;
  const out = drv.outputs.get("out");
  const url = drv.env.get("url");
  if (out?.kind !== "fixed" || drv.outputs.size !== 1 || url === undefined) return undefined;
  const { method, hash } = out.ca;
  const kind = method === "flat"
    ? "file"
    : method !== "nar"
    ? undefined
    : drv.env.get("unpack") === "1"
    ? "nar"
    : drv.env.get("executable") === "1"
    ? "executable"
    : undefined;
  return kind === undefined ? undefined : { kind, url, name: drv.name, hash };
}
