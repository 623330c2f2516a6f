import { assertEquals, assertThrows } from "@std/assert";
import { bytesToBinary, concatBytes } from "../format/bytes.ts";
import { makeTextPath } from "../format/content_address.ts";
import type { Derivation } from "../format/derivation.ts";
import { type DrvPath, splitStorePath, type StorePath } from "../format/store_path.ts";
import { type KnownDerivation, KnownPaths } from "../known_paths.ts";
import { Context } from "../runtime/context.ts";
import { NixError, stripEscapes } from "../runtime/errors.ts";
import { ioPath, pathValue } from "../runtime/internal_path.ts";
import { PathValue } from "../runtime/value.ts";
import { ComputeOnlyStore } from "../store/compute_only.ts";
import { MemoryStore } from "../store/memory.ts";
import type { Store } from "../store/store.ts";
import { makeCopyToStore } from "./copy_to_store.ts";
import { InternalFilesIO } from "./internal_files.ts";
import { type MemoryFile, MemoryIO } from "./memory.ts";
import { makeRealise } from "./realise.ts";
import { RestrictedIO } from "./restricted.ts";
import { StoreIO } from "./store_io.ts";
import { storeWriter } from "./store_writer.ts";

const FILES: Readonly<Record<string, MemoryFile>> = {
  "/src/a": "text a",
  "/src/b/c": { executable: "text c" },
  "/src/b/link": { symlink: "../a" },
  "/src/skipped/d": "text d",
};

/** The store path C++ Nix gives the tree above, called "tree". */
const TREE = "/nix/store/jp0arazdz7i2wkspgf9yliygj56nmgxw-tree";

function world(options: { readonly files?: Readonly<Record<string, MemoryFile>>; readonly store?: Store } = {}) {
  const store = options.store ?? new ComputeOnlyStore();
  const knownPaths = new KnownPaths();
  const files = new InternalFilesIO(new MemoryIO({ files: options.files ?? FILES }), { "/own.nix": "1" });
  const io = new StoreIO({ files, store, knownPaths });
  return { io, knownPaths, store };
}

function message(action: () => unknown): string {
  return stripEscapes(assertThrows(action, NixError).message);
}

Deno.test("StoreIO gives a tree the path C++ Nix gives it", () => {
  const { io } = world();
  assertEquals(io.importPath("/src", { name: "tree", method: "nar" }), TREE);
});

Deno.test("StoreIO makes a source readable where it will be", () => {
  const { io } = world();
  const tree = io.importPath("/src", { name: "tree", method: "nar" });
  assertEquals(bytesToBinary(io.readFile(`${tree}/b/c`)), "text c");
  assertEquals([...io.readDir(tree)].sort(), [["a", "regular"], ["b", "directory"], ["skipped", "directory"]]);
  assertEquals(io.resolveSymlinks(`${tree}/b/link`, "full"), `${tree}/a`);
  assertEquals(io.fileType(tree), "directory");
  assertEquals(io.pathExists(`${tree}/x`), false);
  assertEquals(message(() => io.readFile(`${tree}/x`)), `path '${tree}/x' does not exist`);
});

Deno.test("StoreIO asks a filter about everything but the root, and not below what it refuses", () => {
  const { io, knownPaths } = world();
  const asked: string[] = [];
  const tree = io.importPath("/src", {
    name: "tree",
    method: "nar",
    filter: (path, type) => {
      asked.push(`${path} ${type}`);
      return !path.endsWith("skipped");
    },
  });
  assertEquals(asked, [
    "/src/a regular",
    "/src/b directory",
    "/src/b/c regular",
    "/src/b/link symlink",
    "/src/skipped directory",
  ]);
  assertEquals([...io.readDir(tree)].map(([name]) => name).sort(), ["a", "b"]);
  assertEquals(io.fileType(`${tree}/skipped/d`), undefined);
  const known = knownPaths.get(tree as StorePath);
  if (known?.kind !== "source") throw new Error("not entered");
  let size = 0;
  known.dump((chunk) => size += chunk.length);
  assertEquals(size, known.size);
  assertEquals(asked.length, 5);
});

Deno.test("StoreIO hashes a single file flat", () => {
  const { io, knownPaths } = world();
  const file = io.importPath("/src/a", { name: "a", method: "flat" }) as StorePath;
  const known = knownPaths.get(file);
  if (known?.kind !== "source") throw new Error("not entered");
  const chunks: Uint8Array[] = [];
  known.dump((chunk) => void chunks.push(chunk.slice()));
  assertEquals(bytesToBinary(concatBytes(chunks)), "text a");
  assertEquals(bytesToBinary(io.readFile(file)), "text a");
});

