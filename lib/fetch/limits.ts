// How much fetched trees and archives may hold.

/** Bounds of a tree. */
export interface TreeLimits {
  /** Contents of all files together, in bytes. */
  readonly maxBytes: number;
  /** Files, directories and symlinks together. */
  readonly maxEntries: number;
}

/** Bounds of an archive. */
export interface UnpackLimits extends TreeLimits {
  /** How many times larger than the archive its contents may be. */
  readonly maxRatio: number;
  /** Contents up to this many bytes may be of any ratio. */
  readonly anyRatioBytes: number;
}

/** 16 GiB; a million entries (150 MB of memory). */
export const DEFAULT_TREE_LIMITS: TreeLimits = { maxBytes: 2 ** 34, maxEntries: 1 << 20 };

/** No honest archive comes near the ratio: text compresses 3 to 30 times, zeros 230 to 1,000 times and more. */
export const DEFAULT_UNPACK_LIMITS: UnpackLimits = { ...DEFAULT_TREE_LIMITS, maxRatio: 100, anyRatioBytes: 2 ** 30 };
