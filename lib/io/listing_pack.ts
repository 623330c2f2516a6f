// What directories list, of all that one evaluation has looked at, in one image of its pack (tree_pack.ts): a package set of
// one directory for each package lists 750, and most of what that takes is making symbols of 20,000 names.
//
// Layout, words in this machine's byte order: directories, names, bytes of texts, bytes of names; of each directory how many
// names it has; of each name its hash, as the table of symbols takes it, and in the lowest eight bits its length; of each name a
// byte for its type; texts of Latin-1, separated by NUL: the path and the identity of each directory; the names, in the order
// of their bytes.
//
// An image that is taken is one that was made here: packs have sums.

import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import type { FileType } from "../runtime/io.ts";
import type { Listing, ListingCache } from "../runtime/tree_cache.ts";
import { hashOfName, internRange, type Symbol } from "../syntax/symbols.ts";

const TYPES: readonly FileType[] = ["unknown", "regular", "directory", "symlink"];
const HEAD_WORDS = 4;
const LENGTH_BITS = 8;
const LONGEST_NAME = (1 << LENGTH_BITS) - 1;
/** Names that are kept, of all directories. */
const MOST_NAMES = 1 << 17;
/** To look at fewer directories takes less time than to write a pack. */
const LEAST_LACKING = 16;

/** A directory of the image. */
interface Kept {
  readonly id: string;
  /** Its first name, and where its names' bytes begin. */
  readonly first: number;
  readonly at: number;
  readonly count: number;
}

/** A directory that is to be kept; names in the order of their bytes. */
interface Listed {
  readonly path: string;
  readonly id: string;
  readonly entries: readonly (readonly [name: string, type: FileType])[];
}

/** What is in an image. */
interface Tables {
  readonly directories: ReadonlyMap<string, Kept>;
  readonly words: Int32Array;
  readonly types: Uint8Array;
  readonly bytes: Uint8Array;
  /** The same as `bytes`. */
  readonly text: string;
}

const NOTHING = new Uint8Array(4 * HEAD_WORDS);

/** Listings in an image, which is opened when one is wanted first. */
export class PackedListings implements ListingCache {
  readonly #open: () => Uint8Array<ArrayBuffer> | undefined;
  #opened: Tables | undefined;
  readonly #used = new Set<string>();
  readonly #added = new Map<string, Listed>();
  #addedNames = 0;

  /** `open` returns the image, which stays as it is; undefined if there is none. */
  constructor(open: () => Uint8Array<ArrayBuffer> | undefined) {
    this.#open = open;
  }

  get #tables(): Tables {
    return this.#opened ??= readTables(this.#open() ?? NOTHING);
  }

  find(path: string, id: string): Listing | undefined {
    const { directories, words, types, bytes, text } = this.#tables;
    const known = directories.get(path);
    if (known?.id !== id) return undefined;
    this.#used.add(path);
    const { first, count } = known;
    const listing = { names: new Array<Symbol>(count), types: new Array<FileType>(count) };
    let at = known.at;
    for (let i = 0; i < count; i++) {
      const word = words[first + i];
      const end = at + (word & LONGEST_NAME);
      listing.names[i] = internRange(bytes, at, end, word >>> LENGTH_BITS, text);
      listing.types[i] = TYPES[types[first + i]];
      at = end;
    }
    return listing;
  }

  add(path: string, id: string, entries: Listed["entries"]): void {
    const { length } = entries;
    if (this.#addedNames + length > MOST_NAMES || this.#added.has(path)) return;
    if (entries.some(([name]) => name.length > LONGEST_NAME)) return;
    this.#addedNames += length;
    this.#added.set(path, { path, id, entries: entries.toSorted(([a], [b]) => a < b ? -1 : 1) });
  }

  /** Whether it is to be written if anything else of the pack is. */
  get hasNews(): boolean {
    return this.#added.size > 0;
  }

  /** Whether that is worth writing the pack anew: more than one of `share` directories that were wanted weren't there. */
  isLacking(share: number): boolean {
    const lacking = this.#added.size;
    return lacking >= LEAST_LACKING && lacking * share > this.#used.size + lacking;
  }

  /** Returns an image of what was wanted and, as far as there is room, of all else. */
  image(): Uint8Array<ArrayBuffer> {
    const listed = [...this.#added.values()];
    let names = this.#addedNames;
    const rest = [...this.#tables.directories].filter(([path]) => !this.#added.has(path));
    for (const wanted of [true, false]) {
      for (const [path, kept] of rest) {
        if (this.#used.has(path) !== wanted || names + kept.count > MOST_NAMES) continue;
        names += kept.count;
        listed.push({ path, id: kept.id, entries: this.#entriesOf(kept) });
      }
    }
    return writeTables(listed, names);
  }

  #entriesOf({ first, count, at }: Kept): Listed["entries"] {
    const { words, types, text } = this.#tables;
    return Array.from({ length: count }, (_, i) => {
      const start = at;
      at += words[first + i] & LONGEST_NAME;
      return [text.slice(start, at), TYPES[types[first + i]]];
    });
  }
}

function readTables(image: Uint8Array<ArrayBuffer>): Tables {
  const head = new Int32Array(image.buffer, image.byteOffset, HEAD_WORDS);
  const [count, names, textLength, bytesLength] = head;
  const counts = new Int32Array(image.buffer, image.byteOffset + 4 * HEAD_WORDS, count);
  const words = new Int32Array(image.buffer, counts.byteOffset + 4 * count, names);
  const typesAt = 4 * (HEAD_WORDS + count + names);
  const textAt = typesAt + names;
  const texts = bytesToBinary(image.subarray(textAt, textAt + textLength)).split("\0");
  const bytes = image.subarray(textAt + textLength, textAt + textLength + bytesLength);
  const directories = new Map<string, Kept>();
  let first = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    directories.set(texts[2 * i], { id: texts[2 * i + 1], first, at, count: counts[i] });
    for (const next = first + counts[i]; first < next; first++) at += words[first] & LONGEST_NAME;
  }
  return { directories, words, types: image.subarray(typesAt, textAt), bytes, text: bytesToBinary(bytes) };
}

function writeTables(listed: readonly Listed[], count: number): Uint8Array<ArrayBuffer> {
  const texts = binaryToBytes(listed.flatMap(({ path, id }) => [path, id]).join("\0"));
  const all = listed.flatMap(({ entries }) => entries);
  const bytes = binaryToBytes(all.map(([name]) => name).join(""));
  const typesAt = 4 * (HEAD_WORDS + listed.length + count);
  const image = new Uint8Array(typesAt + count + texts.length + bytes.length);
  const words = new Int32Array(image.buffer, 0, typesAt >> 2);
  words.set([listed.length, count, texts.length, bytes.length]);
  words.set(listed.map(({ entries }) => entries.length), HEAD_WORDS);
  all.forEach(([name, type], i) => {
    words[HEAD_WORDS + listed.length + i] = hashOfName(name) << LENGTH_BITS | name.length;
    image[typesAt + i] = TYPES.indexOf(type);
  });
  image.set(texts, typesAt + count);
  image.set(bytes, typesAt + count + texts.length);
  return image;
}
