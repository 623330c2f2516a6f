/** A process for tests of commands: takes its input from records, keeps what is written. */
import type { Process } from "./process.ts";

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a fake process is given. */
export interface FakeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Configuration files and such; evaluation reads the host's files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly colours?: boolean;
}

/** Runs a command with arguments and returns what it did. */
export function runFake(run: (process: Process) => number, args: readonly string[], options: FakeOptions = {}): Ran {
  const { process, ran } = fakeProcess(args, options);
  return ran(run(process));
}

/** The same for commands that take their time. */
export async function runFakeAsync(
  run: (process: Process) => number | Promise<number>,
  args: readonly string[],
  options: FakeOptions = {},
): Promise<Ran> {
  const { process, ran } = fakeProcess(args, options);
  return ran(await run(process));
}

function fakeProcess(args: readonly string[], options: FakeOptions): { process: Process; ran: (code: number) => Ran } {
  const { env = {}, stdin = "", files = {}, cwd = "/", colours = false } = options;
  let out = "";
  let err = "";
  const process: Process = {
    args,
    // Without a home there is no cache: that of whoever runs the tests is none of their business.
    env: (name) => env[name] ?? (name === "HOME" ? "" : undefined),
    cwd,
    colours,
    terminal: false,
    isStackChild: false,
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    passing: (text) => void (err += text),
    columns: () => 80,
    readStdin: () => stdin,
    readFile: (path) => {
      if (!(path in files)) throw new Deno.errors.NotFound(path);
      return files[path];
    },
    exists: (path) => path in files,
  };
  return { process, ran: (code) => ({ code, out, err }) };
}
