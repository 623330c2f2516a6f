import { assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { type Derivation, fixedOutput } from "./format/derivation.ts";
import { writeAterm } from "./format/aterm.ts";
import { DerivationError } from "./format/errors.ts";
import { parseHash } from "./format/hash.ts";
import type { DrvPath, StorePath } from "./format/store_path.ts";
import { type KnownDerivation, KnownPaths, UnknownPathError, type WholeDerivation } from "./known_paths.ts";

function derivation(name: string, inputs: readonly DrvPath[] = []): Derivation {
  return {
    name,
    outputs: new Map([["out", { kind: "deferred" }]]),
    inputDrvs: new Map([...inputs].sort().map((path) => [path, { outputs: ["out"] }])),
    inputSrcs: [],
    system: "x86_64-linux",
    builder: "/bin/sh",
    args: [],
    env: new Map([["name", name]]),
  };
}

function fixed(name: string): Derivation {
  const ca = { method: "flat", hash: parseHash("md5:" + "0".repeat(32)) } as const;
  const output = fixedOutput(ca, { drvName: name, output: "out" });
  return { ...derivation(name), outputs: new Map([["out", output]]) };
}

/** Enters a derivation. */
function add(known: KnownPaths, drv: Derivation): KnownDerivation {
  const make = () => ({ ...drv, env: new Map(drv.env) });
  return known.addDerivation(make(), { make });
}

const SOURCE = "/nix/store/00000000000000000000000000000000-source" as StorePath;
const TEXT = "/nix/store/11111111111111111111111111111111-text" as StorePath;
const FETCH = "/nix/store/22222222222222222222222222222222-fetch" as StorePath;

function source(path: StorePath, references: readonly StorePath[] = []) {
  const ca = { method: "nar", hash: { algo: "sha256", digest: new Uint8Array(32) } } as const;
  return { path, origin: "/src", leftOut: new Set<string>(), ca, size: 0, references, dump: () => {} };
}

Deno.test("KnownPaths computes what C++ Nix computes", () => {
  const known = add(new KnownPaths(), {
    ...derivation("n"),
    system: "s",
    builder: "b",
    env: new Map([["builder", "b"], ["name", "n"], ["out", ""], ["system", "s"]]),
  });
  assertEquals(known.path, "/nix/store/wr1i7p014rsirg48bgmkclzgi393aj0p-n.drv");
  assertEquals(known.outputs.get("out"), "/nix/store/8qwygm88qsiwpdycf5hhk51zjbh3kgaa-n");
  assertEquals(known.nameVariable, "n");
});

Deno.test("KnownPaths takes a derivation only after its inputs", () => {
  const known = new KnownPaths();
  const a = add(new KnownPaths(), derivation("a"));
  const error = assertThrows(() => add(known, derivation("b", [a.path])), UnknownPathError);
  assertEquals(error.path, a.path);
  add(known, derivation("a"));
  add(known, derivation("b", [a.path]));
});

Deno.test("KnownPaths refuses a derivation that uses an output its input hasn't", () => {
  const known = new KnownPaths();
  const a = add(known, derivation("a"));
  const b = derivation("b");
  const wrong = { ...b, inputDrvs: new Map([[a.path, { outputs: ["dev"] }]]) };
  assertThrows(() => add(known, wrong), DerivationError);
});

Deno.test("KnownPaths tells observers of everything, once, inputs first", () => {
  const known = new KnownPaths();
  const log: string[] = [];
  known.observe({
    onDerivation: ({ name }: KnownDerivation, { drv, aterm }: WholeDerivation) => {
      assertEquals(aterm(), writeAterm(drv));
      log.push(name);
    },
    onSource: ({ path }: { path: StorePath }) => void log.push(path),
    onText: ({ path }: { path: StorePath }) => void log.push(path),
    onFetch: ({ path }: { path: StorePath }) => void log.push(path),
  });
  known.addSource(source(SOURCE));
  const a = add(known, derivation("a"));
  known.addText({ path: TEXT, contents: "", references: [SOURCE] });
  known.addFetch({ path: FETCH, fetch: null });
  add(known, derivation("b", [a.path]));
  for (let i = 0; i < 2; i++) {
    add(known, derivation("a"));
    known.addSource(source(SOURCE));
  }
  assertEquals(log, [SOURCE, "a", TEXT, FETCH, "b"]);
  assertEquals([...known.entries()].map((entry) => entry.kind), [
    "source",
    "derivation",
    "text",
    "fetch",
    "derivation",
  ]);
});

Deno.test("KnownPaths reads derivations of other evaluations from the store, without telling", () => {
  const other = new KnownPaths();
  const a = add(other, derivation("a"));
  const b = add(other, derivation("b", [a.path]));
  const stored = new Map([a, b].map(({ path }) => [path, writeAterm(other.whole(path))]));
  const known = new KnownPaths({ readDrv: (path) => stored.get(path) });
  known.observe({ onDerivation: ({ path }) => assertEquals(path, c.path) });
  const c = add(other, derivation("c", [b.path]));
  assertEquals(add(known, derivation("c", [b.path])).path, c.path);
  assertEquals(known.derivation(b.path).modulo.hex, b.modulo.hex);
  assertEquals(known.get(b.path), undefined);
});

Deno.test("KnownPaths finds all that a derivation's file refers to", () => {
  const known = new KnownPaths();
  known.addText({ path: TEXT, contents: "", references: [SOURCE] });
  known.addSource(source(SOURCE));
  const a = add(known, { ...derivation("a"), inputSrcs: [TEXT, FETCH] });
  const b = add(known, derivation("b", [a.path]));
  const asked: StorePath[] = [];
  const closure = known.closure(b.path, (path) => {
    asked.push(path);
    return [];
  });
  assertEquals(closure.sort(), [a.path, b.path, SOURCE, TEXT, FETCH].sort());
  assertEquals(asked, [FETCH]);
});

Deno.test("KnownPaths makes a derivation again for whoever wants all of it", () => {
  const known = new KnownPaths();
  const texts = new Map<StorePath, string>();
  known.observe({ onDerivation: ({ path }, { aterm }) => void texts.set(path, aterm()) });
  const a = add(known, derivation("a"));
  const b = add(known, derivation("b", [a.path]));
  for (const { path } of [a, b]) assertEquals(writeAterm(known.whole(path)), texts.get(path));
  const changing = known.addDerivation(derivation("c"), { make: () => derivation("no-c-any-more") });
  assertThrows(() => known.whole(changing.path), UnknownPathError);
});

Deno.test("KnownPaths keeps texts instead of what derivations are made of", () => {
  const known = new KnownPaths();
  known.keepTexts();
  const forgotten = () => {
    throw new Error("made again");
  };
  const a = known.addDerivation(derivation("a"), { make: forgotten });
  const b = known.addDerivation(derivation("b", [a.path]), { make: forgotten });
  assertStrictEquals(known.addDerivation(derivation("a"), { make: forgotten }), a);
  const made = new KnownPaths();
  for (const drv of [derivation("a"), derivation("b", [a.path])]) {
    const { path } = add(made, drv);
    assertEquals(known.whole(path), made.whole(path));
  }
  assertEquals(known.derivation(b.path), b);
});

Deno.test("KnownPaths knows a derivation that is made again by what it is made of", () => {
  const known = new KnownPaths();
  const used: StorePath[] = [];
  known.observe({ onUse: ({ path }) => void used.push(path) });
  const a = add(known, derivation("a"));
  // Two that fetch the same in two ways have one hash: what is made of the one isn't what is made of the other.
  const [x, y] = ["x", "y"].map((builder) => add(known, { ...fixed("src"), builder }));
  assertEquals(x.modulo, y.modulo);
  const ofX = add(known, derivation("b", [a.path, x.path]));
  const ofY = add(known, derivation("b", [a.path, y.path]));
  const ofBoth = add(known, derivation("b", [x.path, y.path]));
  assertEquals(new Set([ofX, ofY, ofBoth].map(({ path }) => path)).size, 3);
  assertEquals(ofX.outputs.get("out"), ofY.outputs.get("out"));
  assertStrictEquals(add(known, derivation("b", [a.path, y.path])), ofY);
  assertStrictEquals(add(known, derivation("b", [x.path, y.path])), ofBoth);
  assertNotEquals(add(known, { ...derivation("b", [a.path, y.path]), name: "b2" }).path, ofY.path);
  assertEquals(used.filter((path) => path === ofY.path).length, 2);
});

Deno.test("KnownPaths refuses an observer that has missed something", () => {
  const known = new KnownPaths();
  add(known, derivation("a"));
  assertThrows(() => known.observe({}), TypeError);
});
