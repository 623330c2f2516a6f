// The database of a store: which paths are valid and what is known of them. Schema version 10 of C++ Nix, which can use the
// same file at the same time.
//
// A transaction takes the write lock when it begins: SQLite refuses at once, however long the timeout, to turn a reader
// whose snapshot is out of date into a writer.

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { whileLocked } from "../../blocking/while_locked.ts";
import { utf8ToBinary } from "../../format/bytes.ts";
import { parseContentAddress, printContentAddress } from "../../format/content_address.ts";
import { parseHashPrefixed, printHash } from "../../format/hash.ts";
import type { StorePath } from "../../format/store_path.ts";
import { danglingReference, storeFailed } from "../errors.ts";
import type { PathInfo } from "../store.ts";

/** The schema version, as in db/schema. */
export const SCHEMA_VERSION = 10;

/** How long to wait for others, in milliseconds. */
const BUSY_TIMEOUT = 3_600_000;

const SCHEMA = `
create table if not exists ValidPaths (
  id integer primary key autoincrement not null,
  path text unique not null,
  hash text not null,
  registrationTime integer not null,
  deriver text,
  narSize integer,
  ultimate integer,
  sigs text,
  ca text
);
create table if not exists Refs (
  referrer integer not null,
  reference integer not null,
  primary key (referrer, reference),
  foreign key (referrer) references ValidPaths(id) on delete cascade,
  foreign key (reference) references ValidPaths(id) on delete restrict
);
create index if not exists IndexReferrer on Refs(referrer);
create index if not exists IndexReference on Refs(reference);
create trigger if not exists DeleteSelfRefs before delete on ValidPaths
begin
  delete from Refs where referrer = old.id and reference = old.id;
end;
create table if not exists DerivationOutputs (
  drv integer not null,
  id text not null,
  path text not null,
  primary key (drv, id),
  foreign key (drv) references ValidPaths(id) on delete cascade
);
create index if not exists IndexDerivationOutputs on DerivationOutputs(path);
`;

/** How long to try again what SQLite refuses at once. */
const LOCKED = { timeoutMs: 30_000 };

/** What is registered of a path. */
export interface Registration extends PathInfo {
  readonly narHash: NonNullable<PathInfo["narHash"]>;
  readonly narSize: number;
  /** Of a derivation: its outputs by name, those whose paths are known. */
  readonly outputs?: ReadonlyMap<string, StorePath>;
}

type Row = Record<string, string | number | null>;

/** The database of a store. All methods throw {@link StoreError}. */
export class StoreDatabase {
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(file: string, db: DatabaseSync) {
    this.#file = file;
    this.#db = db;
  }

