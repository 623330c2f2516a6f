// The framing that the worker protocol, export streams and NARs share: integers are u64 little-endian; a string is its
// length, its bytes, and zeros up to a multiple of 8; a list is its length and its items; a bool is 0 or 1.
//
// Writing gathers into a growing buffer; reading walks an array and throws TruncatedError where that ends, so that a caller
// with a stream can get more and start the message again. Strings are binary strings.

import { binaryToBytes, bytesToBinary } from "./bytes.ts";
import { TruncatedError, WireError } from "./errors.ts";

/**
 * Gathers a message.
 *
 * @example
 * ```ts
 * socket.write(new WireWriter().u64(1).string("/nix/store/…").take());
 * ```
 */
export class WireWriter {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  /** How many bytes were gathered. */
  get length(): number {
    return this.#length;
  }

  /** Adds an integer, 0 to 2^64 - 1; as a number, to 2^53 - 1. */
  u64(value: number | bigint): this {
    if (typeof value === "number" && !(Number.isSafeInteger(value) && value >= 0)) {
      throw new WireError(`Cannot write u64: ${value} is not an integer from 0 to 2^53 - 1`);
    }
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, BigInt(value), true);
    this.#length += 8;
    return this;
  }

  /** Adds a truth value: the integer 0 or 1. */
  bool(value: boolean): this {
    return this.u64(value ? 1 : 0);
  }

  /** Adds a string: bytes, or a binary string. */
  string(value: string | Uint8Array): this {
    this.u64(value.length);
    this.raw(value);
    const padding = (8 - value.length % 8) % 8;
    this.#reserve(padding);
    this.#buffer.fill(0, this.#length, this.#length + padding);
    this.#length += padding;
    return this;
  }

  /** Adds a list of strings, in the order given; sets are to be sorted. */
  strings(values: Iterable<string>): this {
    const list = [...values];
    this.u64(list.length);
    for (const value of list) this.string(value);
    return this;
  }

  /** Adds bytes without framing. */
  raw(value: string | Uint8Array): this {
    const bytes = typeof value === "string" ? binaryToBytes(value) : value;
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Returns what was gathered, and forgets it. */
  take(): Uint8Array {
    const bytes = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    return bytes;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#length + bytes, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads a message out of an array. Every method throws {@link TruncatedError} where that ends too early. */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#at;
  }

  /** What wasn't read. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** Reads an integer. @throws {WireError} if it exceeds 2^53 - 1. */
  u64(): number {
    const value = this.bigU64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new WireError(`Cannot read u64: ${value} exceeds 2^53 - 1`);
    return Number(value);
  }

  /** Reads an integer from 0 to 2^64 - 1. */
  bigU64(): bigint {
    this.#need(8);
    const value = this.#view.getBigUint64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** Reads a truth value: any integer but 0 is true. */
  bool(): boolean {
    return this.bigU64() !== 0n;
  }

  /** Reads a string as a binary string. @throws {WireError} if it is longer than `max` bytes or wrongly padded. */
  string(options: { readonly max?: number } = {}): string {
    return bytesToBinary(this.bytes(options));
  }

  /** Reads a string as bytes: part of the array, not a copy. */
  bytes(options: { readonly max?: number } = {}): Uint8Array {
    const start = this.#at;
    const length = this.u64();
    if (length > (options.max ?? Infinity)) {
      throw new WireError(`Cannot read string: ${length} bytes are too long, at most ${options.max} are allowed`);
    }
    const end = this.#at + length;
    const padded = Math.ceil(length / 8) * 8;
    if (end - length + padded > this.#bytes.length) {
      this.#at = start;
      throw new TruncatedError(8 + padded, this.#bytes.length - start, start);
    }
    for (let i = end; i < end + padded - length; i++) {
      if (this.#bytes[i] !== 0) throw new WireError(`Cannot read string: padding at offset ${i} is not zero`);
    }
    this.#at = end + padded - length;
    return this.#bytes.subarray(end - length, end);
  }

  /** Reads a list of strings. */
  strings(): string[] {
    const list: string[] = [];
    for (let left = this.u64(); left > 0; left--) list.push(this.string());
    return list;
  }

  /** Reads bytes without framing: part of the array, not a copy. */
  raw(length: number): Uint8Array {
    this.#need(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #need(bytes: number): void {
    const got = this.#bytes.length - this.#at;
    if (got < bytes) throw new TruncatedError(bytes, got, this.#at);
  }
}
