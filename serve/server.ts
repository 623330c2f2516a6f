/**
 * The long-lived evaluator: takes requests off a stream, one at a time, and answers each (protocol.ts).
 *
 * Evaluation is synchronous, so everything here is: the server waits for a line, carries it out, waits for the next. While
 * evaluation runs it looks now and then whether something came in, for that may be the wish to cancel what it does; the
 * rest waits its turn. While it waits for a function of the caller's to return, it reads on likewise.
 *
 * Whatever a request throws is its answer, and the next one is carried out. What one evaluation can't be allowed to do is
 * use up the memory: that would end the process. It is interrupted before, and all values are dropped.
 */
import {
  call1,
  call2,
  ContextBuilder,
  decodeUtf8Lossy,
  encodeUtf8,
  force,
  getAttr,
  intern,
  jsonErrorIn,
  NixError,
  Primop,
  restoreCallDepth,
  type Session,
  type Slot,
  StoreError,
  toJson,
  type Value,
} from "../mod.ts";
import type { Line, LineReader } from "./lines.ts";
import { asCancel, isRequestId, wrongParameter } from "./parameters.ts";
import type {
  AttrsParams,
  ErrorInfo,
  HandleParams,
  InstantiateParams,
  InvalidateParams,
  Method,
  OpenParams,
  PrimopSpec,
  Request,
  RequestId,
  Results,
  RunParams,
  RunResult,
  Stdin,
} from "./protocol.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";
import { parseExactly, stringifyExactly } from "./exact_json.ts";
import { inputsJson, members, quote, resultJson, storeJson } from "./results.ts";
import { Workspace, type WorkspaceOptions } from "./workspace.ts";

/** How long evaluation goes on before it is looked whether something came in. */
const LOOK_INTERVAL_MS = 20;
/** How many lines may wait; more are left where they are, and a wish to cancel among them with them. */
const MAX_WAITING = 20_000;

/** What `open` is turned into: how to open a session and evaluate the root, given the caller's functions. */
export type Prepared = Omit<WorkspaceOptions, "evaluate"> & {
  readonly evaluate: (session: Session, primops: Value | undefined) => (attrPath: string) => Slot;
};

/** What a server works with. */
export interface ServerOptions {
  readonly lines: LineReader;
  /** Writes a line, newline included, as a binary string. */
  readonly write: (line: string) => void;
  /** Turns the parameters of `open` (binary strings) into how to do it. @throws what `describe` describes */
  readonly prepare: (params: OpenParams) => Prepared;
  /** Describes something thrown, with positions of a session if there is one. */
  readonly describe: (thrown: unknown, session: Session | null) => ErrorInfo;
  /** Returns the share of the heap that is used, 0 to 1. */
  readonly memoryUse: () => number;
  /** Whether nobody reads what is written. Asked only when no more requests come. */
  readonly isDisconnected: () => boolean;
  readonly version: string;
  /** Carries out a command; without this there are none. Everything is binary strings but the parameters. */
  readonly run?: (params: RunParams, port: CommandPort) => RunResult;
  /** The number of the last call back that somebody may still want to answer; 0 unless given. */
  readonly lastCall?: number;
}

/** Where a command's output goes and its standard input comes from. Binary strings. */
export interface CommandPort {
  out(text: string): void;
  err(text: string): void;
  /** Like `err`, for what goes on just now. */
  passing(text: string): void;
  readStdin(): string;
}

/** A request that makes no sense. */
class RequestError extends Error {
  override name = "RequestError";
}

/** Thrown through the evaluator, which leaves values that were under way as they were. */
class Interrupted extends Error {
  override name = "Interrupted";
  constructor(readonly type: "cancelled" | "out-of-memory" | "disconnected", message: string) {
    super(message);
  }
}

/** A line that has been understood as far as it concerns order. */
type Waiting = { readonly line: Line } | { readonly cancelled: RequestId };

