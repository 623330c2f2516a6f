// What a Nix daemon can be asked to do. Usable alone:
//
//     const daemon = await DaemonClient.connect("/nix/var/nix/daemon-socket/socket");
//     if (!await daemon.isValidPath(path)) await daemon.addMultipleToStore([object]);
//     daemon.close();
//
// Requests may be made without awaiting earlier ones (connection.ts). What the daemon adds or is told to keep isn't
// collected as garbage as long as the connection is open.

import { printContentAddress } from "../../format/content_address.ts";
import type { ContentAddress, ContentAddressMethod } from "../../format/content_address.ts";
import { contentAddressPrefix, parseContentAddress } from "../../format/content_address.ts";
import { type Hash, type HashAlgo, parseHashUnprefixed, printHash } from "../../format/hash.ts";
import { NarReader } from "../../format/nar_reader.ts";
import { parseStorePath, type StorePath } from "../../format/store_path.ts";
import { WireWriter } from "../../format/wire.ts";
import type { PathInfo } from "../store.ts";
import { Connection, type ConnectionOptions, type DaemonInfo } from "./connection.ts";
import { type ByteSource, chunksOf } from "./frames.ts";
import { OP, SINCE } from "./protocol.ts";
import { connectUnix, type Transport } from "./transport.ts";
import type { WireStream } from "./wire_stream.ts";

/** A path to be added, with all a daemon wants to know of it. */
export interface AddedObject {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly narHash: Hash;
  /** Bytes. */
  readonly narSize: number;
  readonly ca?: ContentAddress;
  readonly deriver?: StorePath;
  readonly signatures?: readonly string[];
  /** The NAR, exactly `narSize` bytes. Asked for once. */
  readonly nar: () => ByteSource;
}

/** How {@link DaemonClient.addToStore} is to make a path. */
export interface ContentAddressed {
  readonly name: string;
  readonly method: ContentAddressMethod;
  readonly algo: HashAlgo;
  readonly references: readonly StorePath[];
  /** For "nar" the NAR, else the bytes of the file. */
  readonly contents: () => ByteSource;
}

/** How a daemon is to work for this connection. */
export interface DaemonSettings {
  /** 0 for errors only, to 7. */
  readonly verbosity: number;
  /** Settings by name. One that isn't trusted can't set many. */
  readonly overrides?: ReadonlyMap<string, string>;
}

/** A client of a Nix daemon. All methods throw {@link DaemonError} or {@link ConnectionError}. */
export class DaemonClient {
  readonly #connection: Connection;
  readonly #storeDir: string | undefined;

  private constructor(connection: Connection, storeDir: string | undefined) {
    this.#connection = connection;
    this.#storeDir = storeDir;
  }

  /** Connects to a daemon at a Unix socket, or over a transport, which is closed with the client. */
  static async connect(
    place: string | Transport,
    options: ConnectionOptions & { readonly storeDir?: string } = {},
  ): Promise<DaemonClient> {
    const transport = typeof place === "string" ? await connectUnix(place) : place;
    return new DaemonClient(await Connection.open(transport, options), options.storeDir);
  }

  /** What is known of the daemon. */
  get info(): DaemonInfo {
    return this.#connection.info;
  }

  /** Closes the connection; requests under way fail. */
  close(): void {
    this.#connection.close();
  }

