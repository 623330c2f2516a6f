/** Help texts, from the same records that command lines are read with. */
import { bestMatch } from "../mod.ts";
import { allCommands, type CommandEntry, COMMANDS } from "./commands.ts";
import type { Flag } from "./flags.ts";

const COLUMN = 34;

/** Returns a list of flags under their headings; those without one, or without words, are left out. */
export function flagHelp(flags: readonly Flag[]): string {
  const shown = flags.filter((flag) => flag.group !== "" && flag.help !== "");
  const groups = [...new Set(shown.map((flag) => flag.group))];
  return groups.map((group) => {
    const lines = shown.filter((flag) => flag.group === group).map(flagLine);
    return `${group}:\n${lines.join("")}`;
  }).join("\n");
}

function flagLine({ name, short, values = [], help }: Flag): string {
  const left = `  ${short === undefined ? "    " : `-${short}, `}--${[name, ...values].join(" ")}`;
  const [first, ...rest] = help.split("\n");
  const start = left.length + 2 > COLUMN ? `${left}\n${" ".repeat(COLUMN)}` : left.padEnd(COLUMN);
  return start + [first, ...rest.map((line) => " ".repeat(COLUMN) + line)].join("\n") + "\n";
}

/** What goes before a command's name. */
export const BEFORE_COMMANDS = "'devix --profile FILE COMMAND ...' writes down where the time went.";

/** Returns the list of commands: all, or those of one name that is several (`name` is the whole of it). */
export function overview(entry?: CommandEntry, name?: string): string {
  const words = entry === undefined ? "devix" : `devix ${name}`;
  const commands = entry?.commands ?? COMMANDS;
  const width = Math.max(18, ...commands.map(({ name }) => name.length + 2));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}\n`);
  const about = entry?.summary ?? "devix evaluates Nix: expressions, package sets, the derivations they come to.";
  const more = entry === undefined ? `${BEFORE_COMMANDS}\n` : "";
  return `${about}

Usage: ${words} COMMAND [FLAGS] [ARGUMENTS]

${lines.join("")}
'${words} COMMAND --help' lists a command's flags. Settings come from nix.conf, as for Nix.
${more}`;
}

/** Returns what is said of a command that there isn't (a binary string). */
export function noCommand(name: string): string {
  const near = bestMatch(allCommands().map(({ name }) => name), name);
  const above = name.includes(" ") ? ` ${name.replace(/ [^ ]*$/, "")}` : "";
  const hint = near === undefined ? "" : `Did you mean 'devix ${near}'?\n`;
  return `error: '${name}' is not a devix command\n${hint}Try 'devix help${above}' for a list of them.\n`;
}
