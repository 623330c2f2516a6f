// The derivations that Nix made of testdata/format/derivations.nix, for the tests of this folder.

import { bytesToBinary } from "./bytes.ts";
import { type DrvPath, storePathFromBaseName } from "./store_path.ts";

const DIR = new URL("../../testdata/format/", import.meta.url);

/** Returns a file of testdata/format. */
export function testdata(name: string): Uint8Array {
  return Deno.readFileSync(new URL(name, DIR));
}

/** Returns the ATerms by store path. */
export function testDrvs(): Map<DrvPath, string> {
  const names = Array.from(Deno.readDirSync(new URL("drvs/", DIR)), (entry) => entry.name).sort();
  return new Map(
    names.map((name) => [storePathFromBaseName(name) as DrvPath, bytesToBinary(testdata(`drvs/${name}`))]),
  );
}
