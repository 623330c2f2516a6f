// Adding paths to a store on disk, several at a time.
//
// Contents are written under a temporary name in the store directory and renamed; then all paths are registered in one
// transaction. So whatever kills the process, a valid path is complete: at worst there are files nobody knows of, which the
// next one to make that path replaces and a garbage collection removes. What lies at a path that isn't valid is rubbish of
// that kind, and nobody else touches it while the path's lock is held.

import { bytesToBinary } from "../../format/bytes.ts";
import type { ContentAddress } from "../../format/content_address.ts";
import { parseAterm } from "../../format/aterm.ts";
import { equalHashes, type Hash, Hasher, printHash } from "../../format/hash.ts";
import { fileNarFrame, hashNar } from "../../format/nar.ts";
import { drvNameFromPath, isDrvPath, type StorePath, storePathBaseName } from "../../format/store_path.ts";
import { fileFailed, wrongContents } from "../errors.ts";
import { HOST_TREE } from "../files/host_tree.ts";
import { FileRestorer, removeTree, restoreFile, TreeRestorer } from "../files/restore.ts";
import type { Registration, StoreDatabase } from "./database.ts";
import type { StoreLayout } from "./layout.ts";
import { type Lock, lockFile, lockPaths } from "./locks.ts";
import type { TempRoots } from "./roots.ts";

/** What adding needs of a store. */
export interface AddingParts {
  readonly layout: StoreLayout;
  readonly database: StoreDatabase;
  readonly tempRoots: TempRoots;
}

/** What a path is to be, besides its contents. */
export interface Described {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
}

/** Some paths on their way into a store. Nothing is valid before {@link commit}. */
export class Adding {
  readonly #parts: AddingParts;
  readonly #gcLock: Lock;
  #pathLock: Lock | undefined;
  readonly #missing: Set<StorePath>;
  readonly #written: Registration[] = [];

  /** Keeps all of `paths` from being collected and finds out which are missing. */
  constructor(parts: AddingParts, paths: readonly StorePath[]) {
    const { layout, database, tempRoots } = this.#parts = parts;
    const isMissing = (path: StorePath) => !database.isValid(path);
    this.#gcLock = lockFile(`${layout.stateDir}/gc.lock`, "shared");
    try {
      tempRoots.add(paths);
      const missing = paths.filter(isMissing);
      this.#pathLock = lockPaths(missing.map((path) => this.#realPath(path)));
      // Somebody else may have made them while we waited.
      this.#missing = new Set(missing.filter(isMissing));
    } catch (e) {
      this.abort();
      throw e;
    }
  }

  #realPath(path: StorePath): string {
    return `${this.#parts.layout.realStoreDir}/${storePathBaseName(path)}`;
  }

  /** Whether a path still has to be written. */
  isMissing(path: StorePath): boolean {
    return this.#missing.has(path);
  }

  /** Writes a text; `narHash` saves hashing it. */
  text(object: Described & { readonly contents: Uint8Array; readonly narHash?: Hash; readonly textHash?: Hash }): void {
    const { path, references, contents } = object;
    const { head, tail } = fileNarFrame(contents.length);
    const narHash = object.narHash ?? hashAll([head, contents, tail]);
    const hash = object.textHash ?? hashAll([contents]);
    this.#place(path, (temporary) => restoreFile(temporary, contents));
    this.#add({
      path,
      references,
      ca: { method: "text", hash },
      narHash,
      narSize: head.length + contents.length + tail.length,
      ...(isDrvPath(path) ? { outputs: derivationOutputs(path, contents, this.#parts.layout) } : {}),
    });
  }

  /** Returns what takes the contents of a path: its NAR, or with `flat` content addresses the file's bytes. */
  contents(object: Described & { readonly ca?: ContentAddress }): ContentsWriter {
    const { path, references, ca } = object;
    const temporary = temporaryName();
    return new ContentsWriter({
      path,
      ca,
      temporary: `${this.#parts.layout.binaryStoreDir}/${temporary}`,
      done: (hashed) => {
        this.#move(temporary, path);
        this.#add({ path, references, ...(ca === undefined ? {} : { ca }), ...hashed });
      },
    });
  }

  #add(registration: Registration): void {
    this.#written.push(registration);
    this.#missing.delete(registration.path);
  }

  /** Makes what was written valid and returns it. The object can't be used afterwards. */
  commit(): readonly Registration[] {
    try {
      if (this.#written.length > 0) this.#parts.database.register(this.#written);
      return this.#written;
    } finally {
      this.abort();
    }
  }

  /** Gives up: nothing of what was written becomes valid. */
  abort(): void {
    this.#pathLock?.release();
    this.#pathLock = undefined;
    this.#gcLock.release();
  }

  #place(path: StorePath, write: (temporary: string) => void): void {
    const name = temporaryName();
    const temporary = `${this.#parts.layout.binaryStoreDir}/${name}`;
    try {
      write(temporary);
    } catch (e) {
      tryRemove(temporary);
      throw e;
    }
    this.#move(name, path);
  }

  #move(temporary: string, path: StorePath): void {
    const { realStoreDir, binaryStoreDir } = this.#parts.layout;
    const source = `${realStoreDir}/${temporary}`;
    const target = this.#realPath(path);
    try {
      try {
        Deno.renameSync(source, target);
      } catch {
        // Rubbish of a process that died.
        removeTree(`${binaryStoreDir}/${storePathBaseName(path)}`);
        Deno.renameSync(source, target);
      }
    } catch (e) {
      tryRemove(`${binaryStoreDir}/${temporary}`);
      throw fileFailed("add to the store", path, e);
    }
  }
}

