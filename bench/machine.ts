/** On what a measurement is made: commit, machine, runtime. */
import { cpus } from "node:os";
import type { Setting } from "./report.ts";

/** Returns where this is; `date` is the caller's. */
export async function describeSetting(root: string, date: string | null): Promise<Setting> {
  return {
    date,
    commit: await commitOf(root),
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: navigator.hardwareConcurrency,
      memory: Deno.systemMemoryInfo().total,
      kernel: `${Deno.build.os} ${Deno.osRelease()}`,
      load: Deno.loadavg()[0],
    },
    deno: { deno: Deno.version.deno, v8: Deno.version.v8 },
  };
}

/** Returns the commit that is checked out, with "-dirty" if what is measured isn't quite that. */
async function commitOf(root: string): Promise<string> {
  const git = async (...args: string[]) => {
    const { code, stdout } = await new Deno.Command("git", { args: ["-C", root, ...args], stderr: "null" }).output();
    return code === 0 ? new TextDecoder().decode(stdout).trim() : null;
  };
  const commit = await git("rev-parse", "--short=12", "HEAD");
  if (commit === null) return "unknown";
  return await git("status", "--porcelain", "--", ":!bench", ":!docs", ":!tests") === "" ? commit : `${commit}-dirty`;
}

/** Returns a warning if others keep the machine busy, or null. */
export function loadWarning({ machine }: Setting): string | null {
  if (machine.load < machine.cores / 4) return null;
  return `The machine is busy (load ${
    machine.load.toFixed(1)
  } on ${machine.cores} cores): compare user times, not wall times`;
}
