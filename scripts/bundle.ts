/**
 * Puts the program into few files, which load in half the time of its some 250 modules: `cli.js`, chunks that it loads
 * when they are needed, and each worker in one file of its own. And what evaluates once more as one script, `program.txt`, for
 * binaries (`cli/program.ts` says why).
 *
 *     deno run -A scripts/bundle.ts DIRECTORY
 *
 * Splitting is what makes a bundle quick to start, and that what most runs use is compiled with its file (`eager.ts`). In a
 * single file everything is a function that runs when it is first needed, which Deno's code cache doesn't hold.
 */
import { fromFileUrl, resolve } from "@std/path";
import { SCRIPTED } from "../cli/program.ts";
import { hashHex } from "../lib/format/hash.ts";
import { findUsed } from "./coverage.ts";
import { denoBundle } from "./deno_bundle.ts";
import { compileAtOnce, exportCopies } from "./eager.ts";
import { loadedWith, unite } from "./unite.ts";

/** Modules that run in workers: no import leads to them. */
const WORKERS = ["lib/fetch/fetch_worker.ts", "lib/store/background/worker.ts"];

const root = fromFileUrl(new URL("..", import.meta.url));

/** What is run to see which functions most runs use; twice, since the second finds syntax trees, and the answer. */
const USUAL = [
  ["nix-instantiate", "--eval", "--strict", "-E", "import ./scripts/usual { }"],
  ["nix-instantiate", "--eval", "--strict", "-E", "import ./scripts/usual { }"],
  ["eval", "--json", "--file", "scripts/usual"],
  ["eval", "--json", "--file", "scripts/usual"],
  ["instantiate", "--dry-run", "--file", "examples/shell.nix", "-A", "shell"],
];

/** Bundles into a directory, which is emptied, and returns the path of what is to be run. @throws {Error} */
export async function bundle(output: string): Promise<string> {
  const directory = resolve(output);
  await Deno.remove(directory, { recursive: true }).catch((e) => {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
  });
  // One after the other: the first may have to unpack the bundler.
  await denoBundle(["--code-splitting", "--outdir", directory, `${root}cli.ts`]);
  for (const worker of WORKERS) await bundleWorker(worker, directory);
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(directory)) {
    texts.set(name, requireLazily(renameWorkers(await Deno.readTextFile(`${directory}/${name}`))));
  }
  for (const name of loadedByAll(texts)) {
    // It costs every command 3 to 13 ms.
    if (!/^import .*"node:/m.test(texts.get(name)!)) continue;
    throw new Error(`Cannot bundle: ${name}, which every command loads, imports a module of Node`);
  }
  const script = await bundleScript(texts);
  for (const [name, text] of texts) {
    if (/^script-/.test(name)) {
      texts.set(name, text.replace('TEXT_HASH = ""', `TEXT_HASH = "${hashHex("sha256", script)}"`));
    }
  }
  await uniteAll(texts);
  texts.set("program.txt", script);
  for await (const { name } of Deno.readDir(directory)) await Deno.remove(`${directory}/${name}`);
  for (const [name, text] of texts) await Deno.writeTextFile(`${directory}/${name}`, asAscii(hideImports(text)));
  const program = `${directory}/cli.js`;
  const used = await findUsed(program, USUAL, { cwd: root });
  let module = 0;
  // In the same order each time.
  for (const name of [...used.keys()].sort()) {
    const starts = used.get(name)!;
    const path = `${directory}/${name}`;
    const text = compileAtOnce(await Deno.readTextFile(path), { starts, module: module++ });
    await Deno.writeTextFile(path, exportCopies(text));
  }
  return program;
}

/** Makes one file of all that every process loads, and one of what evaluates. */
async function uniteAll(texts: Map<string, string>): Promise<void> {
  const named = (...modules: readonly string[]) =>
    [...texts.keys()].filter((name) => modules.includes(name.replace(/(?:-[0-9A-Z]+)?\.js$/, "")));
  const without = (loaded: Set<string>, names: readonly string[]) => loaded.difference(new Set(names));
  // A binary's script needs next to nothing of it, and none of what evaluates.
  const first = named("cli", "script");
  await unite(texts, "start.js", without(loadedWith(first, texts), first));
  const evaluating = [...named("main", ...SCRIPTED.map((command) => command.replaceAll("-", "_"))), "start.js"];
  await unite(texts, "evaluate.js", without(loadedWith(evaluating, texts), evaluating));
  for (const [name, text] of texts) texts.set(name, requireLazily(text));
}

/**
 * Hides what is imported later from Deno, which reads all files whose names it can see before anything runs: a process that
 * asks the background evaluator starts in 20 ms instead of 23, `1 + 1` in 32 instead of 34.
 */
