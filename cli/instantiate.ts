/** `devix instantiate`: derivations, and what else a caller needs to build them. */
import {
  BackgroundStore,
  decodeUtf8Lossy,
  EMPTY_ATTRS,
  encodeUtf8,
  findDerivations,
  hint,
  outputNameOf,
  restoreCallDepth,
  type Session,
  type Slot,
  type Store,
  type StorePath,
} from "../mod.ts";
import { drvPathIn, inputsJson, type Member, members, quote, resultJson, storeJson } from "../serve/results.ts";
import { type CommandSpec, report } from "./command.ts";
import { doAlone, type Piece, type Share } from "./jobs/share.ts";
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
      share: () => new Instantiation(setup, root, how),
      run: () => doAlone(new Instantiation(setup, root, how)),
    };
  },
};

interface How {
  json: boolean;
  keepGoing: boolean;
  dryRun: boolean;
  rootDir: string | null;
}

/** What a process knows besides results. Texts of JSON, binary strings. */
interface Rest {
  /** What became of what was written; an error if it couldn't be. */
  readonly store: string;
  readonly inputs: string;
  readonly code: number;
  /** Every derivation, and every path that was written or was there; only where several processes share the work. */
  readonly derivations: readonly string[];
  readonly written: readonly string[];
}

/** A run of the command, or a share of it. Nothing is printed before it is in the store. */
class Instantiation implements Share {
  readonly #setup: Setup;
  readonly #root: Root;
  readonly #how: How;
  readonly #started = performance.now();
  /** The store paths that results stand for. */
  readonly #paths: StorePath[] = [];
  /** What has been said of the store. */
  readonly #said = new Set<string>();
  #session: Session | undefined;
  #select: ((attrPath: string) => Slot) | undefined;

  constructor(setup: Setup, root: Root, how: How) {
    this.#setup = setup;
    this.#root = root;
    this.#how = how;
    if (how.json) setup.wantInputs();
  }

  attrs(): readonly string[] {
    return this.#root.allAttrPaths();
  }

