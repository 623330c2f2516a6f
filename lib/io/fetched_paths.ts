// Fetches among the known paths: started as they become known, waited for when something below them is read.
//
// What the store has already is left to the store. `builtin:fetchurl` derivations become fetches when their output is to be
// read, and not before: evaluation makes many of them that nobody reads.

import { FetchError } from "../fetch/errors.ts";
import { fetchOfDerivation } from "../fetch/builtin_fetchurl.ts";
import type { Fetch } from "../fetch/fetch.ts";
import type { Fetched, Fetcher } from "../fetch/fetcher.ts";
import type { ContentAddress } from "../format/content_address.ts";
import type { Hash } from "../format/hash.ts";
import { writeNar } from "../format/nar.ts";
import type { DrvPath, StorePath } from "../format/store_path.ts";
import type { KnownFetch, KnownPaths } from "../known_paths.ts";
import { fetchNixError } from "../runtime/fetch_error.ts";
import type { SourceObject, Store } from "../store/store.ts";
import { type PlainFiles, treeFiles } from "./tree_io.ts";

/** What is read of paths that are fetched. */
export class FetchedPaths {
  readonly #fetcher: Fetcher;
  readonly #known: KnownPaths;
  readonly #store: Store;
  readonly #files = new Map<StorePath, PlainFiles>();
  /** Whether the store had a path when it became known. */
  readonly #inStore = new Map<StorePath, boolean>();

  constructor(deps: { readonly fetcher: Fetcher; readonly knownPaths: KnownPaths; readonly store: Store }) {
    this.#fetcher = deps.fetcher;
    this.#known = deps.knownPaths;
    this.#store = deps.store;
    if (this.#fetcher.settings.eager) deps.knownPaths.observe({ onFetch: (known) => this.#start(known) });
  }

  #start({ path, fetch }: KnownFetch): void {
    if (!this.#has(path)) this.#fetcher.start(fetch as Fetch);
  }

  #has(path: StorePath): boolean {
    let has = this.#inStore.get(path);
    if (has === undefined) this.#inStore.set(path, has = this.#store.isValid(path));
    return has;
  }

  /** Returns the files of a path that is fetched, once they are there; undefined if the store has them. */
  files(path: StorePath): PlainFiles | undefined {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    if (this.#has(path)) return undefined;
    const files = treeFiles(this.#fetcher.tree(this.#wait(path)!), path);
    this.#files.set(path, files);
    return files;
  }

  /** Returns a path that is fetched as something to be added to a store, once it is there; undefined for other paths. */
  source(path: StorePath): SourceObject | undefined {
    const known = this.#known.get(path);
    if (known?.kind !== "fetch") return undefined;
    const fetched = this.#wait(path)!;
    const tree = this.#fetcher.tree(fetched);
    const flat = (known.fetch as Fetch).kind === "file";
    const ca: ContentAddress = { method: flat ? "flat" : "nar", hash: fetched.hash };
    return {
      path,
      ca,
      references: [],
      ...(flat ? {} : { size: fetched.narSize }),
      dump(sink) {
        if (!flat) return writeNar(tree, "", { sink });
        const contents = tree.readFile("");
        if (contents instanceof Uint8Array) sink(contents);
        else for (const chunk of contents.chunks) sink(chunk);
      },
    };
  }

  /** Returns the hash of the NAR of a path that is fetched, once it is there; undefined for other paths. */
  narHash(path: StorePath): Hash | undefined {
    return this.#wait(path)?.narHash;
  }

  /** Makes an output of a derivation readable; false if that would take building it. */
  realiseOutput(drvPath: DrvPath, output: string): boolean {
    const path = this.#known.derivation(drvPath).outputs.get(output) ?? null;
    const fetch = path === null ? undefined : fetchOfDerivation(this.#known.whole(drvPath));
    if (fetch === undefined || path === null) return false;
    this.#known.addFetch({ path, fetch });
    return true;
  }

  /** Waits for everything that was fetched early. @throws {NixError} for the first that failed */
  settle(): void {
    for (const known of this.#known.entries()) {
      if (known.kind === "fetch" && this.#fetcher.isStarted(known.fetch as Fetch)) this.#wait(known.path);
    }
  }

  #wait(path: StorePath): Fetched | undefined {
    const known = this.#known.get(path);
    if (known?.kind !== "fetch") return undefined;
    try {
      return this.#fetcher.wait(known.fetch as Fetch);
    } catch (e) {
      throw e instanceof FetchError ? fetchNixError(e) : e;
    }
  }
}
