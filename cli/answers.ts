/**
 * Answers of earlier runs: `devix instantiate` and `devix eval`, asked the same while nothing they depended on has changed,
 * print what they printed then.
 *
 * The question is the command line itself with the directory, the terminal and this very devix; nobody has to understand
 * it. So this can be looked at first, before flags are read and before anything else of devix is loaded: keep it free of
 * imports. Configuration files and the environment are not in the question but among what is checked, like the files
 * evaluation read; `recorder.ts` collects it.
 */
import { binaryVariable, currentDirectory, homeOf, TEXT_HOME_HOST, variable } from "./environment.ts";
import { writeAll } from "./output.ts";
import { ownPath } from "./own_path.ts";
import { ResultCache, type Seen } from "../lib/result_cache.ts";

/** The commands whose answers are kept. */
const COMMANDS = ["instantiate", "eval"];

/** What a run printed. Binary strings. */
export interface Answer {
  /** Standard output; between its parts goes how long it took this time, in milliseconds. */
  readonly out: readonly string[];
  readonly err: string;
}

/** Prints the answer to this process's command line if there is one, and returns the exit code. */
export async function answerAtOnce(by?: AskedBy): Promise<number | undefined> {
  const started = performance.now();
  const answers = openAnswers(by);
  if (answers === undefined) return undefined;
  const answer = await answers.lookup();
  if (answer === undefined) return undefined;
  writeAll(Deno.stderr, answer.err);
  writeAll(Deno.stdout, answer.out.join(String(Math.round(performance.now() - started))));
  return 0;
}

/** Where the answer to one question is kept. */
export interface AnswerSlot {
  /** Of the file. */
  readonly path: string;
  lookup(): Promise<Answer | undefined>;
  /** The same for a process that has SQLite, or can't wait. */
  lookupNow(): Answer | undefined;
  /** Keeps an answer if it can; `started` is in milliseconds since 1970, before anything was looked at. */
  keep(answer: Answer, made: { readonly seen: Seen; readonly started: number }): void;
}

/** Returns where the answer to this process's command line is kept; undefined if it isn't. */
export function openAnswers(by?: AskedBy): AnswerSlot | undefined {
  return answersTo(Deno.args, by);
}

/** How a question is put. */
export interface AskedBy {
  /** What standard error is, "tty" or "pipe", where that isn't this process's own. */
  readonly stderr?: string;
  /** Whether answers of nix-instantiate are kept too: by `--warm` and for it only. */
  readonly warm: boolean;
}

/** Returns where the answer to a command line, asked here and now, is kept; undefined if it isn't. */
export function answersTo(args: readonly string[], by?: AskedBy): AnswerSlot | undefined {
  if (!COMMANDS.includes(args[0]) && !(by?.warm && args[0] === "nix-instantiate")) return undefined;
  if (args.some((arg) => /^(?:--no-eval-cache|--arg-from-stdin|--help|-h)$/.test(arg))) return undefined;
  // Statistics are of an evaluation.
  if ((Deno.env.get("NIX_SHOW_STATS") ?? "0") !== "0") return undefined;
  const directory = cacheDirectory(args);
  const cwd = currentDirectory();
  if (directory === undefined || cwd === undefined) return undefined;
  const cache = new ResultCache(directory, { getEnv: (name) => binaryVariable(name) ?? "" });
  const question = JSON.stringify([devixItself(), args, cwd, terminal(by?.stderr)]);
  const lookupNow = () => {
    const answer = cache.lookup(question);
    return answer === undefined ? undefined : JSON.parse(answer);
  };
  return {
    path: cache.path,
    lookup: async () => await cache.load() ? lookupNow() : undefined,
    lookupNow,
    keep: (answer, made) => {
      cache.keep(question, JSON.stringify(answer), made);
      cache.close();
    },
  };
}

/** Where devix keeps what can be made again: `--cache-dir`, or else `$XDG_CACHE_HOME/devix` or `~/.cache/devix`. */
export function cacheDirectory(
  args: readonly string[],
  env: (name: string) => string | undefined = variableOrHome,
): string | undefined {
  for (let i = args.length - 1; i >= 0; i--) {
    if (args[i] === "--cache-dir" && i + 1 < args.length) return args[i + 1];
    if (args[i].startsWith("--cache-dir=")) return args[i].slice("--cache-dir=".length);
  }
  const base = env("XDG_CACHE_HOME");
  if (base) return `${base}/devix`;
  const home = env("HOME");
  return home ? `${home}/.cache/devix` : undefined;
}

function variableOrHome(name: string): string | undefined {
  return name === "HOME" ? homeOf(TEXT_HOME_HOST).path : variable(name);
}

/** What tells this devix from others: where its program is and when it was written. */
export function devixItself(): string {
  if (Deno.build.standalone) return stampOf(Deno.execPath());
  // A bundle: all of its files are written together.
  if (!import.meta.url.endsWith(".ts")) return stampOf(ownPath(Deno.mainModule));
  // From sources: any of them may have been edited.
  const root = ownPath("..", import.meta.url);
  const stamps = [Deno.version.deno];
  for (const folder of ["", "builtins", "cli", "lib", "serve"]) collectStamps(root + folder, folder !== "", stamps);
  return stamps.join();
}

function collectStamps(folder: string, deep: boolean, stamps: string[]): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return;
  }
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory && deep) collectStamps(`${folder}/${name}`, true, stamps);
    else if (/\.(?:ts|json)$/.test(name) && !name.endsWith("_test.ts")) stamps.push(stampOf(`${folder}/${name}`));
  }
}

function stampOf(path: string): string {
  const { mtime, size, ino } = Deno.statSync(path);
  // What is hashed takes bytes.
  return `${encodeURI(path)} ${mtime?.getTime()} ${size} ${ino}`;
}

/** What decides how the log looks; see `process.ts` and `stack.ts`. */
function terminal(stderr = stderrKind()): readonly unknown[] {
  return [stderr, variable("TERM"), variable("NO_COLOR") !== undefined || variable("NOCOLOR") !== undefined];
}

/** What this process's standard error is. */
export function stderrKind(): string {
  return Deno.env.get("DEVIX_STACK_CHILD") ?? (Deno.stderr.isTerminal() ? "tty" : "pipe");
}
