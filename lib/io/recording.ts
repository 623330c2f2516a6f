// What evaluation saw of files and environment, in full: a decorator that notes every answer of the world below it.
//
// It belongs right above the host, under everything that remembers or translates: what evaluation could have seen went
// through here. Notes are primitive (what a path is, what a link points to, what a directory lists, a hash of a file's
// contents, a variable's value), one per path and kind, and say nothing of why somebody asked; that is the business of
// lib/io/inputs.ts. If all of them still hold, the same evaluation sees the same world.
//
// Symlinks are followed here and not below, a component at a time, so that every directory on the way is noted as the
// plain directory it was. Times and inodes are not noted: whoever keeps the notes stamps the files (lib/result_cache.ts).

import { encodeBase16 } from "../format/base_encodings.ts";
import { Hasher, hashHex } from "../format/hash.ts";
import { hashListing } from "../format/listing.ts";
import type { NarContents } from "../format/nar.ts";
import type { FileIdentity, FileType, ImportPathOptions } from "../runtime/io.ts";
import { depend, recall, remember, type Remembered } from "../runtime/tracking.ts";
import { type FileStat, followSymlinks, parentPath, type SourceIO } from "./source_io.ts";

/** What a path was: absent, or its type, "executable" being a regular file that may be run. */
export type SeenType = FileType | "executable" | "absent";

/** Which variables aren't the host's. */
export interface RecordingOptions {
  /** Variables that win over the world's; they are no observations. */
  readonly env?: ReadonlyMap<string, string>;
  /** False hides the world's variables. */
  readonly inheritEnv?: boolean;
  /** Whether what is evaluated depends on every single note (lib/runtime/tracking.ts). */
  readonly tracked?: boolean;
}

/** What was seen of the world; one entry per path or name. Paths are canonical, without symlinks above the last name. */
export interface Observations {
  readonly types: ReadonlyMap<string, SeenType>;
  /** SHA-256 in base16 of the contents of regular files. */
  readonly contents: ReadonlyMap<string, string>;
  /** What {@link hashListing} gives for directories. */
  readonly listings: ReadonlyMap<string, string>;
  /** Targets of symlinks. */
  readonly links: ReadonlyMap<string, string>;
  /** Values of environment variables, "" if unset. */
  readonly env: ReadonlyMap<string, string>;
}

/** Returns what stands for a note among the things that values depend on (lib/runtime/tracking.ts). */
export function noteOf(kind: keyof Observations, path: string): string {
  return `${kind} ${path}`;
}

/** Returns what {@link noteOf} was given. */
export function partsOf(note: string): { readonly kind: keyof Observations; readonly path: string } {
  const space = note.indexOf(" ");
  return { kind: note.slice(0, space) as keyof Observations, path: note.slice(space + 1) };
}

