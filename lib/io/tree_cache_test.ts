import { assertEquals } from "@std/assert";
import { treeCache } from "./tree_cache.ts";

const contents = new TextEncoder().encode("{ a = 1; }");
const image = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);

function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(`${folder}/trees`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function fileIn(folder: string): string {
  const files: string[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    for (const inner of Deno.readDirSync(`${folder}/${name}`)) files.push(`${folder}/${name}/${inner.name}`);
  }
  assertEquals(files.length, 1);
  return files[0];
}

Deno.test("treeCache gives back what it was given, to others too", () =>
  inFolder((folder) => {
    const cache = treeCache(folder, "devix 1");
    const key = cache.key(contents, "/dir");
    assertEquals(cache.get(key), undefined);
    cache.put(key, image);
    assertEquals(cache.get(key), image);
    assertEquals(treeCache(folder, "devix 1").get(key), image);
  }));

Deno.test("treeCache finds what it was given in folders that aren't ASCII", () =>
  inFolder((folder) => {
    const cache = treeCache(`${folder}\u00f6\u65e5`, "devix 1");
    const key = cache.key(contents, "/dir");
    cache.put(key, image);
    assertEquals(cache.get(key), image);
    Deno.removeSync(`${folder}\u00f6\u65e5`, { recursive: true });
  }));

Deno.test("treeCache keeps images of any length", () =>
  inFolder((folder) => {
    const cache = treeCache(folder, "devix 1");
    for (const length of [1, 15, 16, 17, 65_535, 65_537, 1_000_003]) {
      const key = cache.key(contents, `/${length}`);
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
      cache.put(key, bytes);
      assertEquals(cache.get(key), bytes);
    }
  }));

Deno.test("treeCache tells contents, contexts and programs apart", () =>
  inFolder((folder) => {
    const cache = treeCache(folder, "devix 1");
    const keys = new Set([
      cache.key(contents, "/dir"),
      cache.key(contents, "/other"),
      cache.key(image, "/dir"),
      treeCache(folder, "devix 2").key(contents, "/dir"),
    ]);
    assertEquals(keys.size, 4);
  }));

Deno.test("treeCache takes a damaged file for none, and replaces it", () =>
  inFolder((folder) => {
    const cache = treeCache(folder, "devix 1");
    const key = cache.key(contents, "/dir");
    cache.put(key, image);
    const file = fileIn(folder);
    const bytes = Deno.readFileSync(file);
    for (const at of [0, 500, bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[at] ^= 1;
      Deno.writeFileSync(file, damaged);
      assertEquals(cache.get(key), undefined);
    }
    for (const length of [0, 10, bytes.length - 1]) {
      Deno.writeFileSync(file, bytes.subarray(0, length));
      assertEquals(cache.get(key), undefined);
    }
    cache.put(key, image);
    assertEquals(cache.get(key), image);
  }));

Deno.test("treeCache does without a folder it can't write to", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(folder, "a file");
    const cache = treeCache(folder, "devix 1");
    const key = cache.key(contents, "/dir");
    cache.put(key, image);
    assertEquals(cache.get(key), undefined);
  }));
