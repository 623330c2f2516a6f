/** The `devix` command: everything is in cli/, and loaded only where there is no answer yet. */
import { answerAtOnce } from "./cli/answers.ts";
import { superviseAtOnce } from "./cli/supervise.ts";
import { wantsWarm } from "./cli/warm/wanted.ts";

// Errors of Nix programs are many and their JavaScript stacks nobody's business; collecting one costs 3 us.
if (Deno.env.get("DEVIX_DEBUG") !== "1") Error.stackTraceLimit = 0;

Deno.exit(await run().catch(failed));

/** Says what went wrong before or after anything that says so itself. */
function failed(thrown: unknown): number {
  if (Deno.env.get("DEVIX_DEBUG") === "1") throw thrown;
  console.error(`error: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  return 1;
}

async function run(): Promise<number> {
  if (wantsWarm()) {
    const result = await (await import("./cli/warm/client.ts")).askWarm();
    if (typeof result === "number") return result;
    const { out, err, stdin } = result;
    const answer = out === 0 && err === 0 && stdin === null ? await answerAtOnce() : undefined;
    return answer ?? await (await import("./cli/program.ts")).main(result);
  }
  return await answerAtOnce() ?? await superviseAtOnce() ?? await (await import("./cli/program.ts")).main();
}
