/** `devix instantiate`: derivations, and what else a caller needs to build them. */
import {
  BackgroundStore,
  decodeUtf8Lossy,
  EMPTY_ATTRS,
  encodeUtf8,
  findDerivations,
  hint,
  outputNameOf,
  type Session,
  type Slot,
  type Store,
  type StorePath,
} from "../mod.ts";
import {
  drvPathIn,
  inputsJson,
  type Member,
  members,
  quote,
  resultJson,
  resultPaths,
  storeJson,
} from "../serve/results.ts";
import { type CommandSpec, report } from "./command.ts";
import { MILLISECONDS } from "./recorder.ts";
import { Root } from "./root.ts";
import { INFO, type Setup, TALKATIVE } from "./setup.ts";
import { openNamedStore } from "./store.ts";
import { UsageError } from "./usage_error.ts";

/** The command. */
export const INSTANTIATE: CommandSpec = {
  name: "instantiate",
  usage: "[FLAGS] [FILE | -E EXPR] [-A ATTRPATH]...",
  details: `Prints the derivations' paths, or with --json all there is to know of them.

  devix instantiate ./packages.nix -A hello --add-root ./roots
  devix instantiate --dry-run --json ./packages.nix -A hello -A world`,
  arguments: "file",
  prepare: (setup) => {
    const root = new Root(setup);
    const how: How = { json: false, keepGoing: false, dryRun: false, rootDir: null };
    const group = "Output";
    const flags = [
      { name: "json", help: "Print a JSON document.", group, run: () => void (how.json = true) },
      {
        name: "keep-going",
        short: "k",
        help: "Go on with other attributes after an error.",
        group,
        run: () => void (how.keepGoing = true),
      },
      {
        name: "dry-run",
        help: "Compute paths, write nothing to the store.",
        group,
        run: () => void (how.dryRun = true),
      },
      {
        name: "add-root",
        values: ["DIR"],
        help:
          "Keep the results: make symlinks to them in DIR, named after the\nattributes, that garbage collection respects.",
        group,
        run: (dir: string) => void (how.rootDir = dir),
      },
    ];
    return {
      flags: [...root.flags(), ...setup.evalFlags(), ...flags],
      argument: (text) => root.argument(text),
      run: () => new Instantiation(setup, root, how).run(),
    };
  },
};

interface How {
  json: boolean;
  keepGoing: boolean;
  dryRun: boolean;
  rootDir: string | null;
}

/** A run of the command. Nothing is printed before it is in the store. */
class Instantiation {
  readonly #setup: Setup;
  readonly #root: Root;
  readonly #how: How;
  readonly #started = performance.now();
  readonly #results: string[] = [];
  /** The store paths that results stand for. */
  readonly #paths: StorePath[] = [];
  #session: Session | undefined;
  #code = 0;

  constructor(setup: Setup, root: Root, how: How) {
    this.#setup = setup;
    this.#root = root;
    this.#how = how;
  }

