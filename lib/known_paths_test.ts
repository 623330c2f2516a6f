import { assertEquals, assertThrows } from "@std/assert";
import type { Derivation } from "./format/derivation.ts";
import { writeAterm } from "./format/aterm.ts";
import { DerivationError } from "./format/errors.ts";
import type { DrvPath, StorePath } from "./format/store_path.ts";
import { KnownPaths, UnknownPathError } from "./known_paths.ts";

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

const SOURCE = "/nix/store/00000000000000000000000000000000-source" as StorePath;
const TEXT = "/nix/store/11111111111111111111111111111111-text" as StorePath;
const FETCH = "/nix/store/22222222222222222222222222222222-fetch" as StorePath;

function source(path: StorePath, references: readonly StorePath[] = []) {
  const ca = { method: "nar", hash: { algo: "sha256", digest: new Uint8Array(32) } } as const;
  return { path, origin: "/src", leftOut: new Set<string>(), ca, size: 0, references, dump: () => {} };
}

Deno.test("KnownPaths computes what C++ Nix computes", () => {
  const known = new KnownPaths().addDerivation({
    ...derivation("n"),
    system: "s",
    builder: "b",
    env: new Map([["builder", "b"], ["name", "n"], ["out", ""], ["system", "s"]]),
  });
  assertEquals(known.path, "/nix/store/wr1i7p014rsirg48bgmkclzgi393aj0p-n.drv");
  assertEquals(known.drv.outputs.get("out"), {
    kind: "inputAddressed",
    path: "/nix/store/8qwygm88qsiwpdycf5hhk51zjbh3kgaa-n",
  });
});

Deno.test("KnownPaths takes a derivation only after its inputs", () => {
  const known = new KnownPaths();
  const a = new KnownPaths().addDerivation(derivation("a"));
  const error = assertThrows(() => known.addDerivation(derivation("b", [a.path])), UnknownPathError);
  assertEquals(error.path, a.path);
  known.addDerivation(derivation("a"));
  known.addDerivation(derivation("b", [a.path]));
});

Deno.test("KnownPaths refuses a derivation that uses an output its input hasn't", () => {
  const known = new KnownPaths();
  const a = known.addDerivation(derivation("a"));
  const b = derivation("b");
  const wrong = { ...b, inputDrvs: new Map([[a.path, { outputs: ["dev"] }]]) };
  assertThrows(() => known.addDerivation(wrong), DerivationError);
});

Deno.test("KnownPaths tells observers of everything, once, inputs first", () => {
  const known = new KnownPaths();
  const early: string[] = [];
  const late: string[] = [];
  const recorder = (log: string[]) => ({
    onDerivation: ({ drv }: { drv: Derivation }, aterm: () => string) => {
      assertEquals(aterm(), writeAterm(drv));
      log.push(drv.name);
    },
    onSource: ({ path }: { path: StorePath }) => void log.push(path),
    onText: ({ path }: { path: StorePath }) => void log.push(path),
    onFetch: ({ path }: { path: StorePath }) => void log.push(path),
  });
  known.observe(recorder(early));
  known.addSource(source(SOURCE));
  const a = known.addDerivation(derivation("a"));
  known.addText({ path: TEXT, contents: "", references: [SOURCE] });
  known.observe(recorder(late));
  known.addFetch({ path: FETCH, fetch: null });
  known.addDerivation(derivation("b", [a.path]));
  for (let i = 0; i < 2; i++) {
    known.addDerivation(derivation("a"));
    known.addSource(source(SOURCE));
  }
  assertEquals(early, [SOURCE, "a", TEXT, FETCH, "b"]);
  assertEquals(late, early);
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
  const a = other.addDerivation(derivation("a"));
  const b = other.addDerivation(derivation("b", [a.path]));
  const stored = new Map([a, b].map(({ path, drv }) => [path, writeAterm(drv)]));
  const known = new KnownPaths({ readDrv: (path) => stored.get(path) });
  known.observe({ onDerivation: ({ path }) => assertEquals(path, c.path) });
  const c = other.addDerivation(derivation("c", [b.path]));
  assertEquals(known.addDerivation(derivation("c", [b.path])).path, c.path);
  assertEquals(known.derivation(b.path).modulo.hex, b.modulo.hex);
  assertEquals(known.get(b.path), undefined);
});

Deno.test("KnownPaths finds all that a derivation's file refers to", () => {
  const known = new KnownPaths();
  known.addText({ path: TEXT, contents: "", references: [SOURCE] });
  known.addSource(source(SOURCE));
  const a = known.addDerivation({ ...derivation("a"), inputSrcs: [TEXT, FETCH] });
  const b = known.addDerivation(derivation("b", [a.path]));
  const asked: StorePath[] = [];
  const closure = known.closure(b.path, (path) => {
    asked.push(path);
    return [];
  });
  assertEquals(closure.sort(), [a.path, b.path, SOURCE, TEXT, FETCH].sort());
  assertEquals(asked, [FETCH]);
});
