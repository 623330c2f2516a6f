import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { DEFAULT_SETTINGS, Session } from "../mod.ts";
import { generatePackageFiles, generatePackageSet } from "./generate.ts";

Deno.test("generatePackageSet() is decided by its seed", () => {
  assertEquals(generatePackageSet(1, 5000), generatePackageSet(1, 5000));
  assertNotEquals(generatePackageSet(1, 5000), generatePackageSet(2, 5000));
});

Deno.test("generatePackageSet() is about as long as asked for", () => {
  const { length } = generatePackageSet(1, 100_000);
  assert(length >= 100_000 && length < 105_000, `${length}`);
});

Deno.test("generatePackageFiles() has a file for each package and one that imports them", () => {
  const files = generatePackageFiles(1, 3);
  assertEquals([...files.keys()], ["package-0.nix", "package-1.nix", "package-2.nix", "default.nix"]);
});

Deno.test("generated code parses", () => {
  const log = { trace: () => {}, warn: () => {}, message: () => {} };
  const session = new Session({ settings: DEFAULT_SETTINGS, log, currentDir: "/" });
  for (const text of [generatePackageSet(7, 50_000), ...generatePackageFiles(7, 20).values()]) {
    assertEquals(session.parse(text, { kind: "string" }).kind === undefined, false);
  }
});
