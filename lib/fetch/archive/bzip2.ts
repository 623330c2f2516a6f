// bzip2: streams of blocks of up to 900,000 bytes, Burrows-Wheeler transformed, move-to-front and Huffman coded, each with a
// CRC. As bzip2 does, several streams may follow each other.
//
// Own code, because of memory: unbzip2-stream collects each block as an array of numbers and took 290 MB where all fetching
// together may take 150, seek-bzip wants its whole input at hand, and the WebAssembly builds want output in one piece too.
// Measured on 207 MB of output (Deno 2.9): this 5.5 s, seek-bzip 9 s, unbzip2-stream 12.8 s, bzip2 itself 5.1 s.
//
// Blocks are not aligned to bytes and nothing says how long they are, so the decoder works on what it has and starts the
// block over when it runs dry; input is gathered to half a megabyte first, which makes that rare.

import { concatBytes } from "../../format/bytes.ts";

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const GATHER_BYTES = 1 << 19;
const MAX_CODE_LENGTH = 20;
const GROUP_SIZE = 50;
const RUN_A = 0;
const RUN_B = 1;

/** Thrown by the bit reader when the block goes on in input that isn't there yet. */
const DRY = Symbol("dry");

const CRC_TABLE: Int32Array = (() => {
  const table = new Int32Array(256);
  for (let i = 0; i < 256; i++) {
    let c = i << 24;
    for (let bit = 0; bit < 8; bit++) c = c < 0 ? (c << 1) ^ 0x04c11db7 : c << 1;
    table[i] = c;
  }
  return table;
})();

/** Decompresses; chunks of output are blocks. @throws {Error} if the data is damaged or cut off */
export async function* bunzip2(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new Decoder();
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    parts.push(chunk);
    length += chunk.length;
    if (length < GATHER_BYTES) continue;
    yield* decoder.push(concatBytes(parts));
    parts = [];
    length = 0;
  }
  yield* decoder.push(concatBytes(parts));
  decoder.end();
}

