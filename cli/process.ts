/** The process a command runs in: what it was given, where its output goes. Everything here is binary strings. */
import { bytesToBinary, decodeUtf8Lossy, encodeUtf8, type Evaluator, hint, HostIO, NixError } from "../mod.ts";
import { hostReason } from "../lib/host_reason.ts";
import { type AnswerSlot, openAnswers } from "./answers.ts";
import { binaryVariable, currentDirectory } from "./environment.ts";
import type { Orders } from "./jobs/share.ts";
import { writeAll } from "./output.ts";
import type { Recorder } from "./recorder.ts";
import type { Env } from "./settings.ts";
import { takeChildVariable } from "./stack.ts";
import type { Worlds } from "./warm/world.ts";

/** Evaluators that have done their work and may do more (see `SessionOptions.evaluator`), by what they were made for. */
export interface EvaluatorStore {
  take(key: string): Evaluator | undefined;
  put(key: string, evaluator: Evaluator): void;
}

/** What somebody else has printed and read of what this process was to (warm/client.ts). */
export interface Begun {
  /** How many chars of standard output and standard error. */
  readonly out: number;
  readonly err: number;
  /** How many texts of what is passing. */
  readonly passing: number;
  readonly stdin: string | null;
}

/** What a command knows of its surroundings. */
export interface Process {
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly env: Env;
  /** Absolute. */
  readonly cwd: string;
  /** Whether standard error shows colours: a terminal, TERM isn't dumb, NO_COLOR isn't set. */
  readonly colours: boolean;
  /** Whether standard error is a terminal that can move its cursor. */
  readonly terminal: boolean;
  /** Whether this is the child of a devix that hadn't the stack it needs: it has what there is. */
  readonly isStackChild: boolean;
  /** Where the answer to the command line is kept; absent if it isn't. */
  readonly answers?: AnswerSlot;
  /** Where calls of builtins are counted by name; absent if they aren't. */
  readonly builtinCalls?: Map<string, number>;
  /** What collects that answer, where somebody else has made it. */
  readonly recorder?: Recorder;
  /** Who says which share of the command is this process's, if not all of it is. */
  readonly orders?: Orders;
  /** Where evaluators are kept between commands; absent where there is only one command. */
  readonly evaluators?: EvaluatorStore;
  /** Where sessions are kept between commands, with their values; absent likewise, and where they had better not be used. */
  readonly worlds?: Worlds;
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Like `err`, for what is of no use to whom the answer is given again. */
  passing(text: string): void;
  /** How wide the terminal is. */
  columns(): number;
  /** Reads all of standard input. @throws {NixError} if it can't be read; {RangeError} if that is too long for a string */
  readStdin(): string;
  /** Reads a file, which may be a pipe or a device. @throws the host's error; {RangeError} as readStdin */
  readFile(path: string): string;
  /** Whether there is anything at a path; follows symlinks. */
  exists(path: string): boolean;
}

/** The files a command may look at itself. */
export const HOST_FILES: Pick<Process, "readFile" | "exists"> = {
  readFile: (path) => {
    const name = hostPath(path);
    if (name === undefined) return bytesToBinary(new HostIO().readFile(path));
    const file = Deno.openSync(name);
    try {
      return readAll(file);
    } finally {
      file.close();
    }
  },
  exists: (path) => {
    const name = hostPath(path);
    try {
      if (name === undefined) return new HostIO().pathExists(path);
      Deno.statSync(name);
      return true;
    } catch {
      return false;
    }
  },
};

/** Returns the process that this is; what was begun of its work isn't done again. */
export function hostProcess(begun?: Begun): Process {
  // Asks for the variable that is taken next.
  const answers = openAnswers({ warm: begun !== undefined });
  const child = takeChildVariable();
  const terminal = child ?? (Deno.stderr.isTerminal() ? "tty" : "pipe");
  const env: Env = binaryVariable;
  const cwd = currentDirectory();
  const plain = (env("TERM") ?? "dumb") === "dumb" || env("NO_COLOR") !== undefined || env("NOCOLOR") !== undefined;
  return {
    args: Deno.args.map(encodeUtf8),
    env,
    cwd: cwd === undefined ? new HostIO().readLink("/proc/self/cwd") : encodeUtf8(cwd),
    colours: terminal === "tty" && !plain,
    terminal: terminal === "tty" && (env("TERM") ?? "dumb") !== "dumb",
    isStackChild: child !== undefined,
    answers,
    out: after(begun?.out ?? 0, (text) => writeAll(Deno.stdout, text)),
    err: after(begun?.err ?? 0, (text) => writeAll(Deno.stderr, text)),
    passing: afterTexts(begun?.passing ?? 0, (text) => writeAll(Deno.stderr, text)),
    columns: () => {
      try {
        // Terminals that don't know say 0.
        return Deno.consoleSize().columns || 80;
      } catch {
        return 80;
      }
    },
    readStdin: () => begun?.stdin ?? readStdin(),
    ...HOST_FILES,
  };
}

/** Returns what leaves out that many chars before it writes. */
export function after(count: number, write: (text: string) => void): (text: string) => void {
  if (count === 0) return write;
  let left = count;
  return (text) => {
    const skipped = Math.min(left, text.length);
    left -= skipped;
    if (skipped < text.length) write(text.slice(skipped));
  };
}

/**
 * Returns what leaves out that many texts before it writes: of how far things have come, which needn't be the same a second
 * time.
 */
export function afterTexts(count: number, write: (text: string) => void): (text: string) => void {
  let left = count;
  return (text) => {
    if (left === 0) write(text);
    else left--;
  };
}

/** Returns a path as Deno takes it; undefined if it isn't UTF-8. */
function hostPath(path: string): string | undefined {
  const name = decodeUtf8Lossy(path);
  return encodeUtf8(name) === path ? name : undefined;
}

/** Bytes of the longest string V8 has. Who reads /dev/zero is told, and doesn't take the machine's memory. */
const LONGEST_STRING = 2 ** 29 - 24;
/** How many bytes are asked for at first, which C++ Nix says where it can't have them. */
const FIRST_READ = 65536;

function readStdin(): string {
  try {
    return readAll(Deno.stdin);
  } catch (e) {
    if (!(e instanceof Error) || e instanceof RangeError) throw e;
    throw new NixError("io", hint`read of ${FIRST_READ} bytes: ${hostReason(e)}`);
  }
}

function readAll(from: { readSync(buffer: Uint8Array): number | null }): string {
  let buffer = new Uint8Array(FIRST_READ);
  let length = 0;
  for (;;) {
    const n = from.readSync(buffer.subarray(length));
    if (n === null) return bytesToBinary(buffer.subarray(0, length));
    length += n;
    if (length > LONGEST_STRING) throw new RangeError("Invalid string length");
    if (length === buffer.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(buffer);
      buffer = larger;
    }
  }
}
