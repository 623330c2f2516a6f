// Asynchronous work for synchronous callers: tasks run in Web Workers, and the caller's thread either goes on and looks in
// later or blocks until the answer is there (Atomics.wait). This is where the synchronous evaluator meets the network.
//
// Only what JSON can say comes back; large data goes to disk and its path crosses. What goes in may be anything that
// structured cloning takes. Workers start when they are first needed (15 to 30 ms each) and are told of one thing that
// can't be seen from outside: that the caller now waits for a call, which then goes before others in the queue.
//
// Traps. While a thread is blocked its event loop stands still: messages, timers and servers on it do too, so whatever the
// task needs must not live there. A worker that can't be loaded tells nobody, hence the time limit on its start. In a
// compiled binary the worker's file has to be named with --include.
//
// What workers have to say meanwhile (events) comes through message ports, which can be read without an event loop: they
// are looked at while the caller waits, and whenever it starts something.

import {
  FAILED,
  type Failure,
  LENGTH,
  newReply,
  PENDING,
  readReply,
  type SettledMessage,
  STATE,
  SUCCEEDED,
  type ToWorker,
} from "./_protocol.ts";

export type { Failure };

/** Generous: on a machine with more to do than it can, loading a worker has taken 30 s. */
const START_TIMEOUT_MS = 60_000;
/** How often events are looked for while waiting. */
const EVENTS_MS = 50;

/** A task failed with an error of a kind the pool wasn't told how to bring back. */
export class RemoteError extends Error {
  override name = "RemoteError";
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** A call was cancelled before its task ended. */
export class CancelledError extends Error {
  override name = "CancelledError";
}

/** A worker didn't start, or a wait ended before the task did. */
export class BlockingTimeoutError extends Error {
  override name = "BlockingTimeoutError";
}

/** What a pool is made of. */
export interface WorkerPoolOptions {
  /** URL of the module that calls `serve`. */
  readonly worker: string;
  /** How many workers there may be; 1 unless given. */
  readonly size?: number;
  /** How many tasks may run at once in all workers together; unbounded unless given. At least one per worker. */
  readonly concurrency?: number;
  /** Handed to every worker before its first task. Has to be cloneable. */
  readonly context?: unknown;
  /** Turns what is left of an error back into one. */
  readonly revive?: (failure: Failure) => Error;
  /** Gets what workers emit, on this thread; `worker` tells them apart. */
  readonly onEvent?: (event: unknown, worker: number) => void;
}

/** Workers that start when there is something to do. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #workers: Member[] = [];
  #nextId = 1;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** How many workers have been started. */
  get workers(): number {
    return this.#workers.length;
  }

