// Framed streams: data of unknown length as chunks, each its length (u64) and its bytes without padding; a length of 0 ends
// the stream. The daemon reads a framed stream to its end even when it fails before, so the end must always be written.

import type { Transport } from "./transport.ts";

const FRAME_BYTES = 1 << 16;
const HEADER_BYTES = 8;

/** Bytes in chunks; each chunk is used up before the next one is asked for. */
export type ByteSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Returns a source as chunks. */
export function chunksOf(source: ByteSource): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return source instanceof Uint8Array ? [source] : source;
}

/** Writes a framed stream. */
export class FrameWriter {
  readonly #transport: Transport;
  readonly #buffer = new Uint8Array(HEADER_BYTES + FRAME_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  #length = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Adds bytes to the stream. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + FRAME_BYTES - this.#length);
      this.#buffer.set(part, HEADER_BYTES + this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length === FRAME_BYTES) await this.#flush();
    }
  }

  /** Ends the stream. */
  async end(): Promise<void> {
    await this.#flush();
    this.#view.setBigUint64(0, 0n, true);
    await this.#transport.write(this.#buffer.subarray(0, HEADER_BYTES));
  }

  async #flush(): Promise<void> {
    if (this.#length === 0) return;
    this.#view.setBigUint64(0, BigInt(this.#length), true);
    const frame = this.#buffer.subarray(0, HEADER_BYTES + this.#length);
    this.#length = 0;
    await this.#transport.write(frame);
  }
}
