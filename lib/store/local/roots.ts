// What garbage collection keeps: gcroots and profiles (symlinks into the store, directly or through a symlink elsewhere),
// the temporary roots of processes, and what running processes have open.
//
// A process lists its temporary roots in temproots/<pid>…, each followed by NUL, and holds a lock on the file; without the
// lock the file is a dead process's, or of one that has yet to lock it: locks.ts has how that one learns that it is gone.
// Names begin with a number because C++ Nix reads one there.

import { bytesToBinary, utf8ToBinary } from "../../format/bytes.ts";
import { hashBytes } from "../../format/hash.ts";
import { encodeNixbase32 } from "../../format/nixbase32.ts";
import { isInStore, parseStorePath, splitStorePath, type StorePath } from "../../format/store_path.ts";
import { FormatError } from "../../format/errors.ts";
import { hostFailed, StoreError } from "../errors.ts";
import type { StoreLayout } from "./layout.ts";
import { isHeld, removeLockFile } from "./locks.ts";

/** The temporary roots of this process, gone when it ends. */
export class TempRoots {
  readonly #path: string;
  #file: Deno.FsFile | undefined;
  readonly #roots = new Set<StorePath>();

  constructor(layout: StoreLayout) {
    const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
    this.#path = `${layout.stateDir}/temproots/${Deno.pid}-${random}`;
  }

  /** Keeps paths from being collected. The caller must hold gc.lock (shared), or a collection may be past looking. */
  add(paths: Iterable<StorePath>): void {
    let text = "";
    for (const path of paths) {
      if (this.#roots.has(path)) continue;
      this.#roots.add(path);
      text += `${path}\0`;
    }
    if (text === "") return;
    try {
      if (this.#file === undefined) {
        this.#file = Deno.openSync(this.#path, { createNew: true, read: true, write: true, mode: 0o600 });
        this.#file.lockSync(true);
      }
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    } catch (e) {
      throw hostFailed("write temporary roots", this.#path, e);
    }
  }

  /** Gives the roots up. */
  close(): void {
    if (this.#file === undefined) return;
    try {
      Deno.removeSync(this.#path);
    } catch {
      // A collector may have taken it for a dead process's.
    }
    this.#file.close();
    this.#file = undefined;
    this.#roots.clear();
  }
}

/**
 * Returns the store paths that lists of processes' temporary roots name, which needn't be valid yet; lists of dead processes
 * are removed.
 */
export function findTempRoots(layout: StoreLayout): Set<StorePath> {
  const roots = new Set<StorePath>();
  const directory = `${layout.stateDir}/temproots`;
  for (const { name } of Deno.readDirSync(directory)) {
    // Package managers keep directories with hidden files.
    if (name[0] === ".") continue;
    for (const root of rootsIn(`${directory}/${name}`)) {
      const storePath = maybeStorePath(root, layout);
      if (storePath !== undefined) roots.add(storePath);
    }
  }
  return roots;
}

/** Returns what the list of a process names; that of a dead one is removed. */
function rootsIn(path: string): string[] {
  try {
    using file = Deno.openSync(path, { read: true, write: true });
    if (isHeld(file, { pid: parseInt(path.slice(path.lastIndexOf("/") + 1)) })) {
      return bytesToBinary(Deno.readFileSync(path)).split("\0").slice(0, -1);
    }
    removeLockFile(path, file);
  } catch (e) {
    // Its process has ended meanwhile.
    if (!(e instanceof Deno.errors.NotFound)) throw hostFailed("read temporary roots", path, e);
  }
  return [];
}

/** Returns the store paths that symlinks below gcroots and profiles lead to. Stale links in gcroots/auto are removed. */
export function findLinkedRoots(layout: StoreLayout): Set<StorePath> {
  const roots = new Set<StorePath>();
  const auto = `${layout.stateDir}/gcroots/auto/`;
  const add = (target: string) => {
    const storePath = maybeStorePath(target, layout);
    if (storePath !== undefined) roots.add(storePath);
    return storePath !== undefined;
  };
  const visit = (directory: string) => {
    let entries: Deno.DirEntry[];
    try {
      entries = [...Deno.readDirSync(directory)];
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = `${directory}/${entry.name}`;
      if (entry.isDirectory) visit(path);
      else if (entry.isFile) add(`${layout.storeDir}/${entry.name}`);
      if (!entry.isSymlink) continue;
      const target = linkOf(path);
      if (target === "" || add(utf8ToBinary(target))) continue;
      const place = target.startsWith("/") ? target : `${directory}/${target}`;
      if (path.startsWith(auto) && !exists(place)) tryRemove(path);
      else add(utf8ToBinary(linkOf(place)));
    }
  };
  visit(`${layout.stateDir}/gcroots`);
  visit(`${layout.stateDir}/profiles`);
  return roots;
}

function tryRemove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Gone since, or another user's.
  }
}

/** True where that can't be told. */
function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (e) {
    return !(e instanceof Deno.errors.NotFound || e instanceof Deno.errors.NotADirectory);
  }
}

/** Returns the store paths that running processes execute, are in, have open or mapped, or name in their environment. */
export function findRuntimeRoots(layout: StoreLayout): Set<StorePath> {
  const roots = new Set<StorePath>();
  const dirs = [...new Set([layout.storeDir, utf8ToBinary(layout.realStoreDir)])];
  const pattern = new RegExp(
    `(?:${dirs.map((dir) => dir.replace(/[.*+?^\${}()|[\]\\]/g, "\\$&")).join("|")})/([0-9a-z]{32}-[0-9a-zA-Z+._?=-]+)`,
    "g",
  );
  const scan = (read: () => string) => {
    try {
      for (const [, name] of read().matchAll(pattern)) {
        const path = maybeStorePath(`${layout.storeDir}/${name}`, layout);
        if (path !== undefined) roots.add(path);
      }
    } catch {
      // Gone since, or another user's.
    }
  };
  let processes: string[] = [];
  try {
    processes = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => /^[0-9]+$/.test(name));
  } catch {
    return roots;
  }
  for (const pid of processes) {
    for (const link of ["exe", "cwd"]) scan(() => Deno.readLinkSync(`/proc/${pid}/${link}`));
    for (const file of ["maps", "environ"]) scan(() => bytesToBinary(Deno.readFileSync(`/proc/${pid}/${file}`)));
    scan(() =>
      [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => linkOf(`/proc/${pid}/fd/${name}`)).join("\n")
    );
  }
  return roots;
}

