// Puts what an evaluation makes into a store as it is made.

import type { KnownPathsObserver } from "../known_paths.ts";
import type { Store } from "../store/store.ts";

/** Returns an observer of KnownPaths that adds everything to `store`; fetches add what they fetch themselves. */
export function storeWriter(store: Store): KnownPathsObserver {
  return {
    onDerivation({ path, drv }, aterm) {
      if (store.isValid(path)) return;
      store.addText({ path, contents: aterm(), references: [...drv.inputSrcs, ...drv.inputDrvs.keys()] });
    },
    onText({ path, contents, references }) {
      if (!store.isValid(path)) store.addText({ path, contents, references });
    },
    onSource({ path, ca, references, dump }) {
      if (!store.isValid(path)) store.addSource({ path, ca, references, dump });
    },
  };
}
