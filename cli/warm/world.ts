/**
 * Sessions that stay between jobs with all their values, each of which knows what it was made from
 * (lib/runtime/tracking.ts): `devix serve`'s engine, for jobs that anybody may ask for.
 *
 * Before a job, everything that values were made from is looked at ({@link WorldCheck}), and what depends on something that
 * has changed is put back. What thunks do besides making values has to be done in each job: one that said something is put
 * back before each. So the job runs exactly the thunks that are not as they were, in the order in which a process of its
 * own would run them.
 *
 * What a job can see besides values is which of them were there before it wanted them, how deep the stack is, in which
 * order names were first seen, and the clock and the network. Where it does, or where it fails, whose traces show all of
 * this, it is done once more without anything that was kept ({@link Worlds.refuse}).
 */
import {
  depend,
  EvalInputs,
  type EvalLog,
  type Fetcher,
  HostIO,
  isWithin,
  lowerCallDepth,
  NixError,
  noteOf,
  partsOf,
  PieceExpr,
  RecordingIO,
  type RecordingOptions,
  say,
  type Session,
  type SessionOptions,
  setMaxCallDepth,
  Tracker,
  WorldCheck,
} from "../../mod.ts";
import type { Watched } from "../recorder.ts";
import { isModule } from "./module.ts";

/** How many sessions stay, for different settings, directories and search paths. */
const MAX_WORLDS = 3;
/** How many roots, and what was asked of them, stay in each. */
const MAX_KEPT = 24;
/** How many questions it is remembered of by which session they were answered. */
const MAX_QUESTIONS = 100;
/**
 * Where a change leaves less than this share of so many thunks it is a large one: to evaluate the rest once more, noting
 * what it depends on, takes longer than to evaluate everything and note nothing.
 */
const WORTH_KEEPING = 2 / 3;
const MANY_THUNKS = 100_000;
/** How many large ones in a row a world is kept for all the same: mostly another edit of the same file is a small one. */
const MAX_LARGE_EDITS = 3;
/** How many files may be edited at a time that are looked at in pieces from then on. */
const MAX_EDITED_AT_ONCE = 8;
/** Of how many files that is remembered. */
const MAX_EDITED = 100;

/** What thunks depend on that said something. */
const SAID = "said";

/** What a world is made of. */
export interface WorldParts {
  readonly log: EvalLog;
  readonly files: RecordingOptions;
  readonly fetcher: (onUse: () => void) => Fetcher;
  readonly session: (
    parts: Pick<SessionOptions, "log" | "files" | "inputs" | "fetcher" | "edits">,
    onStore: () => void,
  ) => Session;
}

/** How files are looked at that nobody has edited yet. */
export interface WorldOptions {
  /** Whether modules are in pieces from the start, as people edit these: the first edit of one is as quick as others then. */
  readonly cutsModules: boolean;
}

/** A session with its values. */
export class World implements Watched {
  readonly session: Session;
  readonly inputs: EvalInputs;
  readonly #host = new HostIO();
  readonly #files: RecordingIO;
  readonly #tracker = new Tracker();
  readonly #check = new WorldCheck();
  readonly #fetcher: Fetcher;
  readonly #refuse: (why: string) => never;
  /** Notes of the contents of files that have been edited: these are in pieces (lib/compile/pieces.ts). */
  readonly #edited: Set<string>;
  #log: EvalLog;
  #jobs = 0;
  #hasFailed = false;
  #isSpoilt = false;
  /** Whether modules are in pieces from the start. */
  readonly cutsModules: boolean;
  /** How many of the last changes were large. */
  #largeEdits = 0;
  #end: (() => unknown) | null = null;

