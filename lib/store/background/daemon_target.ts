// A Nix daemon as what is written to: one that listens at a socket, or one that runs as our child (`nix-daemon --stdio`)
// and has the store to itself.

import { type StorePath, storePathName } from "../../format/store_path.ts";
import { utf8ToBinary } from "../../format/bytes.ts";
import { DaemonClient } from "../daemon/client.ts";
import type { DaemonLog } from "../daemon/connection.ts";
import { ConnectionError, DaemonError } from "../daemon/errors.ts";
import { connectUnix, startChild, type Transport } from "../daemon/transport.ts";
import { collectedMeanwhile, StoreError, wrongPath } from "../errors.ts";
import { makeRootLink } from "../local/roots.ts";
import type { PathInfo } from "../store.ts";
import {
  type Addition,
  type Collected,
  contentsOf,
  narOf,
  type RootOptions,
  type Target,
  type VerifyOptions,
} from "./target.ts";

/** Which daemon. */
export type DaemonPlace =
  & {
    readonly mode: string;
    /** Where on the host the files of its store lie, if that is known and not at their paths. */
    readonly realStoreDir?: string;
  }
  & (
    | { readonly kind: "daemon"; readonly socket: string }
    /** A program that is started with `--stdio`. */
    | { readonly kind: "program"; readonly program: string; readonly env: Readonly<Record<string, string>> }
  );

/** How to open a {@link DaemonTarget}. */
export interface DaemonTargetOptions {
  readonly storeDir: string;
  readonly onLog: (log: DaemonLog) => void;
}

/** Errors only. */
const VERBOSITY = 0;

/**
 * A daemon. Questions have a connection of their own, so that they needn't wait until all before them is written. When a
 * connection is lost while nothing is written, another one is opened.
 */
export class DaemonTarget implements Target {
  readonly mode: string;
  #writes: DaemonClient;
  readonly #open: () => Promise<DaemonClient>;
  #questions: Promise<DaemonClient> | undefined;
  /** Set once the daemon has refused what it should take from anybody. */
  #oneByOne = false;
  #last: Promise<void> = Promise.resolve();

  private constructor(mode: string, writes: DaemonClient, open: () => Promise<DaemonClient>) {
    this.mode = mode;
    this.#writes = writes;
    this.#open = open;
  }

  /** Connects. @throws {ConnectionError} if there is no such daemon */
  static async open(place: DaemonPlace, options: DaemonTargetOptions): Promise<DaemonTarget> {
    const open = async () => {
      const client = await DaemonClient.connect(await connect(place), options);
      await client.setOptions({ verbosity: VERBOSITY });
      return client;
    };
    return new DaemonTarget(place.mode, await open(), open);
  }

