import { assertEquals, assertThrows } from "@std/assert";
import { Fetcher } from "../lib/fetch/fetcher.ts";
import { DEFAULT_FETCH_SETTINGS } from "../lib/fetch/settings.ts";
import { printHash } from "../lib/format/hash.ts";
import { bundleWorker, loadedByAll, renameWorkers } from "./bundle.ts";

Deno.test("renameWorkers() lets workers be found beside the bundle", () => {
  assertEquals(
    renameWorkers('a(new URL("./background/worker.ts", import.meta.url).href, new URL("..", import.meta.url))'),
    'a(new URL("./lib_store_background_worker.js", import.meta.url).href, new URL("..", import.meta.url))',
  );
  assertEquals(
    renameWorkers('new URL("../fetch_worker.ts", import.meta.url)'),
    'new URL("./fetch_worker.js", import.meta.url)',
  );
});

Deno.test("renameWorkers() fails if a worker wasn't bundled", () => {
  assertThrows(() => renameWorkers('new URL("./another.ts", import.meta.url)'), Error, "none of the workers");
});

Deno.test("loadedByAll() follows what is imported at once, from what every command loads", () => {
  const texts = new Map([
    ["cli.js", 'import {\n  a\n} from "./chunk-A.js";\nawait import("./main-X.js");\n'],
    ["main-X.js", 'import "./chunk-B.js";\nload(() => import("./store-Y.js"));\n'],
    ["chunk-A.js", 'export { b } from "./chunk-C.js";\nimport * as fs from "node:fs";\n'],
    ["chunk-B.js", ""],
    ["chunk-C.js", ""],
    ["chunk-D.js", 'import { DatabaseSync } from "node:sqlite";\n'],
    ["store-Y.js", 'import { d } from "./chunk-D.js";\n'],
  ]);
  assertEquals([...loadedByAll(texts)].sort(), ["chunk-A.js", "chunk-B.js", "chunk-C.js", "cli.js", "main-X.js"]);
});

// Libraries for archives are CommonJS and loaded when needed: bundlers and runtimes differ in what that gives.
Deno.test("the bundled fetch worker reads archives of all kinds", async () => {
  const archives = new URL("../testdata/fetch/archives/", import.meta.url).pathname;
  const { trees } = JSON.parse(await Deno.readTextFile(`${archives}expected.json`));
  const dir = await Deno.makeTempDir({ prefix: "devix-bundle-" });
  const worker = `file://${await bundleWorker("fetch_worker.ts", dir)}`;
  const fetcher = new Fetcher({ settings: { ...DEFAULT_FETCH_SETTINGS, cacheDir: `${dir}/cache` }, worker });
  try {
    for (const name of ["plain.tar.gz", "plain.tar.bz2", "plain.tar.xz", "plain.tar.zst", "plain.zip"]) {
      const { narHash } = fetcher.wait({ kind: "tarball", url: `file://${archives}${name}`, name: "source" });
      assertEquals(printHash(narHash, "sri"), trees[name].narHash, name);
    }
  } finally {
    fetcher.close();
    await Deno.remove(dir, { recursive: true });
  }
});
