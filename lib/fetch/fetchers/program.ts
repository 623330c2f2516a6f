// Running git and hg.
//
// Their environment is ours without the variables that point git at a repository of somebody else. What they say on stderr
// goes into the error when they fail; what git says of its progress goes to the report meanwhile.

import { bytesToBinary, utf8ToBinary } from "../../format/bytes.ts";
import { FetchError, mark, redactUrl } from "../errors.ts";
import type { FetchActivity } from "../report.ts";
import type { FetchContext } from "./context.ts";

/** How a program is run. Arguments are JavaScript strings. */
export interface RunOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  /** Gets git's "Receiving objects:  45% (…)". */
  readonly activity?: FetchActivity;
}

/** What a program did. */
export interface RunResult {
  readonly code: number;
  /** A binary string. */
  readonly stdout: string;
  /** A binary string, without progress and secrets. */
  readonly stderr: string;
}

const MISLEADING =
  /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|CEILING_DIRECTORIES|QUARANTINE_PATH)$/;
const PROGRESS =
  /^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Updating)[a-z ]+: +\d+%/;

/** Returns the environment for a program. */
function programEnv(cx: FetchContext, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(Deno.env.toObject())) if (!MISLEADING.test(name)) env[name] = value;
  if (cx.settings.sslCertFile) env.GIT_SSL_CAINFO ??= cx.settings.sslCertFile;
  // To libgit2, which C++ Nix reads with, what `git replace` has put in the place of objects is nothing.
  return { ...env, HGPLAIN: "", GIT_NO_REPLACE_OBJECTS: "1", ...extra };
}

/** Starts a program. @throws {FetchError} if it isn't there */
export function spawn(
  cx: FetchContext,
  program: string,
  options: { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...options.args],
      env: programEnv(cx, options.env),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: cx.signal,
    }).spawn();
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
    throw new FetchError("program", mark`executing ${`"${program}"`}: ${"No such file or directory"}`, { cause: e });
  }
}

/** Runs a program to its end. @throws {FetchError} if it isn't there */
export async function run(cx: FetchContext, program: string, options: RunOptions): Promise<RunResult> {
  const child = spawn(cx, program, options);
  const [, stdout, stderr, { code }] = await Promise.all([
    feed(child, options.input),
    collect(child.stdout),
    readMessages(child.stderr, options.activity),
    child.status,
  ]);
  cx.signal?.throwIfAborted();
  return { code, stdout, stderr };
}

/** Runs a program and returns what it wrote. @throws {FetchError} if it fails; `what` says what that means */
export async function runOk(
  cx: FetchContext,
  program: string,
  options: RunOptions & { readonly what?: string },
): Promise<string> {
  const { code, stdout, stderr } = await run(cx, program, options);
  if (code === 0) return stdout;
  throw programError(options.what ?? mark`${program} failed with exit code ${code}`, stderr);
}

/** Returns the error of a program that failed, with what it said. */
export function programError(what: string, stderr: string): FetchError {
  return new FetchError("program", stderr === "" ? what : `${what}\n\n${stderr}`);
}

async function feed(child: Deno.ChildProcess, input: Uint8Array | undefined): Promise<void> {
  const writer = child.stdin.getWriter();
  try {
    if (input !== undefined) await writer.write(input);
    await writer.close();
  } catch {
    // It has ended without reading all of it; its status says why.
  }
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string> {
  return bytesToBinary(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** Reads what a program says; keeps the last of it. */
export async function readMessages(
  stream: ReadableStream<Uint8Array>,
  activity: FetchActivity | undefined,
): Promise<string> {
  const lines: string[] = [];
  let rest = "";
  const take = (line: string) => {
    const match = /(\d+)% \((\d+)\/(\d+)\)/.exec(line);
    if (PROGRESS.test(line)) {
      if (match !== null) activity?.progress(Number(match[2]), Number(match[3]));
    } else if (line.trim() !== "") {
      lines.push(line);
      if (lines.length > 20) lines.shift();
    }
  };
  for await (const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const parts = (rest + text).split(/[\r\n]/);
    rest = parts.pop()!;
    parts.forEach(take);
  }
  take(rest);
  return utf8ToBinary(lines.join("\n").replace(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, redactUrl));
}
