// Reading NARs (see nar.ts for the format) as a sequence of events. The reader is fed chunks of any size and asked for
// events, so it serves synchronous and asynchronous sources alike, and holds no more than the chunk and one string.
//
// It takes exactly what C++ Nix 2.34 takes: names strictly ascending, not ".", ".." or with "/" or NUL, up to 255 bytes;
// targets of 1 to 4095 bytes without NUL; padding of zeros; at most 64 levels. What follows the archive isn't looked at.

import { bytesToBinary, concatBytes } from "./bytes.ts";
import { MAX_NAR_DEPTH, NAR_MAGIC } from "./nar.ts";
import type { FileTree } from "./nar.ts";
import { NarError } from "./errors.ts";

/** What comes next in a NAR. */
export type NarEvent =
  /** A directory begins; its entries follow, and "end". */
  | { readonly type: "directory" }
  /** An entry of the current directory; the node it names follows. */
  | { readonly type: "entry"; readonly name: string }
  /** The current directory is complete. */
  | { readonly type: "end" }
  | { readonly type: "symlink"; readonly target: string }
  /** A file; "contents" events adding up to `size` bytes follow. `offset` is where they begin, in bytes from the start. */
  | { readonly type: "regular"; readonly executable: boolean; readonly size: number; readonly offset: number }
  /** Some of the current file's contents: part of a chunk that was pushed, not a copy. */
  | { readonly type: "contents"; readonly chunk: Uint8Array };

const MAX_TAG = 32;
const MAX_NAME = 255;
const MAX_TARGET = 4095;

/** Splits a NAR that arrives in chunks into events. */
export class NarReader {
  #input: Uint8Array = new Uint8Array(0);
  #at = 0;
  #offset = 0;
  #ended = false;
  #done = false;
  readonly #events: Generator<NarEvent | undefined, void>;

  constructor() {
    this.#events = this.#parse();
  }

  /** Whether the archive is complete. */
  get done(): boolean {
    return this.#done;
  }

  /** How many bytes of the archive were read. */
  get offset(): number {
    return this.#offset;
  }

  /** What was pushed and isn't part of the archive, once it is done. */
  get rest(): Uint8Array {
    return this.#input.subarray(this.#at);
  }

  /** Adds input. Best called when {@link next} has returned undefined: what isn't read yet is copied. */
  push(chunk: Uint8Array): void {
    if (this.#at === this.#input.length) {
      this.#input = chunk;
    } else {
      const left = this.rest;
      const joined = new Uint8Array(left.length + chunk.length);
      joined.set(left);
      joined.set(chunk, left.length);
      this.#input = joined;
    }
    this.#at = 0;
  }

  /** Says that no more input will come, so that what is missing becomes an error. */
  end(): void {
    this.#ended = true;
  }

  /**
   * Returns the next event; undefined if more input is needed, or if the archive is {@link done}.
   * @throws {NarError} if the input isn't a NAR.
   */
  next(): NarEvent | undefined {
    return this.#events.next().value ?? undefined;
  }

  *#parse(): Generator<NarEvent | undefined, void> {
    if ((yield* this.#string({ max: NAR_MAGIC.length, what: "magic" })) !== NAR_MAGIC) {
      throw this.#error("input doesn't look like a Nix archive");
    }
    // The last name seen in each directory that is open; an entry's node is written before the entry closes.
    const names: string[] = [];
    for (;;) {
      if (names.length >= MAX_NAR_DEPTH) throw this.#error(`nesting exceeds ${MAX_NAR_DEPTH} levels`);
      yield* this.#expect("(");
      yield* this.#expect("type");
      const type = yield* this.#string({ max: MAX_TAG, what: "type" });
      if (type === "directory") {
        names.push("");
        yield { type: "directory" };
      } else {
        if (type === "regular") yield* this.#regular();
        else if (type === "symlink") yield* this.#symlink();
        else throw this.#error(`unknown file type "${type}"`);
        yield* this.#expect(")");
        if (names.length === 0) return this.#finish();
        yield* this.#expect(")");
      }
      while ((yield* this.#entryOrEnd()) === ")") {
        names.pop();
        yield { type: "end" };
        if (names.length === 0) return this.#finish();
        yield* this.#expect(")");
      }
      yield* this.#expect("(");
      yield* this.#expect("name");
      const name = yield* this.#string({ max: MAX_NAME, what: "name" });
      if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0")) {
        throw this.#error(`invalid file name "${name}"`);
      }
      if (name <= names[names.length - 1]) {
        throw this.#error(`directory is not sorted: "${name}" after "${names[names.length - 1]}"`);
      }
      names[names.length - 1] = name;
      yield* this.#expect("node");
      yield { type: "entry", name };
    }
  }

