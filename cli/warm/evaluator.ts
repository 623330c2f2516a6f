/** An evaluator of the background process's: a `devix serve` that does nothing but commands (`job.ts`), one at a time. */
import type { RunParams } from "../../serve/protocol.ts";
import { sameDevix } from "../same_command.ts";
import { CHILD_VARIABLE } from "../supervise.ts";
import { linesFrom } from "./client.ts";
import { startVariables, WARM_VARIABLE } from "./place.ts";

/** How many questions it is remembered of that an evaluator was asked them. */
const MAX_QUESTIONS = 200;

/** Environment variables by name. */
type Variables = Readonly<Record<string, string>>;

/** What a job asks, whatever is the answer. */
export function questionOf({ args, cwd }: RunParams): string {
  return JSON.stringify([cwd, args]);
}

/** A process that evaluates. */
export class Evaluator {
  /** What it was started with that it can't be told later. */
  readonly variables: string;
  /** The questions it was asked last. */
  readonly questions: Set<string> = new Set();
  /** What it does; the next caller may have it as soon as its last line was read, before that was handed on. */
  job: RunParams | null = null;
  ended = false;
  /** How many jobs that somebody waited for it has done. */
  jobs = 0;
  #first: string | undefined;
  #requests = 0;
  #workedMs = 0;
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  constructor(env: Variables) {
    this.variables = startVariables(env);
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

  /** The question it was asked first, if it was asked any. */
  get first(): string | undefined {
    return this.#first;
  }

  /** For how long it has done jobs, in milliseconds. */
  get workedMs(): number {
    return this.#workedMs;
  }

  /** What it uses, in bytes, as far as that can be known. (`statm` has pages, whose size differs between machines.) */
  get bytes(): number {
    try {
      return Number(/^VmRSS:\s*(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${this.pid}/status`))?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  /** Gives it a job, which is to be carried out next. */
  take(job: RunParams): void {
    this.job = job;
    const question = questionOf(job);
    this.#first ??= question;
    this.questions.delete(question);
    this.questions.add(question);
    for (const oldest of this.questions) {
      if (this.questions.size <= MAX_QUESTIONS) break;
      this.questions.delete(oldest);
    }
  }

  /** Takes back a job that nobody waits for any more, before it is carried out. */
  release(): void {
    this.job = null;
  }

  /** Carries out its job; hands on all lines that it says, and returns the last. Undefined if it didn't get there. */
  async run(onLine: (line: string) => Promise<void>): Promise<string | undefined> {
    const job = this.job!;
    const id = ++this.#requests;
    if (!job.ahead) this.jobs++;
    const started = performance.now();
    try {
      await this.send(JSON.stringify({ id, method: "run", params: job }));
      for (;;) {
        const { value: line } = await this.#lines.next();
        if (line === undefined) return undefined;
        const last = isAnswer(line, id);
        if (last) {
          this.#workedMs += performance.now() - started;
          if (job.ahead && !await this.#hasCollected()) return undefined;
          this.job = null;
        }
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

  /**
   * Waits until it reads the next request: before that it may collect garbage, which takes it 1 s after a NixOS system. False
   * if it ends instead.
   */
  async #hasCollected(): Promise<boolean> {
    const id = ++this.#requests;
    await this.send(JSON.stringify({ id, method: "version" }));
    const { value: line } = await this.#lines.next();
    return line !== undefined && isAnswer(line, id);
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

/** Whether a line is what ends a request. */
function isAnswer(line: string, id: number): boolean {
  return line.startsWith(`{"id":${id},"result":`) || line.startsWith(`{"id":${id},"error":`);
}
