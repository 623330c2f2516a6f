/**
 * Collects what a run of a command depends on and prints, so that its answer can be kept (`answers.ts`): evaluation looks
 * at the world through {@link Recorder.files}, the command itself through {@link Recorder.process}.
 */
import { canonPath, encodeUtf8, HostIO, RecordingIO } from "../mod.ts";
import { hostReason } from "../lib/host_reason.ts";
import type { AnswerSlot } from "./answers.ts";
import type { Process } from "./process.ts";

/** Where a document says how long it took, it has this instead of a number until it is written. */
export const MILLISECONDS = "\u0001milliseconds\u0001";

/** What goes before the place where a run's own duration is. */
interface Replay {
  readonly out: string;
}

/** What notes what it sees. */
export interface Watched extends Pick<RecordingIO, "observations" | "unstable"> {
  /** More than that, at less cost. */
  readonly looked?: RecordingIO["observations"];
}

/** One run of a command. */
export class Recorder {
  /** What the command is to use for its process. */
  readonly process: Process;
  readonly #slot: AnswerSlot;
  readonly #started = Date.now();
  /** The host, seen by the command and not by Nix programs: nothing of it is hidden or overridden. */
  readonly #own: RecordingIO;
  readonly #worlds: Watched[] = [];
  #out = "";
  #err = "";
  #spoilt = false;
  #replay: Replay | null = null;

  constructor(process: Process, slot: AnswerSlot) {
    this.#slot = slot;
    this.#own = new RecordingIO(new HostIO());
    this.#worlds.push(this.#own);
    const absolute = (path: string) => canonPath(path[0] === "/" ? path : `${process.cwd}/${path}`);
    const note = (look: (io: RecordingIO) => unknown) => {
      try {
        look(this.#own);
      } catch {
        // What can't be read can't be read by the command either, and it says so.
      }
    };
    this.process = {
      ...process,
      env: (name) => {
        note((io) => io.getEnv(name));
        return process.env(name);
      },
      out: (text) => {
        this.#out += text;
        process.out(text);
      },
      err: (text) => {
        this.#err += text;
        process.err(text);
      },
      readStdin: () => {
        this.spoil();
        return process.readStdin();
      },
      readFile: (path) => {
        note((io) => io.readFile(absolute(path)));
        return process.readFile(path);
      },
      exists: (path) => {
        note((io) => io.pathExists(absolute(path)));
        return process.exists(path);
      },
    };
  }

  /** Returns the host as evaluation is to see it. */
  files(options: { readonly env: ReadonlyMap<string, string>; readonly inheritEnv: boolean }): RecordingIO {
    const world = new RecordingIO(new HostIO(), options);
    this.#worlds.push(world);
    return world;
  }

  /** Takes for seen what somebody else has. */
  watch(world: Watched): void {
    this.#worlds.push(world);
  }

  /** Notes that the answer depends on there being something at an absolute path; false if there is nothing. */
  noteExistence(path: string): boolean {
    return this.#own.pathExists(canonPath(path));
  }

  /** Whether any path was looked at that `test` says yes to. */
  sees(test: (path: string) => boolean): boolean {
    for (const world of this.#worlds) {
      for (const path of (world.looked ?? world.observations).types.keys()) if (test(path)) return true;
    }
    return false;
  }

  /** This run's answer isn't to be kept. */
  spoil(): void {
    this.#spoilt = true;
  }

  /** What is to be printed next time instead of what was printed this time; {@link MILLISECONDS} where the time goes. */
  replay(out: string): void {
    this.#replay = { out };
  }

  /** Keeps the answer if it can be kept. Not being able to is no failure of the command. */
  finish(warn: (text: string) => void): void {
    if (this.#spoilt || this.#worlds.some((world) => world.unstable !== null)) return;
    const seen = merge(this.#worlds.map((world) => world.observations));
    if (seen === undefined) return;
    const out = (this.#replay?.out ?? this.#out).split(MILLISECONDS);
    try {
      this.#slot.keep({ out, err: this.#err }, { seen, started: this.#started });
    } catch (e) {
      const { path } = this.#slot;
      // SQLite's words may end with the path.
      warn(encodeUtf8(`cannot keep the answer in '${path}': ${hostReason(e).replace(`: ${path}`, "")}`));
    }
  }
}

type Observations = RecordingIO["observations"];

/** Returns everything that was observed; undefined if two observations contradict each other. */
function merge(all: readonly Observations[]): Observations | undefined {
  const merged = { types: new Map(), contents: new Map(), listings: new Map(), links: new Map(), env: new Map() };
  for (const observations of all) {
    for (const kind of ["types", "contents", "listings", "links", "env"] as const) {
      const map: Map<string, string> = merged[kind];
      for (const [key, value] of observations[kind]) {
        if ((map.get(key) ?? value) !== value) return undefined;
        map.set(key, value);
      }
    }
  }
  return merged;
}
