/**
 * Where the time goes: V8's sampling profiler around one evaluation, in short. The file is for Chrome's DevTools
 * (Performance, "Load profile"), where callers and time lines are; the summary says which functions were on top of the
 * stack. "(garbage collector)" is a function of its own; "(program)" is native code that isn't JavaScript's.
 */

/** What of a .cpuprofile is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** Node ids. */
  readonly samples: readonly number[];
  /** Microseconds between a sample and the one before. */
  readonly timeDeltas: readonly number[];
}

/** A share of the time. */
export interface ProfileEntry {
  /** "function file:line", or a file. */
  readonly name: string;
  readonly milliseconds: number;
}

/** Where the time went, by function and by file, the most expensive first. */
export interface ProfileSummary {
  readonly milliseconds: number;
  readonly functions: readonly ProfileEntry[];
  readonly files: readonly ProfileEntry[];
}

/** Returns time at the top of the stack; files are named from below `root`, a URL's start. Lines are the compiled ones. */
export function summarizeProfile(profile: CpuProfile, root: string): ProfileSummary {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, time: number) => to.set(name, (to.get(name) ?? 0) + time);
  let total = 0;
  profile.samples.forEach((id, at) => {
    const { functionName, url, lineNumber } = frames.get(id)!;
    const file = url.startsWith(root) ? url.slice(root.length) : url;
    const time = Math.max(0, profile.timeDeltas[at]) / 1000;
    total += time;
    add(functions, file === "" ? functionName : `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`, time);
    add(files, file === "" ? functionName : file, time);
  });
  const sorted = (times: Map<string, number>): ProfileEntry[] =>
    [...times].map(([name, milliseconds]) => ({ name, milliseconds })).sort((a, b) => b.milliseconds - a.milliseconds);
  return { milliseconds: total, functions: sorted(functions), files: sorted(files) };
}

/** Returns lines with the most expensive `most` functions and files. */
export function profileText({ milliseconds, functions, files }: ProfileSummary, most: number): string {
  const lines = (entries: readonly ProfileEntry[]) =>
    entries.slice(0, most).map(({ name, milliseconds: part }) =>
      `${part.toFixed(0).padStart(7)} ms ${(100 * part / milliseconds).toFixed(1).padStart(5)}%  ${name}\n`
    ).join("");
  return `${milliseconds.toFixed(0)} ms in all\n\nby function\n${lines(functions)}\nby file\n${lines(files)}`;
}
