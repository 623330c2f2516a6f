// What may be the name of a branch, tag or commit.

/** A commit hash in full (SHA-1). */
export const REV: RegExp = /^[0-9a-fA-F]{40}$/;

/** Branches and tags of Mercurial, and what may be a ref in `flake-id/ref`. */
export const SIMPLE_REF: RegExp = /^[a-zA-Z0-9@][a-zA-Z0-9_./@+-]*$/;

const MAX_REF_BYTES = 1024;
// deno-lint-ignore no-control-regex
const BAD_REF_CHAR = /[\x00-\x20~^:\\?[*]/;

/**
 * Tells whether git could have a branch, tag or ref of that name, by libgit2's rules, which C++ Nix goes by, and without
 * "@" and DEL.
 */
export function isLegalRef(name: string): boolean {
  if (name === "@" || name.includes("\x7f")) return false;
  return isRefName(name) || (name[0] !== "-" && isRefName(`refs/heads/${name}`));
}

/** A full ref, or a special one such as HEAD. */
function isRefName(name: string): boolean {
  if (name === "" || name.length > MAX_REF_BYTES) return false;
  const segments = name.split("/");
  for (const segment of segments) {
    if (segment === "" || segment[0] === "." || segment.endsWith(".lock")) return false;
    if (BAD_REF_CHAR.test(segment) || segment.includes("..") || segment.includes("@{")) return false;
  }
  if (name.endsWith(".")) return false;
  const special = /^[A-Z_]+$/.test(segments[0]) && !segments[0].startsWith("_") && !segments[0].endsWith("_");
  return (segments.length === 1) === special;
}
