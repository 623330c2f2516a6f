/** The store that results are written to, as flags, settings and environment have it. */
import {
  BackgroundStore,
  type ComputeOnlyStore,
  decodeUtf8Lossy,
  FormatError,
  openPlaces,
  openStore,
  type Session,
  splitStorePath,
  type StorePath,
  storePlacesOf,
  type StoreSurroundings,
} from "../mod.ts";
import type { Setup } from "./setup.ts";

/** Opens the store that `--store` names: "auto" and so on. @throws {StoreError} */
export function openNamedStore(name: string, setup: Setup): BackgroundStore | ComputeOnlyStore {
  return openStore(name, storeSurroundings(setup));
}

/** Opens the store that C++ Nix would write to. @throws {StoreError} */
export function openNixStore(setup: Setup): BackgroundStore | ComputeOnlyStore {
  const around = storeSurroundings(setup);
  return openPlaces(storePlacesOf(decodeUtf8Lossy(setup.settings.get("store")), around), around);
}

/** Returns what a choice of store depends on. The setting wins over the variable, whose value is the setting's default. */
export function storeSurroundings({ process, settings }: Setup): StoreSurroundings {
  return {
    cwd: decodeUtf8Lossy(process.cwd),
    env(name) {
      const value = name === "NIX_REMOTE" ? settings.get("store") : process.env(name);
      return value === undefined ? undefined : decodeUtf8Lossy(value);
    },
  };
}

/**
 * Returns the store path in which a path lies with all it refers to, directly or not, as the store that C++ Nix would use
 * has it; nothing if it isn't valid there.
 */
export function storeClosure(path: string, setup: Setup): ReadonlySet<StorePath> {
  const store = openNixStore(setup);
  const closure = new Set<StorePath>();
  try {
    const left = [splitStorePath(path, store).storePath];
    for (let at; (at = left.pop()) !== undefined;) {
      const info = closure.has(at) ? undefined : store.queryPathInfo(at);
      if (info === undefined) continue;
      closure.add(at);
      left.push(...info.references);
    }
  } catch (e) {
    if (!(e instanceof FormatError)) throw e;
  } finally {
    if (store instanceof BackgroundStore) store.close();
  }
  return closure;
}

/** Waits until everything that was evaluated is in the store, and ends writing. @throws {StoreError} */
export function finishStore(session: Session | undefined): void {
  if (!(session?.store instanceof BackgroundStore)) return;
  try {
    session.store.flush();
  } finally {
    session.store.close();
  }
}
