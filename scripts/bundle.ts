/**
 * Puts the program into few files, which load in half the time of its some 250 modules: `cli.js`, chunks that it loads
 * when they are needed, and each worker in one file of its own.
 *
 *     deno run -A scripts/bundle.ts DIRECTORY
 *
 * Splitting is what makes a bundle quick to start. In a single file everything is a function that runs when it is first
 * needed, which V8's code cache doesn't hold, and modules of Node that any command needs are loaded by all of them.
 */

/** Modules that run in workers: no import leads to them. */
const WORKERS = ["fetch_worker.ts", "lib/store/background/worker.ts"];

const root = new URL("..", import.meta.url).pathname;

/** Bundles into a directory, which is emptied, and returns the path of what is to be run. @throws {Error} */
export async function bundle(directory: string): Promise<string> {
  await Deno.remove(directory, { recursive: true }).catch((e) => {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
  });
  // One after the other: the first may have to unpack the bundler.
  await denoBundle(["--code-splitting", "--outdir", directory, `${root}cli.ts`]);
  for (const worker of WORKERS) await bundleWorker(worker, directory);
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    const text = await Deno.readTextFile(path);
    const changed = requireLazily(renameWorkers(text));
    texts.set(name, changed);
    if (changed !== text) await Deno.writeTextFile(path, changed);
  }
  for (const name of loadedByAll(texts)) {
    // It costs every command 3 to 13 ms.
    if (!/^import .*"node:/m.test(texts.get(name)!)) continue;
    throw new Error(`Cannot bundle: ${name}, which every command loads, imports a module of Node`);
  }
  return `${directory}/cli.js`;
}

/** Bundles a module that runs in workers, and returns the path of what is to be run. @throws {Error} */
export async function bundleWorker(worker: string, directory: string): Promise<string> {
  const output = `${directory}/${bundledWorker(worker)}`;
  await denoBundle(["--output", output, root + worker]);
  return output;
}

/** Returns the files that every command loads: cli.js, main and eval, with all that these import at once. */
export function loadedByAll(texts: ReadonlyMap<string, string>): Set<string> {
  const loaded = new Set([...texts.keys()].filter((name) => /^(?:cli|main|eval)\b/.test(name)));
  // The set grows while it is walked.
  for (const name of loaded) {
    for (const [, imported] of texts.get(name)!.matchAll(/^(?:import|export)\b[^"(]*"\.\/([^"]+)";?$/gm)) {
      if (texts.has(imported)) loaded.add(imported);
    }
  }
  return loaded;
}

async function denoBundle(args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", ...args],
    cwd: root,
    stdout: "null",
  }).output();
  if (code !== 0) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr).trim()}`);
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
