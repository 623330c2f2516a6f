// A pipe from a thread that never yields (the evaluator's) to a worker: chunks of shared memory, filled on one side, emptied on
// the other, and used again. Their number is limited, and where none is free the writer waits: that is the back-pressure.
//
// The writer hands a chunk over when it is full, or earlier if the worker has nothing to do and enough has come together
// or has waited for long enough: each hand-over costs both sides some ten microseconds.

import { binaryToBytes } from "../../format/bytes.ts";

/** Bytes in a chunk, after its state. */
const CHUNK_BYTES = 1 << 18;
const STATE_BYTES = 8;
const FREE = 0;
const TAKEN = 1;
/** What is worth a hand-over to a worker with nothing to do: bytes, or milliseconds since the last one. */
const EARLY_BYTES = 1 << 14;
const EARLY_MS = 3;
/** How long to wait before looking whether the worker is still there, in milliseconds. */
const PATIENCE_MS = 250;
/** What is copied byte by byte. */
const SHORT = 64;

/** What is handed over. */
export interface PipeChunk {
  readonly buffer: SharedArrayBuffer;
  /** How many bytes of it count. */
  readonly length: number;
}

/** What the writer's side needs. */
export interface PipeWriterOptions {
  readonly send: (chunk: PipeChunk) => void;
  /** Whether the worker takes nothing any more. */
  readonly isBroken: () => boolean;
  /** Whether the worker waits for more. */
  readonly isWanted: () => boolean;
  /** The most that may be under way. */
  readonly maxBytes: number;
}

interface Chunk {
  readonly buffer: SharedArrayBuffer;
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

const encoder = new TextEncoder();

/** The writer's side. Waits where it must. */
export class PipeWriter {
  readonly #options: PipeWriterOptions;
  #current: Chunk;
  #length = 0;
  #count = 1;
  /** Chunks that were handed over, oldest first: they become free in that order. */
  readonly #sent: Chunk[] = [];
  #lastSent = performance.now();

  constructor(options: PipeWriterOptions) {
    this.#options = options;
    this.#current = newChunk();
  }

  u32(value: number): void {
    if (CHUNK_BYTES - this.#length < 4) {
      this.bytes(new Uint8Array([value, value >>> 8, value >>> 16, value >>> 24]));
      return;
    }
    const { bytes } = this.#current;
    let at = this.#length;
    bytes[at++] = value;
    bytes[at++] = value >>> 8;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 24;
    this.#length = at;
  }

  bytes(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      if (this.#length === CHUNK_BYTES) this.handOver();
      const part = data.subarray(at, at + CHUNK_BYTES - this.#length);
      this.#current.bytes.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
    }
  }

  /** Writes the bytes of a binary string. */
  text(text: string): void {
    // Where UTF-8 of it fits for certain, its length tells whether it is ASCII (see format/bytes.ts), and it is in place.
    if (2 * text.length <= CHUNK_BYTES - this.#length) {
      const { written } = encoder.encodeInto(text, this.#current.bytes.subarray(this.#length));
      if (written === text.length) {
        this.#length += written;
        return;
      }
    }
    this.bytes(binaryToBytes(text));
  }

  /** To be called after each entry. */
  entryWritten(): void {
    if (this.#length === 0 || !this.#options.isWanted()) return;
    if (this.#length >= EARLY_BYTES || performance.now() - this.#lastSent >= EARLY_MS) this.handOver();
  }

  /** Hands over what was written. */
  handOver(): void {
    if (this.#length === 0) return;
    const chunk = this.#current;
    Atomics.store(chunk.state, 0, TAKEN);
    this.#options.send({ buffer: chunk.buffer, length: this.#length });
    this.#sent.push(chunk);
    this.#current = this.#freeChunk();
    this.#length = 0;
    this.#lastSent = performance.now();
  }

  #freeChunk(): Chunk {
    const oldest = this.#sent[0];
    if (Atomics.load(oldest.state, 0) !== FREE) {
      if (this.#count * CHUNK_BYTES < this.#options.maxBytes) {
        this.#count++;
        return newChunk();
      }
      while (Atomics.wait(oldest.state, 0, TAKEN, PATIENCE_MS) === "timed-out") {
        // Nobody will read what is written now, but the writer must get to where it asks what happened.
        if (this.#options.isBroken()) break;
      }
    }
    return this.#sent.shift()!;
  }
}

function newChunk(): Chunk {
  const buffer = new SharedArrayBuffer(STATE_BYTES + CHUNK_BYTES);
  return { buffer, state: new Int32Array(buffer, 0, 1), bytes: new Uint8Array(buffer, STATE_BYTES, CHUNK_BYTES) };
}

/** The worker's side. */
export class PipeReader {
  readonly #chunks: PipeChunk[] = [];
  /** Where in the first chunk reading goes on. */
  #at = 0;
  /** Its bytes. */
  #bytes: Uint8Array | undefined;
  #wake: (() => void) | undefined;
  readonly #onIdle: (idle: boolean) => void;

  /** `onIdle` is told when the reader begins and ends to wait. */
  constructor(onIdle: (idle: boolean) => void) {
    this.#onIdle = onIdle;
  }

  /** Takes a chunk that was handed over. */
  take(chunk: PipeChunk): void {
    this.#chunks.push(chunk);
    this.poke();
  }

  /** Whether everything that was handed over was read. */
  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Ends a wait, whether there is something to read or not. */
  poke(): void {
    this.#wake?.();
  }

  /** Waits for more, or to be poked. */
  async wait(): Promise<void> {
    this.#onIdle(true);
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = undefined;
    this.#onIdle(false);
  }

  /**
   * Fills `target`. Returns a promise only if it has to wait for more: most of what is read is there, and a promise for each
   * small piece would be most of the worker's garbage.
   */
  read(target: Uint8Array): void | Promise<void> {
    const done = this.#fill(target, 0);
    if (done < target.length) return this.#readRest(target, done);
  }

  #fill(target: Uint8Array, done: number): number {
    while (done < target.length && !this.isEmpty) done += this.#copy(target, done);
    return done;
  }

  async #readRest(target: Uint8Array, done: number): Promise<void> {
    while (done < target.length) {
      await this.wait();
      done = this.#fill(target, done);
    }
  }

  /** Drops everything that was handed over. */
  discard(): void {
    while (!this.isEmpty) this.#release();
  }

  /** Copies as much as the first chunk has to `target` from `done` on; returns how much. */
  #copy(target: Uint8Array, done: number): number {
    const { buffer, length } = this.#chunks[0];
    const bytes = this.#bytes ??= new Uint8Array(buffer, STATE_BYTES, length);
    const n = Math.min(target.length - done, length - this.#at);
    // Views of what is short would be most of the worker's garbage.
    if (n <= SHORT) { for (let i = 0; i < n; i++) target[done + i] = bytes[this.#at + i]; }
    else target.set(bytes.subarray(this.#at, this.#at + n), done);
    this.#at += n;
    if (this.#at === length) this.#release();
    return n;
  }

  /** Gives the first chunk back. */
  #release(): void {
    const state = new Int32Array(this.#chunks.shift()!.buffer, 0, 1);
    this.#at = 0;
    this.#bytes = undefined;
    Atomics.store(state, 0, FREE);
    Atomics.notify(state, 0);
  }
}
