/** The `devix` command: everything is in cli/, and loaded only where there is no answer yet. */
import { answerAtOnce } from "./cli/answers.ts";
import { superviseAtOnce } from "./cli/supervise.ts";

// Errors of Nix programs are many and their JavaScript stacks nobody's business; collecting one costs 3 us.
if (Deno.env.get("DEVIX_DEBUG") !== "1") Error.stackTraceLimit = 0;

Deno.exit(await answerAtOnce() ?? await superviseAtOnce() ?? await (await import("./cli/main.ts")).main());
