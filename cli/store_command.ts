/** What the commands under `devix store` share: which store they look at, store paths on the command line, the end. */
import { decodeUtf8Lossy, encodeUtf8, type StorePath } from "../mod.ts";
import { splitStorePath } from "../lib/format/mod.ts";
import { isStoreName, openTarget, StoreError, type StorePlace, storePlaces, type Target } from "../lib/store/mod.ts";
import { flagsOf, type OwnCommand, report, runCommand } from "./command.ts";
import type { Flag } from "./flags.ts";
import type { Process } from "./process.ts";
import type { Setup } from "./setup.ts";
import { storeSurroundings } from "./store.ts";
import { UsageError } from "./usage_error.ts";

/** The heading of a command's own flags. */
export const OUTPUT = "Output";

/** What a command works with. */
export interface StoreContext {
  readonly target: Target;
  readonly storeDir: string;
  readonly process: Process;
  readonly setup: Setup;
  /** Arguments that are no flags. */
  readonly args: readonly string[];
  /** Prints a line, a binary string. */
  line(text: string): void;
}

/** A command that awaits its flags. */
export interface PreparedStoreCommand {
  readonly flags: readonly Flag[];
  /** How many arguments there must be; at least one unless given. */
  readonly arguments?: { readonly min: number; readonly max: number };
  /** Checks that flags and arguments go together, before the store is opened. @throws {UsageError} */
  readonly check?: (args: readonly string[]) => void;
  /** Whether it makes a store where there is none. */
  readonly makesStore?: boolean;
  /** Returns the exit code. */
  readonly run: (context: StoreContext) => Promise<number>;
}

/** Returns a command that is run with an open store. */
export function storeCommand(
  words: Pick<OwnCommand, "name" | "usage" | "details">,
  prepare: () => PreparedStoreCommand,
): OwnCommand {
  const spec = (ready: (setup: Setup, start: Start) => void) => ({
    ...words,
    prepare: (setup: Setup) => {
      const start: Start = { ...prepare(), store: "auto", args: [] };
      return {
        flags: [storeFlag((name) => start.store = name), ...start.flags],
        argument: (text: string) => void start.args.push(text),
        run: () => {
          checkCount(start);
          start.check?.(start.args);
          ready(setup, start);
          return 0;
        },
      };
    },
  });
  return {
    ...words,
    flags: (process) => flagsOf(spec(() => {}), process),
    async run(process) {
      let ready: readonly [Setup, Start] | undefined;
      // What it prints depends on the store, so there is no answer to keep.
      const code = runCommand(spec((setup, start) => ready = [setup, start]), { ...process, answers: undefined });
      return ready === undefined ? code : await start(process, ...ready);
    },
  };
}

interface Start extends PreparedStoreCommand {
  store: string;
  readonly args: string[];
}

function storeFlag(run: (name: string) => void): Flag {
  return {
    name: "store",
    values: ["STORE"],
    choices: ["auto", "daemon", "unix:", "nix-store-add", "local:"],
    help: "Which store: auto, daemon, unix:PATH, nix-store-add or local:DIR.",
    group: "Store",
    run(name) {
      if (!isStoreName(name) || name === "none") {
        throw new UsageError(`'${name}' is no store: expected auto, daemon, unix:PATH, nix-store-add or local:DIR`);
      }
      run(name);
    },
  };
}

function checkCount({ args, arguments: wanted = { min: 1, max: Infinity } }: Start): void {
  if (args.length < wanted.min) throw new UsageError(wanted.max === 1 ? "a path is missing" : "paths are missing");
  if (args.length > wanted.max) throw new UsageError(`unexpected argument '${args[wanted.max]}'`);
}

async function start(process: Process, setup: Setup, command: Start): Promise<number> {
  const surroundings = storeSurroundings(setup);
  let target: Target | undefined;
  try {
    const places = storePlaces(decodeUtf8Lossy(command.store), surroundings);
    if (places.length === 0) throw new StoreError('Cannot look at store "none": nothing is in it');
    const { storeDir } = setup;
    if (!command.makesStore) requireThere(places);
    target = await openTarget(places, { storeDir, onLine: (line) => setup.logger.message(1, line.trimEnd()) });
    const line = (text: string) => process.out(`${text}\n`);
    return await command.run({ target, storeDir, process, setup, args: command.args, line });
  } catch (e) {
    return report(e, setup).code;
  } finally {
    target?.close();
  }
}

/** Looking at a store doesn't make one. */
function requireThere(places: readonly StorePlace[]): void {
  const [place] = places;
  if (places.length > 1 || place.kind !== "local") return;
  try {
    Deno.statSync(`${place.layout.stateDir}/db/db.sqlite`);
  } catch {
    throw new StoreError(`Cannot open store "${encodeUtf8(place.mode)}": there is none`);
  }
}

/** Returns the store path that an argument is in, and what follows it. A symlink from elsewhere is followed. */
export function storePathArgument(text: string, { storeDir, process }: StoreContext): {
  readonly storePath: StorePath;
  readonly rest: string;
} {
  let path = absolute(text, process.cwd);
  // Results are symlinks, perhaps through another one that roots them.
  for (let left = 40; left > 0 && !path.startsWith(`${storeDir}/`); left--) {
    try {
      path = absolute(encodeUtf8(Deno.readLinkSync(decodeUtf8Lossy(path))), path.slice(0, path.lastIndexOf("/")));
    } catch {
      break;
    }
  }
  if (!path.startsWith(`${storeDir}/`)) throw new UsageError(`'${text}' is not in the store ${storeDir}`);
  const { storePath, rest } = splitStorePath(path.replace(/\/+$/, ""), { storeDir });
  return { storePath, rest };
}

/** Returns the store paths that arguments name as a whole. */
export function wholeStorePaths(context: StoreContext): StorePath[] {
  return context.args.map((text) => {
    const { storePath, rest } = storePathArgument(text, context);
    if (rest !== "") throw new UsageError(`'${text}' is inside a store path`);
    return storePath;
  });
}

function absolute(path: string, folder: string): string {
  return path.startsWith("/") ? path : `${folder === "/" ? "" : folder}/${path}`;
}
