/**
 * Makes `dist/devix`, one binary with everything in it and V8's flags baked in.
 *
 *     deno task compile [--output FILE]
 *
 * `deno compile` fetches the runtime it appends the program to; where Deno's download host can't be reached, set
 * DENORT_BIN to a `denort` of the same minor version. Types aren't checked here: `deno task check` does that, and 2.6
 * would take workers for windows. What is compiled is the bundle: it starts twice as fast as the modules.
 */
import { parseArgs } from "@std/cli/parse-args";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { bundle } from "./bundle.ts";

const root = new URL("..", import.meta.url).pathname;
const { output } = parseArgs(Deno.args, { string: ["output"], default: { output: `${root}dist/devix` } });

// A main thread's stack can only be had on Linux (cli/stack.ts); elsewhere V8's own limit has to do.
const flags = Deno.build.os === "linux" ? V8_FLAGS : V8_FLAGS.filter((flag) => !flag.startsWith("--stack-size"));

const directory = `${root}dist/bundle`;
const script = await bundle(directory);

const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    "-A",
    "--no-check",
    `--v8-flags=${flags.join(",")}`,
    `--include=${directory}`,
    `--output=${output}`,
    script,
  ],
  cwd: root,
}).spawn().status;
Deno.exit(code);
