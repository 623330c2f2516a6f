/**
 * The evaluator: parses, resolves, compiles and runs Nix expressions in one global scope.
 *
 * It knows the world through the {@link EvalIO} it is given and the builtins it is given, and nothing else. Files are
 * evaluated once: the cache is keyed by the path after symlinks of the last component are followed and `default.nix` is
 * appended, as in C++ Nix.
 */
import { type Expr, Kind, type PieceExpr, whole } from "./syntax/ast.ts";
import { ParseError } from "./syntax/errors.ts";
import { parse } from "./syntax/parser.ts";
import { type EditedFile, type Origin, type Pos, PosTable } from "./syntax/positions.ts";
import { encodeImage, openImage } from "./syntax/image.ts";
import { intern, listSymbols, recordSymbols, type Symbol, symbolName, touchSymbols } from "./syntax/symbols.ts";
import { compile } from "./compile/compile.ts";
import { type CompileContext, isTrivial } from "./compile/code.ts";
import { cut, revise } from "./compile/pieces.ts";
import { resolve } from "./compile/resolve.ts";
import { Attrs, AttrsBuilder, flat, setSetSizes } from "./runtime/attrs.ts";
import type { Builtin, BuiltinConstant } from "./runtime/builtin.ts";
import { setMaxCallDepth } from "./runtime/depth.ts";
import { canonPath, type CopyToStore } from "./runtime/coerce.ts";
import { evalError, hint, NixError, withPlacelessFrame } from "./runtime/errors.ts";
import { internalPath } from "./runtime/internal_path.ts";
import { baseName, type EvalIO, type FileType, requireFileType } from "./runtime/io.ts";
import type { EvalLog } from "./runtime/log.ts";
import { OPTIMISATIONS, type Optimisations } from "./runtime/optimisations.ts";
import type { EvalSettings } from "./runtime/settings.ts";
import { aside, dependOnOthers, madeByNobody, recall, remember, type Remembered } from "./runtime/tracking.ts";
import type { ListingCache, TreeCache, TreePack } from "./runtime/tree_cache.ts";
import { eager, force, isUnevaluated, lazy, peek, Thunk } from "./runtime/thunk.ts";
import { emptyEnv, type Env, outermostEnv, writeSlot } from "./runtime/env.ts";
import { MAX_STRING_LENGTH, Primop, type Slot, type Value } from "./runtime/value.ts";

/** What an evaluator is made of. */
export interface EvaluatorOptions {
  readonly settings: EvalSettings;
  readonly io: EvalIO;
  readonly log: EvalLog;
  /** Copies a path to the store when a string is made of it. */
  readonly copy: CopyToStore;
  /** Where `~/…` points. */
  readonly homeDir: () => string;
  /** Turns file contents into a binary string. */
  readonly decode: (bytes: Uint8Array) => string;
  /** Where trees of files are kept from one run to the next; nowhere unless given. */
  readonly trees?: TreeCache;
  /**
   * Whether texts of files and what they were compiled to are kept: for values that are forgotten and wanted again, and for
   * {@link Evaluator.renew}. Else a text that an error shows is read again, as C++ Nix does it.
   */
  readonly keepsCode?: boolean;
  /** Which files are cut into pieces, where values stay; none unless given. */
  readonly edits?: FileEdits;
  /** What to do for speed other than usual (for tests). */
  readonly optimisations?: Partial<Optimisations>;
}

/** What is known of files that have been edited, or are likely to be. */
export interface FileEdits {
  /**
   * Returns what stands for the contents of a file among what values depend on (lib/runtime/tracking.ts), if that file is
   * to be cut into pieces.
   */
  noteOf(path: string, bytes: Uint8Array): string | undefined;
  /** Called when a file has other contents than when it was looked at last. */
  disturb(path: string): void;
}

/** Smaller files are parsed sooner than found. */
const MIN_KEPT_BYTES = 4096;

