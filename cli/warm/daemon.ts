/**
 * The background process of `--warm`: takes jobs off a socket and hands each to an evaluator, which is a `devix serve` of
 * its own (`job.ts` is what that does). It evaluates nothing itself, so it is always there to start another, to end one
 * whose caller has gone, and to see what they use.
 *
 * A job goes to an evaluator that is free, or to a new one; if there are as many as there may be, the caller is told so and
 * evaluates by itself. An evaluator that refused a job because of what it did before stays what it is, and the next job
 * of that kind gets one that has done nothing else.
 *
 * It ends when nobody has asked for anything in a while, or when another devix asks; and no longer answers when its socket
 * isn't its own any more.
 */
import type { RunParams } from "../../serve/protocol.ts";
import { devixItself } from "../answers.ts";
import { sameDevix } from "../same_command.ts";
import { CHILD_VARIABLE } from "../supervise.ts";
import { connectWarm, type Hello, linesFrom, sendLine, writeLine } from "./client.ts";
import { namespaces, socketIn, startVariables, WARM_VARIABLE, warmDirectory } from "./place.ts";

/** How long it stays without anything to do, in seconds; DEVIX_WARM_IDLE changes it. */
const IDLE_S = 900;
/** How many evaluators there may be. */
const MAX_EVALUATORS = Math.max(2, Math.min(4, navigator.hardwareConcurrency));
/** What evaluators may use together, in bytes, while they do nothing; DEVIX_WARM_MEMORY, in MiB, changes it. */
const MAX_BYTES = Math.max(1 << 30, Deno.systemMemoryInfo().total / 4);
/** The longest first line, in bytes: arguments and environment, which the kernel keeps below 6 MiB. */
const MAX_HELLO_BYTES = 32 << 20;
/** How many questions it is remembered of that an evaluator was asked them. */
const MAX_QUESTIONS = 200;

/** Runs the background process and returns its exit code. */
export async function warmDaemon(): Promise<number> {
  const directory = warmDirectory();
  if (directory === undefined) return 1;
  leaveTerminal();
  const listener = await listen(directory);
  // Somebody was quicker.
  if (listener === undefined) {
    console.log("ready");
    return 0;
  }
  const daemon = new Daemon(listener, socketIn(directory));
  console.log("ready");
  await daemon.run();
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
export interface WarmStatus {
  readonly pid: number;
  readonly build: string;
  readonly jobs: number;
  readonly refused: number;
  /** For how many jobs values of others were of use. */
  readonly kept: number;
  readonly evaluators: readonly {
    readonly pid: number;
    readonly busy: boolean;
    readonly jobs: number;
    readonly bytes: number;
  }[];
}

class Daemon {
  readonly #listener: Deno.UnixListener;
  readonly #path: string;
  readonly #inode: number | null;
  readonly #build = devixItself();
  readonly #namespaces = JSON.stringify(namespaces());
  readonly #idleMs = 1000 * (Number(Deno.env.get("DEVIX_WARM_IDLE")) || IDLE_S);
  readonly #maxBytes = Number(Deno.env.get("DEVIX_WARM_MEMORY")) * 2 ** 20 || MAX_BYTES;
  /** Used last, last. */
  #evaluators: Evaluator[] = [];
  /** Questions that were refused because of what the evaluator had done before. */
  readonly #particular = new Set<string>();
  #lastUse = Date.now();
  #jobs = 0;
  #refused = 0;
  #kept = 0;

  constructor(listener: Deno.UnixListener, path: string) {
    this.#listener = listener;
    this.#path = path;
    this.#inode = Deno.lstatSync(path).ino;
  }

  async run(): Promise<void> {
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
    while (this.#evaluators.some(({ busy }) => busy)) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const evaluator of this.#evaluators) evaluator.kill();
  }

  /** Sees whether there is still something to be here for. */
  #look(): void {
    if (this.#evaluators.some(({ busy }) => busy)) return;
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

  async #serve(connection: Deno.Conn): Promise<void> {
    const lines = linesFrom(connection, { maxBytes: MAX_HELLO_BYTES });
    const { value: first } = await lines.next();
    if (first === undefined) return;
    const hello: Hello = JSON.parse(first);
    switch (hello.ask) {
      case "status":
        return await sendLine(connection, this.#status());
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
    const job = hello.job!;
    const evaluator = this.#evaluatorFor(job);
    if (evaluator === undefined) return await sendLine(connection, { error: "busy" });
    this.#jobs++;
    await sendLine(connection, { accepted: true });
    await this.#carryOut(job, evaluator, { connection, lines });
  }

  async #carryOut(job: RunParams, evaluator: Evaluator, caller: {
    readonly connection: Deno.Conn;
    readonly lines: AsyncGenerator<string>;
  }): Promise<void> {
    const { connection, lines } = caller;
    // What the caller says while the job runs is its standard input; when it says no more it has gone, and nobody
    // wants the job done.
    (async () => {
      for await (const line of lines) if (evaluator.job === job) await evaluator.send(line);
    })().catch(() => {}).finally(() => {
      if (evaluator.job === job) evaluator.kill();
    });
    try {
      const last = await evaluator.run(job, (line) => writeLine(connection, line));
      if (last?.includes('"kept":true')) this.#kept++;
      if (last?.includes('"refused"')) {
        this.#refused++;
        if (last.includes("another order")) this.#particular.add(questionOf(job));
      }
    } finally {
      this.#retain();
    }
  }

  /** Returns an evaluator that does nothing, made busy; undefined if there is none to be had. */
  #evaluatorFor(job: RunParams): Evaluator | undefined {
    this.#evaluators = this.#evaluators.filter(({ ended }) => !ended);
    const variables = startVariables(job.env);
    const question = questionOf(job);
    const fits = (evaluator: Evaluator) => !evaluator.busy && evaluator.variables === variables;
    const particular = this.#particular.has(question);
    let found = this.#evaluators.findLast((each) => fits(each) && each.first === question);
    // One that has answered it has the values.
    if (!particular) found ??= this.#evaluators.findLast((each) => fits(each) && each.questions.has(question));
    if (!particular) found ??= this.#evaluators.findLast(fits);
    if (found === undefined) {
      if (this.#evaluators.length >= MAX_EVALUATORS) {
        const idle = this.#evaluators.findIndex(({ busy }) => !busy);
        if (idle < 0) return undefined;
        this.#evaluators.splice(idle, 1)[0].kill();
      }
      found = new Evaluator(job, variables, question);
    }
    this.#evaluators = [...this.#evaluators.filter((each) => each !== found), found];
    found.job = job;
    found.asked(question);
    return found;
  }

  /** Ends evaluators until the rest use no more than they may: those used last stay. */
  #retain(): void {
    this.#evaluators = this.#evaluators.filter(({ ended }) => !ended);
    let bytes = 0;
    for (const evaluator of this.#evaluators.toReversed()) {
      bytes += evaluator.bytes;
      if (bytes > this.#maxBytes && !evaluator.busy) evaluator.kill();
    }
  }

  #status(): WarmStatus {
    this.#evaluators = this.#evaluators.filter(({ ended }) => !ended);
    return {
      pid: Deno.pid,
      build: this.#build,
      jobs: this.#jobs,
      refused: this.#refused,
      kept: this.#kept,
      evaluators: this.#evaluators.map(({ pid, busy, jobs, bytes }) => ({ pid, busy, jobs, bytes })),
    };
  }
}