  /** Opens a database file, which is made if it isn't there. */
  static open(file: string): StoreDatabase {
    try {
      const db = new DatabaseSync(file);
      db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT}`);
      db.exec("pragma foreign_keys = 1");
      db.exec("pragma synchronous = normal");
      whileLocked(() => db.exec("pragma main.journal_mode = wal"), LOCKED);
      db.exec("pragma main.journal_size_limit = 1099511627776");
      db.exec("pragma wal_autocheckpoint = 40000");
      whileLocked(() => db.exec(SCHEMA), LOCKED);
      return new StoreDatabase(file, db);
    } catch (e) {
      throw failed("open", file, e);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  isValid(path: StorePath): boolean {
    return this.#get("select 1 from ValidPaths where path = ?", path) !== undefined;
  }

  /** Returns what is known of a path; undefined if it isn't valid. */
  info(path: StorePath): PathInfo | undefined {
    const row = this.#get("select * from ValidPaths where path = ?", path);
    if (row === undefined) return undefined;
    const references = this.#all(
      "select path from Refs join ValidPaths on reference = id where referrer = ? order by path",
      row.id!,
    );
    return {
      path,
      references: references.map(({ path }) => path as StorePath),
      narHash: parseHashPrefixed(String(row.hash)),
      ...(row.narSize ? { narSize: Number(row.narSize) } : {}),
      ...(row.ca ? { ca: parseContentAddress(String(row.ca)) } : {}),
      ...(row.deriver ? { deriver: row.deriver as StorePath } : {}),
      signatures: row.sigs ? String(row.sigs).split(" ") : [],
      registrationTime: Number(row.registrationTime),
      ultimate: row.ultimate === 1,
    };
  }

  /** All valid paths, sorted. */
  paths(): StorePath[] {
    return this.#all("select path from ValidPaths order by path").map(({ path }) => path as StorePath);
  }

  /** The valid paths that refer to a path. */
  referrers(path: StorePath): StorePath[] {
    const rows = this.#all(
      "select v.path from Refs r join ValidPaths v on r.referrer = v.id join ValidPaths w on r.reference = w.id " +
        "where w.path = ? order by v.path",
      path,
    );
    return rows.map(({ path }) => path as StorePath);
  }

  /** Every reference there is: pairs of paths. */
  *references(): Generator<readonly [referrer: StorePath, reference: StorePath]> {
    const sql = "select v.path as a, w.path as b from Refs join ValidPaths v on referrer = v.id " +
      "join ValidPaths w on reference = w.id";
    for (const { a, b } of this.#all(sql)) yield [a as StorePath, b as StorePath];
  }

  /** Every derivation's outputs: pairs of output path and derivation. */
  *derivers(): Generator<readonly [output: StorePath, drvPath: StorePath]> {
    const sql = "select o.path as a, v.path as b from DerivationOutputs o join ValidPaths v on o.drv = v.id";
    for (const { a, b } of this.#all(sql)) yield [a as StorePath, b as StorePath];
  }

  /**
   * Makes paths valid, all or none, references before those that refer to them. Valid ones are left as they are.
   * @throws {StoreError} if a reference is neither valid nor among them.
   */
  register(infos: readonly Registration[]): void {
    this.#transaction(() => {
      const now = Math.floor(Date.now() / 1000);
      for (const info of infos) {
        const hash = printHash(info.narHash, "base16", { prefix: true });
        const { changes, lastInsertRowid } = this.#run(
          "insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) " +
            "values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (path) do nothing",
          info.path,
          hash,
          info.registrationTime || now,
          info.deriver ?? null,
          info.narSize,
          info.ultimate ? 1 : null,
          info.signatures?.length ? info.signatures.join(" ") : null,
          info.ca ? printContentAddress(info.ca) : null,
        );
        if (changes === 0) continue;
        for (const reference of info.references) this.#refer(info.path, lastInsertRowid, reference);
        for (const [name, path] of info.outputs ?? []) {
          const sql = "insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)";
          this.#run(sql, lastInsertRowid, name, path);
        }
      }
    });
  }

  #refer(path: StorePath, id: number | bigint, reference: StorePath): void {
    const { changes } = this.#run(
      "insert or replace into Refs (referrer, reference) select ?, id from ValidPaths where path = ?",
      id,
      reference,
    );
    if (changes === 0) throw danglingReference(path, reference);
  }

  /** Makes paths invalid, which nothing but each other may refer to. Nobody registers any while `choose` chooses them. */
  invalidate(choose: () => readonly StorePath[]): void {
    this.#transaction(() => {
      const paths = choose();
      for (const path of paths) {
        this.#run("delete from Refs where referrer = (select id from ValidPaths where path = ?)", path);
      }
      for (const path of paths) this.#run("delete from ValidPaths where path = ?", path);
    });
  }

  /** Gives the space of what was removed back. */
  vacuum(): void {
    try {
      this.#db.exec("vacuum");
    } catch (e) {
      throw failed("shrink", this.#file, e);
    }
  }

  #transaction(action: () => void): void {
    try {
      this.#db.exec("begin immediate");
      try {
        action();
        this.#db.exec("commit");
      } catch (e) {
        this.#rollBack();
        throw e;
      }
    } catch (e) {
      throw failed("write to", this.#file, e);
    }
  }

  #rollBack(): void {
    try {
      this.#db.exec("rollback");
    } catch {
      // SQLite has done so itself, as it does where the disk is full; the error that led here is the one to tell.
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }

  #run(sql: string, ...values: (string | number | bigint | null)[]) {
    return this.#statement(sql).run(...values);
  }

  #get(sql: string, ...values: (string | number)[]): Row | undefined {
    try {
      return this.#statement(sql).get(...values) as Row | undefined;
    } catch (e) {
      throw failed("read", this.#file, e);
    }
  }

  #all(sql: string, ...values: (string | number)[]): Row[] {
    try {
      return this.#statement(sql).all(...values) as Row[];
    } catch (e) {
      throw failed("read", this.#file, e);
    }
  }
}

function failed(action: string, file: string, e: unknown): Error {
  if (!(e instanceof Error) || e.name === "StoreError") return e as Error;
  return storeFailed(`${action} store database "${utf8ToBinary(file)}"`, e.message, e);
}
