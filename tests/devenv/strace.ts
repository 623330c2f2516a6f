/** What a process really opens, lists and looks at, as strace(1) sees it. */

/** What was seen below some folders. Paths are real ones. */
export interface Traced {
  /** Opened, directories left out. */
  readonly files: ReadonlySet<string>;
  /** Opened and listed. */
  readonly directories: ReadonlySet<string>;
  /** Asked about, and neither opened nor above something that was. */
  readonly lookedAt: ReadonlySet<string>;
}

/** Whether there is an strace that may trace. */
export function hasStrace(): boolean {
  try {
    return new Deno.Command("strace", { args: ["-o", "/dev/null", "true"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** Runs a command under strace and returns its output and what it did below the folders. */
export function trace(
  command: readonly string[],
  options: { readonly below: readonly string[]; readonly env: Readonly<Record<string, string>> },
): { readonly out: string; readonly traced: Traced } {
  const { below, env } = options;
  const log = Deno.makeTempFileSync();
  try {
    const { success, stdout, stderr } = new Deno.Command("strace", {
      args: ["-f", "-s", "4096", "-o", log, "-e", "trace=%file,getdents64", ...command],
      env,
      stdin: "null",
    }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return { out: new TextDecoder().decode(stdout), traced: read(Deno.readTextFileSync(log), below) };
  } finally {
    Deno.removeSync(log);
  }
}

const OPEN = /^\d+\s+open(?:at)?\((?:AT_FDCWD, )?"([^"]*)", .*\)\s+= (\d+)/;
const LIST = /^\d+\s+getdents64\((\d+),/;
const LOOK = /^\d+\s+[a-z0-9]+\((?:AT_FDCWD, )?"([^"]*)"/;

function read(log: string, below: readonly string[]): Traced {
  const isBelow = (path: string) => below.some((folder) => path.startsWith(`${folder}/`));
  const opened = new Set<string>();
  const listed = new Set<string>();
  const looked = new Set<string>();
  const descriptors = new Map<string, string>();
  // strace cuts calls of several threads in two: their second half says "resumed" and is put to the first.
  const unfinished = new Map<string, string>();
  for (let line of log.split("\n")) {
    const pid = line.slice(0, line.indexOf(" "));
    if (line.endsWith("<unfinished ...>")) {
      unfinished.set(pid, line.slice(0, -"<unfinished ...>".length).trimEnd());
      continue;
    }
    const resumed = /^\d+\s+<\.\.\. \w+ resumed>(.*)/.exec(line);
    if (resumed !== null) line = (unfinished.get(pid) ?? "") + resumed[1];
    const open = OPEN.exec(line);
    const list = LIST.exec(line);
    const look = LOOK.exec(line);
    if (open !== null) {
      const path = realPath(open[1]);
      descriptors.set(open[2], path);
      if (isBelow(path)) opened.add(path);
    } else if (list !== null) {
      const path = descriptors.get(list[1]);
      if (path !== undefined && isBelow(path)) listed.add(path);
    } else if (look !== null && isBelow(look[1])) looked.add(look[1]);
  }
  const files = new Set([...opened].filter((path) => !listed.has(path)));
  const all = [...opened, ...looked];
  const isAbove = (path: string) => all.some((other) => other.startsWith(`${path}/`));
  const lookedAt = [...looked].filter((path) => !opened.has(realPath(path)) && !isAbove(path));
  return { files, directories: listed, lookedAt: new Set(lookedAt) };
}

/** Where a path really is, or itself if it is nowhere. */
export function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}
