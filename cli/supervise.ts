/**
 * Two processes for `devix serve`: one that evaluates, and this one before it, which hands requests on and answers back.
 *
 * An evaluation can end its process whatever care is taken: by memory that runs out inside one builtin, by a stack smaller
 * than promised. Then the request under way is answered with an error of type "crashed", a new process is started, what
 * was open is opened again, and the requests that were waiting go to it. A request that is cancelled and doesn't end (it
 * may be inside something that can't be interrupted) is ended likewise, after a while.
 *
 * Nothing of devix is loaded here, but what imports nothing itself.
 */
import { type Line, LineSplitter } from "../serve/lines.ts";
import { asCancel, isRequestId } from "../serve/parameters.ts";
import type { ErrorInfo, InvalidateParams, RequestId } from "../serve/protocol.ts";
import { sameDevix } from "./same_command.ts";
import { isStdoutBroken } from "./stdin.ts";

/** Set for the process that evaluates: the number of the last call that was made before it was started. */
export const CHILD_VARIABLE = "DEVIX_SERVE_CHILD";

/** The longest request, in bytes. */
export const MAX_LINE_BYTES = 64 << 20;

/** The exit code of a wrong command line; command.ts has it too, and loads more. */
const USAGE = 2;

/** How deep requests may be nested. */
const MAX_NESTING = 5000;

/** How long a cancelled request may take to end by itself. */
const GRACE_MS = 1000;
/** How often it is looked whether anybody still reads, once nobody writes. */
const LOOK_MS = 500;

/** What is known of a request that was handed on and not answered. */
interface Unanswered {
  readonly id: RequestId;
  readonly method: unknown;
  readonly handle: string;
  /** The variables that it changes. */
  readonly env: Variables | undefined;
  /** What it wishes to cancel; undefined if it is no such wish, or one that makes no sense. */
  readonly cancels: RequestId | undefined;
  readonly line: string;
}

type Variables = NonNullable<InvalidateParams["env"]>;

