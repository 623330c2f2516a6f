// The store of evaluations that only want to know store paths: nothing is ever put into it. What another one has can be read.

import { DEFAULT_STORE_DIR, type StorePath } from "../format/store_path.ts";
import type { PathInfo, Store } from "./store.ts";

/** A store as one that is only read. */
export type ReadableStore = Pick<Store, "isValid" | "queryPathInfo" | "realPath">;

/** A store that takes everything and keeps nothing. */
export class ComputeOnlyStore implements Store {
  readonly storeDir: string;
  readonly #reads: ReadableStore | undefined;

  /** `reads` is asked what is there; nothing is unless given. */
  constructor(options: { readonly storeDir?: string; readonly reads?: ReadableStore } = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
    this.#reads = options.reads;
  }

  isValid(path: StorePath): boolean {
    return this.#reads?.isValid(path) ?? false;
  }

  queryPathInfo(path: StorePath): PathInfo | undefined {
    return this.#reads?.queryPathInfo(path);
  }

  realPath(path: StorePath): string | undefined {
    return this.#reads?.realPath(path);
  }

  /** What is there is read as a file. */
  readFile(): Uint8Array | undefined {
    return undefined;
  }

  addText(): void {}

  addSource(): void {}
}
