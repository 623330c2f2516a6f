// Answers kept with everything they were made from, in SQLite: asked the same again, and nothing of it has changed, the
// answer is there without evaluating.
//
// A question is a text that says all that doesn't lie in the world: the expression, arguments, settings, devix itself. What
// lies in the world was observed while the answer was made (lib/io/recording.ts) and is checked when the question comes up
// again: what each path is, what directories list, what files contain, the environment. A file whose time, size and inode
// are as they were isn't read; when in doubt it is hashed. There is doubt about files that were touched less than
// MARGIN_MS before the observations began: they may have changed since without it showing in times that coarse. (Times
// set back by hand show in the inode's change time.)
//
// One question may have several answers, as when one goes back and forth between branches. The database is a cache and
// nothing more: whatever is wrong with it makes it empty, and a process killed at any time leaves it whole. It is opened
// when needed; this file imports next to nothing, because answering from it has to be quick.

import type { DatabaseSync } from "node:sqlite";
import { whileLocked } from "./blocking/while_locked.ts";
import { binaryToUtf8, isAscii, utf8ToBinary } from "./format/bytes.ts";
import { hashHex } from "./format/hash.ts";
import { hashListing } from "./format/listing.ts";

/** What an answer was made from. Paths are canonical, with no symlinks above their last name; all are binary strings. */
export interface Seen {
  /** "absent", "regular", "executable", "directory", "symlink" or "unknown". */
  readonly types: ReadonlyMap<string, string>;
  /** SHA-256 in base16 of files. */
  readonly contents: ReadonlyMap<string, string>;
  /** What `hashListing` gives for directories. */
  readonly listings: ReadonlyMap<string, string>;
  /** Targets of symlinks. */
  readonly links: ReadonlyMap<string, string>;
  /** Values, "" for variables that are unset. */
  readonly env: ReadonlyMap<string, string>;
}

/** How a {@link ResultCache} looks at the world and keeps within bounds. */
export interface ResultCacheOptions {
  /** Returns the value of a variable, "" if it is unset. */
  readonly getEnv: (name: string) => string;
  /** How much may be kept, in bytes; 128 MiB unless given. */
  readonly maxBytes?: number;
}

/** Files touched in this time before observations began are never taken by their times. Some file systems count in 2 s. */
const MARGIN_MS = 3000;
const ANSWERS_PER_QUESTION = 6;
const MAX_BYTES = 128 << 20;
/** How often it is noted that an answer was used. */
const USE_NOTED_MS = 3_600_000;
/** Part of the file's name: other versions keep other files. */
const SCHEMA = 2;

const BUSY_TIMEOUT_MS = 5000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    question TEXT NOT NULL,
    used INTEGER NOT NULL,
    size INTEGER NOT NULL,
    sum TEXT NOT NULL,
    seen TEXT NOT NULL,
    answer TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS answers_by_question ON answers (question);
