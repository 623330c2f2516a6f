// Things to add to a daemon, for tests.

import { binaryToBytes, concatBytes } from "../../format/bytes.ts";
import { hashOf } from "../../format/hash.ts";
import { fileNarFrame, type FileTree, narBytes, treeSource } from "../../format/nar.ts";
import type { StorePath } from "../../format/store_path.ts";
import { flatObject, sourceObject, textObject, TREE } from "../_contract.ts";
import type { AddedObject } from "./client.ts";

/** Returns a text as the daemon takes it. */
export function addedText(name: string, contents: string, references: readonly StorePath[] = []): AddedObject {
  const { path } = textObject(name, contents, references);
  const bytes = binaryToBytes(contents);
  const { head, tail } = fileNarFrame(bytes.length);
  const nar = concatBytes([head, bytes, tail]);
  const ca = { method: "text" as const, hash: hashOf("sha256", bytes) };
  return { path, references, ca, narHash: hashOf("sha256", nar), narSize: nar.length, nar: () => nar };
}

/** Returns a tree as the daemon takes it. */
export function addedTree(name: string, tree: FileTree = TREE): AddedObject {
  const { path, ca } = sourceObject(name, tree);
  const nar = narBytes(treeSource(tree), "");
  const chunks = [nar.subarray(0, 100), nar.subarray(100, 20_000), nar.subarray(20_000)];
  return { path, references: [], ca, narHash: ca.hash, narSize: nar.length, nar: () => chunks };
}

/** Returns a file hashed flat as the daemon takes it. */
export function addedFlat(name: string, contents: string): AddedObject {
  const { path, ca } = flatObject(name, contents);
  return { ...addedText(name, contents), path, ca };
}
