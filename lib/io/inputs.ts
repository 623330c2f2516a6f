// What a program asked of the world, in its own terms: each file evaluated or read, directory listed, path tested, symlink
// that led elsewhere, source copied and variable asked for, once per operation and path.
//
// This is what callers are told (`inputs` of `devix instantiate`, the log lines devenv keeps its cache by) and what
// `devix serve` decides by which values a change can reach. The decorator belongs on top of all worlds, where paths are
// those of the program: a file of a source that is being copied shows up here as part of that copy, while
// lib/io/recording.ts, at the bottom, sees it as a file.
//
// An input is noted before it is looked at: that a file isn't there is an input too.

import { hashHex } from "../format/hash.ts";
import { hashListing } from "../format/listing.ts";
import type { CopyToStore } from "../runtime/coerce.ts";
import { ioPath } from "../runtime/internal_path.ts";
import type { EvalIO, FileIdentity, FileType, ImportPathOptions } from "../runtime/io.ts";
import { depend } from "../runtime/tracking.ts";

/** What was done with a path. */
export type InputOp =
  /** Parsed and evaluated: `import`, and what the command line names. */
  | "evaluate"
  /** `readFile`, `hashFile`. */
  | "readFile"
  | "readDir"
  /** `pathExists`, `readFileType`, and looking names up in the search path. */
  | "pathExists"
  /** Led elsewhere through symlinks. */
  | "resolve"
  /** Brought into the store, with all below it that a filter lets through. */
  | "copy";

/** Something evaluation depended on. Paths are binary strings. */
export interface FileInput {
  readonly op: InputOp;
  readonly path: string;
  /** Where symlinks led (`resolve`), or the store path (`copy`). */
  target?: string;
  /** What was there, for `pathExists`, which follows no symlink in the last place: where one led is another input. */
  type?: FileType | "absent";
  /** SHA-256 in base16 of the contents, or of the listing (see {@link hashListing}). Absent if it couldn't be read. */
  hash?: string;
}

/** A variable evaluation asked for; the value is "" if it is unset. */
export interface EnvInput {
  readonly name: string;
  readonly value: string;
}

/** Is told of each input when it first comes up. */
export interface InputListener {
  /** Called before the input's answer is known, except for `copy` and `resolve`. */
  onFile?(input: FileInput): void;
  onEnv?(input: EnvInput): void;
}

/** Collects the inputs of an evaluation. */
export class EvalInputs {
  readonly #files = new Map<string, FileInput>();
  readonly #env = new Map<string, EnvInput>();
  readonly #listener: InputListener;
  /** Returns SHA-256 in base16. */
  readonly hash: (bytes: Uint8Array) => string;
  #usesClock = false;

  /** `hash` may be one that remembers (`RecordingIO.hash`). */
  constructor(options: InputListener & { readonly hash?: (bytes: Uint8Array) => string } = {}) {
    this.#listener = options;
    this.hash = options.hash ?? ((bytes) => hashHex("sha256", bytes));
  }

  /** Whether the time was asked for. */
  get usesClock(): boolean {
    return this.#usesClock;
  }

  /** Notes that the time was asked for. */
  clock(): void {
    this.#usesClock = true;
  }

  /** In the order in which they came up. */
  files(): Iterable<FileInput> {
    return this.#files.values();
  }

  /** In the order in which they came up. */
  env(): Iterable<EnvInput> {
    return this.#env.values();
  }

  /** Forgets inputs; they count as new when they come up again. */
  forget(inputs: Iterable<FileInput | EnvInput>): void {
    for (const input of inputs) {
      if ("op" in input) this.#files.delete(keyOf(input.op, input.path, input.target));
      else this.#env.delete(input.name);
    }
  }

  /** Notes an input and returns its entry, to be completed. */
  file(op: InputOp, path: string, target?: string): FileInput {
    const key = keyOf(op, path, target);
    let input = this.#files.get(key);
    if (input === undefined) {
      input = target === undefined ? { op, path } : { op, path, target };
      this.#files.set(key, input);
      this.#listener.onFile?.(input);
    }
    depend(input);
    return input;
  }

  /** Notes a variable. */
  variable(name: string, value: string): void {
    let input = this.#env.get(name);
    if (input === undefined) {
      input = { name, value };
      this.#env.set(name, input);
      this.#listener.onEnv?.(input);
    }
    depend(input);
  }
}

/** One path may be copied under many names. */
function keyOf(op: InputOp, path: string, target: string | undefined): string {
  return target === undefined ? op + path : `${op}${path}\0${target}`;
}

/** Returns the log line by which devenv learns of an input; undefined for those it has no line for. */
export function inputLogLine(input: FileInput | EnvInput): string | undefined {
  if (!("op" in input)) return `devenv getEnv: '${input.name}'`;
  const { op, path, target } = input;
  switch (op) {
    case "evaluate":
      return `evaluating file '${path}'`;
    case "copy":
      return `copied source '${path}' -> '${target}'`;
    case "resolve":
      return `devenv pathExists: '${path}'`;
    case "readFile":
    case "readDir":
    case "pathExists":
      return `devenv ${op}: '${path}'`;
  }
}

