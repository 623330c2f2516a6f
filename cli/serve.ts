/** `devix serve`: the server on this process's standard streams. */
import * as inspector from "node:inspector";
import * as v8 from "node:v8";
import { BackgroundStore, PosTable, type Store } from "../mod.ts";
import { LineReader } from "../serve/lines.ts";
import type { OpenParams } from "../serve/protocol.ts";
import { type Prepared, Server } from "../serve/server.ts";
import { type CommandSpec, flagsOf, type OwnCommand, runCommand } from "./command.ts";
import { asNixError, errorJson } from "./failure.ts";
import { type Flag, parseArgs } from "./flags.ts";
import type { Process } from "./process.ts";
import { Root } from "./root.ts";
import { Setup } from "./setup.ts";
import { endWithParent, isStdoutBroken, stdinSource } from "./stdin.ts";
import { CHILD_VARIABLE, MAX_LINE_BYTES } from "./supervise.ts";
import { openNamedStore } from "./store.ts";
import { UsageError } from "./usage_error.ts";
import { DEVIX_VERSION } from "./version.ts";
import { WarmJobs } from "./warm/job.ts";
import { WARM_VARIABLE } from "./warm/place.ts";

/** Garbage is collected between requests when the heap has grown by this much. */
const COLLECT_AFTER_BYTES = 512 << 20;
/** The young generation is collected between requests when this much was made since. */
const YOUNG_BYTES = 8 << 20;
/** Values are dropped when more than this share of the heap is in use after that. */
const DROP_ABOVE = 0.3;

const WORDS = {
  name: "serve",
  usage: "[FLAGS]",
  details:
    "Requests and answers are JSON, one object a line: see docs/serve-protocol.md. The log is on standard error.\n" +
    "Flags apply to everything that is opened.",
};

/** The command. */
export const SERVE: OwnCommand = {
  ...WORDS,
  flags: (process) => flagsOf(spec(() => {}), process),
  run: serve,
};

/** What reads the flags; `done` is called when they are read. */
function spec(done: (setup: Setup) => void): CommandSpec {
  const prepare = (setup: Setup) => {
    const run = () => {
      done(setup);
      return 0;
    };
    return { flags: surroundings(new Root(setup)), run };
  };
  return { ...WORDS, prepare };
}

/** Runs the command; of its two processes (supervise.ts) the one that evaluates. */
async function serve(process: Process): Promise<number> {
  endWithParent();
  const lastCall = Number(process.env(CHILD_VARIABLE) ?? 0);
  // Nix programs and other children have no business with it.
  Deno.env.delete(CHILD_VARIABLE);
  let showTrace: boolean | undefined;
  const code = runCommand(spec(({ settings }) => void (showTrace = settings.get("show-trace"))), process);
  return showTrace === undefined ? code : await run(process, { showTrace, lastCall });
}

interface Run {
  readonly showTrace: boolean;
  readonly lastCall: number;
}

async function run(process: Process, { showTrace, lastCall }: Run): Promise<number> {
  const stores = new SharedStore();
  const jobs = process.env(WARM_VARIABLE) === undefined ? undefined : new WarmJobs();
  const server = new Server({
    lines: new LineReader(stdinSource(), { maxBytes: MAX_LINE_BYTES }),
    write: process.out,
    prepare: (params) => prepareOpen(params, { process, store: stores }),
    describe: (thrown, session) => {
      const described = errorJson(asNixError(thrown), session?.positions ?? new PosTable(), showTrace);
      return thrown instanceof UsageError ? { ...described, type: "usage" } : described;
    },
    memoryUse,
    isDisconnected: isStdoutBroken,
    version: DEVIX_VERSION,
    lastCall,
    run: jobs && ((params, port) => jobs.run(params, port)),
  });
  let collected = v8.getHeapStatistics().used_heap_size;
  let before = collected;
  while (server.step()) {
    before = collectYoung(before);
    if (v8.getHeapStatistics().used_heap_size < collected + COLLECT_AFTER_BYTES) continue;
    await collectGarbage();
    if (memoryUse() > DROP_ABOVE) {
      server.dropValues();
      jobs?.forget();
      await collectGarbage();
    }
    collected = v8.getHeapStatistics().used_heap_size;
  }
  stores.close();
  return 0;
}

/** The store that everything is written to: one connection, so that nothing is collected between requests. */
class SharedStore {
  #store: Store | undefined;