  /** Starts a task and returns at once. */
  start<T>(task: string, input: unknown): BlockingCall<T> {
    if (this.#closed) throw new CancelledError(`Cannot start "${task}": the pool is closed`);
    const member = this.#pick();
    const id = this.#nextId++;
    const reply = newReply();
    const { revive, onEvent } = this.#options;
    const drain = onEvent === undefined ? undefined : () => this.drain();
    const call = new BlockingCall<T>({ id, task, reply, member, revive, drain });
    member.pending.add(call);
    member.send({ type: "call", id, task, input, reply });
    drain?.();
    return call;
  }

  /** Hands on what workers have emitted so far. */
  drain(): void {
    const { onEvent } = this.#options;
    if (onEvent === undefined) return;
    this.#workers.forEach((member, i) => {
      for (const event of member.events()) onEvent(event, i);
    });
  }

  /** Starts a task and blocks until it is done. */
  call<T>(task: string, input: unknown): T {
    return this.start<T>(task, input).wait();
  }

  /** Ends all workers, whatever they are doing. Calls that aren't settled fail. */
  close(): void {
    this.#closed = true;
    for (const member of this.#workers) member.close();
    this.#workers.length = 0;
  }

  /** The worker with the least to do; a new one if all have something. */
  #pick(): Member {
    const { size = 1, concurrency, worker, context, onEvent } = this.#options;
    let best: Member | undefined;
    for (const member of this.#workers) {
      member.prune();
      if (best === undefined || member.pending.size < best.pending.size) best = member;
    }
    if (best !== undefined && (best.pending.size === 0 || this.#workers.length >= size)) return best;
    const index = this.#workers.length;
    const share = concurrency === undefined
      ? Infinity
      : Math.max(1, Math.floor(concurrency / size) + (index < concurrency % size ? 1 : 0));
    const member = new Member(worker, { concurrency: share, context, wantsEvents: onEvent !== undefined });
    this.#workers.push(member);
    return member;
  }
}

/** One worker and what it was asked for. */
class Member {
  readonly pending = new Set<BlockingCall<unknown>>();
  readonly worker: Worker;
  readonly #started = new Int32Array(new SharedArrayBuffer(4));
  readonly #events: MessagePort | undefined;
  closed = false;

  constructor(
    url: string,
    setup: { readonly concurrency: number; readonly context: unknown; readonly wantsEvents: boolean },
  ) {
    const { concurrency, context, wantsEvents } = setup;
    this.worker = new Worker(url, { type: "module" });
    const channel = wantsEvents ? new MessageChannel() : undefined;
    this.#events = channel?.port1;
    const started = this.#started.buffer as SharedArrayBuffer;
    const events = channel?.port2;
    this.worker.postMessage(
      { type: "setup", started, concurrency, context, events } satisfies ToWorker,
      events === undefined ? [] : [events],
    );
  }

  send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  /** Takes what the worker has emitted since the last time. */
  *events(): Generator<unknown> {
    if (this.#events === undefined) return;
    for (;;) {
      const received = receiveMessage(this.#events);
      if (received === undefined) return;
      yield received.message;
    }
  }

  /** Forgets calls that are settled. */
  prune(): void {
    for (const call of this.pending) if (call.done) this.pending.delete(call);
  }

  /** Blocks until the worker listens. */
  awaitStart(): void {
    if (Atomics.wait(this.#started, 0, 0, START_TIMEOUT_MS) === "timed-out") {
      throw new BlockingTimeoutError(`Cannot start worker: it did not answer within ${START_TIMEOUT_MS / 1000} s`);
    }
  }

  close(): void {
    this.closed = true;
    this.worker.terminate();
    this.#events?.close();
    this.pending.clear();
  }
}

type ReceiveMessage = (port: MessagePort) => { readonly message: unknown } | undefined;

let receive: ReceiveMessage | undefined;

/** Takes a message from a port at once. Node's module is loaded when there is something to receive from. */
function receiveMessage(port: MessagePort): ReturnType<ReceiveMessage> {
  // deno-lint-ignore no-process-global -- importing it would load it for everyone
  receive ??= process.getBuiltinModule("node:worker_threads").receiveMessageOnPort as unknown as ReceiveMessage;
  return receive(port);
}

interface CallParts {
  readonly id: number;
  readonly task: string;
  readonly reply: SharedArrayBuffer;
  readonly member: Member;
  readonly revive: ((failure: Failure) => Error) | undefined;
  /** Hands events on, if anybody wants them. */
  readonly drain: (() => void) | undefined;
}

/** A task that was started. */
export class BlockingCall<T> {
  readonly #parts: CallParts;
  readonly #header: Int32Array<SharedArrayBuffer>;
  #hurried = false;
  #outcome: { readonly value: T } | { readonly error: Error } | undefined;

  /** Made by {@link WorkerPool.start}. */
  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#header = new Int32Array(parts.reply, 0, 2);
  }

  /** Whether the task has ended, one way or the other. */
  get done(): boolean {
    return this.#outcome !== undefined || Atomics.load(this.#header, STATE) !== PENDING || this.#parts.member.closed;
  }

  /**
   * Blocks until the task has ended and returns its result; can be called again.
   * @throws what the task threw, as far as it could cross.
   * @throws {CancelledError} after {@link cancel}, or if the pool is closed.
   * @throws {BlockingTimeoutError} if `timeoutMs` is given and over, or if the worker doesn't start.
   */
  wait(options: { readonly timeoutMs?: number } = {}): T {
    const { member, task } = this.#parts;
    if (!this.done) {
      member.awaitStart();
      this.#hurry();
      if (!this.#sleep(options.timeoutMs ?? Infinity)) {
        throw new BlockingTimeoutError(`Cannot wait for "${task}": it took more than ${options.timeoutMs} ms`);
      }
    }
    return this.#result();
  }

  /** Blocks until the task has ended; false if it hasn't in time. */
  #sleep(timeoutMs: number): boolean {
    const { drain } = this.#parts;
    if (drain === undefined) return Atomics.wait(this.#header, STATE, PENDING, timeoutMs) !== "timed-out";
    const end = performance.now() + timeoutMs;
    for (;;) {
      const left = Math.min(EVENTS_MS, end - performance.now());
      if (Atomics.wait(this.#header, STATE, PENDING, left) !== "timed-out") return true;
      drain();
      if (performance.now() >= end) return false;
    }
  }

  /** Like {@link wait} for callers that needn't block. */
  async settled(): Promise<T> {
    const { member, id } = this.#parts;
    if (!this.done) {
      this.#hurry();
      await new Promise<void>((resolve, reject) => {
        const finish = (settle: () => void) => {
          member.worker.removeEventListener("message", onMessage);
          member.worker.removeEventListener("error", onError);
          settle();
        };
        const onMessage = ({ data }: MessageEvent<SettledMessage>) => {
          if (data?.type === "settled" && data.id === id) finish(resolve);
        };
        const onError = (event: ErrorEvent) => {
          event.preventDefault();
          finish(() => reject(new RemoteError({ name: "Error", message: event.message })));
        };
        member.worker.addEventListener("message", onMessage);
        member.worker.addEventListener("error", onError);
        // It may have been settled since; its message then finds nobody.
        if (this.done) finish(resolve);
      });
    }
    return this.#result();
  }

  /** Tells the task that its result isn't wanted. It ends as soon as it looks. */
  cancel(): void {
    const { member, id } = this.#parts;
    if (!this.done) member.send({ type: "cancel", id });
  }

  #hurry(): void {
    if (this.#hurried) return;
    this.#hurried = true;
    this.#parts.member.send({ type: "hurry", id: this.#parts.id });
  }

  #result(): T {
    if (this.#outcome === undefined) {
      // What was emitted before the task ended is there by now.
      this.#parts.drain?.();
      this.#outcome = this.#read();
    }
    if ("error" in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }

  #read(): { readonly value: T } | { readonly error: Error } {
    const { reply, revive, member, task } = this.#parts;
    const state = Atomics.load(this.#header, STATE);
    member.pending.delete(this);
    if (state === SUCCEEDED) return { value: readReply(reply) as T };
    if (state !== FAILED || this.#header[LENGTH] === 0) {
      return { error: new CancelledError(`Cannot finish "${task}": the pool is closed`) };
    }
    const failure = readReply(reply) as Failure;
    if (failure.name === "AbortError") return { error: new CancelledError(`Cannot finish "${task}": cancelled`) };
    return { error: revive?.(failure) ?? new RemoteError(failure) };
  }
}
