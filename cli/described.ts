/** All there is to know about all commands, for what is made from it: the manual page, completions. */
import { type Command, flagsOf } from "./command.ts";
import { allCommands } from "./commands.ts";
import type { Flag } from "./flags.ts";
import type { Process } from "./process.ts";

/** A command and what it takes. */
export interface Described {
  /** Its whole name: "eval". */
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly details: string;
  /** Those that help shows. */
  readonly flags: readonly Flag[];
  /** What its arguments are; undefined if there are none, or nobody can say. */
  readonly arguments?: Completion;
}

/** What a word of the command line may be. */
export type Completion = "file" | "directory" | readonly string[];

/** Loads all commands and describes them, in the order in which they are listed. */
export async function describeCommands(process: Process): Promise<readonly Described[]> {
  return await Promise.all(
    allCommands().map(async ({ name, summary, load }) => {
      const command: Command = await load();
      const { usage, details, arguments: words = argumentsIn(usage) } = command;
      const flags = flagsOf(command, process).filter(({ group, help }) => group !== "" && help !== "");
      return { name, summary, usage, details, flags, arguments: words };
    }),
  );
}

/** What arguments are by the name they go by in a usage line. */
function argumentsIn(usage: string): Completion | undefined {
  const words = usage.replace(/-{1,2}[a-zA-Z-]+ [A-Z]+/g, "");
  if (/\b(?:FILE|PATH)\b/.test(words)) return "file";
  return /\bDIR\b/.test(words) ? "directory" : undefined;
}

/** Returns the names that can follow each name that is followed by any; "" stands for devix. */
export function followers(commands: readonly Described[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const names = name.split(" ");
    names.forEach((last, i) => {
      const before = names.slice(0, i).join(" ");
      const known = found.get(before) ?? [];
      if (!known.includes(last)) found.set(before, [...known, last]);
    });
  }
  return found;
}

/** Returns what a flag's values may be, one by one; undefined where nobody can say. */
export function valuesOf({ values = [], choices }: Flag): readonly (Completion | undefined)[] {
  return values.map((name, i) => {
    if (i === 0 && choices !== undefined) return choices;
    if (/\b(?:FILE|PATH)$/.test(name)) return "file";
    return /\bDIR$/.test(name) ? "directory" : undefined;
  });
}

/** Returns what a flag does, on one line and without the full stop. */
export function briefHelp({ help }: Flag): string {
  return help.replace(/\s*\n\s*/g, " ").replace(/\.$/, "");
}