  #open(): Session {
    const { dryRun, rootDir } = this.#how;
    if (dryRun && rootDir !== null) throw new UsageError("'--add-root' can't go with '--dry-run'");
    if (dryRun) return this.#root.openSession();
    // It does more than print.
    if (rootDir !== null) this.#setup.spoilAnswer();
    return this.#root.openSession({ store: openNamedStore(this.#root.store, this.#setup) });
  }

  evaluate(attrPath: string): Piece {
    try {
      const session = this.#session ??= this.#open();
      this.#select ??= this.#root.evaluate(session);
      return { text: this.#result(attrPath, this.#select(attrPath), session), code: 0, stop: false };
    } catch (e) {
      // What failed has left it as deep as it was.
      restoreCallDepth(0);
      const { code, json } = report(e, this.#setup, this.#said);
      const text = this.#how.json ? members([["attr", quote(attrPath)], ["error", errorText(json)]]) : "";
      return { text, code, stop: !this.#how.keepGoing || this.#select === undefined };
    }
  }

  #result(attrPath: string, slot: Slot, session: Session): string {
    const paths = new Set<StorePath>();
    let text = "";
    if (this.#how.json) {
      text = resultJson(attrPath, slot, session, paths);
    } else {
      for (const { attrs } of findDerivations(slot, { args: EMPTY_ATTRS })) {
        const drvPath = drvPathIn(attrs, session);
        const output = outputNameOf(attrs, drvPath);
        paths.add(drvPath);
        text += `${drvPath}${output === "out" ? "" : `!${output}`}\n`;
      }
    }
    this.#paths.push(...paths);
    if (this.#how.rootDir !== null) this.#addRoots(attrPath, [...paths], session.store);
    return text;
  }

  #addRoots(attrPath: string, paths: readonly StorePath[], store: Store): void {
    if (!(store instanceof BackgroundStore)) throw new UsageError("'--add-root' needs a store to write to");
    const { cwd } = this.#setup.process;
    const dir = this.#how.rootDir![0] === "/" ? this.#how.rootDir! : `${cwd}/${this.#how.rootDir!}`;
    const name = attrPath === "" ? "result" : attrPath.replaceAll("/", "-");
    paths.forEach((path, i) => store.addRoot(decodeUtf8Lossy(`${dir}/${name}${i === 0 ? "" : `-${i + 1}`}`), path));
  }

  /** Waits for the store. */
  rest(): Rest {
    const [store, code] = this.#writeStore();
    const inputs = this.#how.json ? inputsJson(this.#setup.inputs, this.#session) : "";
    return { store, code, inputs, derivations: [], written: [], ...this.#shared() };
  }

  close(): void {
    if (this.#session?.store instanceof BackgroundStore) this.#session.store.close();
  }

  #writeStore(): readonly [store: string, code: number] {
    try {
      return [storeJson(this.#session), 0];
    } catch (e) {
      const { code, json } = report(e, this.#setup, this.#said);
      return [members([["error", errorText(json)]]), code];
    }
  }

  /** What only counts when it is known which of it others have too. */
  #shared(): Partial<Rest> {
    if (this.#setup.process.orders === undefined || !this.#how.json) return {};
    const known = [...this.#session?.knownPaths.entries() ?? []];
    return {
      derivations: known.filter(({ kind }) => kind === "derivation").map(({ path }) => path),
      written: known.filter(({ kind }) => kind !== "fetch").map(({ path }) => path),
    };
  }

  print(pieces: readonly Piece[], rests: readonly Rest[]): number {
    const evaluated = Math.max(0, ...pieces.map(({ code }) => code));
    const code = Math.max(evaluated, ...rests.map(({ code }) => code));
    if (code === 0) this.#noteStore();
    if (this.#how.json) this.#printDocument(pieces, rests);
    // What couldn't be written isn't there.
    else if (rests.every(({ code }) => code === 0)) {
      for (const { text } of pieces) if (text !== "") this.#setup.process.out(text);
    }
    return code;
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

  #printDocument(pieces: readonly Piece[], rests: readonly Rest[]): void {
    const { store, inputs, derivations } = rests.length > 1 ? mergeRests(rests) : {
      ...rests[0],
      derivations: this.#session === undefined ? 0 : countDerivations(this.#session),
    };
    const document = (stats: readonly Member[], storeNow: string) =>
      members([
        ["version", "1"],
        ["results", `[${pieces.map(({ text }) => text).join(",")}]`],
        ["store", storeNow],
        ["inputs", inputs],
        ["stats", members([...stats, ["derivations", String(derivations)]])],
      ]) + "\n";
    const milliseconds = String(Math.round(performance.now() - this.#started));
    this.#setup.printDocument(
      document([["milliseconds", milliseconds], ["cached", "false"]], store),
      document([["milliseconds", MILLISECONDS], ["cached", "true"]], nothingAdded(store)),
    );
  }
}

/** Returns an error as it stands in documents. */
function errorText(json: unknown): string {
  return encodeUtf8(JSON.stringify(json));
}

/** Returns what several processes know as if it had been one. */
function mergeRests(rests: readonly Rest[]): { store: string; inputs: string; derivations: number } {
  const stores = rests.map(({ store }) => JSON.parse(store));
  const failed = stores.findIndex(({ error }) => error !== undefined);
  const lists: readonly { readonly path: string }[][] = stores.map((store) => store.added ?? []);
  const added = unite(lists, ({ path }) => path);
  const paths = new Set(rests.flatMap(({ written }) => written));
  const { mode } = stores[0];
  const alreadyValid = mode === "none" ? 0 : paths.size - added.length;
  const inputs = rests.map(({ inputs }) => JSON.parse(inputs));
  const merged = Object.keys(inputs[0]).map((kind) => [kind, unite(inputs.map((each) => each[kind]), JSON.stringify)]);
  return {
    store: failed < 0 ? JSON.stringify({ mode, added, alreadyValid }) : rests[failed].store,
    inputs: JSON.stringify(Object.fromEntries(merged)),
    derivations: new Set(rests.flatMap(({ derivations }) => derivations)).size,
  };
}

/** Returns all elements of lists, those with the same key once. */
function unite<T>(lists: readonly (readonly T[])[], keyOf: (element: T) => string): T[] {
  const found = new Map<string, T>();
  for (const element of lists.flat()) if (!found.has(keyOf(element))) found.set(keyOf(element), element);
  return [...found.values()];
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
