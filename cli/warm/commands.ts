/** `devix warm …`: looking after the background evaluator (`daemon.ts`). */
import { encodeUtf8 } from "../../mod.ts";
import { plural } from "../amounts.ts";
import { commandHelp, type OwnCommand, USAGE } from "../command.ts";
import type { Process } from "../process.ts";
import { connectWarm, type Hello, linesFrom, sendLine } from "./client.ts";
import { warmDaemon, type WarmStatus } from "./daemon.ts";
import { warmDirectory } from "./place.ts";

/** How long the background process may take to start, in milliseconds, and how often it is looked for meanwhile. */
const START_MS = 3000;
const START_ATTEMPTS = 60;

/** Shows what the background evaluator does. */
export const WARM_STATUS = command("status", "Exit code 1: there is none.", async ({ out, err }) => {
  const status = await ask<WarmStatus>("status");
  if (status === undefined) {
    err("no background evaluator is running\n");
    return 1;
  }
  const { pid, jobs, refused, kept, evaluators } = status;
  out(
    `background process ${pid}: ${
      plural(jobs, "job")
    }, ${refused} of them refused, ${kept} done with values of others\n`,
  );
  for (const each of evaluators) {
    const { pid, state, jobs, bytes } = each;
    out(`evaluator ${pid}: ${state}, ${plural(jobs, "job")}, ${Math.round(bytes / 2 ** 20)} MiB\n`);
  }
  return 0;
});

/** Waits for the background evaluator. */
export const WARM_WAIT = command(
  "wait",
  "Until it does nothing and is ready for what it was asked before. Exit code 1: there is none.",
  async ({ err }) => {
    // One that has just been started can't be reached yet.
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      if (await ask("wait") !== undefined) return 0;
      await new Promise((resolve) => setTimeout(resolve, START_MS / START_ATTEMPTS));
    }
    err("no background evaluator is running\n");
    return 1;
  },
);

/** Ends the background evaluator. */
export const WARM_STOP = command("stop", "What it is doing is finished first.", async ({ err }) => {
  if (await ask("stop") !== undefined) return 0;
  err("no background evaluator is running\n");
  return 1;
});

/** Is the background process. */
export const WARM_DAEMON = command(
  "daemon",
  "Nobody has to run this: devix does when it is needed. It ends when nobody has asked for anything for\n" +
    "DEVIX_WARM_IDLE seconds (900), and ends evaluators that use more than DEVIX_WARM_MEMORY MiB together (a quarter of\n" +
    "what there is). An evaluator that has worked for less than DEVIX_WARM_AFTER milliseconds (300) does nothing new.",
  warmDaemon,
);

function command(name: string, details: string, run: (process: Process) => Promise<number>): OwnCommand {
  const own: OwnCommand = {
    name: `warm ${name}`,
    usage: "[--help]",
    details,
    flags: () => [],
    run: (process) => {
      const [first] = process.args;
      if (first === undefined) return run(process);
      if (first === "--help" || first === "-h") {
        process.out(encodeUtf8(commandHelp(own, [])));
        return 0;
      }
      process.err(`error: unexpected argument '${first}'\nTry 'devix warm ${name} --help' for more information.\n`);
      return USAGE;
    },
  };
  return own;
}

/** Asks the background process something; undefined if there is none. */
async function ask<T>(what: "status" | "wait" | "stop"): Promise<T | undefined> {
  const directory = warmDirectory();
  const connection = directory && await connectWarm(directory);
  if (!connection) return undefined;
  try {
    await sendLine(connection, { build: "", ask: what } satisfies Hello);
    for await (const line of linesFrom(connection)) return JSON.parse(line);
  } catch {
    // It ended just now.
  } finally {
    connection.close();
  }
}
