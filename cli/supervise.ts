/**
 * Two processes for `devix serve`: one that evaluates, and this one before it, which hands requests on and answers back.
 *
 * An evaluation can end its process whatever care is taken: by memory that runs out inside one builtin, by a stack smaller
 * than promised. Then the request under way is answered with an error of type "crashed", a new process is started, what
 * was open is opened again, and the requests that were waiting go to it. A request that is cancelled and doesn't end (it
 * may be inside something that can't be interrupted) is ended likewise, after a while.
 *
 * Nothing of devix is loaded here.
 */
import { type Line, LineSplitter } from "../serve/lines.ts";
import type { ErrorInfo, RequestId } from "../serve/protocol.ts";
import { sameDevix } from "./same_command.ts";
import { isStdoutBroken } from "./stdin.ts";

/** Set for the process that evaluates: the number of the last call that was made before it was started. */
export const CHILD_VARIABLE = "DEVIX_SERVE_CHILD";

/** The longest request, in bytes. */
export const MAX_LINE_BYTES = 64 << 20;

/** How long a cancelled request may take to end by itself. */
const GRACE_MS = 1000;
/** How often it is looked whether anybody still reads, once nobody writes. */
const LOOK_MS = 500;

/** What is known of a request that was handed on and not answered. */
interface Unanswered {
  readonly id: RequestId;
  readonly method: unknown;
  readonly handle: string;
  /** Whether it is to be repeated for a new process if it succeeds. */
  readonly lasting: boolean;
  readonly line: string;
}

/**
 * Supervises, if this process is to, until standard input ends or a request shuts the server down; returns the exit code.
 */
export async function superviseAtOnce(): Promise<number | undefined> {
  if (Deno.args[0] !== "serve" || Deno.env.get(CHILD_VARIABLE) !== undefined) return undefined;
  return await new Supervisor().run();
}

class Supervisor {
  #unanswered: Unanswered[] = [];
  /** What opened a handle, and what changed its environment since. */
  readonly #lasting = new Map<string, string[]>();
  /** What was ended because it didn't end by itself. */
  readonly #cancelled = new Set<RequestId>();
  /** What somebody wants cancelled: a process that knew may be gone before it said so. */
  readonly #unwanted = new Set<RequestId>();
  #lastCall = 0;
  #inputEnded = false;
  #child = this.#start();

  async run(): Promise<number> {
    // It may never end: the caller of this ends the process.
    this.#readInput();
    for (;;) {
      const child = this.#child;
      const splitter = new LineSplitter({ maxBytes: Infinity });
      for await (const chunk of child.process.stdout) {
        for (const line of splitter.push(chunk)) if ("text" in line) await this.#outgoing(line.text);
      }
      const { code, signal } = await child.process.status;
      if (signal === null && (code === 0 || this.#unanswered.length === 0)) return code;
      if (this.#unanswered.length === 0 && this.#inputEnded) return code;
      await this.#restart(signal ?? `exit code ${code}`);
      if (this.#inputEnded) await this.#child.close();
    }
  }

  #start(): Child {
    const { command, args } = sameDevix(Deno.args, { stays: true });
    return new Child(
      new Deno.Command(command, {
        args: [...args],
        env: { [CHILD_VARIABLE]: String(this.#lastCall) },
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }).spawn(),
    );
  }

  async #readInput(): Promise<void> {
    const splitter = new LineSplitter({ maxBytes: MAX_LINE_BYTES });
    for await (const chunk of Deno.stdin.readable) for (const line of splitter.push(chunk)) await this.#incoming(line);
    for (const line of splitter.end()) await this.#incoming(line);
    this.#inputEnded = true;
    await this.#child.close();
    // Nobody writes any more. If nobody reads either, there is nothing to go on for.
    setInterval(() => {
      if (!isStdoutBroken()) return;
      this.#child.kill();
      Deno.exit(0);
    }, LOOK_MS);
  }

  async #incoming(line: Line): Promise<void> {
    if ("tooLong" in line) {
      return await this.#error(
        null,
        "usage",
        `Cannot read request: the line has ${line.tooLong} bytes, which is too long`,
      );
    }
    if ("cut" in line) return await this.#error(null, "usage", "Cannot read request: the line has no end");
    const { text } = line;
    const request = parse(text);
    if (request !== undefined) {
      this.#unanswered.push(request);
      if (request.method === "cancel") this.#watch(JSON.parse(text).params?.id);
    }
    await this.#child.send(text);
  }

  /** Sees to it that a cancelled request ends. */
  #watch(id: RequestId): void {
    const child = this.#child;
    if (!this.#unanswered.some((request) => request.id === id)) return;
    this.#unwanted.add(id);
    setTimeout(() => {
      if (this.#child !== child || this.#current()?.id !== id) return;
      this.#cancelled.add(id);
      child.kill();
    }, GRACE_MS);
  }

  /** The request under way. Cancelling is done out of order. */
  #current(): Unanswered | undefined {
    return this.#unanswered.find(({ method }) => method !== "cancel");
  }

  async #outgoing(text: string): Promise<void> {
    const call = /^\{"call":(\d+),/.exec(text);
    if (call !== null) this.#lastCall = Number(call[1]);
    const answer = /^\{"id":("(?:[^"\\]|\\.)*"|[^",]+),"(result|error)":/.exec(text);
    if (answer !== null) {
      const id = JSON.parse(answer[1]);
      this.#unwanted.delete(id);
      // What was repeated for a new process has been answered before.
      if (this.#repeated.delete(id)) return;
      const at = this.#unanswered.findIndex((request) => request.id === id);
      if (at >= 0) this.#answered(this.#unanswered.splice(at, 1)[0], answer[2] === "result");
    }
    await write(text);
  }

  #answered({ method, handle, lasting, line }: Unanswered, succeeded: boolean): void {
    if (!succeeded) return;
    if (method === "open") this.#lasting.set(handle, [line]);
    else if (method === "close") this.#lasting.delete(handle);
    else if (lasting) this.#lasting.get(handle)?.push(line);
  }