  run(): number {
    if (this.#how.json) this.#setup.wantInputs();
    this.#evaluate();
    try {
      this.#finish();
    } finally {
      if (this.#session?.store instanceof BackgroundStore) this.#session.store.close();
    }
    return this.#code;
  }

  #open(): Session {
    const { dryRun, rootDir } = this.#how;
    if (dryRun && rootDir !== null) throw new UsageError("'--add-root' can't go with '--dry-run'");
    if (dryRun) return this.#root.openSession();
    // It does more than print.
    if (rootDir !== null) this.#setup.spoilAnswer();
    return this.#root.openSession({ store: openNamedStore(this.#root.store, this.#setup) });
  }

  #evaluate(): void {
    let select: ((attrPath: string) => Slot) | undefined;
    const { attrPaths } = this.#root;
    for (const attrPath of attrPaths.length === 0 ? [""] : attrPaths) {
      try {
        const session = this.#session ??= this.#open();
        select ??= this.#root.evaluate(session);
        this.#addResult(attrPath, select(attrPath), session);
      } catch (e) {
        const json = this.#fail(e);
        if (this.#how.json) this.#results.push(members([["attr", quote(attrPath)], ["error", json]]));
        if (!this.#how.keepGoing || select === undefined) return;
      }
    }
  }

  /** Reports an error and returns it as JSON. */
  #fail(e: unknown): string {
    const { code, json } = report(e, this.#setup);
    this.#code = Math.max(this.#code, code);
    return encodeUtf8(JSON.stringify(json));
  }

  #addResult(attrPath: string, slot: Slot, session: Session): void {
    if (this.#how.json) {
      this.#results.push(resultJson(attrPath, slot, session));
    } else {
      for (const { attrs } of findDerivations(slot, { args: EMPTY_ATTRS })) {
        const drvPath = drvPathIn(attrs, session);
        const output = outputNameOf(attrs, drvPath);
        this.#results.push(`${drvPath}${output === "out" ? "" : `!${output}`}\n`);
      }
    }
    const paths = resultPaths(slot, session);
    this.#paths.push(...paths);
    if (this.#how.rootDir !== null) this.#addRoots(attrPath, paths, session.store);
  }

  #addRoots(attrPath: string, paths: readonly StorePath[], store: Store): void {
    if (!(store instanceof BackgroundStore)) throw new UsageError("'--add-root' needs a store to write to");
    const { cwd } = this.#setup.process;
    const dir = this.#how.rootDir![0] === "/" ? this.#how.rootDir! : `${cwd}/${this.#how.rootDir!}`;
    const name = attrPath === "" ? "result" : attrPath.replaceAll("/", "-");
    paths.forEach((path, i) => store.addRoot(decodeUtf8Lossy(`${dir}/${name}${i === 0 ? "" : `-${i + 1}`}`), path));
  }

  /** Waits for the store and prints. */
  #finish(): void {
    let store: string;
    try {
      store = storeJson(this.#session);
    } catch (e) {
      store = members([["error", this.#fail(e)]]);
      if (!this.#how.json) return;
    }
    if (this.#code === 0) this.#noteStore();
    if (this.#how.json) this.#printDocument(store);
    else for (const line of this.#results) this.#setup.process.out(line);
  }

  /** The answer holds as long as what it names is in the store, which must be seen in files, or else it isn't kept. */
  #noteStore(): void {
    const store = this.#session?.store;
    if (!(store instanceof BackgroundStore)) return;
    const { mode } = store;
    this.#sayStore(mode);
    const root = mode.startsWith("local:") ? encodeUtf8(mode.slice("local:".length)) : "";
    if (!this.#paths.every((path) => this.#setup.noteExistence(root + path))) this.#setup.spoilAnswer();
  }

  /** Says where things are, and aloud if that is not where their paths say. */
  #sayStore(mode: string): void {
    const unexpected = this.#root.store === "auto" && mode.startsWith("local:");
    const why = unexpected ? ": there is no Nix here" : "";
    this.#setup.logger.message(unexpected ? INFO : TALKATIVE, `the store is ${hint`'${encodeUtf8(mode)}'`}${why}`);
  }

  #printDocument(store: string): void {
    const derivations = String(this.#session === undefined ? 0 : countDerivations(this.#session));
    const document = (stats: readonly Member[], storeNow: string) =>
      members([
        ["version", "1"],
        ["results", `[${this.#results.join(",")}]`],
        ["store", storeNow],
        ["inputs", inputsJson(this.#setup.inputs, this.#session)],
        ["stats", members([...stats, ["derivations", derivations]])],
      ]) + "\n";
    const milliseconds = String(Math.round(performance.now() - this.#started));
    this.#setup.printDocument(
      document([["milliseconds", milliseconds], ["cached", "false"]], store),
      document([["milliseconds", MILLISECONDS], ["cached", "true"]], nothingAdded(store)),
    );
  }
}

/** What there is to say of a store once everything is there. */
function nothingAdded(store: string): string {
  const { mode, added = [], alreadyValid = 0 } = JSON.parse(store);
  return JSON.stringify({ mode, added: [], alreadyValid: alreadyValid + added.length });
}

function countDerivations(session: Session): number {
  let count = 0;
  for (const known of session.knownPaths.entries()) if (known.kind === "derivation") count++;
  return count;
}
