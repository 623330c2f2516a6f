// Garbage collection: what no root leads to, directly or not, is removed, and so is whatever else lies in the store
// directory. A derivation whose output is kept is kept too, as in C++ Nix with its default settings.
//
// Paths become invalid first, in one transaction, and then their files go: a process that dies in between leaves files
// that the next collection finds.
//
// Others may be writing all the while. C++ Nix holds gc.lock only while it enters a path among its temporary roots, and
// then writes its files and locks (`<path>.lock`, `<path>.chroot`), before it is valid: so all that begins with the hash of
// such a root stays. Only paths with such a root become valid meanwhile, and only if all they refer to still is.

import { type StorePath, storePathBaseName, storePathHashPart } from "../../format/store_path.ts";
import { hostPath } from "../files/host_path.ts";
import { hostNames, hostStat } from "../files/host_tree.ts";
import { removeTree } from "../files/restore.ts";
import type { LocalStore } from "../local.ts";
import type { StoreDatabase } from "./database.ts";
import type { StoreLayout } from "./layout.ts";
import { isHeld, lockFile } from "./locks.ts";
import { findLinkedRoots, findRuntimeRoots, findTempRoots } from "./roots.ts";

/** What a collection removed, or would remove. */
export interface Collected {
  /** Sorted. */
  readonly paths: readonly StorePath[];
  /** Bytes of the files; 0 for a dry run. */
  readonly bytes: number;
}

/** What is kept, with all it refers to. */
interface Roots {
  readonly paths: ReadonlySet<StorePath>;
  /** Hash parts of what processes keep, valid or not. */
  readonly hashParts: ReadonlySet<string>;
}

/** Which paths are valid and kept, and which are valid and not. */
interface Division {
  readonly live: ReadonlySet<StorePath>;
  readonly dead: readonly StorePath[];
}

/** Removes what nothing leads to. With `dryRun` it only says what that is. */
export function collectGarbage(store: LocalStore, options: { readonly dryRun?: boolean } = {}): Collected {
  const { layout, database } = store;
  const lock = lockFile(`${layout.stateDir}/gc.lock`, "exclusive");
  try {
    // Nobody gets new roots as long as gc.lock is held.
    const roots = findRoots(layout);
    if (options.dryRun) return { paths: divide(database, roots).dead, bytes: 0 };
    let division: Division | undefined;
    database.invalidate(() => (division = divide(database, roots)).dead);
    const { live, dead } = division!;
    const kept = new Set([...live].map(storePathBaseName));
    let bytes = 0;
    for (const name of hostNames(layout.binaryStoreDir)) {
      if (name === ".links" || kept.has(name) || roots.hashParts.has(storePathHashPart(name as StorePath))) continue;
      const path = `${layout.binaryStoreDir}/${name}`;
      if (!isWrittenTo(path)) bytes += removeTree(path);
    }
    bytes += removeUnusedLinks(`${layout.binaryStoreDir}/.links`);
    database.vacuum();
    return { paths: dead, bytes };
  } finally {
    lock.release();
  }
}

function findRoots(layout: StoreLayout): Roots {
  const paths = new Set<StorePath>();
  for (const roots of [findLinkedRoots(layout), findRuntimeRoots(layout)]) for (const root of roots) paths.add(root);
  return { paths, hashParts: new Set(Array.from(findTempRoots(layout), storePathHashPart)) };
}

/** Divides the valid paths. */
function divide(database: StoreDatabase, { paths, hashParts }: Roots): Division {
  const references = groups(database.references());
  const derivers = groups(database.derivers());
  const valid = database.paths();
  const live = new Set(valid.filter((path) => paths.has(path) || hashParts.has(storePathHashPart(path))));
  // The set grows while it is walked.
  for (const path of live) {
    for (const reference of references.get(path) ?? []) live.add(reference);
    for (const deriver of derivers.get(path) ?? []) live.add(deriver);
  }
  return { live, dead: valid.filter((path) => !live.has(path)) };
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

const TEMPORARY = /\/tmp-(\d*)[^/]*$/;

/** Whether it is a temporary directory, `tmp-<pid>…`, that a process of C++ Nix holds. Ours would hold gc.lock. */
function isWrittenTo(path: string): boolean {
  const temporary = TEMPORARY.exec(path);
  if (temporary === null || hostStat(path)?.type !== "directory") return false;
  try {
    using directory = Deno.openSync(hostPath(path) ?? path, { read: true });
    return isHeld(directory, { pid: Number(temporary[1] || NaN) });
  } catch {
    // Gone since. What can't be opened stays, as in C++ Nix.
    return true;
  }
}

/** Files that C++ Nix's optimiser shares have a link here, which is of no use once it is the only one. */
function removeUnusedLinks(directory: string): number {
  let bytes = 0;
  for (const name of hostNames(directory)) {
    const path = hostPath(`${directory}/${name}`)!;
    try {
      const { nlink, size } = Deno.lstatSync(path);
      if (nlink !== 1) continue;
      Deno.removeSync(path);
      bytes += size;
    } catch (e) {
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
  }
  return bytes;
}
