/**
 * Makes `dist/devix`, one binary with everything in it and V8's flags baked in.
 *
 *     deno task compile [--output FILE]
 *
 * `deno compile` fetches the runtime it appends the program to; where Deno's download host can't be reached, set
 * DENORT_BIN to a `denort` of the same minor version. Types aren't checked here: `deno task check` does that, and 2.6
 * would take workers for windows.
 */
import { parseArgs } from "@std/cli/parse-args";
import { V8_FLAGS } from "../cli/v8_flags.ts";

const root = new URL("..", import.meta.url).pathname;
const { output } = parseArgs(Deno.args, { string: ["output"], default: { output: `${root}dist/devix` } });

// A main thread's stack can only be had on Linux (cli/stack.ts); elsewhere V8's own limit has to do.
const flags = Deno.build.os === "linux" ? V8_FLAGS : V8_FLAGS.filter((flag) => !flag.startsWith("--stack-size"));

// No import leads to what runs in workers.
const WORKERS = ["--include", `${root}fetch_worker.ts`];

const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    "-A",
    "--no-check",
    `--v8-flags=${flags.join(",")}`,
    `--output=${output}`,
    ...WORKERS,
    `${root}cli.ts`,
  ],
  cwd: root,
}).spawn().status;
Deno.exit(code);
