/**
 * What an evaluation took, as C++ Nix says it where NIX_SHOW_STATS is set: JSON on standard error, or in the file that
 * NIX_SHOW_STATS_PATH names. Keys that both have mean the same, but for memory: here it is V8's. NIX_COUNT_CALLS adds the
 * calls of each builtin, and with them those of devix's own functions (`internals`), which slows evaluation down.
 *
 * Builtins are counted by a wrapper around each, functions by V8: where nobody asks there is nothing that counts.
 */
import * as v8 from "node:v8";
import { decodeUtf8Lossy, encodeUtf8, symbolCount } from "../mod.ts";
import { hostReason } from "../lib/host_reason.ts";
import { Inspector } from "./inspector.ts";
import type { Process } from "./process.ts";

const MOST_INTERNALS = 60;

/** Counts while a command runs. */
export class Statistics {
  /** Calls of builtins by name. */
  readonly calls = new Map<string, number>();
  readonly #process: Process;
  readonly #inspector: Inspector | undefined;

  private constructor(process: Process, inspector: Inspector | undefined) {
    this.#process = process;
    this.#inspector = inspector;
  }

  /** Begins to count. */
  static async start(process: Process): Promise<Statistics> {
    if (!isSet(process.env("NIX_COUNT_CALLS"))) return new Statistics(process, undefined);
    const inspector = new Inspector();
    await inspector.send("Profiler.enable");
    await inspector.send("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    return new Statistics(process, inspector);
  }

  /** Writes what was counted. */
  async write(): Promise<void> {
    const text = `${JSON.stringify(await this.#summary(), null, 2)}\n`;
    const path = this.#process.env("NIX_SHOW_STATS_PATH") ?? "-";
    if (path === "-") return this.#process.err(encodeUtf8(text));
    try {
      Deno.writeTextFileSync(decodeUtf8Lossy(path), text);
    } catch (e) {
      this.#process.err(
        encodeUtf8(`error: Cannot write statistics to "${decodeUtf8Lossy(path)}": ${hostReason(e)}\n`),
      );
    }
  }

  async #summary(): Promise<Record<string, unknown>> {
    const { user, system } = process.cpuUsage();
    const heap = v8.getHeapStatistics();
    const sorted = [...this.calls].sort(([, a], [, b]) => b - a);
    return {
      cpuTime: (user + system) / 1e6,
      time: { cpu: (user + system) / 1e6, user: user / 1e6, system: system / 1e6, wall: performance.now() / 1000 },
      gc: { heapSize: heap.total_heap_size, usedBytes: heap.used_heap_size, externalBytes: heap.external_memory },
      maxResidentBytes: maxResidentBytes(),
      symbols: { number: symbolCount() },
      nrPrimOpCalls: sorted.reduce((sum, [, n]) => sum + n, 0),
      ...(this.#inspector === undefined
        ? {}
        : { primops: Object.fromEntries(sorted), internals: await mostCalled(this.#inspector) }),
    };
  }
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** Returns how often functions of devix that have a name were called; those of the same name are added up. */
async function mostCalled(inspector: Inspector): Promise<Record<string, number>> {
  const { result } = await inspector.send<Coverage>("Profiler.takePreciseCoverage");
  const counts = new Map<string, number>();
  for (const { url, functions } of result) {
    if (!url.startsWith("file:")) continue;
    for (const { functionName, ranges } of functions) {
      if (functionName !== "") counts.set(functionName, (counts.get(functionName) ?? 0) + ranges[0].count);
    }
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_INTERNALS));
}

/** Returns the most memory this process ever had; undefined where that can't be known. */
function maxResidentBytes(): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** As C++ Nix takes such variables. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "0";
}
