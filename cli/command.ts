/**
 * What devix's own commands share: reading their flags, reporting what went wrong, exit codes.
 *
 * Exit codes: 0 fine, 1 evaluation error, 2 usage, 3 fetch failure, 4 store failure, 5 something unsupported was needed
 * (the caller may fall back), 130 interrupted (by the signal).
 */
import { encodeUtf8, type ErrorKind, type NixError } from "../mod.ts";
import { summaryOf } from "./commands.ts";
import { asNixError, type ErrorJson, errorJson, errorRecord } from "./failure.ts";
import { type Flag, parseArgs } from "./flags.ts";
import { flagHelp } from "./help.ts";
import { doShare, type Share } from "./jobs/share.ts";
import type { Process } from "./process.ts";
import { Recorder } from "./recorder.ts";
import { Setup } from "./setup.ts";
import { UsageError } from "./usage_error.ts";

/** The exit code of a wrong command line. */
export const USAGE = 2;

/** What is to be known of a command besides its flags. Its summary is in `commands.ts`. */
interface Words {
  /** As it is called: "eval". */
  readonly name: string;
  /** What comes after the name in the usage line; more lines for other ways to use it. */
  readonly usage: string;
  /** More lines for `--help`: paragraphs, and indented examples. */
  readonly details: string;
  /** What its arguments are, for completion, where the usage line doesn't say it with FILE, PATH or DIR. */
  readonly arguments?: "file" | "directory" | readonly string[];
}

/** A command of devix whose flags are read and whose errors are reported for it. */
export interface CommandSpec extends Words {
  /** Returns the flags and what to do once they are read, which returns the exit code. */
  readonly prepare: (setup: Setup) => Prepared;
}

/** A command that sees to everything by itself. */
export interface OwnCommand extends Words {
  /** Returns all its flags. */
  readonly flags: (process: Process) => readonly Flag[];
  /** Runs it and returns the exit code. */
  readonly run: (process: Process) => number | Promise<number>;
}

/** A command. */
export type Command = CommandSpec | OwnCommand;

/** A command that awaits its flags. */
export interface Prepared {
  readonly flags: readonly Flag[];
  /** Takes an argument that is no flag; absent if there may be none. */
  readonly argument?: (text: string) => void;
  readonly run: () => number;
  /** How several processes do that; absent if they can't. */
  readonly share?: () => Share;
  /** How many milliseconds an answer must have taken to be kept; all are unless given. */
  readonly keepAfter?: number;
}

/** Runs a command of any kind and returns its exit code. */
export function execute(command: Command, process: Process): number | Promise<number> {
  return "prepare" in command ? runCommand(command, process) : command.run(process);
}

/** Returns all flags of a command. */
export function flagsOf(command: Command, process: Process): readonly Flag[] {
  if (!("prepare" in command)) return command.flags(process);
  const setup = new Setup(process);
  return [...command.prepare(setup).flags, ...setup.commonFlags(), helpFlag()];
}

/** Runs a command and returns its exit code. */
export function runCommand(spec: CommandSpec, process: Process): number {
  const recorder = process.recorder ?? (process.answers && new Recorder(process, process.answers));
  const setup = new Setup(recorder?.process ?? process, recorder);
  setup.preferBars();
  const started = performance.now();
  try {
    const { code, keepAfter = 0 } = run(spec, setup);
    if (code === 0 && performance.now() - started >= keepAfter) setup.keepAnswer();
    setup.keepEvaluator();
    return code;
  } finally {
    setup.close();
  }
}

function run(spec: CommandSpec, setup: Setup): { readonly code: number; readonly keepAfter?: number } {
  const { process } = setup;
  let reading = true;
  try {
    const { flags, argument, run, keepAfter, share } = spec.prepare(setup);
    let wantsHelp = false;
    const all = [...flags, ...setup.commonFlags(), helpFlag(() => void (wantsHelp = true))];
    setup.loadConfiguration();
    parseArgs(process.args, {
      flags: all,
      settings: setup.settings,
      own: true,
      argument: argument ?? ((text) => {
        throw new UsageError(`unexpected argument '${text}'`);
      }),
    });
    if (wantsHelp) {
      process.out(encodeUtf8(commandHelp(spec, all)));
      return { code: 0 };
    }
    setup.settings.warnUnknown();
    reading = false;
    if (process.orders !== undefined && share !== undefined) return { code: doShare(share(), process.orders) };
    return { code: run(), keepAfter };
  } catch (e) {
    const reported = report(e, setup).code;
    const code = reading ? USAGE : reported;
    if (code === USAGE) setup.logger.message(0, `Try 'devix ${spec.name} --help' for more information.`);
    return { code };
  }
}

/** What became of something thrown. */
export interface Reported {
  readonly code: number;
  readonly json: ErrorJson;
}

/**
 * Logs something thrown and returns what is to be told about it. Texts in `said` aren't logged again: what was written to a
 * store in the background fails for whoever comes next, and once more in the end.
 */
export function report(thrown: unknown, setup: Setup, said = new Set<string>()): Reported {
  const error = asNixError(thrown);
  setup.noteFailure(thrown);
  const showTrace = setup.settings.get("show-trace");
  if (error.kind !== "store" || !said.has(error.message)) {
    setup.logger.record(errorRecord(error, setup.positions, showTrace));
    said.add(error.message);
  }
  return {
    code: thrown instanceof UsageError ? USAGE : exitCode(error),
    json: errorJson(error, setup.positions, showTrace),
  };
}

const EXIT_CODES: Partial<Record<ErrorKind, number>> = { fetch: 3, store: 4, unsupported: 5 };

function exitCode(error: NixError): number {
  return EXIT_CODES[error.kind] ?? 1;
}

/** The flag that all commands have. */
export function helpFlag(run: () => void = () => {}): Flag {
  return { name: "help", short: "h", help: "Print this text.", group: "Log and settings", run };
}

/** Returns what `--help` prints. */
export function commandHelp(command: Words, flags: readonly Flag[]): string {
  const { name, usage, details } = command;
  const lines = usage.split("\n").map((line, i) => `${i === 0 ? "Usage: " : "       "}devix ${name} ${line}\n`);
  return [lines.join(""), `${summaryOf(name)}\n`, ...(details === "" ? [] : [`${details}\n`]), flagHelp(flags)].join(
    "\n",
  );
}
