/**
 * A value that stays between requests: what `open` opens.
 *
 * The root is evaluated when first wanted and kept. When something it was made from changes, exactly the thunks that
 * depend on it are put back (lib/runtime/tracking.ts); the rest stays evaluated. An input counts as changed only if it now
 * says something else, so saying too much of what may have changed costs time and nothing more.
 */
import {
  depend,
  type EnvInput,
  EvalInputs,
  type FileInput,
  force,
  hashListing,
  HostIO,
  isUnevaluated,
  isWithin,
  lazy,
  NixError,
  noteOf,
  type Observations,
  parentPath,
  partsOf,
  RecordingIO,
  type Session,
  type SessionOptions,
  type Slot,
  type SourceIO,
  type Thunk,
  Tracker,
} from "../mod.ts";

/** A function of the caller's that was called: its result may change like a file. */
export interface PrimopInput {
  readonly primop: string;
}

type Input = FileInput | EnvInput | PrimopInput;

/** What a workspace is made of. */
export interface WorkspaceOptions {
  /** Opens a session that sees the world through what it is given. */
  readonly openSession: (options: Pick<SessionOptions, "files" | "inputs" | "keepsCode">) => Session;
  /** Called once the workspace isn't used any more. */
  readonly close?: () => void;
  /** Evaluates the root and returns what finds attributes of it. */
  readonly evaluate: (session: Session) => (attrPath: string) => Slot;
  /** Variables that win over the process's own. */
  readonly env: ReadonlyMap<string, string>;
  /** Whether there are other variables. */
  readonly inheritEnv: boolean;
  /** Is told of each input as it first comes up. */
  readonly onInput: (input: FileInput | EnvInput) => void;
}

/** What has changed; everything may have if nothing is said. Binary strings. */
export interface Changes {
  readonly paths?: readonly string[];
  readonly env?: ReadonlyMap<string, string>;
  readonly primops?: readonly string[];
}

/** What {@link Workspace.invalidate} did. */
export interface Invalidated {
  /** Files whose values were thrown away; "" for the root's own. */
  readonly dropped: readonly string[];
  /** How many files' values are kept. */
  readonly kept: number;
  /** How many thunks will be run again. */
  readonly reset: number;
}

/** A look at the world, for what is no longer as it was. */
interface Look {
  /** What is there now, seen with fresh eyes. */
  readonly now: RecordingIO;
  /** Whether anything may have changed; or else only what was said to have. */
  readonly everything: boolean;
  /** Paths that were said to have changed, and where they lead. */
  readonly changed: ReadonlySet<string>;
  /** What was seen there, or in copied trees if anything may have changed, and is otherwise now (see {@link noteOf}). */
  readonly outdated: readonly string[];
}

/** How many values that were asked for stay as such. */
const MAX_KEPT = 1000;

