/**
 * `devix nix-instantiate`: takes what C++ Nix 2.34's nix-instantiate takes and prints what it prints, to the byte, errors
 * and their exit code included.
 */
import {
  Attrs,
  attrsSize,
  autoCall,
  BackgroundStore,
  canonPath,
  coerceToString,
  ContextBuilder,
  decodeUtf8Lossy,
  drvPathOf,
  encodeUtf8,
  evalError,
  type Expr,
  findDerivations,
  force,
  forceDeep,
  hint,
  isStorePath,
  NO_POS,
  noteLaziness,
  outputNameOf,
  printAmbiguous,
  selectAttrPath,
  type Session,
  type SessionOptions,
  show,
  type Store,
  type StorePath,
  throwBadString,
  toJson,
  type Value,
  valuePos,
  WEAK,
  writeXml,
} from "../mod.ts";
import { commandHelp, type OwnCommand } from "./command.ts";
import { asNixError, errorRecord, nixExitCode } from "./failure.ts";
import { type Flag, parseArgs } from "./flags.ts";
import { nixConfDir, nixUserConfFiles } from "./nix_conf.ts";
import { parseCount, storeName } from "./setting_kinds.ts";
import type { Process } from "./process.ts";
import { Recorder } from "./recorder.ts";
import { keeper } from "./root.ts";
import { Setup } from "./setup.ts";
import { finishStore, openNixStore, requireKnownScheme, storeClosure } from "./store.ts";
import { UsageError } from "./usage_error.ts";
import { NIX_VERSION } from "./version.ts";

const PROGRAM = "nix-instantiate";
/** Answers that took less aren't kept. */
const KEEP_AFTER_MS = 100;

/** What the command line asks for. */
interface Request {
  mode: "instantiate" | "eval" | "parse" | "find-file" | "help" | "version";
  output: "plain" | "raw" | "xml" | "json";
  strict: boolean;
  location: boolean;
  fromArgs: boolean;
  stdin: boolean;
  /** Whether nothing is to be said (any more) of results that aren't kept. */
  rooted: boolean;
  /** Where symlinks that keep results are made; null for none. */
  root: string | null;
  dryRun: boolean;
  /** Whether evaluation writes to the store too. */
  readWrite: boolean;
  /** The store that C++ Nix would evaluate with, if it is another one. */
  evalStore: string | null;
  readonly files: string[];
  readonly attrPaths: string[];
}

/** The command. */
export const NIX_INSTANTIATE: OwnCommand = {
  name: PROGRAM,
  usage: "[FLAGS] [FILE]...\n[FLAGS] -E EXPR...",
  details: "Prints the derivations that Nix files (./default.nix) come to, or their values with\n--eval.",
  flags: (process) => allFlags(new Setup(process), newRequest()).flags,
  run: nixInstantiate,
};

/** Runs the command and returns its exit code. `options` are for tests. */
export function nixInstantiate(process: Process, options: Pick<SessionOptions, "optimisations"> = {}): number {
  const recorder = process.recorder ?? (process.answers && new Recorder(process, process.answers));
  const setup = new Setup(recorder?.process ?? process, recorder);
  const started = performance.now();
  try {
    setup.loadConfiguration();
    const request = readArguments(setup);
    if (request.mode !== "help" && request.mode !== "version") {
      setup.settings.warnUnknown();
      run(request, setup, options);
    }
    // Quicker than keeping it.
    if (performance.now() - started >= KEEP_AFTER_MS) setup.keepAnswer();
    return 0;
  } catch (e) {
    const error = asNixError(e);
    setup.noteFailure(e);
    setup.logger.record(errorRecord(error, setup.positions, setup.settings.get("show-trace")));
    if (e instanceof UsageError || error.kind === "usage") {
      setup.logger.message(0, `Try '${PROGRAM} --help' for more information.`);
    }
    return nixExitCode(error);
  } finally {
    setup.close();
    setup.keepEvaluator();
  }
}

function newRequest(): Request {
  return {
    mode: "instantiate",
    output: "plain",
    strict: false,
    location: true,
    fromArgs: false,
    stdin: false,
    rooted: false,
    root: null,
    dryRun: false,
    readWrite: false,
    evalStore: null,
    files: [],
    attrPaths: [],
  };
}

