// The store paths that came up in this evaluation: what they are and, through derivations, where they come from.
//
// Entries are made in the order of evaluation, and a derivation only when its inputs are known, so the order is a
// topological one: whoever listens can hand each entry to a store as it comes.
//
// Of a derivation, what others want of it is kept: outputs, references, and its hash modulo, without which computing paths
// would cost as much as there are ways through the dependency graph. Its variables, which are most of it, are for those who
// listen, and whoever wants them later has it made again. Derivations that aren't from this evaluation (their .drv is in the
// store) are read when asked for; these are nobody's news.

import type { ByteSink } from "./format/nar.ts";
import type { ContentAddress } from "./format/content_address.ts";
import { parseAterm } from "./format/aterm.ts";
import type { Derivation, DerivationOutput } from "./format/derivation.ts";
import { type HashModulo, hashModulo, instantiate, Instantiation, referencesOf } from "./format/hash_modulo.ts";
import { DEFAULT_STORE_DIR, drvNameFromPath, type DrvPath, isDrvPath, type StorePath } from "./format/store_path.ts";

/** What is kept of a derivation, from this evaluation or from the store. */
export interface KnownDerivation {
  readonly kind: "derivation";
  readonly path: DrvPath;
  /** The store path name without ".drv". */
  readonly name: string;
  /** Its variable `name`, "" if it has none. */
  readonly nameVariable: string;
  readonly outputs: OutputPaths;
  /** All store paths that its file refers to, sorted. */
  readonly references: readonly StorePath[];
  readonly modulo: HashModulo;
  /** What it was last made of, or its file's text ({@link KnownPaths.keepTexts}); null for one from the store. */
  recipe: DerivationRecipe | string | null;
}

/** What a derivation is made of. */
export interface DerivationRecipe {
  /** Makes the derivation once more, without output paths. */
  make(): Derivation;
}

/** The outputs of a derivation by name, sorted; null where only building tells the path. */
export class OutputPaths {
  readonly names: readonly string[];
  readonly #paths: (StorePath | null)[];

  // Most have one output: a Map would take four times the memory for that.
  constructor(outputs: ReadonlyMap<string, DerivationOutput>) {
    const isUsual = outputs.size === 1 && outputs.has("out");
    this.names = isUsual ? JUST_OUT : [...outputs.keys()];
    const paths = this.#paths = new Array<StorePath | null>(this.names.length);
    for (let i = 0; i < paths.length; i++) {
      const output = outputs.get(this.names[i])!;
      paths[i] = "path" in output ? output.path : null;
    }
  }

  /** Whether there is an output of this name, its path known or not. */
  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** Returns the path of an output; undefined if there is no such output. */
  get(name: string): StorePath | null | undefined {
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.#paths[index];
  }
}

const JUST_OUT: readonly string[] = ["out"];

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

/** All of a derivation. */
export interface WholeDerivation {
  readonly drv: Derivation;
  /** Makes the text of the .drv file. */
  readonly aterm: () => string;
}

/** Is told of entries as they are made, inputs before users. */
export interface KnownPathsObserver {
  /** `whole` isn't kept: what is wanted of it later is made again. */
  onDerivation?(known: KnownDerivation, whole: WholeDerivation): void;
  /** A file or tree, to be read when it is copied. */
  onSource?(known: KnownSource): void;
  /** A text, with its contents. */
  onText?(known: KnownText): void;
  /** A fetch, which may have been started or not. */
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
  /** By {@link Instantiation.twinHash}. */
  readonly #twins = new Map<string, KnownDerivation>();
  #keepsTexts = false;

  constructor(options: KnownPathsOptions = {}) {
    this.storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
    this.#readDrv = options.readDrv ?? (() => undefined);
  }

  /**
   * From now on keeps the texts of derivations, and not what they are made of: attributes, and with them all that these can
   * see. For evaluations of which one has no use for another's values.
   */
  keepTexts(): void {
    this.#keepsTexts = true;
  }

