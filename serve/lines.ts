/**
 * Lines from a stream that is read synchronously: waiting for the next, or only taking those that have come already.
 *
 * A line that is too long is not kept: what there is of it is thrown away up to its end, and said to have been too long.
 */

/** Where bytes come from. */
export interface ByteSource {
  /** Waits for bytes; returns how many, or null at the end. */
  read(buffer: Uint8Array): number | null;
  /** Whether {@link read} would return at once. False where that can't be known. */
  ready(): boolean;
}

/** A line without its end, decoded as UTF-8; one that was too long; or one that had no end. */
export type Line = { readonly text: string } | { readonly tooLong: number } | { readonly cut: string };

const NEWLINE = 10;

/** Reads lines. */
export class LineReader {
  readonly #source: ByteSource;
  readonly #maxBytes: number;
  readonly #buffer = new Uint8Array(1 << 16);
  /** Lines that have come and nobody has taken. */
  readonly #lines: Line[] = [];
  /** What there is of a line whose end hasn't come. */
  #parts: Uint8Array[] = [];
  #length = 0;
  #ended = false;

  constructor(source: ByteSource, options: { readonly maxBytes: number }) {
    this.#source = source;
    this.#maxBytes = options.maxBytes;
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
    if (n === null) {
      this.#ended = true;
      if (this.#length > 0) this.#lines.push(this.#length > this.#maxBytes ? this.#take() : { cut: this.#text() });
      return;
    }
    let start = 0;
    for (let end; (end = this.#buffer.subarray(0, n).indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      this.#add(this.#buffer.subarray(start, end));
      this.#lines.push(this.#take());
    }
    this.#add(this.#buffer.subarray(start, n));
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
