/** Where images of trees (lib/syntax/image.ts), and what directories list, are kept from one evaluation to the next. */
import type { Symbol } from "../syntax/symbols.ts";
import type { FileType } from "./io.ts";

/** Keeps images of resolved trees. What it can't keep or give back it leaves out. */
export interface TreeCache {
  /** Returns what the image of a file is found by; `context` is what else the tree is made from. */
  key(contents: Uint8Array, context: string): string;
  /** Returns an image as it was put; undefined if it isn't there. */
  get(key: string): Uint8Array<ArrayBuffer> | undefined;
  /** Keeps an image if it can. */
  put(key: string, image: Uint8Array): void;
  /** Opens what is kept of evaluations that begin with the same file; `context` as for {@link key}. */
  openPack?(first: string, context: string): TreePack;
}

/** The images of the files of one evaluation, and its directories. They are found without reading any of these. */
export interface TreePack {
  /** Returns the tree of a file that had the same `id` when it was given; undefined if there is none. */
  find(path: string, id: string): PackedTree | undefined;
  /** Whether there is room for more. */
  readonly hasRoom: boolean;
  /** Keeps a tree if it can. `id` is what the file had before it was read, and differs whenever its contents do. */
  add(path: string, id: string, tree: { readonly source: Uint8Array; readonly image: Uint8Array }): void;
  readonly listings: ListingCache;
}

/** What directories list. */
export interface ListingCache {
  /** Returns what a directory listed that had the same `id` when that was given; undefined if nothing was. */
  find(path: string, id: string): Listing | undefined;
  /** Keeps what a directory lists if it can. `id` is what it had before it was read, and differs whenever the list does. */
  add(path: string, id: string, entries: readonly (readonly [name: string, type: FileType])[]): void;
}

/** The entries of a directory in the order of their names' bytes, which gives new names their symbols. */
export interface Listing {
  readonly names: Symbol[];
  readonly types: FileType[];
}

/** A tree that a pack has. */
export interface PackedTree {
  /** Valid until the next one is wanted. */
  readonly image: Uint8Array<ArrayBuffer>;
  /** Of the text, in bytes. */
  readonly sourceLength: number;
  /** The text's SHA-256 in base16. */
  readonly hash: string;
}
