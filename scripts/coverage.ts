/** Which functions of a bundle run: by V8's coverage, as `deno run --coverage` writes it. */
import { resolve, toFileUrl } from "@std/path";
import { v8FlagsFor } from "../cli/v8_flags.ts";

/** Deno 2.6 writes coverage of programs that end by themselves. */
const PRELOADED = "without_exit.js";

/** Where functions begin that have run, in UTF-16 units, by the names of a bundle's files. */
export type Used = ReadonlyMap<string, ReadonlySet<number>>;

/** What V8 says of a file in what `deno run --coverage` writes. */
interface Coverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
  }[];
}

/**
 * Runs a bundle once for each of some command lines, with a home of its own, and returns the functions that ran. `cwd` is
 * where it runs.
 * @throws {Error} if one fails, or nothing is said of the bundle's files
 */
export async function findUsed(
  program: string,
  commands: readonly (readonly string[])[],
  { cwd }: { readonly cwd?: string } = {},
): Promise<Used> {
  const folder = new URL(".", toFileUrl(program)).href;
  const home = resolve(await Deno.makeTempDir({ prefix: "devix-coverage-" }));
  const used = new Map<string, Set<number>>();
  try {
    await Deno.writeTextFile(`${home}/${PRELOADED}`, "Deno.exit = (code = 0) => { Deno.exitCode = code; };\n");
    for (const words of commands) await cover(program, words, { home, cwd });
    for await (const { name } of Deno.readDir(`${home}/coverage`)) {
      const { url, functions }: Coverage = JSON.parse(await Deno.readTextFile(`${home}/coverage/${name}`));
      if (!url.startsWith(folder)) continue;
      const file = url.slice(folder.length);
      const starts = used.get(file) ?? new Set();
      used.set(file, starts);
      for (const { ranges: [{ startOffset, count }] } of functions) if (count > 0) starts.add(startOffset);
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
  if (used.size === 0) throw new Error(`Cannot bundle: V8 says nothing of what runs in ${folder}`);
  return used;
}

async function cover(
  program: string,
  words: readonly string[],
  { home, cwd }: { readonly home: string; readonly cwd: string | undefined },
): Promise<void> {
  const flags = `--v8-flags=${v8FlagsFor(Deno.build.os).join(",")}`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      flags,
      `--preload=${home}/${PRELOADED}`,
      `--coverage=${home}/coverage`,
      program,
      ...words,
    ],
    cwd,
    clearEnv: true,
    env: {
      ...withoutSettings(Deno.env.toObject()),
      HOME: home,
      NIX_CONF_DIR: home,
      NIX_REMOTE: "dummy://",
      NO_COLOR: "1",
    },
    stdout: "null",
  }).output();
  if (success) return;
  throw new Error(`Cannot bundle: "${words.join(" ")}" fails: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Leaves out what would have devix or Deno do something else, as whoever bundles may want them to. */
function withoutSettings(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:DENO|DEVIX|XDG)_|^NIX_(?!LD)/.test(name)));
}
