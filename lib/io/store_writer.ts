// Puts what an evaluation makes into a store as it is made.

import type { StorePath } from "../format/store_path.ts";
import type { KnownPathsObserver } from "../known_paths.ts";
import type { SourceObject, Store } from "../store/store.ts";

/** Where {@link storeWriter} gets what is fetched. */
export interface StoreWriterOptions {
  /** Returns a path that is fetched, once it is there. */
  readonly fetched?: (path: StorePath) => SourceObject | undefined;
}

/**
 * Returns an observer of KnownPaths that adds everything to `store`: what is fetched when something refers to it. Whether
 * the store has it already is the store's business: it knows how to ask about many at once.
 */
export function storeWriter(store: Store, options: StoreWriterOptions = {}): KnownPathsObserver {
  const fetches = new Set<StorePath>();
  const addFetched = (references: Iterable<StorePath>) => {
    if (fetches.size === 0) return;
    for (const path of references) {
      if (!fetches.delete(path) || store.isValid(path)) continue;
      const source = options.fetched?.(path);
      if (source !== undefined) store.addSource(source);
    }
  };
  return {
    onFetch: ({ path }) => void fetches.add(path),
    onDerivation({ path, references }, { drv, aterm }) {
      addFetched(drv.inputSrcs);
      store.addText({ path, contents: aterm(), references });
    },
    onText({ path, contents, references }) {
      addFetched(references);
      store.addText({ path, contents, references });
    },
    onSource({ path, ca, size, references, host, dump }) {
      addFetched(references);
      store.addSource({ path, ca, size, references, host, dump });
    },
  };
}
