/**
 * The programs that are compared: commands that evaluate as `nix-instantiate --eval --strict` does, or `devix eval`, whose
 * flags for that are none. Ours are named by a preset or given as `[NAME=][VARIABLE=VALUE…] COMMAND`, so that builds,
 * runtimes and settings can be compared in one run.
 */
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { isolatedEnvironment } from "../tests/lang/process_evaluator.ts";

/** A program under measurement. */
export interface Program {
  /** What it is called in tables: lower case, no spaces. */
  readonly name: string;
  readonly words: readonly string[];
  /** Flags that make it evaluate strictly and print the value. */
  readonly evaluation: readonly string[];
  /** Variables of its own. */
  readonly env: Readonly<Record<string, string>>;
}

/** The name of C++ Nix in tables. */
const ORACLE_NAME = "nix";

/** Where the `bundle` preset's program is; below the checkout. */
export const BUNDLE_DIRECTORY = "dist/bench/bundle";

/** The presets: our program in the forms it has in a checkout. */
export const PRESETS: Readonly<Record<string, string>> = {
  binary: "dist/devix, made by `deno task compile`",
  bundle: "the program as it is in a release, made now, and run by this Deno with the release's V8 flags",
  source: "cli.ts, run by this Deno with the release's V8 flags",
  cached: "dist/devix eval, which keeps answers: the first run isn't counted, the others find them",
};

/** Returns the words that run a script of this checkout as a release does. */
export function denoRun(script: string, flags: readonly string[] = []): string[] {
  return [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, ...flags, script];
}

/**
 * Reads what --ours says; `root` is the checkout. A command that names neither `eval` nor a `nix-instantiate` gets
 * that as a subcommand.
 * @throws {RangeError}
 */
export function parseProgram(text: string, root: string): Program {
  switch (text) {
    case "binary":
      return ofWords(text, [`${root}/dist/devix`]);
    case "bundle":
      return ofWords(text, denoRun(`${root}/${BUNDLE_DIRECTORY}/cli.js`));
    case "source":
      return ofWords(text, denoRun(`${root}/cli.ts`));
    case "cached":
      return ofWords(text, [`${root}/dist/devix`, "eval"]);
  }
  const [, name, rest] = /^(?:([a-z][\w.+-]*)=)?(.*)$/s.exec(text)!;
  const words = rest.split(/\s+/).filter((word) => word !== "");
  const env: Record<string, string> = {};
  while (words.length > 0) {
    const [, variable, value] = /^([A-Z_][A-Z0-9_]*)=(.*)$/s.exec(words[0]) ?? [];
    if (variable === undefined) break;
    env[variable] = value;
    words.shift();
  }
  if (words.length === 0) throw new RangeError(`Cannot read program "${text}": there is no command`);
  return ofWords(name ?? words[0].split("/").at(-1)!, words, env);
}

function ofWords(name: string, words: readonly string[], env: Program["env"] = {}): Program {
  if (words.includes("eval")) return { name, words, env, evaluation: [] };
  const complete = words.some((word) => word.split("/").at(-1) === "nix-instantiate");
  return { name, words: complete ? words : [...words, "nix-instantiate"], env, evaluation: ["--eval", "--strict"] };
}

/** Returns the program for what --oracle says. @throws {RangeError} */
export function parseOracle(text: string): Program {
  return parseProgram(`${ORACLE_NAME}=${text}`, "");
}

/** Returns all of a program's environment; `directory` is an empty folder that is HOME and all its state. */
export function programEnvironment({ env }: Program, directory: string): Record<string, string> {
  return { ...isolatedEnvironment(directory), HOME: directory, NIX_PATH: "", ...env };
}

/** Returns a program's command for a record that outlives this machine: folders are left out. */
export function commandLabel({ words, env }: Program): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [...variables, ...words.map((word) => word.replaceAll(/\/[^\s=,:]*\/(?=[^/])/g, ""))].join(" ");
}
