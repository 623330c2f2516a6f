// A store on disk: Nix's own layout and database, so that C++ Nix can use what is written here and the other way round
// (`nix-store --store DIR …`). It needs no Nix on the machine.
//
// Several processes may have it open, reading and adding: see local/locks.ts for how they keep out of each other's way and
// local/adding.ts for what survives one that dies. Building is Nix's business.

import { binaryToBytes, concatBytes, utf8ToBinary } from "../format/bytes.ts";
import { type StorePath, storePathBaseName } from "../format/store_path.ts";
import { narBytes } from "../format/nar.ts";
import { hostFailed, storeFailed } from "./errors.ts";
import { HOST_TREE, hostStat } from "./files/host_tree.ts";
import { Adding } from "./local/adding.ts";
import { SCHEMA_VERSION, StoreDatabase } from "./local/database.ts";
import { layoutBelow, type StoreLayout } from "./local/layout.ts";
import { type Lock, lockFile } from "./local/locks.ts";
import { addIndirectRoot, makeRootLink, TempRoots } from "./local/roots.ts";
import type { PathInfo, SourceObject, Store, TextObject } from "./store.ts";

/** A store in a directory of the host. */
export class LocalStore implements Store {
  readonly layout: StoreLayout;
  readonly database: StoreDatabase;
  readonly #bigLock: Lock;
  readonly #tempRoots: TempRoots;

  private constructor(layout: StoreLayout, bigLock: Lock, database: StoreDatabase) {
    this.layout = layout;
    this.#bigLock = bigLock;
    this.database = database;
    this.#tempRoots = new TempRoots(layout);
  }

  /** Opens a store, which is made if it isn't there. A string is the root below which it is. @throws {StoreError} */
  static open(place: string | StoreLayout): LocalStore {
    const layout = typeof place === "string" ? layoutBelow(place) : place;
    const { realStoreDir, stateDir } = layout;
    for (const directory of [realStoreDir, `${realStoreDir}/.links`, ...STATE.map((name) => `${stateDir}/${name}`)]) {
      try {
        Deno.mkdirSync(directory, { recursive: true });
      } catch (e) {
        throw hostFailed("create store directory", directory, e);
      }
    }
    const bigLock = lockFile(`${stateDir}/db/big-lock`, "shared");
    try {
      const schema = `${stateDir}/db/schema`;
      const known = readSchema(schema);
      const database = StoreDatabase.open(`${stateDir}/db/db.sqlite`);
      if (!known) writeSchema(schema);
      return new LocalStore(layout, bigLock, database);
    } catch (e) {
      bigLock.release();
      throw e;
    }
  }

  get storeDir(): string {
    return this.layout.storeDir;
  }

  /** Gives locks and temporary roots up. */
  close(): void {
    this.#tempRoots.close();
    this.database.close();
    this.#bigLock.release();
  }

  isValid(path: StorePath): boolean {
    return this.database.isValid(path);
  }

  queryPathInfo(path: StorePath): PathInfo | undefined {
    return this.database.info(path);
  }

  realPath(path: StorePath): string {
    return `${this.layout.binaryStoreDir}/${storePathBaseName(path)}`;
  }

  readFile(path: StorePath): Uint8Array | undefined {
    const real = this.realPath(path);
    if (!this.isValid(path) || hostStat(real)?.type !== "regular") return undefined;
    const contents = HOST_TREE.readFile(real);
    // Large files come in chunks that are only valid for a moment.
    if (contents instanceof Uint8Array) return contents;
    return concatBytes(Array.from(contents.chunks, (chunk) => chunk.slice()));
  }

  /** Returns the NAR of a valid path; undefined if it isn't valid. */
  nar(path: StorePath): Uint8Array | undefined {
    return this.isValid(path) ? narBytes(HOST_TREE, this.realPath(path)) : undefined;
  }

  addText({ path, contents, references }: TextObject): void {
    this.#add(path, (adding) => adding.text({ path, contents: binaryToBytes(contents), references }));
  }

  addSource({ path, ca, references, dump }: SourceObject): void {
    this.#add(path, (adding) => {
      const writer = adding.contents({ path, ca, references });
      try {
        dump((chunk) => writer.push(chunk));
      } catch (e) {
        writer.abort();
        throw e;
      }
      writer.end();
    });
  }

  #add(path: StorePath, write: (adding: Adding) => void): void {
    const adding = this.begin([path]);
    try {
      if (adding.isMissing(path)) write(adding);
    } catch (e) {
      adding.abort();
      throw e;
    }
    adding.commit();
  }

  /** Begins to add several paths, which are kept from being collected as long as the store is open. */
  begin(paths: readonly StorePath[]): Adding {
    return new Adding({ layout: this.layout, database: this.database, tempRoots: this.#tempRoots }, paths);
  }

  /** Keeps paths from being collected as long as the store is open. */
  addTempRoots(paths: readonly StorePath[]): void {
    const lock = lockFile(`${this.layout.stateDir}/gc.lock`, "shared");
    try {
      this.#tempRoots.add(paths);
    } finally {
      lock.release();
    }
  }

  /** Makes `link`, an absolute path, a symlink to a path, which isn't collected as long as the link is there. */
  addRoot(link: string, path: StorePath): void {
    makeRootLink(link, path);
    addIndirectRoot(this.layout, link);
  }
}

const STATE = ["db", "temproots", "gcroots", "profiles"];

/** Returns whether there is a schema. @throws {StoreError} if it is another one */
function readSchema(file: string): boolean {
  let text: string;
  try {
    text = Deno.readTextFileSync(file).trim();
  } catch (e) {
    if (e instanceof Deno.errors.NotFound) return false;
    throw hostFailed("read store schema", file, e);
  }
  if (text === String(SCHEMA_VERSION)) return true;
  throw storeFailed(`open the store of "${utf8ToBinary(file)}"`, `schema version is "${text}", not ${SCHEMA_VERSION}`);
}

/** Written last, and at once: whoever finds it relies on the database being there. */
function writeSchema(file: string): void {
  const aside = `${file}.${Deno.pid}`;
  try {
    Deno.writeTextFileSync(aside, String(SCHEMA_VERSION));
    Deno.renameSync(aside, file);
  } catch (e) {
    throw hostFailed("write store schema", file, e);
  }
}
