// What is fetched, and the store path it gets. How it is fetched is the Fetcher's business.

import { makeFixedOutputPath } from "../format/content_address.ts";
import { type Hash, printHash } from "../format/hash.ts";
import type { StoreDirOptions, StorePath } from "../format/store_path.ts";
import { attrsToJson, type InputAttrs } from "./attrs.ts";
import { type Input, inputStorePath } from "./input.ts";

/** Something at a URL. */
export interface UrlFetch {
  /**
   * `file` is hashed as it is, the others as trees: `tarball` is unpacked, `nar` is an archive of the tree (compressed if
   * the URL ends in ".xz"), `executable` a file that may be run.
   */
  readonly kind: "file" | "tarball" | "nar" | "executable";
  readonly url: string;
  /** Name of the store path. */
  readonly name: string;
  /** What it has to hash to: of the file for `file`, of the NAR for the others. */
  readonly hash?: Hash;
}

/** What an input of fetchTree describes: a commit of a repository, a path, … */
export interface InputFetch {
  readonly kind: "input";
  readonly input: Input;
}

/** Something to be fetched. */
export type Fetch = UrlFetch | InputFetch;

/** Returns the store path of what is fetched, undefined while its hash isn't known. @throws {FormatError} for bad names */
export function fetchStorePath(fetch: Fetch, options: StoreDirOptions = {}): StorePath | undefined {
  if (fetch.kind === "input") return inputStorePath(fetch.input, options);
  const { kind, name, hash } = fetch;
  if (hash === undefined) return undefined;
  return makeFixedOutputPath({ method: kind === "file" ? "flat" : "nar", hash }, { name, storeDir: options.storeDir });
}

/** Returns the store path of what came, whose hash is known by then. */
export function fetchedStorePath(
  fetch: Fetch,
  got: { readonly hash: Hash; readonly attrs: InputAttrs },
  options: StoreDirOptions = {},
): StorePath {
  return fetch.kind === "input"
    ? inputStorePath({ ...fetch.input, attrs: got.attrs }, options)!
    : fetchStorePath({ ...fetch, hash: got.hash }, options)!;
}

/** Returns a text that is the same for fetches that are. */
export function fetchKey(fetch: Fetch): string {
  if (fetch.kind === "input") return attrsToJson(fetch.input.attrs);
  const { kind, url, name, hash } = fetch;
  return JSON.stringify([kind, url, name, hash === undefined ? null : printHash(hash, "base16", { prefix: true })]);
}

/** Returns a text that is the same for fetches of the same things, under whatever name. */
export function contentsKey(fetch: Fetch): string {
  return fetch.kind === "input" ? fetchKey(fetch) : fetchKey({ ...fetch, name: "" });
}
