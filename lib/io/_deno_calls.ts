// Files through Deno's own calls, where libc can't be called.
//
// These take JavaScript strings, so names that aren't UTF-8 can't be reached (node:fs mangles them too, Buffer or not), and
// `readDir` leaves them out or mangles them, depending on Deno's version.

import type { FileType } from "../runtime/io.ts";
import { binaryToUtf8, utf8ToBinary } from "../format/bytes.ts";
import { hostReason } from "../host_reason.ts";
import { cannotReadDir, cannotStat, notUtf8, systemError } from "./errors.ts";
import { CHUNK_SIZE, type FileCalls, type HostStat } from "./_file_calls.ts";

const REPLACEMENT = "\ufffd";

/** Throws Deno's errors. */
function look(path: string): HostStat {
  const info = Deno.lstatSync(hostPath(path));
  const type = typeOf(info);
  return {
    type,
    executable: type === "regular" && ((info.mode ?? 0) & 0o100) !== 0,
    modified: info.mtime?.getTime() ?? Infinity,
    changed: info.ctime?.getTime() ?? Infinity,
    size: info.size,
    inode: info.ino ?? 0,
    pipe: info.isFifo === true,
  };
}

/** Deno's calls. */
export const DENO_CALLS: FileCalls = {
  lstat(path) {
    try {
      return look(path);
    } catch (e) {
      if (e instanceof Deno.errors.NotFound || e instanceof Deno.errors.NotADirectory) return undefined;
      throw cannotStat(path, reason(e));
    }
  },

  stamp(path) {
    try {
      return look(path);
    } catch {
      return undefined;
    }
  },

  readFile(path, size) {
    try {
      if (size === 0) {
        Deno.openSync(hostPath(path)).close();
        return new Uint8Array(0);
      }
      return Deno.readFileSync(hostPath(path));
    } catch (e) {
      throw systemError("opening file", path, reason(e));
    }
  },

  *chunks(path) {
    const file = openFile(path);
    try {
      const buffer = new Uint8Array(CHUNK_SIZE);
      for (let n = file.readSync(buffer); n !== null; n = file.readSync(buffer)) yield buffer.subarray(0, n);
    } finally {
      file.close();
    }
  },

  readDir(path) {
    const entries: [string, FileType][] = [];
    try {
      for (const entry of Deno.readDirSync(hostPath(path))) {
        if (entry.name.includes(REPLACEMENT)) throw notUtf8(`${path}/${utf8ToBinary(entry.name)}`);
        entries.push([utf8ToBinary(entry.name), typeOf(entry)]);
      }
    } catch (e) {
      throw cannotReadDir(path, reason(e));
    }
    return entries;
  },

  readLink(path) {
    let target: string;
    try {
      target = Deno.readLinkSync(hostPath(path));
    } catch (e) {
      throw systemError("reading symbolic link", path, reason(e));
    }
    if (target.includes(REPLACEMENT)) throw notUtf8(path);
    return utf8ToBinary(target);
  },

  open(path) {
    const file = openFile(path);
    return {
      read(buffer, at) {
        file.seekSync(at, Deno.SeekMode.Start);
        return file.readSync(buffer) ?? 0;
      },
      close: () => file.close(),
    };
  },
};

function openFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(hostPath(path));
  } catch (e) {
    throw systemError("opening file", path, reason(e));
  }
}

/** Returns what Deno's calls take for a path. */
function hostPath(path: string): string {
  const decoded = binaryToUtf8(path);
  if (decoded !== path && decoded.includes(REPLACEMENT)) throw notUtf8(path);
  return decoded;
}

function typeOf(entry: { isFile: boolean; isDirectory: boolean; isSymlink: boolean }): FileType {
  return entry.isFile ? "regular" : entry.isDirectory ? "directory" : entry.isSymlink ? "symlink" : "unknown";
}

/** Returns what strerror says of a failed call; throws on what isn't one. */
function reason(e: unknown): string {
  if (!(e instanceof Error) || !Object.values(Deno.errors).some((kind) => e instanceof kind)) throw e;
  return hostReason(e);
}
