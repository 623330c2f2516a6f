/** Running this very command once more, in a process of its own. */
import { V8_FLAGS } from "./v8_flags.ts";

/** Returns the command and its arguments. */
export function sameCommand(): { readonly command: string; readonly args: readonly string[] } {
  const args = Deno.build.standalone
    ? [...Deno.args]
    : ["run", "-A", `--v8-flags=${V8_FLAGS.join(",")}`, Deno.mainModule, ...Deno.args];
  return { command: Deno.execPath(), args };
}
