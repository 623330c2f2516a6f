// NAR, the Nix archive: one file tree (a directory, a regular file or a symlink) as one stream of strings, each framed as
// u64 little-endian length, bytes, zeros up to the next multiple of 8. Entries are sorted by the bytes of their names, and
// of a file's mode only "executable" is kept, so equal trees have equal archives.
//
// This file writes (nar_reader.ts reads). The writer streams: it holds one buffer, never a file; the chunks it hands out
// are valid only until the sink returns. Names and targets are binary strings. The case hack of macOS isn't applied.
// Trees deeper than 64 levels are refused, as C++ Nix 2.34 does in both directions.

import { binaryToBytes, concatBytes } from "./bytes.ts";
import { type Hash, type HashAlgo, Hasher } from "./hash.ts";
import { NarError } from "./errors.ts";

/** The first string of every NAR. */
export const NAR_MAGIC = "nix-archive-1";

/** How many levels of directories a NAR may have, counting the root. */
export const MAX_NAR_DEPTH = 64;

/** What a path is. "unknown" (sockets, devices, pipes) can't be archived, only filtered out. */
export type FileType = "regular" | "directory" | "symlink" | "unknown";

/** What an archive needs to know of a path before reading it. */
export interface NarStat {
  readonly type: FileType;
  /** Whether a regular file is executable by its owner. */
  readonly executable?: boolean;
}

/** A regular file's contents: whole, or in chunks that add up to `size` bytes. */
export type NarContents = Uint8Array | { readonly size: number; readonly chunks: Iterable<Uint8Array> };

/** A file tree to archive. Paths are the root as given to the writer, with "/name" appended for each level. */
export interface NarSource {
  /** Doesn't follow symlinks. */
  lstat(path: string): NarStat;
  /** The names in a directory, in any order, without "." and "..". */
  readDir(path: string): Iterable<string>;
  readLink(path: string): string;
  readFile(path: string): NarContents;
}

/** Which entries an archive takes, and how. */
export interface NarOptions {
  /** Called for each entry but the root; false leaves it out, with all below it. */
  readonly filter?: (path: string, stat: NarStat) => boolean;
}

/** Takes the next bytes of a stream. They are valid until it returns. */
export type ByteSink = (chunk: Uint8Array) => void;

/**
 * Writes the NAR of the tree at `root`.
 * @throws {NarError} if the tree is too deep, has a file of unknown type, or one whose size isn't as announced.
 */
export function writeNar(
  source: NarSource,
  root: string,
  options: NarOptions & { readonly sink: ByteSink },
): void {
  const out = new Output(options.sink);
  out.raw(TOKENS.magic);
  writeNode(source, { path: root, stat: source.lstat(root), depth: 0 }, options, out);
  out.flush();
}

/** Returns the hash (SHA-256 unless told) and the size in bytes of the NAR of the tree at `root`. */
export function hashNar(
  source: NarSource,
  root: string,
  options: NarOptions & { readonly algo?: HashAlgo } = {},
): { readonly hash: Hash; readonly size: number } {
  const { algo = "sha256", filter } = options;
  const hasher = new Hasher(algo);
  writeNar(source, root, { filter, sink: (chunk) => hasher.update(chunk) });
  return { hash: { algo, digest: hasher.digest() }, size: hasher.length };
}

/** Returns the NAR of the tree at `root` as one array. */
export function narBytes(source: NarSource, root: string, options: NarOptions = {}): Uint8Array {
  const chunks: Uint8Array[] = [];
  writeNar(source, root, { ...options, sink: (chunk) => void chunks.push(chunk.slice()) });
  return concatBytes(chunks);
}

/** A file tree in memory. */
export type FileTree =
  | { readonly type: "regular"; readonly executable: boolean; readonly contents: Uint8Array }
  | { readonly type: "symlink"; readonly target: string }
  | { readonly type: "directory"; readonly entries: ReadonlyMap<string, FileTree> };

