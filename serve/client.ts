/**
 * A typed client of `devix serve`.
 *
 * ```ts
 * import { DevixClient } from "@devix/devix/client";
 *
 * await using devix = DevixClient.spawn("devix", { args: ["--store", "none"] });
 * await devix.open({ file: "shell.nix", primops: { allocatePort: { arity: 3, call: (_process, _name, base) => base } } });
 * const { values: [port] } = await devix.eval({ attrs: ["config.port"] });
 * await devix.invalidate({ paths: ["/project/shell.nix"] });
 * ```
 *
 * Integers that a number would round, from 2^53 on, are bigints, as with `toJs`; functions may return such too.
 *
 * It needs nothing but web streams; only {@link DevixClient.spawn} is Deno's.
 */
import { parseExactly, stringifyExactly } from "./exact_json.ts";
import type {
  Call,
  ErrorInfo,
  Json,
  Method,
  Methods,
  OpenParams,
  RequestId,
  Response,
  Results,
  Return,
  TraceFrame,
} from "./protocol.ts";

export type {
  ContextElement,
  ErrorInfo,
  FileInputInfo,
  InputsInfo,
  InstantiateResult,
  Json,
  Results,
  TraceFrame,
} from "./protocol.ts";

/** A function that Nix programs can call. What it throws is an error of the program. */
export interface ClientPrimop {
  /** How many arguments it takes, at least 1. */
  readonly arity: number;
  readonly call: (...args: readonly Json[]) => Json | Promise<Json>;
}

/** What to open: as in the protocol, with functions instead of their names. */
export type ClientOpenParams = Omit<OpenParams, "primops"> & {
  readonly primops?: Readonly<Record<string, ClientPrimop>>;
};

/** How a request may be given up. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** A request failed. */
export class DevixError extends Error {
  override name = "DevixError";
  /** What kind of error it is; "disconnected" if the server is gone. */
  readonly type: string;
  /** As a person would be shown it. */
  readonly rendered: string;
  readonly trace: readonly TraceFrame[];

  constructor({ type, message, rendered, trace }: ErrorInfo) {
    super(message);
    this.type = type;
    this.rendered = rendered;
    this.trace = trace;
  }
}

/** The two ends of a server, and how to see it off. */
export interface Connection {
  /** What the server writes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the server reads. */
  readonly writable: WritableStream<Uint8Array>;
  /** Waits for the server to end; its exit code if it has one. */
  readonly closed?: Promise<number | undefined>;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: DevixError) => void;
  /** Called at once when the request has succeeded: what is read next may be a call. */
  readonly onSuccess?: () => void;
}

