/** Experimental features that guard arguments rather than whole builtins. */
import { hint, NixError } from "../lib/runtime/errors.ts";

/** @throws {NixError} if `feature` isn't enabled; `reason` is added to the message in parentheses. */
export function requireFeature(features: ReadonlySet<string>, feature: string, reason?: string): void {
  if (features.has(feature)) return;
  throw new NixError(
    "eval",
    hint`experimental Nix feature '${feature}' is disabled` + (reason === undefined ? "" : ` (${reason})`) +
      hint`; add '--extra-experimental-features ${feature}' to enable it`,
  );
}
