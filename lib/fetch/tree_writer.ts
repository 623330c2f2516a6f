// Writing tree files (see tree_file.ts for the format).
//
// Entries come in any order, as archives have them: contents go to the file as they come, and what the tree looks like is
// kept in memory (about 150 bytes an entry) until the end. Paths are checked here, for every source alike: none may leave
// the tree or pass through something that isn't a directory. Where a path stands for several things, C++ Nix takes the last
// file, and a file rather than a symlink or a hard link, whichever comes first; what it makes of anything else depends on
// which of its threads is faster, and is refused.

import { binaryToBytes } from "../format/bytes.ts";
import { MAX_NAR_DEPTH } from "../format/nar.ts";
import { archiveError, FetchError, mark, reasonOf, unsupportedArchive } from "./errors.ts";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "./limits.ts";
import { DIRECTORY, EXECUTABLE, FILE, SYMLINK, TREE_END, TREE_MAGIC, TREE_TRAILER_BYTES } from "./tree_file.ts";

/** How a tree is written. */
export interface TreeWriterOptions {
  readonly limits?: TreeLimits;
}

/** What was written. */
export interface TreeSummary {
  /** Files, directories and symlinks, the root not counted. */
  readonly entries: number;
  /** Contents of files, in bytes. */
  readonly bytes: number;
}

interface FileNode {
  readonly kind: typeof FILE | typeof EXECUTABLE;
  readonly offset: number;
  size: number;
}

interface LinkNode {
  readonly kind: typeof SYMLINK;
  readonly target: string;
}

interface DirectoryNode {
  readonly kind: typeof DIRECTORY;
  readonly children: Map<string, Node>;
}

type Node = FileNode | LinkNode | DirectoryNode;

const BUFFER_BYTES = 1 << 20;
const MAX_NAME_BYTES = 255;
const MAX_TARGET_BYTES = 4095;

/** Writes a tree file. To be ended by `finish` or `abandon`. */
export class TreeWriter {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #limits: TreeLimits;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #buffered = 0;
  #length = 0;
  #bytes = 0;
  #entries = 0;
  #root: Node = { kind: DIRECTORY, children: new Map() };
  #current: { readonly path: string; readonly node: FileNode } | undefined;
  /** Targets by paths. */
  readonly #hardLinks = new Map<string, string>();

  /** Creates the file, which must not exist yet. */
  constructor(path: string, options: TreeWriterOptions = {}) {
    this.path = path;
    this.#limits = options.limits ?? DEFAULT_TREE_LIMITS;
    this.#file = Deno.openSync(path, { write: true, createNew: true });
    this.#write(TREE_MAGIC);
  }

  /** How many bytes of contents were written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a directory, which may be there already. */
  directory(path: string): void {
    this.#endFile();
    const present = this.#find(path);
    if (present !== undefined && present.kind !== DIRECTORY) throw ambiguous(path);
    this.#makeDirectory(splitPath(path), path);
  }

  /** Adds a symlink. Its target is kept as it is, wherever it leads. */
  symlink(path: string, target: string): void {
    this.#endFile();
    if (target === "" || target.length > MAX_TARGET_BYTES || target.includes("\0")) {
      throw archiveError(`symlink "${path}" has an invalid target`);
    }
    this.#put(path, { kind: SYMLINK, target });
  }

