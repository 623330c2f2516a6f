/** Picks the command and sees to what evaluation needs: a stack to recurse on. */
import { decodeUtf8Lossy, encodeUtf8, RawLogger } from "../mod.ts";
import { execute, USAGE } from "./command.ts";
import { findCommand, type Found } from "./commands.ts";
import { errorRecord, stackTooSmall } from "./failure.ts";
import { noCommand, overview } from "./help.ts";
import { hostReason } from "../lib/host_reason.ts";
import { type Begun, hostProcess, type Process } from "./process.ts";
import type { Statistics } from "./statistics.ts";
import { adjustLimits, runInChild } from "./stack.ts";

/** Other names for commands. */
const ALIASES = new Map([["--version", "version"], ["--help", "help"], ["-h", "help"]]);

/** Runs the command that the command line names, or what is left of it to do, and returns its exit code. */
export async function main(begun?: Begun): Promise<number> {
  const process = hostProcess(begun);
  const { profile, words: [first = "", ...args] } = splitProfile(process.args);
  if (profile === "") {
    process.err("error: flag '--profile' needs the name of a file, and a command after it\n");
    return USAGE;
  }
  const found = findCommand([ALIASES.get(first) ?? first, ...args]);
  if (found?.entry.load !== undefined) return await run(found, process, profile);
  if (found !== undefined) return group(found, process);
  if (first === "") process.err(encodeUtf8(overview()));
  else process.err(noCommand(first));
  return USAGE;
}

/** Takes `--profile FILE`, which goes before the command's name, off; "" if there is no file. */
function splitProfile(args: readonly string[]): { readonly profile?: string; readonly words: readonly string[] } {
  const [first = "", second = ""] = args;
  if (first === "--profile") return { profile: second, words: args.slice(2) };
  if (first.startsWith("--profile=")) return { profile: first.slice("--profile=".length), words: args.slice(1) };
  return { words: args };
}

async function run({ entry, args }: Found, process: Process, profile: string | undefined): Promise<number> {
  const command = { ...process, args };
  if (entry.shares && args.some((arg) => arg.startsWith("--jobs"))) {
    const { jobsWanted, runJobs } = await import("./jobs/parent.ts");
    const jobs = jobsWanted(command);
    if (jobs !== undefined) return await runJobs(command, jobs);
  }
  // Those on files matter to whatever writes, the one on the stack to what evaluates.
  const stack = process.isStackChild ? "ready" : adjustLimits();
  // Nothing that evaluates is loaded by a process that leaves it to a child.
  if (!entry.evaluates || stack === "ready") {
    const evaluate = async () => {
      const statistics = entry.evaluates ? await startStatistics(process) : undefined;
      const ordered = await withOrders(command);
      const code = await execute(await entry.load!(), { ...ordered, builtinCalls: statistics?.calls });
      await statistics?.write();
      return code;
    };
    return profile === undefined ? await evaluate() : await runProfiled(evaluate, process, profile);
  }
  const { code, overflowed } = await runInChild({ terminal: Deno.stderr.isTerminal() });
  if (overflowed) {
    const logger = new RawLogger(process.err, { verbosity: 3, colours: process.colours });
    logger.record(errorRecord(stackTooSmall()));
  }
  return code;
}

/** Returns what counts, if the environment asks for it. As in C++ Nix "0" doesn't. */
async function startStatistics(process: Process): Promise<Statistics | undefined> {
  if ((process.env("NIX_SHOW_STATS") ?? "0") === "0") return undefined;
  return await (await import("./statistics.ts")).Statistics.start(process);
}

async function runProfiled(run: () => Promise<number>, process: Process, path: string): Promise<number> {
  const { profiled } = await import("./profile.ts");
  let failed = false;
  const code = await profiled(run, (text) => {
    try {
      Deno.writeTextFileSync(decodeUtf8Lossy(path), text);
    } catch (e) {
      failed = true;
      process.err(encodeUtf8(`error: Cannot write profile to "${decodeUtf8Lossy(path)}": ${hostReason(e)}\n`));
    }
  });
  return failed ? 1 : code;
}

/** Returns the process as one that does a share of a command, if it is one. */
async function withOrders(process: Process): Promise<Process> {
  if (process.env("DEVIX_WORKER") === undefined) return process;
  return (await import("./jobs/worker.ts")).workerProcess(process);
}

/** Says what there is under a name that is several commands. */
function group({ name, entry, args }: Found, process: Process): number {
  const text = encodeUtf8(overview(entry, name));
  if (["--help", "-h"].includes(args[0])) {
    process.out(text);
    return 0;
  }
  process.err(args.length === 0 ? text : noCommand(`${name} ${args[0]}`));
  return USAGE;
}