  #finish(): void {
    this.#done = true;
  }

  *#regular(): Generator<NarEvent | undefined, void> {
    let tag = yield* this.#string({ max: MAX_TAG, what: "tag" });
    const executable = tag === "executable";
    if (executable) {
      yield* this.#string({ max: 0, what: "executable marker" });
      tag = yield* this.#string({ max: MAX_TAG, what: "tag" });
    }
    if (tag !== "contents") throw this.#error(`expected tag "contents", got "${tag}"`);
    const size = yield* this.#u64();
    yield { type: "regular", executable, size, offset: this.#offset };
    for (let left = size; left > 0;) {
      if (this.#at === this.#input.length) {
        if (this.#ended) throw this.#truncated(`contents, ${left} bytes before their end`);
        yield undefined;
        continue;
      }
      const chunk = this.#input.subarray(this.#at, Math.min(this.#input.length, this.#at + left));
      this.#advance(chunk.length);
      left -= chunk.length;
      yield { type: "contents", chunk };
    }
    yield* this.#padding(size);
  }

  *#symlink(): Generator<NarEvent | undefined, void> {
    yield* this.#expect("target");
    const target = yield* this.#string({ max: MAX_TARGET, what: "target" });
    if (target === "" || target.includes("\0")) throw this.#error(`invalid symlink target "${target}"`);
    yield { type: "symlink", target };
  }

  *#entryOrEnd(): Generator<undefined, string> {
    const tag = yield* this.#string({ max: MAX_TAG, what: "tag" });
    if (tag !== "entry" && tag !== ")") throw this.#error(`expected tag "entry" or ")", got "${tag}"`);
    return tag;
  }

  *#expect(wanted: string): Generator<undefined, void> {
    const tag = yield* this.#string({ max: MAX_TAG, what: `tag "${wanted}"` });
    if (tag !== wanted) throw this.#error(`expected tag "${wanted}", got "${tag}"`);
  }

  *#string(options: { max: number; what: string }): Generator<undefined, string> {
    const { max, what } = options;
    // Generators are entered only where input is missing: most of the time goes into making them.
    if (this.#input.length - this.#at < 8) yield* this.#need(8, what);
    const length = this.#readU64();
    if (length > max) throw this.#error(`${what} of ${length} bytes is too long, at most ${max} are allowed`);
    if (this.#input.length - this.#at < length) yield* this.#need(length, what);
    const text = length <= MAX_TAG ? this.#shortText(length) : this.#text(length);
    this.#advance(length);
    if (length % 8 !== 0) yield* this.#padding(length);
    return text;
  }

  #text(length: number): string {
    return bytesToBinary(this.#input.subarray(this.#at, this.#at + length));
  }

  #shortText(length: number): string {
    let text = "";
    for (let i = this.#at; i < this.#at + length; i++) text += String.fromCharCode(this.#input[i]);
    return text;
  }

  *#padding(length: number): Generator<undefined, void> {
    const count = (8 - length % 8) % 8;
    if (this.#input.length - this.#at < count) yield* this.#need(count, "padding");
    for (let i = 0; i < count; i++) if (this.#input[this.#at + i] !== 0) throw this.#error("padding is not zero");
    this.#advance(count);
  }

  *#u64(): Generator<undefined, number> {
    yield* this.#need(8, "size");
    return this.#readU64();
  }

  *#need(bytes: number, what: string): Generator<undefined, void> {
    while (this.#input.length - this.#at < bytes) {
      if (this.#ended) throw this.#truncated(what);
      yield undefined;
    }
  }

  #readU64(): number {
    let value = 0;
    for (let i = this.#at + 7; i >= this.#at; i--) value = value * 256 + this.#input[i];
    if (value > Number.MAX_SAFE_INTEGER) throw this.#error("length exceeds 2^53");
    this.#advance(8);
    return value;
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    this.#offset += bytes;
  }

  #error(reason: string): NarError {
    return new NarError(`Cannot parse NAR at offset ${this.#offset}: ${reason}`);
  }

  #truncated(what: string): NarError {
    const end = this.#offset + this.#input.length - this.#at;
    return new NarError(`Cannot parse NAR at offset ${this.#offset}: input ends at ${end} in ${what}`);
  }
}

/** Yields the events of a NAR given whole or in chunks; what follows it is ignored. */
export function* readNar(input: Uint8Array | Iterable<Uint8Array>): Generator<NarEvent, void> {
  const reader = new NarReader();
  for (const chunk of input instanceof Uint8Array ? [input] : input) {
    reader.push(chunk);
    yield* available(reader);
    if (reader.done) return;
  }
  reader.end();
  yield* available(reader);
}

/** Yields the events of a NAR that arrives asynchronously; what follows it is ignored. */
export async function* readNarAsync(input: AsyncIterable<Uint8Array>): AsyncGenerator<NarEvent, void> {
  const reader = new NarReader();
  for await (const chunk of input) {
    reader.push(chunk);
    yield* available(reader);
    if (reader.done) return;
  }
  reader.end();
  yield* available(reader);
}

function* available(reader: NarReader): Generator<NarEvent, void> {
  for (let event = reader.next(); event !== undefined; event = reader.next()) yield event;
}

/** Returns the tree in a NAR, with contents copied. @throws {NarError} if it isn't one. */
export function narTree(input: Uint8Array | Iterable<Uint8Array>): FileTree {
  const events = readNar(input);
  const following = (): NarEvent | undefined => events.next().value ?? undefined;
  return readNode(following()!, following).tree;
}

/** Reads the node that begins with `first`; returns it and the event after it, which proves it complete. */
function readNode(
  first: NarEvent,
  following: () => NarEvent | undefined,
): { readonly tree: FileTree; readonly after: NarEvent | undefined } {
  switch (first.type) {
    case "symlink":
      return { tree: { type: "symlink", target: first.target }, after: following() };
    case "regular": {
      // Not allocated by the announced size, which may be anything.
      const chunks: Uint8Array[] = [];
      let event = following();
      for (; event?.type === "contents"; event = following()) chunks.push(event.chunk.slice());
      return { tree: { type: "regular", executable: first.executable, contents: concatBytes(chunks) }, after: event };
    }
    case "directory": {
      const entries = new Map<string, FileTree>();
      let event = following();
      while (event?.type === "entry") {
        const { tree, after } = readNode(following()!, following);
        entries.set(event.name, tree);
        event = after;
      }
      return { tree: { type: "directory", entries }, after: following() };
    }
  }
  throw new TypeError(`Bug: NAR node begins with ${first.type}`);
}