Deno.test("StoreIO compares with an expected hash, and reads nothing if it has the path", () => {
  const { io, knownPaths } = world();
  io.importPath("/src", { name: "tree", method: "nar" });
  const known = knownPaths.get(TREE as StorePath);
  if (known?.kind !== "source") throw new Error("not entered");
  const sha256 = known.ca.hash.digest;
  const empty = world({ files: {} });
  assertThrows(() => empty.io.importPath("/src", { name: "tree", method: "nar", sha256 }), NixError);
  empty.knownPaths.addSource(known);
  assertEquals(empty.io.importPath("/src", { name: "tree", method: "nar", sha256 }), TREE);
  assertEquals(
    message(() => io.importPath("/src", { name: "tree", method: "nar", sha256: new Uint8Array(32) })),
    "store path mismatch in (possibly filtered) path added from '/src'",
  );
});

Deno.test("StoreIO refuses what can't be archived", () => {
  const { io } = world({ files: { "/src/pipe": { unknown: true } } });
  assertEquals(
    message(() => io.importPath("/src", { name: "x", method: "nar" })),
    "file '/src/pipe' has an unsupported type",
  );
  assertEquals(message(() => io.importPath("/none", { name: "x", method: "nar" })), "path '/none' does not exist");
});

Deno.test("StoreIO follows a symlink on the host into the store", () => {
  const { io } = world({ files: { ...FILES, "/result": { symlink: TREE } } });
  io.importPath("/src", { name: "tree", method: "nar" });
  assertEquals(bytesToBinary(io.readFile("/result/a")), "text a");
  assertEquals(io.resolveSymlinks("/result/b/link", "full"), `${TREE}/a`);
});

Deno.test("StoreIO reads copies of what only the evaluation knows", () => {
  const { io, knownPaths } = world();
  const tree = io.importPath("/src", { name: "tree", method: "nar" });
  const filter = (path: string) => !path.endsWith("/a");
  const copy = io.importPath(tree, { name: "copy", method: "nar", filter });
  assertEquals(io.readDir(copy).map(([name]) => name), io.readDir(tree).map(([name]) => name).filter((n) => n !== "a"));
  assertEquals([io.pathExists(`${copy}/a`), io.readLink(`${copy}/b/link`)], [false, "../a"]);
  const file = io.importPath(io.importPath(`${tree}/a`, { name: "x", method: "flat" }), { name: "y", method: "nar" });
  assertEquals(bytesToBinary(io.readFile(file)), "text a");
  const text = makeTextPath("t", { name: "t", references: [] });
  knownPaths.addText({ path: text, contents: "t", references: [] });
  assertEquals(bytesToBinary(io.readFile(io.importPath(text, { name: "copy", method: "nar" }))), "t");
});

Deno.test("StoreIO reads copies of copies that are what they were made of", () => {
  const real = `/real/${TREE.slice("/nix/store/".length)}`;
  const files = { [`${real}/a`]: "text a" };
  // What this is called in the store doesn't matter until it is copied.
  const hash = world({ files }).io.importPath(real, { name: "tree", method: "nar" });
  const store = new StoreElsewhere([hash]);
  const { io } = world({ files: { [`/real/${hash.slice("/nix/store/".length)}/a`]: "text a" }, store });
  const copy = io.importPath(hash, { name: "copy", method: "nar" });
  assertEquals(io.importPath(copy, { name: "tree", method: "nar" }), hash);
  for (const path of [hash, copy]) assertEquals(bytesToBinary(io.readFile(`${path}/a`)), "text a");
});

/** A store whose files lie below "/real", with what is said to be valid there. */
class StoreElsewhere extends ComputeOnlyStore {
  readonly asked: string[] = [];
  constructor(readonly valid: readonly string[]) {
    super();
  }
  override isValid(path: StorePath): boolean {
    this.asked.push(path);
    return this.valid.includes(path);
  }
  override realPath(path: StorePath): string {
    return `/real/${path.slice("/nix/store/".length)}`;
  }
}

Deno.test("StoreIO reads valid paths where the store has them, and asks once", () => {
  const real = `/real/${TREE.slice("/nix/store/".length)}`;
  const files = { [`${real}/a`]: "text a", [`${real}/b/link`]: { symlink: "../a" } };
  const other = "/nix/store/00000000000000000000000000000000-x";
  const store = new StoreElsewhere([TREE]);
  const { io } = world({ files, store });
  assertEquals(bytesToBinary(io.readFile(`${TREE}/b/link`)), "text a");
  assertEquals([...io.readDir(TREE)].sort(), [["a", "regular"], ["b", "directory"]]);
  assertEquals([io.isValid(TREE as StorePath), io.pathExists(other)], [true, false]);
  assertEquals(store.asked, [TREE], "what has no files isn't asked about");
  const invalid = new StoreElsewhere([]);
  assertEquals(world({ files, store: invalid }).io.pathExists(TREE), false);
});

