// The worlds of `restrict-eval` and `pure-eval`: an allow list over another file system, and no environment.
//
// A path may be looked at if it is below an allowed one, or above (so that allowed ones can be reached; directories above
// list only what leads there). What may not be looked at doesn't exist as far as `fileType` is concerned, and is an error
// to read. Access is decided on the path with symlinks followed, and symlinks that may not be seen aren't followed.
//
// The names of the two modes only make messages differ: pure evaluation begins with an empty list, restricted evaluation
// with the search path; both grow by what the program itself has put into the store.
//
// devenv's pure mode, in which local files are readable, is not this: there it is the host's files without environment.

import { canonPath } from "../runtime/coerce.ts";
import type { FileIdentity, FileType } from "../runtime/io.ts";
import type { NarContents } from "../format/nar.ts";
import { forbidden, forbiddenUri, noStore } from "./errors.ts";
import { type FileStat, followSymlinks, parentPath, type SourceIO } from "./source_io.ts";

/** Which setting restricts. */
export type Restriction = "restricted" | "pure";

const WHERE: Readonly<Record<Restriction, string>> = {
  restricted: "in restricted mode",
  pure: "in pure evaluation mode (use '--impure' to override)",
};

/** The part of a file system that is allowed. */
export class RestrictedIO implements SourceIO {
  readonly storeDir: string;
  readonly #inner: SourceIO;
  readonly #restriction: Restriction;
  readonly #allowed = new Set<string>();
  /** All directories above the allowed paths. */
  readonly #above = new Set<string>();

  constructor(inner: SourceIO, restriction: Restriction) {
    this.#inner = inner;
    this.#restriction = restriction;
    this.storeDir = inner.storeDir;
  }

  /** Allows a canonical absolute path and what is below it. */
  allow(path: string): void {
    this.#allowed.add(path);
    for (let at = path; at !== "/";) {
      at = parentPath(at);
      this.#above.add(at);
    }
  }

  #isAllowed(path: string): boolean {
    if (this.#above.has(path)) return true;
    for (let at = path;; at = parentPath(at)) {
      if (this.#allowed.has(at)) return true;
      if (at === "/") return false;
    }
  }

  checkAccess(path: string): void {
    if (!this.#isAllowed(path)) throw forbidden(path, WHERE[this.#restriction]);
  }

  /** Follows symlinks and checks that the program may look at what is there. */
  #checked(path: string, mode: "full" | "ancestors"): string {
    const real = this.resolveSymlinks(path, mode);
    this.checkAccess(real);
    return real;
  }

  stat(path: string): FileStat | undefined {
    const real = this.resolveSymlinks(path, "ancestors");
    return this.#isAllowed(real) ? this.#inner.stat(real) : undefined;
  }

  fileType(path: string): FileType | undefined {
    return this.stat(path)?.type;
  }

  pathExists(path: string): boolean {
    const real = this.resolveSymlinks(path, "full");
    return this.#isAllowed(real) && this.#inner.pathExists(real);
  }

  readFile(path: string): Uint8Array {
    return this.#inner.readFile(this.#checked(path, "full"));
  }

  identify(path: string): FileIdentity | undefined {
    return this.#inner.identify?.(this.#checked(path, "full"));
  }

  readContents(path: string): NarContents {
    return this.#inner.readContents(this.#checked(path, "full"));
  }

  /** All of a tree below an allowed path may be read: no symlink in it is followed. */
  hostPath(path: string): string | undefined {
    return !this.#above.has(path) && this.#isAllowed(path) ? this.#inner.hostPath?.(path) : undefined;
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const real = this.#checked(path, "full");
    const prefix = real === "/" ? "/" : `${real}/`;
    return this.#inner.readDir(real).filter(([name]) => this.#isAllowed(prefix + name));
  }

  readLink(path: string): string {
    return this.#inner.readLink(this.#checked(path, "ancestors"));
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    const visible = {
      fileType: (at: string) => this.#isAllowed(at) ? this.#inner.fileType(at) : undefined,
      readLink: (at: string) => this.#inner.readLink(at),
    };
    return followSymlinks(visible, path, mode);
  }

  getEnv(_name: string): string {
    return "";
  }

  importPath(path: string): string {
    throw noStore(path);
  }
}

/**
 * Checks that restricted evaluation may fetch `uri`: it is one of `allowedUris` or below one, or a path (or file: URL)
 * that `io` allows.
 * @throws {NixError} of kind `restricted`.
 */
export function checkUri(
  uri: string,
  options: { readonly allowedUris: readonly string[]; readonly io: Pick<SourceIO, "checkAccess"> },
): void {
  if (options.allowedUris.some((prefix) => isUriWithin(uri, prefix))) return;
  // No host may be named, not even this one.
  const path = uri[0] === "/" ? uri : /^file:(?:\/\/(?=\/)|(?!\/\/))(\/[^?#]*)/.exec(uri)?.[1];
  if (path === undefined) throw forbiddenUri(uri);
  options.io.checkAccess(canonPath(uri[0] === "/" ? path : decodePercent(path)));
}

function isUriWithin(uri: string, prefix: string): boolean {
  if (uri === prefix) return true;
  if (prefix === "" || !uri.startsWith(prefix)) return false;
  // "https://github.co" must not allow "https://github.com"; "github:" allows the whole scheme.
  return prefix.endsWith("/") || uri[prefix.length] === "/" || /^[a-zA-Z][a-zA-Z0-9+.-]*:$/.test(prefix);
}

function decodePercent(path: string): string {
  return path.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
