/**
 * `--jobs N`: hands the attributes of a command to N processes, some at a time as they get done (`blocks.ts`), and prints as
 * one would: in order, up to the first that fails.
 */
import { LineSplitter } from "../../serve/lines.ts";
import type { Process } from "../process.ts";
import { sameCommand } from "../same_command.ts";
import { type Block, Blocks } from "./blocks.ts";
import { type Order, type Piece, type Report, WORKER_VARIABLE } from "./share.ts";

/** Returns how many processes a command line asks for; undefined if it doesn't, or this is one of them. */
export function jobsWanted({ args, env }: Process): number | undefined {
  if (env(WORKER_VARIABLE) !== undefined || args.includes("--help") || args.includes("-h")) return undefined;
  // Standard input can't be read by several.
  if ((env("NIX_SHOW_STATS") ?? "0") !== "0") return undefined;
  if (args.includes("--arg-from-stdin") || args.includes("--add-root")) return undefined;
  const at = args.findLastIndex((arg) => arg === "--jobs" || arg.startsWith("--jobs="));
  const text = at < 0 ? "" : args[at].startsWith("--jobs=") ? args[at].slice("--jobs=".length) : args[at + 1] ?? "";
  return /^\d{1,3}$/.test(text) && Number(text) > 1 ? Number(text) : undefined;
}

/** Runs this command with that many processes and returns the exit code. */
export async function runJobs(process: Process, jobs: number): Promise<number> {
  // All start at once; more than there are attributes would find nothing to do.
  const count = Math.max(1, Math.min(jobs, process.args.filter((arg) => /^(?:-A|--attr)/.test(arg)).length));
  const workers = Array.from({ length: count }, (_, i) => new Worker(process, i));
  try {
    return await new Distribution(process, workers).run();
  } catch (e) {
    if (!(e instanceof WorkerEnded)) throw e;
    if (e.code !== null) return e.code;
    process.err(`error: a process that evaluated ended unexpectedly (${e.message})\n`);
    return 1;
  } finally {
    for (const worker of workers) worker.kill();
  }
}

class Distribution {
  readonly #process: Process;
  readonly #workers: readonly Worker[];
  readonly #pieces: (Piece & { readonly err: string })[] = [];
  /** No attribute from here on is wanted. */
  #end = Infinity;
  #printed = 0;

  constructor(process: Process, workers: readonly Worker[]) {
    this.#process = process;
    this.#workers = workers;
  }

  async run(): Promise<number> {
    const [first] = this.#workers;
    // What all say before they begin is said once: where they end instead, by the first, which has to come to that.
    const plans = this.#workers.map((worker) => worker.ask({ do: "plan" }));
    await Promise.allSettled(plans);
    const [plan] = await Promise.all(plans);
    this.#process.err(plan.err);
    const attrs = plan.attrs!;
    this.#end = attrs.length;
    const blocks = new Blocks(attrs.length, this.#workers.length);
    await Promise.all(
      this.#workers.map((worker, i) => this.#feed(worker, (milliseconds) => blocks.take(i, milliseconds), attrs)),
    );
    const reports = await Promise.all(this.#workers.map((worker) => worker.ask({ do: "rest" })));
    for (const { err } of reports) this.#process.err(err);
    const pieces = this.#pieces.slice(0, this.#end).map(({ text, code, stop }) => ({ text, code, stop }));
    const { out = "", err, code = 1 } = await first.ask({
      do: "print",
      pieces,
      rests: reports.map(({ rest }) => rest),
    });
    this.#process.err(err);
    this.#process.out(out);
    return code;
  }

  async #feed(
    worker: Worker,
    take: (milliseconds: number) => Block | undefined,
    attrs: readonly string[],
  ): Promise<void> {
    let milliseconds = 0;
    for (let block; (block = take(milliseconds)) !== undefined;) {
      const { start } = block;
      // Where a block goes beyond what is wanted, or all of it is, others are before it that aren't done.
      if (start >= this.#end) continue;
      const wanted = attrs.slice(start, Math.min(block.end, this.#end));
      const asked = performance.now();
      const { pieces = [] } = await worker.ask({ do: "evaluate", attrs: wanted });
      milliseconds = performance.now() - asked;
      pieces.forEach((piece, i) => {
        this.#pieces[start + i] = piece;
        if (piece.stop) this.#end = Math.min(this.#end, start + i + 1);
      });
      this.#printLogs();
    }
  }

  /** Prints what was logged about attributes, in their order, as far as they are done. */
  #printLogs(): void {
    for (let piece; this.#printed < this.#end && (piece = this.#pieces[this.#printed]) !== undefined; this.#printed++) {
      if (piece.err !== "") this.#process.err(piece.err);
    }
  }
}

/** A process that does a share ended before it was to. `code` is its exit code if it said why. */
class WorkerEnded extends Error {
  override name = "WorkerEnded";
  constructor(readonly code: number | null, message: string) {
    super(message);
  }
}

class Worker {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #splitter = new LineSplitter({ maxBytes: Infinity });
  readonly #lines: string[] = [];

  constructor({ colours }: Process, index: number) {
    const { command, args } = sameCommand();
    this.#child = new Deno.Command(command, {
      args: [...args],
      env: { [WORKER_VARIABLE]: `${colours ? "colours" : "plain"}${index}` },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.getReader();
  }

  /** Gives an order and waits for what comes of it. @throws {WorkerEnded} */
  async ask(order: Order): Promise<Report> {
    try {
      await this.#writer.write(new TextEncoder().encode(JSON.stringify(order) + "\n"));
    } catch {
      // It has ended; that shows when it is to say something.
    }
    while (this.#lines.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) {
        const { code, signal } = await this.#child.status;
        throw new WorkerEnded(signal === null && code !== 0 ? code : null, signal ?? `exit code ${code}`);
      }
      for (const line of this.#splitter.push(value)) if ("text" in line) this.#lines.push(line.text);
    }
    return JSON.parse(this.#lines.shift()!);
  }

  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
