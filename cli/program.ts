/**
 * What does the work when there is no answer yet: `main.ts`, and of a bundle either that or the same program as a script
 * whose bytecode is kept (`script.ts`). The script saves an evaluation of a package set 30 ms and costs one of `1 + 1` 8,
 * because node:vm takes 9 ms to load in Deno 2.9; loops of 100 ms lose 5. So it is noted how long a command line takes either
 * way (`pace.ts`).
 *
 * A binary always runs the script: in 2.6 node:vm costs nothing, and Deno's own code cache of a binary holds the modules that
 * its very first run has loaded, and never any others.
 */
import { cacheDirectory } from "./answers.ts";
import { openPace } from "./pace.ts";
import type { Begun } from "./process.ts";

/**
 * Commands that evaluate and end; scripts/bundle.ts puts them into the script. What lasts has time to compile, and may not end
 * in a way that keeps anything.
 */
export const SCRIPTED = ["eval", "instantiate", "nix-instantiate", "nix"];

/** Statistics observe V8, and a worker's commands and ends are its parent's. */
const UNUSUAL = ["NIX_SHOW_STATS", "DEVIX_WORKER"];

/** Does what main() of main.ts does. */
export async function main(begun?: Begun): Promise<number> {
  const folder = codeFolder();
  const pace = folder === undefined ? undefined : openPace(folder);
  // Where nothing can be written no bytecode could be kept.
  if (folder !== undefined && pace !== undefined && (pace.way === "script" || Deno.build.standalone)) {
    const { code, prepared } = await (await import("./script.ts")).runScript(folder, begun);
    if (!Deno.build.standalone) pace.note(prepared ? performance.now() : undefined);
    return code;
  }
  const code = await (await import("./main.ts")).main(begun);
  pace?.note(performance.now());
  return code;
}

/** Where bytecode is kept; undefined if it isn't. Sources have no script, and are run by whoever changes them. */
function codeFolder(): string | undefined {
  if (import.meta.url.endsWith(".ts") || !SCRIPTED.includes(Deno.args[0])) return undefined;
  if (Deno.env.get("DEVIX_CODE_CACHE") === "0" || UNUSUAL.some((name) => Deno.env.get(name) !== undefined)) {
    return undefined;
  }
  const directory = cacheDirectory(Deno.args);
  return directory === undefined ? undefined : `${directory}/code`;
}
