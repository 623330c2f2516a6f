/** Picks the command and sees to what evaluation needs: a stack to recurse on. */
import { RawLogger } from "../mod.ts";
import { errorRecord, stackTooSmall } from "./failure.ts";
import { nixInstantiate } from "./nix_instantiate.ts";
import { hostProcess, type Process } from "./process.ts";
import { raiseStackLimit, runInChild } from "./stack.ts";

/** A command: gets the process with its own name taken off the arguments, returns the exit code. */
type Command = (process: Process) => number | Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  "nix-instantiate": evaluating(nixInstantiate),
};

/** Runs the command that the command line names and returns its exit code. */
export async function main(): Promise<number> {
  const process = hostProcess();
  const [name, ...args] = process.args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return 2;
  return await command({ ...process, args });
}

/** Gives a command the stack that V8 was promised. */
function evaluating(command: (process: Process) => number): Command {
  return async (process) => {
    if (raiseStackLimit() !== "child-needed") return command(process);
    const { code, overflowed } = await runInChild({ terminal: Deno.stderr.isTerminal() });
    if (overflowed) {
      const logger = new RawLogger(process.err, { verbosity: 3, colours: process.colours });
      logger.record(errorRecord(stackTooSmall()));
    }
    return code;
  };
}
