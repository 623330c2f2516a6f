// deno bench -A lib/format/hash_modulo_bench.ts

import { AtermTemplate, parseAterm, writeAterm } from "./aterm.ts";
import type { Derivation } from "./derivation.ts";
import { type HashModulo, hashModulo, instantiate } from "./hash_modulo.ts";
import { hashHex } from "./hash.ts";
import { drvNameFromPath, type DrvPath, makeOutputPath } from "./store_path.ts";
import { testDrvs } from "./_testdata.ts";

const drvs = new Map(
  Array.from(testDrvs(), ([path, aterm]) => [path, parseAterm(aterm, { name: drvNameFromPath(path) })]),
);
const known = new Map<DrvPath, HashModulo>();
function lookup(path: DrvPath): HashModulo {
  const modulo = known.get(path) ?? hashModulo(drvs.get(path)!, lookup);
  known.set(path, modulo);
  return modulo;
}

// The size of a typical package of nixpkgs: 19 variables of 150 bytes.
const [multi] = [...drvs.values()].filter((drv) => drv.name === "multi");
const env = new Map<string, string>();
for (let i = 0; i < 19; i++) env.set(`variable${String.fromCharCode(97 + i)}`, "/nix/store/".repeat(14));
const usual: Derivation = {
  ...multi,
  args: ["-e", "builder.sh"],
  env,
  outputs: new Map([["out", { kind: "deferred" }]]),
};
const text = writeAterm(usual);

Deno.bench("instantiate", () => void instantiate(usual, lookup));
Deno.bench("AtermTemplate", () => void new AtermTemplate(usual));
Deno.bench("writeAterm", () => void writeAterm(usual));
Deno.bench("parseAterm", () => void parseAterm(text, { name: "multi" }));
Deno.bench("hashHex of the ATerm", () => void hashHex("sha256", text));
Deno.bench("makeOutputPath", () => void makeOutputPath("out", { modulo: "0".repeat(64), drvName: "multi" }));
