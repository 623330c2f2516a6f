/**
 * What every evaluating command begins with: settings from files and environment, the log, the flags all of them take.
 */
import {
  BarLogger,
  canonPath,
  ComputeOnlyStore,
  decodeUtf8Lossy,
  DEFAULT_STORE_DIR,
  type EnvInput,
  evalError,
  EvalInputs,
  type EvalLog,
  type Fetcher,
  type FileInput,
  type FolderTreeCache,
  hint,
  inputLogLine,
  ioPath,
  JsonLogger,
  type LogFormat,
  type Logger,
  NixError,
  NO_POS,
  PosTable,
  RawLogger,
  realStoreDirOf,
  renderWarning,
  Session,
  type SessionOptions,
  showPos,
  treeCache,
} from "../mod.ts";
import { cacheDirectory, devixItself } from "./answers.ts";
import { AutoArgs } from "./auto_args.ts";
import { binaryHomeHost, type Home, homeOf } from "./environment.ts";
import type { Flag } from "./flags.ts";
import { loadNixConf, nixConfDir } from "./nix_conf.ts";
import type { Process } from "./process.ts";
import type { Recorder } from "./recorder.ts";
import type { World } from "./warm/world.ts";
import { fetchFlags, type Fetching, logReport, makeFetcher } from "./fetching.ts";
import { SETTINGS } from "./setting_table.ts";
import { absolutePath } from "./setting_kinds.ts";
import { Settings } from "./settings.ts";
import { placesToRead, StoreReader } from "./store.ts";

const WARNING = "\x1b[35;1mwarning:\x1b[0m ";
const VOMIT = 7;
const DEBUG = 6;
/** The verbosity unless told otherwise. */
export const INFO = 3;

/** The verbosity at which inputs are logged. */
export const TALKATIVE = 4;

/** The state of a command before and while it evaluates. */
export class Setup {
  readonly process: Process;
  readonly settings: Settings;
  /** Which store is read where none is written to, in the words of `--store`. */
  storeToRead = "auto";
  /** What flags say functions are called with. */
  readonly autoArgs: AutoArgs;
  readonly #includes: string[] = [];
  readonly #home: Home;
  #logger: Logger;
  #session: Session | null = null;
  readonly #recorder: Recorder | undefined;
  #inputs: EvalInputs | null = null;
  #wantsInputs = false;
  #cacheDir: string | undefined;
  #fetcher: Fetcher | undefined;
  #treeCache: FolderTreeCache | undefined;
  #reader: StoreReader | undefined;
  /** Whether what is logged is of no use to whom the answer is given again. */
  #aside = false;
  #evaluatorKey = "";
  #world: World | undefined;

  /** `process` is the recorder's own, if there is one. */
  constructor(process: Process, recorder?: Recorder) {
    const home = this.#home = homeOf(binaryHomeHost(process.env));
    this.process = {
      ...process,
      env: (name) => name === "HOME" ? home.path : process.env(name),
      out: (text) => {
        this.#logger.clear?.();
        process.out(text);
      },
    };
    this.#recorder = recorder;
    this.autoArgs = new AutoArgs(this.process, { inputs: () => this.#inputs });
    this.#logger = this.#makeLogger("raw", INFO);
    const { env } = this.process;
    this.settings = new Settings({
      env,
      warn: (text) => this.warn(text),
      system: hostSystem(),
      confDir: nixConfDir(env),
    });
  }

  /** Reads the configuration. @throws {UsageError} if something is wrong with it */
  loadConfiguration(): void {
    const { process } = this;
    const read = (path: string) => {
      try {
        return process.readFile(path);
      } catch {
        return undefined;
      }
    };
    if (this.#home.warning !== undefined) this.warn(this.#home.warning);
    loadNixConf(this.settings, process.env, { read, exists: process.exists });
  }

  get logger(): Logger {
    return this.#logger;
  }

  /** Warns about something that has nothing to do with the Nix program. */
  warn(text: string): void {
    this.#logger.message(1, WARNING + text);
  }

  /** Positions in what was parsed so far. */
  get positions(): PosTable {
    return this.#session?.positions ?? new PosTable();
  }

  /** Opens the session, once all flags are read. */
  openSession(options: Partial<SessionOptions> = {}): Session {
    const { settings, process } = this;
    const { env = new Map(), inheritEnv = true } = options;
    const world = this.#openWorld(options);
    if (world !== undefined) {
      this.#inputs = world.inputs;
      this.#recorder?.watch(world);
      return this.#session = world.session;
    }
    const files = this.#recorder?.files({ env, inheritEnv });
    // Noting inputs means hashing what is read: not done for nobody.
    const logged = this.#logger.verbosity >= TALKATIVE || this.#logger instanceof JsonLogger;
    if (this.#wantsInputs || files !== undefined || logged) {
      this.#inputs = this.#makeInputs(files && ((bytes) => files.hash(bytes)));
    }
    const { fetcher } = this;
    const evaluation = settings.forEvaluation();
    const searchPath = this.#searchPath();
    const store = options.store ?? this.#readOnlyStore();
    this.#evaluatorKey = JSON.stringify([
      { ...evaluation, showTrace: null, features: [...evaluation.features] },
      searchPath,
      store.storeDir,
      // Where `~` is, in texts that were parsed.
      process.env("HOME") ?? null,
      [...env],
      inheritEnv,
    ]);
    this.#session = new Session({
      fetcher,
      settings: evaluation,
      log: this.#evalLog(),
      currentDir: process.cwd,
      homeDir: () => knownHome(process.env("HOME")),
      searchPath,
      files,
      inputs: this.#inputs ?? undefined,
      trees: this.#trees(),
      builtinCalls: process.builtinCalls,
      evaluator: process.evaluators?.take(this.#evaluatorKey),
      keepsCode: process.evaluators !== undefined,
      ...options,
      store,
    });
    return this.#session;
  }