/** Returns where a symlink leads; "" if it is gone, none, or another user's. */
function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function maybeStorePath(path: string, { storeDir }: StoreLayout): StorePath | undefined {
  try {
    return path.startsWith(`${storeDir}/`)
      ? splitStorePath(path.replace(/\/+$/, ""), { storeDir }).storePath
      : undefined;
  } catch (e) {
    if (e instanceof FormatError) return undefined;
    throw e;
  }
}

/**
 * Makes `link`, an absolute host path, a symlink to a store path. What was a symlink into the store before is replaced.
 * @throws {StoreError} if there is something else.
 */
export function makeRootLink(link: string, path: StorePath): void {
  const storeDir = path.slice(0, path.lastIndexOf("/"));
  parseStorePath(path, { storeDir });
  const temporary = `${link}.tmp-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  try {
    Deno.mkdirSync(link.slice(0, link.lastIndexOf("/")) || "/", { recursive: true });
    if (exists(link) && !isRootLink(link, storeDir)) {
      throw new StoreError(`Cannot make root "${utf8ToBinary(link)}": there is something else already`, { path: link });
    }
    Deno.symlinkSync(path, temporary);
    try {
      Deno.renameSync(temporary, link);
    } catch (e) {
      Deno.removeSync(temporary);
      throw e;
    }
  } catch (e) {
    throw hostFailed("make root", link, e);
  }
}

/** Whether something is a symlink into the store: anything else may be somebody's who wants to keep it. */
function isRootLink(link: string, storeDir: string): boolean {
  return Deno.lstatSync(link).isSymlink && isInStore(utf8ToBinary(Deno.readLinkSync(link)), { storeDir });
}

/** Makes what `link` (an absolute host path) leads to a root of the store for as long as the link is there. */
export function addIndirectRoot(layout: StoreLayout, link: string): void {
  const directory = `${layout.stateDir}/gcroots/auto`;
  const name = encodeNixbase32(hashBytes("sha1", utf8ToBinary(link)));
  try {
    Deno.mkdirSync(directory, { recursive: true });
    const temporary = `${directory}/.tmp-${Deno.pid}-${name}`;
    if (exists(temporary)) Deno.removeSync(temporary);
    Deno.symlinkSync(link, temporary);
    Deno.renameSync(temporary, `${directory}/${name}`);
  } catch (e) {
    throw hostFailed("register root", link, e);
  }
}
