/**
 * The composition root: puts an evaluator together from a world, a store, known paths and the builtins.
 *
 * Everything that depends on the machine, the user or a flag is decided by whoever opens a session; nothing below this
 * file looks at them by itself.
 */
import { type BuiltinDeps, pureBuiltins, worldBuiltins } from "./builtins/mod.ts";
import { DERIVATION_DISPLAY, INTERNAL_FILES } from "./builtins/derivation.ts";
import { fetchFlakeSource, fetchPseudoUrl } from "./builtins/fetched_source.ts";
import { type FlakePlace, type LocalFlake, openLocalFlake } from "./builtins/local_flake.ts";
import { parseSearchPathEntry, SearchPathResolver } from "./builtins/search_path.ts";
import { Evaluator, type EvaluatorOptions, type FileEdits } from "./lib/evaluator.ts";
import type { Fetcher } from "./lib/fetch/fetcher.ts";
import { bytesToBinary } from "./lib/format/bytes.ts";
import type { Hash } from "./lib/format/hash.ts";
import { type DrvPath, isInStore, type StorePath } from "./lib/format/store_path.ts";
import { makeCopyToStore } from "./lib/io/copy_to_store.ts";
import { FetchedPaths } from "./lib/io/fetched_paths.ts";
import { HostIO } from "./lib/io/host.ts";
import { isPseudoUrl, resolvePseudoUrl } from "./lib/fetch/pseudo_url.ts";
import { type EvalInputs, InputsIO, noteCopies } from "./lib/io/inputs.ts";
import { InternalFilesIO } from "./lib/io/internal_files.ts";
import { makeRealise } from "./lib/io/realise.ts";
import { checkUri, RestrictedIO, type Restriction } from "./lib/io/restricted.ts";
import type { SourceIO } from "./lib/io/source_io.ts";
import { StoreIO } from "./lib/io/store_io.ts";
import { storeWriter } from "./lib/io/store_writer.ts";
import { KnownPaths, type KnownPathsObserver } from "./lib/known_paths.ts";
import type { Builtin } from "./lib/runtime/builtin.ts";
import { canonPath, type CopyToStore } from "./lib/runtime/coerce.ts";
import { callDepth, restoreCallDepth } from "./lib/runtime/depth.ts";
import { evalError, hint, isStackOverflow, NixError, stripEscapes } from "./lib/runtime/errors.ts";
import type { EvalIO } from "./lib/runtime/io.ts";
import type { EvalLog } from "./lib/runtime/log.ts";
import type { Optimisations } from "./lib/runtime/optimisations.ts";
import { renderError } from "./lib/runtime/render_error.ts";
import { DEFAULT_SETTINGS, type EvalSettings } from "./lib/runtime/settings.ts";
import { depend, madeByNobody, type Tracker, tracker } from "./lib/runtime/tracking.ts";
import { force, lazy, renewLazy, type Thunk } from "./lib/runtime/thunk.ts";
import type { PathValue, Slot, Value } from "./lib/runtime/value.ts";
import { ComputeOnlyStore } from "./lib/store/compute_only.ts";
import type { Store } from "./lib/store/store.ts";
import type { Expr } from "./lib/syntax/ast.ts";
import type { TreeCache } from "./lib/runtime/tree_cache.ts";
import type { Origin, PosTable } from "./lib/syntax/positions.ts";
import { decodeUtf8Lossy } from "./lib/text/utf8.ts";

