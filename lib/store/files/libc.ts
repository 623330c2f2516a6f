// File names of any bytes, through libc: for what Deno's calls can't name. Linux only (statx and getdents64 have one layout
// on all its architectures). libc is loaded at the first such name, which takes some milliseconds.

import { binaryToBytes, bytesToBinary, concatBytes } from "../../format/bytes.ts";
import type { FileType } from "../../format/nar.ts";
import { StoreError } from "../errors.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_TYPE_MODE_SIZE = 0x203;
const O_RDONLY = 0o2000000;
const O_CREATE_NEW = 0o2000000 | 0o301;
const ENOENT = 2;
const ENOTDIR = 20;
const REASONS: Readonly<Record<number, string>> = {
  1: "operation not permitted",
  [ENOENT]: "no such file or directory",
  5: "input/output error",
  13: "permission denied",
  17: "file exists",
  [ENOTDIR]: "not a directory",
  21: "is a directory",
  28: "no space left on device",
  30: "read-only file system",
  36: "file name too long",
  122: "disk quota exceeded",
};

/** What {@link Libc.lstat} tells. */
export interface LibcStat {
  readonly type: FileType;
  readonly mode: number;
  readonly size: number;
}

/** Calls that take a path of any bytes. All throw {@link StoreError}. */
export interface Libc {
  /** Returns undefined if there is nothing. */
  lstat(path: string): LibcStat | undefined;
  readDir(path: string): string[];
  readFile(path: string): Uint8Array;
  readLink(path: string): string;
  /** Makes a file that isn't there yet. */
  writeFile(path: string, contents: Uint8Array, mode: number): void;
  makeDir(path: string): void;
  makeLink(path: string, target: string): void;
  chmod(path: string, mode: number): void;
  /** Sets the time stamps to one second after the epoch; of a symlink, its own. */
  setTimes(path: string): void;
  /** Removes an empty directory. */
  removeDir(path: string): void;
  /** Removes what is no directory. */
  unlink(path: string): void;
}

let opened: Libc | undefined;

/** Returns the calls; `path` is what they are wanted for. @throws {StoreError} where libc can't be had */
export function openLibc(path: string): Libc {
  try {
    return opened ??= load();
  } catch (cause) {
    throw new StoreError(`Cannot access "${path}": its name is not valid UTF-8`, { cause, path });
  }
}

/** Returns the calls; undefined where libc can't be had. */
export function libcIfAny(): Libc | undefined {
  try {
    return opened ??= load();
  } catch {
    return undefined;
  }
}

function load(): Libc {
  const libc = Deno.dlopen("libc.so.6", {
    statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
    open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
    readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
    getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    mkdir: { parameters: ["buffer", "u32"], result: "i32" },
    symlink: { parameters: ["buffer", "buffer"], result: "i32" },
    chmod: { parameters: ["buffer", "u32"], result: "i32" },
    utimensat: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
    rmdir: { parameters: ["buffer"], result: "i32" },
    unlink: { parameters: ["buffer"], result: "i32" },
    __errno_location: { parameters: [], result: "pointer" },
  }).symbols;
  const errno = () => new Deno.UnsafePointerView(libc.__errno_location()!).getInt32();
  const cString = (path: string) => binaryToBytes(`${path}\0`) as Uint8Array<ArrayBuffer>;
  const failed = (action: string, path: string) => {
    const code = errno();
    return new StoreError(`Cannot ${action} "${path}": ${REASONS[code] ?? `error ${code}`}`, { path });
  };
  const check = (result: number | bigint, action: string, path: string) => {
    if (Number(result) < 0) throw failed(action, path);
    return Number(result);
  };
  const withFile = <T>(
    path: string,
    flags: { readonly flags: number; readonly mode: number },
    use: (fd: number) => T,
  ) => {
    const fd = check(libc.open(cString(path), flags.flags, flags.mode), "open", path);
    try {
      return use(fd);
    } finally {
      libc.close(fd);
    }
  };
  const drain = (path: string, fill: (buffer: Uint8Array<ArrayBuffer>) => number | bigint): Uint8Array[] => {
    const parts: Uint8Array[] = [];
    const buffer = new Uint8Array(1 << 16);
    for (;;) {
      const n = check(fill(buffer), "read", path);
      if (n === 0) return parts;
      parts.push(buffer.slice(0, n));
    }
  };
  const reading = { flags: O_RDONLY, mode: 0 };

  return {
    lstat(path) {
      const view = new DataView(new ArrayBuffer(256));
      const out = new Uint8Array(view.buffer);
      if (libc.statx(AT_FDCWD, cString(path), AT_SYMLINK_NOFOLLOW, STATX_TYPE_MODE_SIZE, out) !== 0) {
        const code = errno();
        if (code === ENOENT || code === ENOTDIR) return undefined;
        throw failed("get the status of", path);
      }
      const mode = view.getUint16(28, true);
      return { type: typeOf(mode), mode: mode & 0o7777, size: Number(view.getBigUint64(40, true)) };
    },
    readDir: (path) =>
      withFile(
        path,
        reading,
        (fd) =>
          drain(path, (buffer) => libc.getdents64(fd, buffer, BigInt(buffer.length))).flatMap((part) => [
            ...entryNames(part),
          ]),
      ),
    readFile: (path) =>
      withFile(
        path,
        reading,
        (fd) => concatBytes(drain(path, (buffer) => libc.read(fd, buffer, BigInt(buffer.length)))),
      ),
    readLink(path) {
      const target = new Uint8Array(4096);
      const n = check(libc.readlink(cString(path), target, BigInt(target.length)), "read symlink", path);
      return bytesToBinary(target.subarray(0, n));
    },
    writeFile: (path, contents, mode) =>
      withFile(path, { flags: O_CREATE_NEW, mode }, (fd) => {
        for (let at = 0; at < contents.length;) {
          const rest = contents.subarray(at) as Uint8Array<ArrayBuffer>;
          at += check(libc.write(fd, rest, BigInt(rest.length)), "write", path);
        }
      }),
    makeDir: (path) => void check(libc.mkdir(cString(path), 0o755), "create directory", path),
    makeLink: (path, target) => void check(libc.symlink(cString(target), cString(path)), "create symlink", path),
    chmod: (path, mode) => void check(libc.chmod(cString(path), mode), "set the mode of", path),
    setTimes(path) {
      const times = new BigInt64Array([1n, 0n, 1n, 0n]);
      const result = libc.utimensat(AT_FDCWD, cString(path), new Uint8Array(times.buffer), AT_SYMLINK_NOFOLLOW);
      check(result, "set the time of", path);
    },
    removeDir: (path) => void check(libc.rmdir(cString(path)), "remove", path),
    unlink: (path) => void check(libc.unlink(cString(path)), "remove", path),
  };
}

/** Yields the names in linux_dirent64 records: u64 inode, i64 offset, u16 length, u8 type, name, NUL. */
function* entryNames(part: Uint8Array): Generator<string> {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  for (let at = 0; at < part.length; at += view.getUint16(at + 16, true)) {
    const name = bytesToBinary(part.subarray(at + 19, part.indexOf(0, at + 19)));
    if (name !== "." && name !== "..") yield name;
  }
}

function typeOf(mode: number): FileType {
  const kind = mode >> 12;
  return kind === 8 ? "regular" : kind === 4 ? "directory" : kind === 10 ? "symlink" : "unknown";
}
