// A store that is written to in a worker, so that the evaluator needn't wait: what is added is sent there (background/) and
// this thread goes on. It waits only if too much is under way, or to be told something.
//
// What goes wrong while writing comes to light at the next call. All paths are added in the order of the calls.

import { type Failure, RemoteError, WorkerPool } from "../blocking/pool.ts";
import { decodeBase64 } from "../format/base_encodings.ts";
import { parseContentAddress } from "../format/content_address.ts";
import { parseSri } from "../format/hash.ts";
import { type StorePath, storePathBaseName } from "../format/store_path.ts";
import { PipeWriter } from "./background/chunk_pipe.ts";
import { writeSource, writeText } from "./background/entries.ts";
import type { Written } from "./background/writer.ts";
import {
  type BackgroundContext,
  FAILED,
  IDLE,
  type PathInfoMessage,
  realStoreDirOf,
  type StorePlace,
} from "./background/context.ts";
import type { RootOptions } from "./background/target.ts";
import { StoreError } from "./errors.ts";
import type { PathInfo, SourceObject, Store, TextObject } from "./store.ts";

/** How much may be on its way to the worker, in bytes. */
const MAX_BYTES = 48 << 20;

/** How to open a {@link BackgroundStore}. */
export interface BackgroundStoreOptions {
  /** The first that is there is taken. */
  readonly places: readonly StorePlace[];
  /** What the paths in the store begin with. */
  readonly storeDir: string;
  /** URL of background/worker.ts. */
  readonly worker?: string;
}

/** What was written. */
export interface StoreReport {
  /** In the order in which they were added; those that were valid already are left out. */
  readonly added: readonly { readonly path: StorePath; readonly narHash: string }[];
  readonly alreadyValid: number;
  /** What a daemon had to say, as binary strings. */
  readonly log: readonly string[];
}

/** A store behind a worker. */
export class BackgroundStore implements Store {
  readonly storeDir: string;
  readonly #options: BackgroundStoreOptions;
  readonly #flags = new Int32Array(new SharedArrayBuffer(8));
  readonly #pool: WorkerPool;
  readonly #pipe: PipeWriter;
  /** What was sent, in order. */
  readonly #paths: StorePath[] = [];
  /** The same the other way round. */
  readonly #sent = new Map<StorePath, number>();
  #added: StoreReport["added"][number][] = [];
  #alreadyValid = 0;
  #log: string[] = [];
  #isFlushed = true;
  /** Once it is known. */
  #realStoreDir: { readonly directory: string | undefined } | undefined;

