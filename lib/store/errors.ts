// What goes wrong with a store or on the way to it: the host or a daemon is at fault, not the program that is evaluated.
//
// Each message is made by one function here and names what was to be done, with which path, in which store. Messages are binary
// strings.

import { utf8ToBinary } from "../format/bytes.ts";
import { hostReason } from "../host_reason.ts";

/** Something went wrong with a store. */
export class StoreError extends Error {
  override name = "StoreError";
  /** The store path or file it is about, if there is one. */
  readonly path?: string;

  constructor(message: string, options: { readonly cause?: unknown; readonly path?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if (options.path !== undefined) this.path = options.path;
  }

  /** What is kept when the error leaves a worker. */
  toJSON(): unknown {
    return { path: this.path };
  }
}

/** Returns what strerror says of a failed call of the host's. @throws what is no failed call */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return hostReason(error).toLowerCase();
}

/** Returns the error of a system call with a path of the host: `Cannot write file "…": disk full`. */
export function hostFailed(action: string, path: string, cause: unknown): StoreError {
  return fileFailed(action, utf8ToBinary(path), cause);
}

/** The same with a path that is a binary string, as the functions in files/ take it. */
export function fileFailed(action: string, path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError(`Cannot ${action} "${path}": ${reasonOf(cause)}`, { cause, path });
}

/** Returns the error of a file that is neither file, directory nor symlink. */
export function unsupportedFile(path: string): StoreError {
  return new StoreError(`Cannot read "${path}": neither a file, a directory nor a symlink`, { path });
}

/** Returns the error of a path whose contents can't be read where they come from. */
export function cannotRead(path: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError(`Cannot add "${path}": ${reason}`, { cause, path });
}

/** Returns the error of a path that isn't valid. */
export function notValid(path: string): StoreError {
  return new StoreError(`Cannot find "${path}": not a valid path of the store`, { path });
}

/** Returns the error of an object whose references aren't all valid. */
export function danglingReference(path: string, reference: string): StoreError {
  return new StoreError(`Cannot add "${path}": it refers to "${reference}", which is not valid`, { path });
}

/** Returns the error of contents that aren't what their path says. */
export function wrongContents(path: string, wanted: string, got: string): StoreError {
  return new StoreError(`Cannot add "${path}": contents hash to "${got}", not "${wanted}"; did they change?`, { path });
}

/** Returns the error of an action that the store failed, with its own words. */
export function storeFailed(action: string, reason: string, cause?: unknown): StoreError {
  return new StoreError(`Cannot ${action}: ${reason}`, { cause });
}

/** Returns the error of a store that gave what was added another path than the one it should have. */
export function wrongPath(path: string, got: string): StoreError {
  return new StoreError(`Cannot add "${path}": the store says that its path is "${got}"`, { path });
}

/** Returns the error of a path that was added and has gone when the connection that kept it was lost. */
export function collectedMeanwhile(path: string): StoreError {
  return new StoreError(`Cannot keep "${path}": the connection to the Nix daemon was lost, and the path collected`, {
    path,
  });
}
