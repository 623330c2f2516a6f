/**
 * Lines from a stream of bytes.
 *
 * A line that is too long is not kept: what there is of it is thrown away up to its end, and said to have been too long.
 */

/** A line without its end, decoded as UTF-8; one that was too long, with its length in bytes; or one that had no end. */
export type Line = { readonly text: string } | { readonly tooLong: number } | { readonly cut: string };

const NEWLINE = 10;

/** Takes bytes apart into lines as they come. */
export class LineSplitter {
  readonly #maxBytes: number;
  /** What there is of a line whose end hasn't come. */
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(options: { readonly maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
  }

  /** Returns the lines that end in these bytes, which may be reused afterwards. */
  push(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end; (end = bytes.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      this.#add(bytes.subarray(start, end));
      lines.push(this.#take());
    }
    this.#add(bytes.subarray(start));
    return lines;
  }

  /** Returns what is left when no more bytes come. */
  end(): Line[] {
    if (this.#length === 0) return [];
    const line = this.#take();
    return ["text" in line ? { cut: line.text } : line];
  }

  #add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length <= this.#maxBytes) this.#parts.push(bytes.slice());
    else this.#parts = [];
  }

  #take(): Line {
    const length = this.#length;
    const line = length > this.#maxBytes ? { tooLong: length } : { text: this.#text() };
    this.#parts = [];
    this.#length = 0;
    return line;
  }

  #text(): string {
    const decoder = new TextDecoder();
    let text = "";
    for (const part of this.#parts) text += decoder.decode(part, { stream: true });
    return text + decoder.decode();
  }
}

/** Where bytes come from, for who can wait. */
export interface ByteSource {
  /** Waits for bytes; returns how many, or null at the end. */
  read(buffer: Uint8Array): number | null;
  /** Whether {@link read} would return at once. False where that can't be known. */
  ready(): boolean;
}

/** Reads lines: waits for the next, or takes only those that have come already. */
export class LineReader {
  readonly #source: ByteSource;
  readonly #splitter: LineSplitter;
  readonly #buffer = new Uint8Array(1 << 16);
  /** Lines that have come and nobody has taken. */
  readonly #lines: Line[] = [];
  #ended = false;

  constructor(source: ByteSource, options: { readonly maxBytes: number }) {
    this.#source = source;
    this.#splitter = new LineSplitter(options);
  }

  /** Whether nothing more will come than what has come already. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Waits for the next line; undefined at the end. */
  next(): Line | undefined {
    while (this.#lines.length === 0 && !this.#ended) this.#read();
    return this.#lines.shift();
  }

  /** Returns the lines that have come by now. */
  available(): Line[] {
    while (!this.#ended && this.#source.ready()) this.#read();
    return this.#lines.splice(0);
  }

  #read(): void {
    const n = this.#source.read(this.#buffer);
    this.#ended = n === null;
    this.#lines.push(...(n === null ? this.#splitter.end() : this.#splitter.push(this.#buffer.subarray(0, n))));
  }
}