Deno.test("StoreIO shows a restricted program no valid path that it may not look at", () => {
  const host = new MemoryIO({ files: { [`/real/${TREE.slice("/nix/store/".length)}`]: "text" } });
  const files = new RestrictedIO(host, "restricted");
  const store = new StoreElsewhere([TREE]);
  const io = new StoreIO({ files, storeFiles: host, store, knownPaths: new KnownPaths() });
  assertEquals(io.pathExists(TREE), false);
  assertThrows(() => io.readFile(TREE), NixError);
  files.allow(TREE);
  assertEquals(bytesToBinary(io.readFile(TREE)), "text");
});

function addDerivation(knownPaths: KnownPaths, inputSrcs: readonly StorePath[]): KnownDerivation {
  const make = (): Derivation => ({
    name: "d",
    outputs: new Map([["out", { kind: "deferred" }]]),
    inputDrvs: new Map(),
    inputSrcs,
    system: "s",
    builder: "b",
    args: [],
    env: new Map(),
  });
  return knownPaths.addDerivation(make(), { make });
}

Deno.test("storeWriter puts everything into a store in which references must be valid", () => {
  const store = new MemoryStore();
  const { io, knownPaths } = world({ store });
  knownPaths.observe(storeWriter(store));
  const tree = io.importPath("/src", { name: "tree", method: "nar" }) as StorePath;
  const text = makeTextPath(`see ${tree}`, { name: "text", references: [tree] });
  knownPaths.addText({ path: text, contents: `see ${tree}`, references: [tree] });
  const { path } = addDerivation(knownPaths, [text]);
  assertEquals([...store.paths()], [tree, text, path]);
  assertEquals(store.queryPathInfo(path)?.references, [text]);
  assertEquals(bytesToBinary(store.readFile(path)!), bytesToBinary(io.readFile(path)));
  assertEquals(splitStorePath(`${tree}/a`).storePath, tree);
  assertEquals(store.tree(tree)?.type, "directory");
});

Deno.test("makeCopyToStore copies a path once, under its own name", () => {
  const { io, knownPaths } = world();
  const messages: string[] = [];
  const log = {
    trace() {},
    warn() {},
    message: (level: number, text: string) => void messages.push(`${level} ${text}`),
  };
  const copy = makeCopyToStore({ io, log });
  const a = copy(new PathValue("/src/a"));
  assertEquals(copy(new PathValue("/src/a")), a);
  assertEquals(a.slice(44), "a");
  assertEquals(messages, [`5 copied source '/src/a' -> '${a}'`]);
  assertEquals(copy(pathValue("<nix/own.nix>")).slice(44), "own.nix");
  assertEquals([...knownPaths.entries()].length, 2);
  assertEquals(message(() => copy(new PathValue("/x.drv"))), "file names are not allowed to end in '.drv'");
});

Deno.test("internal files have a path of their own and a display form", () => {
  const { io } = world();
  const value = pathValue("<nix/own.nix>");
  assertEquals([value.path, value.display, ioPath(value)], ["/own.nix", "<nix/own.nix>", "<nix/own.nix>"]);
  assertEquals(bytesToBinary(io.readFile(ioPath(value))), "1");
  assertEquals([...io.readDir("<nix/>")], [["own.nix", "regular"]]);
  assertEquals(message(() => io.readFile("<nix/none.nix>")), "path '<nix/none.nix>' does not exist");
});

Deno.test("makeRealise lets through what is there", () => {
  const { io, knownPaths } = world();
  const tree = io.importPath("/src", { name: "tree", method: "nar" });
  const { path } = addDerivation(knownPaths, []);
  const realised: string[] = [];
  const deps = { knownPaths, isValid: (at: StorePath) => io.isValid(at), allowImportFromDerivation: true };
  const realise = makeRealise(deps);
  realise(null);
  realise(Context.from([tree, `=${path}`]));
  const missing = "00000000000000000000000000000000-x";
  assertEquals(message(() => realise(Context.of(`/nix/store/${missing}`))), `path '${missing}' is not valid`);
  assertEquals(
    message(() => realise(Context.of(`!out!/nix/store/${missing}.drv`))),
    `path '${missing}.drv' is not valid`,
  );

  const error = assertThrows(() => realise(Context.of(`!out!${path}`)), NixError);
  assertEquals(error.kind, "unsupported");
  assertEquals(
    stripEscapes(error.message),
    `cannot build '${path}^out' during evaluation: import from derivation is not supported`,
  );
  assertEquals(
    message(() => makeRealise({ ...deps, allowImportFromDerivation: false })(Context.of(`!out!${path}`))),
    `cannot build '${path}^out' during evaluation because the option 'allow-import-from-derivation' is disabled`,
  );
  makeRealise({
    ...deps,
    realiseOutput: (drvPath: DrvPath, output: string) => realised.push(`${drvPath} ${output}`) > 0,
  })(Context.of(`!out!${path}`));
  assertEquals(realised, [`${path} out`]);
});
