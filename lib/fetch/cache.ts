// What was fetched before, and where it is: tree files by the hash of their NAR, and facts that lead to them (what was at a
// URL, and its ETag; the tree of a commit).
//
// Several processes use one cache at once and any of them may be killed at any moment, so:
// - a tree file is written in the scratch folder, synced and renamed; its row in the index comes after;
// - a row without its file, or whose file isn't the one that was put there (size, inode, time stamps), is not believed: the
//   file is hashed, and dropped if the hash isn't its name;
// - what two processes would both fetch is guarded by a lock file, which the system releases when its holder dies;
// - scratch files bear the id of their process; those of processes that are gone are removed by the next one;
// - the index is SQLite with a write-ahead log; its file is named after the version of its schema. If it can't be read it is
//   set aside and begun anew: it holds nothing that can't be had again. Facts have a checksum, as SQLite's pages have none;
//   one that isn't what was noted is none.
//
// Trap: Deno reports mtime in milliseconds and ctime in seconds only, so both are compared, and the inode.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { whileLocked } from "../blocking/while_locked.ts";
import { utf8ToBinary } from "../format/bytes.ts";
import { type Hash, hashHex, parseHashUnprefixed, parseSri, printHash } from "../format/hash.ts";
import { hashTreeNow } from "./archive/unpack.ts";
import { FetchError, reasonOf } from "./errors.ts";
import { isAlive, newSession, removeScratch } from "./scratch.ts";

const SCHEMA_VERSION = 2;
/** Versions of devix that use one folder and disagree have an index each, and the trees in common. */
export const INDEX_FILE = `index-${SCHEMA_VERSION}.sqlite`;
const BUSY_TIMEOUT_MS = 20_000;

/** Clones that were used so recently may be in use; trees that are pruned too early are only fetched again. */
const IN_USE_SECONDS = 600;

const SCHEMA = `
create table if not exists trees (
  hash text primary key,
  nar_size integer not null,
  stamp text not null,
  size integer not null,
  created integer not null,
  used integer not null
) without rowid;
create table if not exists facts (
  domain text not null,
  key text not null,
  value text not null,
  time integer not null,
  sum text not null,
  primary key (domain, key)
) without rowid;
`;

/** A tree in the cache. */
export interface CachedTree {
  /** Path of the tree file. */
  readonly path: string;
  /** SHA-256 of the NAR. */
  readonly narHash: Hash;
  /** In bytes. */
  readonly narSize: number;
}

/** Something the cache was told. */
export interface Fact<T> {
  readonly value: T;
  /** When, in seconds since 1970. */
  readonly time: number;
}

/** What `verify` found. */
export interface CacheCheck {
  readonly trees: number;
  readonly bytes: number;
  /** Trees that were damaged, and are gone now; their hashes. */
  readonly damaged: readonly string[];
  /** Trees the index knew and that weren't there. */
  readonly missing: readonly string[];
}

/** What `prune` removed. */
export interface Pruned {
  readonly trees: number;
  /** Clones of git and hg repositories. */
  readonly repositories: number;
  /** Of both. */
  readonly bytes: number;
}

/** What may be removed. */
interface PrunableItem {
  readonly kind: "tree" | "clone";
  /** In seconds since 1970. */
  readonly used: number;
  /** In bytes. Of clones it takes a look at all of their files. */
  size(): number;
  /** Returns whether it is gone. */
  remove(): boolean;
}

/** What is in the cache. */
export interface CacheInfo {
  readonly dir: string;
  readonly trees: number;
  /** Of tree files, in bytes. */
  readonly bytes: number;
  readonly facts: number;
  /** Clones of git and hg repositories, in bytes. */
  readonly repositoryBytes: number;
  /** When a tree was last used, in seconds since 1970; undefined without trees. */
  readonly oldest: number | undefined;
}

/** How a cache is used. */
export interface FetchCacheOptions {
  /** The time in seconds since 1970. */
  readonly now?: () => number;
  /** Whom scratch files belong to ({@link newSession}); a session of its own unless given. */
  readonly session?: string;
}

/** A fetch cache in a folder. */
export class FetchCache {
  readonly dir: string;
  readonly #now: () => number;
  #db: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();
  readonly #session: string;
  /** Tells scratch files of this worker from those of others of the session. */
  readonly #worker = crypto.randomUUID().slice(0, 8);
  #scratch = 0;

