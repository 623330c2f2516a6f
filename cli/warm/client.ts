/**
 * `--warm`, or DEVIX_WARM=1: asks the background evaluator (`daemon.ts`) to carry out this command, and prints what it says
 * as it comes. When this process is killed, the connection ends, and with it the job.
 *
 * If there is no evaluator that has done something before, this process is quicker: it carries out the command itself, starts
 * the background process if that isn't there, and tells it in the end, so that it gets ready for the next time.
 *
 * Whatever goes wrong (none can be started, it is killed, it can't vouch for its answer) the command is carried out in this
 * process too, and only what hasn't been printed yet is printed. Nothing of devix is loaded here.
 */
import { LineSplitter } from "../../serve/lines.ts";
import type { RunParams, RunResult } from "../../serve/protocol.ts";
import { devixItself, stderrKind } from "../answers.ts";
import { writeAll } from "../output.ts";
import { hasOddVariable } from "../environment.ts";
import type { Begun } from "../process.ts";
import { sameDevix } from "../same_command.ts";
import { namespaces, socketIn, warmDirectory } from "./place.ts";

/** What goes to the background process first, in one line. */
export interface Hello {
  /** What tells this devix from others. */
  readonly build: string;
  readonly ask: "run" | "status" | "wait" | "stop";
  readonly namespaces?: readonly string[];
  readonly job?: RunParams;
}

/** What goes to it last, if it didn't do the job. */
export interface Notice {
  /** The caller has, so that the same may be asked again. It evaluated for so many milliseconds, if it had to. */
  readonly carriedOut?: { readonly took?: number };
}

/** What comes back, a line each. */
export type Reply =
  /** The job has an evaluator. */
  | { readonly accepted: true }
  /** No evaluator would be quicker than the caller. It is waited for what that has to say in the end. */
  | { readonly cold: true }
  | { readonly out: string }
  | { readonly err: string }
  | { readonly passing: string }
  | { readonly want: "stdin" }
  | { readonly result: RunResult }
  /** There is no answer from here. `gone` says that the background process ends: it is another devix's. */
  | { readonly error: unknown; readonly gone?: true };

/** How long the background process may take to say that it has understood. */
const PATIENCE_MS = 5000;
/** How long it may take, when all has been printed, to hear that this is so. */
const FAREWELL_MS = 1000;

/** A command that this process is to carry out, or what is left of it. */
export interface Unfinished {
  readonly begun: Begun;
  /** To be called when it has been, whatever came of it; `took` as {@link Notice} has it. Never fails. */
  carriedOut(took: number | undefined): Promise<void>;
}

/** Returns the exit code; or what is up to this process. */
export async function askWarm(): Promise<number | Unfinished> {
  const talk = new Talk();
  try {
    return await talk.run() ?? talk;
  } catch {
    return talk;
  }
}

class Talk implements Unfinished {
  #begun = { out: 0, err: 0, passing: 0, stdin: null as string | null };
  /** Tells whoever wants to know that the command has been carried out. */
  #tell: ((notice: Notice) => Promise<void>) | undefined;

  get begun(): Begun {
    return this.#begun;
  }

