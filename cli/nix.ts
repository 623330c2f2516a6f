/**
 * `devix nix`: the command lines of `nix` that devenv 1.x issues, for projects whose flake is `.devenv.flake.nix` with
 * devenv.lock. Evaluation and instantiation are devix's; building is left to the real `nix`, which gets derivations
 * instead of attributes, and so is whatever else it is asked for.
 */
import {
  type Attrs,
  coerceToString,
  ContextBuilder,
  encodeUtf8,
  evalError,
  getAttr,
  hint,
  intern,
  type Session,
  type Slot,
  toJson,
  WEAK,
} from "../mod.ts";
import { commandHelp, type OwnCommand } from "./command.ts";
import { asNixError, errorRecord, nixExitCode } from "./failure.ts";
import { type Flag, parseArgs } from "./flags.ts";
import { metadataJson, metadataText } from "./nix_metadata.ts";
import {
  type Buildable,
  buildables,
  findOutput,
  type Installable,
  openProject,
  parseInstallable,
  PREFER_PACKAGES,
  PREFER_SHELLS,
  type Preference,
} from "./nix_installable.ts";
import type { Process } from "./process.ts";
import { printForPeople } from "./nix_value.ts";
import { findRealNix, type RealNix, realNix } from "./real_nix.ts";
import { Setup } from "./setup.ts";
import { finishStore, openNixStore } from "./store.ts";
import { UsageError } from "./usage_error.ts";

const OUTPUTS = intern("outputs");

type Output = "plain" | "json" | "raw";

/** What a command line says, as far as it is understood. */
interface Request {
  output: Output;
  /** Whether something in it isn't understood, so that the real nix is to see it. */
  foreign: boolean;
  readonly words: string[];
}

/** What a command works on, and as it was named, which is nothing for the default. */
interface Subject {
  readonly installables: readonly Installable[];
  readonly names: readonly string[];
}

type Action = (subject: Subject, setup: Setup, request: Request) => number | Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = {
  eval: evaluate,
  build,
  "print-dev-env": printDevEnv,
  "flake metadata": metadata,
};
const ALL = Object.keys(ACTIONS);

/** The command. */
export const NIX: OwnCommand = {
  name: "nix",
  usage: "[FLAGS] eval | build | print-dev-env | flake metadata | ... [FLAGS] [.#NAME]...",
  details: `Takes the command lines of 'nix' that devenv 1.x issues, on its projects (.devenv.flake.nix and
devenv.lock): these are evaluated by devix. Everything else, and building, is left to the nix that is
on the PATH. 'devix nix-wrapper' makes a folder for $DEVENV_NIX.`,
  flags: (process) => allFlags(new Setup(process), newRequest()),
  run: nix,
};

function newRequest(): Request {
  return { output: "plain", foreign: false, words: [] };
}

async function nix(process: Process): Promise<number> {
  const setup = new Setup(process);
  try {
    setup.loadConfiguration();
    setup.settings.set("pure-eval", "true");
    const request = readRequest(setup);
    const found = request.foreign ? undefined : findAction(request, process);
    if (found === undefined) return await leave(process, "this command");
    setup.settings.warnUnknown();
    return await found.action(found, setup, request);
  } catch (e) {
    const error = asNixError(e);
    if (error.kind === "unsupported") {
      const real = findRealNix(process);
      if (real !== undefined) {
        setup.warn(`${error.message}; leaving it to ${real.path}`);
        return await real.run(process.args);
      }
    }
    setup.logger.record(errorRecord(error, setup.positions, setup.settings.get("show-trace")));
    if (e instanceof UsageError || error.kind === "usage") {
      setup.logger.message(0, "Try 'nix --help' for more information.");
    }
    return nixExitCode(error);
  }
}

/** Lets the real nix do what it was asked to. */
async function leave(process: Process, what: string): Promise<number> {
  if (["--help", "-h"].includes(process.args[0])) {
    process.out(encodeUtf8(commandHelp(NIX, NIX.flags(process))));
    return 0;
  }
  return await realNix(process, what).run(process.args);
}

function readRequest(setup: Setup): Request {
  const request = newRequest();
  parseArgs(setup.process.args, {
    flags: allFlags(setup, request),
    settings: setup.settings,
    argument: (text) => void request.words.push(text),
    other: () => request.foreign = true,
  });
  return request;
}

function allFlags(setup: Setup, request: Request): Flag[] {
  const { settings } = setup;
  const flag = (name: string, run: Flag["run"], more: Partial<Flag> = {}): Flag => {
    return { name, help: "", group: "", run, ...more };
  };
  const group = "Output";
  const nothing = () => {};
  /** A flag that only some commands have, after their name; the real nix is to say what it makes of it elsewhere. */
  const of = (commands: readonly string[], { run, ...rest }: Flag): Flag => ({
    ...rest,
    run: (...values) => {
      if (commands.includes(commandName(request.words))) run(...values);
      else request.foreign = true;
    },
  });
  const output = (wanted: Output) => () => {
    if (![wanted, "plain"].includes(request.output)) throw new UsageError("--raw and --json are mutually exclusive");
    request.output = wanted;
  };
  const impure = () => settings.set("pure-eval", "false");
  return [
    of(ALL, flag("json", output("json"), { help: "Print JSON.", group })),
    of(["eval"], flag("raw", output("raw"), { help: "Print a string as it is.", group })),
    of(ALL, flag("impure", impure, { help: "Let the program see the environment.", group })),
    // What only the real nix does something with.
    flag("offline", nothing),
    flag("refresh", nothing),
    of(["build"], flag("no-link", nothing)),
    of(["build"], flag("print-out-paths", nothing)),
    flag("print-build-logs", nothing, { short: "L" }),
    of(["build"], flag("out-link", nothing, { short: "o", values: ["PATH"] })),
    of(["build", "print-dev-env"], flag("profile", nothing, { values: ["PATH"] })),
    of(["build"], flag("rebuild", nothing)),
    of(ALL, flag("no-write-lock-file", nothing)),
    ...setup.commonFlags(),
  ];
}