  constructor(dir: string, options: FetchCacheOptions = {}) {
    this.dir = dir;
    this.#now = options.now ?? (() => Math.floor(Date.now() / 1000));
    this.#session = options.session ?? newSession();
  }

  /** Closes the index. Scratch files stay until the session ends ({@link endSession}). */
  close(): void {
    this.#statements.clear();
    this.#db?.close();
    this.#db = undefined;
  }

  /** Returns a fact. */
  fact<T>(domain: string, key: string): Fact<T> | undefined {
    const row = this.#get("select * from facts where domain = ? and key = ?", domain, key);
    return row === undefined ? undefined : factOf<T>(row);
  }

  /** Notes a fact, as of now. */
  note(domain: string, key: string, value: unknown): void {
    const fact = { domain, key, value: JSON.stringify(value), time: this.#now() };
    this.#run(
      "insert or replace into facts (domain, key, value, time, sum) values (?, ?, ?, ?, ?)",
      domain,
      key,
      fact.value,
      fact.time,
      checksum(fact),
    );
  }

  /** Whether a fact is younger than `ttl` seconds. */
  isFresh(fact: Fact<unknown>, ttl: number): boolean {
    return ttl > 0 && fact.time + ttl >= this.#now();
  }

  /** Returns the tree with the given NAR hash, if it is there and whole. */
  tree(narHash: Hash): CachedTree | undefined {
    const key = printHash(narHash, "sri");
    const path = this.#treePath(narHash);
    const row = this.#get("select nar_size, stamp, used from trees where hash = ?", key);
    if (stampOf(path) === undefined) {
      if (row !== undefined) this.#run("delete from trees where hash = ?", key);
      return undefined;
    }
    if (row === undefined || row.stamp !== stampWith(path, Number(row.nar_size))) {
      const narSize = this.#check(path, narHash);
      if (narSize === undefined) return undefined;
      this.#enter(path, { narHash, narSize });
      return { path, narHash, narSize };
    }
    const now = this.#now();
    // Once a minute is often enough to know what isn't used any more.
    if (now - Number(row.used) > 60) this.#run("update trees set used = ? where hash = ?", now, key);
    return { path, narHash, narSize: Number(row.nar_size) };
  }