/** A file that was made executable. */
interface Compiled {
  readonly bytes: Uint8Array;
  /** The names in it, as far as anybody wants to know (see {@link listSymbols}). */
  readonly symbols: readonly Symbol[];
  readonly program: Program;
}

/** What a file evaluates to. */
interface Program {
  readonly run: (env: Env) => Value;
  /** Whether it says `{ … }` and nothing around it. */
  readonly isSet: boolean;
}

/** A file that was made executable in pieces, whose texts change. */
interface CompiledPieces {
  readonly path: string;
  readonly file: EditedFile;
  readonly top: PieceExpr;
  readonly program: Program;
  bytes: Uint8Array;
  symbols: readonly Symbol[];
}

/** Thrown when a text that is parsed says something. */
class Passing extends Error {
  override name = "Passing";
}

function originOf(path: string): Origin & { readonly path: string } {
  return path[0] === "/" ? { kind: "file", path } : { kind: "file", path: internalPath(path), display: path };
}

/** Evaluates Nix expressions. */
export class Evaluator {
  readonly positions: PosTable = new PosTable();
  #options: EvaluatorOptions;
  readonly #globalSlots = new Map<Symbol, number>();
  readonly #globals: Slot[] = [];
  readonly #cx: CompileContext;
  readonly #primops = new Map<string, Primop>();
  readonly #constants = new Map<string, Slot>();
  readonly #resolved = new Map<string, Remembered<string>>();
  readonly #files = new Map<string, Thunk>();
  /** What files' texts were compiled to: a value that is wanted again after it was forgotten needs no parsing. */
  readonly #compiled = new Map<string, Compiled>();
  /** Files that are in pieces. */
  readonly #edited = new Map<string, CompiledPieces>();
  #builtins: Attrs | null = null;
  #context: string | null = null;
  /** Of what begins with the first file that was wanted. */
  #pack: TreePack | null = null;

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    const optimisations = { ...OPTIMISATIONS, ...options.optimisations };
    this.#cx = {
      positions: this.positions,
      compile: (e) => compile(e, this.#cx),
      globals: this.#globals,
      copy: (path) => this.#options.copy(path),
      showCalls: () => this.settings.showTrace,
      tierUpAfter: optimisations.tierUpAfter,
      tierUpAll: optimisations.tierUpAll,
    };
    setMaxCallDepth(options.settings.maxCallDepth);
    setSetSizes(optimisations);
  }

  /** What programs mean here and how their errors look. */
  get settings(): EvalSettings {
    return this.#options.settings;
  }

  /** What programs see of the world. */
  get io(): EvalIO {
    return this.#options.io;
  }

  /** What directories list, where that is kept; once there was a file. */
  get listings(): ListingCache | undefined {
    return this.#pack?.listings;
  }

  /**
   * Begins all over in another world, with the same settings but for `showTrace`, keeping nothing but what texts were
   * compiled to; what has become of code that ran (hot, with its caches) stays too. {@link define} follows.
   */
  renew(options: EvaluatorOptions): this {
    this.#options = options;
    this.#resolved.clear();
    this.#files.clear();
    this.#edited.clear();
    this.#pack = null;
    setMaxCallDepth(options.settings.maxCallDepth);
    return this;
  }

  /**
   * Defines the global scope and the set `builtins`. To be called before anything is parsed. Once more (see
   * {@link renew}), with the same names: code holds on to what they stood for, so functions stay and do something else,
   * and constants that were evaluated stay what they were.
   */
  define(functions: readonly Builtin[], constants: readonly BuiltinConstant[]): void {
    if (this.#builtins !== null) {
      for (const { name, call } of functions) {
        const primop = this.#primops.get(name);
        if (primop !== undefined) primop.call = call;
      }
      for (const { name, value } of constants) {
        const slot = this.#constants.get(name);
        if (!(slot instanceof Thunk && slot.code !== null && value instanceof Thunk)) continue;
        slot.code = value.code;
        slot.payload = value.payload;
      }
      return;
    }
    const { features, pureEval } = this.settings;
    const builder = new AttrsBuilder();
    const add = (name: string, bare: boolean | undefined, slot: Slot) => {
      this.#globalSlots.set(intern(bare ? name : `__${name}`), this.#globals.length);
      this.#globals.push(slot);
      builder.add(intern(name), slot);
    };
    // `builtins.builtins` is the set itself.
    add("builtins", true, lazy(() => this.#builtins));
    for (const c of constants) {
      if (c.impureOnly && pureEval) continue;
      this.#constants.set(c.name, c.value);
      add(c.name, c.bare, c.value);
    }
    for (const f of functions) {
      if (f.feature !== undefined && !features.has(f.feature)) continue;
      const primop = new Primop(f.name, f.params.length, f.call, !f.untraced);
      this.#primops.set(f.name, primop);
      if (!f.hidden) add(f.name, f.bare, primop);
    }
    this.#builtins = builder.build();
    // Evaluated at once, so that compiled code can take globals for constants.
    force(this.#globals[0]);
    this.#globals[0] = this.#builtins;
  }

  /** Returns the set `builtins`. */
  get builtins(): Attrs {
    return this.#builtins!;
  }

  /** Parses a text; relative paths in it start from `baseDir`. @throws {NixError} of kind `parse` and others. */
  parse(text: string, baseDir: string, origin: Origin): Expr {
    return this.#parse(text, baseDir, origin, []);
  }

  /** Parses the file an import of `path` would evaluate. */
  parseFile(path: string): Expr {
    return this.#parseFile(this.resolveImport(path), []);
  }

  /** Evaluates a parsed expression to weak head normal form. */
  evaluate(expr: Expr): Value {
    return this.#cx.compile(expr)(outermostEnv());
  }

  /** Returns the value of a text, parsed when first needed: for the evaluator's own Nix files. */
  internal(name: string, text: string): Thunk {
    return eager(() => {
      const display = `\xc2\xabnix-internal\xc2\xbb/${name}`;
      return this.evaluate(this.parse(text, "/", { kind: "file", path: `/${name}`, display }));
    });
  }

  /** Returns the value of a file or of a directory's `default.nix`. Evaluates each file at most once. */
  importFile(path: string): Value {
    return this.#importFile(path, { mustBeSet: false });
  }

  /** Like {@link importFile}. @throws {NixError} if it says anything but `{ … }` and hasn't been evaluated before */
  importSet(path: string): Value {
    return this.#importFile(path, { mustBeSet: true });
  }

  #importFile(path: string, options: { readonly mustBeSet: boolean }): Value {
    const resolved = this.resolveImport(path);
    let entry = this.#files.get(resolved);
    if (entry === undefined) {
      entry = madeByNobody(() => lazy(() => this.#evaluateFile(resolved, options)));
      this.#files.set(resolved, entry);
    }
    return force(entry);
  }

  /**
   * Returns the value of a slot if it has one, or if nothing is computed for it: of a set without computed names, a list, a
   * function. Else the thunk.
   */
  forceTrivial(slot: Slot, pos: Pos): Slot {
    const content = peek(slot);
    return content instanceof Thunk && isTrivial(content) ? force(content, pos) : content;
  }

  /** Returns the files whose values are there: imported, and not put back since (tracking.ts). */
  *evaluatedFiles(): Generator<string> {
    for (const [path, entry] of this.#files) if (!isUnevaluated(entry)) yield path;
  }

  /** Forgets where imports of paths lead. */
  forget(): void {
    this.#resolved.clear();
  }

  /** Evaluates a file with `scope`'s attributes added to the global scope. Never cached. */
  scopedImport(scope: Attrs, path: string): Value {
    const resolved = this.resolveImport(path);
    flat(scope);
    this.#options.log.message(4, `evaluating file '${resolved}'`);
    const expr = this.#parseFile(resolved, scope.shape.names);
    const { values } = scope;
    const env = emptyEnv(outermostEnv(), values.length);
    for (let i = 0; i < values.length; i++) writeSlot(env, i, values[i]);
    return this.#cx.compile(expr)(env);
  }

  /** Returns the file an import of `path` reads: symlinks in the last place followed, `default.nix` appended. */
  resolveImport(path: string): string {
    let known = this.#resolved.get(path);
    if (known === undefined) this.#resolved.set(path, known = remember(() => this.#resolveImport(path)));
    return recall(known);
  }

  #resolveImport(path: string): string {
    let at = path;
    for (let followed = 0;; followed++) {
      if (followed >= 1023) {
        throw new NixError("io", hint`too many symbolic links encountered while traversing the path '${at}'`);
      }
      const type = this.#typeOf(at);
      if (type !== "symlink") {
        if (type === "directory") at = at === "/" ? "/default.nix" : `${at}/default.nix`;
        break;
      }
      const target = this.io.readLink(at);
      at = canonPath(target[0] === "/" ? target : `${dirname(at)}/${target}`);
    }
    return at;
  }

  /** Returns the type of what is there. Errors name the directory that symlinks lead to. */
  #typeOf(path: string): FileType {
    try {
      const type = this.io.fileType(path);
      if (type !== undefined) return type;
    } catch (e) {
      if (!(e instanceof NixError)) throw e;
    }
    const directory = this.io.resolveSymlinks(dirname(path), "full");
    return requireFileType(this.io, canonPath(`${directory}/${baseName(path)}`));
  }

  #evaluateFile(path: string, { mustBeSet }: { readonly mustBeSet: boolean }): Value {
    this.#options.log.message(4, `evaluating file '${path}'`);
    const { run, isSet } = this.#compileFile(path);
    try {
      if (mustBeSet && !isSet) throw evalError(hint`file '${path}' must be an attribute set`);
      return run(outermostEnv());
    } catch (e) {
      throw withPlacelessFrame(e, hint`while evaluating the file '${path}':`);
    }
  }

  #compileFile(path: string): Program {
    const { edits } = this.#options;
    if (edits === undefined) return this.#compileWhole(path);
    const { value: bytes, dependencies } = aside(() => this.io.readFile(path));
    const note = edits.noteOf(path, bytes);
    const pieces = note === undefined ? undefined : this.#piecesOf(path, note, bytes);
    // Where a file is in pieces, what it evaluates to depends on these, and on nothing else that it says.
    dependOnOthers(dependencies, pieces === undefined ? undefined : note);
    return pieces?.program ?? this.#compileBytes(path, bytes);
  }

  /** Compiles a file, without reading it if an earlier run has kept its tree and it is as it was. */
  #compileWhole(path: string): Program {
    const { trees, keepsCode } = this.#options;
    const identity = trees?.openPack === undefined || keepsCode ? undefined : this.io.identify?.(path);
    if (identity === undefined) return this.#compileBytes(path, this.io.readFile(path));
    const pack = this.#pack ??= trees!.openPack!(path, this.#treeContext);
    const { id } = identity;
    const known = pack.find(path, id);
    const tree = known &&
      this.#openImage(known.image, path, known.sourceLength, this.#textAgain(path, known.sourceLength));
    if (tree !== undefined) {
      identity.noteUse(() => known!.hash);
      return this.#program(tree);
    }
    const source = this.io.readFile(path);
    return this.#compileBytes(
      path,
      source,
      pack.hasRoom ? (image) => pack.add(path, id, { source, image }) : undefined,
    );
  }

  #piecesOf(path: string, note: string, bytes: Uint8Array): CompiledPieces | undefined {
    const known = this.#edited.get(path);
    if (known === undefined) {
      const made = this.#compilePieces(path, bytes, { note });
      if (made !== undefined) this.#edited.set(path, made);
      return made;
    }
    if (!sameBytes(known.bytes, bytes)) {
      this.#options.edits!.disturb(path);
      return undefined;
    }
    touchSymbols(known.symbols);
    return known;
  }

  /** Returns undefined if the file can't be parsed, or has to say something each time that it is. */
  #compilePieces(path: string, bytes: Uint8Array, file: EditedFile): CompiledPieces | undefined {
    const origin: Origin = { kind: "file", path, edited: file };
    const stop = () => {
      throw new Passing();
    };
    try {
      const { result, symbols } = listSymbols(() =>
        this.#parse(this.#options.decode(bytes), dirname(path), origin, [], stop)
      );
      const top = cut(result, file);
      const program = { run: this.#cx.compile(top), isSet: whole(result).kind === Kind.Attrs };
      return { path, file, top, program, bytes, symbols };
    } catch (e) {
      if (!(e instanceof NixError || e instanceof Passing)) throw e;
      return undefined;
    }
  }

  /** Whether some file is in pieces. */
  get hasPieces(): boolean {
    return this.#edited.size > 0;
  }

  /**
   * Makes files that are in pieces say what they say now, of which one note holds no more. Returns what of them has
   * changed, of what values depend on. Nothing may be under way.
   */
  revise(note: string): unknown[] {
    return [...this.#edited.values()].filter(({ file }) => file.note === note).flatMap((known) => this.#revise(known));
  }

  #revise(known: CompiledPieces): unknown[] {
    const { path, file, top } = known;
    const bytes = this.#readNow(path);
    const next = bytes && this.#compilePieces(path, bytes, file);
    if (next === undefined) {
      // Whatever is wrong with it is found when it is wanted.
      this.#edited.delete(path);
      return [top, file];
    }
    const { changed, moved } = revise(top, next.top);
    for (const [from, to] of moved) this.positions.move(from, to);
    known.bytes = next.bytes;
    known.symbols = next.symbols;
    return [...changed, file];
  }

  #readNow(path: string): Uint8Array | undefined {
    try {
      return this.io.readFile(path);
    } catch (e) {
      if (!(e instanceof NixError)) throw e;
      return undefined;
    }
  }

  #compileBytes(path: string, bytes: Uint8Array, keep?: (image: Uint8Array) => void): Program {
    const known = this.#compiled.get(path);
    if (known !== undefined && sameBytes(known.bytes, bytes)) {
      touchSymbols(known.symbols);
      return known.program;
    }
    // What was warned of has to be warned of again.
    let lasting = true;
    const onPassing = () => void (lasting = false);
    const { result: expr, symbols } = listSymbols(() => this.#parseBytes(bytes, path, [], { onPassing, keep }));
    const program = this.#program(expr);
    if (lasting && this.#options.keepsCode) this.#compiled.set(path, { bytes, program, symbols });
    return program;
  }

  #program(expr: Expr): Program {
    return { run: this.#cx.compile(expr), isSet: whole(expr).kind === Kind.Attrs };
  }

  #parseFile(path: string, outer: readonly Symbol[]): Expr {
    return this.#parseBytes(this.io.readFile(path), path, outer);
  }

  /** `keep` gets the image of what may be kept, small or not. */
  #parseBytes(bytes: Uint8Array, path: string, outer: readonly Symbol[], { onPassing = () => {}, keep }: {
    readonly onPassing?: () => void;
    readonly keep?: (image: Uint8Array) => void;
  } = {}): Expr {
    const { decode, trees } = this.#options;
    if (bytes.length > MAX_STRING_LENGTH) {
      throw evalError(hint`file '${path}' is too large to be parsed: ${bytes.length} bytes`);
    }
    const origin = originOf(path);
    const baseDir = dirname(origin.path);
    if (trees === undefined || outer.length > 0 || bytes.length < MIN_KEPT_BYTES) {
      if (keep === undefined) return this.#parse(decode(bytes), baseDir, origin, outer, onPassing);
      return this.#parseAndKeep(decode(bytes), baseDir, origin, { keep, onPassing });
    }
    const key = trees.key(bytes, `${this.#treeContext}${baseDir}`);
    const image = trees.get(key);
    if (image !== undefined) {
      const text = this.#options.keepsCode ? this.#textOf(bytes) : this.#textAgain(path, bytes.length);
      const tree = this.#openImage(image, path, bytes.length, text);
      if (tree !== undefined) {
        keep?.(image);
        return tree;
      }
    }
    const keepBoth = (image: Uint8Array) => {
      trees.put(key, image);
      keep?.(image);
    };
    return this.#parseAndKeep(decode(bytes), baseDir, origin, { keep: keepBoth, onPassing });
  }

  #openImage(image: Uint8Array<ArrayBuffer>, path: string, length: number, text: () => string): Expr | undefined {
    const source = this.positions.addUnreadSource(originOf(path), length, text);
    return openImage(image, source.base);
  }

  // What is wanted when a position is: made here, since functions made in one place keep each other's variables alive, and
  // these would keep the bytes of every file.
  #textOf(bytes: Uint8Array): () => string {
    return () => this.#options.decode(bytes);
  }

  #textAgain(path: string, length: number): () => string {
    return () => this.#readAgain(path, length);
  }

  /** Returns the text of a file that was parsed; nothing if it has changed since so much that no position is to be found. */
  #readAgain(path: string, length: number): string {
    try {
      const bytes = this.io.readFile(path);
      return bytes.length === length ? this.#options.decode(bytes) : "";
    } catch (e) {
      if (!(e instanceof NixError)) throw e;
      return "";
    }
  }

  #parseAndKeep(text: string, baseDir: string, origin: Origin, { keep, onPassing }: {
    readonly keep: (image: Uint8Array) => void;
    readonly onPassing: () => void;
  }): Expr {
    // What was warned of has to be warned of again, and where `~` is may change.
    let lasting = true;
    const { result, symbols } = recordSymbols(() =>
      this.#parse(text, baseDir, origin, [], () => {
        lasting = false;
        onPassing();
      })
    );
    if (lasting) {
      try {
        keep(encodeImage(result, this.positions.lastBase, symbols));
      } catch (e) {
        // Nested too deep to be written with the stack there is, or too large.
        if (!(e instanceof RangeError)) throw e;
      }
    }
    return result;
  }

  /** What trees are made from besides the text and where it is. */
  get #treeContext(): string {
    const { settings } = this;
    return this.#context ??= [
      ...[...this.#globalSlots.keys()].map(symbolName),
      settings.pureEval,
      settings.features.has("pipe-operators"),
      settings.lintUrlLiterals,
      settings.lintShortPathLiterals,
      settings.lintAbsolutePathLiterals,
      "",
    ].join("\0");
  }

  #parse(
    text: string,
    baseDir: string,
    origin: Origin,
    outer: readonly Symbol[],
    onPassing: () => void = () => {},
  ): Expr {
    const source = this.positions.addSource(origin, text);
    const { settings, log, homeDir } = this.#options;
    let expr: Expr;
    try {
      expr = parse(source, {
        basePath: baseDir,
        homeDir: () => {
          onPassing();
          return homeDir();
        },
        pureEval: settings.pureEval,
        features: { pipeOperators: settings.features.has("pipe-operators") },
        lint: {
          urlLiterals: settings.lintUrlLiterals,
          shortPathLiterals: settings.lintShortPathLiterals,
          absolutePathLiterals: settings.lintAbsolutePathLiterals,
        },
        warn: (message: string, pos: Pos) => {
          onPassing();
          log.warn(message, { pos });
        },
      });
    } catch (e) {
      if (e instanceof ParseError) throw new NixError("parse", e.message, e.pos);
      throw e;
    }
    resolve(expr, this.#globalSlots, outer);
    return expr;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}