interface AllFlags {
  readonly own: readonly Flag[];
  /** These too. */
  readonly flags: readonly Flag[];
}

function allFlags(setup: Setup, request: Request): AllFlags {
  const own = ownFlags(request);
  return { own, flags: [...own, ...setup.commonFlags(), ...setup.evalFlags(), ...acceptedFlags(setup, request)] };
}

function readArguments(setup: Setup): Request {
  const request = newRequest();
  const { own, flags } = allFlags(setup, request);
  parseArgs(setup.process.args, {
    // C++ Nix words a missing value of its own flags differently: they are read by `other`.
    flags: flags.filter((flag) => !own.includes(flag)),
    settings: setup.settings,
    argument: (text) => {
      if (other(own, request, text)) return;
      // After `--`. Even there C++ Nix sees flags.
      if (text[0] === "-") throw new UsageError(hint`unexpected argument '${text}'`);
      request.files.push(text);
    },
    other: (text, next) => other(own, request, text, next),
  });
  if (request.mode === "help") setup.process.out(encodeUtf8(commandHelp(NIX_INSTANTIATE, flags)));
  if (request.mode === "version") printVersion(setup);
  return request;
}

function other(own: readonly Flag[], request: Request, text: string, next?: () => string): boolean | "end" {
  if (text === "-") {
    request.stdin = true;
    return true;
  }
  const flag = own.find(({ name, short }) => text === `--${name}` || text === `-${short}`);
  if (flag === undefined) return false;
  const values = flag.values?.map(() => {
    if (next === undefined) throw new UsageError(hint`'${text}' requires an argument`);
    return next();
  });
  flag.run(...(values ?? []));
  return flag.name === "version" || flag.name === "help" ? "end" : true;
}

function ownFlags(request: Request): Flag[] {
  const group = "What to do";
  const flag = (name: string, help: string, run: Flag["run"], more: Partial<Flag> = {}): Flag => {
    return { name, help, group, run, ...more };
  };
  const evaluate = () => {
    if (request.mode === "instantiate") request.mode = "eval";
  };
  const parse = () => void (request.mode = "parse");
  const result = { group: "Output" };
  return [
    flag("eval", "Evaluate and print the value.", evaluate),
    flag("eval-only", "", evaluate, { group: "" }),
    flag("parse", "Parse and print the syntax tree.", parse),
    flag("parse-only", "", parse, { group: "" }),
    flag("find-file", "Print where <…> arguments are found.", () => void (request.mode = "find-file")),
    flag("expr", "Take the arguments for Nix expressions, not files.", () => void (request.fromArgs = true), {
      short: "E",
    }),
    flag("attr", "Select an attribute, a.b.0; may be repeated.", (path) => void request.attrPaths.push(path), {
      short: "A",
      values: ["ATTRPATH"],
    }),
    flag("strict", "Evaluate the value with everything inside it.", () => void (request.strict = true), result),
    flag("json", "Print JSON.", () => void (request.output = "json"), result),
    flag("xml", "Print XML.", () => void (request.output = "xml"), result),
    flag("raw", "Print a string as it is.", () => void (request.output = "raw"), result),
    flag("no-location", "Leave source positions out of XML.", () => void (request.location = false), result),
    flag("add-root", "Keep results: make PATH (then PATH-2, …) a symlink to them.", (path) => {
      request.root = path === "" ? null : path;
    }, { values: ["PATH"], ...result }),
    flag("indirect", "", () => {}, { group: "" }),
    flag("dry-run", "Compute paths, write nothing.", () => void (request.dryRun = true)),
    flag("read-write-mode", "Write to the store with --eval too.", () => void (request.readWrite = true)),
    flag("version", "Print the version of Nix that devix is compatible with.", () => void (request.mode = "version")),
    flag("help", "Print this text.", () => void (request.mode = "help")),
  ];
}

