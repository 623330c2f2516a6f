/** `devix help`: what there is, and each command. */
import { encodeUtf8 } from "../mod.ts";
import { commandHelp, flagsOf, type OwnCommand, USAGE } from "./command.ts";
import { findCommand } from "./commands.ts";
import { overview } from "./help.ts";
import type { Process } from "./process.ts";

/** The command. */
export const HELP: OwnCommand = {
  name: "help",
  usage: "[COMMAND]",
  details: "",
  flags: () => [],
  run: help,
};

async function help(process: Process): Promise<number> {
  const { args } = process;
  if (args.length === 0 || ["--help", "-h"].includes(args[0])) {
    process.out(encodeUtf8(overview()));
    return 0;
  }
  const found = findCommand(args);
  if (found === undefined || found.args.length > 0) {
    process.err(`error: '${args.join(" ")}' is not a devix command\nTry 'devix help' for a list of them.\n`);
    return USAGE;
  }
  const { name, entry } = found;
  const command = await entry.load?.();
  const text = command === undefined ? overview(entry, name) : commandHelp(command, flagsOf(command, process));
  process.out(encodeUtf8(text));
  return 0;
}