class Decoder {
  #bits = new BitReader(new Uint8Array(0));
  /** Size of the stream's blocks in bytes; 0 between streams. */
  #blockSize = 0;
  #streamCrc = 0;
  #streams = 0;
  #trailing = false;
  #work = new Uint32Array(0);

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#bits = this.#bits.followedBy(chunk);
    while (!this.#trailing) {
      const start = this.#bits.position;
      let output: Uint8Array | undefined;
      try {
        output = this.#step();
      } catch (e) {
        if (e !== DRY) throw e;
        this.#bits.position = start;
        return;
      }
      if (output !== undefined) yield output;
    }
  }

  end(): void {
    const clean = this.#blockSize === 0 && this.#streams > 0;
    if (!clean || (!this.#trailing && this.#bits.left >= 8)) throw new Error("unexpected end of file");
  }

  /** Reads a stream header, a block or a stream's end. */
  #step(): Uint8Array | undefined {
    const bits = this.#bits;
    if (this.#blockSize === 0) return this.#header();
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    if (magic === BLOCK_MAGIC) return this.#block();
    if (magic !== END_MAGIC) throw new Error("a block is damaged");
    if ((bits.read32() | 0) !== this.#streamCrc) throw new Error("a checksum is wrong");
    bits.align();
    this.#blockSize = 0;
    this.#streams++;
  }

  #header(): undefined {
    const bits = this.#bits;
    const magic = bits.read(24);
    const level = bits.read(8) - 0x30;
    if (magic !== 0x425a68 || level < 1 || level > 9) {
      if (this.#streams === 0) throw new Error("not a bzip2 stream");
      // As bzip2 does, what follows the last stream is ignored.
      this.#trailing = true;
      return;
    }
    this.#blockSize = level * 100_000;
    this.#streamCrc = 0;
    if (this.#work.length < this.#blockSize) this.#work = new Uint32Array(this.#blockSize);
  }

  #block(): Uint8Array {
    const bits = this.#bits;
    const wanted = bits.read32() | 0;
    if (bits.read(1) === 1) throw new Error("a block is randomised, which is not supported");
    const origin = bits.read(24);
    const length = this.#readSymbols();
    if (origin >= length) throw new Error("a block is damaged");
    const output = this.#untransform(origin, length);
    const crc = crcOf(output);
    if (crc !== wanted) throw new Error("a checksum is wrong");
    this.#streamCrc = ((this.#streamCrc << 1) | (this.#streamCrc >>> 31)) ^ crc;
    return output;
  }

  /** Fills `#work` with the bytes of the block's last column and returns how many there are. */
  #readSymbols(): number {
    const bits = this.#bits;
    const used = bits.read(16);
    const front = new Uint8Array(256);
    let symbols = 0;
    for (let i = 0; i < 16; i++) {
      if ((used & (0x8000 >> i)) === 0) continue;
      const row = bits.read(16);
      for (let j = 0; j < 16; j++) if (row & (0x8000 >> j)) front[symbols++] = i * 16 + j;
    }
    const tableCount = bits.read(3);
    const selectorCount = bits.read(15);
    if (symbols === 0 || tableCount < 2 || tableCount > 6 || selectorCount < 1) throw new Error("a block is damaged");
    const selectors = readSelectors(bits, { tableCount, selectorCount });
    const alphabet = symbols + 2;
    const endOfBlock = alphabet - 1;
    const tables = Array.from({ length: tableCount }, () => readTable(bits, alphabet));

    const work = this.#work;
    const limit = this.#blockSize;
    let length = 0;
    let run = 0;
    let weight = 1;
    let group = -1;
    let inGroup = 0;
    let table = tables[0];
    for (;;) {
      if (inGroup === 0) {
        if (++group >= selectorCount) throw new Error("a block is damaged");
        inGroup = GROUP_SIZE;
        table = tables[selectors[group]];
      }
      inGroup--;
      const symbol = table.next(bits);
      if (symbol <= RUN_B) {
        run += symbol === RUN_A ? weight : weight * 2;
        weight *= 2;
        if (run > limit) throw new Error("a block is damaged");
        continue;
      }
      if (run > 0) {
        if (length + run > limit) throw new Error("a block is damaged");
        work.fill(front[0], length, length + run);
        length += run;
        run = 0;
        weight = 1;
      }
      if (symbol === endOfBlock) return length;
      if (length >= limit) throw new Error("a block is damaged");
      const at = symbol - 1;
      const byte = front[at];
      if (at > 32) front.copyWithin(1, 0, at);
      else for (let i = at; i > 0; i--) front[i] = front[i - 1];
      front[0] = byte;
      work[length++] = byte;
    }
  }

  /** Undoes the Burrows-Wheeler transform, and the run-length coding that came before it. */
  #untransform(origin: number, length: number): Uint8Array {
    const work = this.#work;
    const starts = new Uint32Array(256);
    for (let i = 0; i < length; i++) starts[work[i] & 0xff]++;
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) {
      const count = starts[byte];
      starts[byte] = sum;
      sum += count;
    }
    // The upper 24 bits get the position of the following byte.
    for (let i = 0; i < length; i++) work[starts[work[i] & 0xff]++] |= i << 8;

    // Four equal bytes are followed by how many more of them there are: at most 259/5 as much comes out.
    let output = new Uint8Array(length + (length >> 2) + 1024);
    let size = 0;
    let entry = work[origin];
    let previous = -1;
    let repeated = 0;
    for (let i = 0; i < length; i++) {
      entry = work[entry >>> 8];
      const byte = entry & 0xff;
      if (size + 256 > output.length) {
        const larger = new Uint8Array(output.length * 2);
        larger.set(output);
        output = larger;
      }
      if (repeated === 4) {
        output.fill(previous, size, size + byte);
        size += byte;
        repeated = 0;
        previous = -1;
      } else {
        repeated = byte === previous ? repeated + 1 : 1;
        previous = byte;
        output[size++] = byte;
      }
    }
    return output.subarray(0, size);
  }
}

function crcOf(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ bytes[i]];
  return ~crc;
}

