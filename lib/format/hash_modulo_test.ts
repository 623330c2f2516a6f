import { assertEquals, assertThrows } from "@std/assert";
import { parseAterm } from "./aterm.ts";
import { type Derivation, type DerivationOutput, derivationType, newDerivation } from "./derivation.ts";
import {
  checkOutputPaths,
  fillInOutputPaths,
  type HashModulo,
  hashModulo,
  instantiate,
  makeDrvPath,
} from "./hash_modulo.ts";
import type { ModuloLookup } from "./hash_modulo.ts";
import { drvNameFromPath, type DrvPath, type StorePath } from "./store_path.ts";
import { parseHash } from "./hash.ts";
import { DerivationError } from "./errors.ts";
import { testDrvs } from "./_testdata.ts";

const ATERMS = testDrvs();
const DRVS = new Map(Array.from(ATERMS, ([path, aterm]) => [path, parseAterm(aterm, { name: drvNameFromPath(path) })]));

function rememberingLookup(): ModuloLookup {
  const known = new Map<DrvPath, HashModulo>();
  const lookup = (path: DrvPath): HashModulo => {
    const modulo = known.get(path) ?? hashModulo(DRVS.get(path)!, lookup);
    known.set(path, modulo);
    return modulo;
  };
  return lookup;
}
const LOOKUP = rememberingLookup();

/** The derivation as an evaluator has it before it knows output paths. */
function unfilled(drv: Derivation): Derivation {
  const computed = (name: string): boolean => drv.outputs.get(name)?.kind === "inputAddressed";
  return {
    ...drv,
    outputs: new Map(
      Array.from(drv.outputs, ([name, output]) => [name, computed(name) ? { kind: "deferred" } : output]),
    ),
    env: new Map(Array.from(drv.env, ([name, value]) => [name, computed(name) ? "" : value])),
  };
}

for (const [path, drv] of DRVS) {
  Deno.test(`instantiate gives Nix's path, text and outputs of ${drv.name}`, () => {
    const result = instantiate(unfilled(drv), LOOKUP);
    assertEquals(result.drvPath, path);
    assertEquals(result.aterm(), ATERMS.get(path));
    assertEquals(result.drv, drv);
    assertEquals({ ...result.modulo(), outputs: 0 }, { ...LOOKUP(path), outputs: 0 });
  });

  Deno.test(`checkOutputPaths finds ${drv.name} right`, () => checkOutputPaths(drv, LOOKUP));
}

function newDrv(parts: Partial<Derivation>): Derivation {
  return newDerivation({
    name: "n",
    outputs: new Map([["out", { kind: "deferred" }]]),
    inputDrvs: new Map(),
    inputSrcs: [],
    system: "s",
    builder: "b",
    args: [],
    env: new Map([["out", ""]]),
    ...parts,
  });
}

const NONE: ModuloLookup = (path) => {
  throw new Error(`unexpected lookup of ${path}`);
};

Deno.test("hashModulo is deferred from floating and impure outputs on", () => {
  for (const [path, drv] of DRVS) {
    assertEquals(
      LOOKUP(path).deferred,
      ["ca", "dca", "ddca", "imp", "cat", "dyn", "x.drv"].includes(drv.name),
      drv.name,
    );
  }
});

Deno.test("hashModulo of equal fixed outputs is equal, however they are fetched", () => {
  const fixed = [...DRVS].filter(([, drv]) => drv.name === "src.tar.gz").map(([path]) => LOOKUP(path).hex);
  assertEquals(fixed.length, 2);
  assertEquals(fixed[0], fixed[1]);
});

Deno.test("hashModulo masks outputs on demand", () => {
  const drv = fillInOutputPaths(newDrv({}), NONE);
  assertEquals(hashModulo(drv, NONE, { maskOutputs: true }).hex, hashModulo(newDrv({}), NONE).hex);
});

Deno.test("hashModulo refuses an input's missing output", () => {
  const [path] = [...DRVS.keys()].filter((path) => path.endsWith("-multi.drv"));
  const drv = newDrv({ inputDrvs: new Map([[path, { outputs: ["doc"] }]]) });
  assertThrows(() => hashModulo(drv, LOOKUP), DerivationError, "no hash for output 'doc' of derivation 'n'");
});