  get(name: string, setup: Setup): Store {
    // One that failed has said so, and takes nothing more.
    if (this.#store instanceof BackgroundStore && this.#store.hasFailed) this.close();
    return this.#store ??= openNamedStore(name, setup);
  }

  close(): void {
    if (this.#store instanceof BackgroundStore) this.#store.close();
    this.#store = undefined;
  }
}

/** The flags that say in what surroundings to evaluate, and not what. */
function surroundings(root: Root): Flag[] {
  return root.flags().filter(({ group }) => group === "Surroundings");
}

/** Turns the parameters of a request into the flags of a command line, which mean the same. */
function prepareOpen(
  params: OpenParams,
  { process, store }: { readonly process: Process; readonly store: SharedStore },
): Prepared {
  const setup = new Setup({ ...process, cwd: params.cwd ?? process.cwd });
  const root = new Root(setup);
  setup.loadConfiguration();
  parseArgs([...process.args, ...openArguments(params)], {
    flags: [...root.flags(), ...setup.evalFlags(), ...setup.commonFlags()],
    settings: setup.settings,
    own: true,
    argument: (text) => {
      throw new UsageError(`unexpected argument '${text}'`);
    },
  });
  setup.settings.warnUnknown();
  return {
    ...root.environment(),
    close: () => setup.close(),
    openSession: (options) => root.openSession({ ...options, store: store.get(root.store, setup) }),
    evaluate: (session, primops) => root.evaluate(session, { primops }),
    onInput: (input) => setup.logInput(input),
  };
}

function openArguments(params: OpenParams): string[] {
  const args: string[] = [];
  const add = (flag: string, ...values: readonly (string | undefined)[]) => {
    if (values.every((value) => value !== undefined)) args.push(flag, ...values);
  };
  const each = (set: Readonly<Record<string, string>> | undefined) => Object.entries(set ?? {});
  add("--file", params.file);
  add("--expr", params.expr);
  add("--args-file", params.argsFile);
  add("--args-expr", params.argsExpr);
  for (const [name, text] of each(params.arg)) add("--arg", name, text);
  for (const [name, text] of each(params.argstr)) add("--argstr", name, text);
  add("--system", params.system);
  if (params.pure !== undefined) args.push(params.pure ? "--pure" : "--impure");
  for (const [name, text] of each(params.env)) add("--env", `${name}=${text}`);
  for (const entry of params.include ?? []) add("--include", entry);
  for (const [name, text] of each(params.options)) add("--option", name, text);
  if (params.offline) args.push("--offline");
  return args;
}

/** Returns the share of the heap that is used, garbage included. */
function memoryUse(): number {
  const { used_heap_size, heap_size_limit } = v8.getHeapStatistics();
  return used_heap_size / heap_size_limit;
}

/**
 * Collects the young generation if V8 can be told to (v8_flags.ts) and something was made since `before`, bytes in use then.
 * Returns how many are.
 */
function collectYoung(before: number): number {
  const now = v8.getHeapStatistics().used_heap_size;
  if (now - before < YOUNG_BYTES && now >= before) return before;
  ownGc()?.({ type: "minor" });
  return v8.getHeapStatistics().used_heap_size;
}

/** Returns what has V8 collect, if it can be told to. */
function ownGc(): ((options: { readonly type: "minor" | "major" }) => void) | undefined {
  return (globalThis as { gc?: ReturnType<typeof ownGc> }).gc;
}

/** How long collecting may take, in milliseconds, before the next request is carried out all the same. */
const COLLECT_LIMIT_MS = 60_000;

/**
 * V8 was told to let the heap grow before it looks for garbage (v8_flags.ts): right for a run that ends soon. The debugger's
 * way of asking is the only one that works in a binary, and looks for garbage several times.
 */
async function collectGarbage(): Promise<void> {
  const gc = ownGc();
  if (gc !== undefined) return gc({ type: "major" });
  const session = new inspector.Session();
  try {
    session.connect();
    await new Promise<void>((resolve) => {
      // The debugger's answer by itself doesn't keep the process going, which would end here with nothing else to do.
      const timer = setTimeout(resolve, COLLECT_LIMIT_MS);
      session.post("HeapProfiler.collectGarbage", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    session.disconnect();
  } catch {
    // Then V8 does it when it sees fit.
  }
}