/** In the store directory itself: renaming a directory without write permission into another one isn't allowed. */
function temporaryName(): string {
  return `tmp-devix-${Deno.pid}-${crypto.randomUUID()}`;
}

function tryRemove(path: string): void {
  try {
    removeTree(path);
  } catch {
    // The error that led here is the one to tell.
  }
}

interface WriterParts {
  readonly path: StorePath;
  readonly ca: ContentAddress | undefined;
  readonly temporary: string;
  readonly done: (hashed: { readonly narHash: Hash; readonly narSize: number }) => void;
}

/** Writes a path's contents as they come, and hashes them. */
export class ContentsWriter {
  readonly #parts: WriterParts;
  readonly #restorer: TreeRestorer | FileRestorer;
  readonly #hasher = new Hasher("sha256");
  /** Where the content address has another algorithm. */
  readonly #caHasher: Hasher | undefined;

  /** Made by {@link Adding.contents}. */
  constructor(parts: WriterParts) {
    this.#parts = parts;
    const { ca, temporary } = parts;
    const flat = ca !== undefined && ca.method !== "nar";
    this.#restorer = flat ? new FileRestorer(temporary, { executable: false }) : new TreeRestorer(temporary);
    if (ca !== undefined && ca.hash.algo !== "sha256") this.#caHasher = new Hasher(ca.hash.algo);
  }

  /** Takes the next bytes. @throws {NarError|StoreError} */
  push(chunk: Uint8Array): void {
    this.#guard(() => {
      this.#hasher.update(chunk);
      this.#caHasher?.update(chunk);
      if (this.#restorer instanceof TreeRestorer) this.#restorer.push(chunk);
      else this.#restorer.write(chunk);
    });
  }

  /** Says that there is no more. @throws {StoreError} if the contents aren't what the content address says. */
  end(): void {
    this.#guard(() => {
      const { path, ca, temporary, done } = this.#parts;
      this.#restorer.end();
      const narSize = this.#hasher.length;
      const hash: Hash = { algo: "sha256", digest: this.#hasher.digest() };
      if (ca !== undefined) {
        const got = this.#caHasher === undefined ? hash : { algo: ca.hash.algo, digest: this.#caHasher.digest() };
        if (!equalHashes(got, ca.hash)) throw wrongContents(path, printHash(ca.hash, "sri"), printHash(got, "sri"));
      }
      if (this.#restorer instanceof TreeRestorer) return done({ narHash: hash, narSize });
      const nar = hashNar(HOST_TREE, temporary);
      done({ narHash: nar.hash, narSize: nar.size });
    });
  }

  /** Gives up and removes what was written. */
  abort(): void {
    this.#restorer.abort();
    tryRemove(this.#parts.temporary);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (e) {
      this.abort();
      throw e;
    }
  }
}

function hashAll(chunks: readonly Uint8Array[]): Hash {
  const hasher = new Hasher("sha256");
  for (const chunk of chunks) hasher.update(chunk);
  return { algo: "sha256", digest: hasher.digest() };
}

const PLAIN_BYTES = 4096;
const PLAIN_OUTPUTS = /^Derive\(\[((?:\("[^"\\]*","[^"\\]*","[^"\\]*","[^"\\]*"\),?)+)\],/;
const PLAIN_OUTPUT = /\("([^"]*)","([^"]*)","[^"]*","[^"]*"\)/g;

/** Returns the outputs of a derivation whose paths are known. */
function derivationOutputs(path: StorePath, contents: Uint8Array, { storeDir }: StoreLayout) {
  const outputs = new Map<string, StorePath>();
  // They come first; parsing all of it takes ten times as long.
  const plain = PLAIN_OUTPUTS.exec(bytesToBinary(contents.subarray(0, PLAIN_BYTES)));
  if (plain !== null) {
    for (const [, name, output] of plain[1].matchAll(PLAIN_OUTPUT)) {
      if (output !== "") outputs.set(name, output as StorePath);
    }
    return outputs;
  }
  for (const [name, output] of parseAterm(bytesToBinary(contents), { name: drvNameFromPath(path), storeDir }).outputs) {
    if ("path" in output) outputs.set(name, output.path);
  }
  return outputs;
}
