// What implementations of EvalIO share: the interface they offer each other, and symlink resolution.
//
// A SourceIO is an EvalIO that also knows which files are executable and reads large ones in pieces, which is what it takes
// to archive a tree. Implementations wrap each other: virtual files over the store over restrictions over the host.

import { doesNotExist, type EvalIO, type FileType } from "../runtime/io.ts";
import type { NarContents, NarSource } from "../format/nar.ts";
import { symlinkLoop } from "./errors.ts";

/** What a path is, without following symlinks. */
export interface FileStat {
  readonly type: FileType;
  /** Whether a regular file is executable by its owner. */
  readonly executable: boolean;
  /** In bytes; means something for regular files only. */
  readonly size: number;
}

/** An EvalIO whose trees can be archived. */
export interface SourceIO extends EvalIO {
  /** Like {@link EvalIO.fileType}, and tells more. */
  stat(path: string): FileStat | undefined;
  /** Like {@link EvalIO.readFile}; large files may come in chunks. */
  readContents(path: string): NarContents;
  /**
   * Returns where on the host a tree lies; undefined if it doesn't lie there as it is seen. Absent where nothing does.
   * Symlinks above the path must have been followed.
   */
  hostPath?(path: string): string | undefined;
}

/** What symlink resolution asks of a file system. Neither follows a symlink in any component. */
export interface LinkReader {
  fileType(path: string): FileType | undefined;
  readLink(path: string): string;
}

/** How many symlinks may be followed on the way to one file, as in C++ Nix. */
const MAX_SYMLINKS = 1024;

/**
 * Returns the path with symlinks followed: in all components, or in all but the last (`ancestors`). Components that don't
 * exist stay as they are; ".." in a target leads to the parent of where the link led, "/.." is "/".
 * @throws {NixError} of kind `io` after 1024 links.
 */
export function followSymlinks(files: LinkReader, path: string, mode: "full" | "ancestors"): string {
  let at = "";
  let left = MAX_SYMLINKS;
  const todo = components(path);
  while (todo.length > 0) {
    const name = todo.pop()!;
    if (name === ".") continue;
    if (name === "..") {
      at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
      continue;
    }
    const next = `${at}/${name}`;
    if ((mode === "full" || todo.length > 0) && files.fileType(next) === "symlink") {
      if (left-- === 0) throw symlinkLoop(path);
      const target = files.readLink(next);
      if (target[0] === "/") at = "";
      todo.push(...components(target));
    } else {
      at = next;
    }
  }
  return at === "" ? "/" : at;
}

/** Returns the names in a path, last one first. */
function components(path: string): string[] {
  return path.split("/").filter((name) => name !== "").reverse();
}

/** Returns the tree of files as what the NAR writer reads. */
export function narSource(io: SourceIO): NarSource {
  return {
    lstat: (path) => {
      const stat = io.stat(path);
      if (stat !== undefined) return stat;
      io.checkAccess(path);
      throw doesNotExist(path);
    },
    *readDir(path) {
      for (const [name] of io.readDir(path)) yield name;
    },
    readLink: (path) => io.readLink(path),
    readFile: (path) => io.readContents(path),
  };
}

/** Returns the directory part of a canonical absolute path. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** Whether `path` is `ancestor` or lies below it; both canonical. */
export function isWithin(path: string, ancestor: string): boolean {
  if (ancestor === "/") return true;
  return path.startsWith(ancestor) && (path.length === ancestor.length || path[ancestor.length] === "/");
}
