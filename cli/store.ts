/** The store that results are written to, as flags, settings and environment have it. */
import {
  BackgroundStore,
  type ComputeOnlyStore,
  decodeUtf8Lossy,
  evalError,
  FormatError,
  hint,
  hostStat,
  openPlaces,
  openStore,
  type PathInfo,
  type ReadableStore,
  realStoreDirOf,
  type Session,
  splitStorePath,
  StoreError,
  type StorePath,
  storePathBaseName,
  type StorePlace,
  storePlaces,
  storePlacesOf,
  type StoreSurroundings,
} from "../mod.ts";
import type { Setup } from "./setup.ts";

/** Opens the store that `--store` names: "auto" and so on. @throws {StoreError} */
export function openNamedStore(name: string, setup: Setup): BackgroundStore | ComputeOnlyStore {
  return openStore(decodeUtf8Lossy(name), storeSurroundings(setup));
}

/** Opens the store that C++ Nix would write to. @throws {StoreError} */
export function openNixStore(setup: Setup): BackgroundStore | ComputeOnlyStore {
  const around = storeSurroundings(setup);
  return openPlaces(storePlacesOf(decodeUtf8Lossy(setup.settings.get("store")), around), around);
}

const STORE_SCHEMES = new Set(
  [
    "daemon",
    "dummy",
    "file",
    "http",
    "https",
    "local",
    "local-overlay",
    "mounted-ssh-ng",
    "s3",
    "ssh",
    "ssh-ng",
    "unix",
  ],
);

/** Checks that a store's name, if it is a URL, is one of those C++ Nix opens, which it does before anything else. */
export function requireKnownScheme(name: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(name)?.[1];
  if (scheme === undefined || STORE_SCHEMES.has(scheme)) return;
  throw evalError(hint`don't know how to open Nix store with scheme '${scheme}'`);
}

/** Returns what a choice of store depends on. The setting wins over the variable, whose value is the setting's default. */
export function storeSurroundings(setup: Setup): StoreSurroundings {
  const { process, settings } = setup;
  return {
    cwd: decodeUtf8Lossy(process.cwd),
    features: settings.get("experimental-features"),
    env(name) {
      if (name === "NIX_STORE_DIR") return setup.givenStoreDir;
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

/** Returns where the store is that evaluation reads which writes nothing; nothing if nobody here knows it. */
export function placesToRead(setup: Setup): readonly StorePlace[] {
  try {
    return storePlaces(decodeUtf8Lossy(setup.storeToRead), storeSurroundings(setup));
  } catch (e) {
    if (e instanceof StoreError) return [];
    throw e;
  }
}

/**
 * The store that evaluation reads which writes nothing. It counts if its files lie elsewhere: those of any other are read at
 * their paths. It is opened when there is something where a path would lie: most evaluations ask nothing.
 */
export class StoreReader implements ReadableStore {
  readonly #setup: Setup;
  readonly #onAsk: () => void;
  /** Where paths may lie that don't at their paths. */
  #directories: readonly string[] | undefined;
  #opened: BackgroundStore | ComputeOnlyStore | undefined;

  /** `onAsk` is called before the store is asked. */
  constructor(setup: Setup, onAsk: () => void = () => {}) {
    this.#setup = setup;
    this.#onAsk = onAsk;
  }

  get #store(): BackgroundStore | ComputeOnlyStore {
    return this.#opened ??= openPlaces(placesToRead(this.#setup), storeSurroundings(this.#setup));
  }

  realPath(path: StorePath): string | undefined {
    const { storeDir } = this.#setup;
    this.#directories ??= placesToRead(this.#setup).map((place) => realStoreDirOf(place, storeDir))
      .filter((directory) => directory !== undefined);
    const [first] = this.#directories;
    if (first === undefined) return undefined;
    const name = storePathBaseName(path);
    // Nothing is there, which whoever looks finds out and notes.
    if (!this.#directories.some((directory) => hostStat(`${directory}/${name}`) !== undefined)) {
      return `${first}/${name}`;
    }
    // Which of several places it is shows when the store is opened.
    try {
      return this.#store.realPath(path);
    } catch (e) {
      // None of them is there.
      if (e instanceof StoreError) return undefined;
      throw e;
    }
  }

  isValid(path: StorePath): boolean {
    const real = this.realPath(path);
    if (real === undefined || hostStat(real) === undefined) return false;
    this.#onAsk();
    const isValid = this.#store.isValid(path);
    // The answer would hold until it is, which shows in no file.
    if (!isValid) this.#setup.spoilAnswer();
    return isValid;
  }

  queryPathInfo(path: StorePath): PathInfo | undefined {
    return this.isValid(path) ? this.#store.queryPathInfo(path) : undefined;
  }

  close(): void {
    if (this.#opened instanceof BackgroundStore) this.#opened.close();
    this.#opened = undefined;
    this.#directories = undefined;
  }
}

/** Waits until everything that was evaluated is in the store, and ends writing. @throws {StoreError} */
export function finishStore(session: Pick<Session, "store"> | undefined): void {
  if (!(session?.store instanceof BackgroundStore)) return;
  try {
    session.store.flush();
  } finally {
    session.store.close();
  }
}
