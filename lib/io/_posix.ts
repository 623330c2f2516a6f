// Files whose names aren't UTF-8, through libc: Deno's own calls take JavaScript strings and can't name them.
//
// Linux only (statx and getdents64 have one layout on all its architectures). libc is loaded at the first such name.

import type { FileType } from "../runtime/io.ts";
import { hint, NixError } from "../runtime/errors.ts";
import { binaryToBytes, bytesToBinary, concatBytes } from "../format/bytes.ts";
import { cannotReadDir, systemError } from "./errors.ts";
import type { FileStat } from "./source_io.ts";

/** The calls that take a path of any bytes. */
export interface PosixCalls {
  lstat(path: string): FileStat | undefined;
  readFile(path: string): Uint8Array;
  readDir(path: string): readonly (readonly [string, FileType])[];
  readLink(path: string): string;
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_TYPE_MODE_SIZE = 0x203;
const O_CLOEXEC = 0o2000000;
const ENOENT = 2;
const ENOTDIR = 20;
const REASONS: Readonly<Record<number, string>> = {
  [ENOENT]: "No such file or directory",
  5: "Input/output error",
  13: "Permission denied",
  [ENOTDIR]: "Not a directory",
  21: "Is a directory",
  36: "File name too long",
  40: "Too many levels of symbolic links",
};

let calls: PosixCalls | undefined;

/** Returns the calls; `path` is what they are wanted for. @throws {NixError} where libc can't be had. */
export function openPosix(path: string): PosixCalls {
  if (calls !== undefined) return calls;
  try {
    return calls = load();
  } catch (e) {
    if (e instanceof NixError) throw e;
    throw new NixError("io", hint`cannot access '${path}': ${"its name is not valid UTF-8"}`, 0, { cause: e });
  }
}

function load(): PosixCalls {
  const libc = Deno.dlopen("libc.so.6", {
    statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
    open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
    readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
    getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    __errno_location: { parameters: [], result: "pointer" },
  }).symbols;
  const errno = new Deno.UnsafePointerView(libc.__errno_location()!);
  const cString = (path: string) => binaryToBytes(`${path}\0`) as Uint8Array<ArrayBuffer>;
  const reason = () => REASONS[errno.getInt32()] ?? `error ${errno.getInt32()}`;

  const lstat = (path: string): FileStat | undefined => {
    const out = new DataView(new ArrayBuffer(256));
    const buffer = new Uint8Array(out.buffer);
    if (libc.statx(AT_FDCWD, cString(path), AT_SYMLINK_NOFOLLOW, STATX_TYPE_MODE_SIZE, buffer) !== 0) {
      const code = errno.getInt32();
      if (code === ENOENT || code === ENOTDIR) return undefined;
      throw systemError("getting status of", path, reason());
    }
    const mode = out.getUint16(28, true);
    const type = typeOf(mode >> 12);
    const regular = type === "regular";
    return {
      type,
      executable: regular && (mode & 0o100) !== 0,
      size: regular ? Number(out.getBigUint64(40, true)) : 0,
    };
  };

  const withFile = <T>(path: string, action: (fd: number) => T, failed: (reason: string) => NixError): T => {
    const fd = libc.open(cString(path), O_CLOEXEC, 0);
    if (fd < 0) throw failed(reason());
    try {
      return action(fd);
    } finally {
      libc.close(fd);
    }
  };

  /** Calls `fill` until it has nothing more; each time it gets the same buffer. */
  const drain = (fill: (buffer: Uint8Array<ArrayBuffer>) => number | bigint, failed: (r: string) => NixError) => {
    const parts: Uint8Array[] = [];
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const n = Number(fill(buffer));
      if (n < 0) throw failed(reason());
      if (n === 0) return parts;
      parts.push(buffer.slice(0, n));
    }
  };

  const bufferSize = (buffer: Uint8Array) => BigInt(buffer.length);

  return {
    lstat,
    readFile(path) {
      const failed = (why: string) => systemError("opening file", path, why);
      return withFile(
        path,
        (fd) => concatBytes(drain((buffer) => libc.read(fd, buffer, bufferSize(buffer)), failed)),
        failed,
      );
    },
    readDir(path) {
      const failed = (why: string) => cannotReadDir(path, why);
      return withFile(path, (fd) => {
        const entries: [string, FileType][] = [];
        for (const part of drain((buffer) => libc.getdents64(fd, buffer, bufferSize(buffer)), failed)) {
          for (const [name, kind] of directoryEntries(part)) {
            // Not every file system tells the type.
            entries.push([name, kind === 0 ? lstat(`${path}/${name}`)?.type ?? "unknown" : typeOf(kind)]);
          }
        }
        return entries;
      }, failed);
    },
    readLink(path) {
      const target = new Uint8Array(4096);
      const n = Number(libc.readlink(cString(path), target, bufferSize(target)));
      if (n < 0) throw systemError("reading symbolic link", path, reason());
      return bytesToBinary(target.subarray(0, n));
    },
  };
}

/** Yields name and type of the linux_dirent64 records in `part`: u64 inode, i64 offset, u16 length, u8 type, name, NUL. */
function* directoryEntries(part: Uint8Array): Generator<[string, number]> {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  for (let at = 0; at < part.length; at += view.getUint16(at + 16, true)) {
    const name = bytesToBinary(part.subarray(at + 19, part.indexOf(0, at + 19)));
    if (name !== "." && name !== "..") yield [name, part[at + 18]];
  }
}

/** Returns what the top four bits of a mode, or the type of a directory entry, stand for. */
function typeOf(kind: number): FileType {
  return kind === 8 ? "regular" : kind === 4 ? "directory" : kind === 10 ? "symlink" : "unknown";
}
