/**
 * Evaluates many programs per process.
 *
 * `nix-instantiate --eval a.nix b.nix …` prints one result after the other and ends at the first error, so a run tells
 * the outcomes up to and including the first failure; the rest goes into the next run. A sentinel file between two
 * programs separates their outputs. The traps: what a crashed process had printed is lost (its output was buffered), so
 * a crash is searched for by halving the batch; and programs of one process share a symbol table, which orders the
 * evaluation of attributes, so a difference counts only after both sides were asked about the program alone.
 */
import { binaryFromBytes, bytesFromBinary } from "../lang/bytes.ts";
import { CORPUS_MARKER } from "../lang/evaluator.ts";
import { describeError, stripEscapes } from "../lang/outcome.ts";
import { isolatedEnvironment } from "../lang/process_evaluator.ts";

/** How programs are evaluated and printed. */
export type Mode = "strict" | "lazy" | "json" | "xml" | "parse";

/** The command line flags of each {@link Mode}. */
export const MODE_FLAGS: Readonly<Record<Mode, readonly string[]>> = {
  strict: ["--eval", "--strict"],
  lazy: ["--eval"],
  json: ["--eval", "--strict", "--json"],
  xml: ["--eval", "--strict", "--xml", "--no-location"],
  parse: ["--parse"],
};

/** What a program gave. All strings are binary. `crash` is a signal, a timeout or an exit without an error report. */
export type Result =
  | { readonly kind: "value"; readonly output: string }
  | { readonly kind: "crash"; readonly report: string }
  | {
    readonly kind: "error";
    readonly error: string;
    readonly message: string;
    readonly suggestion: string | null;
    /** All that was said of it, frames and source lines. */
    readonly trace: string;
  };

/** Bytes after which a process is ended. */
const LONGEST_OUTPUT = 16_000_000;

const SENTINEL = "@fuzz sentinel@";

/** What {@link SENTINEL} looks like in the output of each {@link Mode}. */
const SENTINEL_OUTPUT: Readonly<Record<Mode, string>> = {
  strict: `"${SENTINEL}"\n`,
  lazy: `"${SENTINEL}"\n`,
  json: `"${SENTINEL}"\n`,
  parse: `"${SENTINEL}"\n`,
  xml: `<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <string value="${SENTINEL}" />\n</expr>\n`,
};

/** Evaluates programs, which are files of one directory. */
export interface ProgramEvaluator {
  /** Processes started so far. */
  readonly processes: number;
  /** Returns the result of each program; programs may share a process. */
  evaluate(files: readonly string[], mode: Mode): Promise<Result[]>;
  /** Returns the result of a program that has a process of its own. */
  alone(file: string, mode: Mode): Promise<Result>;
  /** Ends what is still running. */
  close(): Promise<void>;
}

/** What evaluators are made with. */
export interface EvaluatorOptions {
  /**
   * Where programs are written, absolute; the same for two evaluators that are compared, since relative paths in
   * programs lead there.
   */
  readonly directory: string;
  /** An empty folder elsewhere for whatever the evaluator keeps; programs must not see it change. */
  readonly state: string;
  /** Milliseconds one program may take. A batch may take that for each of its programs, up to ten. */
  readonly timeout: number;
  /** Processes at a time; one unless given. */
  readonly parallel?: number;
}

/** Returns what a run of one program stands for. The directory of the programs is replaced by a marker. */
export function resultOfRun(run: { code: number; stdout: string; stderr: string }, directory: string): Result {
  const report = run.stderr.replaceAll(directory, CORPUS_MARKER);
  if (run.code === 0) return { kind: "value", output: run.stdout.replaceAll(directory, CORPUS_MARKER) };
  if (run.code !== 1 || !/^error:/m.test(report)) return { kind: "crash", report: `exit ${run.code}\n${report}` };
  return errorResult(report);
}

/** `report` may begin with what other programs had to say. */
function errorResult(report: string): Result {
  const { kind, message, suggestion } = describeError(report);
  return { kind: "error", error: kind, message, suggestion, trace: report.slice(report.lastIndexOf("\nerror:") + 1) };
}

