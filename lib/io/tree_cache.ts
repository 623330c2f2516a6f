// Images of syntax trees (lib/syntax/image.ts) on disk: parsing is what a small evaluation of a large package set spends most
// of its time on, and the files are the same every time.
//
// One file for each image, named by a hash of everything its tree is made from, the text itself included: nothing has to be
// checked when one is found, and none is ever wrong, only unused. Behind the image are 16 hex digits of its own hash. Files are
// written aside and renamed, so several processes may write at once and one may be killed. It is a cache and nothing more:
// what can't be read or written is left out.

import type { TreeCache, TreePack } from "../runtime/tree_cache.ts";
import { hashHex } from "../format/hash.ts";
import { binaryToBytes, concatBytes, equalBytes, utf8ToBinary } from "../format/bytes.ts";
import { DENO_CALLS } from "./_deno_calls.ts";
import type { FileCalls } from "./_file_calls.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { FileTreePack, remove } from "./tree_pack.ts";

/** In bytes. */
const SUM_LENGTH = 16;
/** Images in one of the 256 folders before old ones are thrown away, and after. */
const MOST = 160;
const FEWER = 96;
/** In hex digits. */
const PACK_NAME_LENGTH = 32;

/** A cache in a folder. */
export interface FolderTreeCache extends TreeCache {
  /** Keeps what packs were given: to be called when evaluation is over. */
  close(): void;
}

/**
 * Returns a cache in a folder (as text, not as a binary string), which is made when there is something to keep. `program`
 * tells devix's versions apart.
 */
export function treeCache(folder: string, program: string): FolderTreeCache {
  return new DirectoryTreeCache(folder, program);
}

// Nothing is loaded or hashed before there is a file: hashing takes 10 ms to load, libc 2.
class DirectoryTreeCache implements FolderTreeCache {
  readonly #folder: string;
  readonly #program: string;
  #programHash?: string;
  #writable = true;
  #written = 0;
  readonly #packs: FileTreePack[] = [];

  constructor(folder: string, program: string) {
    this.#folder = folder;
    this.#program = program;
  }

  get #calls(): FileCalls {
    return loadPosixCalls() ?? DENO_CALLS;
  }

  key(contents: Uint8Array, context: string): string {
    const program = this.#programHash ??= hashHex("sha256", this.#program);
    return hashHex("sha256", `${program}\0${hashHex("sha256", contents)}\0${context}`);
  }

  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    const path = utf8ToBinary(this.#path(key));
    try {
      const stat = this.#calls.lstat(path);
      if (stat?.type !== "regular" || stat.size <= SUM_LENGTH) return undefined;
      const bytes = this.#calls.readFile(path, stat.size) as Uint8Array<ArrayBuffer>;
      const image = bytes.subarray(0, -SUM_LENGTH);
      return equalBytes(sumOf(image), bytes.subarray(-SUM_LENGTH)) ? image : undefined;
    } catch {
      return undefined;
    }
  }

  put(key: string, image: Uint8Array): void {
    if (!this.#writable) return;
    const path = this.#path(key);
    const aside = `${path}.${Deno.pid}-${this.#written++}`;
    try {
      this.#write(aside, concatBytes([image, sumOf(image)]));
      Deno.renameSync(aside, path);
      if (this.#written % 32 === 1) prune(path.slice(0, path.lastIndexOf("/")));
    } catch {
      // A full disk, a folder that isn't ours: the next file would fare no better.
      this.#writable = false;
      remove(aside);
    }
  }

  openPack(first: string, context: string): TreePack {
    const owner = `${this.#program}\0${context}\0${first}`;
    const name = hashHex("sha256", owner).slice(0, PACK_NAME_LENGTH);
    const pack = new FileTreePack(`${this.#folder}/packs/${name}`, owner, this.#calls);
    this.#packs.push(pack);
    return pack;
  }

  close(): void {
    for (const pack of this.#packs.splice(0)) pack.close();
  }

  #write(path: string, bytes: Uint8Array): void {
    try {
      Deno.writeFileSync(path, bytes, { createNew: true });
    } catch (e) {
      if (!(e instanceof Deno.errors.NotFound)) throw e;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeFileSync(path, bytes, { createNew: true });
    }
  }

  #path(key: string): string {
    return `${this.#folder}/${key.slice(0, 2)}/${key.slice(2)}`;
  }
}

function sumOf(image: Uint8Array): Uint8Array {
  return binaryToBytes(hashHex("sha256", image).slice(0, SUM_LENGTH));
}

/** Keeps a folder from growing for ever: the oldest go first, and with them whatever was left behind by a kill. */
function prune(folder: string): void {
  const files = [...Deno.readDirSync(folder)];
  if (files.length <= MOST) return;
  const dated = files.map(({ name }) => ({ path: `${folder}/${name}`, time: timeOf(`${folder}/${name}`) }));
  dated.sort((a, b) => b.time - a.time);
  for (const { path } of dated.slice(FEWER)) remove(path);
}

function timeOf(path: string): number {
  try {
    return Deno.lstatSync(path).mtime?.getTime() ?? 0;
  } catch {
    return 0;
  }
}
