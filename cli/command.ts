/**
 * What devix's own commands share: reading their flags, reporting what went wrong, exit codes.
 *
 * Exit codes: 0 fine, 1 evaluation error, 2 usage, 3 fetch failure, 4 store failure, 5 something unsupported was needed
 * (the caller may fall back), 130 interrupted (by the signal).
 */
import { encodeUtf8, type ErrorKind, type NixError } from "../mod.ts";
import { asNixError, type ErrorJson, errorJson, errorRecord } from "./failure.ts";
import { type Flag, parseArgs } from "./flags.ts";
import { flagHelp } from "./help.ts";
import type { Process } from "./process.ts";
import { Recorder } from "./recorder.ts";
import { Setup } from "./setup.ts";
import { UsageError } from "./usage_error.ts";

/** The exit code of a wrong command line. */
export const USAGE = 2;

/** A command of devix. */
export interface CommandSpec {
  readonly name: string;
  /** What comes after the name in the usage line. */
  readonly usage: string;
  /** What it does, for `devix help` and above the flags in `devix NAME --help`. */
  readonly summary: string;
  /** More lines for `--help`. */
  readonly details: string;
  /** Returns the flags and what to do once they are read, which returns the exit code. */
  readonly prepare: (setup: Setup) => Prepared;
}

/** A command that awaits its flags. */
export interface Prepared {
  readonly flags: readonly Flag[];
  /** Takes an argument that is no flag; absent if there may be none. */
  readonly argument?: (text: string) => void;
  readonly run: () => number;
  /** How many milliseconds an answer must have taken to be kept; all are unless given. */
  readonly keepAfter?: number;
}

/** Runs a command and returns its exit code. */
export function runCommand(spec: CommandSpec, process: Process): number {
  const recorder = process.answers === undefined ? undefined : new Recorder(process, process.answers);
  const setup = new Setup(recorder?.process ?? process, recorder);
  const started = performance.now();
  const { code, keepAfter = 0 } = run(spec, setup);
  if (code === 0 && performance.now() - started >= keepAfter) setup.keepAnswer();
  return code;
}

function run(spec: CommandSpec, setup: Setup): { readonly code: number; readonly keepAfter?: number } {
  const { process } = setup;
  try {
    const { flags, argument, run, keepAfter } = spec.prepare(setup);
    let wantsHelp = false;
    const help: Flag = {
      name: "help",
      short: "h",
      help: "Print this text.",
      group: "Log and settings",
      run: () => void (wantsHelp = true),
    };
    const all = [...flags, ...setup.commonFlags(), help];
    setup.loadConfiguration();
    parseArgs(process.args, {
      flags: all,
      settings: setup.settings,
      equals: true,
      argument: argument ?? ((text) => {
        throw new UsageError(`unexpected argument '${text}'`);
      }),
    });
    if (wantsHelp) {
      process.out(encodeUtf8(commandHelp(spec, all)));
      return { code: 0 };
    }
    setup.settings.warnUnknown();
    return { code: run(), keepAfter };
  } catch (e) {
    const code = report(e, setup).code;
    if (code === USAGE) setup.logger.message(0, `Try 'devix ${spec.name} --help' for more information.`);
    return { code };
  }
}

/** What became of something thrown. */
export interface Reported {
  readonly code: number;
  readonly json: ErrorJson;
}

/** Logs something thrown and returns what is to be told about it. */
export function report(thrown: unknown, setup: Setup): Reported {
  const error = asNixError(thrown);
  const showTrace = setup.settings.get("show-trace");
  setup.logger.record(errorRecord(error, setup.positions, showTrace));
  return {
    code: thrown instanceof UsageError ? USAGE : exitCode(error),
    json: errorJson(error, setup.positions, showTrace),
  };
}

const EXIT_CODES: Partial<Record<ErrorKind, number>> = { fetch: 3, store: 4, unsupported: 5 };

function exitCode(error: NixError): number {
  return EXIT_CODES[error.kind] ?? 1;
}

function commandHelp({ name, usage, summary, details }: CommandSpec, flags: readonly Flag[]): string {
  return `Usage: devix ${name} ${usage}\n\n${summary}${details === "" ? "" : `\n\n${details}`}\n\n${flagHelp(flags)}`;
}