export function hideImports(text: string): string {
  return text.replaceAll(/\bimport\("(\.\/[^"]+)"\)/g, 'import("" + "$1")');
}

/** Returns the script: all of a bundle's files that main and some commands import at once. */
async function bundleScript(texts: ReadonlyMap<string, string>): Promise<string> {
  const find = (module: string) => {
    const found = [...texts.keys()].filter((name) => new RegExp(`^${module}-[0-9A-Z]+\\.js$`).test(name));
    if (found.length !== 1) throw new Error(`Cannot bundle: there are ${found.length} files for ${module}`);
    return `./${found[0]}`;
  };
  const directory = resolve(await Deno.makeTempDir({ prefix: "devix-bundle-" }));
  try {
    for (const [name, text] of texts) await Deno.writeTextFile(`${directory}/${name}`, withoutModules(text));
    const commands = SCRIPTED.map((name) => name.replaceAll("-", "_")).map((module) => [module, find(module)]);
    const entry = `export { main } from "${find("main")}";\n` +
      commands.map(([module, file]) => `import * as ${module} from "${file}";\n`).join("") +
      `export const modules = { ${commands.map(([module, file]) => `"${file}": ${module}`).join(", ")} };\n`;
    await Deno.writeTextFile(`${directory}/entry.js`, entry);
    await denoBundle(["--format", "cjs", "--output", `${directory}/program.cjs`, `${directory}/entry.js`]);
    const text = await Deno.readTextFile(`${directory}/program.cjs`);
    // The bundler says in comments where everything was.
    return toScript(text.replaceAll(/^(\s*\/\/ ).*\/devix-bundle-[^/]*\//gm, "$1"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/**
 * Replaces what only modules have by what the script is given. With an `import()` of one of its own files in it the bundler
 * would make variables of all classes, to define them later, and code that V8 compiles well wouldn't be any longer.
 */
export function withoutModules(text: string): string {
  return text.replaceAll(/\bimport\(("[^"]+")\)/g, "importModule($1)").replaceAll("import.meta.url", "importMeta.url");
}

/** Makes a CommonJS module a script whose value is a function, as `cli/script.ts` takes it. @throws {Error} */
export function toScript(module: string): string {
  const required = /^\S.*\brequire\("(.*)"\)/m.exec(module);
  if (required !== null) throw new Error(`Cannot bundle: every evaluation loads ${required[1]}`);
  // Modules are strict.
  return `"use strict";(function (require, module, importMeta, importModule) {${module}\n})`;
}

/**
 * Replaces other characters by escapes. With a single one above 255, in a comment say, V8 takes two bytes for each of a
 * million, and `1 + 1` 2 ms more.
 */
export function asAscii(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Bundles a module that runs in workers, and returns the path of what is to be run. @throws {Error} */
export async function bundleWorker(worker: string, directory: string): Promise<string> {
  const output = `${directory}/${bundledWorker(worker)}`;
  await denoBundle(["--output", output, root + worker]);
  return output;
}

/** Returns the files that every command loads: cli.js, main and eval, with all that these import at once. */
export function loadedByAll(texts: ReadonlyMap<string, string>): Set<string> {
  return loadedWith([...texts.keys()].filter((name) => /^(?:cli|main|eval)\b/.test(name)), texts);
}

/** `lib/store/background/worker.ts` becomes `lib_store_background_worker.js`. */
function bundledWorker(path: string): string {
  return path.replaceAll("/", "_").replace(/\.ts$/, ".js");
}

/**
 * What the bundler puts before everything because some of it is CommonJS, which most commands don't load: only when it is
 * called does it load node:module.
 */
function requireLazily(text: string): string {
  return text.replace(
    /^import \{ createRequire as (\w+) \} from "node:module";\nvar __require = \1\(import\.meta\.url\);$/m,
    'var __require = (name) => process.getBuiltinModule("node:module").createRequire(import.meta.url)(name);',
  );
}

/** Lets `new URL("./x/worker.ts", import.meta.url)` be the bundled file, which is beside everything else. */
export function renameWorkers(text: string): string {
  return text.replaceAll(/new URL\("([^"]*\.ts)", import\.meta\.url\)/g, (_, specifier) => {
    const suffix = specifier.replace(/^(?:\.\.?\/)+/, "");
    const found = WORKERS.filter((worker) => `/${worker}`.endsWith(`/${suffix}`));
    if (found.length !== 1) throw new Error(`Cannot bundle: "${specifier}" is none of the workers`);
    return `new URL("./${bundledWorker(found[0])}", import.meta.url)`;
  });
}

if (import.meta.main) console.log(await bundle(Deno.args[0]));
