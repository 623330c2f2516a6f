// What every store that keeps things does, as tests. Stores may add behind the caller's back: then what goes wrong comes to
// light in the next question.

import { assertEquals, assertThrows } from "@std/assert";
import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import { makeFixedOutputPath, makeTextPath } from "../format/content_address.ts";
import { hashOf, printHash } from "../format/hash.ts";
import { instantiate } from "../format/hash_modulo.ts";
import { type FileTree, narBytes, treeSource } from "../format/nar.ts";
import type { StorePath } from "../format/store_path.ts";
import { StoreError } from "./errors.ts";
import { libcIfAny } from "./files/libc.ts";
import type { SourceObject, Store, TextObject } from "./store.ts";

// Loaded here, or the test that needs it first is said to leak it.
libcIfAny();

/** A store under test, empty. */
export interface OpenStore {
  readonly store: Store;
  readonly close: () => void | Promise<void>;
}

/** Returns a text with its path. */
export function textObject(name: string, contents: string, references: readonly StorePath[] = []): TextObject {
  return { path: makeTextPath(contents, { name, references }), contents, references };
}

/** Returns a tree with its path. */
export function sourceObject(name: string, tree: FileTree, references: readonly StorePath[] = []): SourceObject {
  const nar = narBytes(treeSource(tree), "");
  const ca = { method: "nar" as const, hash: hashOf("sha256", nar) };
  return { path: makeFixedOutputPath(ca, { name, references }), ca, references, dump: (sink) => sink(nar) };
}

/** Returns a file hashed flat, with its path. */
export function flatObject(name: string, contents: string): SourceObject {
  const ca = { method: "flat" as const, hash: hashOf("sha256", contents) };
  return { path: makeFixedOutputPath(ca, { name }), ca, references: [], dump: (sink) => sink(binaryToBytes(contents)) };
}

/** A derivation without inputs, as the text of its file. */
export const DERIVATION = instantiate(
  {
    name: "x",
    outputs: new Map([["out", { kind: "deferred" }]]),
    inputDrvs: new Map(),
    inputSrcs: [],
    system: "s",
    builder: "b",
    args: [],
    env: new Map([["out", ""]]),
  },
  () => {
    throw new Error("it has no inputs");
  },
).aterm();

/** A tree with everything that a NAR can say. */
export const TREE: FileTree = {
  type: "directory",
  entries: new Map<string, FileTree>([
    ["big", { type: "regular", executable: false, contents: new Uint8Array(300_000).fill(65) }],
    ["dir", { type: "directory", entries: new Map([["empty", { type: "directory", entries: new Map() }]]) }],
    ["empty", { type: "regular", executable: false, contents: new Uint8Array(0) }],
    ["latin1-\xe9", { type: "regular", executable: false, contents: binaryToBytes("\xe9") }],
    ["link", { type: "symlink", target: "nowhere-\xff" }],
    ["run", { type: "regular", executable: true, contents: binaryToBytes("#!/bin/sh\n") }],
    ["utf8-\xc3\xa9", { type: "symlink", target: "dir/empty" }],
  ]),
};

/** Registers the contract's tests for a store; `ignore` skips them. */
export function testStore(
  name: string,
  open: () => OpenStore | Promise<OpenStore>,
  options: { readonly ignore?: boolean } = {},
): void {
  const test = (fact: string, check: (store: Store) => void) =>
    Deno.test({
      name: `${name} ${fact}`,
      ignore: options.ignore,
      async fn() {
        const { store, close } = await open();
        try {
          check(store);
        } finally {
          await close();
        }
      },
    });

  test("knows nothing of paths that weren't added", (store) => {
    const { path } = textObject("t", "never added");
    assertEquals(store.isValid(path), false);
    assertEquals(store.queryPathInfo(path), undefined);
    assertEquals(store.readFile(path), undefined);
  });

  test("keeps texts with their references", (store) => {
    const a = textObject("a", "one\n\xff");
    const b = textObject("b", `two ${a.path}`, [a.path]);
    store.addText(a);
    store.addText(b);
    assertEquals([store.isValid(a.path), store.isValid(b.path)], [true, true]);
    assertEquals(bytesToBinary(store.readFile(a.path)!), a.contents);
    const info = store.queryPathInfo(b.path)!;
    assertEquals(info.references, [a.path]);
    assertEquals(info.ca, { method: "text", hash: hashOf("sha256", b.contents) });
    const file: FileTree = { type: "regular", executable: false, contents: binaryToBytes(b.contents) };
    const nar = narBytes(treeSource(file), "");
    assertEquals([info.narHash, info.narSize], [hashOf("sha256", nar), nar.length]);
  });

  test("keeps derivations", (store) => {
    const drv = textObject("x.drv", DERIVATION);
    store.addText(drv);
    assertEquals(bytesToBinary(store.readFile(drv.path)!), DERIVATION);
  });

  test("keeps trees", (store) => {
    const source = sourceObject("tree", TREE);
    store.addSource(source);
    assertEquals(store.isValid(source.path), true);
    const info = store.queryPathInfo(source.path)!;
    assertEquals([info.ca, info.narHash, info.references], [source.ca, source.ca.hash, []]);
    assertEquals(store.readFile(source.path), undefined);
  });

  test("keeps files that are hashed flat", (store) => {
    const source = flatObject("flat", "some bytes");
    store.addSource(source);
    const info = store.queryPathInfo(source.path)!;
    assertEquals(info.ca, source.ca);
    assertEquals(printHash(info.narHash!, "sri"), "sha256-W0pdcXLqj0Ev8gpQlQrxBVt1oKGH9/pO+aO/vAtumkg=");
    assertEquals(bytesToBinary(store.readFile(source.path)!), "some bytes");
  });

  test("takes what is there already, without reading it", (store) => {
    const text = textObject("a", "twice");
    const source = sourceObject("tree", TREE);
    store.addText(text);
    store.addSource(source);
    store.addText(text);
    assertEquals([store.isValid(text.path), store.isValid(source.path)], [true, true]);
    store.addSource({
      ...source,
      dump: () => {
        throw new Error("was read again");
      },
    });
    assertEquals(store.isValid(source.path), true);
  });

  test("refuses what refers to something that isn't valid", (store) => {
    const missing = textObject("missing", "not there");
    const text = textObject("a", missing.path, [missing.path]);
    assertThrows(() => {
      store.addText(text);
      store.isValid(text.path);
    }, StoreError);
  });

  test("refuses contents that changed since they were hashed", (store) => {
    const source = sourceObject("tree", TREE);
    const changed = sourceObject("tree", { type: "symlink", target: "else" });
    assertThrows(() => {
      store.addSource({ ...source, dump: changed.dump });
      store.isValid(source.path);
    }, StoreError);
  });
}
