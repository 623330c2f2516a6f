// The images (lib/syntax/image.ts) of the trees of one evaluation's files, together in one file: an evaluation that begins
// with the same file as an earlier one, mostly of the same files, opens it once, and reads no source that hasn't changed. What
// directories list (listing_pack.ts) is one more image, under a path that is no file's.
//
// Layout, words in this machine's byte order: the head (see HEAD_WORDS), four numbers of 64 bits, then for each image its
// ENTRY_WORDS, then texts of Latin-1, separated by NUL: whose pack it is (which may have NULs in it), and for each image
// the path, the identity (lib/runtime/io.ts) and the SHA-256 of the file it was made from; then the images. All of it begins
// at multiples of 16 bytes, and has a sum: the index when it is opened, an image when it is wanted.
//
// It is written aside and renamed, when an evaluation is over, if it lacked more than a few images. What that evaluation had
// no use for is left out after some such times. It is a cache and nothing more: what can't be read or written is left out.

import { hashHex } from "../format/hash.ts";
import { binaryToBytes, bytesToBinary, utf8ToBinary } from "../format/bytes.ts";
import { WORD_SUM_LENGTH, wordSum } from "../format/word_sum.ts";
import type { ListingCache, PackedTree, TreePack } from "../runtime/tree_cache.ts";
import type { FileCalls, OpenFile } from "./_file_calls.ts";
import { PackedListings } from "./listing_pack.ts";

const MAGIC = 0x31707664;
const ALIGNMENT = 16;
/** Magic, bytes of the index without the head, images, bytes of the texts, the index's sum, nothing. */
const HEAD_WORDS = 12;
/** Where the image is in units of {@link ALIGNMENT}, its bytes, those of the source, unused times, and its sum. */
const ENTRY_WORDS = 4 + WORD_SUM_LENGTH;

/** Bytes of images that are kept, and of the index. */
const MOST_BYTES = 48 << 20;
const MOST_INDEX_BYTES = 16 << 20;
/** How often a pack is written anew without an image being wanted before it is left out. */
const MOST_IDLE = 8;
/** A pack is written anew if it lacked one of so many images that were wanted. */
const LACKING = 24;
/** Packs that are left when one is written, and their bytes. */
const MOST_PACKS = 24;
const MOST_PACKED_BYTES = 256 << 20;
const ABANDONED_MS = 60_000;
const LISTINGS = { path: "/", id: "listings" };
/** A pack that is used is made to look new once a day. */
const DAY_MS = 86_400_000;

/** What there is of an image, in the pack that was opened or to be written. */
interface Entry {
  readonly path: string;
  readonly id: string;
  readonly hash: string;
  readonly sourceLength: number;
  readonly length: number;
  readonly idle: number;
  /** Where it is in the pack, in bytes; -1 if it is to be written. */
  readonly at: number;
  readonly sum: Int32Array;
  readonly image: Uint8Array | null;
}

/** A pack of images in a file. */
export class FileTreePack implements TreePack {
  readonly #path: string;
  readonly #owner: string;
  readonly #calls: FileCalls;
  #file: OpenFile | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #used = new Set<string>();
  readonly #added = new Map<string, Entry>();
  #bytes = 0;
  #written = 0;
  #listings: PackedListings | undefined;
  /** What images are read into: each is valid until the next is wanted. */
  #buffer = new Uint8Array(1 << 16);

  /** Opens the pack at a path; an empty one if there is none, or not that of `owner`. */
  constructor(path: string, owner: string, calls: FileCalls) {
    this.#path = path;
    this.#owner = owner;
    this.#calls = calls;
    try {
      this.#open();
    } catch {
      this.#entries.clear();
      this.#file?.close();
      this.#file = undefined;
    }
  }