/** What is said to a new process of a handle. */
interface Opened {
  /** The request that opened it. */
  readonly line: string;
  /** Variables that have changed since. */
  readonly env: Variables | undefined;
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
  /** By handle. */
  readonly #opened = new Map<string, Opened>();
  /** What somebody wants cancelled: a process that knew may be gone before it said so. Ids may be used again. */
  readonly #unwanted = new WeakSet<Unanswered>();
  /** What the process was ended for. It may have answered that by then, and be at another that is to have its answer. */
  #endedFor: Unanswered | undefined;
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
      // A command line that is wrong stays wrong.
      if (signal === null && (code === 0 || code === USAGE || this.#unanswered.length === 0)) return code;
      if (this.#unanswered.length === 0 && this.#inputEnded) return code;
      await this.#restart(signal ?? `exit code ${code}`);
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
    if (nestsTooDeep(text)) return await this.#error(null, "usage", "Cannot read request: it is nested too deep");
    const request = parse(text);
    if (request !== undefined) {
      if (request.cancels !== undefined) this.#cancel(request.cancels);
      this.#unanswered.push(request);
    }
    await this.#child.send(text);
  }

  /** Sees to it that a request ends that somebody wants cancelled. */
  #cancel(id: RequestId): void {
    const target = this.#unanswered.find((request) => request.id === id);
    if (target === undefined) return;
    this.#unwanted.add(target);
    const look = () => {
      if (!this.#unanswered.includes(target)) return;
      // While it waits behind another, that one goes on.
      if (this.#current() !== target) return void setTimeout(look, GRACE_MS);
      this.#endedFor = target;
      this.#child.kill();
    };
    setTimeout(look, GRACE_MS);
  }

  /** The request under way. Cancelling is done out of order. */
  #current(): Unanswered | undefined {
    return this.#unanswered.find(({ cancels }) => cancels === undefined);
  }

  async #outgoing(text: string): Promise<void> {
    const call = /^\{"call":(\d+),/.exec(text);
    if (call !== null) this.#lastCall = Number(call[1]);
    const answer = readAnswer(text);
    if (answer !== undefined) {
      // What was repeated for a new process has been answered before.
      if (this.#repeated.delete(answer.id)) return;
      const at = this.#unanswered.findIndex((request) => request.id === answer.id);
      if (at >= 0) this.#answered(this.#unanswered.splice(at, 1)[0], answer);
    }
    await write(text);
  }

  #answered({ method, handle, env, line }: Unanswered, { succeeded }: Answer): void {
    if (!succeeded) return;
    const opened = this.#opened.get(handle);
    if (method === "open") this.#opened.set(handle, { line, env: undefined });
    else if (method === "close") this.#opened.delete(handle);
    else if (env !== undefined && opened !== undefined) {
      this.#opened.set(handle, { ...opened, env: { ...opened.env, ...env } });
    }
  }

  readonly #repeated = new Set<RequestId>();

  /** Answers what the last process can't answer any more, and hands the rest to a new one. */
  async #restart(reason: string): Promise<void> {
    const victim = this.#endedFor ?? this.#current();
    this.#endedFor = undefined;
    const isOver = (request: Unanswered) => request === victim || this.#unwanted.has(request);
    const over = this.#unanswered.filter((request) => isOver(request) || request.cancels !== undefined);
    this.#unanswered = this.#unanswered.filter((request) => !over.includes(request));
    for (const request of over) {
      const { id, cancels } = request;
      if (cancels !== undefined) {
        const cancelled = over.some((other) => other.id === cancels && isOver(other));
        await write(JSON.stringify({ id, result: { cancelled } }));
      } else if (this.#unwanted.has(request)) {
        const message = request === victim ? "the request was cancelled" : "cancelled before it began";
        await this.#error(id, "cancelled", message);
      } else {
        await this.#error(id, "crashed", `the evaluator ended unexpectedly (${reason})`);
      }
    }
    // From here on at once, and without waiting for the process to read it: what comes meanwhile is handed on behind it,
    // and a process whose answers nobody reads wouldn't read on either.
    this.#child = this.#start();
    this.#repeated.clear();
    for (const [handle, { line, env }] of this.#opened) {
      this.#repeat(JSON.parse(line));
      if (env !== undefined) this.#repeat({ method: "invalidate", params: { handle, env } });
    }
    for (const { line } of this.#unanswered) this.#child.send(line);
    if (this.#inputEnded) this.#child.close();
  }

  #repeat(request: Readonly<Record<string, unknown>>): void {
    const id = `devix-repeated-${this.#repeated.size}`;
    this.#repeated.add(id);
    this.#child.send(JSON.stringify({ ...request, id }));
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

/**
 * Whether JSON is nested so deep that reading it may take more than the stack there is: V8 was told that it has the evaluator's,
 * and would end this process.
 */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > MAX_NESTING) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
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
  if (!isRequestId(id)) return undefined;
  const { handle = "default", env } = (typeof params === "object" ? params ?? {} : {}) as Record<string, unknown>;
  return {
    id,
    method,
    handle: String(handle),
    env: method === "invalidate" ? env as Variables | undefined : undefined,
    cancels: asCancel(message)?.params.id,
    line,
  };
}

/** What is to be known of an answer. */
export interface Answer {
  readonly id: RequestId;
  readonly succeeded: boolean;
}

/**
 * Returns what is to be known of a line if it is the answer to a request. Only its beginning is looked at: the rest may be
 * long.
 */
export function readAnswer(line: string): Answer | undefined {
  const found = /^\{"id":(-?[\d.eE+-]+|"(?:[^"\\]|\\.)*"),"(result|error)":/.exec(line);
  if (found === null) return undefined;
  try {
    return { id: JSON.parse(found[1]), succeeded: found[2] === "result" };
  } catch {
    return undefined;
  }
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
