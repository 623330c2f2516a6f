/**
 * The search path: where `<name>` is looked for.
 *
 * An entry is a path or URL, alone or after `prefix=`. Each is resolved once, when it is first needed; one that can't be is
 * passed over, with a warning.
 */
import { isPseudoUrl, resolvePseudoUrl } from "../lib/fetch/pseudo_url.ts";
import { hint, NixError } from "../lib/runtime/errors.ts";
import { pathValue } from "../lib/runtime/internal_path.ts";
import type { EvalIO } from "../lib/runtime/io.ts";
import { canonPath } from "../lib/runtime/coerce.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import type { PathValue } from "../lib/runtime/value.ts";
import { recall, remember, type Remembered } from "../lib/runtime/tracking.ts";

/** One place to look. */
export interface SearchPathEntry {
  /** What the name must begin with; empty if anything may be in `path`. */
  readonly prefix: string;
  /** A path, or a URL of a tarball. */
  readonly path: string;
}

/** Returns the entry that `-I` or one part of NIX_PATH describes. */
export function parseSearchPathEntry(text: string): SearchPathEntry {
  const equals = text.indexOf("=");
  return { prefix: equals < 0 ? "" : text.slice(0, equals), path: text.slice(equals + 1) };
}

/** What resolving search paths takes. */
export interface SearchPathDeps {
  readonly io: EvalIO;
  readonly log: EvalLog;
  /** What relative entries start from. */
  readonly currentDir: string;
  readonly pureEval: boolean;
  /** Throws if an entry, which is a URL or a flake reference, may not be fetched. */
  readonly checkFetch?: (entry: string) => void;
  /** Fetches and unpacks a tarball and returns where it is. */
  readonly fetchTarball?: (url: string) => string;
  /** Returns where the source of a flake reference is; undefined if it can't be had. */
  readonly fetchFlake?: (reference: string) => string | undefined;
}

/** Looks names up in search paths. */
export class SearchPathResolver {
  readonly #deps: SearchPathDeps;
  readonly #resolved = new Map<string, Remembered<string | undefined>>();

  constructor(deps: SearchPathDeps) {
    this.#deps = deps;
  }

  /** Returns where an entry's path is; undefined if nowhere, of which the user is warned once. */
  resolveEntry(path: string): string | undefined {
    let known = this.#resolved.get(path);
    if (known === undefined) this.#resolved.set(path, known = remember(() => this.#resolve(path)));
    return recall(known);
  }

  /** Forgets where entries are, so that they are looked for again. */
  forget(): void {
    this.#resolved.clear();
  }

  #absolute(path: string): string {
    return canonPath(path[0] === "/" ? path : `${this.#deps.currentDir}/${path}`);
  }

  #resolve(path: string): string | undefined {
    const { io, log, checkFetch, fetchTarball, fetchFlake } = this.#deps;
    if (fetchTarball !== undefined && isPseudoUrl(path)) {
      checkFetch?.(path);
      try {
        return fetchTarball(resolvePseudoUrl(path));
      } catch (e) {
        if (!(e instanceof NixError)) throw e;
        log.warn(hint`Nix search path entry '${path}' cannot be downloaded, ignoring`);
      }
    }
    if (fetchFlake !== undefined && path.startsWith("flake:")) {
      checkFetch?.(path);
      const fetched = fetchFlake(path.slice("flake:".length));
      if (fetched !== undefined) return fetched;
    }
    const at = this.#absolute(path);
    if (io.pathExists(at)) return at;
    io.checkAccess(at);
    log.warn(hint`Nix search path entry '${path}' does not exist, ignoring`);
    return undefined;
  }

  /** Returns the path of the first entry that has `name`. @throws {NixError} of kind `throw` if there is none. */
  find(entries: Iterable<SearchPathEntry>, name: string): PathValue {
    const { io, pureEval } = this.#deps;
    for (const { prefix, path } of entries) {
      const suffix = suffixAfter(prefix, name);
      if (suffix === undefined) continue;
      const root = this.resolveEntry(path);
      if (root === undefined) continue;
      const at = io.resolveSymlinks(canonPath(`${root}/${canonPath(`/${suffix}`)}`), "full");
      if (io.fileType(at) !== undefined) return pathValue(at);
      io.checkAccess(at);
    }
    if (name.startsWith("nix/")) return pathValue(`<nix${canonPath(name.slice("nix".length))}>`);
    throw new NixError(
      "throw",
      pureEval
        ? hint`cannot look up '<${name}>' in pure evaluation mode (use '--impure' to override)`
        : hint`file '${name}' was not found in the Nix search path (add it using $NIX_PATH or -I)`,
    );
  }
}

/** Returns what is left of `name` after `prefix` and a slash; undefined if it doesn't begin so. */
function suffixAfter(prefix: string, name: string): string | undefined {
  if (prefix === "" || prefix === name) return name.slice(prefix.length);
  return name.startsWith(prefix) && name[prefix.length] === "/" ? name.slice(prefix.length + 1) : undefined;
}