`;

type Stamp = readonly [modified: number, changed: number, size: number, inode: number];

/** What is stored of {@link Seen}: grouped by how it is checked. */
interface Kept {
  /** Milliseconds since 1970; before anything was looked at. */
  readonly started: number;
  readonly env: readonly (readonly [name: string, hash: string])[];
  readonly directories: readonly string[];
  readonly absent: readonly string[];
  readonly types: readonly (readonly [path: string, type: string])[];
  readonly links: readonly (readonly [path: string, target: string])[];
  readonly files: readonly (readonly [path: string, type: string, hash: string, stamp: Stamp])[];
  readonly listings: readonly (readonly [path: string, hash: string, stamp: Stamp])[];
}

/** What became of {@link Kept} when it was checked. */
type Verdict = "valid" | "stale" | Kept;

/** Answers on disk. */
export class ResultCache {
  /** Of the database. */
  readonly path: string;
  readonly #options: ResultCacheOptions;
  #db: DatabaseSync | null = null;
  #sqlite: typeof import("node:sqlite") | undefined;

  /** `directory` is made when there is something to keep. */
  constructor(directory: string, options: ResultCacheOptions) {
    this.path = `${directory}/answers-${SCHEMA}.sqlite`;
    this.#options = options;
  }

  /**
   * Loads SQLite if there are answers at all, and returns whether there are. A lookup would do it by itself, but needs 10 ms
   * more for that: what can load a module without waiting loads half of Node.
   */
  async load(): Promise<boolean> {
    if (lstat(this.path) === undefined) return false;
    this.#sqlite = await import("node:sqlite");
    return true;
  }

  /** Returns the newest answer that still holds. */
  lookup(question: string): string | undefined {
    if (lstat(this.path) === undefined) return undefined;
    try {
      return this.#lookup(hashHex("sha256", utf8ToBinary(question)));
    } catch {
      // As good as empty; keep() sees to it.
      this.close();
      return undefined;
    }
  }

  #lookup(key: string): string | undefined {
    const db = this.#open();
    const rows = db.prepare("SELECT id, used, sum, seen, answer FROM answers WHERE question = ? ORDER BY id DESC");
    const checkedAt = Date.now();
    for (const row of rows.iterate(key)) {
      const { id, used, sum, seen, answer } = row as
        & { id: number }
        & Record<"used" | "sum" | "seen" | "answer", string>;
      if (checksum(seen + answer) !== sum) continue;
      const verdict = check(JSON.parse(seen), this.#options.getEnv, checkedAt);
      if (verdict === "stale") continue;
      if (verdict !== "valid") this.#refresh(id, JSON.stringify(verdict), answer);
      else if (checkedAt - Number(used) > USE_NOTED_MS) {
        db.prepare("UPDATE answers SET used = ? WHERE id = ?").run(checkedAt, id);
      }
      return answer;
    }
    return undefined;
  }

  #refresh(id: number, seen: string, answer: string): void {
    const sum = checksum(seen + answer);
    this.#open().prepare("UPDATE answers SET seen = ?, sum = ?, used = ? WHERE id = ?").run(seen, sum, Date.now(), id);
  }

  /**
   * Keeps an answer. `started` is when observations began, in milliseconds since 1970. Returns false if that can't be:
   * something was seen that can't be checked, or has changed since.
   */
  keep(question: string, answer: string, made: { readonly seen: Seen; readonly started: number }): boolean {
    const kept = stampAll(made.seen, made.started);
    if (kept === undefined) return false;
    const seen = JSON.stringify(kept);
    const row = [
      hashHex("sha256", utf8ToBinary(question)),
      checksum(seen + answer),
      seen,
      answer,
    ];
    try {
      this.#insert(row);
    } catch (e) {
      if (!isBroken(e)) throw e;
      this.#discard();
      this.#insert(row);
    }
    return true;
  }

  #insert([key, sum, seen, answer]: readonly string[]): void {
    const db = this.#open();
    const now = Date.now();
    db.exec("BEGIN IMMEDIATE");
    try {
      db.prepare("DELETE FROM answers WHERE question = ? AND seen = ?").run(key, seen);
      db.prepare("INSERT INTO answers (question, used, size, sum, seen, answer) VALUES (?, ?, ?, ?, ?, ?)")
        .run(key, now, seen.length + answer.length, sum, seen, answer);
      db.prepare(
        "DELETE FROM answers WHERE question = ?1 AND id NOT IN " +
          `(SELECT id FROM answers WHERE question = ?1 ORDER BY id DESC LIMIT ${ANSWERS_PER_QUESTION})`,
      ).run(key);
      const { maxBytes = MAX_BYTES } = this.#options;
      const { total } = db.prepare("SELECT sum(size) AS total FROM answers").get() as { total: number };
      if (total > maxBytes) {
        // Down to three quarters, least recently used first, so that it isn't done each time.
        db.prepare(
          "DELETE FROM answers WHERE id IN (SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY used DESC, id DESC) AS upTo " +
            "FROM answers) WHERE upTo > ?)",
        ).run(Math.floor(maxBytes * 0.75));
      }
      db.exec("COMMIT");
    } catch (e) {
      // Where the disk is full SQLite has rolled back by itself.
      if (db.isTransaction) db.exec("ROLLBACK");
      throw e;
    }
  }

  /** Closes the database, which may be used again. */
  close(): void {
    const db = this.#db;
    this.#db = null;
    db?.close();
  }

  #open(): DatabaseSync {
    if (this.#db !== null) return this.#db;
    const { DatabaseSync } = this.#sqlite ??= process.getBuiltinModule("node:sqlite");
    Deno.mkdirSync(this.path.slice(0, this.path.lastIndexOf("/")), { recursive: true });
    const db = new DatabaseSync(this.path);
    try {
      // Whoever writes holds up nobody who reads. Nothing is synced but when the log is folded in.
      db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA synchronous = NORMAL`);
      whileLocked(() => db.exec(`PRAGMA journal_mode = WAL; ${TABLES}`), { timeoutMs: BUSY_TIMEOUT_MS });
    } catch (e) {
      db.close();
      throw e;
    }
    return this.#db = db;
  }

  /** Throws a database away that can't be used. */
  #discard(): void {
    try {
      this.close();
    } catch {
      // It is on its way out.
    }
    for (const suffix of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(this.path + suffix);
      } catch (e) {
        if (!(e instanceof Deno.errors.NotFound)) throw e;
      }
    }
  }
}

/** Tells a row that was damaged. Against accidents only; a cryptographic hash would take 10 ms to load. */
function checksum(text: string): string {
  let a = 0x811c9dc5;
  let b = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b, 31) + unit | 0;
  }
  return `${a >>> 0}-${b >>> 0}`;
}

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function isBroken(e: unknown): boolean {
  if (!(e instanceof Error)) return false;
  const { errcode } = e as { errcode?: number };
  return errcode === SQLITE_CORRUPT || errcode === SQLITE_NOTADB ||
    /malformed|not a database|no such (?:table|column)|has no column/.test(e.message);
}