/** Talks to one server. Requests may be made at any time; the server carries them out in order. */
export class DevixClient {
  readonly #connection: Connection;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #pending = new Map<RequestId, Pending>();
  /** By handle. */
  readonly #primops = new Map<string, Readonly<Record<string, ClientPrimop>>>();
  /** The handle of each request that may call back. */
  readonly #handles = new Map<RequestId, string>();
  readonly #reading: Promise<void>;
  #lastId = 0;
  #gone: DevixError | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#writer = connection.writable.getWriter();
    this.#reading = this.#read();
  }

  /** Starts `devix serve`. Its log goes to this process's standard error unless told otherwise. */
  static spawn(command: string, options: {
    /** Flags for `serve`. */
    readonly args?: readonly string[];
    /** What comes before `serve`, where the command needs arguments of its own. */
    readonly commandArgs?: readonly string[];
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly stderr?: "inherit" | "null";
  } = {}): DevixClient {
    const { args = [], commandArgs = [], cwd, env, stderr = "inherit" } = options;
    const child = new Deno.Command(command, {
      args: [...commandArgs, "serve", ...args],
      cwd,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr,
    }).spawn();
    const closed = child.status.then(({ code }) => code);
    return new DevixClient({ readable: child.stdout, writable: child.stdin, closed });
  }

  /** Opens something to evaluate. @throws {DevixError} if the parameters make no sense */
  open(params: ClientOpenParams, options?: RequestOptions): Promise<Results["open"]> {
    const { primops = {}, ...rest } = params;
    const specs = Object.entries(primops).map(([name, { arity }]) => ({ name, arity }));
    // Until then, and if it fails, calls are of what has the name now.
    const onSuccess = () => void this.#primops.set(params.handle ?? "default", primops);
    return this.#request("open", specs.length === 0 ? rest : { ...rest, primops: specs }, { ...options, onSuccess });
  }

  /** Evaluates attributes to JSON. @throws {DevixError} */
  eval(params: Methods["eval"] = {}, options?: RequestOptions): Promise<Results["eval"]> {
    return this.#request("eval", params, options);
  }

  /** Evaluates attributes to derivations. @throws {DevixError} */
  instantiate(params: Methods["instantiate"] = {}, options?: RequestOptions): Promise<Results["instantiate"]> {
    return this.#request("instantiate", params, options);
  }

  /** Returns everything that evaluation has depended on. @throws {DevixError} */
  inputs(params: Methods["inputs"] = {}): Promise<Results["inputs"]> {
    return this.#request("inputs", params);
  }

  /** Says what has changed. @throws {DevixError} */
  invalidate(params: Methods["invalidate"] = {}): Promise<Results["invalidate"]> {
    return this.#request("invalidate", params);
  }

  /** Closes what was opened. @throws {DevixError} */
  close(params: Methods["close"] = {}): Promise<Results["close"]> {
    return this.#request("close", params);
  }

  /** Returns the versions of devix and of the protocol. @throws {DevixError} */
  version(): Promise<Results["version"]> {
    return this.#request("version", {});
  }

  /** Ends the server when it has answered everything, and returns its exit code. */
  async shutdown(): Promise<number | undefined> {
    if (this.#gone === null) {
      await this.#request("shutdown", {}).catch((e) => {
        if (e.type !== "disconnected") throw e;
      });
    }
    await this.#writer.close().catch(() => {});
    await this.#reading;
    return await this.#connection.closed;
  }

  /** As {@link DevixClient.shutdown}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #request<M extends Method>(
    method: M,
    params: Methods[M],
    options: RequestOptions & Pick<Pending, "onSuccess"> = {},
  ): Promise<Results[M]> {
    const { signal, onSuccess } = options;
    if (this.#gone !== null) return Promise.reject(this.#gone);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const id = ++this.#lastId;
    const cancel = () => void this.#request("cancel", { id }).catch(() => {});
    const result = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject, onSuccess }));
    this.#handles.set(id, (params as { readonly handle?: string }).handle ?? "default");
    this.#send({ id, method, params });
    signal?.addEventListener("abort", cancel, { once: true });
    return result.finally(() => {
      this.#handles.delete(id);
      signal?.removeEventListener("abort", cancel);
    }) as Promise<Results[M]>;
  }

  #send(message: unknown): void {
    this.#writer.write(new TextEncoder().encode(`${stringifyExactly(message)}\n`)).catch(() => {});
  }

  async #read(): Promise<void> {
    try {
      let rest = "";
      for await (const chunk of this.#connection.readable.pipeThrough(new TextDecoderStream() as never)) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop()!;
        for (const line of lines) if (line !== "") this.#receive(parseExactly(line) as Response | Call);
      }
    } catch {
      // Gone is gone.
    }
    const message = "the server is gone";
    this.#gone = new DevixError({ type: "disconnected", message, rendered: `error: ${message}`, trace: [] });
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }

  #receive(message: Response | Call): void {
    if ("call" in message) return void this.#callBack(message);
    // Without an id it is about a line nobody here has written.
    if (message.id === null) return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (pending === undefined) return;
    if ("error" in message) return pending.reject(new DevixError(message.error));
    pending.onSuccess?.();
    pending.resolve(message.result);
  }

  async #callBack({ call, request, primop, args }: Call): Promise<void> {
    try {
      const handle = this.#handles.get(request) ?? "default";
      const found = this.#primops.get(handle)?.[primop];
      if (found === undefined) throw new Error(`there is no function "${primop}"`);
      this.#send({ return: call, value: await found.call(...args) ?? null } satisfies Return);
    } catch (e) {
      this.#send({ return: call, error: e instanceof Error ? e.message : String(e) } satisfies Return);
    }
  }
}