/** What a session is opened with. Paths are absolute binary strings. */
export interface SessionOptions {
  /** What differs from {@link DEFAULT_SETTINGS}. */
  readonly settings?: Partial<EvalSettings>;
  /** Where evaluation says what isn't its result; nowhere unless given. */
  readonly log?: EvalLog;
  /** What relative paths on the command line and in the search path start from; "/" unless given. */
  readonly currentDir?: string;
  /** More builtins. They win over those of the same name. */
  readonly builtins?: readonly Builtin[];
  /** Entries of the search path, `prefix=path` or `path`, in the order in which they are tried. */
  readonly searchPath?: readonly string[];
  /**
   * Returns the store paths that the one refers to in which a path lies. Where evaluation is restricted it may look at those
   * of the search path, too, if this is given.
   */
  readonly closureOf?: (path: string) => Iterable<StorePath>;
  /** The files and environment evaluation sees; the host's unless given. */
  readonly files?: SourceIO;
  /** Environment variables that win over the host's. */
  readonly env?: ReadonlyMap<string, string>;
  /** False hides the host's environment. */
  readonly inheritEnv?: boolean;
  /** Whether pure evaluation may read all files, and not only what is in the store because of it. */
  readonly pureReadsFiles?: boolean;
  /** Where `~` is. @throws if nobody knows */
  readonly homeDir?: () => string;
  /** Where what evaluation makes is put; a store that only computes unless given. */
  readonly store?: Store;
  /** Is told of every derivation, source, text and fetch as it becomes known. */
  readonly observer?: KnownPathsObserver;
  /** Fetches what programs name by URL and the like; without one they can't. */
  readonly fetcher?: Fetcher;
  /** Notes what evaluation depends on, and logs it (level 4) as devenv reads it. */
  readonly inputs?: EvalInputs;
  /** Seconds since 1970; now unless given. */
  readonly time?: number;
  /** Whether paths the program names must be in the store. */
  readonly checkPaths?: boolean;
  /** Where syntax trees of files are kept from one run to the next; nowhere unless given. */
  readonly trees?: TreeCache;
  /** Which files are cut into pieces, where values stay (lib/compile/pieces.ts); none unless given. */
  readonly edits?: FileEdits;
  /** Counts calls of builtins by name. */
  readonly builtinCalls?: Map<string, number>;
  /** What to do for speed other than usual (for tests). */
  readonly optimisations?: Partial<Optimisations>;
  /**
   * The evaluator of a session that is over and had the same settings (but for `showTrace`), directory, search path and
   * store directory, noted its inputs and didn't ask for the time: what it has compiled is used again.
   */
  readonly evaluator?: Evaluator;
  /** {@link EvaluatorOptions.keepsCode}; true unless given. */
  readonly keepsCode?: boolean;
}

const SILENT: EvalLog = { trace: () => {}, warn: () => {}, message: () => {} };

/** An evaluator with a world around it. */
export class Session {
  readonly evaluator: Evaluator;
  readonly io: EvalIO;
  readonly knownPaths: KnownPaths;
  readonly store: Store;
  /** Null where nothing can be fetched. */
  readonly fetcher: Fetcher | null;
  readonly searchPaths: SearchPathResolver;
  /** Null where nothing can be fetched. */
  readonly fetchedPaths: FetchedPaths | null;
  readonly copyToStore: CopyToStore;
  readonly currentDir: string;
  readonly #world: StoreIO;
  readonly #makeCopy: () => CopyToStore;
  #copy: CopyToStore;
  /** The one wanted last comes last. */
  readonly #kept = new Map<string, Thunk>();
  readonly #searchPath: BuiltinDeps["searchPath"];
  readonly #deps: BuiltinDeps;
  readonly #settings: EvalSettings;

