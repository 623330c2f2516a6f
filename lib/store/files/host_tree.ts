// Trees on the host as what the NAR writer reads: any file names, large files in chunks, no symlink followed.

import { utf8ToBinary } from "../../format/bytes.ts";
import type { NarContents, NarSource, NarStat } from "../../format/nar.ts";
import { fileFailed, StoreError } from "../errors.ts";
import { hostPath } from "./host_path.ts";
import { libcIfAny, openLibc } from "./libc.ts";

const CHUNK_BYTES = 1 << 20;

/** What there is at a path of the host. */
export interface HostStat extends NarStat {
  readonly executable: boolean;
  /** Bytes, for regular files. */
  readonly size: number;
}

/** Returns what there is at a path, symlinks not followed; undefined if nothing. */
export function hostStat(path: string): HostStat | undefined {
  const real = hostPath(path);
  if (real === undefined) {
    const stat = openLibc(path).lstat(path);
    return stat && { type: stat.type, executable: (stat.mode & 0o100) !== 0, size: stat.size };
  }
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(real);
  } catch (e) {
    if (e instanceof Deno.errors.NotFound || e instanceof Deno.errors.NotADirectory) return undefined;
    throw fileFailed("get the status of", path, e);
  }
  const type = info.isFile ? "regular" : info.isDirectory ? "directory" : info.isSymlink ? "symlink" : "unknown";
  return { type, executable: ((info.mode ?? 0) & 0o100) !== 0, size: info.size };
}

/** Returns the names in a directory, in no order. */
export function hostNames(path: string): string[] {
  // Deno 2.6 leaves names that aren't UTF-8 out without a word.
  const libc = libcIfAny();
  if (libc !== undefined) return libc.readDir(path);
  try {
    return Array.from(Deno.readDirSync(hostPath(path) ?? path), ({ name }) => utf8ToBinary(name));
  } catch (e) {
    throw fileFailed("read directory", path, e);
  }
}

/** Returns where a symlink leads. */
function hostLink(path: string): string {
  const real = hostPath(path);
  if (real === undefined) return openLibc(path).readLink(path);
  try {
    return utf8ToBinary(Deno.readLinkSync(real));
  } catch (e) {
    // What is said of a target that isn't UTF-8.
    if (e instanceof Deno.errors.InvalidData) return openLibc(path).readLink(path);
    throw fileFailed("read symlink", path, e);
  }
}

/** The trees of the host, by absolute path. */
export const HOST_TREE: NarSource = {
  lstat(path) {
    const stat = hostStat(path);
    if (stat === undefined) throw new StoreError(`Cannot read "${path}": it does not exist`, { path });
    return stat;
  },
  readDir: hostNames,
  readLink: hostLink,
  readFile(path): NarContents {
    const real = hostPath(path);
    if (real === undefined) return openLibc(path).readFile(path);
    try {
      const file = Deno.openSync(real);
      const { size } = file.statSync();
      if (size > CHUNK_BYTES) return { size, chunks: chunks(file, path) };
      file.close();
      return Deno.readFileSync(real);
    } catch (e) {
      throw fileFailed("read", path, e);
    }
  },
};

function* chunks(file: Deno.FsFile, path: string): Generator<Uint8Array, void> {
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const n = file.readSync(buffer);
      if (n === null) return;
      yield buffer.subarray(0, n);
    }
  } catch (e) {
    throw fileFailed("read", path, e);
  } finally {
    file.close();
  }
}
