// Files that exist only inside the evaluator: `<nix/fetchurl.nix>` and whoever else wants to be found as `<nix/…>`.
// See lib/runtime/internal_path.ts for how they are named.

import { doesNotExist, type FileIdentity, type FileType, type ImportPathOptions } from "../runtime/io.ts";
import { internalPath } from "../runtime/internal_path.ts";
import type { NarContents } from "../format/nar.ts";
import type { FileStat, SourceIO } from "./source_io.ts";
import { MemoryIO } from "./memory.ts";

/** Adds internal files to another world. */
export class InternalFilesIO implements SourceIO {
  readonly storeDir: string;
  readonly #inner: SourceIO;
  readonly #files: MemoryIO;

  /** `files` are contents by path ("/fetchurl.nix"). */
  constructor(inner: SourceIO, files: Readonly<Record<string, string>>) {
    this.#inner = inner;
    this.#files = new MemoryIO({ files });
    this.storeDir = inner.storeDir;
  }

  stat(path: string): FileStat | undefined {
    return path[0] === "/" ? this.#inner.stat(path) : this.#files.stat(internalPath(path));
  }

  fileType(path: string): FileType | undefined {
    return path[0] === "/" ? this.#inner.fileType(path) : this.#files.fileType(internalPath(path));
  }

  checkAccess(path: string): void {
    if (path[0] === "/") this.#inner.checkAccess(path);
  }

  pathExists(path: string): boolean {
    return path[0] === "/" ? this.#inner.pathExists(path) : this.#files.pathExists(internalPath(path));
  }

  readFile(path: string): Uint8Array {
    if (path[0] === "/") return this.#inner.readFile(path);
    if (this.fileType(path) === undefined) throw doesNotExist(path);
    return this.#files.readFile(internalPath(path));
  }

  identify(path: string): FileIdentity | undefined {
    return path[0] === "/" ? this.#inner.identify?.(path) : undefined;
  }

  identifyListing(path: string): FileIdentity | undefined {
    return path[0] === "/" ? this.#inner.identifyListing?.(path) : undefined;
  }

  readContents(path: string): NarContents {
    return path[0] === "/" ? this.#inner.readContents(path) : this.readFile(path);
  }

  hostPath(path: string): string | undefined {
    return path[0] === "/" ? this.#inner.hostPath?.(path) : undefined;
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    return path[0] === "/" ? this.#inner.readDir(path) : this.#files.readDir(internalPath(path));
  }

  readLink(path: string): string {
    return path[0] === "/" ? this.#inner.readLink(path) : this.#files.readLink(internalPath(path));
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    return path[0] === "/" ? this.#inner.resolveSymlinks(path, mode) : path;
  }

  getEnv(name: string): string {
    return this.#inner.getEnv(name);
  }

  importPath(path: string, options: ImportPathOptions): string {
    return this.#inner.importPath(path, options);
  }
}