/** Whether a path is one of the host's: files inside the evaluator never change. */
function isInput(path: string): boolean {
  return path[0] === "/";
}

/** A world that notes what is asked of it. */
export class InputsIO implements EvalIO {
  readonly storeDir: string;
  readonly #inner: EvalIO;
  readonly #inputs: EvalInputs;

  constructor(inner: EvalIO, inputs: EvalInputs) {
    this.#inner = inner;
    this.#inputs = inputs;
    this.storeDir = inner.storeDir;
  }

  /**
   * Returns the same world for whoever evaluates files: what it reads is `evaluate`, and what it looks at on the way to a
   * file (is it a directory?) is no input of its own.
   */
  forEvaluator(): EvalIO {
    return new EvaluatorInputsIO(this.#inner, this.#inputs);
  }

  checkAccess(path: string): void {
    this.#inner.checkAccess(path);
  }

  /** Two inputs: where the path leads, and what is there. */
  pathExists(path: string): boolean {
    return this.#typeOf(this.resolveSymlinks(path, "full")) !== undefined;
  }

  fileType(path: string): FileType | undefined {
    return this.#typeOf(path);
  }

  #typeOf(path: string): FileType | undefined {
    const input = isInput(path) ? this.#inputs.file("pathExists", path) : undefined;
    const type = this.#inner.fileType(path);
    if (input !== undefined) input.type ??= type ?? "absent";
    return type;
  }

  readFile(path: string): Uint8Array {
    return this.read("readFile", path);
  }

  /** Reads a file under the name of an operation. */
  protected read(op: "readFile" | "evaluate", path: string): Uint8Array {
    const input = isInput(path) ? this.#inputs.file(op, path) : undefined;
    const bytes = this.#inner.readFile(path);
    if (input !== undefined) input.hash ??= this.#inputs.hash(bytes);
    return bytes;
  }

  /** Notes what a file says. */
  protected noteContents(op: "evaluate", path: string, hash: string): void {
    this.#inputs.file(op, path).hash ??= hash;
  }

  identifyListing(path: string): FileIdentity | undefined {
    const known = this.#inner.identifyListing?.(path);
    if (known === undefined || !isInput(path)) return known;
    const noteUse = (hash: () => string) => {
      known.noteUse(hash);
      this.#inputs.file("readDir", path).hash ??= hash();
    };
    return { id: known.id, noteUse };
  }

  readDir(path: string): readonly (readonly [string, FileType])[] {
    const input = isInput(path) ? this.#inputs.file("readDir", path) : undefined;
    const entries = this.#inner.readDir(path);
    if (input !== undefined) input.hash ??= hashListing(entries);
    return entries;
  }

  readLink(path: string): string {
    const target = this.#inner.readLink(path);
    if (isInput(path)) this.#inputs.file("resolve", path, target);
    return target;
  }

  resolveSymlinks(path: string, mode: "full" | "ancestors"): string {
    const real = this.#inner.resolveSymlinks(path, mode);
    if (real !== path && isInput(path)) this.#inputs.file("resolve", path, real);
    return real;
  }

  getEnv(name: string): string {
    const value = this.#inner.getEnv(name);
    this.#inputs.variable(name, value);
    return value;
  }

  importPath(path: string, options: ImportPathOptions): string {
    const storePath = this.#inner.importPath(path, options);
    if (isInput(path)) this.#inputs.file("copy", path, storePath);
    return storePath;
  }
}

class EvaluatorInputsIO extends InputsIO {
  readonly #quiet: EvalIO;

  constructor(inner: EvalIO, inputs: EvalInputs) {
    super(inner, inputs);
    this.#quiet = inner;
  }

  override readFile(path: string): Uint8Array {
    return this.read("evaluate", path);
  }

  identify(path: string): FileIdentity | undefined {
    const known = this.#quiet.identify?.(path);
    if (known === undefined || !isInput(path)) return known;
    const noteUse = (hash: () => string) => {
      known.noteUse(hash);
      this.noteContents("evaluate", path, hash());
    };
    return { id: known.id, noteUse };
  }

  override fileType(path: string): FileType | undefined {
    // What isn't there won't be read: that it isn't is the input then.
    return this.#quiet.fileType(path) ?? super.fileType(path);
  }
}

/** Returns what copies paths to the store and notes each copy each time, also those that are remembered. */
export function noteCopies(copy: CopyToStore, inputs: EvalInputs): CopyToStore {
  return (path) => {
    const storePath = copy(path);
    const source = ioPath(path);
    if (isInput(source)) inputs.file("copy", source, storePath);
    return storePath;
  };
}
