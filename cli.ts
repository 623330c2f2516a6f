/** The `devix` command: everything is in cli/. */
import { main } from "./cli/main.ts";

// Errors of Nix programs are many and their JavaScript stacks nobody's business; collecting one costs 3 us.
if (Deno.env.get("DEVIX_DEBUG") !== "1") Error.stackTraceLimit = 0;

Deno.exit(await main());
