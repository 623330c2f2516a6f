/**
 * Runs corpus cases with a `nix-instantiate`: ours, or C++ Nix's as the oracle.
 *
 * The child gets an environment of its own, so that neither the machine's nix.conf, NIX_PATH, channels nor store can
 * be seen: HOME does not exist, NIX_CONF_DIR is an empty folder, the store is `dummy://` (paths are computed, nothing
 * is written). Its working directory is the corpus and it is given relative paths.
 */
import { V8_FLAGS } from "../../cli/v8_flags.ts";
import { binaryFromBytes, binaryFromText } from "./bytes.ts";
import { commandArguments, type LangCase } from "./case.ts";
import { denoDir } from "../own_home.ts";
import { CASE_HOME, type CaseEvaluator, markCorpus } from "./evaluator.ts";
import { type Outcome, outcomeOfRun } from "./outcome.ts";

/** Longest run of one case in milliseconds. */
const TIMEOUT = 60_000;

/** Variables of this process that a child needs to run at all. */
const KEPT_VARIABLES = ["PATH", "DENO_TLS_CA_STORE", "LD_LIBRARY_PATH"];

/** Returns the environment that `nix-instantiate` runs in; `directory` is an empty folder for all its state. */
export function isolatedEnvironment(directory: string): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of KEPT_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    DENO_DIR: denoDir(),
    HOME: CASE_HOME,
    NIX_REMOTE: "dummy://",
    NIX_STORE_DIR: "/nix/store",
    NIX_CONF_DIR: directory,
    NIX_STATE_DIR: directory,
    XDG_CACHE_HOME: directory,
    XDG_CONFIG_HOME: directory,
    XDG_DATA_HOME: directory,
    XDG_STATE_HOME: directory,
    NO_COLOR: "1",
  };
}

/**
 * Returns the words that start a `nix-instantiate` for a command such as `dist/devix`, `deno run -A cli.ts` or
 * `/nix/bin/nix-instantiate`: relative paths are made absolute, and unless the last word already is a
 * `nix-instantiate`, that name is appended as a subcommand.
 */
export function instantiateCommand(command: string, base: string): string[] {
  const words = command.split(/\s+/).filter((word) => word !== "").map((word) =>
    /^[^-/][^=]*[/.]/.test(word) ? `${base}/${word}` : word
  );
  if (words.length === 0) throw new Error("Cannot run cases: the command is empty");
  return words.at(-1)?.split("/").at(-1) === "nix-instantiate" ? words : [...words, "nix-instantiate"];
}

/** Returns the words that start the `nix-instantiate` of a checkout, with the V8 flags it is meant to run with. */
export function checkoutCommand(root: string): string[] {
  return [Deno.execPath(), "run", "-A", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}/cli.ts`, "nix-instantiate"];
}

/** Evaluates each case in a process of its own. */
export class ProcessEvaluator implements CaseEvaluator {
  readonly #command: readonly string[];
  readonly #corpus: string;
  readonly #directory: string;
  readonly #env: Record<string, string>;

  /** `command` is as {@link instantiateCommand} returns it, `corpus` the absolute path of the corpus folder. */
  constructor(command: readonly string[], corpus: string) {
    this.#command = command;
    this.#corpus = corpus;
    this.#directory = Deno.makeTempDirSync({ prefix: "lang-case-" });
    this.#env = isolatedEnvironment(this.#directory);
  }

  async evaluate(lang: LangCase): Promise<Outcome> {
    const [program, ...words] = this.#command;
    const child = new Deno.Command(program, {
      args: [...words, ...commandArguments(lang)],
      cwd: this.#corpus,
      clearEnv: true,
      env: { ...this.#env, ...lang.directives.env },
      stdin: lang.directives.stdin ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, TIMEOUT);
    try {
      if (lang.directives.stdin) {
        const writer = child.stdin.getWriter();
        // A child that exits early closes the pipe; its outcome says enough.
        await writer.write(await Deno.readFile(`${this.#corpus}/${lang.file}`)).catch(() => {});
        await writer.close().catch(() => {});
      }
      const { code, signal, stdout, stderr } = await child.output();
      if (timedOut) throw new Error(`Cannot evaluate case "${lang.name}": no end after ${TIMEOUT} ms`);
      const errors = binaryFromBytes(stderr);
      if (signal !== null) throw new Error(`Cannot evaluate case "${lang.name}": ended by ${signal}\n${errors}`);
      return markCorpus(outcomeOfRun({ code, stdout: binaryFromBytes(stdout), stderr: errors }), this.#marked());
    } finally {
      clearTimeout(timer);
    }
  }

  #marked(): string {
    return binaryFromText(this.#corpus);
  }

  async close(): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}
