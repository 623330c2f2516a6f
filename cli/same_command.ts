/** Running this very command once more, in a process of its own. */
import { v8FlagsFor } from "./v8_flags.ts";

/** Returns the command and its arguments. */
export function sameCommand(): { readonly command: string; readonly args: readonly string[] } {
  const args = Deno.build.standalone
    ? [...Deno.args]
    : ["run", "-A", `--v8-flags=${v8FlagsFor(Deno.build.os).join(",")}`, Deno.mainModule, ...Deno.args];
  return { command: Deno.execPath(), args };
}