  readonly #repeated = new Set<RequestId>();

  async #restart(reason: string): Promise<void> {
    const victim = this.#current();
    if (victim !== undefined) {
      this.#unanswered.splice(this.#unanswered.indexOf(victim), 1);
      this.#unwanted.delete(victim.id);
      if (this.#cancelled.delete(victim.id)) await this.#error(victim.id, "cancelled", "the request was cancelled");
      else await this.#error(victim.id, "crashed", `the evaluator ended unexpectedly (${reason})`);
    }
    await this.#answerCancels();
    this.#child = this.#start();
    this.#repeated.clear();
    for (const lines of this.#lasting.values()) {
      for (const line of lines) {
        const id = `devix-repeated-${this.#repeated.size}`;
        this.#repeated.add(id);
        await this.#child.send(JSON.stringify({ ...JSON.parse(line), id }));
      }
    }
    for (const { line } of [...this.#unanswered]) await this.#child.send(line);
  }

  /** Answers wishes to cancel what the next process would begin with before it gets to them. */
  async #answerCancels(): Promise<void> {
    for (const cancel of this.#unanswered.filter(({ method }) => method === "cancel")) {
      const { id } = JSON.parse(cancel.line).params ?? {};
      const target = this.#unanswered.find((request) => request.id === id);
      this.#unanswered = this.#unanswered.filter((request) => request !== cancel && request !== target);
      if (target !== undefined) await this.#error(target.id, "cancelled", "cancelled before it began");
      await write(JSON.stringify({ id: cancel.id, result: { cancelled: target !== undefined } }));
    }
    const unwanted = this.#unanswered.filter(({ id }) => this.#unwanted.has(id));
    this.#unanswered = this.#unanswered.filter((request) => !unwanted.includes(request));
    this.#unwanted.clear();
    for (const { id } of unwanted) await this.#error(id, "cancelled", "cancelled before it began");
  }

  async #error(id: RequestId | null, type: string, message: string): Promise<void> {
    const error: ErrorInfo = { type, message, rendered: `error: ${message}`, trace: [] };
    await write(JSON.stringify({ id, error }));
  }
}

/** The process that evaluates. What is sent when it is gone is lost; it is sent again to the next. */
class Child {
  readonly process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(process: Deno.ChildProcess) {
    this.process = process;
    this.#writer = process.stdin.getWriter();
  }

  async send(text: string): Promise<void> {
    try {
      await this.#writer.write(new TextEncoder().encode(`${text}\n`));
    } catch {
      // See above.
    }
  }

  async close(): Promise<void> {
    try {
      await this.#writer.close();
    } catch {
      // Closed is closed.
    }
  }

  kill(): void {
    try {
      this.process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

/** Returns what is to be known of a request; undefined for what is none, to be answered by who can say why. */
function parse(line: string): Unanswered | undefined {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof message !== "object" || message === null || "return" in message) return undefined;
  const { id, method, params } = message as Record<string, unknown>;
  if (typeof id !== "string" && typeof id !== "number") return undefined;
  const { handle = "default", env } = (typeof params === "object" ? params ?? {} : {}) as Record<string, unknown>;
  return { id, method, handle: String(handle), lasting: method === "invalidate" && env !== undefined, line };
}

async function write(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${text}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  } catch (e) {
    // Nobody reads any more.
    if (e instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw e;
  }
}