  async carriedOut(took: number | undefined): Promise<void> {
    try {
      const told = this.#tell?.({ carriedOut: { took } });
      if (told !== undefined) await Promise.race([told, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    } catch {
      // It doesn't get ready then.
    }
  }

  /** Returns the exit code; undefined if there is none to be had. */
  async run(): Promise<number | undefined> {
    const directory = warmDirectory();
    if (directory === undefined) return undefined;
    const hello: Hello = { build: devixItself(), ask: "run", namespaces: namespaces(), job: thisJob() };
    const connection = await connectWarm(directory);
    const code = connection === undefined ? "gone" : await this.#ask(connection, hello);
    if (code !== "gone") return code;
    // Nobody is there, or another devix's made room. One that is started now would only be in this process's way.
    this.#tell = (notice) => writeLine(startWarm(), JSON.stringify({ ...hello, ...notice }));
    return undefined;
  }

  async #ask(connection: Deno.Conn, hello: Hello): Promise<number | "gone" | undefined> {
    await sendLine(connection, hello);
    const timer = setTimeout(() => connection.close(), PATIENCE_MS);
    for await (const line of linesFrom(connection)) {
      clearTimeout(timer);
      const reply: Reply = JSON.parse(line);
      if ("out" in reply) this.#print("out", reply.out);
      else if ("err" in reply) this.#print("err", reply.err);
      else if ("passing" in reply) this.#pass(reply.passing);
      else if ("want" in reply) await sendLine(connection, { stdin: this.#begun.stdin ??= readStdin() });
      else if ("result" in reply) return "code" in reply.result ? reply.result.code : undefined;
      else if ("error" in reply) return reply.gone ? "gone" : undefined;
      else if ("cold" in reply) {
        this.#tell = (notice) => sendLine(connection, notice);
        return undefined;
      }
    }
    clearTimeout(timer);
    return undefined;
  }

  #pass(text: string): void {
    writeAll(Deno.stderr, text);
    this.#begun.passing++;
  }

  #print(where: "out" | "err", text: string): void {
    writeAll(where === "out" ? Deno.stdout : Deno.stderr, text);
    this.#begun[where] += text.length;
  }
}

/** What this process was asked to do. @throws if it can't be said in UTF-8 */
function thisJob(): RunParams {
  const env = Deno.env.toObject();
  const terminal = stderrKind();
  const plain = (env.TERM ?? "dumb") === "dumb" || env.NO_COLOR !== undefined || env.NOCOLOR !== undefined;
  const job = { args: Deno.args, cwd: Deno.cwd(), env, umask: Deno.umask(), terminal };
  // Deno leaves out variables that aren't.
  if (hasOddVariable() || JSON.stringify(job).includes("\ufffd")) throw new Error("not UTF-8");
  const bars = terminal === "tty" && (env.TERM ?? "dumb") !== "dumb";
  return { ...job, colours: terminal === "tty" && !plain, bars, columns: bars ? columns() : 80 };
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

/** Connects to the background process; undefined if there is none. */
export async function connectWarm(directory: string): Promise<Deno.UnixConn | undefined> {
  try {
    return await Deno.connect({ transport: "unix", path: socketIn(directory) });
  } catch {
    return undefined;
  }
}

/** Starts a background process, and returns where it hears what to get ready for. */
function startWarm(): WritableStream<Uint8Array> {
  keepOpenFiles();
  const { command, args } = sameDevix(["warm", "daemon"]);
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: "/",
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  return child.stdin;
}

/**
 * Sees to it that what this process was given open, beside its standard streams, is no longer open where it starts others: a
 * lock would be held for as long as the background process is there.
 */
function keepOpenFiles(): void {
  const isDarwin = Deno.build.os === "darwin";
  const FIOCLEX = isDarwin ? 0x20006601n : 0x5451n;
  try {
    const { ioctl } = Deno.dlopen(isDarwin ? "libSystem.B.dylib" : "libc.so.6", {
      ioctl: { parameters: ["i32", "u64"], result: "i32" },
    }).symbols;
    for (const { name } of Deno.readDirSync("/dev/fd")) if (Number(name) > 2) ioctl(Number(name), FIOCLEX);
  } catch {
    // Then they stay open there, too.
  }
}

/** Writes a line of JSON. */
export async function sendLine(connection: Deno.Conn, message: unknown): Promise<void> {
  await writeLine(connection, JSON.stringify(message));
}

/** Writes a line. */
export async function writeLine(to: Deno.Conn | WritableStream<Uint8Array>, line: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${line}\n`);
  if (to instanceof WritableStream) await to.getWriter().write(bytes);
  else for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Returns lines as they come. Ends at one that is too long. */
export async function* linesFrom(
  source: Deno.Conn | ReadableStream<Uint8Array>,
  { maxBytes = Infinity } = {},
): AsyncGenerator<string> {
  const splitter = new LineSplitter({ maxBytes });
  for await (const chunk of source instanceof ReadableStream ? source : chunksFrom(source)) {
    for (const line of splitter.push(chunk)) {
      if (!("text" in line)) return;
      yield line.text;
    }
  }
}

/** Each is good until the next. */
async function* chunksFrom(connection: Deno.Conn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(1 << 16);
  for (let n; (n = await connection.read(buffer)) !== null;) yield buffer.subarray(0, n);
}

/** Reads all of standard input as a binary string. */
function readStdin(): string {
  const buffer = new Uint8Array(1 << 16);
  let text = "";
  for (let n; (n = Deno.stdin.readSync(buffer)) !== null;) {
    for (let i = 0; i < n; i++) text += String.fromCharCode(buffer[i]);
  }
  return text;
}
