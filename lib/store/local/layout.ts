// Where things are in a store on disk, as C++ Nix has them below a root: contents in nix/store, everything else in
// nix/var/nix. The root is a place on the host; what the paths in the store say is `storeDir`, whatever the root.

import { utf8ToBinary } from "../../format/bytes.ts";
import { DEFAULT_STORE_DIR } from "../../format/store_path.ts";

/** The places of a store. Host paths are JavaScript strings. */
export interface StoreLayout {
  /** What store paths begin with. */
  readonly storeDir: string;
  /** Where the contents are on the host. */
  readonly realStoreDir: string;
  /** The same as a binary string, which the functions in files/ take. */
  readonly binaryStoreDir: string;
  readonly stateDir: string;
}

/** Returns the layout of a store below a root; for "/" that is the store of the host. */
export function layoutBelow(root: string, options: { readonly storeDir?: string } = {}): StoreLayout {
  const base = root.replace(/\/+$/, "");
  const { storeDir = DEFAULT_STORE_DIR } = options;
  const realStoreDir = `${base}${storeDir}`;
  return { storeDir, realStoreDir, binaryStoreDir: utf8ToBinary(realStoreDir), stateDir: `${base}/nix/var/nix` };
}