Deno.test("instantiate doesn't care for the order things are given in", () => {
  const [path, drv] = [...DRVS].find(([, drv]) => drv.name === "multi")!;
  const { outputs, env, inputDrvs, inputSrcs } = unfilled(drv);
  const shuffled = newDerivation({
    ...drv,
    outputs: new Map([...outputs].reverse()),
    env: new Map([...env].reverse()),
    inputDrvs: new Map([...inputDrvs].reverse()),
    inputSrcs: [...inputSrcs, ...inputSrcs],
  });
  assertEquals(instantiate(shuffled, LOOKUP).drvPath, path);
});

Deno.test("instantiate adds variables that are missing", () => {
  const { drv, aterm } = instantiate(newDrv({ env: new Map([["z", ""], ["a", ""]]) }), NONE);
  assertEquals([...drv.env.keys()], ["a", "out", "z"]);
  assertEquals(parseAterm(aterm(), { name: "n" }), drv);
});

Deno.test("instantiate leaves its argument alone", () => {
  const drv = newDrv({});
  instantiate(drv, NONE);
  assertEquals(drv, newDrv({}));
});

Deno.test("instantiate puts paths into the given store directory", () => {
  const { drv, drvPath } = instantiate(newDrv({}), NONE, { storeDir: "/s" });
  assertEquals(drvPath.slice(0, 3), "/s/");
  assertEquals(drv.env.get("out")!.slice(0, 3), "/s/");
});

const ELSEWHERE = "/nix/store/00bgd045z0d4icpbc2yyz4gx48ak44la-n" as StorePath;
const OUT = fillInOutputPaths(newDrv({}), NONE).env.get("out")!;

Deno.test("fillInOutputPaths refuses a wrong variable", () => {
  assertThrows(
    () => fillInOutputPaths(newDrv({ env: new Map([["out", "x"]]) }), NONE),
    DerivationError,
    `derivation has incorrect environment variable 'out', should be '${OUT}' but is actually 'x'`,
  );
});

Deno.test("checkOutputPaths refuses a wrong path, a path too many, and a variable too few", () => {
  const wrong: DerivationOutput = { kind: "inputAddressed", path: ELSEWHERE };
  assertThrows(
    () => checkOutputPaths(newDrv({ outputs: new Map([["out", wrong]]) }), NONE),
    DerivationError,
    `derivation has incorrect output '${ELSEWHERE}', should be '${OUT}'`,
  );
  const [ca] = [...DRVS.keys()].filter((path) => path.endsWith("-ca.drv"));
  const inputDrvs = new Map([[ca, { outputs: ["out"] }]]);
  assertThrows(
    () => checkOutputPaths(newDrv({ outputs: new Map([["out", wrong]]), inputDrvs }), LOOKUP),
    DerivationError,
    `derivation has incorrect output '${ELSEWHERE}', should be deferred`,
  );
  const fixed: DerivationOutput = {
    kind: "fixed",
    ca: { method: "flat", hash: parseHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") },
    path: ELSEWHERE,
  };
  assertThrows(
    () => checkOutputPaths(newDrv({ outputs: new Map([["out", fixed]]), env: new Map() }), NONE),
    DerivationError,
    `derivation has missing environment variable 'out', should be '${ELSEWHERE}' but is not present`,
  );
});

Deno.test("makeDrvPath counts a path that is source and derivation once", () => {
  const [path, drv] = [...DRVS].find(([, drv]) => drv.name === "deep")!;
  const both = { ...drv, inputSrcs: [...drv.inputSrcs, ...drv.inputDrvs.keys()].sort() };
  assertEquals(makeDrvPath(both, ATERMS.get(path)!), path);
});

const FLOATING = { kind: "floating", method: "nar", algo: "sha256" } as const;
const FIXED: DerivationOutput = {
  kind: "fixed",
  ca: { method: "flat", hash: parseHash("md5:" + "0".repeat(32)) },
  path: ELSEWHERE,
};
const TYPES: [outputs: [string, DerivationOutput][], message: string][] = [
  [[], "must have at least one output"],
  [[["a", { kind: "deferred" }], ["b", FLOATING]], "can't mix derivation output types"],
  [[["a", FLOATING], ["b", { ...FLOATING, algo: "sha1" }]], "all floating outputs must use the same hash algorithm"],
  [[["dev", FIXED]], 'single fixed output must be named "out"'],
  [[["out", FIXED], ["zzz", FIXED]], "only one fixed output is allowed for now"],
];

for (const [outputs, message] of TYPES) {
  Deno.test(`derivationType says "${message}"`, () => {
    const drv = newDrv({ outputs: new Map(outputs) });
    assertEquals(assertThrows(() => derivationType(drv), DerivationError).message, message);
  });
}