/** A world that keeps {@link Observations} of another. */
export class RecordingIO implements SourceIO {
  readonly storeDir: string;
  readonly #inner: SourceIO;
  readonly #maps = {
    types: new Map<string, SeenType>([["/", "directory"]]),
    contents: new Map<string, string>(),
    listings: new Map<string, string>(),
    links: new Map<string, string>(),
    env: new Map<string, string>(),
  };
  /** Directories to where they really are. */
  readonly #directories = new Map<string, Remembered<string | undefined>>();
  /** Of what was read, so that nobody hashes the same bytes twice. */
  readonly #hashes = new WeakMap<Uint8Array, string>();
  readonly #options: RecordingOptions;
  #unstable: string | null = null;

  constructor(inner: SourceIO, options: RecordingOptions = {}) {
    this.#inner = inner;
    this.#options = options;
    this.storeDir = inner.storeDir;
  }

  /** What was seen so far; goes on growing. */
  get observations(): Observations {
    return this.#maps;
  }

  /** Forgets notes that have turned out to hold no more (see {@link noteOf}). */
  forget(notes: Iterable<string>): void {
    for (const note of notes) {
      const { kind, path } = partsOf(note);
      this.#maps[kind].delete(path);
    }
    this.revisit();
  }

  /** A path that was seen in two states, or whose contents can't be checked later (a device); null if there is none. */
  get unstable(): string | null {
    return this.#unstable;
  }

  /** Finds out anew where directories lead. What was seen stays until something else is seen there. */
  revisit(): void {
    this.#directories.clear();
  }

  /** Returns SHA-256 in base16 of bytes; free for those that {@link readFile} returned. */
  hash(bytes: Uint8Array): string {
    return this.#hashes.get(bytes) ?? hashHex("sha256", bytes);
  }

  #note(kind: keyof Observations, path: string, seen: string): void {
    if (this.#options.tracked) depend(noteOf(kind, path));
    const map: Map<string, string> = this.#maps[kind];
    const before = map.get(path);
    if (before === seen) return;
    if (before !== undefined) this.#unstable ??= path;
    map.set(path, seen);
  }

  stat(path: string): FileStat | undefined {
    const stat = this.#inner.stat(path);
    this.#note("types", path, stat === undefined ? "absent" : stat.executable ? "executable" : stat.type);
    return stat;
  }

  fileType(path: string): FileType | undefined {
    return this.stat(path)?.type;
  }

  checkAccess(path: string): void {
    this.#inner.checkAccess(path);
  }

  pathExists(path: string): boolean {
    return this.stat(this.resolveSymlinks(path, "full")) !== undefined;
  }

  readFile(path: string): Uint8Array {
    const real = this.#regularFile(path);
    const bytes = this.#inner.readFile(path);
    const hash = hashHex("sha256", bytes);
    this.#hashes.set(bytes, hash);
    this.#note("contents", real, hash);
    return bytes;
  }

  identify(path: string): FileIdentity | undefined {
    return this.#noting(this.#inner.identify?.(path), "contents", () => this.#regularFile(path));
  }

  identifyListing(path: string): FileIdentity | undefined {
    return this.#noting(this.#inner.identifyListing?.(path), "listings", () => this.#directory(path));
  }

  #noting(
    known: FileIdentity | undefined,
    kind: keyof Observations,
    place: () => string,
  ): FileIdentity | undefined {
    if (known === undefined) return undefined;
    const noteUse = (hash: () => string) => {
      known.noteUse(hash);
      this.#note(kind, place(), hash());
    };
    return { id: known.id, noteUse };
  }

  readContents(path: string): NarContents {
    const real = this.#regularFile(path);
    const contents = this.#inner.readContents(path);
    if (contents instanceof Uint8Array) {
      this.#note("contents", real, hashHex("sha256", contents));
      return contents;
    }
    return { size: contents.size, chunks: this.#hashed(real, contents.chunks) };
  }

  *#hashed(path: string, chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
    const hasher = new Hasher("sha256");
    let complete = false;
    try {
      for (const chunk of chunks) {
        hasher.update(chunk);
        yield chunk;
      }
      complete = true;
    } finally {
      if (complete) this.#note("contents", path, encodeBase16(hasher.digest()));
      else this.#unstable ??= path;
    }
  }

  /** Notes what is at a path that is to be read, and returns where that is. */
  #regularFile(path: string): string {
    const real = this.resolveSymlinks(path, "full");
    const type = this.fileType(real);
    if (type === "unknown") this.#unstable ??= real;
    return real;
  }

  hostPath(path: string): string | undefined {
    return this.#inner.hostPath?.(path);
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const real = this.#directory(path);
    const entries = this.#inner.readDir(path);
    this.#note("listings", real, hashListing(entries));
    return entries;
  }

  #directory(path: string): string {
    const real = this.resolveSymlinks(path, "full");
    this.stat(real);
    return real;
  }

  readLink(path: string): string {
    const target = this.#inner.readLink(path);
    this.#note("links", this.resolveSymlinks(path, "ancestors"), target);
    return target;
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    if (path === "/") return path;
    const parent = this.#realDirectory(parentPath(path));
    if (parent === undefined) return followSymlinks(this.#direct, path, mode);
    const name = path.slice(path.lastIndexOf("/"));
    const at = parent === "/" ? name : parent + name;
    return mode === "ancestors" || this.fileType(at) !== "symlink" ? at : followSymlinks(this.#direct, path, "full");
  }

  /** Where a directory really is; undefined if it isn't there. */
  #realDirectory(path: string): string | undefined {
    if (path === "/") return path;
    const known = this.#directories.get(path);
    if (known !== undefined) return recall(known);
    const found = remember(() => this.#findDirectory(path));
    if (found.value !== undefined) this.#directories.set(path, found);
    return found.value;
  }

  #findDirectory(path: string): string | undefined {
    const parent = this.#realDirectory(parentPath(path));
    if (parent === undefined) return undefined;
    const name = path.slice(path.lastIndexOf("/"));
    let at = parent === "/" ? name : parent + name;
    let type = this.fileType(at);
    if (type === "symlink") {
      at = followSymlinks(this.#direct, path, "full");
      type = this.fileType(at);
    }
    return type === "directory" ? at : undefined;
  }

  /** Looks at paths that are known to have no symlinks above them. */
  readonly #direct = {
    fileType: (path: string) => this.fileType(path),
    readLink: (path: string) => {
      const target = this.#inner.readLink(path);
      this.#note("links", path, target);
      return target;
    },
  };

  getEnv(name: string): string {
    const given = this.#options.env?.get(name);
    if (given !== undefined) return given;
    if (this.#options.inheritEnv === false) return "";
    const value = this.#inner.getEnv(name);
    this.#note("env", name, value);
    return value;
  }

  importPath(path: string, options: ImportPathOptions): string {
    return this.#inner.importPath(path, options);
  }
}
