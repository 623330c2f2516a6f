// A connection to a Nix daemon: greeting, requests, answers.
//
// Requests may be made before earlier ones are answered: they are written one after the other, and the daemon answers in
// that order. Before an answer the daemon may log, and it may say that the request failed; then there is no answer but the
// connection goes on. It may say so in the middle of a stream we are sending: then we stop and end the stream.
//
// When our own side of a stream fails (a file can't be read) the stream is ended early, which the daemon takes for an
// error; its complaint is dropped in favour of the cause.

import { FormatError } from "../../format/errors.ts";
import { WireWriter } from "../../format/wire.ts";
import { ConnectionError, DaemonError, disconnected, EndOfStream, protocolViolated } from "./errors.ts";
import { FrameWriter } from "./frames.ts";
import { CLIENT_MAGIC, MIN_MINOR, PROTOCOL_VERSION, SERVER_MAGIC, SINCE, STDERR } from "./protocol.ts";
import type { Transport } from "./transport.ts";
import { WireStream } from "./wire_stream.ts";

/** What a daemon says besides answers. Texts are binary strings. */
export type DaemonLog =
  | { readonly type: "message"; readonly text: string }
  | {
    readonly type: "start";
    readonly id: bigint;
    readonly level: number;
    readonly activity: number;
    readonly text: string;
    readonly fields: readonly (string | bigint)[];
    readonly parent: bigint;
  }
  | { readonly type: "stop"; readonly id: bigint }
  | {
    readonly type: "result";
    readonly id: bigint;
    readonly result: number;
    readonly fields: readonly (string | bigint)[];
  };

/** What the greeting told of a daemon. */
export interface DaemonInfo {
  /** The protocol's minor version that both sides go by. */
  readonly minor: number;
  /** The version of Nix, if the daemon tells (since 1.33). */
  readonly version?: string;
  /** Whether the daemon takes our word for things; undefined if it doesn't tell (before 1.35). */
  readonly trusted?: boolean;
}

/** How to open a connection. */
export interface ConnectionOptions {
  readonly onLog?: (log: DaemonLog) => void;
  /** The highest minor to offer; the highest spoken here unless given. */
  readonly maxMinor?: number;
}

/** A request: what is sent, what comes back. */
export interface Request<T> {
  /** For messages: "add 3 paths". */
  readonly action: string;
  readonly op: number;
  /** Adds the fixed part. */
  readonly write?: (to: WireWriter) => void;
  /** Writes the framed stream that follows the fixed part. */
  readonly stream?: (to: FrameWriter, isWanted: () => boolean) => Promise<void>;
  readonly read: (from: WireStream) => Promise<T>;
}

interface StreamState {
  /** Whether the daemon still takes the stream. */
  isWanted: boolean;
  /** What went wrong on our side of it. */
  error: unknown;
}

/** An open connection. */
export class Connection {
  readonly info: DaemonInfo;
  readonly #transport: Transport;
  readonly #from: WireStream;
  readonly #onLog: (log: DaemonLog) => void;
  #writes: Promise<void> = Promise.resolve();
  #reads: Promise<unknown> = Promise.resolve();
  #writeError: unknown;
  /** Set once nothing can be read any more. */
  #readError: Error | undefined;

  private constructor(
    transport: Transport,
    from: WireStream,
    rest: { readonly info: DaemonInfo; readonly onLog: (log: DaemonLog) => void },
  ) {
    this.#transport = transport;
    this.#from = from;
    this.info = rest.info;
    this.#onLog = rest.onLog;
  }

  /** Greets a daemon. Closes the transport if that fails. @throws {ConnectionError|DaemonError} */
  static async open(transport: Transport, options: ConnectionOptions = {}): Promise<Connection> {
    const { onLog = () => {}, maxMinor = PROTOCOL_VERSION & 0xff } = options;
    const from = new WireStream(transport);
    try {
      const info = await greet(transport, from, maxMinor);
      const connection = new Connection(transport, from, { info, onLog });
      const failure = await connection.#untilDone("connect to Nix daemon");
      if (failure !== undefined) throw failure;
      return connection;
    } catch (e) {
      const said = e instanceof EndOfStream ? await transport.complaints?.() : undefined;
      transport.close();
      throw e instanceof EndOfStream ? disconnected("connect to Nix daemon", e.cause, said) : e;
    }
  }

  /** Whether nothing went wrong with the connection itself. */
  get isUsable(): boolean {
    return this.#readError === undefined && this.#writeError === undefined;
  }

  close(): void {
    this.#readError ??= new ConnectionError("Cannot use Nix daemon: the connection is closed");
    this.#transport.close();
  }

