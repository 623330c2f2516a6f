/** Picks the command and sees to what evaluation needs: a stack to recurse on. */
import { encodeUtf8, RawLogger } from "../mod.ts";
import { type CommandSpec, runCommand, USAGE } from "./command.ts";
import { EVAL } from "./eval.ts";
import { errorRecord, stackTooSmall } from "./failure.ts";
import { INSTANTIATE } from "./instantiate.ts";
import { nixInstantiate } from "./nix_instantiate.ts";
import { hostProcess, type Process } from "./process.ts";
import { SERVE, serve } from "./serve.ts";
import { raiseStackLimit, runInChild } from "./stack.ts";
import { NIX_VERSION, VERSION } from "./version.ts";

/** A command: gets the process with its own name taken off the arguments, returns the exit code. */
type Command = (process: Process) => number | Promise<number>;

interface Entry {
  readonly summary: string;
  readonly run: Command;
}

const COMMANDS = new Map<string, Entry>([
  ...[EVAL, INSTANTIATE].map((spec) => entry(spec, (run) => withStack(run))),
  ["nix-instantiate", {
    summary: `Does what nix-instantiate of Nix ${NIX_VERSION} does, with its flags and output.`,
    run: withStack(nixInstantiate),
  }],
  [SERVE.name, { summary: SERVE.summary, run: withStack(serve) }],
  entry(VERSION, (run) => run),
  ["help", { summary: "Prints this text, or with a command's name what there is to know about it.", run: help }],
]);

function entry(spec: CommandSpec, wrap: (run: (process: Process) => number) => Command): [string, Entry] {
  return [spec.name, { summary: spec.summary, run: wrap((process) => runCommand(spec, process)) }];
}

/** Runs the command that the command line names and returns its exit code. */
export async function main(): Promise<number> {
  const process = hostProcess();
  const [first = "", ...args] = process.args;
  const name = ({ "--version": "version", "--help": "help", "-h": "help" } as Record<string, string>)[first] ?? first;
  const command = COMMANDS.get(name);
  if (command !== undefined) return await command.run({ ...process, args });
  if (name === "") process.err(encodeUtf8(overview()));
  else process.err(`error: '${name}' is not a devix command\nTry 'devix help' for a list of them.\n`);
  return USAGE;
}

/** Gives a command the stack that V8 was promised. */
function withStack(run: Command): Command {
  return async (process) => {
    if (process.isStackChild || raiseStackLimit() === "ready") return await run(process);
    const { code, overflowed } = await runInChild({ terminal: Deno.stderr.isTerminal() });
    if (overflowed) {
      const logger = new RawLogger(process.err, { verbosity: 3, colours: process.colours });
      logger.record(errorRecord(stackTooSmall()));
    }
    return code;
  };
}

function help(process: Process): number | Promise<number> {
  const [name] = process.args;
  const command = name === undefined || name.startsWith("-") || name === "help" ? undefined : COMMANDS.get(name);
  if (command !== undefined) return command.run({ ...process, args: ["--help"] });
  process.out(encodeUtf8(overview()));
  return 0;
}

function overview(): string {
  const lines = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}\n`);
  return `devix evaluates Nix: expressions, package sets, the derivations they come to.

Usage: devix COMMAND [FLAGS] [ARGUMENTS]

${lines.join("")}
'devix COMMAND --help' lists a command's flags. Settings come from nix.conf, as for Nix.
`;
}