  /** Sets how the daemon works. */
  setOptions(settings: DaemonSettings): Promise<void> {
    const { verbosity, overrides = new Map<string, string>() } = settings;
    return this.#connection.request({
      action: "set options of the Nix daemon",
      op: OP.setOptions,
      write(to) {
        // Keep failed builds, keep going, fall back to building: no.
        to.bool(false).bool(false).bool(false).u64(verbosity);
        // One build at a time, without limit on silence, by the build hook, with no output.
        to.u64(1).u64(0).bool(true).u64(7);
        // Obsolete log type and build trace; all cores; substitutes allowed.
        to.u64(0).u64(0).u64(0).bool(true);
        to.u64(overrides.size);
        for (const [name, value] of overrides) to.string(name).string(value);
      },
      read: nothing,
    });
  }

  /** Tells whether a path is valid. Nothing is substituted. */
  isValidPath(path: StorePath): Promise<boolean> {
    return this.#connection.request({
      action: `ask whether "${path}" is valid`,
      op: OP.isValidPath,
      write: (to) => void to.string(path),
      read: (from) => from.bool(),
    });
  }

  /** Returns those of the paths that are valid. Nothing is substituted. */
  async queryValidPaths(paths: readonly StorePath[]): Promise<Set<StorePath>> {
    const valid = await this.#connection.request({
      action: `ask which of ${paths.length} paths are valid`,
      op: OP.queryValidPaths,
      write: (to) => {
        to.strings(paths);
        if (this.info.minor >= SINCE.substituteFlag) to.bool(false);
      },
      read: (from) => from.strings(),
    });
    return new Set(valid as StorePath[]);
  }

  /** Returns all valid paths, in the daemon's order. */
  queryAllValidPaths(): Promise<StorePath[]> {
    return this.#connection.request({
      action: "list valid paths",
      op: OP.queryAllValidPaths,
      read: (from) => from.strings() as Promise<StorePath[]>,
    });
  }

  /** Returns the valid paths that refer to a path, in the daemon's order. */
  queryReferrers(path: StorePath): Promise<StorePath[]> {
    return this.#connection.request({
      action: `ask what refers to "${path}"`,
      op: OP.queryReferrers,
      write: (to) => void to.string(path),
      read: (from) => from.strings() as Promise<StorePath[]>,
    });
  }

  /** Returns what is known of a path; undefined if it isn't valid. */
  queryPathInfo(path: StorePath): Promise<PathInfo | undefined> {
    return this.#connection.request({
      action: `ask about "${path}"`,
      op: OP.queryPathInfo,
      write: (to) => void to.string(path),
      read: async (from) => await from.bool() ? await this.#readPathInfo(path, from) : undefined,
    });
  }

  /** Keeps paths from being collected as long as the connection is open, valid or not. */
  async addTempRoots(paths: readonly StorePath[]): Promise<void> {
    await this.#connection.requestAll(paths.map((path) => ({
      action: `keep "${path}"`,
      op: OP.addTempRoot,
      write: (to) => void to.string(path),
      read: (from) => from.u64(),
    })));
  }

  /** Makes what a symlink leads to a root. `link` is an absolute path, as a binary string. */
  async addIndirectRoot(link: string): Promise<void> {
    await this.#connection.request({
      action: `register root "${link}"`,
      op: OP.addIndirectRoot,
      write: (to) => void to.string(link),
      read: (from) => from.u64(),
    });
  }

  /**
   * Adds paths, each after those it refers to. Those that are content-addressed need neither signature nor trust. All valid ones at the
   * time of a failure stay so.
   */
  async addMultipleToStore(objects: readonly AddedObject[]): Promise<void> {
    if (objects.length === 0) return;
    if (this.info.minor < SINCE.addMultipleToStore) {
      await allSettled(objects.map((object) => this.addToStoreNar(object)));
      return;
    }
    const first = objects[0].path;
    await this.#connection.request({
      action: objects.length === 1 ? `add "${first}"` : `add ${objects.length} paths from "${first}" on`,
      op: OP.addMultipleToStore,
      write: (to) => void to.bool(false).bool(false),
      async stream(frames, isWanted) {
        const head = new WireWriter().u64(objects.length);
        for (const object of objects) {
          if (!isWanted()) return;
          await frames.write(writePathInfo(head, object).take());
          for await (const chunk of chunksOf(object.nar())) await frames.write(chunk);
        }
      },
      read: nothing,
    });
  }

  /** Adds a path. */
  addToStoreNar(object: AddedObject): Promise<void> {
    return this.#connection.request({
      action: `add "${object.path}"`,
      op: OP.addToStoreNar,
      write: (to) => void writePathInfo(to, object).bool(false).bool(false),
      async stream(frames) {
        for await (const chunk of chunksOf(object.nar())) await frames.write(chunk);
      },
      read: nothing,
    });
  }

  /** Has the daemon work out path and hash of contents, and add them. Old daemons refuse references but for texts. */
  addToStore(object: ContentAddressed): Promise<PathInfo> {
    const { name, method, algo, references, contents } = object;
    return this.#connection.request({
      action: `add "${name}"`,
      op: OP.addToStore,
      write: (to) => {
        const fixed = method === "text" ? "" : "fixed:";
        to.string(name).string(`${fixed}${contentAddressPrefix(method)}${algo}`).strings([...references].sort()).bool(
          false,
        );
      },
      async stream(frames) {
        for await (const chunk of chunksOf(contents())) await frames.write(chunk);
      },
      read: async (from) => await this.#readPathInfo(this.#parsePath(await from.string()), from),
    });
  }

  /** Adds a text, a binary string, and returns its path. Superseded by {@link addToStore}. */
  addTextToStore(name: string, contents: string, references: readonly StorePath[]): Promise<StorePath> {
    return this.#connection.request({
      action: `add "${name}"`,
      op: OP.addTextToStore,
      write: (to) => void to.string(name).string(contents).strings([...references].sort()),
      read: async (from) => this.#parsePath(await from.string()),
    });
  }

  /** Passes the NAR of a path on in chunks, valid until `sink` returns. */
  narFromPath(path: StorePath, sink: (chunk: Uint8Array) => void): Promise<void> {
    return this.#connection.request({
      action: `read "${path}"`,
      op: OP.narFromPath,
      write: (to) => void to.string(path),
      async read(from) {
        // Nothing says how long it is: only reading it tells.
        const nar = new NarReader();
        while (!nar.done) {
          const chunk = await from.peek();
          nar.push(chunk);
          while (nar.next() !== undefined) { /* only the end matters */ }
          const used = chunk.length - (nar.done ? nar.rest.length : 0);
          sink(chunk.subarray(0, used));
          from.skip(used);
        }
      },
    });
  }

  /** Checks the store; returns whether anything is wrong with it, of which the daemon logs more. */
  verifyStore(options: { readonly contents: boolean }): Promise<boolean> {
    return this.#connection.request({
      action: "check the store",
      op: OP.verifyStore,
      write: (to) => void to.bool(options.contents).bool(false),
      read: (from) => from.bool(),
    });
  }

  /** Removes what no root leads to, or with `dryRun` says what that is. */
  collectGarbage(options: { readonly dryRun: boolean }): Promise<{ paths: string[]; bytes: number }> {
    return this.#connection.request({
      action: "collect garbage",
      op: OP.collectGarbage,
      write: (to) => {
        const [dead, remove] = [1, 2];
        to.u64(options.dryRun ? dead : remove).strings([]).bool(false);
        // No limit on what is freed; three obsolete words.
        to.u64(0xffff_ffff_ffff_ffffn).u64(0).u64(0).u64(0);
      },
      async read(from) {
        const paths = await from.strings();
        const bytes = Number(await from.bigU64());
        await from.bigU64();
        return { paths, bytes };
      },
    });
  }

  #parsePath(path: string): StorePath {
    return parseStorePath(path, { storeDir: this.#storeDir });
  }

  async #readPathInfo(path: StorePath, from: WireStream): Promise<PathInfo> {
    const deriver = await from.string();
    const narHash = parseHashUnprefixed(await from.string(), "sha256");
    const references = (await from.strings()).map((reference) => this.#parsePath(reference));
    const registrationTime = await from.u64();
    const narSize = await from.u64();
    const ultimate = await from.bool();
    const signatures = await from.strings();
    const ca = await from.string();
    return {
      path,
      references: references.sort(),
      narHash,
      narSize,
      ...(ca === "" ? {} : { ca: parseContentAddress(ca) }),
      ...(deriver === "" ? {} : { deriver: this.#parsePath(deriver) }),
      signatures,
      registrationTime,
      ultimate,
    };
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

/** Waits for all before it fails with the first, so that nothing is left unobserved. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === "rejected") throw result.reason;
}

function writePathInfo(to: WireWriter, object: AddedObject): WireWriter {
  const { path, references, narHash, narSize, ca, deriver = "", signatures = [] } = object;
  return to.string(path).string(deriver).string(printHash(narHash, "base16")).strings([...references].sort())
    // When it was registered, and whether it was built here.
    .u64(0).u64(narSize).bool(false)
    .strings(signatures).string(ca === undefined ? "" : printContentAddress(ca));
}
