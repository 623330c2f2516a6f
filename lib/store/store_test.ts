// What every store does, and what the two in memory do besides.

import { assertEquals, assertThrows } from "@std/assert";
import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import { makeFixedOutputPath, makeTextPath } from "../format/content_address.ts";
import { hashOf, printHash } from "../format/hash.ts";
import { type FileTree, narBytes, treeSource } from "../format/nar.ts";
import type { StorePath } from "../format/store_path.ts";
import { ComputeOnlyStore } from "./compute_only.ts";
import { StoreError } from "./errors.ts";
import { MemoryStore } from "./memory.ts";

const TREE: FileTree = {
  type: "directory",
  entries: new Map([["file", { type: "regular", executable: true, contents: binaryToBytes("x") }]]),
};

function treeObject() {
  const nar = narBytes(treeSource(TREE), "");
  const ca = { method: "nar", hash: hashOf("sha256", nar) } as const;
  const path = makeFixedOutputPath(ca, { name: "tree" });
  return { path, ca, references: [] as StorePath[], dump: (sink: (chunk: Uint8Array) => void) => sink(nar) };
}

Deno.test("ComputeOnlyStore keeps nothing", () => {
  const store = new ComputeOnlyStore();
  const object = treeObject();
  store.addSource();
  assertEquals(store.isValid(object.path), false);
  assertEquals(store.queryPathInfo(object.path), undefined);
  assertEquals(store.storeDir, "/nix/store");
  assertEquals(new ComputeOnlyStore({ storeDir: "/gnu/store" }).storeDir, "/gnu/store");
  assertEquals(object.path.startsWith("/nix/store/"), true);
});

Deno.test("MemoryStore keeps trees and what they hash to", () => {
  const store = new MemoryStore();
  const object = treeObject();
  assertEquals(store.isValid(object.path), false);
  store.addSource(object);
  store.addSource(object);
  assertEquals([...store.paths()], [object.path]);
  const info = store.queryPathInfo(object.path)!;
  assertEquals(printHash(info.narHash!, "sri"), printHash(object.ca.hash, "sri"));
  assertEquals(info.narSize! > 0, true);
  assertEquals(store.tree(object.path), TREE);
  assertEquals(store.readFile(object.path), undefined);
});

Deno.test("MemoryStore keeps texts, whose references must be there", () => {
  const store = new MemoryStore();
  const object = treeObject();
  const contents = `see ${object.path}`;
  const references = [object.path];
  const path = makeTextPath(contents, { name: "text", references });
  assertThrows(() => store.addText({ path, contents, references }), StoreError);
  store.addSource(object);
  store.addText({ path, contents, references });
  assertEquals(bytesToBinary(store.readFile(path)!), contents);
  assertEquals(store.queryPathInfo(path)?.references, references);
});