  /** Returns a store that nothing is written to. `onAsk` is called when it asks the one that is read. */
  #readOnlyStore(onAsk?: () => void): ComputeOnlyStore {
    this.#reader = new StoreReader(this, onAsk);
    return new ComputeOnlyStore({ storeDir: this.storeDir, reads: this.#reader });
  }

  /** Returns a session that others used before, with its values; undefined if this command had better have its own. */
  #openWorld(options: Partial<SessionOptions>): World | undefined {
    const { process: { worlds, cwd, env }, settings } = this;
    const evaluation = settings.forEvaluation();
    // What is logged of inputs is logged as they come up, and writing to a store is done while values are made.
    const says = this.#logger.verbosity >= TALKATIVE || this.#logger instanceof JsonLogger || this.#wantsInputs;
    const restricted = evaluation.restrictEval || evaluation.pureEval && !options.pureReadsFiles;
    if (worlds === undefined || says || restricted || options.store !== undefined) return undefined;
    if (this.storeDir !== DEFAULT_STORE_DIR) return undefined;
    const { env: variables = new Map(), inheritEnv = true, pureReadsFiles = false } = options;
    const searchPath = this.#searchPath();
    const key = JSON.stringify([
      { ...evaluation, features: [...evaluation.features] },
      searchPath,
      cwd,
      env("HOME") ?? null,
      // Where paths are read that are in the store.
      placesToRead(this).map((place) => [place.mode, realStoreDirOf(place, this.storeDir) ?? null]),
      [...variables],
      inheritEnv,
      pureReadsFiles,
    ]);
    return this.#world = worlds.open(key, {
      log: this.#evalLog(),
      files: { env: variables, inheritEnv },
      fetcher: (onUse) => this.#openFetcher(onUse),
      session: (parts, onStore) =>
        new Session({
          ...parts,
          store: this.#readOnlyStore(onStore),
          settings: evaluation,
          currentDir: cwd,
          homeDir: () => knownHome(env("HOME")),
          searchPath,
          trees: this.#trees(),
          pureReadsFiles,
        }),
    });
  }

  /** Where store paths are. @throws {NixError} if the environment has no absolute path for it */
  get storeDir(): string {
    return this.givenStoreDir ?? DEFAULT_STORE_DIR;
  }

  /** What the environment has for {@link storeDir}, if anything. */
  get givenStoreDir(): string | undefined {
    const { env } = this.process;
    const given = env("NIX_STORE_DIR") || env("NIX_STORE");
    return given ? decodeUtf8Lossy(absolutePath(given)) : undefined;
  }

  /** To be called with what a command fails with. */
  noteFailure(thrown: unknown): void {
    this.#world?.noteFailure(thrown);
  }

  /** Where trees are kept, unless nothing of this kind is to be kept. */
  #trees(): FolderTreeCache | undefined {
    if (!this.settings.get("tree-cache")) return undefined;
    const { args, env } = this.process;
    const directory = cacheDirectory(args.map(decodeUtf8Lossy), (name) => {
      const value = decodeUtf8Lossy(env(name) ?? "");
      // Not UTF-8, as Deno wants it.
      return value.includes("\ufffd") ? undefined : value;
    });
    if (directory === undefined) return undefined;
    return this.#treeCache ??= treeCache(`${directory}/trees`, devixItself());
  }

  /** Returns something to fetch with, until the setup is closed. */
  get fetcher(): Fetcher {
    return this.#fetcher ??= this.#openFetcher();
  }

  #openFetcher(onUse?: () => void): Fetcher {
    const aside = <T>(log: (logger: Logger) => T) => {
      this.#aside = true;
      try {
        return log(this.#logger);
      } finally {
        this.#aside = false;
      }
    };
    return makeFetcher(this.fetching, logReport({ warn: (text) => this.warn(text), aside }), onUse);
  }

  /** How things are fetched. */
  get fetching(): Fetching {
    return { process: this.process, settings: this.settings, cacheDir: this.#cacheDir };
  }

  /** Ends what is still being fetched, and reading a store. */
  close(): void {
    this.#fetcher?.close();
    this.#fetcher = undefined;
    this.#reader?.close();
    this.#treeCache?.close();
  }

  /** Leaves the evaluator to the next command, where there is one: to be called when this one has printed everything. */
  keepEvaluator(): void {
    const { evaluators } = this.process;
    if (this.#world !== undefined || this.#session === null || this.#inputs === null || this.#inputs.usesClock) return;
    evaluators?.put(this.#evaluatorKey, this.#session.evaluator);
  }

  /** Sees to it that sessions note their inputs. */
  wantInputs(): void {
    this.#wantsInputs = true;
  }

  /** What evaluation depends on, if that is noted. */
  get inputs(): EvalInputs | null {
    return this.#inputs;
  }

  /** Prints a document. `again` is what to print when the same is asked again and nothing has changed. */
  printDocument(text: string, again: string): void {
    this.process.out(text);
    this.#recorder?.replay(again);
  }

  /** Sees to it that the next run does all this again: it does more than print. */
  spoilAnswer(): void {
    this.#recorder?.spoil();
  }

  /** Notes for the next run that there has to be something at a path; false if there is nothing. */
  noteExistence(path: string): boolean {
    return this.#recorder === undefined || this.#recorder.noteExistence(path);
  }

  /** Keeps what this run printed for the next time, unless there is a reason not to. */
  keepAnswer(): void {
    const passing = this.#inputs?.usesClock || (this.#world?.session.fetcher ?? this.#fetcher)?.isPassing;
    // Where the values stay, so does the answer, and keeping both takes longer than the job.
    if (!this.settings.get("eval-cache") || passing || this.#world?.isUsed) this.#recorder?.spoil();
    this.#recorder?.finish((text) => this.warn(text));
  }

  /** Logs an input as devenv reads it. */
  logInput(input: FileInput | EnvInput): void {
    const line = inputLogLine(input);
    if (line !== undefined) this.#logger.message(TALKATIVE, line);
    if (!("op" in input) || input.op !== "copy") return;
    // devenv 2 learns of copies from an activity, whatever the verbosity; devenv 1 from the message.
    const fields = [input.path, input.target ?? ""];
    this.#logger.stop(this.#logger.start({ type: "copySource", level: TALKATIVE, text: "", fields }));
  }

  /** Returns what notes the inputs of a session and logs them as devenv reads them. */
  #makeInputs(hash?: (bytes: Uint8Array) => string): EvalInputs {
    const log = (input: FileInput | EnvInput) => this.logInput(input);
    return new EvalInputs({ onFile: log, onEnv: log, hash });
  }

  /**
   * Returns the file an argument of the command line names: a path, `<name>` in the search path, or a URL.
   * @throws {NixError} if it can't be found or fetched
   */
  fileArgument(text: string, session: Session): string {
    const fetched = session.fetchedSource(text);
    if (fetched !== undefined) return fetched;
    if (text.length > 2 && text[0] === "<" && text.endsWith(">")) return ioPath(session.findFile(text.slice(1, -1)));
    return canonPath(text[0] === "/" ? text : `${this.process.cwd}/${text}`);
  }

  /** Flags for the log and for settings. */
  commonFlags(): Flag[] {
    const group = "Log and settings";
    const setVerbosity = (level: number) => this.#logger.verbosity = Math.max(0, Math.min(VOMIT, level));
    return [
      {
        name: "verbose",
        short: "v",
        help: "Say more; may be repeated.",
        group,
        run: () => setVerbosity(this.#logger.verbosity + 1),
      },
      { name: "quiet", help: "Say less.", group, run: () => setVerbosity(this.#logger.verbosity - 1) },
      { name: "debug", help: "Say as much as -vvv.", group: "", run: () => setVerbosity(DEBUG) },
      {
        name: "log-format",
        values: ["FORMAT"],
        choices: ["raw", "internal-json", "bar", "bar-with-logs"],
        help: "How to log: raw, internal-json (for programs), bar or bar-with-logs.",
        group,
        run: (format) => this.#setLogFormat(format),
      },
      {
        name: "option",
        values: ["NAME", "VALUE"],
        choices: Object.keys(SETTINGS),
        help: "Change a setting, as in nix.conf.",
        group,
        run: (name, value) => this.settings.setOption(name, value),
      },
      {
        name: "show-trace",
        help: "Show the whole trace of an error.",
        group,
        run: () => this.settings.set("show-trace", "true"),
      },
      {
        name: "max-jobs",
        short: "j",
        values: ["N"],
        help: "",
        group: "",
        run: (n) => this.settings.set("max-jobs", n),
      },
    ];
  }

  /** Flags for what is evaluated and what it sees. */
  evalFlags(): Flag[] {
    const group = "Evaluation";
    return [
      ...this.autoArgs.flags(group),
      {
        name: "include",
        short: "I",
        values: ["[PREFIX=]PATH"],
        help: "Look for <…> here first; may be repeated.",
        group,
        run: (entry) => void this.#includes.push(entry),
      },
      // What these say has been heeded before anything else (warm/client.ts).
      {
        name: "warm",
        help: "Let an evaluator do it that stays in the background (see docs/warm.md).",
        group,
        run: () => {},
      },
      { name: "no-warm", help: "Evaluate in this process, whatever DEVIX_WARM says.", group, run: () => {} },
    ];
  }

  /** Flags that say how to fetch. */
  fetchFlags(): Flag[] {
    return fetchFlags(this.settings, (dir) => void (this.#cacheDir = dir));
  }

  #searchPath(): string[] {
    const { settings } = this;
    const entries = [...this.#includes, ...settings.get("nix-path")];
    if (!settings.get("restrict-eval")) entries.push(...this.#channels());
    return entries;
  }

  /** Where channels are, of those places that exist. */
  #channels(): string[] {
    const { env, exists } = this.process;
    const home = env("HOME") ?? "";
    const definitions = this.settings.get("use-xdg-base-directories")
      ? `${env("NIX_STATE_HOME") ?? `${env("XDG_STATE_HOME") ?? `${home}/.local/state`}/nix`}/defexpr`
      : `${home}/.nix-defexpr`;
    const root = `${canonPath(env("NIX_STATE_DIR") || "/nix/var/nix")}/profiles/per-user/root/channels`;
    const places = [["", `${definitions}/channels`], ["nixpkgs=", `${root}/nixpkgs`], ["", root]];
    return places.filter(([, path]) => exists(path)).map(([prefix, path]) => prefix + path);
  }

  #setLogFormat(format: string): void {
    if (!["raw", "raw-with-logs", "internal-json", "bar", "bar-with-logs"].includes(format)) {
      throw new NixError("eval", hint`option 'log-format' has an invalid value '${format}'`);
    }
    const known = format === "internal-json" ? format : format.startsWith("bar") ? "bar" : "raw";
    this.#logger = this.#makeLogger(known, this.#logger.verbosity);
  }

  /** Shows what goes on below the log, where that can be shown and nothing else was asked for. */
  preferBars(): void {
    this.#logger = this.#makeLogger("bar", this.#logger.verbosity);
  }

  #makeLogger(format: LogFormat | "bar", verbosity: number): Logger {
    const { process } = this;
    const sink = (line: string) => this.#aside ? process.passing(line) : process.err(line);
    if (format === "internal-json") return new JsonLogger(sink, { verbosity });
    const priorities = process.env("IN_SYSTEMD") === "1";
    const options = { verbosity, colours: process.colours, priorities };
    if (format === "raw" || !process.terminal) return new RawLogger(sink, options);
    return new BarLogger(sink, { ...options, bars: process.passing, columns: process.columns });
  }

  #evalLog(): EvalLog {
    return {
      trace: (text) => this.#logger.message(0, `trace: ${text}`),
      message: (level, text) => this.#logger.message(level, text),
      warn: (text, { fromExpr, pos } = {}) => {
        if (!fromExpr && !pos) return this.warn(text);
        const { positions } = this;
        const rendered = renderWarning(text, { positions, pos, fromExpr });
        // One of the program has a place in any case, if only none.
        const { line = 0, column = 0 } = positions.resolve(pos ?? NO_POS) ?? {};
        const position = { file: showPos(positions, pos ?? NO_POS), line, column };
        this.#logger.record({ level: 1, rendered, message: text, position, trace: null });
      },
    };
  }
}

/** Returns what `~` is. C++ Nix doesn't even begin without. @throws {NixError} if nobody knows */
export function knownHome(home: string | undefined): string {
  if (home === undefined) throw evalError("cannot determine user's home directory");
  return home;
}

/** The system this machine is, in Nix's words. */
function hostSystem(): string {
  return `${Deno.build.arch}-${Deno.build.os}`;
}
