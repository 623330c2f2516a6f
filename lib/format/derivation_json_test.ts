import { assertEquals, assertThrows } from "@std/assert";
import { parseAterm } from "./aterm.ts";
import { bytesToBinary } from "./bytes.ts";
import { parseDerivationJson, printDerivationJson, printDerivationsJson } from "./derivation_json.ts";
import { DerivationError } from "./errors.ts";
import { drvNameFromPath } from "./store_path.ts";
import { testdata, testDrvs } from "./_testdata.ts";

const DRVS = Array.from(
  testDrvs(),
  ([path, aterm]) => [path, parseAterm(aterm, { name: drvNameFromPath(path) })] as const,
);
const TEXT_DRVS = DRVS.filter(([, drv]) => drv.name !== "bytes");

Deno.test("printDerivationsJson is what nix derivation show prints", () => {
  assertEquals(printDerivationsJson(TEXT_DRVS) + "\n", bytesToBinary(testdata("show.json")));
});

for (const [, drv] of TEXT_DRVS) {
  Deno.test(`parseDerivationJson gives back ${drv.name}`, () => {
    assertEquals(parseDerivationJson(printDerivationJson(drv)), drv);
  });
}

Deno.test("printDerivationJson refuses strings that aren't UTF-8", () => {
  const [, drv] = DRVS.find(([, drv]) => drv.name === "bytes")!;
  assertThrows(() => printDerivationJson(drv), DerivationError, 'Cannot print derivation as JSON: "\xff" is not UTF-8');
});

const MINIMAL = {
  args: [],
  builder: "b",
  env: {},
  inputs: { drvs: {}, srcs: [] },
  name: "n",
  outputs: {},
  system: "s",
  version: 4,
};

Deno.test("printDerivationJson sorts names that look like numbers as strings", () => {
  const drv = parseDerivationJson(JSON.stringify({ ...MINIMAL, env: { 9: "", 10: "", 1: "" } }));
  assertEquals([...drv.env.keys()], ["1", "10", "9"]);
  assertEquals(printDerivationJson(drv).match(/"env":\{.*?\}/)![0], '"env":{"1":"","10":"","9":""}');
});

Deno.test("parseDerivationJson keeps the numbers of structured attributes and sorts their keys", () => {
  const json = JSON.stringify({ ...MINIMAL, structuredAttrs: 0 })
    .replace(
      '"structuredAttrs":0',
      '"structuredAttrs":{"b":1.0,"a":[9223372036854775807, 1e+20, "\\u00e9"],"10":null,"9":{}}',
    );
  const drv = parseDerivationJson(json);
  assertEquals(drv.env.get("__json"), '{"10":null,"9":{},"a":[9223372036854775807,1e+20,"\xc3\xa9"],"b":1.0}');
});

const REFUSED: [change: Record<string, unknown>, message: string][] = [
  [{ version: 3 }, "Cannot parse derivation JSON: version is 3, only 4 is supported"],
  [{ version: "4" }, 'Cannot parse derivation JSON: version is "4", only 4 is supported'],
  [{ name: undefined }, "Cannot parse derivation JSON: name is missing"],
  [{ args: ["a", 1] }, "Cannot parse derivation JSON: args[1] is not a string"],
  [{ env: [] }, "Cannot parse derivation JSON: env is not an object"],
  [{ inputs: { drvs: {}, srcs: "" } }, "Cannot parse derivation JSON: inputs.srcs is not a list"],
  [{ outputs: { out: { x: 1 } } }, "invalid JSON for derivation output"],
];

for (const [change, message] of REFUSED) {
  Deno.test(`parseDerivationJson refuses ${JSON.stringify(change)}`, () => {
    const text = JSON.stringify({ ...MINIMAL, ...change });
    assertEquals(assertThrows(() => parseDerivationJson(text), DerivationError).message, message);
  });
}

Deno.test("parseDerivationJson refuses text cut anywhere", () => {
  const text = printDerivationJson(TEXT_DRVS[0][1]);
  for (let length = 0; length < text.length; length++) {
    assertThrows(() => parseDerivationJson(text.slice(0, length)), DerivationError);
  }
});