  constructor(options: SessionOptions = {}) {
    const { log = SILENT, currentDir = "/" } = options;
    const settings = this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    checkBinary(currentDir, "open a session in a directory");
    if (currentDir[0] !== "/") throw new TypeError(`Cannot open a session in "${currentDir}": it isn't absolute`);
    this.currentDir = currentDir;
    const store = this.store = options.store ?? new ComputeOnlyStore();
    const knownPaths = this.knownPaths = new KnownPaths({
      storeDir: store.storeDir,
      readDrv: (path) => this.#readDrv(path),
    });
    knownPaths.observe({ onUse: depend });
    if (options.observer !== undefined) knownPaths.observe(options.observer);
    const fetcher = this.fetcher = options.fetcher ?? null;
    const fetched = this.fetchedPaths = fetcher === null ? null : new FetchedPaths({ fetcher, knownPaths, store });
    if (!(store instanceof ComputeOnlyStore)) {
      knownPaths.observe(storeWriter(store, { fetched: (path) => fetched?.source(path) }));
    }

    const world = openWorld(options, { settings, store, knownPaths, fetched });
    this.#world = world.store;
    this.io = world.io;
    this.#searchPath = settings.pureEval ? [] : (options.searchPath ?? []).map(parseSearchPathEntry);
    this.searchPaths = this.#openSearchPaths(log);
    this.#makeCopy = copying(world, { log, inputs: options.inputs });
    this.#copy = this.#makeCopy();
    this.copyToStore = (path: PathValue) => this.#copy(path);

    const evaluatorOptions = evaluatorOptionsOf(options, { settings, log, world, copy: this.copyToStore });
    this.evaluator = options.evaluator?.renew(evaluatorOptions) ?? new Evaluator(evaluatorOptions);
    this.#deps = this.#builtinDeps(options, { log, world });
    // C++ Nix does so before all else; here it waits until it is needed.
    log.message(4, `evaluating file '${DERIVATION_DISPLAY}'`);
    defineBuiltins(this.evaluator, this.#deps, options);
    if (world.restricted !== undefined) this.#allowSearchPath(world.restricted, options);
  }

  #openSearchPaths(log: EvalLog): SearchPathResolver {
    return new SearchPathResolver({
      io: this.io,
      log,
      currentDir: this.currentDir,
      pureEval: this.#settings.pureEval,
      ...(this.fetcher === null ? {} : {
        checkFetch: (entry) => this.#checkFetch(entry),
        fetchTarball: (url) => fetchPseudoUrl(this.#deps, url),
        fetchFlake: (reference) => fetchFlakeSource(this.#deps, reference),
      }),
    });
  }

  /**
   * Lets restricted evaluation look at its search path, one entry after the other and before anything is parsed, as C++ Nix
   * does: it shows in warnings and in what is downloaded.
   */
  #allowSearchPath(restricted: RestrictedIO, { closureOf }: SessionOptions): void {
    for (const { path } of this.#searchPath) {
      const absolute = canonPath(path[0] === "/" ? path : `${this.currentDir}/${path}`);
      restricted.allow(absolute);
      if (isInStore(absolute, this.store)) {
        for (const each of closureOf?.(absolute) ?? []) restricted.allow(each);
      }
      this.searchPaths.resolveEntry(path);
    }
  }

  #builtinDeps(
    { inputs, time = Math.floor(Date.now() / 1000) }: SessionOptions,
    { log, world }: { readonly log: EvalLog; readonly world: World },
  ): BuiltinDeps {
    const { evaluator, fetchedPaths, knownPaths } = this;
    const { restricted, store } = world;
    const settings = this.#settings;
    return {
      settings,
      log,
      positions: evaluator.positions,
      io: this.io,
      evaluator,
      copyToStore: this.copyToStore,
      realise: makeRealise({
        knownPaths,
        isValid: (path) => store.isValid(path),
        allowImportFromDerivation: settings.allowImportFromDerivation,
        realiseOutput: (drvPath, output) => fetchedPaths?.realiseOutput(drvPath, output) ?? false,
      }),
      fetcher: this.fetcher,
      checkUri: (uri) => {
        if (restricted !== undefined && settings.restrictEval) {
          checkUri(uri, { allowedUris: settings.allowedUris, io: restricted });
        }
      },
      allowPath: (path) => restricted?.allow(path),
      narHash: (path) => this.#narHash(path),
      knownPaths,
      searchPaths: this.searchPaths,
      searchPath: this.#searchPath,
      time: inputs === undefined ? time : lazy(() => {
        inputs.clock();
        return time;
      }),
      references: (path) => this.#references(path),
      ensurePath: this.store instanceof ComputeOnlyStore ? null : (path) => {
        if (store.isValid(path)) return;
        // C++ Nix asks its substituters first.
        throw new NixError(
          "unsupported",
          hint`path '${path}' is required, but there is no substituter that can build it`,
        );
      },
    };
  }

  /** Lines and columns of what was parsed. */
  get positions(): PosTable {
    return this.evaluator.positions;
  }

  /**
   * Parses a text, a binary string, whose relative paths start from the current directory. `origin` is what errors say it is.
   * @throws {NixError} of kind `parse` and others
   * @throws {TypeError} if it is no binary string
   */
  parse(text: string, origin: Origin = { kind: "string" }): Expr {
    checkBinary(text, "parse a text");
    return this.evaluator.parse(text, this.currentDir, origin);
  }

  /**
   * Parses a file, or the `default.nix` of a directory. The path is a binary string, and starts from the current directory
   * unless it is absolute.
   * @throws {NixError} of kind `io`, `parse` and others
   * @throws {TypeError} if it is no binary string
   */
  parseFile(path: string): Expr {
    checkBinary(path, "parse a file of a name");
    return this.evaluator.parseFile(canonPath(path[0] === "/" ? path : `${this.currentDir}/${path}`));
  }

  /** Evaluates a parsed expression to weak head normal form. */
  evaluate(expr: Expr): Value {
    const depth = callDepth();
    try {
      return this.evaluator.evaluate(expr);
    } catch (e) {
      // An error leaves it as deep as it was, and there may be another evaluation.
      restoreCallDepth(depth);
      throw e;
    }
  }

