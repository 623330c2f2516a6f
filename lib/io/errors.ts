// What can go wrong with files, in C++ Nix's words.

import { hint, NixError } from "../runtime/errors.ts";

/** Returns the error of symlinks that lead nowhere but to each other. */
export function symlinkLoop(path: string): NixError {
  return new NixError("io", hint`infinite symlink recursion in path '${path}'`);
}

/** Returns the error of a directory that was to be read like a file; `size` is what it says its size is. */
export function isDirectory(size: number): NixError {
  return new NixError("io", hint`read of ${size} bytes: ${"Is a directory"}`);
}

/** Returns the error of a pipe that was to be read, for which C++ Nix would wait, perhaps for ever. */
export function notRegular(path: string): NixError {
  return new NixError("io", hint`cannot read '${path}': ${"not a regular file"}`);
}

/** Returns the error of a directory that can't be listed. */
export function cannotReadDir(path: string, reason: string): NixError {
  return new NixError("io", hint`cannot read directory ${`"${path}"`}: ${reason}`);
}

/** Returns the error of a system call: "opening file '…': Permission denied". */
export function systemError(action: string, path: string, reason: string): NixError {
  return new NixError("io", action + hint` '${path}': ${reason}`);
}

/** Returns the error of a file of which nothing can be learnt. */
export function cannotStat(path: string, reason: string): NixError {
  return new NixError("io", hint`getting status of ${`"${path}"`}: ${reason}`);
}

/** Returns the error of a name that can't be handed to the host because it isn't UTF-8. */
export function notUtf8(path: string): NixError {
  return new NixError("io", hint`cannot access '${path}': ${"its name is not valid UTF-8"}`);
}

/** Returns the error of a path that evaluation may not look at; `where` is "in restricted mode" and the like. */
export function forbidden(path: string, where: string): NixError {
  return new NixError("restricted", hint`access to absolute path '${path}' is forbidden ${where}`);
}

/** Returns the error of a URI that evaluation may not fetch. */
export function forbiddenUri(uri: string): NixError {
  return new NixError("restricted", hint`access to URI '${uri}' is forbidden in restricted mode`);
}

/** Returns the error of a copy to the store where there is no store. */
export function noStore(path: string): NixError {
  return new NixError("unsupported", hint`cannot copy '${path}' to the store: there is no store`);
}

/** Returns the error of a path whose contents don't have the hash they should have. */
export function pathMismatch(path: string): NixError {
  return new NixError("store", hint`store path mismatch in (possibly filtered) path added from '${path}'`);
}
