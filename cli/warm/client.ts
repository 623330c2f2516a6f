/**
 * `--warm`, or DEVIX_WARM=1: asks the background evaluator (`daemon.ts`) to carry out this command, starting it if there
 * is none, and prints what it says as it comes.
 *
 * Whatever goes wrong (none can be started, it is busy, it is killed, it can't vouch for its answer) the command is carried
 * out in this process, and only what hasn't been printed yet is printed. When this process is killed, the connection
 * ends, and with it the job. Nothing of devix is loaded here.
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
  readonly ask: "run" | "status" | "stop";
  readonly namespaces?: readonly string[];
  readonly job?: RunParams;
}

/** What comes back, a line each. */
export type Reply =
  /** The job has an evaluator. */
  | { readonly accepted: true }
  | { readonly out: string }
  | { readonly err: string }
  | { readonly passing: string }
  | { readonly want: "stdin" }
  | { readonly result: RunResult }
  /** There is no answer from here. `gone` says that the background process ends: it is another devix's. */
  | { readonly error: unknown; readonly gone?: true };

/** How long the background process may take to say that it has understood. */
const PATIENCE_MS = 5000;

/** Returns the exit code; or what has been printed so far, if the rest is up to this process. */
export async function askWarm(): Promise<number | Begun> {
  const talk = new Talk();
  try {
    return await talk.run() ?? talk.begun;
  } catch {
    return talk.begun;
  } finally {
    talk.close();
  }
}

class Talk {
  #begun = { out: 0, err: 0, stdin: null as string | null };
  #connection: Deno.UnixConn | undefined;

  get begun(): Begun {
    return this.#begun;
  }

  /** Returns the exit code; undefined if there is none to be had. */
  async run(): Promise<number | undefined> {
    const directory = warmDirectory();
    if (directory === undefined) return undefined;
    const hello: Hello = { build: devixItself(), ask: "run", namespaces: namespaces(), job: thisJob() };
    let code = await this.#ask(directory, hello);
    // Another devix's made room.
    if (code === "gone") code = await this.#ask(directory, hello);
    return typeof code === "number" ? code : undefined;
  }

  async #ask(directory: string, hello: Hello): Promise<number | "gone" | undefined> {
    const connection = this.#connection = await connectWarm(directory) ?? await startWarm(directory);
    if (connection === undefined) return undefined;
    await sendLine(connection, hello);
    const timer = setTimeout(() => this.close(), PATIENCE_MS);
    for await (const line of linesFrom(connection)) {
      clearTimeout(timer);
      const reply: Reply = JSON.parse(line);
      if ("out" in reply) this.#print("out", reply.out);
      else if ("err" in reply) this.#print("err", reply.err);
      else if ("passing" in reply) writeAll(Deno.stderr, reply.passing);
      else if ("want" in reply) await sendLine(connection, { stdin: this.#begun.stdin ??= readStdin() });
      else if ("result" in reply) return "code" in reply.result ? reply.result.code : undefined;
      else if ("error" in reply) return reply.gone ? "gone" : undefined;
    }
    clearTimeout(timer);
    return undefined;
  }

  #print(where: "out" | "err", text: string): void {
    writeAll(where === "out" ? Deno.stdout : Deno.stderr, text);
    this.#begun[where] += text.length;
  }

  close(): void {
    try {
      this.#connection?.close();
    } catch {
      // Closed is closed.
    }
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

/** Starts a background process and connects to it, or to one that was quicker; undefined if that can't be. */
async function startWarm(directory: string): Promise<Deno.UnixConn | undefined> {
  const { command, args } = sameDevix(["warm", "daemon"]);
  const child = new Deno.Command(command, {
    args: [...args],
    cwd: "/",
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  child.unref();
  const reader = child.stdout.getReader();
  // It says a word when it can be reached.
  const { done } = await reader.read();
  reader.cancel();
  return done ? undefined : await connectWarm(directory);
}

/** Writes a line of JSON. */
export async function sendLine(connection: Deno.Conn, message: unknown): Promise<void> {
  await writeLine(connection, JSON.stringify(message));
}

/** Writes a line. */
export async function writeLine(connection: Deno.Conn, line: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
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
