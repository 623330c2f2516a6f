/**
 * A value that stays between requests: what `open` opens.
 *
 * The root is evaluated when first wanted and kept. When something it was made from changes, exactly the files' values
 * that read it are thrown away, with the root's own and all that was imported from them; the rest stays evaluated. Who
 * read what is known by owner (lib/runtime/owner.ts). An input counts as changed only if it now says something else, so
 * saying too much of what may have changed costs time and nothing more.
 */
import {
  type EnvInput,
  EvalInputs,
  type FileInput,
  hashListing,
  HostIO,
  isWithin,
  Owner,
  owner,
  parentPath,
  RecordingIO,
  runAs,
  type Session,
  type SessionOptions,
  type Slot,
  type SourceIO,
  staleOwners,
} from "../mod.ts";

/** A function of the caller's that was called: its result may change like a file. */
export interface PrimopInput {
  readonly primop: string;
}

type Input = FileInput | EnvInput | PrimopInput;

/** What a workspace is made of. */
export interface WorkspaceOptions {
  /** Opens a session that sees the world through what it is given. */
  readonly openSession: (options: Pick<SessionOptions, "files" | "inputs">) => Session;
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
}

/** An evaluated root with the world it was made from. */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #env: Map<string, string>;
  readonly #host = new HostIO();
  #files: RecordingIO;
  #inputs: EvalInputs;
  #session: Session | null = null;
  #select: ((attrPath: string) => Slot) | null = null;
  #root = new Owner("");

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
    return new EvalInputs({
      onFile: onInput,
      onEnv: onInput,
      onUse: (input) => void owner?.inputs.add(input),
      hash: (bytes) => this.#files.hash(bytes),
    });
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
    owner?.inputs.add({ primop });
  }

  /** Runs `use` with what finds attributes of the root. `poll` is called now and then and may throw to interrupt. */
  run<T>(use: (select: (attrPath: string) => Slot, session: Session) => T, poll: () => void): T {
    const session = this.#session ??= this.#options.openSession({ files: this.#files, inputs: this.#inputs });
    return runAs(this.#root, () => {
      const select = this.#select ??= this.#options.evaluate(session);
      return use(select, session);
    }, poll);
  }

  /** Throws away what was made from something that has changed. */
  invalidate(changes: Changes): Invalidated {
    for (const [name, value] of changes.env ?? []) this.#env.set(name, value);
    const session = this.#session;
    if (session === null) return { dropped: [], kept: 0 };
    // What is there now, seen with fresh eyes.
    this.#host.forget();
    const files = [...session.evaluator.fileOwners()];
    const stale = staleOwners([this.#root, ...files], this.#staleness(changes, session));
    // Where paths lead may have changed without anybody's input having done so.
    this.#files.revisit();
    session.forget(stale);
    const dropped: string[] = [];
    for (const each of stale) {
      dropped.push(each.name);
      this.#inputs.forget([...each.inputs].filter((input) => !("primop" in (input as Input))) as FileInput[]);
    }
    if (stale.has(this.#root)) {
      this.#root = new Owner("");
      this.#select = null;
    }
    dropped.sort();
    return { dropped, kept: files.length - (dropped.length - (dropped.includes("") ? 1 : 0)) };
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
    this.#root = new Owner("");
  }

  /** Returns what tells whether an input is no longer what it was. */
  #staleness({ paths, env, primops }: Changes, session: Session): (input: unknown) => boolean {
    const everything = paths === undefined && env === undefined && primops === undefined;
    const now = new RecordingIO(this.#host);
    const changed = paths?.flatMap((path) => [path, this.#files.resolveSymlinks(path, "full")]) ?? [];
    const known = new Map<unknown, boolean>();

    const isStale = (input: Input): boolean => {
      if ("primop" in input) return primops?.includes(input.primop) ?? false;
      if (!("op" in input)) {
        return (everything || env !== undefined) && this.#files.getEnv(input.name) !== input.value;
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
        case "copy":
          return everything ? this.#treeChanged(now, input.path) : !isLeftOut(session, input, changed);
      }
    };

    return (input) => {
      let stale = known.get(input);
      if (stale === undefined) known.set(input, stale = isStale(input as Input));
      return stale;
    };
  }

  /** Whether an input could have to do with one of the paths. */
  #touches(changed: readonly string[], { op, path }: FileInput): boolean {
    if (op === "resolve") return true;
    const real = this.#files.resolveSymlinks(path, "full");
    for (const at of changed) {
      if (isWithin(path, at) || isWithin(real, at)) return true;
      if (op === "copy" && (isWithin(at, path) || isWithin(at, real))) return true;
      if (op === "readDir" && (parentPath(at) === path || parentPath(at) === real)) return true;
    }
    return false;
  }

  /** Whether anything that was seen of a tree is different now. */
  #treeChanged(now: SourceIO, path: string): boolean {
    const root = this.#files.resolveSymlinks(path, "ancestors");
    const { types, contents, listings, links } = this.#files.observations;
    const differs = <T>(map: ReadonlyMap<string, T>, look: (path: string) => T | undefined) => {
      for (const [at, seen] of map) if (isWithin(at, root) && look(at) !== seen) return true;
      return false;
    };
    return differs(types, (at) => {
      const stat = now.stat(at);
      return stat === undefined ? "absent" : stat.executable ? "executable" : stat.type;
    }) || differs(contents, (at) => hashAt(now, at)) || differs(listings, (at) => listingAt(now, at)) ||
      differs(links, (at) => attempt(() => now.readLink(at)));
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

function hashAt(io: RecordingIO | SourceIO, path: string): string | undefined {
  return attempt(() => (io as RecordingIO).hash(io.readFile(path)));
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
function isLeftOut(session: Session, { path, target }: FileInput, changed: readonly string[]): boolean {
  const source = session.knownPaths.get(target as Parameters<Session["knownPaths"]["get"]>[0]);
  if (source?.kind !== "source") return false;
  const below = changed.filter((at) => isWithin(at, path) || isWithin(at, source.origin));
  return below.length > 0 && below.every((at) => {
    for (let up = at; up.length > source.origin.length; up = parentPath(up)) if (source.leftOut.has(up)) return true;
    return false;
  });
}
