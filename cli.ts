/** The `devix` command: everything is in cli/. */
import { main } from "./cli/main.ts";

Deno.exit(await main());