  /** Hashes a tree file; removes it if it isn't what its name says. */
  #check(path: string, narHash: Hash): number | undefined {
    try {
      const { hash, size } = hashTreeNow(path);
      if (printHash(hash, "sri") === printHash(narHash, "sri")) return size;
    } catch (e) {
      if (!(e instanceof Error)) throw e;
    }
    removeFile(path);
    this.#run("delete from trees where hash = ?", printHash(narHash, "sri"));
    return undefined;
  }

  /** Moves a tree file from the scratch folder into the cache. It has to be on disk already. */
  async addTree(scratch: string, tree: { readonly narHash: Hash; readonly narSize: number }): Promise<CachedTree> {
    const { narHash, narSize } = tree;
    const present = this.tree(narHash);
    if (present !== undefined) {
      removeFile(scratch);
      return present;
    }
    const path = this.#treePath(narHash);
    makeDir(`${this.dir}/trees`);
    removeFolder(path);
    Deno.chmodSync(scratch, 0o444);
    Deno.renameSync(scratch, path);
    await syncDir(`${this.dir}/trees`);
    this.#enter(path, tree);
    return { path, narHash, narSize };
  }

  #enter(path: string, { narHash, narSize }: { readonly narHash: Hash; readonly narSize: number }): void {
    const now = this.#now();
    this.#run(
      "insert or replace into trees (hash, nar_size, stamp, size, created, used) values (?, ?, ?, ?, ?, ?)",
      printHash(narHash, "sri"),
      narSize,
      stampWith(path, narSize),
      Deno.statSync(path).size,
      now,
      now,
    );
  }

  #treePath(narHash: Hash): string {
    return `${this.dir}/trees/${printHash(narHash, "nix32")}.tree`;
  }

  /** Returns the path of a scratch file that doesn't exist yet. It is gone when the session ends. */
  scratchPath(): string {
    const dir = `${this.dir}/tmp/${this.#session}`;
    if (this.#scratch === 0) {
      makeDir(dir);
      this.#sweep();
    }
    this.#scratch++;
    return `${dir}/${this.#worker}-${this.#scratch}`;
  }

  /** Removes scratch files of processes that are gone. */
  #sweep(): void {
    for (const { name } of list(`${this.dir}/tmp`)) {
      const pid = /^(\d+)-/.exec(name)?.[1];
      if (name !== this.#session && (pid === undefined || !isAlive(pid))) removeScratch(`${this.dir}/tmp/${name}`);
    }
  }

  /**
   * Runs an action that no other process runs at the same time for the same key. Locks are the system's: they end with
   * their holder.
   */
  async exclusively<T>(key: string, action: () => Promise<T>): Promise<T> {
    const file = this.#lockFile(key);
    try {
      await file.lock(true);
      return await action();
    } finally {
      // Closing releases the lock.
      file.close();
    }
  }

  #lockFile(key: string): Deno.FsFile {
    const dir = `${this.dir}/locks`;
    makeDir(dir);
    // To read, too: otherwise a pipe in its place would be waited for.
    return Deno.openSync(`${dir}/${hashHex("sha256", key).slice(0, 40)}`, { create: true, write: true, read: true });
  }

  /** Returns the folder for the clone of a repository, which may not exist yet; if it does, it counts as used now. */
  repositoryPath(kind: "git" | "hg", url: string, suffix = ""): string {
    makeDir(`${this.dir}/${kind}`);
    const path = `${this.dir}/${kind}/${hashHex("sha256", url).slice(0, 40)}${suffix}`;
    const now = new Date();
    try {
      Deno.utimeSync(path, now, now);
    } catch {
      // It isn't there, or a cache that can only be read: nothing is removed from that.
    }
    return path;
  }

  /** Tells what is in the cache. */
  info(): CacheInfo {
    const trees = this.#get("select count(*) as n, coalesce(sum(size), 0) as size, min(used) as oldest from trees")!;
    const facts = this.#get("select count(*) as n from facts")!;
    return {
      dir: this.dir,
      trees: Number(trees.n),
      bytes: Number(trees.size),
      facts: Number(facts.n),
      repositoryBytes: sizeOf(`${this.dir}/git`) + sizeOf(`${this.dir}/hg`),
      oldest: trees.oldest === null ? undefined : Number(trees.oldest),
    };
  }

  /** Hashes every tree; what isn't as it should be is removed. */
  verify(): CacheCheck {
    const damaged: string[] = [];
    const missing: string[] = [];
    let trees = 0;
    let bytes = 0;
    this.#sweep();
    for (const { name } of list(`${this.dir}/trees`)) {
      const path = `${this.dir}/trees/${name}`;
      const narHash = hashOfName(name);
      if (narHash === undefined || stampOf(path) === undefined) {
        removeFile(path);
        damaged.push(name);
        continue;
      }
      const size = Deno.statSync(path).size;
      const narSize = this.#check(path, narHash);
      if (narSize === undefined) {
        damaged.push(printHash(narHash, "sri"));
        continue;
      }
      this.#enter(path, { narHash, narSize });
      trees++;
      bytes += size;
    }
    for (const row of this.#all("select hash from trees")) {
      const hash = String(row.hash);
      const path = this.#pathOfRow(hash);
      if (path !== undefined && stampOf(path) !== undefined) continue;
      missing.push(hash);
      this.#run("delete from trees where hash = ?", hash);
    }
    return { trees, bytes, damaged, missing };
  }

  /**
   * Removes trees and clones that weren't used for `olderThan` seconds, then what is longest unused of both until at most
   * `maxBytes` are left; clones that may be in use stay in any case, and don't count. And facts that lead nowhere.
   */
  prune(options: { readonly olderThan?: number; readonly maxBytes?: number }): Pruned {
    const { olderThan = Infinity, maxBytes = Infinity } = options;
    this.#sweep();
    const now = this.#now();
    const items = [...this.#treeItems(), ...this.#cloneItems()].sort((a, b) => a.used - b.used);
    const removed = { tree: 0, clone: 0, bytes: 0 };
    let left = maxBytes === Infinity ? 0 : items.reduce((sum, item) => sum + item.size(), 0);
    for (const item of items) {
      if (now - item.used < olderThan && left <= maxBytes) continue;
      const size = item.size();
      left -= size;
      if (!item.remove()) continue;
      removed.bytes += size;
      removed[item.kind]++;
    }
    this.#removeIdleFacts();
    return { trees: removed.tree, repositories: removed.clone, bytes: removed.bytes };
  }

  #removeIdleFacts(): void {
    const trees = new Set(this.#all("select hash from trees").map(({ hash }) => hash));
    for (const row of this.#all("select * from facts")) {
      const fact = factOf<{ readonly narHash?: string } | null>(row);
      const narHash = fact?.value?.narHash;
      if (fact !== undefined && (narHash === undefined || trees.has(narHash))) continue;
      this.#run("delete from facts where domain = ? and key = ?", String(row.domain), String(row.key));
    }
  }

  /** The path of a tree by the hash that the index has; undefined if that is none. */
  #pathOfRow(hash: string): string | undefined {
    try {
      return this.#treePath(parseSri(hash));
    } catch {
      return undefined;
    }
  }

  #treeItems(): PrunableItem[] {
    return this.#all("select hash, size, used from trees").map((row) => ({
      kind: "tree",
      used: Number(row.used),
      size: () => Number(row.size),
      remove: () => {
        const path = this.#pathOfRow(String(row.hash));
        if (path !== undefined) removeFile(path);
        this.#run("delete from trees where hash = ?", String(row.hash));
        return true;
      },
    }));
  }

  /** Clones that aren't in use. */
  #cloneItems(): PrunableItem[] {
    return ["git", "hg"].flatMap((kind) =>
      [...list(`${this.dir}/${kind}`)].map(({ name }) => `${this.dir}/${kind}/${name}`)
    ).filter((path) => !this.#mayBeInUse(path)).map((path) => {
      const size = once(() => sizeOf(path));
      return { kind: "clone", used: lastUse(path), size, remove: () => this.#removeClone(path) };
    });
  }

  #mayBeInUse(path: string): boolean {
    return lastUse(path) >= this.#now() - IN_USE_SECONDS;
  }

  #removeClone(path: string): boolean {
    const file = this.#lockFile(path);
    try {
      file.lockSync(true);
      if (this.#mayBeInUse(path)) return false;
      // Out of the way at once: half a clone is none.
      const scratch = this.scratchPath();
      Deno.renameSync(path, scratch);
      removeScratch(scratch);
      return true;
    } finally {
      file.close();
    }
  }

  #open(): DatabaseSync {
    if (this.#db !== undefined) return this.#db;
    makeDir(this.dir);
    const path = `${this.dir}/${INDEX_FILE}`;
    try {
      return this.#db = openIndex(path);
    } catch (e) {
      if (!isDamage(e) && !isObstructed(path)) throw indexError(path, e);
      setAside(path);
      return this.#db = openIndex(path);
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#open().prepare(sql));
    return statement;
  }

  #query<T>(sql: string, use: (statement: StatementSync) => T): T {
    const path = `${this.dir}/${INDEX_FILE}`;
    try {
      return use(this.#prepare(sql));
    } catch (e) {
      if (!isDamage(e)) throw indexError(path, e);
      this.#statements.clear();
      this.#db?.close();
      this.#db = undefined;
      setAside(path);
      return use(this.#prepare(sql));
    }
  }

  #get(sql: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.#query(sql, (statement) => statement.get(...values));
  }

  #all(sql: string): Record<string, unknown>[] {
    return this.#query(sql, (statement) => statement.all());
  }

  #run(sql: string, ...values: (string | number)[]): void {
    this.#query(sql, (statement) => statement.run(...values));
  }
}

