/** Errors of fetching (lib/fetch/errors.ts), as errors of the program. */
import { NO_POS } from "../syntax/positions.ts";
import { type ErrorKind, LibraryError, NixError } from "./errors.ts";

/** What is looked at of such an error. */
export interface FetchFailure extends Error {
  readonly code: string;
  /** Innermost first. */
  readonly frames: readonly string[];
}

const KINDS: Readonly<Record<string, ErrorKind>> = {
  input: "eval",
  usage: "usage",
  url: "eval",
  feature: "eval",
  unsupported: "unsupported",
};

/** Returns the error of the program that a failure to fetch is: wrong arguments are its own fault, all else is `fetch`. */
export function fetchNixError(failure: FetchFailure): NixError {
  if (failure.code === "library") return new LibraryError(failure.message);
  const error = new NixError(KINDS[failure.code] ?? "fetch", failure.message, NO_POS, { cause: failure });
  for (const frame of failure.frames) error.addPlacelessFrame(frame);
  return error;
}
