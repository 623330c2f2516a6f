// What goes through the pipe: one entry for each path, in the order in which they were made. Integers are u32, little-endian.
//
//     text:    kind, lengths of path, of references that were sent before, of other references, of contents; the path; the
//              former as numbers of their entries; the latter as paths joined by spaces; the contents
//     source:  kind, length of a description, three times 0; the description as JSON in ASCII
//     inline:  the same, then the contents in parts, each its length and its bytes, ended by a length of 0, or of ABORTED if
//              reading them failed
//
// Sources are read again by the worker where they lie on the host. Others (virtual files, fetched trees) are sent.

import { type ContentAddress, parseContentAddress, printContentAddress } from "../../format/content_address.ts";
import { fileNarFrame } from "../../format/nar.ts";
import type { StorePath } from "../../format/store_path.ts";
import { StoreError } from "../errors.ts";
import type { HostTree, SourceObject, TextObject } from "../store.ts";
import type { PipeReader, PipeWriter } from "./chunk_pipe.ts";

const TEXT = 1;
const SOURCE = 2;
const INLINE = 3;
const ABORTED = 0xffff_ffff;

/** A path to be added, as the worker gets it. */
export interface Entry {
  /** Which one of all entries it is, from 0 on. */
  readonly index: number;
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly contents: EntryContents;
}

/** Where contents are. */
export type EntryContents =
  /** The NAR of a file, and of it the file's bytes. */
  | { readonly kind: "text"; readonly nar: Uint8Array<ArrayBuffer>; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "host"; readonly ca: ContentAddress; readonly size: number | undefined; readonly host: HostTree }
  /** To be read before the next entry, to its end. */
  | {
    readonly kind: "inline";
    readonly ca: ContentAddress;
    readonly size: number | undefined;
    readonly parts: AsyncIterable<Uint8Array>;
  };

interface Description {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly ca: string;
  readonly size?: number;
  readonly root?: string;
  readonly leftOut?: readonly string[];
}

/** Writes a text. `sent` are the numbers of entries that were written before, by path. */
export function writeText(to: PipeWriter, object: TextObject, sent: ReadonlyMap<StorePath, number>): void {
  const { path, contents, references } = object;
  const known: number[] = [];
  let others = "";
  for (const reference of references) {
    const index = sent.get(reference);
    if (index !== undefined) known.push(index);
    else others += others === "" ? reference : ` ${reference}`;
  }
  to.u32(TEXT);
  to.u32(path.length);
  to.u32(known.length);
  to.u32(others.length);
  to.u32(contents.length);
  to.text(path);
  for (const index of known) to.u32(index);
  to.text(others);
  to.text(contents);
}

/** Writes a source: where it lies, or all of it. @throws what reading it throws */
export function writeSource(to: PipeWriter, source: SourceObject): void {
  const { path, references, ca, size, host } = source;
  const described: Description = {
    path,
    references,
    ca: printContentAddress(ca),
    ...(size === undefined ? {} : { size }),
    ...(host === undefined ? {} : { root: host.root, leftOut: [...host.leftOut] }),
  };
  const text = asciiJson(described);
  to.u32(host === undefined ? INLINE : SOURCE);
  to.u32(text.length);
  for (let i = 0; i < 3; i++) to.u32(0);
  to.text(text);
  if (host !== undefined) return;
  try {
    source.dump((chunk) => {
      if (chunk.length === 0) return;
      to.u32(chunk.length);
      to.bytes(chunk);
    });
  } catch (e) {
    to.u32(ABORTED);
    throw e;
  }
  to.u32(0);
}

/** Binary strings as JSON whose chars are all ASCII. */
function asciiJson(value: unknown): string {
  // deno-lint-ignore no-control-regex
  return JSON.stringify(value).replace(/[^\x00-\x7f]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const HEAD_WORDS = 5;

/** Reads entries off a pipe. */
export class EntryReader {
  readonly #pipe: PipeReader;
  /** The path of each entry so far. */
  readonly #paths: StorePath[] = [];
  readonly #head = new Uint32Array(HEAD_WORDS);
  readonly #headBytes = new Uint8Array(this.#head.buffer);
  #names = new Uint8Array(1 << 12);

  constructor(pipe: PipeReader) {
    this.#pipe = pipe;
  }

  /** The paths of all entries so far. */
  get paths(): readonly StorePath[] {
    return this.#paths;
  }

  /** Reads the next entry. */
  async next(): Promise<Entry> {
    await this.#read(this.#headBytes);
    const [kind] = this.#head;
    // Waiting for as much as garbage claims would be for good.
    if (kind !== TEXT && kind !== SOURCE && kind !== INLINE) throw new Error(`no entry is of kind ${kind}`);
    const entry = kind === TEXT ? await this.#text() : await this.#source();
    this.#paths.push(entry.path);
    return entry;
  }

  /** Not a promise if it needn't be. */
  #read(target: Uint8Array): void | Promise<void> {
    return this.#pipe.read(target);
  }

  async #text(): Promise<Entry> {
    const [, pathLength, known, others, length] = this.#head;
    const names = await this.#take(pathLength + 4 * known + others);
    const path = decoder.decode(names.subarray(0, pathLength)) as StorePath;
    const references: StorePath[] = [];
    for (let i = 0, at = pathLength; i < known; i++, at += 4) {
      references.push(this.#paths[names[at] | names[at + 1] << 8 | names[at + 2] << 16 | names[at + 3] << 24]);
    }
    if (others > 0) {
      references.push(...decoder.decode(names.subarray(pathLength + 4 * known)).split(" ") as StorePath[]);
    }
    const { head, tail } = fileNarFrame(length);
    const nar = new Uint8Array(head.length + length + tail.length);
    const bytes = nar.subarray(head.length, head.length + length);
    nar.set(head);
    nar.set(tail, head.length + length);
    const waiting = this.#read(bytes);
    if (waiting) await waiting;
    return { index: this.#paths.length, path, references, contents: { kind: "text", nar, bytes } };
  }

  async #source(): Promise<Entry> {
    const described: Description = JSON.parse(decoder.decode(await this.#take(this.#head[1])));
    const { path, references, size, root, leftOut = [] } = described;
    const ca = parseContentAddress(described.ca);
    const contents: EntryContents = root === undefined
      ? { kind: "inline", ca, size, parts: this.#parts() }
      : { kind: "host", ca, size, host: { root, leftOut: new Set(leftOut) } };
    return { index: this.#paths.length, path, references, contents };
  }

  /** Reads bytes, which are valid until this is called again. */
  #take(length: number): Uint8Array | Promise<Uint8Array> {
    if (length > this.#names.length) this.#names = new Uint8Array(2 * length);
    const bytes = this.#names.subarray(0, length);
    const waiting = this.#read(bytes);
    return waiting === undefined ? bytes : waiting.then(() => bytes);
  }

  async *#parts(): AsyncGenerator<Uint8Array> {
    const word = new Uint32Array(1);
    for (;;) {
      await this.#read(new Uint8Array(word.buffer));
      const length = word[0];
      if (length === 0) return;
      // Whoever sent it knows why, and says so.
      if (length === ABORTED) throw new StoreError("Cannot read the contents of a path: whoever sent them failed");
      const part = new Uint8Array(length);
      await this.#read(part);
      yield part;
    }
  }
}

/** Paths and descriptions are ASCII. */
const decoder = new TextDecoder();
