// The store paths that came up in this evaluation: what they are and, through derivations, where they come from.
//
// Entries are made in the order of evaluation, and a derivation only when its inputs are known, so the order is a
// topological one: whoever listens can hand each entry to a store as it comes. Listeners that come late are told of
// everything there is first.
//
// A derivation's hash modulo is kept with it; without that, computing paths would cost as much as there are ways through
// the dependency graph. Derivations that aren't from this evaluation (their .drv is in the store) are read when asked for;
// these are nobody's news.

import type { ByteSink } from "./format/nar.ts";
import type { ContentAddress } from "./format/content_address.ts";
import { parseAterm, writeAterm } from "./format/aterm.ts";
import type { Derivation } from "./format/derivation.ts";
import { type HashModulo, hashModulo, instantiate } from "./format/hash_modulo.ts";
import { DEFAULT_STORE_DIR, drvNameFromPath, type DrvPath, isDrvPath, type StorePath } from "./format/store_path.ts";

/** A derivation, from this evaluation or from the store. */
export interface KnownDerivation {
  readonly kind: "derivation";
  readonly path: DrvPath;
  readonly drv: Derivation;
  readonly modulo: HashModulo;
}

/** A file or tree that is copied to the store. */
export interface KnownSource {
  readonly kind: "source";
  readonly path: StorePath;
  /** Where it is copied from, symlinks followed (but for the last component). */
  readonly origin: string;
  /** Paths below the origin that a filter left out, with all below them. */
  readonly leftOut: ReadonlySet<string>;
  readonly ca: ContentAddress;
  /** Of the NAR, or of the file if it is hashed flat; in bytes. */
  readonly size: number;
  readonly references: readonly StorePath[];
  /** The tree on the host that it is, but for paths that are left out; absent if it isn't just that. */
  readonly host?: { readonly root: string; readonly leftOut: ReadonlySet<string> };
  /** Reads it again and writes the NAR, or the bytes of a file that is hashed flat. */
  readonly dump: (sink: ByteSink) => void;
}

/** A text that is written to the store (`builtins.toFile`). */
export interface KnownText {
  readonly kind: "text";
  readonly path: StorePath;
  /** A binary string. */
  readonly contents: string;
  readonly references: readonly StorePath[];
}

/** Something that is fetched; what and how is lib/fetch's business. */
export interface KnownFetch<F = unknown> {
  readonly kind: "fetch";
  readonly path: StorePath;
  readonly fetch: F;
}

/** What a store path is. */
export type KnownPath = KnownDerivation | KnownSource | KnownText | KnownFetch;

/** Is told of entries as they are made, inputs before users. */
export interface KnownPathsObserver {
  /** `aterm` makes the text of the .drv file. */
  onDerivation?(known: KnownDerivation, aterm: () => string): void;
  onSource?(known: KnownSource): void;
  onText?(known: KnownText): void;
  onFetch?(known: KnownFetch): void;
  /** Called each time one is made, also when it isn't new; the entry is always the same. */
  onUse?(known: KnownPath): void;
}

/** Where known paths come from besides this evaluation. */
export interface KnownPathsOptions {
  /** "/nix/store" unless given. */
  readonly storeDir?: string;
  /** Returns the text of a .drv file that is in the store. */
  readonly readDrv?: (path: DrvPath) => string | undefined;
}

/** A store path that is neither from this evaluation nor in the store. */
export class UnknownPathError extends Error {
  override name = "UnknownPathError";
  constructor(readonly path: StorePath) {
    super(`Cannot find store path "${path}": it is neither from this evaluation nor in the store`);
  }
}

/** The store paths of an evaluation. */
export class KnownPaths {
  readonly storeDir: string;
  readonly #readDrv: (path: DrvPath) => string | undefined;
  readonly #known = new Map<StorePath, KnownPath>();
  /** Derivations read from the store. */
  readonly #stored = new Map<DrvPath, KnownDerivation>();
  readonly #observers: KnownPathsObserver[] = [];

  constructor(options: KnownPathsOptions = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
    this.#readDrv = options.readDrv ?? (() => undefined);
  }