  #asked(): Promise<DaemonClient> {
    return this.#questions ??= this.#open();
  }

  /** Asks, once more if the connection was lost. */
  async #ask<T>(question: (client: DaemonClient) => Promise<T>): Promise<T> {
    const before = this.#questions;
    try {
      return await question(await this.#asked());
    } catch (e) {
      if (!(e instanceof ConnectionError)) throw e;
      if (this.#questions === before) this.#questions = undefined;
      if (before === undefined) throw e;
      return await question(await this.#asked());
    }
  }

  async validPaths(paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>> {
    const valid = await this.#writes.queryValidPaths(paths);
    if (valid.size === 0) return valid;
    // What is valid now might be collected before it is kept: so ask again. What is missing is kept when it is added.
    const kept = [...valid];
    const [, again] = await Promise.all([this.#writes.addTempRoots(kept), this.#writes.queryValidPaths(kept)]);
    return again;
  }

  add(objects: readonly Addition[]): Promise<void> {
    const done = this.#add(objects, this.#last);
    this.#last = done.catch(() => {});
    return done;
  }

  async #add(objects: readonly Addition[], previous: Promise<void>): Promise<void> {
    let refusal: DaemonError | undefined;
    if (!this.#oneByOne) {
      try {
        await this.#writes.addMultipleToStore(objects.map((object) => ({ ...object, nar: () => narOf(object) })));
        return;
      } catch (e) {
        if (!(e instanceof DaemonError)) throw e;
        this.#note(refusal = e);
      }
    }
    // These may have been refused only because those before were. Or because of one of them: Nix 2.8 loses its way in the
    // stream when somebody else adds a path of it at the same time. Each by itself fails for reasons of its own only.
    await previous;
    const valid = await this.#writes.queryValidPaths(objects.map(({ path }) => path));
    for (const object of objects) {
      if (valid.has(object.path)) continue;
      if (refusal !== undefined && object.contents.kind === "nar" && object.contents.isOnce) throw refusal;
      await this.#addAlone(object);
    }
  }

  /** A daemon may be told to take nothing unsigned, content-addressed or not; what it has hashed itself it takes. */
  #note(refusal: DaemonError): void {
    if (/signature/.test(refusal.reason)) this.#oneByOne = true;
  }

  async #addAlone(object: Addition): Promise<void> {
    if (!this.#oneByOne) {
      try {
        await this.#writes.addToStoreNar({ ...object, nar: () => narOf(object) });
        return;
      } catch (e) {
        if (!(e instanceof DaemonError)) throw e;
        this.#note(e);
        if (!this.#oneByOne) throw e;
      }
    }
    await this.#addAddressed(object);
  }

  async #addAddressed(object: Addition): Promise<void> {
    const { path, references, ca } = object;
    const added = await this.#writes.addToStore({
      name: storePathName(path),
      method: ca.method,
      algo: ca.hash.algo,
      references,
      contents: () => contentsOf(object),
    });
    if (added.path !== path) throw wrongPath(path, added.path);
  }

  async keepOn(paths: readonly StorePath[]): Promise<void> {
    try {
      // An answer, whatever it is: the daemon keeps what this connection added as long as there is one.
      await this.#writes.queryValidPaths([]);
      return;
    } catch (e) {
      if (!(e instanceof ConnectionError)) throw e;
    }
    this.#writes = await this.#open();
    const valid = await this.validPaths(paths);
    const gone = paths.find((path) => !valid.has(path));
    if (gone !== undefined) throw collectedMeanwhile(gone);
  }

  isValid(path: StorePath): Promise<boolean> {
    return this.#ask((client) => client.isValidPath(path));
  }

  pathInfo(path: StorePath): Promise<PathInfo | undefined> {
    return this.#ask((client) => client.queryPathInfo(path));
  }

  async nar(path: StorePath, sink: (chunk: Uint8Array) => void): Promise<void> {
    await (await this.#asked()).narFromPath(path, sink);
  }

  async addRoot(link: string, path: StorePath, { mayBeInvalid = false }: RootOptions = {}): Promise<void> {
    // On the connection that keeps the path from being collected until the root does.
    await this.#writes.addTempRoots([path]);
    if (!mayBeInvalid && !await this.#writes.isValidPath(path)) {
      throw new StoreError(`Cannot make root "${utf8ToBinary(link)}": "${path}" is not valid`);
    }
    makeRootLink(link, path);
    await this.#writes.addIndirectRoot(utf8ToBinary(link));
  }

  async paths(): Promise<StorePath[]> {
    return (await (await this.#asked()).queryAllValidPaths()).sort();
  }

  async referrers(path: StorePath): Promise<StorePath[]> {
    return (await (await this.#asked()).queryReferrers(path)).sort();
  }

  async verify({ contents }: VerifyOptions): Promise<boolean> {
    return !await (await this.#asked()).verifyStore({ contents });
  }

  async collectGarbage(options: { readonly dryRun: boolean }): Promise<Collected> {
    const { paths, bytes } = await (await this.#asked()).collectGarbage(options);
    return { paths: paths.sort(), bytes: options.dryRun ? 0 : bytes };
  }

  close(): void {
    this.#writes.close();
    this.#questions?.then((client) => client.close(), () => {});
  }
}

async function connect(place: DaemonPlace): Promise<Transport> {
  return place.kind === "daemon"
    ? await connectUnix(place.socket)
    : startChild(place.program, { args: ["--stdio"], env: place.env });
}
