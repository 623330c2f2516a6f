// Reading what a daemon sends: the framing of lib/format/wire.ts, from a stream.
//
// Lengths are what the other side says and may be wrong: nothing is allocated before its bytes are there.

import { bytesToBinary, concatBytes } from "../../format/bytes.ts";
import { EndOfStream, protocolViolated } from "./errors.ts";
import type { Transport } from "./transport.ts";

const BUFFER_BYTES = 1 << 16;
/** Longest string that is taken; a log line or a name is never longer. */
const MAX_STRING = 1 << 26;

/** Reads integers and strings off a transport. */
export class WireStream {
  readonly #transport: Transport;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #start = 0;
  #end = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Reads an integer. @throws {ConnectionError} if it exceeds 2^53 - 1 @throws {EndOfStream} */
  async u64(): Promise<number> {
    const value = await this.bigU64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw protocolViolated(`${value} is too large a number`);
    return Number(value);
  }

  async bigU64(): Promise<bigint> {
    if (this.#end - this.#start < 8) await this.#need(8);
    const value = this.#view.getBigUint64(this.#start, true);
    this.#start += 8;
    return value;
  }

  async bool(): Promise<boolean> {
    return await this.bigU64() !== 0n;
  }

  /** Reads a string as a binary string. */
  async string(): Promise<string> {
    const length = await this.u64();
    if (length > MAX_STRING) throw protocolViolated(`a string of ${length} bytes is too long`);
    const padded = Math.ceil(length / 8) * 8;
    const bytes = await this.#bytes(padded);
    for (let i = length; i < padded; i++) {
      if (bytes[i] !== 0) throw protocolViolated("padding of a string is not zero");
    }
    return bytesToBinary(bytes.subarray(0, length));
  }

  async strings(): Promise<string[]> {
    const list: string[] = [];
    for (let left = await this.u64(); left > 0; left--) list.push(await this.string());
    return list;
  }

  /** Returns some bytes, at least one, which are used up by {@link skip}. Valid until the next call of anything else. */
  async peek(): Promise<Uint8Array> {
    if (this.#end === this.#start) await this.#need(1);
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Takes bytes off that {@link peek} gave. */
  skip(bytes: number): void {
    this.#start += bytes;
  }

  async #bytes(length: number): Promise<Uint8Array> {
    if (length <= BUFFER_BYTES) {
      if (this.#end - this.#start < length) await this.#need(length);
      this.#start += length;
      return this.#buffer.subarray(this.#start - length, this.#start);
    }
    const parts: Uint8Array[] = [];
    for (let left = length; left > 0;) {
      const part = (await this.peek()).slice(0, left);
      this.skip(part.length);
      parts.push(part);
      left -= part.length;
    }
    return concatBytes(parts);
  }

  /** Fills the buffer until it holds `bytes` unread ones. */
  async #need(bytes: number): Promise<void> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    while (this.#end < bytes) {
      let n: number | undefined;
      try {
        n = await this.#transport.read(this.#buffer.subarray(this.#end));
      } catch (e) {
        throw new EndOfStream("Cannot read from Nix daemon", { cause: e });
      }
      if (n === undefined) throw new EndOfStream("Cannot read from Nix daemon: it has no more to say");
      this.#end += n;
    }
  }
}
