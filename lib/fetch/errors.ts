// What can go wrong while fetching: the data, the place it comes from, or how it was asked for.
//
// Errors are made in workers as well as on the caller's thread, so they are data: a code, a message, the frames that C++
// Nix adds around it ("while fetching the input '…'"). Where C++ Nix has a message for it the text is Nix's, and what Nix
// highlights stands between its escape codes (`mark`), as in errors of the language.
//
// No message may hold a secret: URLs go through {@link redactUrl} on their way into one.

import { utf8ToBinary } from "../format/bytes.ts";
import { hostFailure, hostReason } from "../host_reason.ts";

/** What kind of failure it is. */
export type FetchErrorCode =
  /** The arguments make no sense: attributes, lock files. */
  | "input"
  /** Like "input", but C++ Nix's front ends also point at their help (UsageError). */
  | "usage"
  /** What nlohmann's JSON library throws where C++ Nix makes no error of its own of it. */
  | "library"
  /** A string that isn't a URL, or not one of its kind (C++ Nix: BadURL). */
  | "url"
  /** An experimental feature is off. */
  | "feature"
  /** There is nothing of that name. */
  | "not-found"
  /** Not allowed to see it: credentials are missing or wrong. */
  | "forbidden"
  /** The network or the server is at fault. */
  | "network"
  /** Not in the cache, and the network isn't to be used. */
  | "offline"
  /** What came isn't what was expected; nothing is kept. */
  | "mismatch"
  /** The archive is malformed or hostile. */
  | "archive"
  /** A program (git, hg) failed or isn't there. */
  | "program"
  /** The cache can't be read or written. */
  | "cache"
  /** We can't do that. */
  | "unsupported"
  /** Somebody pressed ^C. */
  | "interrupted";

/** Something couldn't be fetched. Messages are binary strings. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: FetchErrorCode;
  /** What was going on, innermost first. */
  readonly frames: string[] = [];

  constructor(code: FetchErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Adds a frame around those there are and returns the error, to be thrown on. */
  addFrame(text: string): this {
    this.frames.push(text);
    return this;
  }

  /** What crosses from a worker, beside name and message. */
  toJSON(): { readonly code: FetchErrorCode; readonly frames: readonly string[] } {
    return { code: this.code, frames: this.frames };
  }
}

/** Returns the {@link FetchError} that crossed as its parts, or that stands for another error that did. */
export function reviveFetchError(failure: {
  readonly name: string;
  readonly message: string;
  readonly data?: unknown;
  readonly stack?: string;
}): FetchError {
  if (failure.name !== "FetchError") {
    return new FetchError("network", utf8ToBinary(hostFailure(failure.message)), { cause: failure.stack });
  }
  const { code, frames } = failure.data as ReturnType<FetchError["toJSON"]>;
  const error = new FetchError(code, failure.message);
  for (const frame of frames) error.addFrame(frame);
  return error;
}

/** Runs an action; a {@link FetchError} that comes out of it gets a frame. */
export async function withFrame<T>(text: () => string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (e) {
    if (e instanceof FetchError) e.addFrame(text());
    throw e;
  }
}

const MARK = "\x1b[35;1m";
const UNMARK = "\x1b[0m";

/** Template tag for messages: every substitution is highlighted as C++ Nix does. */
export function mark(strings: TemplateStringsArray, ...values: (string | number)[]): string {
  let text = strings[0];
  for (let i = 0; i < values.length; i++) text += MARK + values[i] + UNMARK + strings[i + 1];
  return text;
}

/** Returns what an error of the host says, as a binary string, without what Deno adds: a number, and which call it was. */
export function reasonOf(error: unknown): string {
  return utf8ToBinary(hostReason(error));
}

/** Returns the error of arguments that make no sense. */
export function inputError(message: string): FetchError {
  return new FetchError("input", message);
}

/** Returns the error of an input that C++ Nix may know how to fetch, or its plugins, and nobody here does. */
export function unsupportedInput(message: string): FetchError {
  return new FetchError("unsupported", message);
}

/** Returns the error of a string that isn't the URL it should be. */
export function urlError(message: string): FetchError {
  return new FetchError("url", message);
}

/** Checks that an experimental feature is on. @throws {FetchError} with C++ Nix's message */
export function requireFeature(features: ReadonlySet<string>, feature: string): void {
  if (features.has(feature)) return;
  throw new FetchError(
    "feature",
    mark`experimental Nix feature '${feature}' is disabled` +
      mark`; add '--extra-experimental-features ${feature}' to enable it`,
  );
}

/** Returns the error of a local tree that is reached through a symlink, which C++ Nix doesn't follow there. */
export function symlinkInTheWay(path: string): FetchError {
  return new FetchError("input", mark`path '${`/${path}`}' is a symlink`);
}

/** Returns the error of a local tree that isn't there. C++ Nix shows its path as one below "/". */
export function nothingAt(path: string, options?: { readonly cause?: unknown }): FetchError {
  return new FetchError("not-found", mark`path '${`/${path}`}' does not exist`, options);
}

/** Returns the error of an archive that is malformed or hostile; `reason` says how. */
export function archiveError(reason: string, options?: { readonly cause?: unknown }): FetchError {
  return new FetchError("archive", `Cannot unpack archive: ${reason}`, options);
}

/** Returns the error of a device, pipe or the like in an archive; `type` is that part of its mode. */
export function unsupportedType(path: string, type: number): FetchError {
  return new FetchError("archive", mark`file '${path}' in tarball has unsupported file type ${type}`);
}

/** Returns the error of an archive that C++ Nix unpacks and nobody here does; `reason` says what it is. */
export function unsupportedArchive(reason: string, options?: { readonly cause?: unknown }): FetchError {
  return new FetchError("unsupported", `Cannot unpack archive: ${reason}, which is not supported`, options);
}

const SECRET_PARAMETERS = /([?&;](?:[^=&#]*(?:token|secret|signature|password|credential|key)[^=&#]*)=)[^&#]*/gi;

/** Returns a URL without passwords and without parameters that look like secrets. */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)([^/?#@]*)@/i, (_, scheme: string, user: string) => {
      // A user name alone is a token as often as a name, except for the one everybody uses with ssh.
      return user === "git" ? `${scheme}git@` : `${scheme}***@`;
    })
    .replace(SECRET_PARAMETERS, "$1***");
}
