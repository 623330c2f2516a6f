/** Running this very command, or this very devix, once more, in a process of its own. */
import { RESIDENT_FLAGS, v8FlagsFor } from "./v8_flags.ts";

/** A command with its arguments. */
interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** Returns the command and its arguments. */
export function sameCommand(): CommandLine {
  return sameDevix(Deno.args, { evaluates: true });
}

/** Returns what runs this devix with other arguments; where it is to evaluate, once or until it is ended, it gets V8's flags. */
export function sameDevix(args: readonly string[], { evaluates = false, stays = false } = {}): CommandLine {
  const command = Deno.execPath();
  if (Deno.build.standalone) return { command, args };
  const flags = [...evaluates || stays ? v8FlagsFor(Deno.build.os) : [], ...stays ? RESIDENT_FLAGS : []];
  const words = flags.length === 0 ? [] : [`--v8-flags=${flags.join(",")}`];
  return { command, args: ["run", "-A", ...words, Deno.mainModule, ...args] };
}
