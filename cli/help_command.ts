/** `devix help`: what there is, one command at a time or all of it as a manual page. */
import { encodeUtf8 } from "../mod.ts";
import { commandHelp, flagsOf, helpFlag, type OwnCommand, USAGE } from "./command.ts";
import { COMMANDS, findCommand } from "./commands.ts";
import type { Flag } from "./flags.ts";
import { noCommand, overview } from "./help.ts";
import { manualPage } from "./manual.ts";
import type { Process } from "./process.ts";

const MAN: Flag = {
  name: "man",
  help: "Print the manual page, for man(1): devix help --man | man -l -",
  group: "Output",
  run: () => {},
};

/** The command. */
export const HELP: OwnCommand = {
  name: "help",
  usage: "[COMMAND]\n--man",
  details: "",
  arguments: COMMANDS.map(({ name }) => name),
  flags: () => [MAN, helpFlag()],
  run: help,
};

async function help(process: Process): Promise<number> {
  const { args } = process;
  if (args[0] === "--man") {
    process.out(encodeUtf8(await manualPage(process)));
    return 0;
  }
  if (args.length === 0 || ["--help", "-h"].includes(args[0])) {
    process.out(encodeUtf8(overview()));
    return 0;
  }
  const found = findCommand(args);
  if (found === undefined || found.args.length > 0) {
    process.err(noCommand(args.join(" ")));
    return USAGE;
  }
  const { name, entry } = found;
  const command = await entry.load?.();
  const text = command === undefined ? overview(entry, name) : commandHelp(command, flagsOf(command, process));
  process.out(encodeUtf8(text));
  return 0;
}
