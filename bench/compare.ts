/**
 * Runs one workload with several programs by turns: A B C A B C …, so that a machine that gets busy, or hot, is unfair to
 * all of them alike. Every run must succeed and print what the first did: a fast wrong answer is no result.
 */
import type { ProcessResult, Usage } from "./process.ts";
import type { Program } from "./programs.ts";

/** What a workload cost each program. */
export interface Measured {
  readonly kind: "measured";
  /** What all of them printed. */
  readonly output: string;
  /** One for each counted run, in their order, by the program's name. */
  readonly samples: ReadonlyMap<string, readonly Usage[]>;
}

/** A workload that gave no result. */
export interface Failed {
  readonly kind: "failed";
  /** Lines that say which program did what. */
  readonly reason: string;
}

/** How to compare. */
export interface CompareOptions {
  /** Runs of each program that aren't counted: files get into the kernel's cache. */
  readonly warmup: number;
  /** Runs of each program that are; at least 1. */
  readonly runs: number;
  readonly run: (program: Program) => Promise<ProcessResult>;
}

/** Compares programs on one workload; stops at the first run that fails or differs. */
export async function compare(programs: readonly Program[], options: CompareOptions): Promise<Measured | Failed> {
  const samples = new Map<string, Usage[]>(programs.map(({ name }) => [name, []]));
  let output: string | undefined;
  for (let round = 0; round < options.warmup + options.runs; round++) {
    for (const program of programs) {
      const result = await options.run(program);
      const failure = failureOf(program, result);
      if (failure !== null) return { kind: "failed", reason: failure };
      output ??= result.stdout;
      if (result.stdout !== output) {
        return {
          kind: "failed",
          reason: `${programs[0].name} prints\n${cut(output)}\n${program.name} prints\n${cut(result.stdout)}`,
        };
      }
      if (round >= options.warmup) samples.get(program.name)!.push(result.usage);
    }
  }
  return { kind: "measured", output: output!.trimEnd(), samples };
}

function failureOf({ name }: Program, { code, timedOut, stderr }: ProcessResult): string | null {
  if (timedOut) return `${name} took too long`;
  if (code < 0) return `${name} was ended by signal ${-code}\n${cut(stderr)}`;
  return code === 0 ? null : `${name} exits with ${code}\n${cut(stderr)}`;
}

/** The end of a text says most: errors come last. */
function cut(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.length <= 2000 ? trimmed : `…${trimmed.slice(-2000)}`;
}