/** What is in a row of facts; undefined if it isn't what was noted. */
function factOf<T>(row: Record<string, unknown>): Fact<T> | undefined {
  const [domain, key, value, time] = [String(row.domain), String(row.key), String(row.value), Number(row.time)];
  if (row.sum !== checksum({ domain, key, value, time })) return undefined;
  return { value: JSON.parse(value) as T, time };
}

function checksum(
  row: { readonly domain: string; readonly key: string; readonly value: string; readonly time: number },
): string {
  const { domain, key, value, time } = row;
  return hashHex("sha256", utf8ToBinary(JSON.stringify([domain, key, value, time]))).slice(0, 16);
}

function openIndex(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}; pragma synchronous = normal;`);
    whileLocked(() => db.exec("pragma journal_mode = wal"), { timeoutMs: BUSY_TIMEOUT_MS });
    const { user_version: version } = db.prepare("pragma user_version").get() as { user_version: number };
    if (version !== 0 && version !== SCHEMA_VERSION) throw new Error("database disk image is malformed: other version");
    db.exec(`begin immediate; ${SCHEMA} pragma user_version = ${SCHEMA_VERSION}; commit;`);
    return db;
  } catch (e) {
    db.close();
    throw e;
  }
}

/** A disk that is full or fails ("disk I/O error") is none of the index. */
function isDamage(error: unknown): boolean {
  return error instanceof Error &&
    /malformed|not a database|no such (?:table|column)|has no column/.test(error.message);
}

/** The index and what SQLite has beside it. */
const INDEX_SUFFIXES = ["", "-wal", "-shm"];

/** Whether one of the files is something else: a folder, a pipe, a symlink that leads nowhere (and not one to a file). */
function isObstructed(path: string): boolean {
  return INDEX_SUFFIXES.some((suffix) => {
    try {
      return !Deno.statSync(path + suffix).isFile;
    } catch {
      return isSymlink(path + suffix);
    }
  });
}

function isSymlink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

/** Another process may do so at the same time; either way the files are out of the way. */
function setAside(path: string): void {
  for (const suffix of INDEX_SUFFIXES) {
    try {
      Deno.renameSync(path + suffix, `${path}${suffix}.damaged`);
    } catch (e) {
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
  }
}

function indexError(path: string, error: unknown): FetchError {
  // Opening it may have failed already.
  if (error instanceof FetchError) return error;
  return new FetchError("cache", `Cannot use fetch cache "${path}": ${reasonOf(error)}`, { cause: error });
}

function makeDir(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (e) {
    throw new FetchError("cache", `Cannot create directory "${path}": ${reasonOf(e)}`, { cause: e });
  }
}

async function syncDir(path: string): Promise<void> {
  const dir = await Deno.open(path);
  try {
    await dir.sync();
  } finally {
    dir.close();
  }
}

/** What a file looks like from outside; undefined if there is none. Opening anything else might take for ever. */
function stampOf(path: string): string | undefined {
  try {
    const { isFile, size, mtime, ctime, ino } = Deno.lstatSync(path);
    if (!isFile) return undefined;
    return [size, mtime?.getTime(), ctime?.getTime(), ino].join(" ");
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return undefined;
    throw e;
  }
}

/** What a file looks like from outside, and what the index has of it besides: damage to that shows, too. */
function stampWith(path: string, narSize: number): string {
  return `${stampOf(path)} ${narSize}`;
}

function hashOfName(name: string): Hash | undefined {
  if (!/^[0-9a-z]{52}\.tree$/.test(name)) return undefined;
  try {
    return parseHashUnprefixed(name.slice(0, 52), "sha256");
  } catch {
    return undefined;
  }
}

function* list(dir: string): Generator<Deno.DirEntry> {
  try {
    yield* Deno.readDirSync(dir);
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return;
    throw new FetchError("cache", `Cannot read directory "${dir}": ${reasonOf(e)}`, { cause: e });
  }
}

/** When a clone was last used: its folder is touched then, and what is in it changes; in seconds since 1970. */
function lastUse(dir: string): number {
  let latest = 0;
  for (const name of ["", "/FETCH_HEAD", "/HEAD", "/objects", "/.hg", "/.hg/store"]) {
    try {
      latest = Math.max(latest, Deno.statSync(dir + name).mtime?.getTime() ?? 0);
    } catch (e) {
      if (!(e instanceof Deno.errors.NotFound)) throw e;
    }
  }
  return Math.floor(latest / 1000);
}

function sizeOf(dir: string): number {
  let size = 0;
  for (const { name, isDirectory, isFile } of list(dir)) {
    if (isDirectory) size += sizeOf(`${dir}/${name}`);
    else if (isFile) size += sizeOfFile(`${dir}/${name}`);
  }
  return size;
}

/** Temporary files of git may be gone by now. */
function sizeOfFile(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return 0;
    throw e;
  }
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** Removes what a file can't be renamed to. */
function removeFolder(path: string): void {
  try {
    if (Deno.lstatSync(path).isDirectory) removeFile(path);
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
  }
}

/** Removes a file, or whatever lies in its place. */
function removeFile(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (e) {
    if (!(e instanceof Deno.errors.NotFound)) throw e;
  }
}