/** Flags of builds: they mean nothing here but are no mistake. */
function acceptedFlags(setup: Setup, request: Request): Flag[] {
  const { settings } = setup;
  const flag = (name: string, short: string | undefined, values: readonly string[], run: Flag["run"]): Flag => {
    return { name, short, values, help: "", group: "", run };
  };
  const count = (name: "cores" | "max-silent-time" | "timeout") =>
    flag(name, undefined, ["n"], (text) => {
      const n = parseCount(text, 2n ** 64n - 1n);
      if (n === undefined) throw badCount(text);
      settings.set(name, String(n));
    });
  return [
    flag("no-build-output", "Q", [], () => {}),
    flag("keep-failed", "K", [], () => settings.set("keep-failed", "true")),
    flag("keep-going", "k", [], () => settings.set("keep-going", "true")),
    flag("fallback", undefined, [], () => settings.set("fallback", "true")),
    count("cores"),
    count("max-silent-time"),
    count("timeout"),
    flag("readonly-mode", undefined, [], () => void (request.dryRun = true)),
    flag("no-gc-warning", undefined, [], () => void (request.rooted = true)),
    flag("store", undefined, ["store-uri"], (uri) => settings.set("store", uri)),
    flag("eval-store", undefined, ["store-url"], (uri) => void (request.evalStore = storeName(uri))),
    flag("impure", undefined, [], () => settings.set("pure-eval", "false")),
    flag("override-flake", undefined, ["original-ref", "resolved-ref"], () => {}),
    flag("repair", undefined, [], () => {}),
  ];
}

function badCount(text: string): UsageError {
  const unit = /[A-Za-z]$/.exec(text)?.[0].toUpperCase();
  if (unit !== undefined && !"KMGT".includes(unit)) return new UsageError(hint`invalid unit specifier '${unit}'`);
  return new UsageError(hint`'${text}' is not an integer`);
}

function run(request: Request, setup: Setup, options: Partial<SessionOptions>): void {
  requireKnownScheme(setup.settings.get("store"));
  if (request.evalStore !== null) requireKnownScheme(request.evalStore);
  const writes = !request.dryRun && (request.mode === "instantiate" || request.readWrite);
  // As C++ Nix 2.34 does, roots are made even where nothing is written, of what isn't there.
  const dangling = request.dryRun && request.mode === "instantiate" && request.root !== null;
  // It does more than print.
  if (writes || dangling) setup.spoilAnswer();
  const closureOf = (path: string) => storeClosure(path, setup);
  const session = setup.openSession({ ...options, closureOf, ...(writes ? { store: openNixStore(setup) } : {}) });
  const roots = dangling ? openNixStore(setup) : session.store;
  const context: Context = { setup, session, autoArgs: setup.autoArgs.build(session), roots, lines: [] };
  try {
    processAll(request, context);
  } finally {
    // Before paths are printed, they are there.
    finishStore(session);
    if (dangling) finishStore({ store: roots });
    for (const line of context.lines) setup.process.out(line);
  }
}

function processAll(request: Request, context: Context): void {
  const { setup, session } = context;
  const { files } = request;
  if (request.mode === "find-file") {
    for (const name of files) {
      const { path, display } = session.findFile(name);
      if (display !== null) throw evalError(hint`'${display}' has no physical path`);
      setup.process.out(path + "\n");
    }
    return;
  }
  if (request.stdin) {
    const text = setup.process.readStdin();
    processExpr(() => session.parse(text, { kind: "stdin" }), request, { ...context, key: ["stdin", text] });
  } else if (files.length === 0 && !request.fromArgs) {
    files.push("./default.nix");
  }
  for (const file of files) {
    const parse = () =>
      request.fromArgs
        ? session.parse(file, { kind: "string" })
        : session.evaluator.parseFile(setup.fileArgument(file, session));
    processExpr(parse, request, { ...context, key: [request.fromArgs ? "expr" : "file", file] });
  }
}

interface Context {
  readonly setup: Setup;
  readonly session: Session;
  readonly autoArgs: Attrs;
  /** Where roots are made, if it is a {@link BackgroundStore}. */
  readonly roots: Store;
  /** What is printed once the store has everything. */
  readonly lines: string[];
}

interface RootContext extends Context {
  /** What is evaluated. */
  readonly key: readonly string[];
}

