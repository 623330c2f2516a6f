/**
 * Makes `dist/devix`, one binary with everything in it and V8's flags baked in.
 *
 *     deno task compile [--output FILE] [--target TARGET]
 *
 * `deno compile` fetches the runtime it appends the program to; where Deno's download host can't be reached, set
 * DENORT_BIN to a `denort` of the same minor version. Types aren't checked here: `deno task check` does that, and 2.6
 * would take workers for windows. What is compiled is the bundle: it starts twice as fast as the modules.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, resolve } from "@std/path";
import { v8FlagsFor } from "../cli/v8_flags.ts";
import { bundle } from "./bundle.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

/** What to compile for. */
export interface CompileOptions {
  /** Where the binary goes. */
  readonly output: string;
  /** In Deno's words, `aarch64-apple-darwin`; this machine's own unless given. */
  readonly target?: string;
  /** The runtime to append the program to; Deno's own, which it fetches, unless given. */
  readonly runtime?: string;
}

/** Compiles, and returns what went wrong if something did. */
export async function compile({ output, target, runtime }: CompileOptions): Promise<string | undefined> {
  const directory = `${root}dist/bundle`;
  let script: string;
  try {
    script = await bundle(directory);
  } catch (e) {
    return (e as Error).message;
  }
  const os = target === undefined ? Deno.build.os : target.includes("-darwin") ? "darwin" : "linux";
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "-A",
      "--no-check",
      ...(target === undefined ? [] : [`--target=${target}`]),
      `--v8-flags=${v8FlagsFor(os).join(",")}`,
      `--include=${directory}`,
      `--output=${output}`,
      script,
    ],
    cwd: root,
    clearEnv: true,
    env: environment(runtime),
    stdout: "inherit",
  }).output();
  if (!success) return reason(new TextDecoder().decode(stderr));
  return target === undefined ? await tryOut(output) : undefined;
}

/** A runtime of another minor version makes a binary that doesn't find its program. */
async function tryOut(output: string): Promise<string | undefined> {
  // From where Deno's `--output` starts, too.
  const binary = resolve(root, output);
  const { success, stderr } = await new Deno.Command(binary, { args: ["version"], env: { NO_COLOR: "1" } }).output();
  if (success) return undefined;
  await Deno.remove(binary);
  const said = reason(new TextDecoder().decode(stderr));
  return `the binary doesn't start ("${said}"): is its runtime of the minor version of Deno ${Deno.version.deno}?`;
}

/** Deno takes DENORT_BIN for whatever it compiles for. */
function environment(runtime: string | undefined): Record<string, string> {
  const { DENORT_BIN: _, ...rest } = Deno.env.toObject();
  return runtime === undefined ? rest : { ...rest, DENORT_BIN: runtime };
}

/** What Deno has to say, on one line. Its own host not being there is what happens. */
function reason(text: string): string {
  const url = /error sending request for url \((\S+?)\)|Download (\S*denort\S*)/.exec(text);
  if (url !== null) return `${url[1] ?? url[2]} can't be fetched (docs/install.md says what to do without)`;
  return /error: (.*)/.exec(text)?.[1] ?? text.trim();
}

if (import.meta.main) {
  const { output, target } = parseArgs(Deno.args, {
    string: ["output", "target"],
    default: { output: `${root}dist/devix` },
  });
  const failed = await compile({ output, target, runtime: Deno.env.get("DENORT_BIN") });
  if (failed !== undefined) console.error(`error: Cannot compile: ${failed}`);
  Deno.exit(failed === undefined ? 0 : 1);
}
