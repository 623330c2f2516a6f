/**
 * A value that stays between requests: what `open` opens.
 *
 * The root is evaluated when first wanted and kept. When something it was made from changes, exactly the files' values
 * that read it are thrown away, with the root's own and all that was imported from them; the rest stays evaluated. Who
 * read what is known by owner (lib/runtime/owner.ts). An input counts as changed only if it now says something else, so
 * saying too much of what may have changed costs time and nothing more.
 *
 * What has changed once will change again: from then on it is volatile, and known by thunk instead of by owner
 * (lib/runtime/volatile.ts). Then the root's own value stays too, but for the parts that were made from it.
 */
import {
  collectVolatile,
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
  setTainted,
  type Slot,
  type SourceIO,
  staleOwners,
  VolatileThunks,
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
  /** Absolute paths: what is there or below is expected to change. */
  readonly volatile: readonly string[];
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
  /** How many thunks of others will be run again. */
  readonly reset: number;
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
  /** What is known to change, by {@link keyOf}. */
  readonly #volatileKeys = new Set<string>();
  /** The inputs that are volatile. */
  #volatileInputs = new WeakSet<Input>();
  #thunks = new VolatileThunks();

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
    const onNew = (input: FileInput | EnvInput) => {
      if (this.#isVolatile(input)) this.#volatileInputs.add(input);
      onInput(input);
    };
    return new EvalInputs({
      onFile: onNew,
      onEnv: onNew,
      onUse: (input) => this.#use(input),
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
    const input = { primop };
    if (this.#isVolatile(input)) this.#volatileInputs.add(input);
    this.#use(input);
  }

  /** Notes that what is being evaluated depends on an input. */
  #use(input: Input): void {
    owner?.inputs.add(input);
    if (this.#volatileInputs.has(input)) setTainted(true);
  }

  #isVolatile(input: Input): boolean {
    if (this.#volatileKeys.has(keyOf(input))) return true;
    if (!("op" in input)) return false;
    const { volatile } = this.#options;
    return volatile.some((at) => isWithin(input.path, at) || input.op === "copy" && isWithin(at, input.path));
  }

  /** Runs `use` with what finds attributes of the root. `poll` is called now and then and may throw to interrupt. */
  run<T>(use: (select: (attrPath: string) => Slot, session: Session) => T, poll: () => void): T {
    const session = this.#session ??= this.#options.openSession({ files: this.#files, inputs: this.#inputs });
    return runAs(this.#root, () => {
      const select = this.#select ??= this.#evaluate(session);
      return collectVolatile(this.#thunks, () => use(select, session)).result;
    }, poll);
  }

  #evaluate(session: Session): (attrPath: string) => Slot {
    const { result, tainted } = collectVolatile(this.#thunks, () => this.#options.evaluate(session));
    this.#isRootVolatile = tainted;
    return result;
  }
  #isRootVolatile = false;

  /** Throws away what was made from something that has changed. */
  invalidate(changes: Changes): Invalidated {
    for (const [name, value] of changes.env ?? []) this.#env.set(name, value);
    const session = this.#session;
    if (session === null) return { dropped: [], kept: 0, reset: 0 };
    // What is there now, seen with fresh eyes.
    this.#host.forget();
    const owners = [this.#root, ...session.evaluator.fileOwners()];
    const isStale = this.#staleness(changes, session);
    const staleInputs = new Set(owners.flatMap(({ inputs }) => [...inputs].filter(isStale))) as Set<Input>;
    for (const input of staleInputs) this.#volatileKeys.add(keyOf(input));
    // Where paths lead may have changed without anybody's input having done so.
    this.#files.revisit();
    const [result, stale] = [...staleInputs].every((input) => this.#volatileInputs.has(input))
      ? [this.#reset(owners, staleInputs), new Set<Owner>()]
      : this.#drop(owners, isStale);
    session.forget(stale);
    return result;
  }

  /** Puts back what was made from volatile inputs, and forgets these. */
  #reset(owners: readonly Owner[], inputs: ReadonlySet<Input>): Invalidated {
    const reset = inputs.size === 0 ? 0 : this.#thunks.reset();
    for (const each of owners) for (const input of inputs) each.inputs.delete(input);
    this.#forgetInputs(inputs);
    if (reset > 0 && this.#isRootVolatile) this.#select = null;
    const dropped = [...inputs].filter((input) => "op" in input && input.op === "evaluate").map((input) =>
      (input as FileInput).path
    );
    return { dropped: dropped.sort(), kept: owners.length - 1 - dropped.length, reset };
  }

  /** Throws away the values of owners that something stale reaches; returns these too. */
  #drop(owners: readonly Owner[], isStale: (input: unknown) => boolean): [Invalidated, ReadonlySet<Owner>] {
    const stale = staleOwners(owners, isStale);
    for (const each of stale) this.#forgetInputs(each.inputs as ReadonlySet<Input>);
    this.#thunks.forget(stale);
    const isRoot = stale.has(this.#root);
    if (isRoot) {
      this.#root = new Owner("");
      this.#select = null;
    }
    const dropped = [...stale].map(({ name }) => name).sort();
    return [{ dropped, kept: owners.length - dropped.length - (isRoot ? 0 : 1), reset: 0 }, stale];
  }

  #forgetInputs(inputs: Iterable<Input>): void {
    this.#inputs.forget([...inputs].filter((input): input is FileInput | EnvInput => !("primop" in input)));
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
    this.#thunks = new VolatileThunks();
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

/** Tells inputs apart, whatever they said. */
function keyOf(input: Input): string {
  if ("primop" in input) return `call ${input.primop}`;
  return "op" in input ? `${input.op} ${input.path}` : `env ${input.name}`;
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
