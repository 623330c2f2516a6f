/**
 * What does the work when there is no answer yet: `main.ts`, or in a binary the same program as a script whose bytecode is
 * kept (`script.ts`).
 *
 * Of a bundle's modules Deno keeps the bytecode of what V8 compiles with the file, which is what most runs use
 * (scripts/eager.ts). Its code cache of a binary is closed before an evaluator is loaded. There node:vm is the way, which
 * takes 12 ms to be there in Deno 2.9, and nothing in 2.6.
 */
import { cacheDirectory } from "./answers.ts";
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
  // Where nothing can be written no bytecode could be kept.
  if (folder === undefined || !isOwn(folder)) return await (await import("./main.ts")).main(begun);
  return await (await import("./script.ts")).runScript(folder, begun);
}

/** Whether a folder, which is made if there is none, is this user's alone to write to: there will be code in it. */
function isOwn(folder: string): boolean {
  try {
    Deno.mkdirSync(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = Deno.lstatSync(folder);
    return stat.isDirectory && stat.uid === Deno.uid() && ((stat.mode ?? 0o022) & 0o022) === 0;
  } catch {
    return false;
  }
}

/** Where bytecode is kept; undefined if it isn't. Sources have no script. DEVIX_CODE_CACHE=1 has a bundle run it, too. */
function codeFolder(): string | undefined {
  const wanted = Deno.env.get("DEVIX_CODE_CACHE");
  if (wanted === "0" || wanted !== "1" && !Deno.build.standalone || import.meta.url.endsWith(".ts")) return undefined;
  if (!SCRIPTED.includes(Deno.args[0]) || UNUSUAL.some((name) => Deno.env.get(name) !== undefined)) return undefined;
  const directory = cacheDirectory(Deno.args);
  return directory === undefined ? undefined : `${directory}/code`;
}
