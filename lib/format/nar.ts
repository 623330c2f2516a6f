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
  /** The target of a symlink, as it is written. */
  readLink(path: string): string;
  /** The contents of a regular file, as many bytes as {@link NarSource.lstat} said. */
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
  for (const chunk of narChunks(source, root, options)) options.sink(chunk);
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

/**
 * Returns a source for a tree in memory, whose root is the path "". It throws a {@link NarError} for names and targets that no
 * archive may have, or that are no binary strings.
 */
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
    readDir(path) {
      const names = [...find(path, "directory").entries.keys()];
      const wrong = names.find((name) => name === "." || name === ".." || !isFileText(name) || name.includes("/"));
      if (wrong !== undefined) throw new NarError(`Cannot archive "${path}": invalid file name "${wrong}"`);
      return names;
    },
    readLink(path) {
      const { target } = find(path, "symlink");
      if (!isFileText(target)) throw new NarError(`Cannot archive "${path}": invalid symlink target "${target}"`);
      return target;
    },
    readFile: (path) => find(path, "regular").contents,
  };
}

/** Whether a host could have it: bytes, and at least one, but for NUL. */
function isFileText(text: string): boolean {
  return text !== "" && !text.includes("\0") && !/[^\0-\xff]/.test(text);
}

/**
 * Yields the NAR of the tree at `root` in chunks, each valid until the next one is asked for. Nothing is read before it is
 * due, so whoever takes the chunks sets the pace.
 * @throws {NarError} as {@link writeNar} does.
 */
export function* narChunks(source: NarSource, root: string, options: NarOptions = {}): Generator<Uint8Array, void> {
  // Not `using`: a single one is a syntax error for the whole program in browsers that don't know it.
  const out = Output.borrow();
  try {
    yield* nodeChunks(source, root, { ...options, out });
  } finally {
    out.giveBack();
  }
}

function* nodeChunks(
  source: NarSource,
  root: string,
  { filter, out }: NarOptions & { readonly out: Output },
): Generator<Uint8Array, void> {
  // One loop and a stack: delegating to a generator for each node costs more than the node.
  const open: { readonly path: string; readonly names: readonly string[]; next: number }[] = [];
  let path = root;
  let stat = source.lstat(root);
  out.raw(TOKENS.magic);
  for (;;) {
    if (open.length >= MAX_NAR_DEPTH) {
      throw new NarError(`path '${path}' exceeds maximum NAR directory depth of ${MAX_NAR_DEPTH}`);
    }
    if (out.isNearlyFull) yield out.take();
    switch (stat.type) {
      case "regular":
        out.raw(stat.executable ? TOKENS.executable : TOKENS.regular);
        yield* contentsChunks(source.readFile(path), path, out);
        out.raw(open.length === 0 ? TOKENS.close : TOKENS.closeEntry);
        break;
      case "symlink":
        out.raw(TOKENS.symlink);
        out.string(source.readLink(path));
        out.raw(open.length === 0 ? TOKENS.close : TOKENS.closeEntry);
        break;
      case "directory":
        out.raw(TOKENS.directory);
        open.push({ path, names: [...source.readDir(path)].sort(), next: 0 });
        break;
      case "unknown":
        throw new NarError(`file '${path}' has an unsupported type`);
    }
    for (;;) {
      const directory = open.at(-1);
      if (directory === undefined) {
        yield out.take();
        return;
      }
      if (out.isNearlyFull) yield out.take();
      if (directory.next === directory.names.length) {
        open.pop();
        out.raw(open.length === 0 ? TOKENS.close : TOKENS.closeEntry);
        continue;
      }
      const name = directory.names[directory.next++];
      path = directory.path === "/" ? `/${name}` : `${directory.path}/${name}`;
      stat = source.lstat(path);
      if (filter && !filter(path, stat)) continue;
      out.raw(TOKENS.entry);
      out.string(name);
      out.raw(TOKENS.node);
      break;
    }
  }
}

function* contentsChunks(contents: NarContents, path: string, out: Output): Generator<Uint8Array, void> {
  const size = contents instanceof Uint8Array ? contents.length : contents.size;
  out.u64(size);
  let length = 0;
  for (const chunk of contents instanceof Uint8Array ? [contents] : contents.chunks) {
    length += chunk.length;
    if (out.takes(chunk.length)) {
      out.raw(chunk);
    } else {
      if (!out.isEmpty) yield out.take();
      yield chunk;
    }
  }
  if (length !== size) {
    throw new NarError(`Cannot archive "${path}": file has ${length} bytes where its size was ${size}`);
  }
  out.pad(length);
}

/** Returns what comes before and after the contents of a regular file of `size` bytes in a NAR of only that file. */
export function fileNarFrame(size: number): { readonly head: Uint8Array; readonly tail: Uint8Array } {
  const head = new Uint8Array(FILE_HEAD.length + 8);
  head.set(FILE_HEAD);
  new DataView(head.buffer).setBigUint64(FILE_HEAD.length, BigInt(size), true);
  const tail = new Uint8Array((8 - size % 8) % 8 + TOKENS.close.length);
  tail.set(TOKENS.close, tail.length - TOKENS.close.length);
  return { head, tail };
}

const BUFFER_SIZE = 1 << 16;
/** Room that is kept in the buffer for tokens and names. */
const RESERVE = 1 << 13;

/** Gathers small writes. */
class Output {
  /** The buffer of an archive that has been written, for the next one: most are small, and there are many. */
  static #spare: Uint8Array | null = null;

  #buffer: Uint8Array;
  #length = 0;

  private constructor(buffer: Uint8Array) {
    this.#buffer = buffer;
  }

  /** Returns an empty one; give it back when nothing of what it gave is needed any longer. */
  static borrow(): Output {
    const buffer = Output.#spare ?? new Uint8Array(BUFFER_SIZE);
    Output.#spare = null;
    return new Output(buffer);
  }

  giveBack(): void {
    if (this.#buffer.length === BUFFER_SIZE) Output.#spare = this.#buffer;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get isNearlyFull(): boolean {
    return this.#length > BUFFER_SIZE - RESERVE;
  }

  /** Whether so many bytes more fit in the buffer, with room for what may follow them. */
  takes(bytes: number): boolean {
    return this.#length + bytes <= BUFFER_SIZE - RESERVE / 2;
  }

  raw(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  u64(value: number): void {
    let at = this.#length;
    for (let rest = value, i = 0; i < 8; i++) {
      this.#buffer[at++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length = at;
  }

  string(text: string): void {
    // A host has no such names and targets; a tree in memory may.
    if (text.length > RESERVE / 4) this.#grow(text.length);
    this.u64(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#length++] = text.charCodeAt(i);
    this.pad(text.length);
  }

  pad(length: number): void {
    for (let i = length; i % 8 !== 0; i++) this.#buffer[this.#length++] = 0;
  }

  /** Returns what was gathered, valid until more is written. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #grow(bytes: number): void {
    const grown = new Uint8Array(this.#buffer.length + bytes + RESERVE);
    grown.set(this.#buffer);
    this.#buffer = grown;
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
  closeEntry: tokens(")", ")"),
} as const;

const FILE_HEAD = concatBytes([TOKENS.magic, TOKENS.regular]);