  /** Tells `observer` of all entries. It must come before there are any. */
  observe(observer: KnownPathsObserver): void {
    if (this.#known.size > 0) throw new TypeError("Bug: an observer that has missed store paths");
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
   * Completes a derivation that was made by `recipe` (see {@link instantiate}) and is given away, and enters it.
   * @throws {UnknownPathError} if an input isn't known.
   * @throws {FormatError} if the derivation contradicts itself.
   */
  addDerivation(drv: Derivation, recipe: DerivationRecipe): KnownDerivation {
    const instantiation = new Instantiation(drv, this.#lookup, { storeDir: this.storeDir, consume: true });
    const { references, twinHash } = instantiation;
    const twin = twinHash === null ? undefined : this.#twins.get(twinHash);
    if (twin !== undefined && twin.name === drv.name && equalLists(twin.references, references)) {
      return this.#again(twin, recipe);
    }
    const made = instantiation.finish();
    const present = this.#known.get(made.drvPath);
    if (present?.kind === "derivation") return this.#again(present, recipe);
    const known = knownDerivation(made.drvPath, made.drv, {
      references,
      modulo: made.modulo(),
      recipe: this.#keepsTexts ? made.aterm() : recipe,
    });
    this.#known.set(known.path, known);
    if (twinHash !== null) this.#twins.set(twinHash, known);
    // Whoever wrote its file as a text has told of the path already.
    if (present === undefined) { for (const observer of this.#observers) observer.onDerivation?.(known, made); }
    this.#use(known);
    return known;
  }

  #again(known: KnownDerivation, recipe: DerivationRecipe): KnownDerivation {
    // The attributes it was made of before may have changed since; a text hasn't.
    if (typeof known.recipe !== "string") known.recipe = recipe;
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

  #add(known: Exclude<KnownPath, KnownDerivation>): void {
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
      const drv = this.whole(path);
      const modulo = hashModulo(drv, this.#lookup);
      stored = knownDerivation(path, drv, { references: referencesOf(drv), modulo, recipe: null });
      this.#stored.set(path, stored);
    }
    return stored;
  }

  /**
   * Returns all of a derivation, made again or read from the store.
   * @throws {UnknownPathError} if it is neither from this evaluation nor in the store, or isn't made any more.
   */
  whole(path: DrvPath): Derivation {
    const known = this.#known.get(path);
    if (known?.kind === "derivation" && known.recipe !== null && typeof known.recipe !== "string") {
      const made = instantiate(known.recipe.make(), this.#lookup, { storeDir: this.storeDir });
      if (made.drvPath === path) return made.drv;
    }
    const text = textOf(known) ?? this.#readDrv(path);
    if (text === undefined) throw new UnknownPathError(path);
    return parseAterm(text, { name: drvNameFromPath(path), storeDir: this.storeDir });
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
      else next = isDrvPath(at) ? this.derivation(at).references : references(at);
      for (const reference of next) seen.add(reference);
    }
    return [...seen];
  }
}

/** Returns the text of a file, if it is kept. */
function textOf(known: KnownPath | undefined): string | undefined {
  if (known?.kind === "text") return known.contents;
  return known?.kind === "derivation" && typeof known.recipe === "string" ? known.recipe : undefined;
}

function notify(observer: KnownPathsObserver, known: Exclude<KnownPath, KnownDerivation>): void {
  switch (known.kind) {
    case "source":
      return observer.onSource?.(known);
    case "text":
      return observer.onText?.(known);
    case "fetch":
      return observer.onFetch?.(known);
  }
}

function knownDerivation(
  path: DrvPath,
  { name, outputs, env }: Derivation,
  { references, recipe, modulo: { hex, deferred } }: Pick<KnownDerivation, "references" | "recipe" | "modulo">,
): KnownDerivation {
  const paths = new OutputPaths(outputs);
  return {
    kind: "derivation",
    path,
    name,
    nameVariable: env.get("name") ?? "",
    outputs: paths,
    references,
    modulo: { hex, deferred, outputs: paths },
    recipe,
  };
}

function equalLists(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
