// Garbage collection: what no root leads to, directly or not, is removed, and so is whatever else lies in the store
// directory. A derivation whose output is kept is kept too, as in C++ Nix with its default settings.
//
// Paths become invalid first, in one transaction, and then their files go: a process that dies in between leaves files
// that the next collection finds.

import { type StorePath, storePathBaseName } from "../../format/store_path.ts";
import { hostPath } from "../files/host_path.ts";
import { hostNames } from "../files/host_tree.ts";
import { removeTree } from "../files/restore.ts";
import type { LocalStore } from "../local.ts";
import { lockFile } from "./locks.ts";
import { findLinkedRoots, findRuntimeRoots, findTempRoots } from "./roots.ts";

/** What a collection removed, or would remove. */
export interface Collected {
  /** Sorted. */
  readonly paths: readonly StorePath[];
  /** Bytes of the files; 0 for a dry run. */
  readonly bytes: number;
}

/** Removes what nothing leads to. With `dryRun` it only says what that is. */
export function collectGarbage(store: LocalStore, options: { readonly dryRun?: boolean } = {}): Collected {
  const { layout, database } = store;
  const lock = lockFile(`${layout.stateDir}/gc.lock`, "exclusive");
  try {
    const live = liveClosure(store);
    const dead = database.paths().filter((path) => !live.has(path));
    if (options.dryRun) return { paths: dead, bytes: 0 };
    database.invalidate(dead);
    let bytes = 0;
    const kept = new Set([...live].map(storePathBaseName));
    for (const name of hostNames(layout.binaryStoreDir)) {
      if (name !== ".links" && !kept.has(name)) bytes += removeTree(`${layout.binaryStoreDir}/${name}`);
    }
    bytes += removeUnusedLinks(`${layout.binaryStoreDir}/.links`);
    database.vacuum();
    return { paths: dead, bytes };
  } finally {
    lock.release();
  }
}

/** Returns the valid paths that roots lead to. */
function liveClosure({ layout, database }: LocalStore): Set<StorePath> {
  const references = groups(database.references());
  const derivers = groups(database.derivers());
  const valid = new Set(database.paths());
  const live = new Set<StorePath>();
  for (const roots of [findLinkedRoots(layout), findTempRoots(layout), findRuntimeRoots(layout)]) {
    for (const root of roots) if (valid.has(root)) live.add(root);
  }
  // The set grows while it is walked.
  for (const path of live) {
    for (const reference of references.get(path) ?? []) live.add(reference);
    for (const deriver of derivers.get(path) ?? []) live.add(deriver);
  }
  return live;
}

function groups(pairs: Iterable<readonly [StorePath, StorePath]>): Map<StorePath, StorePath[]> {
  const groups = new Map<StorePath, StorePath[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** Files that C++ Nix's optimiser shares have a link here, which is of no use once it is the only one. */
function removeUnusedLinks(directory: string): number {
  let bytes = 0;
  for (const name of hostNames(directory)) {
    const path = `${directory}/${name}`;
    const { nlink, size } = Deno.lstatSync(hostPath(path)!);
    if (nlink !== 1) continue;
    Deno.removeSync(hostPath(path)!);
    bytes += size;
  }
  return bytes;
}
