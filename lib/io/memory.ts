// EvalIO on files that exist in memory only: for tests, and for evaluation without a host (a browser).

import { doesNotExist, type FileType } from "../runtime/io.ts";
import { binaryToBytes } from "../format/bytes.ts";
import { DEFAULT_STORE_DIR } from "../format/store_path.ts";
import { canonPath } from "../runtime/coerce.ts";
import { cannotReadDir, isDirectory, noStore, notRegular } from "./errors.ts";
import { type FileStat, followSymlinks, parentPath, type SourceIO } from "./source_io.ts";

/** A file: its contents as a binary string or bytes, or something special. */
export type MemoryFile =
  | string
  | Uint8Array
  | { readonly executable: string | Uint8Array }
  | { readonly symlink: string }
  | { readonly directory: true }
  | { readonly unknown: true };

/** What a {@link MemoryIO} holds. */
export interface MemoryIOOptions {
  /** By canonical absolute path; the directories above come by themselves. */
  readonly files?: Readonly<Record<string, MemoryFile>>;
  readonly env?: Readonly<Record<string, string>>;
  /** "/nix/store" unless given. */
  readonly storeDir?: string;
}

/** Files and environment in memory. There is no store: `importPath` fails. */
export class MemoryIO implements SourceIO {
  readonly storeDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #files = new Map<string, MemoryFile>([["/", { directory: true }]]);

  constructor(options: MemoryIOOptions = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
    this.#env = options.env ?? {};
    for (const [path, file] of Object.entries(options.files ?? {})) this.write(path, file);
  }

  /**
   * Puts a file where there may be one already, and directories above it where there are none.
   * @throws {TypeError} if the path isn't absolute and canonical, is below a file, or something is no binary string
   */
  write(path: string, file: MemoryFile): void {
    checkPath(path);
    checkBytes(path, contentsOf(file));
    checkBytes(path, typeof file === "object" && "symlink" in file ? file.symlink : undefined);
    const above = this.#files.get(parentPath(path));
    if (above !== undefined && contentsOf(above) !== undefined) throw cannotWrite(path, "there is a file above it");
    this.#files.set(path, file);
    for (let dir = parentPath(path); !this.#files.has(dir); dir = parentPath(dir)) {
      this.#files.set(dir, { directory: true });
    }
  }

  stat(path: string): FileStat | undefined {
    const file = this.#files.get(this.resolveSymlinks(path, "ancestors"));
    if (file === undefined) return undefined;
    return {
      type: typeOf(file),
      executable: typeof file === "object" && "executable" in file,
      size: contentsOf(file)?.length ?? 0,
    };
  }

  fileType(path: string): FileType | undefined {
    return this.stat(path)?.type;
  }

  checkAccess(_path: string): void {}

  pathExists(path: string): boolean {
    return this.#files.has(this.resolveSymlinks(path, "full"));
  }

  readFile(path: string): Uint8Array {
    const file = this.#files.get(this.resolveSymlinks(path, "full"));
    if (file === undefined) throw doesNotExist(path);
    if (typeOf(file) === "directory") throw isDirectory(4096);
    const contents = contentsOf(file);
    if (contents === undefined) throw notRegular(path);
    return typeof contents === "string" ? binaryToBytes(contents) : contents;
  }

  readContents(path: string): Uint8Array {
    return this.readFile(path);
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const real = this.resolveSymlinks(path, "full");
    const file = this.#files.get(real);
    if (file === undefined) throw doesNotExist(path);
    if (typeOf(file) !== "directory") throw cannotReadDir(path, "Not a directory");
    const prefix = real === "/" ? "/" : `${real}/`;
    const entries: [string, FileType][] = [];
    for (const [name, entry] of this.#files) {
      if (name !== "/" && name.startsWith(prefix) && !name.includes("/", prefix.length)) {
        entries.push([name.slice(prefix.length), typeOf(entry)]);
      }
    }
    return entries;
  }

  readLink(path: string): string {
    const file = this.#files.get(this.resolveSymlinks(path, "ancestors"));
    if (typeof file === "object" && "symlink" in file) return file.symlink;
    throw doesNotExist(path);
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    const direct = {
      fileType: (at: string) => {
        const file = this.#files.get(at);
        return file === undefined ? undefined : typeOf(file);
      },
      readLink: (at: string) => (this.#files.get(at) as { readonly symlink: string }).symlink,
    };
    return followSymlinks(direct, path, mode);
  }

  getEnv(name: string): string {
    return Object.hasOwn(this.#env, name) ? this.#env[name] : "";
  }

  importPath(path: string): string {
    throw noStore(path);
  }
}

/** Others would never be found. */
function checkPath(path: string): void {
  checkBytes(path, path);
  if (path[0] !== "/" || canonPath(path) !== path) throw cannotWrite(path, "not an absolute, canonical path");
}

/** Others would lose what doesn't fit. */
function checkBytes(path: string, text: string | Uint8Array | undefined): void {
  if (typeof text !== "string" || !/[^\0-\xff]/.test(text)) return;
  throw cannotWrite(path, "text is to be a binary string, as encodeUtf8() returns it");
}

function cannotWrite(path: string, reason: string): TypeError {
  return new TypeError(`Cannot write file "${path}": ${reason}`);
}

function typeOf(file: MemoryFile): FileType {
  if (contentsOf(file) !== undefined) return "regular";
  return "symlink" in (file as object) ? "symlink" : "directory" in (file as object) ? "directory" : "unknown";
}

function contentsOf(file: MemoryFile): string | Uint8Array | undefined {
  if (typeof file === "string" || file instanceof Uint8Array) return file;
  return "executable" in file ? file.executable : undefined;
}