/** An evaluated root with the world it was made from. */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #env: Map<string, string>;
  readonly #host = new HostIO();
  #files: RecordingIO;
  #inputs: EvalInputs;
  #session: Session | null = null;
  #select: ((attrPath: string) => Slot) | null = null;
  /** Its value is null; what it really gives is {@link #select}. */
  #root: Thunk | null = null;
  #tracker = new Tracker();
  /** By name, so that they are always the same. */
  readonly #primops = new Map<string, PrimopInput>();

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#env = new Map(options.env);
    this.#files = this.#makeFiles();
    this.#inputs = this.#makeInputs();
  }

  #makeFiles(): RecordingIO {
    return new RecordingIO(this.#host, { env: this.#env, inheritEnv: this.#options.inheritEnv });
  }

  #makeInputs(): EvalInputs {
    const { onInput } = this.#options;
    return new EvalInputs({ onFile: onInput, onEnv: onInput, hash: (bytes) => this.#files.hash(bytes) });
  }

  /** The session, once there is one. */
  get session(): Session | null {
    return this.#session;
  }

  /** What was depended on so far. */
  get inputs(): EvalInputs {
    return this.#inputs;
  }

  /** Notes that what is being evaluated depends on a function of the caller's. */
  noteCall(primop: string): void {
    let input = this.#primops.get(primop);
    if (input === undefined) this.#primops.set(primop, input = { primop });
    depend(input);
  }

  /** Runs `use` with what finds attributes of the root. `poll` is called now and then and may throw to interrupt. */
  run<T>(use: (select: (attrPath: string) => Slot, session: Session) => T, poll: () => void): T {
    const session = this.#session ??= this.#options.openSession({
      files: this.#files,
      inputs: this.#inputs,
      // Values are forgotten and wanted again.
      keepsCode: true,
    });
    session.forgetKept(MAX_KEPT, this.#tracker);
    const root = this.#root ??= lazy(() => {
      this.#select = this.#options.evaluate(session);
      return null;
    });
    return this.#tracker.run(() => {
      try {
        force(root);
        return use(this.#select!, session);
      } catch (e) {
        this.forgetFailure(e);
        throw e;
      }
    }, { poll });
  }

  /** To be called when something has failed that will be asked for again: see {@link Tracker.forgetFailure}. */
  forgetFailure(error: unknown): void {
    if (error instanceof NixError) this.#tracker.forgetFailure(error);
  }

  /** Throws away what was made from something that has changed. */
  invalidate(changes: Changes): Invalidated {
    for (const [name, value] of changes.env ?? []) this.#env.set(name, value);
    const session = this.#session;
    if (session === null) return { dropped: [], kept: 0, reset: 0 };
    this.#host.forget();
    const inputs = [...this.#tracker.things()].filter((thing): thing is Input =>
      typeof thing === "object" && thing !== null && !("kind" in thing)
    );
    const look = this.#look(changes, inputs);
    const stale = inputs.filter((input) => this.#isStale(input, { changes, look, session }));
    // Nobody looks again at what has gone from a copied tree. And where paths lead may have changed without anybody's
    // input having done so: that is found out anew, too.
    this.#files.forget(look.outdated);
    const before = new Set(session.evaluator.evaluatedFiles());
    const isRootThere = this.#root !== null && !isUnevaluated(this.#root);
    const reset = this.#tracker.reset(stale);
    this.#inputs.forget(stale.filter((input): input is FileInput | EnvInput => !("primop" in input)));
    session.forget();
    const kept = new Set(session.evaluator.evaluatedFiles());
    const dropped = [...before].filter((path) => !kept.has(path));
    if (isRootThere && isUnevaluated(this.#root!)) dropped.push("");
    return { dropped: dropped.sort(), kept: kept.size, reset };
  }

  /** Ends what is still going on for it. */
  close(): void {
    this.#options.close?.();
  }

  /** Starts all over. */
  reset(): void {
    this.#host.forget();
    this.#files = this.#makeFiles();
    this.#inputs = this.#makeInputs();
    this.#session = null;
    this.#select = null;
    this.#root = null;
    this.#tracker = new Tracker();
  }

  /** Looks at what may have changed of what these inputs were. */
  #look({ paths, env, primops }: Changes, inputs: readonly Input[]): Look {
    const now = new RecordingIO(this.#host);
    const everything = paths === undefined && env === undefined && primops === undefined;
    const changed = new Set(paths?.flatMap((path) => [path, this.#files.resolveSymlinks(path, "full")]));
    const copied = inputs.filter((input) => "op" in input && input.op === "copy") as FileInput[];
    const trees = everything ? copied.map(({ path }) => this.#files.resolveSymlinks(path, "ancestors")) : changed;
    return { now, everything, changed, outdated: this.#outdated(now, trees) };
  }

  /** Returns what was seen of trees and is otherwise now. */
  #outdated(now: RecordingIO, trees: Iterable<string>): string[] {
    const roots = new Set(trees);
    const seen = this.#files.observations;
    const outdated: string[] = [];
    const compare = (kind: keyof Observations, look: (path: string) => string | undefined) => {
      for (const [at, before] of seen[kind]) {
        if (isWithinOne(at, roots) && look(at) !== before) outdated.push(noteOf(kind, at));
      }
    };
    compare("types", (at) => {
      const stat = now.stat(at);
      return stat === undefined ? "absent" : stat.executable ? "executable" : stat.type;
    });
    compare("contents", (at) => hashAt(now, at));
    compare("listings", (at) => listingAt(now, at));
    compare("links", (at) => attempt(() => now.readLink(at)));
    return outdated;
  }

  /** Whether an input is no longer what it was. */
  #isStale(
    input: Input,
    { changes, look, session }: { readonly changes: Changes; readonly look: Look; readonly session: Session },
  ): boolean {
    const { now, everything, changed, outdated } = look;
    if ("primop" in input) return changes.primops?.includes(input.primop) ?? false;
    if (!("op" in input)) {
      return (everything || changes.env !== undefined) && this.#files.getEnv(input.name) !== input.value;
    }
    if (!everything && !this.#touches(changed, input)) return false;
    switch (input.op) {
      case "evaluate":
      case "readFile":
        return hashAt(now, input.path) !== input.hash;
      case "readDir":
        return listingAt(now, input.path) !== input.hash;
      case "pathExists":
        return typeAt(now, input.path) !== input.type;
      case "resolve":
        return !leadsTo(now, input.path, input.target!);
      case "copy": {
        if (!everything) return !isLeftOut(session, input, changed);
        const root = this.#files.resolveSymlinks(input.path, "ancestors");
        return outdated.some((note) => isWithin(partsOf(note).path, root));
      }
    }
  }

  /** Whether an input could have to do with one of the paths. */
  #touches(changed: ReadonlySet<string>, { op, path }: FileInput): boolean {
    if (op === "resolve") return true;
    const real = this.#files.resolveSymlinks(path, "full");
    if (isWithinOne(path, changed) || isWithinOne(real, changed)) return true;
    if (op !== "copy" && op !== "readDir") return false;
    for (const at of changed) {
      if (op === "copy" && (isWithin(at, path) || isWithin(at, real))) return true;
      if (op === "readDir" && (parentPath(at) === path || parentPath(at) === real)) return true;
    }
    return false;
  }
}

/** Whether a path is one of `roots` or lies below one: there may be many more of them than names in the path. */
function isWithinOne(path: string, roots: ReadonlySet<string>): boolean {
  for (let at = path;; at = parentPath(at)) {
    if (roots.has(at)) return true;
    if (at === "/") return false;
  }
}

/** Returns what an action returns; undefined if it fails, as it does for what isn't there. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function hashAt(io: RecordingIO, path: string): string | undefined {
  return attempt(() => io.hash(io.readFile(path)));
}

function listingAt(io: SourceIO, path: string): string | undefined {
  return attempt(() => hashListing(io.readDir(path)));
}

/** What `pathExists` notes: not following a symlink in the last place. */
function typeAt(io: SourceIO, path: string): string | undefined {
  return attempt(() => io.fileType(io.resolveSymlinks(path, "ancestors")) ?? "absent");
}

function leadsTo(io: SourceIO, path: string, target: string): boolean {
  return attempt(() => io.readLink(path)) === target || attempt(() => io.resolveSymlinks(path, "full")) === target ||
    attempt(() => io.resolveSymlinks(path, "ancestors")) === target;
}

/** Whether all the changed paths below a copied tree are such as its filter left out. */
function isLeftOut(session: Session, { path, target }: FileInput, changed: ReadonlySet<string>): boolean {
  const source = session.knownPaths.get(target as Parameters<Session["knownPaths"]["get"]>[0]);
  if (source?.kind !== "source") return false;
  const below = [...changed].filter((at) => isWithin(at, path) || isWithin(at, source.origin));
  return below.length > 0 && below.every((at) => {
    for (let up = at; up.length > source.origin.length; up = parentPath(up)) if (source.leftOut.has(up)) return true;
    return false;
  });
}
