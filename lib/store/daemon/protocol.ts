// The numbers of Nix's worker protocol (libstore/worker-protocol.hh of C++ Nix 2.34).
//
// A version is written as major << 8 | minor; the major is 1 and this library speaks minors 25 (Nix 2.4) to 38 (Nix 2.34).
// Both sides then go by the lower of their minors.

/** What a client says first. */
export const CLIENT_MAGIC = 0x6e697863;
/** What a daemon answers. */
export const SERVER_MAGIC = 0x6478696f;

/** The version spoken here. */
export const PROTOCOL_VERSION = 1 << 8 | 38;
/** The lowest minor spoken here. */
export const MIN_MINOR = 25;

/** Operations, of those there are. */
export const OP = {
  isValidPath: 1,
  queryReferrers: 6,
  addToStore: 7,
  addTextToStore: 8,
  addTempRoot: 11,
  addIndirectRoot: 12,
  setOptions: 19,
  collectGarbage: 20,
  queryAllValidPaths: 23,
  queryPathInfo: 26,
  queryValidPaths: 31,
  verifyStore: 35,
  narFromPath: 38,
  addToStoreNar: 39,
  addMultipleToStore: 44,
} as const;

/** What a daemon may send while it works, before the result. */
export const STDERR = {
  /** A log line. */
  next: 0x6f6c6d67,
  /** It wants data (not used since 1.23). */
  read: 0x64617461,
  /** It has data (not used by the operations here). */
  write: 0x64617416,
  /** The work is done; the result follows. */
  last: 0x616c7473,
  /** The work failed; nothing follows. */
  error: 0x63787470,
  startActivity: 0x53545254,
  stopActivity: 0x53544f50,
  result: 0x52534c54,
} as const;

/** From which minor on something is so. */
export const SINCE = {
  /** Errors have a level and traces. */
  structuredErrors: 26,
  /** queryValidPaths says whether to substitute. */
  substituteFlag: 27,
  addMultipleToStore: 32,
  /** The daemon names its version. */
  daemonVersion: 33,
  /** The daemon says whether it trusts the client. */
  trust: 35,
  /** Lists of features are exchanged. */
  features: 38,
} as const;