  /** Adds a file, whose contents follow. An empty path makes the file the root itself. */
  file(path: string, options: { readonly executable: boolean }): void {
    this.#endFile();
    const node: FileNode = { kind: options.executable ? EXECUTABLE : FILE, offset: this.#length, size: 0 };
    this.#current = { path, node };
  }

  /** Adds contents to the file added last. The chunk isn't kept. */
  contents(chunk: Uint8Array): void {
    if (this.#current === undefined) throw archiveError("contents outside of a file");
    this.#current.node.size += chunk.length;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.maxBytes) {
      throw archiveError(`it holds more than ${this.#limits.maxBytes} bytes (see max-unpacked-size)`);
    }
    this.#write(chunk);
  }

  /** Adds another name for a file that may come later. If anything else has that name, this is nothing. */
  hardLink(path: string, target: string): void {
    this.#endFile();
    splitPath(path);
    splitPath(target);
    this.#hardLinks.set(path, target);
  }

  /** Closes the file and removes it. */
  abandon(): void {
    try {
      this.#file.close();
    } catch {
      // It was closed already.
    }
    try {
      Deno.removeSync(this.path);
    } catch (e) {
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
  }

  /**
   * Completes the file and, unless `sync` is false, starts to write it to disk; `synced` is done when it is closed.
   * `stripTop` makes the only entry of the root the root if it is a directory, as C++ Nix does with archives.
   */
  finish(
    options: { readonly stripTop?: boolean; readonly sync?: boolean } = {},
  ): TreeSummary & { readonly synced: Promise<void> } {
    this.#endFile();
    // In the order of C++ Nix: a link to a link needs that one to be there.
    for (const [path, target] of [...this.#hardLinks].sort(([a], [b]) => comparePaths(a, b))) this.#link(path, target);
    let root = this.#root;
    if (options.stripTop && root.kind === DIRECTORY && root.children.size === 1) {
      const [only] = root.children.values();
      if (only.kind === DIRECTORY) {
        root = only;
        this.#entries--;
      }
    }
    const encoded = this.#encode("", root);
    const rootAt = this.#length;
    this.#write(encoded);
    const trailer = new Uint8Array(TREE_TRAILER_BYTES);
    const view = new DataView(trailer.buffer);
    view.setBigUint64(0, BigInt(rootAt), true);
    view.setBigUint64(8, BigInt(this.#entries), true);
    view.setBigUint64(16, BigInt(this.#length + TREE_TRAILER_BYTES), true);
    trailer.set(TREE_END, 24);
    this.#write(trailer);
    this.#flush();
    const file = this.#file;
    const synced = (async () => {
      try {
        if (options.sync ?? true) await file.syncData();
      } finally {
        file.close();
      }
    })();
    return { entries: this.#entries, bytes: this.#bytes, synced };
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of splitPath(path)) node = node?.kind === DIRECTORY ? node.children.get(name) : undefined;
    return node;
  }

  #link(path: string, target: string): void {
    const node = this.#find(target);
    if (node === undefined || node.kind === DIRECTORY) {
      const message = node === undefined
        ? mark`path '${`/${target}`}' does not exist`
        : "cannot create a hard link to a directory";
      const frame = mark`while creating a hard link from '${`/${path}`}' to '${`/${target}`}'`;
      throw new FetchError("archive", message).addFrame(frame);
    }
    if (this.#find(path) === undefined) this.#put(path, node);
  }

  #makeDirectory(names: readonly string[], path: string): DirectoryNode {
    let at = this.#root;
    if (at.kind !== DIRECTORY) throw archiveError(`"${path}" lies below a file`);
    for (const name of names) {
      let next: Node | undefined = at.children.get(name);
      if (next === undefined) {
        this.#count();
        next = { kind: DIRECTORY, children: new Map() };
        at.children.set(name, next);
      } else if (next.kind !== DIRECTORY) {
        throw archiveError(`"${path}" passes through "${name}", which is not a directory`);
      }
      at = next;
    }
    return at;
  }

  #put(path: string, node: FileNode | LinkNode): void {
    const names = splitPath(path);
    if (names.length === 0) {
      if (this.#root.kind !== DIRECTORY || this.#root.children.size > 0) throw archiveError("its root is two things");
      this.#root = node;
      return;
    }
    const name = names.pop()!;
    const { children } = this.#makeDirectory(names, path);
    const present = children.get(name);
    if (present === undefined) this.#count();
    else if (!replaces(node, present, path)) return;
    children.set(name, node);
  }

  #count(): void {
    if (++this.#entries > this.#limits.maxEntries) {
      throw archiveError(`it holds more than ${this.#limits.maxEntries} files (see max-unpacked-entries)`);
    }
  }

  #endFile(): void {
    if (this.#current === undefined) return;
    const { path, node } = this.#current;
    this.#current = undefined;
    this.#put(path, node);
  }

  /** Writes the directories below a node and returns the entry for the node itself. */
  #encode(name: string, node: Node): Uint8Array {
    if (node.kind !== DIRECTORY) return encodeEntry(name, node);
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const child of [...node.children.keys()].sort()) {
      const part = this.#encode(child, node.children.get(child)!);
      parts.push(part);
      length += part.length;
    }
    const offset = this.#length;
    for (const part of parts) this.#write(part);
    return encodeEntry(name, { kind: DIRECTORY, offset, length });
  }

  #write(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const large = bytes.length > BUFFER_BYTES / 4;
    if (large || this.#buffered + bytes.length > BUFFER_BYTES) this.#flush();
    if (large) return writeAll(this.#file, bytes);
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered += bytes.length;
  }

  #flush(): void {
    if (this.#buffered > 0) writeAll(this.#file, this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}

/** Compares paths name by name. */
function comparePaths(a: string, b: string): number {
  const [x, y] = [a, b].map((path) => path.replaceAll("/", "\0"));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whether something takes the place of what is there at its path. */
function replaces(node: FileNode | LinkNode, present: Node, path: string): boolean {
  const isAmbiguous = node.kind === SYMLINK && present.kind === SYMLINK && node.target !== present.target;
  if (present.kind === DIRECTORY || isAmbiguous) throw ambiguous(path);
  return node.kind !== SYMLINK;
}

function ambiguous(path: string): FetchError {
  return unsupportedArchive(`it holds "${path}" twice`);
}

/**
 * Returns the names in a path; none for the root ("./").
 * @throws {FetchError} for paths that are absolute, hold "..", or have names that no archive may have.
 */
function splitPath(path: string): string[] {
  if (path[0] === "/") throw archiveError(`path "${path}" is absolute`);
  if (path.includes("\0")) throw archiveError("a path holds a NUL byte");
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") throw archiveError(`path "${path}" leads out of the archive`);
    if (name.length > MAX_NAME_BYTES) throw archiveError(`a name in "${path}" is longer than ${MAX_NAME_BYTES} bytes`);
    names.push(name);
  }
  // One level more than the tree may have: the top directory is often stripped.
  if (names.length > MAX_NAR_DEPTH) throw archiveError(`path "${path}" is deeper than ${MAX_NAR_DEPTH} levels`);
  return names;
}

function encodeEntry(
  name: string,
  node: FileNode | LinkNode | { readonly kind: typeof DIRECTORY; readonly offset: number; readonly length: number },
): Uint8Array {
  const tail = node.kind === DIRECTORY ? 12 : node.kind === SYMLINK ? 2 + node.target.length : 16;
  const bytes = new Uint8Array(3 + name.length + tail);
  const view = new DataView(bytes.buffer);
  bytes[0] = node.kind;
  view.setUint16(1, name.length, true);
  writeChars(bytes, 3, name);
  const at = 3 + name.length;
  if (node.kind === SYMLINK) {
    view.setUint16(at, node.target.length, true);
    writeChars(bytes, at + 2, node.target);
  } else {
    view.setUint32(at, node.offset, true);
    view.setUint32(at + 4, Math.floor(node.offset / 2 ** 32), true);
    if (node.kind === DIRECTORY) {
      view.setUint32(at + 8, node.length, true);
    } else {
      view.setUint32(at + 8, node.size, true);
      view.setUint32(at + 12, Math.floor(node.size / 2 ** 32), true);
    }
  }
  return bytes;
}

function writeChars(bytes: Uint8Array, at: number, text: string): void {
  if (text.length > 64) bytes.set(binaryToBytes(text), at);
  else for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  } catch (e) {
    throw cannotWrite(e);
  }
}

/** Returns the error of a disk that is full, and the like. */
export function cannotWrite(error: unknown): FetchError {
  return new FetchError("cache", `Cannot write to the fetch cache: ${reasonOf(error)}`, { cause: error });
}
