// The worker's side of a pool (see pool.ts): takes calls, runs as many at once as it was told, and answers.

import {
  type CallMessage,
  FAILED,
  settle,
  type SettledMessage,
  type SetupMessage,
  SUCCEEDED,
  toFailure,
  type ToWorker,
} from "./_protocol.ts";

/** What a task is told besides its input. */
export interface TaskOptions {
  /** Aborted when nobody wants the result any more. */
  readonly signal: AbortSignal;
}

/** Something a worker can do. Its result is what comes through JSON. */
// deno-lint-ignore no-explicit-any
export type Task = (input: any, options: TaskOptions) => unknown;

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  postMessage(message: SettledMessage): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

/** Tells the pool's caller something that isn't a result; what structured cloning takes. */
export type Emit = (event: unknown) => void;

type Open<C> = (context: C, emit: Emit) => Readonly<Record<string, Task>>;

/**
 * Answers the calls of the pool that started this worker. `open` gets the pool's context, once, and returns the tasks by
 * name; what is emitted while a task runs reaches the caller before the task's result does.
 */
export function serve<C>(open: Open<C>): void {
  const scope = globalThis as unknown as WorkerScope;
  const server = new Server(scope, open as Open<unknown>);
  scope.addEventListener("message", (event) => server.receive((event as MessageEvent<ToWorker>).data));
  // What nobody catches would end the worker and leave callers blocked for good.
  for (const type of ["unhandledrejection", "error"]) {
    scope.addEventListener(type, (event) => {
      event.preventDefault();
      const { reason, error } = event as PromiseRejectionEvent & ErrorEvent;
      server.failAll(reason ?? error);
    });
  }
}

interface Running {
  readonly call: CallMessage;
  readonly abort: AbortController;
  settled: boolean;
}

class Server {
  readonly #scope: WorkerScope;
  readonly #open: Open<unknown>;
  #tasks: Readonly<Record<string, Task>> | Error = {};
  #concurrency = Infinity;
  readonly #queue: CallMessage[] = [];
  readonly #running = new Map<number, Running>();

  constructor(scope: WorkerScope, open: Open<unknown>) {
    this.#scope = scope;
    this.#open = open;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case "setup":
        return this.#setUp(message);
      case "call":
        this.#queue.push(message);
        return this.#next();
      case "hurry":
        return this.#hurry(message.id);
      case "cancel":
        return this.#cancel(message.id);
    }
  }

  failAll(error: unknown): void {
    for (const running of this.#running.values()) this.#settle(running, FAILED, toFailure(error));
  }

  #setUp({ concurrency, context, started, events }: SetupMessage): void {
    this.#concurrency = concurrency;
    try {
      this.#tasks = this.#open(context, (event) => events?.postMessage(event));
    } catch (e) {
      this.#tasks = e instanceof Error ? e : new Error(String(e));
    }
    const flag = new Int32Array(started);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  }

  #hurry(id: number): void {
    const at = this.#queue.findIndex((call) => call.id === id);
    if (at > 0) this.#queue.unshift(...this.#queue.splice(at, 1));
  }

  #cancel(id: number): void {
    const at = this.#queue.findIndex((call) => call.id === id);
    const aborted = new DOMException("Cancelled", "AbortError");
    if (at >= 0) this.#answer(this.#queue.splice(at, 1)[0], FAILED, toFailure(aborted));
    else this.#running.get(id)?.abort.abort(aborted);
  }

  #next(): void {
    while (this.#queue.length > 0 && this.#running.size < this.#concurrency) this.#run(this.#queue.shift()!);
  }

  async #run(call: CallMessage): Promise<void> {
    const running: Running = { call, abort: new AbortController(), settled: false };
    this.#running.set(call.id, running);
    try {
      if (this.#tasks instanceof Error) throw this.#tasks;
      const task = this.#tasks[call.task];
      if (task === undefined) throw new Error(`Cannot run task "${call.task}": the worker has none of that name`);
      const value = await task(call.input, { signal: running.abort.signal });
      this.#settle(running, SUCCEEDED, value);
    } catch (e) {
      this.#settle(running, FAILED, toFailure(e));
    }
    this.#next();
  }

  #settle(running: Running, state: typeof SUCCEEDED | typeof FAILED, value: unknown): void {
    if (running.settled) return;
    running.settled = true;
    this.#running.delete(running.call.id);
    this.#answer(running.call, state, value);
  }

  #answer(call: CallMessage, state: typeof SUCCEEDED | typeof FAILED, value: unknown): void {
    settle(call.reply, state, value);
    this.#scope.postMessage({ type: "settled", id: call.id });
  }
}
