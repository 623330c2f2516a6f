// The store of evaluations that only want to know store paths: nothing is ever in it.

import { DEFAULT_STORE_DIR } from "../format/store_path.ts";
import type { PathInfo, Store } from "./store.ts";

/** A store that takes everything and keeps nothing. */
export class ComputeOnlyStore implements Store {
  readonly storeDir: string;

  constructor(options: { readonly storeDir?: string } = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
  }

  isValid(): boolean {
    return false;
  }

  queryPathInfo(): PathInfo | undefined {
    return undefined;
  }

  realPath(): string | undefined {
    return undefined;
  }

  readFile(): Uint8Array | undefined {
    return undefined;
  }

  addText(): void {}

  addSource(): void {}
}