  /** Returns where the source is that a URL or `flake:` reference names; undefined for other texts. @throws {NixError} */
  fetchedSource(text: string): string | undefined {
    if (text.startsWith("flake:")) return fetchFlakeSource(this.#deps, text.slice("flake:".length));
    return isPseudoUrl(text) ? fetchPseudoUrl(this.#deps, text) : undefined;
  }

  /**
   * Returns what C++ Nix would say of something thrown, without colours; of a native stack that is full too. Anything but an
   * error of the program is thrown on. Call it where evaluation is over: the next one starts without calls under way.
   */
  explain(error: unknown): string {
    restoreCallDepth(0);
    if (isStackOverflow(error)) return "error: stack overflow (possible infinite recursion)";
    if (!(error instanceof NixError)) throw error;
    const rendered = renderError(error, { positions: this.positions, showTrace: this.#settings.showTrace });
    return decodeUtf8Lossy(stripEscapes(rendered));
  }

  /** Returns the path `<name>` stands for. */
  findFile(name: string): PathValue {
    return this.searchPaths.find(this.#searchPath, name);
  }

  /** Reads a flake where it lies. @throws {NixError} */
  localFlake(place: FlakePlace): LocalFlake {
    return openLocalFlake(this.#deps, place);
  }

  /**
   * Returns a value that stays in this session, where values do (lib/runtime/tracking.ts): it is computed anew when what
   * it was made from has changed. The key says all that it is made from besides the world.
   */
  keep(key: string, compute: () => Slot): Value {
    return force(tracker === null ? compute() : this.keepSlot(key, () => force(compute())));
  }

  /** The same; the value is computed when it is wanted. */
  keepSlot(key: string, compute: () => Value): Thunk {
    if (tracker === null) return lazy(compute);
    let thunk = this.#kept.get(key);
    this.#kept.delete(key);
    if (thunk === undefined) {
      thunk = madeByNobody(() => lazy(compute));
      tracker.keepParts(thunk);
    } else renewLazy(thunk, compute);
    this.#kept.set(key, thunk);
    return thunk;
  }

  /** Forgets values that were kept, but for the `count` that were wanted last. Nothing may be under way. */
  forgetKept(count: number, from: Tracker): void {
    for (const [key, thunk] of this.#kept) {
      if (this.#kept.size <= count) break;
      this.#kept.delete(key);
      from.drop(thunk);
    }
    from.sweepSometimes();
  }

  /**
   * Forgets all that was remembered of the world, where values are kept that don't depend on it (lib/runtime/tracking.ts);
   * what `files` remembers is up to whoever gave it.
   */
  forget(): void {
    this.evaluator.forget();
    this.#world.forget();
    this.fetcher?.forgetPassing();
    this.searchPaths.forget();
    this.#copy = this.#makeCopy();
  }

  /**
   * Checks that an entry of a search path may be fetched. The user's own may; programs can make entries, too, and then it is
   * as if they fetched by themselves. (C++ Nix fetches it, and then doesn't let anybody read it.)
   */
  #checkFetch(entry: string): void {
    if (this.#searchPath.some(({ path }) => path === entry)) return;
    const uri = entry.startsWith("flake:") ? entry.slice("flake:".length) : resolvePseudoUrl(entry);
    if (this.#deps.settings.pureEval) {
      throw evalError(hint`in pure evaluation mode, 'findFile' doesn't fetch unlocked input '${uri}'`);
    }
    this.#deps.checkUri(uri);
  }

  #readDrv(path: DrvPath): string | undefined {
    const bytes = this.store.readFile(path);
    if (bytes !== undefined) return bytesToBinary(bytes);
    return this.io.pathExists(path) ? bytesToBinary(this.io.readFile(path)) : undefined;
  }

  #narHash(path: StorePath): Hash | undefined {
    const known = this.knownPaths.get(path);
    if (known?.kind === "source" && known.ca.method === "nar") return known.ca.hash;
    return this.fetchedPaths?.narHash(path) ?? this.store.queryPathInfo(path)?.narHash;
  }

  #references(path: StorePath): readonly StorePath[] {
    const known = this.knownPaths.get(path);
    if (known !== undefined && "references" in known) return known.references;
    return this.store.queryPathInfo(path)?.references ?? [];
  }
}

/** @throws {TypeError} for what would lose characters, taken for one byte per char */
function checkBinary(text: string, action: string): void {
  if (!/[^\0-\xff]/.test(text)) return;
  throw new TypeError(`Cannot ${action} that is no binary string: encodeUtf8() makes one of it`);
}

/** What evaluation sees, layer by layer. */
interface World {
  /** The files there are, whatever evaluation may look at. */
  readonly host: SourceIO;
  /** Between files and store where not all may be looked at. */
  readonly restricted: RestrictedIO | undefined;
  readonly store: StoreIO;
  /** Around the store where inputs are noted. */
  readonly noting: InputsIO | undefined;
  /** The outermost layer. */
  readonly io: EvalIO;
}

function openWorld(
  options: SessionOptions,
  { settings, store, knownPaths, fetched }: {
    readonly settings: EvalSettings;
    readonly store: Store;
    readonly knownPaths: KnownPaths;
    readonly fetched: FetchedPaths | null;
  },
): World {
  const { env, inheritEnv, inputs } = options;
  const host = options.files ?? new HostIO({ storeDir: store.storeDir, env, inheritEnv });
  const restriction = restrictionOf(settings, options);
  const restricted = restriction === undefined ? undefined : new RestrictedIO(host, restriction);
  if (restricted !== undefined) {
    // What evaluation itself puts into the store it may look at.
    const allow = ({ path }: { readonly path: string }) => restricted.allow(path);
    knownPaths.observe({ onSource: allow, onText: allow, onDerivation: allow, onFetch: allow });
  }
  // The store on top: it copies internal files too.
  const files = new InternalFilesIO(restricted ?? host, INTERNAL_FILES);
  const world = new StoreIO({
    files,
    store,
    knownPaths,
    storeFiles: host,
    fetchedFiles: fetched === null ? undefined : (path) => fetched.files(path),
  });
  const noting = inputs === undefined ? undefined : new InputsIO(world, inputs);
  return { host, restricted, store: world, noting, io: noting ?? world };
}

function restrictionOf(settings: EvalSettings, { pureReadsFiles }: SessionOptions): Restriction | undefined {
  if (settings.pureEval && !pureReadsFiles) return "pure";
  return settings.restrictEval ? "restricted" : undefined;
}

/** Returns what makes a function that copies to the store and remembers what it has copied. */
function copying(
  world: World,
  { log, inputs }: { readonly log: EvalLog; readonly inputs: EvalInputs | undefined },
): () => CopyToStore {
  if (inputs === undefined) return () => makeCopyToStore({ io: world.io, log });
  // Inputs are logged as they are noted: once, and in one place.
  const silent: EvalLog = { ...log, message: () => {} };
  return () => noteCopies(makeCopyToStore({ io: world.store, log: silent }), inputs);
}

function evaluatorOptionsOf(
  options: SessionOptions,
  { settings, log, world, copy }: {
    readonly settings: EvalSettings;
    readonly log: EvalLog;
    readonly world: World;
    readonly copy: CopyToStore;
  },
): EvaluatorOptions {
  const { inputs, trees, edits, optimisations, keepsCode = true } = options;
  return {
    settings,
    io: world.noting?.forEvaluator() ?? world.io,
    log: inputs === undefined ? log : {
      ...log,
      // The evaluator's own files are nobody's input.
      message: (level, text) => text.includes(" '<") ? log.message(level, text) : undefined,
    },
    copy,
    homeDir: () => {
      // The user's, also where programs see no environment.
      const home = world.host.getEnv("HOME");
      inputs?.variable("HOME", home);
      return options.homeDir?.() ?? home;
    },
    decode: bytesToBinary,
    trees,
    edits,
    optimisations,
    keepsCode,
  };
}

function defineBuiltins(evaluator: Evaluator, deps: BuiltinDeps, options: SessionOptions): void {
  const pure = pureBuiltins(deps);
  const impure = worldBuiltins(deps);
  const functions = [...pure.functions, ...impure.functions, ...options.builtins ?? []];
  const { builtinCalls } = options;
  evaluator.define(builtinCalls === undefined ? functions : functions.map((f) => counted(f, builtinCalls)), [
    ...pure.constants,
    ...impure.constants,
  ]);
}

/** Returns a builtin that counts its calls. */
function counted(builtin: Builtin, calls: Map<string, number>): Builtin {
  const { name, call } = builtin;
  return {
    ...builtin,
    call: (...args) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return call(...args);
    },
  };
}