/** Carries out requests until the stream ends or one asks to shut down. */
export class Server {
  readonly #options: ServerOptions;
  readonly #workspaces = new Map<string, Workspace>();
  readonly #waiting: Waiting[] = [];
  /** The request that is carried out. */
  #current: RequestId | null = null;
  #cancelled = false;
  #nextLook = 0;
  #lastCall: number;
  #down = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#lastCall = options.lastCall ?? 0;
  }

  /** Carries out one request, waiting for it if there is none; false at the end. */
  step(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    if ("cancelled" in next) this.#answerError(next.cancelled, interruption("cancelled", "cancelled before it began"));
    else this.#line(next.line);
    return !this.#down;
  }

  /** Drops all values; they are evaluated again when wanted. */
  dropValues(): void {
    for (const workspace of this.#workspaces.values()) workspace.reset();
  }

  #next(): Waiting | undefined {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting;
    const line = this.#options.lines.next();
    return line === undefined ? undefined : { line };
  }

  #line(line: Line): void {
    const request = this.#parse(line);
    if (request !== undefined) this.#carryOut(request);
  }

  /** Returns the request in a line; if there is none, says so to the caller. */
  #parse(line: Line): Request | undefined {
    if ("tooLong" in line) {
      this.#answerError(null, usage(`Cannot read request: the line has ${line.tooLong} bytes, which is too long`));
      return undefined;
    }
    if ("cut" in line) {
      this.#answerError(null, usage("Cannot read request: the line has no end"));
      return undefined;
    }
    if (line.text.trim() === "") return undefined;
    let message: unknown;
    try {
      message = JSON.parse(line.text);
    } catch (e) {
      this.#answerError(null, usage(`Cannot read request: ${whyNoJson(line.text) ?? (e as Error).message}`));
      return undefined;
    }
    const { id, method, params } = isObject(message) ? message : {};
    if (isObject(message) && "return" in message) {
      // Nobody waits for it any more: its request was cancelled.
      if (typeof message.return === "number") return undefined;
      this.#answerError(null, usage('Cannot read answer to a call: "return" is to be the number of the call'));
      return undefined;
    }
    const known = isRequestId(id) ? id : null;
    if (known !== null && typeof method === "string" && (params === undefined || isObject(params))) {
      return message as unknown as Request;
    }
    const wrong = known !== null && typeof method === "string"
      ? '"params" is to be an object'
      : known === null && typeof id === "number"
      ? '"id" is a number that JSON\'s readers round: it is to be below 2^53, or a string'
      : 'it has no "id" (string or number), or no "method" (string)';
    this.#answerError(known, usage(`Cannot read request: ${wrong}`));
    return undefined;
  }

  #carryOut(request: Request): void {
    const { id, method } = request;
    this.#current = id;
    this.#cancelled = false;
    this.#nextLook = performance.now() + LOOK_INTERVAL_MS;
    try {
      if (!Object.hasOwn(METHODS, method)) throw new RequestError(`there is no method "${method}"`);
      const params = request.params ?? {};
      const wrong = wrongParameter(method, params as Record<string, unknown>);
      if (wrong !== undefined) throw new RequestError(wrong);
      const result = METHODS[method](this, params as never);
      this.#write(members([["id", idText(id)], ["result", result]]));
    } catch (e) {
      if (e instanceof Interrupted && e.type === "disconnected") {
        this.#down = true;
      } else {
        if (e instanceof Interrupted && e.type === "out-of-memory") this.dropValues();
        this.#answerError(id, this.#describe(e, request));
      }
    } finally {
      this.#current = null;
      // An interruption leaves it as deep as it was.
      restoreCallDepth(0);
    }
  }

  #describe(thrown: unknown, request: Request): ErrorInfo {
    if (thrown instanceof Interrupted) return interruption(thrown.type, thrown.message);
    if (thrown instanceof RequestError) return usage(`Cannot carry out "${request.method}": ${thrown.message}`);
    const { handle = "default" } = (request.params ?? {}) as HandleParams;
    return this.#options.describe(thrown, this.#workspaces.get(encodeUtf8(handle))?.session ?? null);
  }

  #answerError(id: RequestId | null, error: ErrorInfo): void {
    this.#write(members([["id", idText(id)], ["error", json(error)]]));
  }

  #write(line: string): void {
    this.#options.write(`${line}\n`);
  }

  /** Called by the evaluator now and then. */
  readonly #poll = (): void => {
    const now = performance.now();
    if (now < this.#nextLook) return;
    this.#nextLook = now + LOOK_INTERVAL_MS;
    if (this.#options.memoryUse() > 0.9) {
      throw new Interrupted("out-of-memory", "the evaluation needs more memory than there is");
    }
    const { lines } = this.#options;
    if (this.#waiting.length < MAX_WAITING) { for (const line of lines.available()) this.#receive(line); }
    if (this.#cancelled) throw new Interrupted("cancelled", "the request was cancelled");
    if (lines.ended && this.#options.isDisconnected()) {
      throw new Interrupted("disconnected", "nobody waits for the answer");
    }
  };

  /** Puts a line into the queue, unless it cancels something. What is wrong with it is said when its turn comes. */
  #receive(line: Line): void {
    const cancel = "text" in line && line.text.includes('"cancel"') ? asCancel(messageIn(line.text)) : undefined;
    if (cancel === undefined) {
      this.#waiting.push({ line });
      return;
    }
    const cancelled = this.cancel(cancel.params.id);
    this.#write(members([["id", idText(cancel.id)], ["result", json({ cancelled })]]));
  }

  /** Cancels a request that is carried out or waits; false if there is none with that id. */
  cancel(id: RequestId): boolean {
    if (id === this.#current) return this.#cancelled = true;
    const at = this.#waiting.findIndex((waiting) => {
      if (!("line" in waiting) || !("text" in waiting.line)) return false;
      const message = messageIn(waiting.line.text);
      return isObject(message) && message.id === id;
    });
    if (at < 0) return false;
    this.#waiting[at] = { cancelled: id };
    return true;
  }

  open(params: OpenParams): string {
    const { handle = "default", primops = [] } = params;
    const { evaluate, ...prepared } = this.#options.prepare(toBinary(params) as OpenParams);
    const workspace: Workspace = new Workspace({
      ...prepared,
      evaluate: (session) => evaluate(session, this.#primops(primops, session, () => workspace)),
    });
    this.#workspaces.get(encodeUtf8(handle))?.close();
    this.#workspaces.set(encodeUtf8(handle), workspace);
    return json({ handle });
  }

  close({ handle = "default" }: HandleParams): string {
    this.#workspace(handle).close();
    this.#workspaces.delete(encodeUtf8(handle));
    return "{}";
  }

  #workspace(handle = "default"): Workspace {
    const workspace = this.#workspaces.get(encodeUtf8(handle));
    if (workspace === undefined) throw new RequestError(`nothing was opened as "${handle}"`);
    return workspace;
  }

  eval({ handle, attrs = [""] }: AttrsParams): string {
    const values = this.#workspace(handle).run(
      (select) =>
        attrs.map((attr) => toJson(select(encodeUtf8(attr)), new ContextBuilder(), { strict: true, copy: null })),
      this.#poll,
    );
    return members([["values", `[${values.join(",")}]`]]);
  }

  instantiate({ handle, attrs = [""], keepGoing = false }: InstantiateParams): string {
    const started = performance.now();
    const workspace = this.#workspace(handle);
    let derivations = 0;
    const results: string[] = [];
    let store = "";
    try {
      workspace.run((select, session) => {
        for (const attr of attrs.map(encodeUtf8)) {
          try {
            results.push(resultJson(attr, select(attr), session));
          } catch (e) {
            if (!keepGoing || !(e instanceof NixError)) throw e;
            workspace.forgetFailure(e);
            results.push(members([["attr", quote(attr)], ["error", json(this.#options.describe(e, session))]]));
          }
        }
        for (const known of session.knownPaths.entries()) if (known.kind === "derivation") derivations++;
        store = storeJson(session);
      }, this.#poll);
    } catch (e) {
      // What was made so far may not be in the store, and isn't told of again.
      if (e instanceof StoreError) workspace.reset();
      throw e;
    }
    const milliseconds = Math.round(performance.now() - started);
    return members([
      ["version", "1"],
      ["results", `[${results.join(",")}]`],
      ["store", store],
      ["stats", json({ milliseconds, derivations })],
    ]);
  }

  inputs({ handle }: HandleParams): string {
    const { inputs, session } = this.#workspace(handle);
    return inputsJson(inputs, session ?? undefined);
  }

  invalidate({ handle, paths, env, primops }: InvalidateParams): string {
    const { dropped, kept, reset } = this.#workspace(handle).invalidate({
      paths: paths?.map((path) => encodeUtf8(path.length > 1 ? path.replace(/\/+$/, "") : path)),
      env: env && new Map(Object.entries(env).map(([name, value]) => [encodeUtf8(name), encodeUtf8(value ?? "")])),
      primops: primops?.map(encodeUtf8),
    });
    return json({ dropped: dropped.map(decodeUtf8Lossy), kept, reset } satisfies Results["invalidate"]);
  }

  version(): string {
    return json({ version: this.#options.version, protocol: PROTOCOL_VERSION } satisfies Results["version"]);
  }

  shutdown(): string {
    this.#down = true;
    return "{}";
  }

  run(params: RunParams): string {
    const { run } = this.#options;
    if (run === undefined) throw new RequestError("this server carries out no commands");
    const id = idText(this.#current);
    const say = (what: string, text: string) => this.#write(members([["id", id], [what, json(text)]]));
    const port = {
      out: (text: string) => say("out", text),
      err: (text: string) => say("err", text),
      passing: (text: string) => say("passing", text),
      readStdin: () => {
        say("want", "stdin");
        const line = this.#options.lines.next();
        if (line === undefined || !("text" in line)) throw new Interrupted("disconnected", "nobody is there to ask");
        return String((JSON.parse(line.text) as Stdin).stdin);
      },
    };
    return json(run(params, port));
  }

  /** Returns the set of the caller's functions; undefined if it offers none. */
  #primops(specs: readonly PrimopSpec[], session: Session, workspace: () => Workspace): Value | undefined {
    if (specs.length === 0) return undefined;
    const functions = specs.map(({ name, arity }) =>
      new Primop(encodeUtf8(name), arity, (...args: Slot[]) => {
        workspace().noteCall(encodeUtf8(name));
        return fromJson(session, this.#call(name, args));
      })
    );
    // Made by Nix itself: a list of names and functions into a set.
    const make = session.evaluate(session.parse(
      "names: functions: builtins.listToAttrs (builtins.genList (i: { name = builtins.elemAt names i; value = builtins.elemAt functions i; }) (builtins.length names))",
      { kind: "string" },
    ));
    return call2(make, specs.map(({ name }) => encodeUtf8(name)), functions, 0);
  }

  /** Calls a function of the caller's and waits for what it returns, as JSON text. */
  #call(name: string, args: readonly Slot[]): string {
    const texts = args.map((arg) => toJson(arg, new ContextBuilder(), { strict: true, copy: null }));
    const call = ++this.#lastCall;
    this.#write(members([
      ["call", String(call)],
      ["request", idText(this.#current)],
      ["primop", json(name)],
      ["args", `[${texts.join(",")}]`],
    ]));
    for (;;) {
      const line = this.#options.lines.next();
      if (line === undefined) throw new Interrupted("cancelled", "nobody is there to call");
      const answer = returned(line, call);
      if (answer === undefined) {
        // What is no request may have been meant as the answer, and whoever wrote it waits.
        if (isRequest(line)) this.#receive(line);
        else this.#parse(line);
        if (this.#cancelled) throw new Interrupted("cancelled", "the request was cancelled");
        continue;
      }
      const { value = null, error = null } = answer;
      if (error === null) return json(value);
      const text = typeof error === "string" ? error : stringifyExactly(error);
      throw new NixError("eval", `${encodeUtf8(name)}: ${encodeUtf8(text)}`);
    }
  }
}

const METHODS: { readonly [M in Method]: (server: Server, params: never) => string } = {
  open: (server, params) => server.open(params),
  eval: (server, params) => server.eval(params),
  instantiate: (server, params) => server.instantiate(params),
  inputs: (server, params) => server.inputs(params),
  invalidate: (server, params) => server.invalidate(params),
  close: (server, params) => server.close(params),
  // One whose turn comes is too late: what it would cancel has been answered, if it isn't itself.
  cancel: () => json({ cancelled: false }),
  version: (server) => server.version(),
  shutdown: (server) => server.shutdown(),
  run: (server, params) => server.run(params),
};

/** Returns what a line returns from a call; undefined if it is something else. */
function returned(line: Line, call: number): { readonly value?: unknown; readonly error?: unknown } | undefined {
  if (!("text" in line) || !line.text.includes('"return"')) return undefined;
  const message = messageIn(line.text);
  if (!isObject(message) || message.return !== call) return undefined;
  return parseExactly(line.text) as Record<string, unknown>;
}

/** Whether a line has a request in it, or at least nothing that may be meant as the answer to a call. */
function isRequest(line: Line): boolean {
  if (!("text" in line)) return false;
  if (line.text.trim() === "") return true;
  const message = messageIn(line.text);
  return isObject(message) && "id" in message && !("return" in message);
}

/** Returns what a line says; undefined if it isn't JSON. */
function messageIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How many characters of what is wrong with a line are said: its end is what was read last, which may be all of the line. */
const MAX_REASON = 200;

/** Returns where and why a line is no JSON; undefined if it may be. The words are ours: V8's differ between versions. */
function whyNoJson(text: string): string | undefined {
  const [, at, why] = /^\S+ parse error at line \d+, (column \d+): ([^]*)$/.exec(jsonErrorIn(encodeUtf8(text)) ?? "") ??
    [];
  if (at === undefined) return undefined;
  const shown = decodeUtf8Lossy(why);
  return `no JSON at ${at}: ${shown.length > MAX_REASON ? `${shown.slice(0, MAX_REASON)}…` : shown}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the same with every string as a binary string. */
function toBinary(value: unknown): unknown {
  if (typeof value === "string") return encodeUtf8(value);
  if (Array.isArray(value)) return value.map(toBinary);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [encodeUtf8(name), toBinary(item)]));
}

function fromJson(session: Session, text: string): Value {
  const fromJSON = getAttr(session.evaluator.builtins, intern("fromJSON"))!;
  return call1(force(fromJSON), text, 0);
}

function idText(id: RequestId | null): string {
  return json(id);
}

/** Returns JSON as a binary string. */
function json(value: unknown): string {
  return encodeUtf8(stringifyExactly(value));
}

function usage(message: string): ErrorInfo {
  return { type: "usage", message, rendered: `error: ${message}`, trace: [] };
}

function interruption(type: string, message: string): ErrorInfo {
  return { type, message, rendered: `error: ${message}`, trace: [] };
}
