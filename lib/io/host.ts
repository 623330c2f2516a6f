// EvalIO on the host's file system.
//
// Paths are binary strings, while Deno's calls take JavaScript strings and mangle names that aren't UTF-8 (so do Buffers
// handed to node:fs). ASCII paths, which is nearly all, are passed as they are and others decoded; a name that isn't UTF-8
// goes through libc (_posix.ts).
//
// Measured (us, Deno 2.9): Deno.lstatSync 2.7, or 20 to 30 when it throws; node:fs.lstatSync 16; Deno.readFileSync 8 for a
// small file, open, fstat and read through libc 7.5, and loading libc costs 7 ms. So: Deno's calls, and what was once
// there is remembered, as C++ Nix does. What wasn't there is asked for again, since fetching may put it there.

import { doesNotExist, type FileType } from "../runtime/io.ts";
import { binaryToUtf8, bytesToBinary, isAscii, utf8ToBinary } from "../format/bytes.ts";
import type { NarContents } from "../format/nar.ts";
import { DEFAULT_STORE_DIR } from "../format/store_path.ts";
import { cannotReadDir, isDirectory, noStore, notRegular, systemError } from "./errors.ts";
import { type FileStat, followSymlinks, parentPath, type SourceIO } from "./source_io.ts";
import { openPosix } from "./_posix.ts";

/** How a {@link HostIO} differs from the process it is in. */
export interface HostIOOptions {
  /** "/nix/store" unless given. */
  readonly storeDir?: string;
  /** Environment variables that win over the process's own. */
  readonly env?: ReadonlyMap<string, string>;
  /** False hides the process's own variables. */
  readonly inheritEnv?: boolean;
}

const CHUNK = 1 << 20;
const MAX_REMEMBERED = 1 << 16;

/** The host's files and environment. There is no store: `importPath` fails. */
export class HostIO implements SourceIO {
  readonly storeDir: string;
  readonly #env: ReadonlyMap<string, string>;
  readonly #inheritEnv: boolean;
  readonly #stats = new Map<string, FileStat>();
  /** Directories to where they really are. */
  readonly #directories = new Map<string, string>([["/", "/"]]);

  constructor(options: HostIOOptions = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
    this.#env = options.env ?? new Map();
    this.#inheritEnv = options.inheritEnv ?? true;
  }

  /** Forgets what was there: for evaluators that live longer than the files they read. */
  forget(): void {
    this.#stats.clear();
    this.#directories.clear();
    this.#directories.set("/", "/");
  }