/** Returns what the first words of a command line name. */
function commandName(words: readonly string[]): string {
  return words.slice(0, words[0] === "flake" ? 2 : 1).join(" ");
}

/** Returns what to do if it is devix's business. */
function findAction(
  { words }: Request,
  process: Process,
): Subject & { readonly action: Action } | undefined {
  const name = commandName(words);
  if (!Object.hasOwn(ACTIONS, name)) return undefined;
  const names = words.slice(name.split(" ").length);
  const installables = (names.length === 0 ? ["."] : names).map((text) => parseInstallable(text, process));
  if (!installables.every((installable) => installable !== undefined)) return undefined;
  return { action: ACTIONS[name], installables, names };
}

/** Opens a session that writes to Nix's store, and has it there when `use` has returned. */
function withSession<T>(setup: Setup, use: (session: Session, find: Find) => T): T {
  const { settings } = setup;
  const session = setup.openSession({
    store: openNixStore(setup),
    inheritEnv: !settings.get("pure-eval"),
    pureReadsFiles: true,
  });
  const flakes = new Map<string, Slot>();
  try {
    return use(session, (installable, prefer) => {
      const { dir } = installable;
      // What is known of the tree can't be named, only what the flake itself has put out.
      const flake = flakes.get(dir) ?? getAttr(openProject(session, dir).outputs() as Attrs, OUTPUTS)!;
      flakes.set(dir, flake);
      return findOutput(flake, installable, { prefer, system: settings.get("system") });
    });
  } finally {
    finishStore(session);
  }
}

type Find = (installable: Installable, prefer: Preference) => Slot;

function unexpected(argument: string): UsageError {
  return new UsageError(hint`unexpected argument '${argument}'`);
}

function evaluate({ installables, names }: Subject, setup: Setup, { output }: Request): number {
  const [installable, another] = installables;
  if (another !== undefined) throw unexpected(names[1]);
  const text = withSession(
    setup,
    (session, find) => PRINTERS[output](find(installable, PREFER_PACKAGES), session),
  );
  setup.process.out(text);
  return 0;
}

const PRINTERS: Readonly<Record<Output, (slot: Slot, session: Session) => string>> = {
  json: (slot) => toJson(slot, new ContextBuilder(), { strict: true, copy: null }) + "\n",
  raw: (slot, session) => {
    const copying = { ...WEAK, copy: session.copyToStore };
    return coerceToString(slot, new ContextBuilder(), copying, "while generating the eval command output");
  },
  plain: printForPeople,
};

async function build({ installables, names }: Subject, setup: Setup): Promise<number> {
  const real = realNix(setup.process, "building");
  const all = withSession(
    setup,
    (session, find) =>
      installables.map((installable) => buildables(find(installable, PREFER_PACKAGES), installable.outputs, session)),
  );
  const spell = speller(real);
  return await real.run(substitute(setup.process.args, names, all.map((built) => built.map(spell))));
}

async function printDevEnv({ installables, names }: Subject, setup: Setup): Promise<number> {
  const [installable, another] = installables;
  if (another !== undefined) throw unexpected(names[1]);
  const real = realNix(setup.process, "building a shell's environment");
  const [shell, more] = withSession(
    setup,
    (session, find) => buildables(find(installable, PREFER_SHELLS), null, session),
  );
  if (more !== undefined || shell.outputs === undefined) throw evalError("a shell has to be one derivation");
  return await real.run(substitute(setup.process.args, names, [[shell.path]]));
}

function metadata({ installables, names }: Subject, setup: Setup, { output }: Request): number {
  const [{ dir, fragment }, another] = installables;
  if (another !== undefined) throw unexpected(names[1]);
  if (fragment !== "") throw evalError(hint`unexpected fragment '${fragment}' in flake reference '${names[0]}'`);
  const flake = withSession(setup, (session) => openProject(session, dir));
  setup.process.out(output === "json" ? metadataJson(flake, dir) : metadataText(flake, dir));
  return 0;
}

/** Returns how a version of Nix names the outputs of a derivation: "^" since 2.13, "!" before. */
function speller(real: RealNix): (built: Buildable) => string {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(real.read(["--version"]))?.map(Number) ?? [0, 2, 34];
  const sign = major > 2 || minor >= 13 ? "^" : "!";
  return ({ path, outputs }) => outputs === undefined ? path : `${path}${sign}${outputs.join(",")}`;
}

/** Returns a command line with something else instead of each installable, at the end where none was named. */
function substitute(
  args: readonly string[],
  names: readonly string[],
  instead: readonly (readonly string[])[],
): string[] {
  if (names.length === 0) return [...args, ...instead.flat()];
  const result: string[] = [];
  // From the end: a flag's value that looks the same comes before.
  let left = names.length;
  for (const arg of [...args].reverse()) {
    const isName = left > 0 && arg === names[left - 1];
    result.unshift(...(isName ? instead[--left] : [arg]));
  }
  return result;
}
