// What evaluation needs of a store.
//
// Store paths are computed by whoever has the contents (lib/format): a store is told the path and takes the caller's word
// for it. So the same evaluation gives the same paths with every store, and one that only computes has nothing to do.
// All is synchronous; implementations that talk to a daemon or write files are in this folder too.

import type { ByteSink } from "../format/nar.ts";
import type { ContentAddress } from "../format/content_address.ts";
import type { Hash } from "../format/hash.ts";
import type { StorePath } from "../format/store_path.ts";

/** What a store knows of a valid path. */
export interface PathInfo {
  readonly path: StorePath;
  /** Sorted; may hold the path itself. */
  readonly references: readonly StorePath[];
  /** SHA-256 of the NAR. */
  readonly narHash?: Hash;
  /** In bytes. */
  readonly narSize?: number;
  readonly ca?: ContentAddress;
  readonly deriver?: StorePath;
  /** Signatures of the path's fingerprint, `name:base64`. */
  readonly signatures?: readonly string[];
  /** Seconds since 1970. */
  readonly registrationTime?: number;
  /** Whether it was built here rather than fetched. */
  readonly ultimate?: boolean;
}

/** A file to be added whose path follows from its text and references: `builtins.toFile`, derivations. */
export interface TextObject {
  readonly path: StorePath;
  /** A binary string. */
  readonly contents: string;
  /** Must be valid already. */
  readonly references: readonly StorePath[];
}

/** A file or tree on the host, perhaps not all of it. */
export interface HostTree {
  /** Absolute, as a binary string. */
  readonly root: string;
  /** Paths below the root that don't belong to it, with all below them. */
  readonly leftOut: ReadonlySet<string>;
}

/** A file or tree to be added whose path follows from a hash of its contents. */
export interface SourceObject {
  readonly path: StorePath;
  readonly ca: ContentAddress;
  /** Must be valid already. */
  readonly references: readonly StorePath[];
  /** Bytes of what `dump` writes, if known. */
  readonly size?: number;
  /** Where `dump` reads, if that is a tree on the host that another thread can read as well. */
  readonly host?: HostTree;
  /** Writes the NAR, or for `ca.method` "flat" the bytes of the file. Reads them anew each time. */
  readonly dump: (sink: ByteSink) => void;
}

/** A store, as evaluation sees it. */
export interface Store {
  /** "/nix/store", whatever the place on the host. */
  readonly storeDir: string;
  /** Whether the path is there with all it refers to. */
  isValid(path: StorePath): boolean;
  /** Returns what is known of a path; undefined if it isn't valid. */
  queryPathInfo(path: StorePath): PathInfo | undefined;
  /**
   * Returns where on the host the contents of a path lie, if it is valid, which this doesn't say; undefined if at the path
   * itself, or not in files that can be read.
   */
  realPath(path: StorePath): string | undefined;
  /** Returns the bytes of a valid path that is a regular file; undefined if it isn't valid. */
  readFile(path: StorePath): Uint8Array | undefined;
  /** Makes the path valid, which it may be already. */
  addText(object: TextObject): void;
  /** Makes the path valid, which it may be already. */
  addSource(object: SourceObject): void;
}
