/**
 * What does the work when there is no answer yet: `main.ts`, and of a bundle either that or the same program as a script
 * whose bytecode is kept (`script.ts`). The script saves an evaluation of a package set 30 ms and costs one of `1 + 1` 8,
 * because node:vm takes 9 ms to load in Deno 2.9. So tiny texts are left to the modules.
 *
 * A binary always runs the script: in 2.6 node:vm costs nothing, and Deno's own code cache of a binary holds the modules that
 * its very first run has loaded, and never any others.
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
  if (folder === undefined || !Deno.build.standalone && isTiny(Deno.args.slice(1)) || !isOwn(folder)) {
    return await (await import("./main.ts")).main(begun);
  }
  return await (await import("./script.ts")).runScript(folder, begun);
}

/** A text with fewer bytes that imports nothing is evaluated in less time than the script takes to be there. */
const TINY_BYTES = 256;

/** Whether all that a command line says is to be evaluated is tiny. Without a file or a text it is a `default.nix`. */
export function isTiny(words: readonly string[]): boolean {
  const texts = words.map((word) => word.startsWith("-") ? "" : textOf(word));
  const isGiven = words.some((word, i) => ["-E", "--expr"].includes(word) || texts[i] !== word && texts[i] !== "");
  return isGiven &&
    texts.every((text) => text !== undefined && text.length < TINY_BYTES && !/\bimport\b|\bfetch|</.test(text));
}

/** Returns what is in a small file, undefined for everything else that is there, and words that name nothing as they are. */
function textOf(word: string): string | undefined {
  try {
    const stat = Deno.statSync(word);
    return stat.isFile && stat.size < TINY_BYTES ? Deno.readTextFileSync(word) : undefined;
  } catch {
    return word;
  }
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

/** Where bytecode is kept; undefined if it isn't. Sources have no script, and are run by whoever changes them. */
function codeFolder(): string | undefined {
  if (import.meta.url.endsWith(".ts") || !SCRIPTED.includes(Deno.args[0])) return undefined;
  if (Deno.env.get("DEVIX_CODE_CACHE") === "0" || UNUSUAL.some((name) => Deno.env.get(name) !== undefined)) {
    return undefined;
  }
  const directory = cacheDirectory(Deno.args);
  return directory === undefined ? undefined : `${directory}/code`;
}
