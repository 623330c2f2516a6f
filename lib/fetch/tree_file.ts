// Tree files: a file tree as one file. Fetched trees are kept in these rather than unpacked.
//
// One file can be written aside, synced and renamed: an entry of the cache is there whole or not at all, and that costs one
// fsync instead of one per file. It can be checked by size and time stamps instead of by looking at 80,000 files. Names and
// targets are any bytes and never become paths of the host, so there is nothing a hostile archive could write to. Reading a
// file is a read at an offset: no path is looked up.
//
// Layout, integers little-endian: 16 bytes of magic; the contents of files one after the other; directories, children
// before parents; the root; a trailer of 40 bytes. A directory is its entries in the order of their names' bytes. An entry
// is u8 kind, u16 length of name, name, and
//   directory (0): u64 offset, u32 length of its entries
//   file (1), executable file (2): u64 offset, u64 size of its contents
//   symlink (3): u16 length of target, target
// The root is an entry without name. The trailer: u64 offset of the root, u64 number of entries, u64 length of the whole
// file, 16 bytes of magic. Directories are read when something in them is asked for.

import { binaryToBytes, bytesToBinary, equalBytes } from "../format/bytes.ts";
import type { FileType, NarContents, NarSource, NarStat } from "../format/nar.ts";
import { FetchError } from "./errors.ts";

/** First bytes of a tree file. */
export const TREE_MAGIC: Uint8Array = binaryToBytes("devix tree v1\n\0\0");
/** Last bytes of a tree file. */
export const TREE_END: Uint8Array = binaryToBytes("devix tree end\n\0");
/** Length of the trailer in bytes. */
export const TREE_TRAILER_BYTES = 40;

export const DIRECTORY = 0;
export const FILE = 1;
export const EXECUTABLE = 2;
export const SYMLINK = 3;

/** Files up to this size are read at once. */
const WHOLE_BYTES = 1 << 20;
const CHUNK_BYTES = 1 << 18;
/** How many directories are kept parsed. */
const MAX_DIRECTORIES = 4096;

/** Something in a tree. */
export type TreeEntry =
  | { readonly type: "directory"; readonly offset: number; readonly length: number }
  | { readonly type: "regular"; readonly executable: boolean; readonly offset: number; readonly size: number }
  | { readonly type: "symlink"; readonly target: string };

/** How a tree file is read. */
export interface TreeFileOptions {
  /** Whether contents are valid only until the next are read: for who reads all of them, one after the other. */
  readonly passing?: boolean;
}

/** Reads a tree file. Paths are "" for the root, "/a/b" below it; symlinks are never followed. */
export class TreeFile implements NarSource {
  readonly path: string;
  readonly root: TreeEntry;
  /** How many files, directories and symlinks there are, the root not counted. */
  readonly entries: number;
  readonly #file: Deno.FsFile;
  readonly #directories = new Map<string, ReadonlyMap<string, TreeEntry>>();
  /** What contents are read into, if they are valid for a while only. */
  readonly #buffer: Uint8Array<ArrayBuffer> | undefined;

