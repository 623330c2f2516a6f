/** Versions: ours, and that of the Nix whose language and outputs devix reproduces. */

/** devix's own version; that of deno.json. */
export const DEVIX_VERSION = "0.1.0";

/** The Nix that devix is compatible with: `builtins.nixVersion`. */
export const NIX_VERSION = "2.34.8";
