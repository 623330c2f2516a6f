/** The `devix` command: everything is in cli/, and loaded only where there is no answer yet. */
import { answerAtOnce } from "./cli/answers.ts";
import { main } from "./cli/program.ts";
import { superviseAtOnce } from "./cli/supervise.ts";
import { isWarmDaemon, wantsWarm } from "./cli/warm/wanted.ts";

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
  if (isWarmDaemon()) return await (await import("./cli/warm/daemon.ts")).warmDaemon();
  if (!wantsWarm()) return await answerAtOnce() ?? await superviseAtOnce() ?? await main();
  const asked = await (await import("./cli/warm/client.ts")).askWarm();
  if (typeof asked === "number") return asked;
  const { begun } = asked;
  const isUntouched = begun.out === 0 && begun.err === 0 && begun.stdin === null;
  const answered = isUntouched ? await answerAtOnce({ warm: true }) : undefined;
  const started = performance.now();
  const code = answered ?? await main(begun);
  await asked.carriedOut(answered === undefined ? performance.now() - started : undefined);
  return code;
}
