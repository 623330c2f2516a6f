// A store in memory: for tests and for evaluation without a host. Holds whole NARs.

import { binaryToBytes, concatBytes } from "../format/bytes.ts";
import { equalHashes, type Hash, hashOf, printHash } from "../format/hash.ts";
import { type FileTree, narBytes, treeSource } from "../format/nar.ts";
import { narTree } from "../format/nar_reader.ts";
import { DEFAULT_STORE_DIR, type StorePath } from "../format/store_path.ts";
import { danglingReference, wrongContents } from "./errors.ts";
import type { PathInfo, SourceObject, Store, TextObject } from "./store.ts";

interface Entry {
  readonly info: PathInfo;
  readonly tree: FileTree;
}

/** A store that is gone with the process. */
export class MemoryStore implements Store {
  readonly storeDir: string;
  readonly #entries = new Map<StorePath, Entry>();

  constructor(options: { readonly storeDir?: string } = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
  }

  /** The valid paths in the order in which they became so. */
  paths(): Iterable<StorePath> {
    return this.#entries.keys();
  }

  /** Returns the contents of a valid path. */
  tree(path: StorePath): FileTree | undefined {
    return this.#entries.get(path)?.tree;
  }

  isValid(path: StorePath): boolean {
    return this.#entries.has(path);
  }

  queryPathInfo(path: StorePath): PathInfo | undefined {
    return this.#entries.get(path)?.info;
  }

  realPath(): string | undefined {
    return undefined;
  }

  readFile(path: StorePath): Uint8Array | undefined {
    const tree = this.tree(path);
    return tree?.type === "regular" ? tree.contents : undefined;
  }

  addText(object: TextObject): void {
    const { path, contents, references } = object;
    if (this.isValid(path)) return;
    const hash = hashOf("sha256", contents);
    this.#add({ path, references, ca: { method: "text", hash } }, file(binaryToBytes(contents)));
  }

  addSource(object: SourceObject): void {
    const { path, ca, references, dump } = object;
    if (this.isValid(path)) return;
    const chunks: Uint8Array[] = [];
    dump((chunk) => void chunks.push(chunk.slice()));
    const bytes = concatBytes(chunks);
    const hash = hashOf(ca.hash.algo, bytes);
    if (!equalHashes(hash, ca.hash)) throw wrongContents(path, printHash(ca.hash, "sri"), printHash(hash, "sri"));
    this.#add({ path, references, ca }, ca.method === "nar" ? narTree(bytes) : file(bytes));
  }

  #add(info: PathInfo, tree: FileTree): void {
    for (const reference of info.references) {
      if (reference !== info.path && !this.#entries.has(reference)) throw danglingReference(info.path, reference);
    }
    const nar = narBytes(treeSource(tree), "");
    const narHash: Hash = hashOf("sha256", nar);
    this.#entries.set(info.path, { info: { ...info, narHash, narSize: nar.length }, tree });
  }
}

function file(contents: Uint8Array): FileTree {
  return { type: "regular", executable: false, contents };
}
