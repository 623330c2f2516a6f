/**
 * The background process of `--warm`: takes jobs off a socket and hands each to an evaluator (`pool.ts`). It evaluates
 * nothing itself, so it is always there to start another, to end one whose caller has gone, and to see what they use.
 *
 * Who starts it may say on standard input what to get ready for: what it has carried out itself, not to wait.
 *
 * It ends when nobody has asked for anything in a while, or when another devix asks; and no longer answers when its socket
 * isn't its own any more. Nothing of devix is loaded here.
 */
import type { RunParams } from "../../serve/protocol.ts";
import { devixItself } from "../answers.ts";
import { connectWarm, type Hello, linesFrom, type Notice, sendLine, writeLine } from "./client.ts";
import type { Evaluator } from "./evaluator.ts";
import { namespaces, socketIn, warmDirectory } from "./place.ts";
import { EvaluatorPool, type EvaluatorStatus, type JobCounts } from "./pool.ts";

/** How long it stays without anything to do, in seconds; DEVIX_WARM_IDLE changes it. */
const IDLE_S = 900;
/** The longest first line, in bytes: arguments and environment, which the kernel keeps below 6 MiB. */
const MAX_HELLO_BYTES = 32 << 20;

/** Runs the background process and returns its exit code. */
export async function warmDaemon(): Promise<number> {
  const directory = warmDirectory();
  if (directory === undefined) return 1;
  leaveTerminal();
  const listener = await listen(directory);
  // Somebody was quicker.
  if (listener !== undefined) await new Daemon(listener, socketIn(directory)).run();
  return 0;
}

/** Becomes nobody's foreground process, so that Ctrl-C and closed terminals are no business of this one. */
function leaveTerminal(): void {
  try {
    Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
      setsid: { parameters: [], result: "i32" },
    }).symbols.setsid();
  } catch {
    // Then these have to be ignored.
  }
  for (const signal of ["SIGHUP", "SIGINT"] as const) Deno.addSignalListener(signal, () => {});
}

/** Listens; undefined if there is somebody who does. The socket appears under its name when it can be connected to. */
async function listen(directory: string): Promise<Deno.UnixListener | undefined> {
  const path = socketIn(directory);
  const own = `${path}.${Deno.pid}`;
  Deno.umask(0o177);
  await remove(own);
  const listener = Deno.listen({ transport: "unix", path: own });
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await Deno.link(own, path);
        return listener;
      } catch (e) {
        if (!(e instanceof Deno.errors.AlreadyExists)) throw e;
      }
      const connection = await connectWarm(directory);
      connection?.close();
      if (connection !== undefined) break;
      // Nobody is there: it was left behind.
      await remove(path);
    }
    listener.close();
    return undefined;
  } finally {
    await remove(own);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
  }
}

/** What `devix warm status` tells. */
export interface WarmStatus extends JobCounts {
  readonly pid: number;
  readonly build: string;
  readonly evaluators: readonly EvaluatorStatus[];
}

class Daemon {
  readonly #listener: Deno.UnixListener;
  readonly #path: string;
  readonly #inode: number | null;
  readonly #build = devixItself();
  readonly #namespaces = JSON.stringify(namespaces());
  readonly #idleMs = 1000 * (Number(Deno.env.get("DEVIX_WARM_IDLE")) || IDLE_S);
  readonly #pool = new EvaluatorPool();
  /** What will yet be told of jobs that others carry out: by who started this process, and by those it had no evaluator for. */
  readonly #awaited = new Set<Promise<void>>();
  #lastUse = Date.now();

  constructor(listener: Deno.UnixListener, path: string) {
    this.#listener = listener;
    this.#path = path;
    this.#inode = Deno.lstatSync(path).ino;
  }

