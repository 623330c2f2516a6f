/**
 * Source positions as single integers.
 *
 * Every parsed source gets a range of integers of its own; a {@link Pos} is the start of that range plus the byte
 * offset, so a node carries one small integer and line and column are only worked out when somebody asks. 0 is "no
 * position". The model is that of C++ Nix's PosTable.
 */

/** A place in some source: an index into a {@link PosTable}; 0 when unknown. */
export type Pos = number;

/** No position. */
export const NO_POS: Pos = 0;

/** A file that has been edited and is parsed in all its versions (lib/compile/pieces.ts): positions in it move. */
export interface EditedFile {
  /** What stands for what it says. */
  readonly note: string;
}

/** Where a source text came from. Paths are byte strings. */
export type Origin =
  /** `display` is how messages name it where that is not the path: files that exist only inside the evaluator. */
  | { readonly kind: "file"; readonly path: string; readonly display?: string; readonly edited?: EditedFile }
  | { readonly kind: "string" }
  | { readonly kind: "stdin" };

/** A registered source: its text (binary string) and the first {@link Pos} of its range. */
export interface Source {
  readonly origin: Origin;
  readonly text: string;
  readonly base: Pos;
}

/** A position worked out: line and column count from 1, columns in bytes. */
export interface ResolvedPos {
  readonly origin: Origin;
  readonly line: number;
  readonly column: number;
  readonly source: Source;
  /** Byte offset into the source. */
  readonly offset: number;
}

/** A class: of an object literal with a getter, V8 makes a map each time, 400 bytes instead of 60. */
class UnreadSource implements Source {
  readonly #read: () => string;

  constructor(readonly origin: Origin, readonly base: Pos, read: () => string) {
    this.#read = read;
  }

  get text(): string {
    return this.#read();
  }
}

/** The sources of one evaluator and the positions in them. */
export class PosTable {
  readonly #sources: Source[] = [];
  readonly #lineStarts: (Int32Array | undefined)[] = [];
  readonly #moved = new Map<Pos, Pos>();
  #next = 1;

  /** Registers `text` and returns it with its base; position of byte offset `o` is `base + o` (end of file included). */
  addSource(origin: Origin, text: string): Source {
    return this.#add({ origin, text, base: this.#next }, text.length);
  }

  /** The base of the source registered last. */
  get lastBase(): Pos {
    return this.#sources[this.#sources.length - 1].base;
  }

  /** Registers a text of `length` bytes that may never be wanted. It isn't kept: what is wanted often is where lines start. */
  addUnreadSource(origin: Origin, length: number, read: () => string): Source {
    return this.#add(new UnreadSource(origin, this.#next, read), length);
  }

  #add(source: Source, length: number): Source {
    this.#sources.push(source);
    this.#lineStarts.push(undefined);
    this.#next += length + 1;
    return source;
  }

  /** Returns where the source of a position came from; undefined for {@link NO_POS}. */
  originOf(pos: Pos): Origin | undefined {
    return pos <= 0 || pos >= this.#next ? undefined : this.#sources[this.#indexOf(pos)].origin;
  }

  /** Notes that what was at a position is at another one, in a source that is a later version of the same. */
  move(from: Pos, to: Pos): void {
    if (from !== to) this.#moved.set(from, to);
  }

  #indexOf(pos: Pos): number {
    let lo = 0;
    let hi = this.#sources.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (this.#sources[mid].base <= pos) lo = mid;
      else hi = mid - 1;
    }
    return lo;
  }

  /** Works out line and column; undefined for {@link NO_POS}. A CR, an LF and a CRLF each end one line. */
  resolve(from: Pos): ResolvedPos | undefined {
    const pos = this.#moved.get(from) ?? from;
    if (pos <= 0 || pos >= this.#next) return undefined;
    const index = this.#indexOf(pos);
    const source = this.#sources[index];
    const starts = this.#lineStarts[index] ??= lineStarts(source.text);
    const offset = pos - source.base;
    let a = 0;
    let b = starts.length - 1;
    while (a < b) {
      const mid = (a + b + 1) >> 1;
      if (starts[mid] <= offset) a = mid;
      else b = mid - 1;
    }
    return { origin: source.origin, line: a + 1, column: offset - starts[a] + 1, source, offset };
  }
}

function lineStarts(text: string): Int32Array {
  const starts = [0];
  if (!text.includes("\r")) {
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
    return Int32Array.from(starts);
  }
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  return Int32Array.from(starts);
}