/** Returns what is to be stored, with the files' stamps; undefined if something can't be checked or is different now. */
function stampAll(seen: Seen, started: number): Kept | undefined {
  const directories: string[] = [];
  const absent: string[] = [];
  const types: [string, string][] = [];
  const files: [string, string, string, Stamp][] = [];
  const listings: [string, string, Stamp][] = [];
  const links = [...seen.links];
  for (const [path, type] of seen.types) {
    if (hostPath(path) === undefined) return undefined;
    const hash = seen.contents.get(path);
    const listing = seen.listings.get(path);
    if (hash !== undefined) {
      // What isn't a plain file may say something else each time.
      if (type !== "regular" && type !== "executable") return undefined;
      const info = lstat(path);
      if (info === undefined || typeOf(info) !== type) return undefined;
      files.push([path, type, hash, stampOf(info)]);
    } else if (listing !== undefined) {
      const info = lstat(path);
      if (info === undefined || typeOf(info) !== "directory") return undefined;
      listings.push([path, listing, stampOf(info)]);
    } else if (type === "directory") directories.push(path);
    else if (type === "absent") absent.push(path);
    else if (!seen.links.has(path)) types.push([path, type]);
  }
  for (const map of [seen.contents, seen.listings]) {
    for (const path of map.keys()) if (!seen.types.has(path)) return undefined;
  }
  const env = [...seen.env].map(([name, value]) => [name, hashHex("sha256", value)] as const);
  return { started, env, directories, absent, types, links, files, listings };
}

/** Checks everything there is to check; returns new stamps where they would make the next check cheaper. */
function check(kept: Kept, getEnv: (name: string) => string, now: number): Verdict {
  for (const [name, hash] of kept.env) if (hashHex("sha256", getEnv(name)) !== hash) return "stale";
  for (const path of kept.directories) if (typeAt(path) !== "directory") return "stale";
  for (const path of kept.absent) if (lstat(path) !== undefined) return "stale";
  for (const [path, type] of kept.types) if (typeAt(path) !== type) return "stale";
  for (const [path, target] of kept.links) if (readLink(path) !== target) return "stale";

  let doubtful = 0;
  const files = kept.files.map((file) => {
    const [path, type, hash, stamp] = file;
    const info = lstat(path);
    if (info === undefined || typeOf(info) !== type) return undefined;
    const stampNow = stampOf(info);
    if (isTrusted(stamp, stampNow, kept.started)) return file;
    doubtful++;
    return contentHash(path) === hash ? [path, type, hash, stampNow] as const : undefined;
  });
  if (!files.every((file) => file !== undefined)) return "stale";
  const listings = kept.listings.map((listing) => {
    const [path, hash, stamp] = listing;
    const info = lstat(path);
    if (info === undefined || typeOf(info) !== "directory") return undefined;
    const stampNow = stampOf(info);
    if (isTrusted(stamp, stampNow, kept.started)) return listing;
    doubtful++;
    return listingHash(path) === hash ? [path, hash, stampNow] as const : undefined;
  });
  if (!listings.every((listing) => listing !== undefined)) return "stale";
  return doubtful === 0 ? "valid" : { ...kept, started: now, files, listings };
}

function isTrusted(then: Stamp, now: Stamp, started: number): boolean {
  return then[0] === now[0] && then[1] === now[1] && then[2] === now[2] && then[3] === now[3] &&
    then[0] < started - MARGIN_MS && then[1] < started - MARGIN_MS;
}

function stampOf(info: Deno.FileInfo): Stamp {
  return [
    info.mtime?.getTime() ?? Infinity,
    info.ctime?.getTime() ?? 0,
    info.isFile ? info.size : 0,
    info.ino ?? 0,
  ];
}

/** Returns a path as Deno takes it; undefined if its name isn't UTF-8. */
function hostPath(path: string): string | undefined {
  if (isAscii(path)) return path;
  const decoded = binaryToUtf8(path);
  return decoded.includes("\ufffd") ? undefined : decoded;
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(hostPath(path) ?? path);
  } catch {
    // Not there, or out of reach, which is as good.
    return undefined;
  }
}

function typeAt(path: string): string {
  const info = lstat(path);
  return info === undefined ? "absent" : typeOf(info);
}

/** In the words of lib/io/recording.ts. */
function typeOf(info: Deno.FileInfo): string {
  if (info.isFile) return ((info.mode ?? 0) & 0o100) !== 0 ? "executable" : "regular";
  return info.isDirectory ? "directory" : info.isSymlink ? "symlink" : "unknown";
}

function readLink(path: string): string | undefined {
  try {
    return utf8ToBinary(Deno.readLinkSync(hostPath(path) ?? path));
  } catch {
    return undefined;
  }
}

function contentHash(path: string): string | undefined {
  try {
    return hashHex("sha256", Deno.readFileSync(hostPath(path) ?? path));
  } catch {
    return undefined;
  }
}

function listingHash(path: string): string | undefined {
  try {
    const entries = [...Deno.readDirSync(hostPath(path) ?? path)];
    return hashListing(entries.map((e) =>
      [
        utf8ToBinary(e.name),
        e.isFile ? "regular" : e.isDirectory ? "directory" : e.isSymlink ? "symlink" : "unknown",
      ] as const
    ));
  } catch {
    return undefined;
  }
}
