/**
 * What the fetching builtins have in common: where what they fetch goes, and errors of fetching as errors of the program.
 *
 * A fetch whose hash is known isn't waited for: its store path is entered among the known paths, whose observers start it
 * early, and reading below the path waits for it. Without a hash it has to be fetched at once, to know the path at all.
 */
import { FetchError } from "../lib/fetch/errors.ts";
import { type Fetch, fetchStorePath } from "../lib/fetch/fetch.ts";
import type { Fetched, Fetcher } from "../lib/fetch/fetcher.ts";
import type { InputOptions } from "../lib/fetch/input.ts";
import { FormatError } from "../lib/format/errors.ts";
import type { Hash } from "../lib/format/hash.ts";
import type { StorePath } from "../lib/format/store_path.ts";
import type { KnownPaths } from "../lib/known_paths.ts";
import { Context } from "../lib/runtime/context.ts";
import { hint, NixError } from "../lib/runtime/errors.ts";
import { fetchNixError } from "../lib/runtime/fetch_error.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import type { EvalIO } from "../lib/runtime/io.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import type { EvalSettings } from "../lib/runtime/settings.ts";
import { ContextString } from "../lib/runtime/value.ts";

/** What fetching takes. */
export interface FetchDeps {
  readonly settings: EvalSettings;
  readonly log: EvalLog;
  readonly io: EvalIO;
  readonly knownPaths: KnownPaths;
  /** Null where nothing can be fetched. */
  readonly fetcher: Fetcher | null;
  /** Fails if restricted evaluation may not fetch from there. */
  readonly checkUri: (uri: string) => void;
  /** Lets evaluation read a path that it names as an input. */
  readonly allowPath: (path: string) => void;
  /** Returns the hash of the NAR of a store path, as far as that is known. */
  readonly narHash: (path: StorePath) => Hash | undefined;
}

/** Returns what reading inputs depends on. */
export function inputOptionsOf({ settings, fetcher, log }: FetchDeps): InputOptions {
  return {
    features: settings.features,
    trustForges: fetcher?.settings.trustForges ?? true,
    warn: (message) => log.warn(message),
  };
}

/** Enters a fetch whose hash is known and returns its store path as a value. */
export function fetchLater(deps: FetchDeps, fetch: Fetch): ContextString {
  const path = asNixErrors(() => fetchStorePath(fetch, { storeDir: deps.io.storeDir })!);
  return enter(deps, fetch, path);
}

/** Fetches what there is no hash for. @throws {NixError} */
export function fetchNow(deps: FetchDeps, fetch: Fetch): Fetched {
  const { fetcher } = deps;
  if (fetcher === null) throw new NixError("unsupported", hint`cannot fetch: ${"this evaluation can't fetch"}`);
  return asNixErrors(() => fetcher.wait(fetch));
}

/** Enters something that was fetched under a store path and returns the path as a value. */
export function enter(deps: FetchDeps, fetch: Fetch, path: StorePath): ContextString {
  deps.knownPaths.addFetch({ path, fetch });
  return new ContextString(path, Context.of(path));
}

/** Returns the error for a flake by a name that a registry would have to resolve. `shown` is the reference. */
export function inNoRegistry(shown: string): NixError {
  return new NixError("unsupported", hint`cannot find flake '${shown}' in the flake registries`);
}

/** Runs an action; what goes wrong below the language becomes an error of the program. */
export function asNixErrors<T>(action: () => T): T {
  try {
    return action();
  } catch (e) {
    if (e instanceof FetchError) throw fetchNixError(e);
    throw e instanceof FormatError ? foreignError("eval", e) : e;
  }
}