  #open(): void {
    // They take binary strings.
    const binary = utf8ToBinary(this.#path);
    const stamp = this.#calls.stamp(binary);
    if (stamp?.type !== "regular" || stamp.size < 4 * HEAD_WORDS) return;
    const file = this.#file = this.#calls.open(binary);
    const head = new Int32Array(HEAD_WORDS);
    const [magic, indexLength, count, textLength] = filled(file, new Uint8Array(head.buffer), 0) ? head : [];
    if (magic !== MAGIC || indexLength > MOST_INDEX_BYTES || 4 * HEAD_WORDS + indexLength > stamp.size) {
      return this.#drop();
    }
    const index = new Uint8Array(indexLength);
    if (!filled(file, index, 4 * HEAD_WORDS)) return this.#drop();
    const words = new Int32Array(index.buffer);
    if (!sameWords(wordSum(words), head.subarray(4))) return this.#drop();
    const textsAt = 4 * ENTRY_WORDS * count;
    const texts = bytesToBinary(index.subarray(textsAt, textsAt + textLength));
    if (!texts.startsWith(`${this.#owner}\0`)) return this.#drop();
    const names = texts.slice(this.#owner.length + 1).split("\0");
    for (let i = 0; i < count; i++) {
      const word = i * ENTRY_WORDS;
      const path = names[3 * i];
      this.#entries.set(path, {
        path,
        id: names[3 * i + 1],
        hash: names[3 * i + 2],
        sourceLength: words[word + 2],
        length: words[word + 1],
        idle: words[word + 3],
        at: 4 * HEAD_WORDS + indexLength + ALIGNMENT * words[word],
        sum: words.subarray(word + 4, word + ENTRY_WORDS),
        image: null,
      });
    }
    this.#written = stamp.modified;
  }

  #drop(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  get hasRoom(): boolean {
    return this.#bytes < MOST_BYTES;
  }

  find(path: string, id: string): PackedTree | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined || entry.id !== id || entry.image !== null) return undefined;
    const image = this.#read(entry);
    if (image === undefined) return undefined;
    this.#used.add(path);
    return { image, sourceLength: entry.sourceLength, hash: entry.hash };
  }

  #read({ at, length, sum }: Entry): Uint8Array<ArrayBuffer> | undefined {
    const padded = aligned(length);
    if (padded > this.#buffer.length) this.#buffer = new Uint8Array(2 * padded);
    const bytes = this.#buffer.subarray(0, padded);
    try {
      if (this.#file === undefined || !filled(this.#file, bytes, at)) return undefined;
    } catch {
      return undefined;
    }
    return sameWords(wordSum(new Int32Array(bytes.buffer, 0, padded >> 2)), sum)
      ? bytes.subarray(0, length)
      : undefined;
  }

  get listings(): ListingCache {
    return this.#listings ??= new PackedListings(() => this.find(LISTINGS.path, LISTINGS.id)?.image.slice());
  }

  add(path: string, id: string, { source, image }: { readonly source: Uint8Array; readonly image: Uint8Array }): void {
    if (!this.hasRoom || /\0/.test(path) || this.#added.has(path)) return;
    this.#add({ path, id, hash: hashHex("sha256", source), sourceLength: source.length }, image);
  }

  #add(made: Pick<Entry, "path" | "id" | "hash" | "sourceLength">, image: Uint8Array): void {
    const bytes = new Uint8Array(aligned(image.length));
    bytes.set(image);
    this.#bytes += bytes.length;
    this.#added.set(made.path, {
      ...made,
      length: image.length,
      idle: 0,
      at: -1,
      sum: wordSum(new Int32Array(bytes.buffer)),
      image: bytes,
    });
  }

  close(): void {
    try {
      const listings = this.#listings;
      if (listings?.isLacking(LACKING) || this.#added.size * LACKING > this.#used.size + this.#added.size) {
        if (listings?.hasNews) this.#add({ ...LISTINGS, hash: "", sourceLength: 0 }, listings.image());
        this.#write();
      } else if (this.#used.size > 0 && Date.now() - this.#written > DAY_MS) {
        Deno.utimeSync(this.#path, new Date(), new Date());
      }
    } catch {
      // A full disk, a folder that isn't ours.
    }
    this.#added.clear();
    this.#drop();
  }

  /** Returns what is to be written: what was wanted, and as much else as there is room for. */
  #kept(): Entry[] {
    const kept = [...this.#added.values()];
    let bytes = this.#bytes;
    for (const entry of this.#entries.values()) {
      if (this.#added.has(entry.path)) continue;
      const idle = this.#used.has(entry.path) ? 0 : entry.idle + 1;
      if (idle > MOST_IDLE || bytes + entry.length > MOST_BYTES) continue;
      bytes += aligned(entry.length);
      kept.push({ ...entry, idle });
    }
    return kept;
  }

  #write(): void {
    const kept = this.#kept().flatMap((entry) => {
      const image = entry.image ?? this.#read(entry)?.slice();
      return image === undefined ? [] : [{ ...entry, image }];
    });
    const texts = binaryToBytes([this.#owner, ...kept.flatMap(({ path, id, hash }) => [path, id, hash])].join("\0"));
    const indexLength = aligned(4 * ENTRY_WORDS * kept.length + texts.length);
    if (indexLength > MOST_INDEX_BYTES) return;
    const imagesAt = 4 * HEAD_WORDS + indexLength;
    const bytes = new Uint8Array(kept.reduce((sum, { length }) => sum + aligned(length), imagesAt));
    const words = new Int32Array(bytes.buffer, 0, imagesAt >> 2);
    let at = imagesAt;
    kept.forEach(({ length, sourceLength, idle, sum, image }, i) => {
      const word = HEAD_WORDS + i * ENTRY_WORDS;
      words.set([(at - imagesAt) / ALIGNMENT, length, sourceLength, idle, ...sum], word);
      bytes.set(image, at);
      at += aligned(length);
    });
    bytes.set(texts, 4 * (HEAD_WORDS + ENTRY_WORDS * kept.length));
    words.set([MAGIC, indexLength, kept.length, texts.length, ...wordSum(words.subarray(HEAD_WORDS))]);
    writeAside(this.#path, bytes);
  }
}

/** Returns the least multiple of {@link ALIGNMENT} that isn't less. */
function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Reads as many bytes as there is room for; false if there are fewer. */
function filled(file: OpenFile, bytes: Uint8Array<ArrayBuffer>, at: number): boolean {
  for (let done = 0; done < bytes.length;) {
    const n = file.read(bytes.subarray(done), at + done);
    if (n === 0) return false;
    done += n;
  }
  return true;
}

function sameWords(sum: Int32Array, expected: Int32Array): boolean {
  for (let i = 0; i < WORD_SUM_LENGTH; i++) if (sum[i] !== expected[i]) return false;
  return true;
}

function writeAside(path: string, bytes: Uint8Array): void {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const aside = `${path}.${Deno.pid}`;
  Deno.mkdirSync(folder, { recursive: true });
  try {
    Deno.writeFileSync(aside, bytes, { createNew: true });
    Deno.renameSync(aside, path);
  } catch (e) {
    remove(aside);
    throw e;
  }
  prune(folder);
}

/** Keeps the packs that were used last. What somebody else may be writing is left alone. */
function prune(folder: string): void {
  const packs: { readonly path: string; readonly time: number; readonly size: number }[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const { mtime, size } = Deno.lstatSync(path);
    const time = mtime?.getTime() ?? 0;
    if (!name.includes(".")) packs.push({ path, time, size });
    else if (Date.now() - time > ABANDONED_MS) remove(path);
  }
  packs.sort((a, b) => b.time - a.time);
  let bytes = 0;
  packs.forEach(({ path, size }, i) => {
    bytes += size;
    if (i >= MOST_PACKS || i > 0 && bytes > MOST_PACKED_BYTES) remove(path);
  });
}

/** Removes a file if that can be done. */
export function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody else did it, or it was never there.
  }
}
