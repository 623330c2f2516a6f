/** Picks the command and sees to what evaluation needs: a stack to recurse on. */
import { encodeUtf8, RawLogger } from "../mod.ts";
import { execute, USAGE } from "./command.ts";
import { findCommand, type Found } from "./commands.ts";
import { errorRecord, stackTooSmall } from "./failure.ts";
import { noCommand, overview } from "./help.ts";
import { hostProcess, type Process } from "./process.ts";
import { raiseStackLimit, runInChild } from "./stack.ts";

/** Other names for commands. */
const ALIASES = new Map([["--version", "version"], ["--help", "help"], ["-h", "help"]]);

/** Runs the command that the command line names and returns its exit code. */
export async function main(): Promise<number> {
  const process = hostProcess();
  const [first = "", ...args] = process.args;
  const found = findCommand([ALIASES.get(first) ?? first, ...args]);
  if (found?.entry.load !== undefined) return await run(found, process);
  if (found !== undefined) return group(found, process);
  if (first === "") process.err(encodeUtf8(overview()));
  else process.err(noCommand(first));
  return USAGE;
}

async function run({ entry, args }: Found, process: Process): Promise<number> {
  const command = { ...process, args };
  // Nothing that evaluates is loaded by a process that leaves it to a child.
  if (!entry.evaluates || process.isStackChild || raiseStackLimit() === "ready") {
    return await execute(await entry.load!(), command);
  }
  const { code, overflowed } = await runInChild({ terminal: Deno.stderr.isTerminal() });
  if (overflowed) {
    const logger = new RawLogger(process.err, { verbosity: 3, colours: process.colours });
    logger.record(errorRecord(stackTooSmall()));
  }
  return code;
}

/** Says what there is under a name that is several commands. */
function group({ name, entry, args }: Found, process: Process): number {
  const text = encodeUtf8(overview(entry, name));
  if (["--help", "-h"].includes(args[0])) {
    process.out(text);
    return 0;
  }
  process.err(args.length === 0 ? text : noCommand(`${name} ${args[0]}`));
  return USAGE;
}