  constructor(options: BackgroundStoreOptions) {
    this.#options = options;
    this.storeDir = options.storeDir;
    this.#pool = new WorkerPool({
      worker: options.worker ?? new URL("./background/worker.ts", import.meta.url).href,
      context: {
        places: options.places,
        storeDir: options.storeDir,
        flags: this.#flags.buffer as SharedArrayBuffer,
      } satisfies BackgroundContext,
      revive,
    });
    this.#pipe = new PipeWriter({
      maxBytes: MAX_BYTES,
      send: (chunk) => void this.#pool.start("take", chunk),
      isBroken: () => this.hasFailed,
      isWanted: () => Atomics.load(this.#flags, IDLE) === 1,
    });
  }

  /** Whether something could not be added: nothing is, from then on. */
  get hasFailed(): boolean {
    return Atomics.load(this.#flags, FAILED) === 1;
  }

  /** Which of the places it is, in the words of `--store`. Waits until one is open. @throws {StoreError} if none is there */
  get mode(): string {
    return this.#pool.call("mode", null);
  }

  isValid(path: StorePath): boolean {
    this.#await(path);
    return this.#pool.call("isValid", path);
  }

  queryPathInfo(path: StorePath): PathInfo | undefined {
    this.#await(path);
    const message = this.#pool.call<PathInfoMessage | null>("pathInfo", path);
    if (message === null) return undefined;
    const { narHash, ca, ...rest } = message;
    return {
      ...rest,
      ...(narHash === undefined ? {} : { narHash: parseSri(narHash) }),
      ...(ca === undefined ? {} : { ca: parseContentAddress(ca) }),
    };
  }

  realPath(path: StorePath): string | undefined {
    const { directory } = this.#realStoreDir ??= this.#findRealStoreDir();
    return directory === undefined ? undefined : `${directory}/${storePathBaseName(path)}`;
  }

  #findRealStoreDir(): { readonly directory: string | undefined } {
    const { places, storeDir } = this.#options;
    const [directory, ...others] = new Set(places.map((place) => realStoreDirOf(place, storeDir)));
    if (others.length === 0) return { directory };
    const { mode } = this;
    return { directory: realStoreDirOf(places.find((place) => place.mode === mode)!, storeDir) };
  }

  readFile(path: StorePath): Uint8Array | undefined {
    this.#await(path);
    const contents = this.#pool.call<string | null>("file", path);
    return contents === null ? undefined : decodeBase64(contents);
  }

  /** Waits until a path is in the store, if it was sent there. */
  #await(path: StorePath): void {
    if (!this.#isFlushed && this.#sent.has(path)) this.flush();
  }

  addText(object: TextObject): void {
    if (!this.#begin(object.path)) return;
    writeText(this.#pipe, object, this.#sent);
    this.#pipe.entryWritten();
  }

  addSource(object: SourceObject): void {
    // It is a lot to send for nothing.
    if (object.host === undefined && this.isValid(object.path)) {
      this.#alreadyValid++;
      return;
    }
    if (!this.#begin(object.path)) return;
    writeSource(this.#pipe, object);
    this.#pipe.entryWritten();
  }

  /** Whether a path is still to be sent. */
  #begin(path: StorePath): boolean {
    if (this.hasFailed) this.flush();
    if (this.#sent.has(path)) {
      this.#alreadyValid++;
      return false;
    }
    this.#sent.set(path, this.#paths.length);
    this.#paths.push(path);
    this.#isFlushed = false;
    return true;
  }

  /**
   * Waits until everything is in the store, also what was there when this was last called.
   * @throws {StoreError} if something could not be added, or is gone because the connection that kept it was lost
   */
  flush(): void {
    if (this.#paths.length === 0 && !this.hasFailed) return;
    this.#pipe.handOver();
    const { added, alreadyValid, log } = this.#pool.call<Written & { readonly log: string[] }>("flush", null);
    for (const [index, narHash] of added) this.#added.push({ path: this.#paths[index], narHash });
    this.#alreadyValid += alreadyValid;
    this.#log.push(...log);
    this.#isFlushed = true;
  }

  /** Waits like {@link flush} and returns what became of all that was added since this was last called. */
  report(): StoreReport {
    this.flush();
    const report = { added: this.#added, alreadyValid: this.#alreadyValid, log: this.#log };
    this.#added = [];
    this.#alreadyValid = 0;
    this.#log = [];
    return report;
  }

  /** Makes `link`, an absolute host path, a symlink to a path that is kept as long as the link is there. */
  addRoot(link: string, path: StorePath, options: RootOptions = {}): void {
    this.flush();
    this.#pool.call("addRoot", { link, path, options });
  }

  /** Ends the worker, whatever it is doing. */
  close(): void {
    if (this.#pool.workers > 0 && !this.hasFailed && this.#isFlushed) this.#closeTarget();
    this.#pool.close();
  }

  #closeTarget(): void {
    try {
      this.#pool.call("close", null);
    } catch {
      // It was never open.
    }
  }
}

function revive(failure: Failure): Error {
  if (!STORE_ERRORS.has(failure.name)) return new RemoteError(failure);
  const { path } = (failure.data ?? {}) as { readonly path?: string };
  return new StoreError(failure.message, { path });
}

const STORE_ERRORS: ReadonlySet<string> = new Set(["StoreError", "DaemonError", "ConnectionError", "NoDaemonError"]);
