/**
 * The program of a binary as one classic script instead of modules: V8 gives the bytecode of a script away after it has run,
 * with all the functions that did, and nobody's of modules. `scripts/bundle.ts` makes the script, of main.ts and commands that
 * evaluate. `code_cache.ts` keeps the bytecode.
 */
import { Script } from "node:vm";
import { isLong, isNews, type KeptCode, place, readCode, writeCode } from "./code_cache.ts";
import { ownPath } from "./own_path.ts";
import type { Begun } from "./process.ts";

/** The file with the script, beside the bundle's others. It is all ASCII. */
const TEXT = "./program.txt";
/** Its SHA-256; scripts/bundle.ts puts it here. V8 itself looks only at its length. */
const TEXT_HASH = "";

/** What the script has in it. */
interface Exports {
  main(begun?: Begun): Promise<number>;
  /** What main.ts imports later, by the names of files. */
  readonly modules: Readonly<Record<string, unknown>>;
}

/** The script's value. */
type Program = (
  require: (name: string) => unknown,
  module: { exports: Exports },
  importMeta: { readonly url: string },
  importModule: (name: string) => Promise<unknown>,
) => void;

/** Does what main() of main.ts does, and keeps the bytecode in a folder. */
export async function runScript(folder: string, begun?: Begun): Promise<number> {
  const slot = openSlot(folder);
  const path = ownPath(TEXT, import.meta.url);
  const script = new Script(Deno.readTextFileSync(path), {
    filename: path,
    cachedData: slot.kept?.bytecode as never,
  });
  const module = { exports: {} as Exports };
  (script.runInThisContext() as Program)(
    // Not before something is wanted: to have `process` takes 2 ms.
    (name) => process.getBuiltinModule(name),
    module,
    { url: import.meta.url },
    async (name) => module.exports.modules[name] ?? await import(name),
  );
  const code = await module.exports.main(begun);
  // All output has been written. A run that ends in another way than this one keeps nothing.
  const kept = script.cachedDataRejected === false ? slot.kept : undefined;
  keep(script, slot, kept);
  return code;
}

/** Where the bytecode is kept. */
interface Slot {
  readonly path: string;
  readonly program: string;
  readonly kept?: KeptCode;
}

function openSlot(folder: string): Slot {
  // Magic number, version, length of the text, flags: V8's that differ in these don't take each other's bytecode.
  const v8 = new Script("0").createCachedData().subarray(0, 16).toString("hex");
  const { os, arch } = Deno.build;
  const program = [TEXT_HASH, Deno.version.deno, os, arch, v8].join(" ");
  const path = place(folder, program);
  return { path, program, kept: readCode(path, program) };
}

function keep(script: Script, { path, program }: Slot, kept: KeptCode | undefined): void {
  const command = Deno.args[0];
  const ended = Date.now();
  const long = isLong(performance.now());
  if (!isNews({ command, long, ended }, kept)) return;
  const made = script.createCachedData();
  // All that was in there is in it again, unless V8 has thrown away what this run had no use for.
  const bytecode = kept !== undefined && made.length < kept.bytecode.length ? kept.bytecode : made;
  writeCode(path, {
    program,
    commands: [...new Set([...kept?.commands ?? [], command])],
    long: long || kept?.long === true,
    since: kept?.since ?? ended,
    bytecode,
  });
}
