// Files and directories of the host, into tree files.
//
// Trap: Deno names files by JavaScript strings, so names that aren't UTF-8 can't be reached and are refused.

import { binaryToUtf8, utf8ToBinary } from "../../format/bytes.ts";
import { canonicalPath } from "../../format/store_path.ts";
import { FetchError, mark, reasonOf, symlinkInTheWay } from "../errors.ts";
import type { TreeWriter } from "../tree_writer.ts";

const CHUNK_BYTES = 1 << 18;
const REPLACEMENT = "\ufffd";

/** Writes a file or symlink of the host; a directory as an empty one. `from` and `to` are binary strings. */
export function writeHostFile(
  from: string,
  { writer, to }: { readonly writer: TreeWriter; readonly to: string },
): void {
  const path = hostPath(from);
  const stat = Deno.lstatSync(path);
  if (stat.isSymlink) {
    const target = Deno.readLinkSync(path);
    if (target.includes(REPLACEMENT)) throw notUtf8(from);
    writer.symlink(to, utf8ToBinary(target));
  } else if (stat.isDirectory) {
    writer.directory(to);
  } else if (stat.isFile) {
    writer.file(to, { executable: ((stat.mode ?? 0) & 0o100) !== 0 });
    const file = opened(() => Deno.openSync(path), mark`opening file '${from}'`);
    try {
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, stat.size + 1));
      for (let n = file.readSync(buffer); n !== null; n = file.readSync(buffer)) writer.contents(buffer.subarray(0, n));
    } finally {
      file.close();
    }
  } else {
    throw new FetchError("input", mark`file '${from}' has an unsupported type`);
  }
}

/** Writes a file, symlink or directory with all below it and returns the latest time stamp, in seconds since 1970. */
export function writeHostTree(
  from: string,
  { writer, to }: { readonly writer: TreeWriter; readonly to: string },
): number {
  const path = hostPath(from);
  const stat = Deno.lstatSync(path);
  let latest = Math.floor((stat.mtime?.getTime() ?? 0) / 1000);
  writeHostFile(from, { writer, to });
  if (!stat.isDirectory) return latest;
  for (const { name } of opened(() => [...Deno.readDirSync(path)], `cannot read directory ${mark`${`"${from}"`}`}`)) {
    if (name.includes(REPLACEMENT)) throw notUtf8(`${from}/${utf8ToBinary(name)}`);
    const binary = utf8ToBinary(name);
    latest = Math.max(
      latest,
      writeHostTree(`${from}/${binary}`, { writer, to: to === "" ? binary : `${to}/${binary}` }),
    );
  }
  return latest;
}

/** Refuses a folder that is reached through symlinks, as C++ Nix does; below it nothing is looked at. */
export function refuseSymlinks(folder: string): void {
  for (let at = canonicalPath(folder); at !== "" && at !== "/"; at = at.slice(0, at.lastIndexOf("/"))) {
    if (isHostSymlink(at)) throw symlinkInTheWay(at);
  }
}

/** Whether there is a symlink at a path, which is a binary string; what a slash at its end leads to is none. */
export function isHostSymlink(path: string): boolean {
  try {
    return Deno.lstatSync(hostPath(path)).isSymlink;
  } catch {
    return false;
  }
}

/** Returns the latest time stamp in a tree of the host, in seconds since 1970. */
export function latestTime(path: string): number {
  const stat = Deno.lstatSync(path);
  let latest = Math.floor((stat.mtime?.getTime() ?? 0) / 1000);
  if (stat.isDirectory) {
    for (const { name } of Deno.readDirSync(path)) latest = Math.max(latest, latestTime(`${path}/${name}`));
  }
  return latest;
}

/** Returns what a call gives; where it fails, the error says what C++ Nix calls it. */
function opened<T>(open: () => T, what: string): T {
  try {
    return open();
  } catch (e) {
    throw new FetchError("not-found", `${what}: ${reasonOf(e)}`, { cause: e });
  }
}

function hostPath(path: string): string {
  const text = binaryToUtf8(path);
  if (utf8ToBinary(text) !== path) throw notUtf8(path);
  return text;
}

function notUtf8(path: string): FetchError {
  return new FetchError("unsupported", mark`cannot fetch '${path}': ${"its name is not valid UTF-8"}`);
}
