// A daemon for tests that speaks any minor version from 1.25 to 1.38: there is none older than 1.34 to be had. It follows
// libstore/daemon.cc of Nix 2.34 where versions differ, and keeps what it is given in memory.

import { binaryToBytes, concatBytes } from "../../format/bytes.ts";
import { makeFixedOutputPath, parseContentAddress, printContentAddress } from "../../format/content_address.ts";
import { splitContentAddressPrefix } from "../../format/content_address.ts";
import { hashOf, parseHashAlgo, printHash } from "../../format/hash.ts";
import { FormatError } from "../../format/errors.ts";
import { fileNarFrame, narBytes, treeSource } from "../../format/nar.ts";
import { narTree } from "../../format/nar_reader.ts";
import type { StorePath } from "../../format/store_path.ts";
import { WireReader, WireWriter } from "../../format/wire.ts";
import type { PathInfo } from "../store.ts";
import { OP, SERVER_MAGIC, SINCE, STDERR } from "./protocol.ts";
import type { Transport } from "./transport.ts";
import { WireStream } from "./wire_stream.ts";

/** One direction of a connection in memory. */
class Pipe {
  readonly #chunks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
    this.#chunks.push(bytes.slice());
    this.#wake?.();
    return Promise.resolve();
  }

  async read(buffer: Uint8Array): Promise<number | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks[0];
    const n = Math.min(buffer.length, chunk.length);
    buffer.set(chunk.subarray(0, n));
    if (n === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(n);
    return n;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}

/** Returns both ends of a connection in memory. */
export function transportPair(): readonly [Transport, Transport] {
  const [there, back] = [new Pipe(), new Pipe()];
  const close = () => {
    there.close();
    back.close();
  };
  return [
    { read: (buffer) => back.read(buffer), write: (bytes) => there.write(bytes), close },
    { read: (buffer) => there.read(buffer), write: (bytes) => back.write(bytes), close },
  ];
}

/** Returns a transport that says `bytes`, takes everything and ends. */
export function scriptedTransport(bytes: Uint8Array): Transport {
  let at = 0;
  return {
    read(buffer) {
      if (at === bytes.length) return Promise.resolve(undefined);
      const n = Math.min(buffer.length, bytes.length - at);
      buffer.set(bytes.subarray(at, at + n));
      at += n;
      return Promise.resolve(n);
    },
    write: () => Promise.resolve(),
    close: () => {},
  };
}

/** What a fake daemon is like. */
export interface FakeDaemonOptions {
  readonly minor: number;
  readonly trusted?: boolean;
  /** Returns why an operation is to be refused. */
  readonly refuse?: (op: number) => string | undefined;
  /** Called with each operation before it is served. */
  readonly onOp?: (op: number) => void;
}

class Refused extends Error {}

/** A daemon that serves one connection. */
export class FakeDaemon {
  readonly paths = new Map<StorePath, { readonly info: PathInfo; readonly nar: Uint8Array }>();
  readonly tempRoots: StorePath[] = [];
  readonly ops: number[] = [];
  /** What the client was told is done; rejects if the client said something that can't be understood. */
  readonly served: Promise<void>;
  readonly #options: FakeDaemonOptions;
  readonly #transport: Transport;
  readonly #from: WireStream;
  #minor = 0;
  #refusal: string | undefined;

  constructor(transport: Transport, options: FakeDaemonOptions) {
    this.#options = options;
    this.#transport = transport;
    this.#from = new WireStream(transport);
    this.served = this.#serve().finally(() => transport.close());
  }

  async #serve(): Promise<void> {
    await this.#greet();
    for (;;) {
      let op: number;
      try {
        op = await this.#from.u64();
      } catch {
        return;
      }
      this.ops.push(op);
      this.#options.onOp?.(op);
      this.#refusal = this.#options.refuse?.(op);
      let answer: WireWriter;
      try {
        answer = await this.#perform(op);
        if (this.#refusal !== undefined) throw new Refused(this.#refusal);
      } catch (e) {
        if (!(e instanceof Refused || e instanceof FormatError)) throw e;
        await this.#send(this.#failure(e.message));
        continue;
      }
      await this.#send(new WireWriter().u64(STDERR.next).string("working\n").u64(STDERR.last).raw(answer.take()));
    }
  }

  #failure(reason: string): WireWriter {
    const to = new WireWriter().u64(STDERR.error);
    if (this.#minor < SINCE.structuredErrors) return to.string(reason).u64(1);
    return to.string("Error").u64(0).string("Error").string(reason).u64(0).u64(1).u64(0).string("while serving");
  }

