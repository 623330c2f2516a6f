// Checking a store on disk: that everything valid is there, unchanged, with all it refers to.

import { equalHashes, printHash } from "../../format/hash.ts";
import { hashNar } from "../../format/nar.ts";
import { type StorePath, storePathBaseName } from "../../format/store_path.ts";
import { HOST_TREE, hostStat } from "../files/host_tree.ts";
import type { LocalStore } from "../local.ts";

/** Something wrong with a valid path. */
export interface StoreProblem {
  readonly path: StorePath;
  /** A sentence without period. */
  readonly message: string;
}

/** Yields what is wrong, path by path; with `contents`, after reading everything. */
export function* verifyStore(
  store: LocalStore,
  options: { readonly contents?: boolean; readonly onPath?: (path: StorePath) => void } = {},
): Generator<StoreProblem, void> {
  const { layout, database } = store;
  for (const path of database.paths()) {
    options.onPath?.(path);
    const real = `${layout.binaryStoreDir}/${storePathBaseName(path)}`;
    const stat = hostStat(real);
    if (stat === undefined) {
      yield { path, message: `"${path}" is valid but gone` };
      continue;
    }
    if (!options.contents) continue;
    const info = database.info(path);
    if (info?.narHash === undefined) continue;
    const { hash, size } = hashNar(HOST_TREE, real);
    if (!equalHashes(hash, info.narHash)) {
      const [wanted, got] = [info.narHash, hash].map((hash) => printHash(hash, "nix32", { prefix: true }));
      yield { path, message: `"${path}" was modified: hash is "${got}", should be "${wanted}"` };
    } else if (info.narSize !== undefined && info.narSize !== size) {
      yield { path, message: `"${path}" has a NAR of ${size} bytes where ${info.narSize} are registered` };
    }
  }
}