/** What a job asks, whatever is the answer. */
function questionOf({ args, cwd }: RunParams): string {
  return JSON.stringify([cwd, args]);
}

/** A `devix serve` that does nothing but commands. */
class Evaluator {
  readonly variables: string;
  /** The question it was asked first. */
  readonly first: string;
  /** The questions it was asked last. */
  readonly questions: Set<string> = new Set();
  /** What it does; the next caller may have it as soon as its last line was read, before that was handed on. */
  job: RunParams | null = null;
  ended = false;
  jobs = 0;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  constructor({ env }: RunParams, variables: string, first: string) {
    this.variables = variables;
    this.first = first;
    const { command, args } = sameDevix(["serve"], { stays: true });
    this.#process = new Deno.Command(command, {
      args: [...args],
      cwd: "/",
      clearEnv: true,
      env: { ...env, [CHILD_VARIABLE]: "0", [WARM_VARIABLE]: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#lines = linesFrom(this.#process.stdout);
    this.#process.status.then(() => this.ended = true);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get busy(): boolean {
    return this.job !== null;
  }

  /** Notes that it is asked a question. */
  asked(question: string): void {
    this.questions.delete(question);
    this.questions.add(question);
    for (const oldest of this.questions) {
      if (this.questions.size <= MAX_QUESTIONS) break;
      this.questions.delete(oldest);
    }
  }

  /** What it uses, in bytes, as far as that can be known. (`statm` has pages, whose size differs between machines.) */
  get bytes(): number {
    try {
      return Number(/^VmRSS:\s*(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${this.pid}/status`))?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  /** Carries out a job; hands on all lines that it says, and returns the last. Undefined if it didn't get there. */
  async run(job: RunParams, onLine: (line: string) => Promise<void>): Promise<string | undefined> {
    const id = ++this.jobs;
    try {
      await this.send(JSON.stringify({ id, method: "run", params: job }));
      for (;;) {
        const { value: line } = await this.#lines.next();
        if (line === undefined) return undefined;
        const last = line.startsWith(`{"id":${id},"result":`) || line.startsWith(`{"id":${id},"error":`);
        if (last) this.job = null;
        await onLine(line);
        if (last) return line;
      }
    } finally {
      // Nobody knows what state it is in otherwise.
      if (this.job === job) {
        this.kill();
        this.job = null;
      }
    }
  }

  async send(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }

  kill(): void {
    this.ended = true;
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