  constructor(
    { log, files, fetcher, session }: WorldParts,
    { edited, refuse, cutsModules }: WorldOptions & {
      readonly edited: Set<string>;
      readonly refuse: (why: string) => never;
    },
  ) {
    this.cutsModules = cutsModules;
    this.#log = log;
    this.#edited = edited;
    this.#refuse = refuse;
    this.#files = new RecordingIO(this.#host, { ...files, tracked: true });
    this.inputs = new EvalInputs({ hash: (bytes) => this.#files.hash(bytes) });
    const ends = (why: string) => () => {
      if (this.#jobs > 1 || this.hasPieces) this.#refuse(why);
      this.#isSpoilt = true;
    };
    this.#fetcher = fetcher(ends("it fetches"));
    this.session = session({
      log: {
        trace: (text) => {
          say();
          depend(SAID);
          this.#log.trace(text);
        },
        warn: (text, options) => {
          say();
          depend(SAID);
          this.#log.warn(text, options);
        },
        message: (level, text) => this.#log.message(level, text),
      },
      files: this.#files,
      inputs: this.inputs,
      fetcher: this.#fetcher,
      edits: {
        noteOf: (path, bytes) => this.#noteOfPieces(path, bytes),
        disturb: (path) => {
          this.#isSpoilt = true;
          this.#refuse(`${path} changes meanwhile`);
        },
      },
    }, ends("it asks a store"));
  }

  /** Whether it has values of earlier jobs. */
  get isUsed(): boolean {
    return this.#jobs > 1;
  }

  /** Whether some of its files are in pieces: that shows in traces, and in what waits. */
  get hasPieces(): boolean {
    return this.session.evaluator.hasPieces;
  }

  /** Whether it can't be used again. */
  get isSpoilt(): boolean {
    return this.#isSpoilt || this.inputs.usesClock || this.#tracker.isFull;
  }

  /** Whether something showed which values were there before. */
  get seesLaziness(): boolean {
    return this.#tracker.seesLaziness;
  }

  /** Whether the job that is under way has. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Begins a job. */
  begin(log: EvalLog): void {
    this.#log = log;
    this.#jobs++;
    this.#hasFailed = false;
    if (this.#jobs > 1) this.#putBack();
    // What stays may have been made with a part of the stack that the job uses up before it wants it.
    const { maxCallDepth } = this.session.evaluator.settings;
    setMaxCallDepth(maxCallDepth);
    lowerCallDepth(maxCallDepth >> 1, () => this.#refuse("calls are nested deep"));
    this.#end = this.#tracker.begin();
  }

  #putBack(): void {
    this.#host.forget();
    const changed: unknown[] = this.#check.changes(this.#files.observations, (name) => this.#files.getEnv(name));
    const notes = changed as string[];
    const paths = notes.map((note) => partsOf(note)).filter(({ kind }) => kind !== "env").map(({ path }) => path);
    // Copies of a source that is forgotten go with it; they were entered after it.
    const stale: string[] = [];
    const isStale = (origin: string) =>
      paths.some((path) => isWithin(path, origin) || isWithin(origin, path)) ||
      stale.some((path) => isWithin(origin, path));
    const sources = paths.length === 0 ? [] : this.session.knownPaths.forgetSources(({ path, origin }) => {
      if (!isStale(origin)) return false;
      stale.push(path);
      return true;
    });
    this.#files.forget(notes);
    this.session.forget();
    const pieces = notes.flatMap((note) => this.session.evaluator.revise(note));
    const before = this.#tracker.size;
    const reset = this.#tracker.reset([...notes, ...sources, ...pieces, SAID]);
    const isEdit = this.#noteEdits(notes);
    if (before > MANY_THUNKS && reset > (1 - WORTH_KEEPING) * before) {
      this.#largeEdits = isEdit ? this.#largeEdits + 1 : Infinity;
    } else if (notes.length > 0) {
      this.#largeEdits = 0;
    }
    if (this.#largeEdits > MAX_LARGE_EDITS) {
      this.#isSpoilt = true;
      this.#refuse("too much has changed");
    }
  }

  /** Remembers which files have been edited; returns whether they were, and it isn't another tree that is there now. */
  #noteEdits(notes: readonly string[]): boolean {
    const edited = notes.filter((note) => partsOf(note).kind === "contents");
    if (edited.length > MAX_EDITED_AT_ONCE) return false;
    for (const note of edited) {
      // Those edited last come last.
      this.#edited.delete(note);
      this.#edited.add(note);
    }
    for (const oldest of this.#edited) {
      if (this.#edited.size <= MAX_EDITED) break;
      this.#edited.delete(oldest);
    }
    return true;
  }

  /** Returns what stands for a file's contents if it is to be in pieces. */
  #noteOfPieces(path: string, bytes: Uint8Array): string | undefined {
    // A world that isn't used again has no use for them.
    if (this.#isSpoilt || path[0] !== "/") return undefined;
    const isCut = this.cutsModules && !this.#tracker.isHalfFull && !isWithin(path, this.#files.storeDir) &&
      isModule(bytes);
    if (!isCut && this.#edited.size === 0) return undefined;
    const note = noteOf("contents", this.#files.resolveSymlinks(path, "full"));
    return isCut || this.#edited.has(note) ? note : undefined;
  }

  /** Ends a job. */
  end(): void {
    if (this.#end === null) return;
    this.#end();
    this.#end = null;
    setMaxCallDepth(this.session.evaluator.settings.maxCallDepth);
    this.session.forgetKept(MAX_KEPT, this.#tracker);
  }

  /** What the job has seen so far, or would have if nothing had been kept. */
  get observations(): Watched["observations"] {
    const { types, contents, listings, links, env } = this.#files.observations;
    const all = { types, contents, listings, links, env };
    const seen = { types: new Map(), contents: new Map(), listings: new Map(), links: new Map(), env: new Map() };
    seen.types.set("/", types.get("/"));
    for (const thing of this.#tracker.soFar()) {
      const note = thing instanceof PieceExpr ? thing.file.note : thing;
      if (typeof note !== "string" || note === SAID) continue;
      const { kind, path } = partsOf(note);
      seen[kind].set(path, all[kind].get(path));
    }
    return seen;
  }

  get looked(): Watched["observations"] {
    return this.#files.observations;
  }

  get unstable(): string | null {
    // A tracker that is full doesn't know all that was seen.
    return this.#files.unstable ?? (this.#tracker.isFull ? "/" : null);
  }

  /** To be called with what a job fails with, while it is under way. */
  noteFailure(thrown: unknown): void {
    this.#hasFailed = true;
    if (thrown instanceof NixError) this.#tracker.forgetFailure(thrown);
  }

  /** Ends what is still going on for it. */
  close(): void {
    this.#fetcher.close();
  }
}

/** A job that may be done in a world. */
export interface WorldJob {
  /** Ends it, by throwing, when a world can't vouch for what it would say. */
  refuse(why: string): never;
  /** Called when it gets a world with values of other jobs. */
  onUsed(): void;
}

/** Worlds between their jobs. */
export class Worlds {
  /** The one used last comes last. */
  readonly #kept = new Map<string, World>();
  /** Notes of files that have been edited, in whatever world. */
  readonly #edited = new Set<string>();
  /** Which world answered a question last. */
  readonly #answered = new Map<string, World>();
  /** The world of the job that is under way. */
  #current: World | null = null;
  #job: WorldJob | null = null;
  #options: WorldOptions = { cutsModules: true };

  /** Whether a question was answered by a world that is still there. */
  knows(question: string): boolean {
    const world = this.#answered.get(question);
    return world !== undefined && [...this.#kept.values()].includes(world);
  }

  /** The world of the job that is under way, if it has one. */
  get current(): World | null {
    return this.#current;
  }

  /** Opens the world of a job. */
  open(key: string, parts: WorldParts): World {
    const { cutsModules } = this.#options;
    let world = this.#kept.get(key);
    this.#kept.delete(key);
    if (world?.cutsModules && !cutsModules) {
      world.close();
      world = undefined;
    }
    world ??= new World(parts, { edited: this.#edited, refuse: (why) => this.#job!.refuse(why), cutsModules });
    this.#kept.set(key, world);
    this.#current = world;
    world.begin(parts.log);
    if (world.isUsed) this.#job?.onUsed();
    return world;
  }

  /** Does a job. `options` are those of its world if that is made for it. */
  run<T>(question: string, job: WorldJob, options: WorldOptions, action: () => T): T {
    this.#job = job;
    this.#options = options;
    this.#current = null;
    let done = false;
    try {
      const result = action();
      done = true;
      return result;
    } finally {
      this.#leave(question, done);
    }
  }

  #leave(question: string, done: boolean): void {
    const world = this.#current;
    this.#current = null;
    if (world === null) return;
    world.end();
    this.#answered.delete(question);
    if (done) this.#answered.set(question, world);
    for (const [key, each] of this.#kept) {
      if (each === world ? !world.isSpoilt : this.#kept.size <= MAX_WORLDS) continue;
      this.#kept.delete(key);
      each.close();
    }
    const kept = new Set(this.#kept.values());
    for (const [asked, each] of this.#answered) {
      if (!kept.has(each) || this.#answered.size > MAX_QUESTIONS) this.#answered.delete(asked);
    }
  }

  /** Forgets everything, values above all. */
  clear(): void {
    for (const world of this.#kept.values()) world.close();
    this.#kept.clear();
    this.#answered.clear();
  }
}