  async #send(message: WireWriter): Promise<void> {
    await this.#transport.write(message.take());
  }

  async #greet(): Promise<void> {
    const from = this.#from;
    await from.u64();
    const { minor, trusted } = this.#options;
    await this.#send(new WireWriter().u64(SERVER_MAGIC).u64(1 << 8 | minor));
    this.#minor = Math.min(minor, await from.u64() & 0xff);
    if (this.#minor >= SINCE.features) {
      await from.strings();
      await this.#send(new WireWriter().strings(["of-the-future"]));
    }
    await from.u64();
    await from.u64();
    const rest = new WireWriter();
    if (this.#minor >= SINCE.daemonVersion) rest.string("2.fake");
    if (this.#minor >= SINCE.trust) rest.u64(trusted === undefined ? 0 : trusted ? 1 : 2);
    await this.#send(rest.u64(STDERR.last));
  }

  async #frames(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (;;) {
      let left = await this.#from.u64();
      if (left === 0) return concatBytes(parts);
      while (left > 0) {
        const chunk = (await this.#from.peek()).slice(0, left);
        this.#from.skip(chunk.length);
        left -= chunk.length;
        parts.push(chunk);
      }
    }
  }

  async #perform(op: number): Promise<WireWriter> {
    const from = this.#from;
    const to = new WireWriter();
    switch (op) {
      case OP.setOptions:
        for (let i = 0; i < 12; i++) await from.u64();
        for (let left = await from.u64(); left > 0; left--) [await from.string(), await from.string()];
        return to;
      case OP.isValidPath:
        return to.bool(this.paths.has(await from.string() as StorePath));
      case OP.queryValidPaths: {
        const paths = await from.strings();
        if (this.#minor >= SINCE.substituteFlag) await from.u64();
        return to.strings(paths.filter((path) => this.paths.has(path as StorePath)));
      }
      case OP.queryPathInfo: {
        const known = this.paths.get(await from.string() as StorePath);
        return known === undefined ? to.bool(false) : this.#writeInfo(to.bool(true), known.info);
      }
      case OP.addTempRoot:
        this.tempRoots.push(await from.string() as StorePath);
        return to.u64(1);
      case OP.addToStore: {
        const [name, method, references] = [await from.string(), await from.string(), await from.strings()];
        await from.u64();
        const path = this.#addAddressed(name, method, { references, contents: await this.#frames() });
        return this.#writeInfo(to.string(path), this.paths.get(path)!.info);
      }
      case OP.addTextToStore: {
        const [name, text, references] = [await from.string(), await from.string(), await from.strings()];
        return to.string(this.#addAddressed(name, "text:sha256", { references, contents: binaryToBytes(text) }));
      }
      case OP.addToStoreNar: {
        const head = await this.#readInfo();
        await from.u64();
        await from.u64();
        this.#add(head, await this.#frames());
        return to;
      }
      case OP.addMultipleToStore: {
        if (this.#minor < SINCE.addMultipleToStore) throw new Error("invalid operation 44");
        await from.u64();
        await from.u64();
        this.#addAll(await this.#frames());
        return to;
      }
      case OP.narFromPath: {
        const known = this.paths.get(await from.string() as StorePath);
        if (known === undefined) throw new Refused("path is not valid");
        return to.raw(known.nar);
      }
    }
    throw new Error(`the fake daemon doesn't know operation ${op}`);
  }

  #addAddressed(
    name: string,
    methodAlgo: string,
    object: { readonly references: readonly string[]; readonly contents: Uint8Array },
  ): StorePath {
    const { method, rest } = splitContentAddressPrefix(methodAlgo.replace(/^fixed:/, ""));
    const ca = { method, hash: hashOf(parseHashAlgo(rest), object.contents) };
    const references = object.references as readonly StorePath[];
    const path = makeFixedOutputPath(ca, { name, references });
    const { head, tail } = fileNarFrame(object.contents.length);
    const nar = method === "nar" ? object.contents : concatBytes([head, object.contents, tail]);
    this.#add({ path, references, ca, narHash: hashOf("sha256", nar), narSize: nar.length }, nar);
    return path;
  }

  /** Takes the stream of addMultipleToStore apart. */
  #addAll(stream: Uint8Array): void {
    const reader = new WireReader(stream);
    for (let left = reader.u64(); left > 0; left--) {
      const [path, , narHash] = [reader.string(), reader.string(), reader.string()];
      const references = reader.strings() as StorePath[];
      reader.u64();
      const narSize = reader.u64();
      reader.u64();
      reader.strings();
      const ca = parseContentAddress(reader.string());
      const nar = reader.raw(narSize).slice();
      const info = { path: path as StorePath, references, narSize, ca, narHash: hashOf("sha256", nar) };
      if (printHash(info.narHash, "base16") !== narHash) throw new Refused(`hash mismatch importing path '${path}'`);
      this.#add(info, nar);
    }
    if (reader.rest.length > 0) throw new Error("the stream goes on after the last path");
  }

  #add(info: PathInfo, nar: Uint8Array): void {
    if (this.#refusal !== undefined) throw new Refused(this.#refusal);
    for (const reference of info.references) {
      if (!this.paths.has(reference)) throw new Refused(`path '${reference}' is not valid`);
    }
    // It must at least be a NAR.
    if (narBytes(treeSource(narTree(nar)), "").length !== nar.length) throw new Error("the NAR is not canonical");
    if (printHash(hashOf("sha256", nar), "base16") !== printHash(info.narHash!, "base16")) {
      throw new Refused(`hash mismatch importing path '${info.path}'`);
    }
    this.paths.set(info.path, { info, nar });
  }

  async #readInfo(): Promise<PathInfo> {
    const from = this.#from;
    const path = await from.string() as StorePath;
    await from.string();
    const digest = await from.string();
    const references = await from.strings() as StorePath[];
    await from.u64();
    const narSize = await from.u64();
    await from.u64();
    await from.strings();
    const ca = parseContentAddress(await from.string());
    const bytes = Uint8Array.from(digest.match(/../g)!, (byte) => parseInt(byte, 16));
    return { path, references, narSize, ca, narHash: { algo: "sha256", digest: bytes } };
  }

  #writeInfo(to: WireWriter, info: PathInfo): WireWriter {
    const { references, narHash, narSize, ca } = info;
    return to.string("").string(printHash(narHash!, "base16")).strings(references).u64(1).u64(narSize!).bool(false)
      .strings([]).string(ca === undefined ? "" : printContentAddress(ca));
  }
}
