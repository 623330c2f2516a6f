// The store as part of the world: adds to another EvalIO what lies, or will lie, under the store directory.
//
// A path under the store directory is looked for, in this order, among what this evaluation made (a text, a source, which
// is read where it came from, a derivation's file, a fetch), in the store if its files lie elsewhere on the host, and on the
// host. Nothing is built: the outputs of derivations can be read only once they are there.
//
// importPath hashes and registers; whether something is copied is up to those who observe KnownPaths. A tree without
// filter is hashed once per evaluation. Filters are called once per evaluation of `builtins.path`, in the order of the
// archive; what they left out is kept, so that the tree can be read and copied later without calling them again.

import { doesNotExist, type FileIdentity, type FileType, type ImportPathOptions } from "../runtime/io.ts";
import { NixError } from "../runtime/errors.ts";
import { foreignError } from "../runtime/foreign_error.ts";
import { binaryToBytes } from "../format/bytes.ts";
import { type ContentAddress, makeFixedOutputPath } from "../format/content_address.ts";
import { writeAterm } from "../format/aterm.ts";
import { FormatError } from "../format/errors.ts";
import { type Hash, Hasher } from "../format/hash.ts";
import { type ByteSink, hashNar, type NarContents, type NarOptions, writeNar } from "../format/nar.ts";
import { type DrvPath, isInStore, splitStorePath, type StorePath } from "../format/store_path.ts";
import { type KnownPaths, type KnownSource, UnknownPathError } from "../known_paths.ts";
import type { Store } from "../store/store.ts";
import { recall, remember, type Remembered, tracker } from "../runtime/tracking.ts";
import { cannotReadDir, pathMismatch } from "./errors.ts";
import { type FileStat, followSymlinks, narSource, type SourceIO } from "./source_io.ts";
import type { PlainFiles } from "./tree_io.ts";

/** What a {@link StoreIO} is made of. */
export interface StoreIOOptions {
  /** All other files, as far as the program may see them. */
  readonly files: SourceIO;
  readonly store: Store;
  readonly knownPaths: KnownPaths;
  /** Reads what the store says lies on the host; `files` unless given (wanted where these are restricted). */
  readonly storeFiles?: SourceIO;
  /** Returns the files of a path that is fetched, once they are there; undefined if the store has them. */
  readonly fetchedFiles?: (path: StorePath) => PlainFiles | undefined;
}

/** Where something under the store directory is found. */
type Place =
  | { readonly text: string }
  | { readonly io: PlainFiles; readonly path: string; readonly leftOut?: ReadonlySet<string> }
  | undefined;

const NO_PATHS: ReadonlySet<string> = new Set();

/** A world with a store. */
export class StoreIO implements SourceIO {
  readonly storeDir: string;
  readonly #files: SourceIO;
  readonly #storeFiles: SourceIO;
  readonly #store: Store;
  readonly #known: KnownPaths;
  readonly #fetchedFiles: ((path: StorePath) => PlainFiles | undefined) | undefined;
  /** Paths that the store said are valid. */
  readonly #valid = new Set<StorePath>();
  /** What trees without filter hash to, by method and path. */
  readonly #hashes = new Map<string, Remembered<{ readonly hash: Hash; readonly size: number }>>();

  constructor(options: StoreIOOptions) {
    this.#files = options.files;
    this.#storeFiles = options.storeFiles ?? options.files;
    this.#store = options.store;
    this.#known = options.knownPaths;
    this.#fetchedFiles = options.fetchedFiles;
    this.storeDir = options.knownPaths.storeDir;
  }

  /** Forgets what trees hashed to, and what was valid: that may have changed. */
  forget(): void {
    this.#hashes.clear();
    this.#valid.clear();
  }

  /** Whether a store path is in the store, on the host, or known to come from this evaluation (outputs are not). */
  isValid(path: StorePath): boolean {
    return this.#known.get(path) !== undefined || this.#realPath(path) !== undefined || this.#store.isValid(path) ||
      this.#files.stat(path) !== undefined;
  }

  /** Where the contents of a valid path lie, if not at the path. */
  #realPath(path: StorePath): string | undefined {
    const real = this.#store.realPath(path);
    if (real === undefined || this.#valid.has(path)) return real;
    // Looking takes no time. Asking does, and the store may not be open yet.
    if (this.#storeFiles.stat(real) === undefined || !this.#store.isValid(path)) return undefined;
    this.#valid.add(path);
    return real;
  }

  #inStore(path: string): boolean {
    return isInStore(path, { storeDir: this.storeDir });
  }