/** Evaluates batches of programs with one `nix-instantiate`. */
export class BatchEvaluator implements ProgramEvaluator {
  processes = 0;
  readonly #command: readonly string[];
  readonly #directory: string;
  readonly #timeout: number;
  readonly #parallel: number;
  readonly #env: Record<string, string>;

  /** `command` starts a nix-instantiate. */
  constructor(command: readonly string[], options: EvaluatorOptions) {
    this.#command = command;
    this.#directory = options.directory;
    this.#timeout = options.timeout;
    this.#parallel = options.parallel ?? 1;
    this.#env = isolatedEnvironment(options.state);
    Deno.writeTextFileSync(`${options.directory}/sentinel.nix`, `"${SENTINEL}"`);
  }

  async alone(file: string, mode: Mode): Promise<Result> {
    return (await this.evaluate([file], mode))[0];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async evaluate(files: readonly string[], mode: Mode): Promise<Result[]> {
    const size = Math.ceil(files.length / this.#parallel);
    const parts = Array.from({ length: this.#parallel }, (_, part) => files.slice(part * size, (part + 1) * size));
    return (await Promise.all(parts.map((part) => this.#evaluatePart(part, mode)))).flat();
  }

  async #evaluatePart(files: readonly string[], mode: Mode): Promise<Result[]> {
    const results: Result[] = [];
    while (results.length < files.length) {
      results.push(...await this.#run(files.slice(results.length), mode));
    }
    return results;
  }

  /** Returns results from the first program on, at least one. */
  async #run(files: readonly string[], mode: Mode): Promise<Result[]> {
    const [program, ...words] = this.#command;
    const interleaved = files.flatMap((file) => [file, "sentinel.nix"]);
    this.processes++;
    const child = new Deno.Command(program, {
      args: [...words, ...MODE_FLAGS[mode], "--show-trace", ...interleaved],
      cwd: this.#directory,
      clearEnv: true,
      env: this.#env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, this.#timeout * Math.min(files.length, 10));
    // Infinite structures print until the call depth is reached: gigabytes.
    const kill = () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has just ended.
      }
    };
    const [{ code, signal }, stdout, stderr] = await Promise.all([
      child.status,
      readLimited(child.stdout, kill),
      readLimited(child.stderr, kill),
    ]);
    clearTimeout(timer);
    const output = this.#marked(stdout);
    const report = this.#marked(stripEscapes(stderr));
    const pieces = output.split(SENTINEL_OUTPUT[mode]);
    pieces.pop(); // what follows the last sentinel belongs to a program that failed
    const values = pieces.map((piece): Result => ({ kind: "value", output: piece }));
    if (code === 0 && signal === null && values.length === files.length) return values;
    const crashed = timedOut || signal !== null || code !== 1 || !/^error:/m.test(report) ||
      /possible infinite recursion/.test(report);
    if (!crashed && values.length < files.length) {
      return [...values, errorResult(report)];
    }
    if (files.length === 1) {
      const why = timedOut ? "timeout" : signal ?? `exit ${code}`;
      return [{ kind: "crash", report: `${why}\n${report}` }];
    }
    return await this.#run(files.slice(0, files.length >> 1), mode);
  }

  #marked(text: string): string {
    return text.replaceAll(this.#directory, CORPUS_MARKER);
  }
}

/** Reads a stream to its end, or calls `exceeded` and stops at {@link LONGEST_OUTPUT}. */
async function readLimited(stream: ReadableStream<Uint8Array<ArrayBuffer>>, exceeded: () => void): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of stream) {
    parts.push(binaryFromBytes(chunk));
    length += chunk.length;
    if (length > LONGEST_OUTPUT) {
      exceeded();
      break;
    }
  }
  return parts.join("");
}

/** Writes programs (binary strings) as files of a directory; returns their names. */
export async function writePrograms(directory: string, programs: readonly string[]): Promise<string[]> {
  const names = programs.map((_, index) => `p${index}.nix`);
  await Promise.all(
    names.map((name, index) => Deno.writeFile(`${directory}/${name}`, bytesFromBinary(programs[index]))),
  );
  return names;
}