/** Which table each group of 50 symbols uses, as positions in a list that moves the last one used to the front. */
function readSelectors(
  bits: BitReader,
  { tableCount, selectorCount }: { readonly tableCount: number; readonly selectorCount: number },
): Uint8Array {
  const front = Array.from({ length: tableCount }, (_, i) => i);
  const selectors = new Uint8Array(selectorCount);
  for (let i = 0; i < selectorCount; i++) {
    let at = 0;
    while (bits.read(1) === 1) if (++at >= tableCount) throw new Error("a block is damaged");
    front.unshift(...front.splice(at, 1));
    selectors[i] = front[0];
  }
  return selectors;
}

function readTable(bits: BitReader, alphabet: number): HuffmanTable {
  const lengths = new Uint8Array(alphabet);
  let length = bits.read(5);
  for (let i = 0; i < alphabet; i++) {
    while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
    if (length < 1 || length > MAX_CODE_LENGTH) throw new Error("a block is damaged");
    lengths[i] = length;
  }
  return new HuffmanTable(lengths);
}

const FAST_BITS = 10;

/** A canonical Huffman code. Short codes, nearly all that occur, are looked up at once. */
class HuffmanTable {
  /** For the next 10 bits: length of the code in the low 5 bits, its symbol above; 0 for longer codes. */
  readonly #fast = new Uint16Array(1 << FAST_BITS);
  /** Symbols by code. */
  readonly #symbols: Uint16Array;
  /** For each length: the first code, and where its symbol is in `#symbols`; how many codes there are. */
  readonly #first = new Int32Array(MAX_CODE_LENGTH + 2);
  readonly #index = new Int32Array(MAX_CODE_LENGTH + 2);
  readonly #count = new Int32Array(MAX_CODE_LENGTH + 2);

  constructor(lengths: Uint8Array) {
    this.#symbols = new Uint16Array(lengths.length);
    for (const length of lengths) this.#count[length]++;
    let code = 0;
    let index = 0;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      this.#first[length] = code;
      this.#index[length] = index;
      index += this.#count[length];
      code = (code + this.#count[length]) << 1;
    }
    const next = this.#index.slice();
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol];
      const at = next[length]++;
      this.#symbols[at] = symbol;
      if (length > FAST_BITS) continue;
      const shift = FAST_BITS - length;
      const start = (this.#first[length] + at - this.#index[length]) << shift;
      this.#fast.fill((symbol << 5) | length, start, start + (1 << shift));
    }
  }

  next(bits: BitReader): number {
    const fast = this.#fast[bits.peek(FAST_BITS)];
    if (fast !== 0) {
      bits.skip(fast & 31);
      return fast >> 5;
    }
    let code = 0;
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
      code = (code << 1) | bits.read(1);
      const offset = code - this.#first[length];
      if (offset >= 0 && offset < this.#count[length]) return this.#symbols[this.#index[length] + offset];
    }
    throw new Error("a block is damaged");
  }
}

/** Reads bits, most significant first. */
class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** In bits. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
  }

  /** How many bits are left. */
  get left(): number {
    return this.#end - this.position;
  }

  /** Returns a reader of what is left and then of `chunk`. */
  followedBy(chunk: Uint8Array): BitReader {
    const reader = new BitReader(concatBytes([this.#bytes.subarray(this.position >> 3), chunk]));
    reader.position = this.position & 7;
    return reader;
  }

  /** Reads up to 24 bits. */
  read(count: number): number {
    if (this.position + count > this.#end) throw DRY;
    const value = this.peek(count);
    this.position += count;
    return value;
  }

  read32(): number {
    return this.read(16) * 2 ** 16 + this.read(16);
  }

  /** Returns up to 24 bits without going on; zeros beyond the end. */
  peek(count: number): number {
    const bytes = this.#bytes;
    const at = this.position >> 3;
    const word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    return (word << (this.position & 7)) >>> (32 - count);
  }

  skip(count: number): void {
    this.position += count;
    if (this.position > this.#end) throw DRY;
  }

  align(): void {
    this.position = (this.position + 7) & ~7;
  }
}
