/** Running this very command, or this very devix, once more, in a process of its own. */
import { v8FlagsFor } from "./v8_flags.ts";

/** A command with its arguments. */
interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** Returns the command and its arguments. */
export function sameCommand(): CommandLine {
  return sameDevix(Deno.args, { evaluates: true });
}

/** Returns what runs this devix with other arguments; where it is to evaluate it gets V8's flags. */
export function sameDevix(args: readonly string[], { evaluates = false } = {}): CommandLine {
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args };
  const flags = evaluates ? [`--v8-flags=${v8FlagsFor(Deno.build.os).join(",")}`] : [];
  return { command, args: ["run", "-A", ...flags, Deno.mainModule, ...args] };
}
