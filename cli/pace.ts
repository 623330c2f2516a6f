/**
 * How long command lines took as a script and as modules (`program.ts`), and which way is the quicker: two bytes for each in
 * one small file, at a place that is a hash of the command line and the directory. Two may share a place, and the file may be
 * damaged or gone: then a run takes the slower of two ways to the same result.
 *
 * What is noted is the shortest time of late: a run may take longer for many reasons.
 */

/** What may take as long as this isn't tried as modules: there is less to gain than a trial costs. In milliseconds. */
const LONG_MS = 1000;
/** Of the file. */
const SLOTS = 1 << 16;

/** The ways, in the order of a slot's bytes. */
const WAYS = ["script", "modules"] as const;

export type Way = typeof WAYS[number];

/** What is known of a command line. */
export interface Pace {
  /** How it had better be run. */
  readonly way: Way;
  /** Notes how long it took that way, in milliseconds; undefined if that means nothing. To be called once. */
  note(milliseconds: number | undefined): void;
}

/** Returns what is known of this process's command line; undefined if a folder isn't one for code, or can't be written to. */
export function openPace(folder: string): Pace | undefined {
  try {
    return paceOf(JSON.stringify([Deno.args, Deno.cwd()]), folder);
  } catch {
    // A directory that is no more: whoever needs one will say so.
    return undefined;
  }
}

/** Returns what is known of something that is run. */
export function paceOf(what: string, folder: string): Pace | undefined {
  const place = WAYS.length * slotOf(what);
  const levels = new Uint8Array(WAYS.length);
  let file: Deno.FsFile;
  try {
    if (!isOwn(folder)) return undefined;
    file = open(`${folder}/pace`);
    file.seekSync(place, Deno.SeekMode.Start);
    file.readSync(levels);
  } catch {
    return undefined;
  }
  const way = chosen(levels);
  return {
    way,
    note: (milliseconds) => {
      try {
        if (milliseconds !== undefined) write(WAYS.indexOf(way), levelOf(milliseconds));
      } catch {
        // A full disk: it is as it was.
      }
      file.close();
    },
  };

  function write(index: number, level: number): void {
    const old = levels[index];
    // In small steps up: the machine may be busy now.
    levels[index] = old === 0 ? level : Math.min(level, old + 1, 255);
    if (levels[index] === old) return;
    file.seekSync(place, Deno.SeekMode.Start);
    file.writeSync(levels);
  }
}

/** Each way is tried once. */
function chosen([script, modules]: Uint8Array): Way {
  if (script === 0) return "script";
  if (modules === 0) return script < levelOf(LONG_MS) ? "modules" : "script";
  return modules < script ? "modules" : "script";
}

/** Returns a time as a byte that isn't 0, in steps of 5%. */
function levelOf(milliseconds: number): number {
  return Math.min(255, Math.max(1, Math.round(20 * Math.log(milliseconds))));
}

/** Whether a folder, which is made if there is none, is this user's alone to write to: there will be code in it. */
function isOwn(folder: string): boolean {
  let stat;
  try {
    stat = Deno.lstatSync(folder);
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
    Deno.mkdirSync(folder.slice(0, folder.lastIndexOf("/")), { recursive: true });
    Deno.mkdirSync(folder, { mode: 0o700 });
    stat = Deno.lstatSync(folder);
  }
  return stat.isDirectory && stat.uid === Deno.uid() && ((stat.mode ?? 0o022) & 0o022) === 0;
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true });
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
    return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  }
}

/** FNV-1a, folded. */
function slotOf(what: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < what.length; i++) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193);
  return (hash ^ hash >>> 16) & SLOTS - 1;
}
