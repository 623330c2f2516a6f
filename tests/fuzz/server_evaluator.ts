/**
 * Evaluates programs with one long-lived process of this checkout (server.ts), so that a failing program costs no new
 * process. A process that crashes or takes too long is replaced.
 */
import { fromFileUrl } from "@std/path";
import { stripEscapes } from "../lang/outcome.ts";
import type { Run } from "../lang/in_process_evaluator.ts";
import { isolatedEnvironment } from "../lang/process_evaluator.ts";
import { V8_FLAGS } from "../../cli/v8_flags.ts";
import {
  BatchEvaluator,
  type EvaluatorOptions,
  type Mode,
  MODE_FLAGS,
  type ProgramEvaluator,
  type Result,
  resultOfRun,
} from "./batch.ts";

/** Programs after which a process is replaced, because its table of names only grows. */
const PROGRAMS_PER_PROCESS = 4000;

interface Server {
  readonly child: Deno.ChildProcess;
  readonly writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly lines: AsyncIterator<string>;
  programs: number;
}

/** Evaluates programs one after the other in a process that goes on. */
export class ServerEvaluator implements ProgramEvaluator {
  processes = 0;
  readonly #options: EvaluatorOptions;
  readonly #env: Record<string, string>;
  readonly #single: BatchEvaluator;
  #server: Server | null = null;

  /** `command` starts a `nix-instantiate` of the same checkout, for programs that are asked about alone. */
  constructor(command: readonly string[], options: EvaluatorOptions) {
    this.#options = options;
    this.#single = new BatchEvaluator(command, options);
    this.#env = isolatedEnvironment(options.state);
  }

  async evaluate(files: readonly string[], mode: Mode): Promise<Result[]> {
    const results: Result[] = [];
    for (const file of files) results.push(await this.#request(file, mode));
    return results;
  }

  alone(file: string, mode: Mode): Promise<Result> {
    return this.#single.alone(file, mode);
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await server.writer.close().catch(() => {});
    await server.child.status;
  }

  async #request(file: string, mode: Mode): Promise<Result> {
    if (this.#server !== null && this.#server.programs >= PROGRAMS_PER_PROCESS) await this.close();
    const server = this.#server ??= this.#start();
    server.programs++;
    const { directory, timeout } = this.#options;
    const request = { args: [...MODE_FLAGS[mode], "--show-trace", file], cwd: directory, env: this.#env };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      server.child.kill("SIGKILL");
    }, timeout);
    try {
      await server.writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
      const { value, done } = await server.lines.next();
      if (done) throw new Error("the process ended");
      const { code, stdout, stderr }: Run = JSON.parse(value);
      return resultOfRun({ code, stdout, stderr: stripEscapes(stderr) }, directory);
    } catch (error) {
      this.#server = null;
      const { signal, code } = await server.child.status;
      const why = timedOut ? "timeout" : signal ?? `exit ${code}`;
      return { kind: "crash", report: `${why}\n${(error as Error).message}\n` };
    } finally {
      clearTimeout(timer);
    }
  }

  #start(): Server {
    this.processes++;
    const script = fromFileUrl(new URL("./server.ts", import.meta.url));
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `--v8-flags=${V8_FLAGS.join(",")}`, script],
      clearEnv: true,
      env: this.#env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return { child, writer: child.stdin.getWriter(), lines: readLines(child.stdout), programs: 0 };
  }
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
