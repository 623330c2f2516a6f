// EvalIO on the host's file system.
//
// What was once there is remembered, as C++ Nix does: the same directories are passed through for every file. What wasn't
// there is asked for again, since fetching may put it there.

import { doesNotExist, type FileIdentity, type FileType } from "../runtime/io.ts";
import { NixError } from "../runtime/errors.ts";
import { binaryToUtf8, bytesToBinary, utf8ToBinary } from "../format/bytes.ts";
import type { NarContents } from "../format/nar.ts";
import { DEFAULT_STORE_DIR } from "../format/store_path.ts";
import { cannotReadDir, isDirectory, noStore, notRegular } from "./errors.ts";
import { DENO_CALLS } from "./_deno_calls.ts";
import { CHUNK_SIZE, type FileCalls, type HostStat, isSettled } from "./_file_calls.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { followSymlinks, parentPath, type SourceIO } from "./source_io.ts";

/** How a {@link HostIO} differs from the process it is in. */
export interface HostIOOptions {
  /** "/nix/store" unless given. */
  readonly storeDir?: string;
  /** Environment variables that win over the process's own. */
  readonly env?: ReadonlyMap<string, string>;
  /** False hides the process's own variables. */
  readonly inheritEnv?: boolean;
  /** How to make calls; the best there are unless given. */
  readonly calls?: FileCalls;
}

const MAX_REMEMBERED = 1 << 16;

/** The host's files and environment. There is no store: `importPath` fails. */
export class HostIO implements SourceIO {
  readonly storeDir: string;
  readonly #env: ReadonlyMap<string, string>;
  readonly #inheritEnv: boolean;
  #calls: FileCalls | undefined;
  readonly #stats = new Map<string, HostStat>();
  /** Directories to where they really are. */
  readonly #directories = new Map<string, string>([["/", "/"]]);

  constructor(options: HostIOOptions = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
    this.#env = options.env ?? new Map();
    this.#calls = options.calls;
    this.#inheritEnv = options.inheritEnv ?? true;
  }

  /** Forgets what was there: for evaluators that live longer than the files they read. */
  forget(): void {
    this.#stats.clear();
    this.#directories.clear();
    this.#directories.set("/", "/");
  }

  /** Not made before they are needed: an expression without files shouldn't pay for them. */
  get #host(): FileCalls {
    return this.#calls ??= loadPosixCalls() ?? DENO_CALLS;
  }

  stat(path: string): HostStat | undefined {
    let stat = this.#stats.get(path);
    if (stat === undefined) {
      stat = this.#host.lstat(path);
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
    // As in C++ Nix, what says it is empty is (devices, most of /proc), if it can be opened.
    return this.#host.readFile(path, this.#readableSize(path));
  }

  identify(path: string): FileIdentity | undefined {
    return this.#identify(path, "regular");
  }

  identifyListing(path: string): FileIdentity | undefined {
    return this.#identify(path, "directory");
  }

  #identify(path: string, type: FileType): FileIdentity | undefined {
    // It may have changed since; what is kept then goes by what it was, which it won't be again.
    const stat = this.stat(path);
    // What says it is empty may be a device of the kernel's, or one of its directories.
    if (stat?.type !== type || stat.size === 0 || !isSettled(stat, Date.now())) return undefined;
    return { id: `${stat.modified} ${stat.changed} ${stat.size} ${stat.inode}`, noteUse() {} };
  }

  readContents(path: string): NarContents {
    const size = this.#readableSize(path);
    if (size <= CHUNK_SIZE) return this.#host.readFile(path, size);
    return { size: this.#host.lstat(path)?.size ?? size, chunks: this.#host.chunks(path) };
  }

  #readableSize(path: string): number {
    // What is remembered will do for a file that had something in it; all the rest may have changed.
    const known = this.#stats.get(path);
    if (known !== undefined && known.type === "regular" && known.size > 0) return known.size;
    const stat = this.#host.lstat(path);
    if (stat === undefined) throw doesNotExist(path);
    if (stat.type === "symlink") return this.#readableSize(this.resolveSymlinks(path, "full"));
    if (stat.type === "directory") throw isDirectory(stat.size);
    if (stat.pipe) throw notRegular(path);
    return stat.size;
  }

  hostPath(path: string): string {
    return path;
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const type = this.fileType(this.resolveSymlinks(path, "full"));
    if (type === undefined) throw doesNotExist(path);
    if (type !== "directory") throw cannotReadDir(path, "Not a directory");
    return this.#host.readDir(path);
  }

  readLink(path: string): string {
    return this.#host.readLink(path);
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    if (path === "/") return path;
    const parent = this.#realDirectory(parentPath(path));
    if (parent === undefined) return followSymlinks(this, path, mode);
    const name = path.slice(path.lastIndexOf("/"));
    const at = parent === "/" ? name : parent + name;
    return mode === "ancestors" || this.fileType(at) !== "symlink" ? at : followSymlinks(this, path, "full");
  }

  /** Where a directory really is; undefined if it isn't there, or behind symlinks that lead in circles. */
  #realDirectory(path: string): string | undefined {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const parent = this.#realDirectory(parentPath(path));
    if (parent === undefined) return undefined;
    const name = path.slice(path.lastIndexOf("/"));
    let at = parent === "/" ? name : parent + name;
    let type = this.fileType(at);
    if (type === "symlink") {
      try {
        at = followSymlinks(this, path, "full");
      } catch (e) {
        // Whoever asked knows the whole path, which belongs into the message.
        if (e instanceof NixError) return undefined;
        throw e;
      }
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