  private constructor(path: string, file: Deno.FsFile, options: TreeFileOptions) {
    this.path = path;
    this.#file = file;
    if (options.passing) this.#buffer = new Uint8Array(WHOLE_BYTES);
    const size = file.statSync().size;
    if (size < TREE_MAGIC.length + TREE_TRAILER_BYTES) throw damaged(path, "it is too short");
    const trailer = this.#read(size - TREE_TRAILER_BYTES, TREE_TRAILER_BYTES);
    const view = new DataView(trailer.buffer);
    if (!equalBytes(trailer.subarray(24), TREE_END)) throw damaged(path, "its end is missing");
    const rootAt = readU64(view, 0);
    this.entries = readU64(view, 8);
    if (readU64(view, 16) !== size) throw damaged(path, "its length is wrong");
    if (rootAt > size - TREE_TRAILER_BYTES) throw damaged(path, "its root is missing");
    const root = [...parseEntries(path, this.#read(rootAt, size - TREE_TRAILER_BYTES - rootAt))];
    if (root.length !== 1) throw damaged(path, "its root is malformed");
    this.root = root[0][1];
  }

  /** Opens a tree file. @throws {FetchError} if it isn't one, or is cut off; {Deno.errors.NotFound} */
  static open(path: string, options: TreeFileOptions = {}): TreeFile {
    const file = Deno.openSync(path);
    try {
      return new TreeFile(path, file, options);
    } catch (e) {
      file.close();
      throw e;
    }
  }

  /** Closes the file; nothing can be read afterwards. */
  close(): void {
    this.#file.close();
  }

  /** Returns what there is at a path, undefined if nothing. */
  find(path: string): TreeEntry | undefined {
    if (path === "") return this.root;
    const slash = path.lastIndexOf("/");
    return this.#children(path.slice(0, slash))?.get(path.slice(slash + 1));
  }

  #children(path: string): ReadonlyMap<string, TreeEntry> | undefined {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const entry = this.find(path);
    if (entry?.type !== "directory") return undefined;
    const children = new Map(parseEntries(this.path, this.#read(entry.offset, entry.length)));
    if (this.#directories.size >= MAX_DIRECTORIES) this.#directories.clear();
    this.#directories.set(path, children);
    return children;
  }

  lstat(path: string): Required<NarStat> & { readonly size: number } {
    const entry = this.#need(path);
    return entry.type === "regular"
      ? { type: "regular", executable: entry.executable, size: entry.size }
      : { type: entry.type, executable: false, size: 0 };
  }

  /** Names in a directory, sorted by bytes. */
  readDir(path: string): Iterable<string> {
    return this.#directory(path).keys();
  }

  /** Names and types in a directory, sorted by bytes. */
  *readDirTypes(path: string): Generator<readonly [string, FileType]> {
    for (const [name, entry] of this.#directory(path)) yield [name, entry.type];
  }

  #directory(path: string): ReadonlyMap<string, TreeEntry> {
    const children = this.#children(path);
    if (children === undefined) throw wrongType(this.path, path, "directory");
    return children;
  }

  readLink(path: string): string {
    const entry = this.#need(path);
    if (entry.type !== "symlink") throw wrongType(this.path, path, "symlink");
    return entry.target;
  }

  /** Contents of a regular file; in chunks if it is large, each valid until the next is asked for. */
  readFile(path: string): NarContents {
    const entry = this.#need(path);
    if (entry.type !== "regular") throw wrongType(this.path, path, "regular file");
    const { offset, size } = entry;
    if (size > WHOLE_BYTES) return { size, chunks: this.#chunks(offset, size) };
    if (this.#buffer === undefined) return this.#read(offset, size);
    const contents = this.#buffer.subarray(0, size);
    this.#readInto(offset, contents);
    return contents;
  }

  *#chunks(offset: number, size: number): Generator<Uint8Array> {
    const buffer = this.#buffer?.subarray(0, CHUNK_BYTES) ?? new Uint8Array(CHUNK_BYTES);
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      const chunk = buffer.subarray(0, Math.min(CHUNK_BYTES, size - at));
      this.#readInto(offset + at, chunk);
      yield chunk;
    }
  }

  #need(path: string): TreeEntry {
    const entry = this.find(path);
    if (entry === undefined) throw wrongType(this.path, path, "file of the tree");
    return entry;
  }

  #read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    this.#readInto(offset, bytes);
    return bytes;
  }

  #readInto(offset: number, bytes: Uint8Array): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const n = this.#file.readSync(bytes.subarray(at));
      if (n === null) throw damaged(this.path, "it is cut off");
      at += n;
    }
  }
}

function* parseEntries(path: string, bytes: Uint8Array<ArrayBuffer>): Generator<[string, TreeEntry]> {
  const view = new DataView(bytes.buffer);
  let at = 0;
  const need = (length: number) => {
    if (at + length > bytes.length) throw damaged(path, "a directory is cut off");
    const start = at;
    at += length;
    return start;
  };
  const text = () => {
    const length = view.getUint16(need(2), true);
    const start = need(length);
    return bytesToBinary(bytes.subarray(start, start + length));
  };
  while (at < bytes.length) {
    const kind = bytes[need(1)];
    const name = text();
    switch (kind) {
      case DIRECTORY: {
        const start = need(12);
        yield [name, { type: "directory", offset: readU64(view, start), length: view.getUint32(start + 8, true) }];
        break;
      }
      case FILE:
      case EXECUTABLE: {
        const start = need(16);
        const executable = kind === EXECUTABLE;
        yield [name, { type: "regular", executable, offset: readU64(view, start), size: readU64(view, start + 8) }];
        break;
      }
      case SYMLINK:
        yield [name, { type: "symlink", target: text() }];
        break;
      default:
        throw damaged(path, "an entry is of no known kind");
    }
  }
}

function readU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function damaged(path: string, reason: string): FetchError {
  return new FetchError("cache", `Cannot read tree file "${path}": ${reason}`);
}

function wrongType(file: string, path: string, wanted: string): FetchError {
  return new FetchError("cache", `Cannot read "${path}" in tree file "${file}": not a ${wanted}`);
}
