// zstd: frames of blocks, decoded by fzstd (MIT, pure JavaScript, streams), which doesn't look at checksums; xxhash-wasm
// (MIT) computes them. So this finds the frames: header, blocks of known length, checksum (RFC 8878 section 3.1.1).
//
// Not node:zlib's: Deno 2.6 has none, and that of 2.9.6, five times faster, answers damaged data with an exception that
// nobody can catch.

import { archiveError } from "../errors.ts";

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const RLE_BLOCK = 1;
/** As zstd's own default, windows of more than 128 MiB are refused. */
const MAX_WINDOW_LOG = 27;

/** Decompresses. @throws {Error} if the data is damaged or cut off; {FetchError} if it asks for too much memory */
export async function* unzstd(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const [{ Decompress }, { default: xxhash }] = await Promise.all([import("fzstd"), import("xxhash-wasm")]);
  const { create64 } = await xxhash();
  let output: Uint8Array[] = [];
  const frames = new Frames(() => {
    const hash = create64();
    const decoder = new Decompress((chunk: Uint8Array) => {
      if (chunk.length === 0) return;
      hash.update(chunk);
      output.push(chunk);
    });
    return { push: (chunk, final) => decoder.push(chunk, final), checksum: () => Number(hash.digest() & 0xffffffffn) };
  });
  for await (const chunk of input) {
    for (const _ of frames.push(chunk)) {
      yield* output;
      output = [];
    }
  }
  frames.end();
}

/** Decodes one frame. */
interface FrameDecoder {
  push(chunk: Uint8Array, final: boolean): void;
  /** The low 32 bits of the XXH64 of what came out. */
  checksum(): number;
}

type Step = "magic" | "descriptor" | "header" | "block" | "contents" | "checksum" | "skip-length" | "skip";

const STEP_BYTES: Readonly<Partial<Record<Step, number>>> = {
  magic: 4,
  descriptor: 1,
  block: 3,
  checksum: 4,
  "skip-length": 4,
};

/** Follows the structure of a stream and hands frames to decoders. */
class Frames {
  readonly #open: () => FrameDecoder;
  #decoder: FrameDecoder | undefined;
  #step: Step = "magic";
  /** What the current step has got so far, where it needs several bytes at once. */
  #fields: number[] = [];
  #wanted = 4;
  #descriptor = 0;
  #last = false;

  constructor(open: () => FrameDecoder) {
    this.#open = open;
  }

  /** Yields after each block: one of 4 bytes may stand for 128 KiB, and a chunk may hold any number of them. */
  *push(chunk: Uint8Array): Generator<void> {
    /** Where the part begins that the decoder hasn't got yet. */
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#step === "contents" || this.#step === "skip") {
        const n = Math.min(this.#wanted, chunk.length - at);
        this.#wanted -= n;
        at += n;
        if (this.#wanted > 0) continue;
        if (this.#step === "skip") {
          from = at;
          this.#go("magic");
        } else if (!this.#last) {
          this.#go("block");
          this.#decoder!.push(chunk.subarray(from, at), false);
          from = at;
          yield;
        } else if (this.#descriptor & 4) {
          this.#go("checksum");
        } else {
          this.#endFrame(chunk.subarray(from, at));
          from = at;
        }
        continue;
      }
      this.#fields.push(chunk[at++]);
      if (this.#fields.length < this.#wanted) continue;
      if (this.#step === "magic") {
        this.#magic();
        from = at;
      } else if (this.#step === "skip-length") {
        const length = this.#number();
        this.#go(length === 0 ? "magic" : "skip", length);
        from = at;
      } else if (this.#step === "checksum") {
        this.#checksum(chunk.subarray(from, at));
        from = at;
      } else {
        this.#frameField();
      }
    }
    if (this.#decoder !== undefined && from < chunk.length) this.#decoder.push(chunk.subarray(from), false);
    yield;
  }

  end(): void {
    if (this.#step !== "magic" || this.#fields.length > 0) throw new Error("unexpected end of file");
  }

  #go(step: Step, wanted = STEP_BYTES[step]!): void {
    this.#step = step;
    this.#wanted = wanted;
    this.#fields = [];
  }

  #number(): number {
    return this.#fields.reduceRight((sum, byte) => sum * 256 + byte, 0);
  }

  #magic(): void {
    const magic = this.#number();
    if (magic === FRAME_MAGIC) {
      this.#decoder = this.#open();
      this.#decoder.push(new Uint8Array(this.#fields), false);
      this.#go("descriptor");
    } else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      this.#go("skip-length");
    } else {
      throw new Error("not a zstd frame");
    }
  }

  #frameField(): void {
    if (this.#step === "descriptor") {
      const descriptor = this.#descriptor = this.#fields[0];
      const single = (descriptor & 0x20) !== 0;
      const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
      if (descriptor & 3) throw new Error("it needs a dictionary");
      const wanted = (single ? 0 : 1) + sizeBytes;
      if (wanted === 0) this.#go("block");
      else this.#go("header", wanted);
    } else if (this.#step === "header") {
      const single = (this.#descriptor & 0x20) !== 0;
      // With a single segment the window is the whole content.
      const log = single ? Math.log2(this.#number()) : 10 + (this.#fields[0] >> 3);
      if (log > MAX_WINDOW_LOG) throw archiveError("its zstd window is larger than 128 MiB");
      this.#go("block");
    } else {
      const header = this.#number();
      this.#last = (header & 1) === 1;
      const length = ((header >> 1) & 3) === RLE_BLOCK ? 1 : header >> 3;
      if (length > 0) this.#go("contents", length);
      else if (!this.#last) this.#go("block");
      else if (this.#descriptor & 4) this.#go("checksum");
      else this.#endFrame(new Uint8Array(0));
    }
  }

  #checksum(rest: Uint8Array): void {
    const wanted = this.#number();
    const decoder = this.#decoder!;
    this.#endFrame(rest);
    if (decoder.checksum() !== wanted) throw new Error("a checksum is wrong");
  }

  #endFrame(rest: Uint8Array): void {
    this.#decoder!.push(rest, true);
    this.#decoder = undefined;
    this.#go("magic");
  }
}
