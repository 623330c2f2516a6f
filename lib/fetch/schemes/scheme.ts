// What the kinds of inputs have in common: how they are written as attributes and as URLs, and what counts as locked.
//
// All of this is pure; how inputs are fetched is another matter (see ../fetchers). The rules and messages are C++ Nix's
// (libfetchers, 2.34).

import type { InputAttrs } from "../attrs.ts";
import type { ParsedUrl } from "../url.ts";

/** What the reading of inputs depends on. */
export interface InputOptions {
  /** Experimental features that are on. */
  readonly features: ReadonlySet<string>;
  /** Whether a revision of a forge counts as locked without a hash (`trust-tarballs-from-git-forges`). */
  readonly trustForges: boolean;
  /** Is told of what is odd but tolerated. */
  readonly warn?: (message: string) => void;
}

/** A kind of input. */
export interface InputScheme {
  /** Value of the attribute `type`. */
  readonly name: string;
  /** The experimental feature without which it does not exist. */
  readonly feature?: string;
  /** Attributes there may be, besides `type` and `__final`. */
  readonly attrs: ReadonlySet<string>;
  /** False for references that have to be looked up first. */
  readonly direct?: boolean;
  /**
   * Returns the attributes a URL stands for; undefined if it isn't of this kind.
   * @throws {FetchError} if it is malformed
   */
  fromUrl(url: ParsedUrl, options: InputOptions & { readonly requireTree: boolean }): InputAttrs | undefined;
  /** Checks attributes and returns them, normalised. @throws {FetchError} */
  check(attrs: InputAttrs, options: InputOptions): InputAttrs;
  toUrl(attrs: InputAttrs): ParsedUrl;
  isLocked(attrs: InputAttrs, options: InputOptions): boolean;
}

/** Returns the integer a parameter spells; undefined if it is none. */
export function queryInt(text: string): number | bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined;
  const n = BigInt(text);
  if (n >= 2n ** 64n) return undefined;
  return n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n;
}