  /** Makes a request and returns the answer. @throws {DaemonError|ConnectionError}, or what the stream threw */
  async request<T>(request: Request<T>): Promise<T> {
    const state: StreamState = { isWanted: true, error: undefined };
    const written = this.#enqueue(async () => {
      await this.#writeHeads([request]);
      if (request.stream !== undefined) await this.#writeStream(request.stream, state);
    });
    try {
      return await this.#enqueueAnswer(request);
    } catch (e) {
      state.isWanted = false;
      await written;
      throw state.error ?? e;
    }
  }

  /** Makes several requests without streams at once. Waits for all answers before it fails with the first error. */
  async requestAll<T>(requests: readonly Request<T>[]): Promise<T[]> {
    this.#enqueue(() => this.#writeHeads(requests));
    const results = await Promise.allSettled(requests.map((request) => this.#enqueueAnswer(request)));
    return results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
  }

  /** Has something written after all that is to be written before. Never rejects: answers tell what went wrong. */
  #enqueue(write: () => Promise<void>): Promise<void> {
    return this.#writes = this.#writes.then(async () => {
      if (!this.isUsable) return;
      try {
        await write();
      } catch (e) {
        this.#writeError ??= e;
      }
    });
  }

  async #writeHeads<T>(requests: readonly Request<T>[]): Promise<void> {
    const heads = new WireWriter();
    for (const { op, write } of requests) {
      heads.u64(op);
      write?.(heads);
    }
    await this.#transport.write(heads.take());
  }

  async #writeStream(stream: NonNullable<Request<unknown>["stream"]>, state: StreamState): Promise<void> {
    const frames = new FrameWriter(this.#transport);
    try {
      await stream(frames, () => state.isWanted && this.isUsable);
    } catch (e) {
      state.error = e;
    }
    try {
      await frames.end();
    } catch (e) {
      // So it was the connection that failed, not the source.
      state.error = undefined;
      throw e;
    }
  }

  #enqueueAnswer<T>(request: Request<T>): Promise<T> {
    const answer = this.#reads.then(() => this.#answer(request));
    this.#reads = answer.catch(() => {});
    return answer;
  }

  async #answer<T>({ action, read }: Request<T>): Promise<T> {
    if (this.#readError !== undefined) throw this.#readError;
    let failure: DaemonError | undefined;
    try {
      // Even when writing failed: a daemon that gives up says why before it closes.
      failure = await this.#untilDone(action);
      if (failure === undefined) return await read(this.#from);
    } catch (e) {
      const said = e instanceof EndOfStream ? await this.#transport.complaints?.() : undefined;
      this.#readError ??= e instanceof EndOfStream
        ? disconnected(action, this.#writeError ?? e.cause, said)
        : e instanceof FormatError
        ? protocolViolated(e.message)
        : e as Error;
      // Whoever waits for it to take more data would wait for good.
      this.#transport.close();
      throw this.#readError;
    }
    throw failure;
  }

  /** Reads up to where an answer begins; returns the error if there will be none. */
  async #untilDone(action: string): Promise<DaemonError | undefined> {
    const from = this.#from;
    for (;;) {
      const message = await from.u64();
      switch (message) {
        case STDERR.last:
          return undefined;
        case STDERR.error:
          return await this.#readFailure(action);
        case STDERR.next:
          this.#onLog({ type: "message", text: await from.string() });
          break;
        case STDERR.startActivity:
          this.#onLog({
            type: "start",
            id: await from.bigU64(),
            level: await from.u64(),
            activity: await from.u64(),
            text: await from.string(),
            fields: await this.#readFields(),
            parent: await from.bigU64(),
          });
          break;
        case STDERR.stopActivity:
          this.#onLog({ type: "stop", id: await from.bigU64() });
          break;
        case STDERR.result:
          this.#onLog({
            type: "result",
            id: await from.bigU64(),
            result: await from.u64(),
            fields: await this.#readFields(),
          });
          break;
        default:
          throw protocolViolated(`message 0x${message.toString(16)} is unknown`);
      }
    }
  }

  async #readFields(): Promise<(string | bigint)[]> {
    const fields: (string | bigint)[] = [];
    for (let left = await this.#from.u64(); left > 0; left--) {
      const type = await this.#from.u64();
      if (type > 1) throw protocolViolated(`field type ${type} is unknown`);
      fields.push(type === 0 ? await this.#from.bigU64() : await this.#from.string());
    }
    return fields;
  }

  async #readFailure(action: string): Promise<DaemonError> {
    const from = this.#from;
    if (this.info.minor < SINCE.structuredErrors) {
      const reason = await from.string();
      await from.u64();
      return new DaemonError(action, reason);
    }
    const type = await from.string();
    if (type !== "Error") throw protocolViolated(`error type "${type}" is unknown`);
    await from.u64();
    await from.string();
    const reason = await from.string();
    await this.#readNoPosition();
    const traces: string[] = [];
    for (let left = await from.u64(); left > 0; left--) {
      await this.#readNoPosition();
      traces.push(await from.string());
    }
    return new DaemonError(action, reason, traces);
  }

  async #readNoPosition(): Promise<void> {
    if (await this.#from.u64() !== 0) throw protocolViolated("an error has a position");
  }
}

async function greet(transport: Transport, from: WireStream, maxMinor: number): Promise<DaemonInfo> {
  const write = async (message: WireWriter) => {
    try {
      await transport.write(message.take());
    } catch (e) {
      throw disconnected("connect to Nix daemon", e);
    }
  };
  await write(new WireWriter().u64(CLIENT_MAGIC).u64(1 << 8 | maxMinor));
  const magic = await from.bigU64();
  if (magic !== BigInt(SERVER_MAGIC)) throw protocolViolated(`its first word is 0x${magic.toString(16)}`);
  const theirs = await from.u64();
  const [major, theirMinor] = [theirs >> 8 & 0xff, theirs & 0xff];
  if (major !== 1 || theirMinor < MIN_MINOR) {
    throw protocolViolated(`it speaks protocol ${major}.${theirMinor}, not 1.${MIN_MINOR} or newer`);
  }
  const minor = Math.min(theirMinor, maxMinor);
  if (minor >= SINCE.features) {
    await write(new WireWriter().strings([]));
    await from.strings();
  }
  // No CPU affinity, no reserved space: both are long gone.
  await write(new WireWriter().u64(0).u64(0));
  const version = minor >= SINCE.daemonVersion ? await from.string() : undefined;
  if (minor < SINCE.trust) return { minor, ...(version === undefined ? {} : { version }) };
  const trust = await from.u64();
  if (trust > 2) throw protocolViolated(`trust ${trust} is unknown`);
  return { minor, version, ...(trust === 0 ? {} : { trusted: trust === 1 }) };
}
