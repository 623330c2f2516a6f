/**
 * Everything a Nix program can observe of the world.
 *
 * The evaluator and the builtins reach files, environment and store through this interface only; what is not in it
 * cannot happen. It is synchronous, because the language is. Paths are absolute canonical binary strings. An
 * implementation reports failures as {@link NixError}s in C++ Nix's words (kind `io`, or `restricted` where access is
 * not allowed).
 */

import type { Context } from "./context.ts";
import { hint, NixError } from "./errors.ts";

/** What a directory entry is, in the words of `builtins.readDir`. */
export type FileType = "regular" | "directory" | "symlink" | "unknown";

/** How a file or directory is to be brought into the store. */
export interface ImportPathOptions {
  /** Name of the store path (the part after the hash). */
  readonly name: string;
  /** `nar` hashes the tree, `flat` the bytes of a single file. */
  readonly method: "nar" | "flat";
  /** Called with the path and type of everything below the root; false leaves it (and what is below it) out. */
  readonly filter?: (path: string, type: FileType) => boolean;
  /** Expected SHA-256 of the NAR or of the bytes (32 bytes). If the store has the result, nothing is read. */
  readonly sha256?: Uint8Array;
  /** Store paths that what is copied refers to. */
  readonly references?: readonly string[];
  /** What messages call the path, where the program's has symlinks that were followed. */
  readonly shownAs?: string;
}

/** The world as a Nix program sees it. */
export interface EvalIO {
  /** The directory store paths lie in, `/nix/store`. */
  readonly storeDir: string;
  /**
   * Does nothing if the program may look at `path`, which must be free of symlinks. Where it may not, `fileType` and
   * `pathExists` say that there is nothing; all others fail as this does.
   */
  checkAccess(path: string): void;
  /** `pathExists`: follows symlinks. */
  pathExists(path: string): boolean;
  /** `readFile`, `import`, `hashFile`: contents of a regular file, following symlinks. */
  readFile(path: string): Uint8Array;
  /**
   * Tells a file that `readFile` would read, without reading it. Undefined for what isn't told so; the same failures. Absent
   * where nothing is.
   */
  identify?(path: string): FileIdentity | undefined;
  /** Tells what `readDir` would list, as `identify` does. */
  identifyListing?(path: string): FileIdentity | undefined;
  /** `readDir`: names (bytes) and types, in any order. */
  readDir(path: string): readonly (readonly [string, FileType])[];
  /** `readFileType`, filters: does not follow a symlink in the last component; undefined if there is nothing. */
  fileType(path: string): FileType | undefined;
  /** Target of a symlink, as it is. */
  readLink(path: string): string;
  /** The path with symlinks followed: in all components, or in all but the last (`ancestors`). */
  resolveSymlinks(path: string, mode: "full" | "ancestors"): string;
  /** `getEnv`: the empty string if unset. */
  getEnv(name: string): string;
  /** Copies a path into the store (or works out where it would be) and returns the store path. */
  importPath(path: string, options: ImportPathOptions): string;
}

/** What tells a file's contents, or what a directory lists, without reading it. */
export interface FileIdentity {
  /** Differs whenever the contents may: from one process to another, too. No NUL in it. */
  readonly id: string;
  /**
   * To be called if something is used that was made of it. `hash` returns, in base16, the SHA-256 of the contents, or what
   * `hashListing` (lib/format/listing.ts) does.
   */
  noteUse(hash: () => string): void;
}

/** Ensures that everything a string's context stands for can be read. @throws {NixError} if it can't. */
export type Realise = (context: Context | null) => void;

/** A store path that was to be read isn't there. */
export class InvalidPathError extends NixError {
  /** `path` is the store path. */
  constructor(readonly path: string) {
    super("store", hint`path '${baseName(path)}' is not valid`);
  }
}

/** Returns the error of a path at which there is nothing. */
export function doesNotExist(path: string): NixError {
  return new NixError("io", hint`path '${path}' does not exist`);
}

/** Returns {@link EvalIO.fileType}'s answer. @throws {NixError} if there is nothing or it may not be looked at. */
export function requireFileType(io: EvalIO, path: string): FileType {
  const type = io.fileType(path);
  if (type !== undefined) return type;
  io.checkAccess(path);
  throw doesNotExist(path);
}

/** Returns what follows the last slash of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