  /** Finds what lies at a path under the store directory. */
  #locate(path: string): Place {
    let storePath: StorePath;
    let rest: string;
    try {
      ({ storePath, rest } = splitStorePath(path, { storeDir: this.storeDir }));
    } catch (e) {
      if (e instanceof FormatError) return { io: this.#files, path };
      throw e;
    }
    const known = this.#known.get(storePath);
    switch (known?.kind) {
      case "text":
        return rest === "" ? { text: known.contents } : undefined;
      case "derivation":
        return rest === "" ? this.#drvFile(known.path) : undefined;
      case "source": {
        // Itself: it is in the store.
        if (known.origin === storePath) break;
        const origin = known.origin === "/" && rest !== "" ? rest : known.origin + rest;
        if (isLeftOut(origin, known)) return undefined;
        // A copy of what is in the store may be one of what only this evaluation knows.
        return { io: this.#inStore(origin) ? this : this.#files, path: origin, leftOut: known.leftOut };
      }
      case "fetch": {
        const files = this.#fetchedFiles?.(storePath);
        if (files !== undefined) return { io: files, path: rest };
      }
    }
    const real = this.#realPath(storePath);
    return real === undefined || !this.#isVisible(path)
      ? { io: this.#files, path }
      : { io: this.#storeFiles, path: real + rest };
  }

  /** A derivation's file, or nothing if what it was made of has changed and the store hasn't got it. */
  #drvFile(path: DrvPath): Place {
    try {
      return { text: writeAterm(this.#known.whole(path)) };
    } catch (e) {
      if (e instanceof UnknownPathError) return undefined;
      throw e;
    }
  }

  /** Whether the program may look at what is at a path, wherever the store has it. */
  #isVisible(path: string): boolean {
    try {
      this.#files.checkAccess(path);
      return true;
    } catch (e) {
      if (e instanceof NixError) return false;
      throw e;
    }
  }

  stat(path: string): FileStat | undefined {
    if (!this.#inStore(path)) return this.#files.stat(path);
    const place = this.#locate(path);
    if (place === undefined) return undefined;
    if ("text" in place) return { type: "regular", executable: false, size: place.text.length };
    return place.io.stat(place.path);
  }

  fileType(path: string): FileType | undefined {
    return this.#inStore(path) ? this.stat(path)?.type : this.#files.fileType(path);
  }

  checkAccess(path: string): void {
    if (!this.#inStore(path)) return this.#files.checkAccess(path);
    const place = this.#locate(path);
    if (place !== undefined && "io" in place) place.io.checkAccess(place.path);
  }

  pathExists(path: string): boolean {
    return this.stat(this.resolveSymlinks(path, "full")) !== undefined;
  }

  readFile(path: string): Uint8Array {
    const contents = this.#read(path, (io, at) => io.readFile(at));
    return contents as Uint8Array;
  }

  readContents(path: string): NarContents {
    return this.#read(path, (io, at) => io.readContents(at));
  }

  identify(path: string): FileIdentity | undefined {
    const real = this.resolveSymlinks(path, "full");
    if (!this.#inStore(real)) return this.#files.identify?.(real);
    const place = this.#locate(real);
    if (place === undefined || "text" in place) return undefined;
    requireThere(place, real);
    return place.io.identify?.(place.path);
  }

  identifyListing(path: string): FileIdentity | undefined {
    const real = this.resolveSymlinks(path, "full");
    if (!this.#inStore(real)) return this.#files.identifyListing?.(real);
    const place = this.#locate(real);
    if (place === undefined || "text" in place || place.leftOut !== undefined && place.leftOut.size > 0) {
      return undefined;
    }
    requireThere(place, real);
    return place.io.identifyListing?.(place.path);
  }

  #read(path: string, read: (io: PlainFiles, path: string) => NarContents): NarContents {
    const real = this.resolveSymlinks(path, "full");
    if (!this.#inStore(real)) return read(this.#files, real);
    const place = this.#locate(real);
    if (place === undefined) throw doesNotExist(real);
    if ("text" in place) return binaryToBytes(place.text);
    requireThere(place, real);
    return read(place.io, place.path);
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const real = this.resolveSymlinks(path, "full");
    if (!this.#inStore(real)) return this.#files.readDir(real);
    const place = this.#locate(real);
    if (place === undefined) throw doesNotExist(real);
    if ("text" in place) throw cannotReadDir(real, "Not a directory");
    requireThere(place, real);
    const entries = place.io.readDir(place.path);
    const leftOut = place.leftOut ?? NO_PATHS;
    return leftOut.size === 0 ? entries : entries.filter(([name]) => !leftOut.has(`${place.path}/${name}`));
  }

  readLink(path: string): string {
    const real = this.resolveSymlinks(path, "ancestors");
    if (!this.#inStore(real)) return this.#files.readLink(real);
    const place = this.#locate(real);
    if (place === undefined || "text" in place) throw doesNotExist(path);
    return place.io.readLink(place.path);
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    if (this.#inStore(path)) return followSymlinks(this.#direct, path, mode);
    const real = this.#files.resolveSymlinks(path, mode);
    // A symlink into the store may lead to what only this evaluation knows.
    return real !== path && this.#inStore(real) ? followSymlinks(this.#direct, real, mode) : real;
  }

  /** Looks at files without following symlinks above them. */
  readonly #direct = {
    fileType: (path: string) => this.fileType(path),
    readLink: (path: string): string => {
      const place = this.#inStore(path) ? this.#locate(path) : { io: this.#files, path };
      if (place === undefined || "text" in place) throw doesNotExist(path);
      return place.io.readLink(place.path);
    },
  };

  getEnv(name: string): string {
    return this.#files.getEnv(name);
  }

  /** Returns the store path of a file or tree and enters it in KnownPaths. Symlinks above `path` are followed. */
  importPath(path: string, options: ImportPathOptions): string {
    const { name, method, sha256, filter } = options;
    const references = (options.references ?? []) as readonly StorePath[];
    const { storeDir } = this;
    try {
      const expected = sha256 && makeFixedOutputPath({ method, hash: { algo: "sha256", digest: sha256 } }, {
        name,
        references,
        storeDir,
      });
      // What was known of an earlier evaluation may come from a tree that is another one now.
      const isKnown = (path: StorePath) => tracker === null && this.#known.get(path) !== undefined;
      if (expected !== undefined && (isKnown(expected) || this.#store.isValid(expected))) return expected;
      let origin = this.resolveSymlinks(path, "ancestors");
      let leftOut: ReadonlySet<string> = NO_PATHS;
      const collected = new Set<string>();
      const { hash, size } = filter === undefined
        ? this.#hashOnce(origin, method)
        : hashTree(this, origin, { method, filter: collecting(filter, collected) });
      const ca: ContentAddress = { method, hash };
      const storePath = makeFixedOutputPath(ca, { name, references, storeDir });
      if (expected !== undefined && storePath !== expected) throw pathMismatch(options.shownAs ?? path);
      if (this.#comesFrom(origin, storePath)) origin = storePath;
      else if (collected.size > 0) leftOut = collected;
      this.#known.addSource({
        path: storePath,
        origin,
        leftOut,
        ca,
        size,
        references,
        host: this.#hostTree(origin, leftOut),
        dump: (sink) => dumpTree(this, origin, { method, sink, filter: (at) => !leftOut.has(at) }),
      });
      return storePath;
    } catch (e) {
      throw e instanceof FormatError ? foreignError("eval", e) : e;
    }
  }

  /** Whether a path lies in `source` or in a copy of something in it, which then was there before. */
  #comesFrom(path: string, source: StorePath): boolean {
    if (!this.#inStore(path)) return false;
    const end = path.indexOf("/", this.storeDir.length + 1);
    const storePath = (end < 0 ? path : path.slice(0, end)) as StorePath;
    if (storePath === source) return true;
    const known = this.#known.get(storePath);
    return known?.kind === "source" && known.origin !== storePath && this.#comesFrom(known.origin, source);
  }

  /** Where another thread can read a tree as well. */
  #hostTree(origin: string, leftOut: ReadonlySet<string>): KnownSource["host"] {
    const root = this.#inStore(origin) ? undefined : this.#files.hostPath?.(origin);
    return root === origin ? { root, leftOut } : undefined;
  }

  #hashOnce(origin: string, method: "nar" | "flat"): { readonly hash: Hash; readonly size: number } {
    const key = method + origin;
    let result = this.#hashes.get(key);
    if (result === undefined) this.#hashes.set(key, result = remember(() => hashTree(this, origin, { method })));
    return recall(result);
  }
}

/** Checks that something is at a place, so that nobody is told of paths the program doesn't know. */
function requireThere(place: { readonly io: PlainFiles; readonly path: string }, path: string): void {
  if (place.path !== path && place.io.stat(place.path) === undefined) throw doesNotExist(path);
}

function isLeftOut(path: string, source: { readonly origin: string; readonly leftOut: ReadonlySet<string> }): boolean {
  if (source.leftOut.size === 0) return false;
  for (let at = path; at.length > source.origin.length; at = at.slice(0, at.lastIndexOf("/"))) {
    if (source.leftOut.has(at)) return true;
  }
  return false;
}

function collecting(filter: NonNullable<ImportPathOptions["filter"]>, leftOut: Set<string>): NarOptions["filter"] {
  return (path, stat) => {
    const taken = filter(path, stat.type);
    if (!taken) leftOut.add(path);
    return taken;
  };
}

interface TreeOptions extends NarOptions {
  readonly method: "nar" | "flat";
}

function hashTree(io: SourceIO, path: string, options: TreeOptions): { readonly hash: Hash; readonly size: number } {
  const { method, filter } = options;
  if (method === "nar") return hashNar(narSource(io), path, { filter });
  const hasher = new Hasher("sha256");
  dumpTree(io, path, { method, sink: (chunk) => hasher.update(chunk) });
  return { hash: { algo: "sha256", digest: hasher.digest() }, size: hasher.length };
}

function dumpTree(io: SourceIO, path: string, options: TreeOptions & { readonly sink: ByteSink }): void {
  const { method, filter, sink } = options;
  if (method === "nar") return writeNar(narSource(io), path, { filter, sink });
  const contents = io.readContents(path);
  if (contents instanceof Uint8Array) sink(contents);
  else for (const chunk of contents.chunks) sink(chunk);
}
