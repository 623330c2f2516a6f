// The errors of this library. All say that data is wrong (never that the host or the program is), so a caller can turn
// them into its own kind by `instanceof FormatError`. Where C++ Nix lets a message through to the language (hashes, store
// path names, derivation outputs) the text is Nix's, byte for byte, as builtins surface it; the rest follow
// `Cannot parse X "…": reason`.

/** Data that isn't in the format it should be in. */
export class FormatError extends Error {
  override name = "FormatError";
}

/** A hash, hash algorithm or hash format that can't be read (C++ Nix: BadHash). */
export class HashError extends FormatError {
  override name: string = "HashError";
}

/** A name that is no hash algorithm or hash format (C++ Nix: UsageError). */
export class HashNameError extends HashError {
  override name = "HashNameError";
}

/** A string that isn't a store path, or not one in the expected store directory (C++ Nix: BadStorePath). */
export class StorePathError extends FormatError {
  override name = "StorePathError";
}

/** A string that can't be the name part of a store path (C++ Nix: BadStorePathName). */
export class StorePathNameError extends StorePathError {
  override name = "StorePathNameError";
}

/** A derivation that can't be parsed, or whose parts contradict each other. */
export class DerivationError extends FormatError {
  override name = "DerivationError";
}

/** Bytes that aren't a Nix archive, or a tree that can't be put into one. */
export class NarError extends FormatError {
  override name = "NarError";
}

/** A narinfo or signature that can't be read. */
export class NarInfoError extends FormatError {
  override name = "NarInfoError";
}

/** Bytes that break the framing of the worker protocol or of an export stream. */
export class WireError extends FormatError {
  override name = "WireError";
}

/** Fewer bytes than the format announces. */
export class TruncatedError extends WireError {
  override name = "TruncatedError";
  constructor(
    /** Bytes needed from `offset` on. */
    readonly wanted: number,
    /** Bytes present from `offset` on. */
    readonly got: number,
    /** Where the read began, in bytes from the start of the stream. */
    readonly offset: number,
  ) {
    super(`Cannot read ${wanted} bytes at offset ${offset}: input ends after ${got}`);
  }
}