  stat(path: string): FileStat | undefined {
    let stat = this.#stats.get(path);
    if (stat === undefined) {
      stat = lstat(path);
      if (stat === undefined) return undefined;
      if (this.#stats.size >= MAX_REMEMBERED) this.#stats.clear();
      this.#stats.set(path, stat);
    }
    return stat;
  }

  fileType(path: string): FileType | undefined {
    return this.stat(path)?.type;
  }

  checkAccess(_path: string): void {}

  pathExists(path: string): boolean {
    return this.stat(this.resolveSymlinks(path, "full")) !== undefined;
  }

  readFile(path: string): Uint8Array {
    // As in C++ Nix, what says it is empty is (devices, most of /proc).
    if (this.#readableSize(path) === 0) return new Uint8Array(0);
    const real = hostPath(path);
    if (real === undefined) return openPosix(path).readFile(path);
    try {
      return Deno.readFileSync(real);
    } catch (e) {
      throw systemError("opening file", path, reason(e), e);
    }
  }

  readContents(path: string): NarContents {
    const size = this.#readableSize(path);
    if (size <= CHUNK || hostPath(path) === undefined) return this.readFile(path);
    return { size: lstat(path)?.size ?? size, chunks: chunks(path) };
  }

  #readableSize(path: string): number {
    // What is remembered will do for a file that had something in it; all the rest may have changed.
    const known = this.#stats.get(path);
    if (known !== undefined && known.size > 0) return known.size;
    const stat = lstat(path);
    if (stat === undefined) throw doesNotExist(path);
    if (stat.type === "symlink") return this.#readableSize(this.resolveSymlinks(path, "full"));
    if (stat.type === "directory") throw isDirectory(directorySize(path));
    if (stat.type === "unknown" && !isDevice(path)) throw notRegular(path);
    return stat.size;
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const type = this.fileType(this.resolveSymlinks(path, "full"));
    if (type === undefined) throw doesNotExist(path);
    if (type !== "directory") throw cannotReadDir(path, "Not a directory");
    const real = hostPath(path);
    if (real === undefined) return openPosix(path).readDir(path);
    const entries: [string, FileType][] = [];
    try {
      for (const entry of Deno.readDirSync(real)) {
        if (entry.name.includes("\ufffd")) return openPosix(path).readDir(path);
        entries.push([utf8ToBinary(entry.name), typeOf(entry)]);
      }
    } catch (e) {
      throw cannotReadDir(path, reason(e));
    }
    return entries;
  }

  readLink(path: string): string {
    const real = hostPath(path);
    if (real === undefined) return openPosix(path).readLink(path);
    let target: string;
    try {
      target = Deno.readLinkSync(real);
    } catch (e) {
      throw systemError("reading symbolic link", path, reason(e), e);
    }
    return target.includes("\ufffd") ? openPosix(path).readLink(path) : utf8ToBinary(target);
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    if (path === "/") return path;
    const parent = this.#realDirectory(parentPath(path));
    if (parent === undefined) return followSymlinks(this, path, mode);
    const name = path.slice(path.lastIndexOf("/"));
    const at = parent === "/" ? name : parent + name;
    return mode === "ancestors" || this.fileType(at) !== "symlink" ? at : followSymlinks(this, path, "full");
  }

  /** Where a directory really is; undefined if it isn't there. */
  #realDirectory(path: string): string | undefined {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const parent = this.#realDirectory(parentPath(path));
    if (parent === undefined) return undefined;
    const name = path.slice(path.lastIndexOf("/"));
    let at = parent === "/" ? name : parent + name;
    let type = this.fileType(at);
    if (type === "symlink") {
      at = followSymlinks(this, path, "full");
      type = this.fileType(at);
    }
    if (type !== "directory") return undefined;
    if (this.#directories.size >= MAX_REMEMBERED) this.forget();
    this.#directories.set(path, at);
    return at;
  }

  getEnv(name: string): string {
    const given = this.#env.get(name);
    if (given !== undefined) return given;
    if (!this.#inheritEnv || name === "" || name.includes("=") || name.includes("\0")) return "";
    try {
      return utf8ToBinary(Deno.env.get(binaryToUtf8(name)) ?? "");
    } catch {
      // A value that isn't UTF-8. What the process was started with is all that can be had then.
      const prefix = `${name}=`;
      const all = bytesToBinary(Deno.readFileSync("/proc/self/environ")).split("\0");
      return all.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) ?? "";
    }
  }

  importPath(path: string): string {
    throw noStore(path);
  }
}

/** Returns what Deno's calls take for a path; undefined if they can't. */
function hostPath(path: string): string | undefined {
  if (isAscii(path)) return path;
  const decoded = binaryToUtf8(path);
  return decoded.includes("\ufffd") ? undefined : decoded;
}

function lstat(path: string): FileStat | undefined {
  const real = hostPath(path);
  if (real === undefined) return openPosix(path).lstat(path);
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(real);
  } catch (e) {
    if (e instanceof Deno.errors.NotFound || e instanceof Deno.errors.NotADirectory) return undefined;
    throw systemError("getting status of", path, reason(e), e);
  }
  const type = typeOf(info);
  const regular = type === "regular";
  return { type, executable: regular && ((info.mode ?? 0) & 0o100) !== 0, size: regular ? info.size : 0 };
}

function directorySize(path: string): number {
  const real = hostPath(path);
  return real === undefined ? 4096 : Deno.lstatSync(real).size;
}

/** Whether something of type "unknown" is a device: these read as empty, while opening a pipe would wait. */
function isDevice(path: string): boolean {
  const real = hostPath(path);
  if (real === undefined) return false;
  const info = Deno.lstatSync(real);
  return info.isCharDevice === true || info.isBlockDevice === true;
}

function typeOf(entry: { isFile: boolean; isDirectory: boolean; isSymlink: boolean }): FileType {
  return entry.isFile ? "regular" : entry.isDirectory ? "directory" : entry.isSymlink ? "symlink" : "unknown";
}

function* chunks(path: string): Generator<Uint8Array> {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(hostPath(path)!);
  } catch (e) {
    throw systemError("opening file", path, reason(e), e);
  }
  try {
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const n = file.readSync(buffer);
      if (n === null) return;
      yield buffer.subarray(0, n);
    }
  } finally {
    file.close();
  }
}

/** Returns what strerror says of a failed call of Deno's. */
function reason(e: unknown): string {
  if (!(e instanceof Error)) throw e;
  const end = e.message.indexOf(" (os error");
  return end < 0 ? e.message : e.message.slice(0, end);
}