  async run(): Promise<void> {
    this.#pool.start(Deno.env.toObject());
    // A person may never say anything.
    if (!Deno.stdin.isTerminal()) {
      this.#await(this.#hear(linesFrom(Deno.stdin.readable, { maxBytes: MAX_HELLO_BYTES })));
    }
    const timer = setInterval(() => this.#look(), Math.min(5000, this.#idleMs / 2));
    try {
      for await (const connection of this.#listener) {
        this.#lastUse = Date.now();
        this.#serve(connection).catch(() => {}).finally(() => {
          this.#lastUse = Date.now();
          try {
            connection.close();
          } catch {
            // Closed is closed.
          }
        });
      }
    } catch (e) {
      if (!(e instanceof Deno.errors.BadResource || e instanceof Deno.errors.Interrupted)) throw e;
    }
    clearInterval(timer);
    await this.#pool.end();
  }

  /** Sees whether there is still something to be here for. */
  #look(): void {
    if (this.#pool.isBusy) return;
    if (!this.#isReachable() || Date.now() - this.#lastUse > this.#idleMs) this.#leave();
  }

  #isReachable(): boolean {
    try {
      return Deno.lstatSync(this.#path).ino === this.#inode;
    } catch {
      return false;
    }
  }

  /** Takes no more jobs. */
  #leave(): void {
    try {
      if (this.#isReachable()) Deno.removeSync(this.#path);
      this.#listener.close();
    } catch {
      // Gone is gone.
    }
  }

  /** Hears what the process that started this one has to say: one line, or nothing if it is killed. */
  async #hear(lines: AsyncGenerator<string>): Promise<void> {
    const { value: line } = await lines.next();
    if (line === undefined) return;
    const { job, carriedOut }: Hello & Notice = JSON.parse(line);
    if (job !== undefined) this.#pool.getReadyFor({ job, another: false, ...carriedOut });
  }

  /** Hears whether a caller has carried out its job, so that the next one of that kind may be done here. */
  async #hearOf(job: RunParams, another: boolean, lines: AsyncGenerator<string>): Promise<void> {
    const { value: line } = await lines.next();
    if (line === undefined) return;
    const { carriedOut }: Notice = JSON.parse(line);
    if (carriedOut !== undefined) this.#pool.getReadyFor({ job, another, ...carriedOut });
  }

  /** Notes that something is about to be told: until then nobody knows that there is nothing to do. */
  #await(told: Promise<void>): Promise<void> {
    const done = told.catch(() => {}).finally(() => this.#awaited.delete(done));
    this.#awaited.add(done);
    return done;
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const lines = linesFrom(connection, { maxBytes: MAX_HELLO_BYTES });
    const { value: first } = await lines.next();
    if (first === undefined) return;
    const hello: Hello = JSON.parse(first);
    switch (hello.ask) {
      case "status": {
        const status: WarmStatus = {
          pid: Deno.pid,
          build: this.#build,
          ...this.#pool.counts,
          evaluators: this.#pool.statuses(),
        };
        return await sendLine(connection, status);
      }
      case "wait":
        await Promise.all(this.#awaited);
        await this.#pool.settled();
        return await sendLine(connection, { settled: true });
      case "stop":
        this.#leave();
        return await sendLine(connection, { stopped: true });
      case "run":
        break;
      default:
        return;
    }
    if (hello.build !== this.#build) {
      this.#leave();
      return await sendLine(connection, { error: "another devix", gone: true });
    }
    if (JSON.stringify(hello.namespaces) !== this.#namespaces) {
      return await sendLine(connection, { error: "another part of the system" });
    }
    await this.#serveJob(hello.job!, { connection, lines });
  }

  async #serveJob(job: RunParams, caller: Caller): Promise<void> {
    const { connection, lines } = caller;
    const soon = this.#pool.soonReadyFor(job);
    if (soon !== undefined) {
      await sendLine(connection, { accepted: true });
      await soon;
    }
    const evaluator = this.#pool.take(job);
    if (evaluator !== undefined) {
      try {
        await sendLine(connection, { accepted: true });
      } catch (e) {
        evaluator.release();
        throw e;
      }
      return await this.#carryOut(evaluator, caller);
    }
    const another = this.#pool.isCrowded(job);
    await sendLine(connection, { cold: true });
    await this.#await(this.#hearOf(job, another, lines));
  }

  async #carryOut(evaluator: Evaluator, { connection, lines }: Caller): Promise<void> {
    const { job } = evaluator;
    // What the caller says while the job runs is its standard input; when it says no more it has gone, and nobody
    // wants the job done.
    (async () => {
      for await (const line of lines) if (evaluator.job === job) await evaluator.send(line);
    })().catch(() => {}).finally(() => {
      if (evaluator.job === job) evaluator.kill();
    });
    await this.#pool.run(evaluator, (line) => writeLine(connection, line));
  }
}

/** Who waits for a job. */
interface Caller {
  readonly connection: Deno.Conn;
  readonly lines: AsyncGenerator<string>;
}