  /** Tells `observer` of all entries, those that are there and those to come. */
  observe(observer: KnownPathsObserver): void {
    for (const known of this.#known.values()) notify(observer, known);
    this.#observers.push(observer);
  }

  /** The entries of this evaluation in the order in which they were made. */
  entries(): Iterable<KnownPath> {
    return this.#known.values();
  }

  /** Returns what a path of this evaluation is. */
  get(path: StorePath): KnownPath | undefined {
    return this.#known.get(path);
  }

  /**
   * Completes a derivation (see {@link instantiate}), which is given away, and enters it.
   * @throws {UnknownPathError} if an input isn't known.
   * @throws {FormatError} if the derivation contradicts itself.
   */
  addDerivation(drv: Derivation): KnownDerivation {
    const made = instantiate(drv, this.#lookup, { storeDir: this.storeDir, consume: true });
    const present = this.#known.get(made.drvPath);
    if (present !== undefined) {
      this.#use(present);
      return present as KnownDerivation;
    }
    const known: KnownDerivation = { kind: "derivation", path: made.drvPath, drv: made.drv, modulo: made.modulo };
    this.#known.set(known.path, known);
    for (const observer of this.#observers) observer.onDerivation?.(known, made.aterm);
    this.#use(known);
    return known;
  }

  #use(known: KnownPath): void {
    for (const observer of this.#observers) observer.onUse?.(known);
  }

  /** Enters a source. */
  addSource(source: Omit<KnownSource, "kind">): void {
    this.#add({ kind: "source", ...source });
  }

  /** Enters a text. */
  addText(text: Omit<KnownText, "kind">): void {
    this.#add({ kind: "text", ...text });
  }

  /** Enters a fetch. */
  addFetch(fetch: Omit<KnownFetch, "kind">): void {
    this.#add({ kind: "fetch", ...fetch });
  }

  #add(known: KnownPath): void {
    // The first one stays: content-addressed paths are the same however often they are made.
    const present = this.#known.get(known.path);
    if (present === undefined) {
      this.#known.set(known.path, known);
      for (const observer of this.#observers) notify(observer, known);
    }
    this.#use(present ?? known);
  }

  /** Forgets sources that `isStale` says yes to, which are no longer what lies where they came from; returns them. */
  forgetSources(isStale: (source: KnownSource) => boolean): KnownSource[] {
    const stale: KnownSource[] = [];
    for (const known of this.#known.values()) if (known.kind === "source" && isStale(known)) stale.push(known);
    for (const { path } of stale) this.#known.delete(path);
    return stale;
  }

  readonly #lookup = (path: DrvPath): HashModulo => this.derivation(path).modulo;

  /**
   * Returns a derivation, from this evaluation or from the store.
   * @throws {UnknownPathError} if it is in neither.
   */
  derivation(path: DrvPath): KnownDerivation {
    const known = this.#known.get(path);
    if (known !== undefined && known.kind === "derivation") return known;
    let stored = this.#stored.get(path);
    if (stored === undefined) {
      const text = known?.kind === "text" ? known.contents : this.#readDrv(path);
      if (text === undefined) throw new UnknownPathError(path);
      const drv = parseAterm(text, { name: drvNameFromPath(path), storeDir: this.storeDir });
      stored = { kind: "derivation", path, drv, modulo: hashModulo(drv, this.#lookup) };
      this.#stored.set(path, stored);
    }
    return stored;
  }

  /**
   * Returns a derivation's file and all that it refers to, directly or not. `references` tells what paths that aren't from
   * this evaluation refer to.
   * @throws {UnknownPathError} if a derivation is not known.
   */
  closure(path: DrvPath, references: (path: StorePath) => readonly StorePath[]): StorePath[] {
    const seen = new Set<StorePath>([path]);
    for (const at of seen) {
      const known = this.#known.get(at);
      let next: Iterable<StorePath>;
      if (known?.kind === "text" || known?.kind === "source") next = known.references;
      else if (known?.kind === "fetch") next = [];
      else if (isDrvPath(at)) {
        const { drv } = this.derivation(at);
        next = [...drv.inputSrcs, ...drv.inputDrvs.keys()];
      } else next = references(at);
      for (const reference of next) seen.add(reference);
    }
    return [...seen];
  }
}

function notify(observer: KnownPathsObserver, known: KnownPath): void {
  switch (known.kind) {
    case "derivation":
      return observer.onDerivation?.(known, () => writeAterm(known.drv));
    case "source":
      return observer.onSource?.(known);
    case "text":
      return observer.onText?.(known);
    case "fetch":
      return observer.onFetch?.(known);
  }
}