/** Returns a source for a tree in memory, whose root is the path "". */
export function treeSource(tree: FileTree): NarSource {
  const find = <T extends FileTree["type"]>(path: string, type?: T): FileTree & { type: T } => {
    let node: FileTree | undefined = tree;
    for (const name of path.split("/").slice(1)) node = node?.type === "directory" ? node.entries.get(name) : undefined;
    if (node === undefined || (type !== undefined && node.type !== type)) {
      throw new NarError(`Cannot read "${path}": not a ${type ?? "file"} of the tree`);
    }
    return node as FileTree & { type: T };
  };
  return {
    lstat: (path) => find(path),
    readDir: (path) => find(path, "directory").entries.keys(),
    readLink: (path) => find(path, "symlink").target,
    readFile: (path) => find(path, "regular").contents,
  };
}

interface Node {
  readonly path: string;
  readonly stat: NarStat;
  readonly depth: number;
}

function writeNode(source: NarSource, node: Node, options: NarOptions, out: Output): void {
  const { path, stat, depth } = node;
  if (depth >= MAX_NAR_DEPTH) {
    throw new NarError(`path '${path}' exceeds maximum NAR directory depth of ${MAX_NAR_DEPTH}`);
  }
  switch (stat.type) {
    case "regular":
      out.raw(stat.executable ? TOKENS.executable : TOKENS.regular);
      writeContents(source.readFile(path), path, out);
      break;
    case "symlink":
      out.raw(TOKENS.symlink);
      out.string(source.readLink(path));
      break;
    case "directory":
      out.raw(TOKENS.directory);
      for (const name of [...source.readDir(path)].sort()) {
        const child = `${path}/${name}`;
        const childStat = source.lstat(child);
        if (options.filter && !options.filter(child, childStat)) continue;
        out.raw(TOKENS.entry);
        out.string(name);
        out.raw(TOKENS.node);
        writeNode(source, { path: child, stat: childStat, depth: depth + 1 }, options, out);
        out.raw(TOKENS.close);
      }
      break;
    case "unknown":
      throw new NarError(`file '${path}' has an unsupported type`);
  }
  out.raw(TOKENS.close);
}

function writeContents(contents: NarContents, path: string, out: Output): void {
  if (contents instanceof Uint8Array) {
    out.u64(contents.length);
    out.raw(contents);
    out.pad(contents.length);
    return;
  }
  out.u64(contents.size);
  let length = 0;
  for (const chunk of contents.chunks) {
    length += chunk.length;
    out.raw(chunk);
  }
  if (length !== contents.size) {
    throw new NarError(`Cannot archive "${path}": file has ${length} bytes where its size was ${contents.size}`);
  }
  out.pad(length);
}

const BUFFER_SIZE = 1 << 16;

/** Gathers small writes; hands large ones through. */
class Output {
  readonly #sink: ByteSink;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  #length = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    if (bytes.length > BUFFER_SIZE) {
      this.#sink(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  u64(value: number): void {
    this.#reserve(8);
    let at = this.#length;
    for (let rest = value, i = 0; i < 8; i++) {
      this.#buffer[at++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length = at;
  }

  string(text: string): void {
    this.u64(text.length);
    if (text.length > 4096) {
      this.raw(binaryToBytes(text));
    } else {
      this.#reserve(text.length);
      for (let i = 0; i < text.length; i++) this.#buffer[this.#length++] = text.charCodeAt(i);
    }
    this.pad(text.length);
  }

  pad(length: number): void {
    this.#reserve(8);
    for (let i = length; i % 8 !== 0; i++) this.#buffer[this.#length++] = 0;
  }

  flush(): void {
    if (this.#length > 0) this.#sink(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > BUFFER_SIZE) this.flush();
  }
}

function tokens(...texts: string[]): Uint8Array {
  let framed = "";
  for (const text of texts) {
    framed += String.fromCharCode(text.length) + "\0".repeat(7) + text + "\0".repeat((8 - text.length % 8) % 8);
  }
  return binaryToBytes(framed);
}

const TOKENS = {
  magic: tokens(NAR_MAGIC),
  regular: tokens("(", "type", "regular", "contents"),
  executable: tokens("(", "type", "regular", "executable", "", "contents"),
  symlink: tokens("(", "type", "symlink", "target"),
  directory: tokens("(", "type", "directory"),
  entry: tokens("entry", "(", "name"),
  node: tokens("node"),
  close: tokens(")"),
} as const;