function processExpr(parse: () => Expr, request: Request, context: RootContext): void {
  const { setup: { process, autoArgs: { key: autoArgsKey } }, session, autoArgs, lines, key } = context;
  if (request.mode === "parse") {
    process.out(show(parse()) + "\n");
    return;
  }
  const root = keeper(session, JSON.stringify(["root", ...key]), () => session.evaluate(parse()));
  // A function is called anew for each, as by C++ Nix, and one call's values are nothing to the next.
  if (!(root() instanceof Attrs) && request.attrPaths.length > 1) session.knownPaths.keepTexts();
  for (const attrPath of request.attrPaths.length === 0 ? [""] : request.attrPaths) {
    const found = session.keep(JSON.stringify(["select", ...key, attrPath, autoArgsKey, request.mode]), () => {
      const slot = selectAttrPath(root(), attrPath, autoArgs);
      const v = force(slot, valuePos(slot, NO_POS));
      return request.mode === "eval" && attrsSize(autoArgs) !== 0 ? autoCall(v, autoArgs) : v;
    });
    if (request.mode !== "eval") printDerivations(found, request, context);
    else {
      const write = session.store instanceof BackgroundStore
        ? (text: string) => void lines.push(text)
        : (text: string) => process.out(text);
      print(found, { ...request, session, write });
    }
  }
}

function print(v: Value, options: Request & { session: Session; write: (text: string) => void }): void {
  const { output, strict, location, session, write } = options;
  const context = new ContextBuilder();
  if (!strict && (v instanceof Attrs || Array.isArray(v))) noteLaziness();
  switch (output) {
    case "raw": {
      const copy = session.copyToStore;
      return write(coerceToString(v, context, { ...WEAK, copy }, "while generating the nix-instantiate output"));
    }
    case "xml":
      return writeXml(v, context, { strict, locations: location ? session.positions : null, write });
    case "json":
      return write(
        toJson(v, context, {
          strict,
          copy: session.copyToStore,
          pos: valuePos(v, NO_POS),
          onBadString: (bad) => {
            write(bad.written);
            throwBadString(bad);
          },
        }) + "\n",
      );
    case "plain":
      if (strict) forceDeep(v);
      return write(printAmbiguous(v) + "\n");
  }
}

function printDerivations(v: Value, request: Request, { setup, session, autoArgs, roots, lines }: Context): void {
  const { storeDir } = session.store;
  const onAttribute = (name: string) => setup.logger.message(6, `evaluating attribute '${name}'`);
  for (const { attrs } of findDerivations(v, { args: autoArgs, onAttribute })) {
    const drvPath = drvPathOf(attrs, (path) => isStorePath(path, { storeDir })) as StorePath;
    const output = outputNameOf(attrs, drvPath);
    if (request.root === null && !request.rooted) {
      setup.warn("you did not specify '--add-root'; the result might be removed by the garbage collector");
      request.rooted = true;
    }
    let shown: string = drvPath;
    if (request.root !== null && roots instanceof BackgroundStore) {
      const root = canonPath(request.root[0] === "/" ? request.root : `${setup.process.cwd}/${request.root}`);
      shown = lines.length === 0 ? root : `${root}-${lines.length + 1}`;
      roots.addRoot(decodeUtf8Lossy(shown), drvPath, { mayBeInvalid: request.dryRun });
    }
    lines.push(shown + (output === "out" ? "" : `!${output}`) + "\n");
  }
}

function printVersion(setup: Setup): void {
  const { process, settings, logger } = setup;
  process.out(`${PROGRAM} (Nix) ${NIX_VERSION}\n`);
  if (logger.verbosity <= 3) return;
  const { env } = process;
  process.out(
    `System type: ${settings.get("system")}\n` +
      `Additional system types: ${[...settings.get("extra-platforms")].join(", ")}\n` +
      "Features: signed-caches\n" +
      `System configuration file: ${quotedPath(`${nixConfDir(env)}/nix.conf`)}\n` +
      `User configuration files: ${nixUserConfFiles(env).join(":")}\n` +
      `Store directory: ${setup.storeDir}\n` +
      `State directory: ${quotedPath(canonPath(env("NIX_STATE_DIR") || "/nix/var/nix"))}\n`,
  );
}

function quotedPath(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}
