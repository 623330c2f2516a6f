// Where a background writer puts things, and what it knows of each when it does.

import type { ContentAddress } from "../../format/content_address.ts";
import type { Hash } from "../../format/hash.ts";
import { fileNarFrame } from "../../format/nar.ts";
import type { StorePath } from "../../format/store_path.ts";
import { type ByteSource, chunksOf } from "../daemon/frames.ts";
import { cannotRead } from "../errors.ts";
import type { PathInfo } from "../store.ts";

/** A store as a background writer sees it. All methods throw {@link StoreError}. */
export interface Target {
  /** What it is, in the words of `--store`. */
  readonly mode: string;
  /** Returns those of the paths that are valid, and keeps them from being collected. */
  validPaths(paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>>;
  /** Adds objects, each after those it refers to. Calls may be made before earlier ones are done. */
  add(objects: readonly Addition[]): Promise<void>;
  /** Makes sure that paths that were valid and kept are so still. @throws {StoreError} if one is gone */
  keepOn(paths: readonly StorePath[]): Promise<void>;
  /** Tells whether a path is valid; unlike {@link Target.validPaths}, it keeps nothing. */
  isValid(path: StorePath): Promise<boolean>;
  /** Returns what is known of a path; undefined if it isn't valid. */
  pathInfo(path: StorePath): Promise<PathInfo | undefined>;
  /** Passes the NAR of a valid path on. */
  nar(path: StorePath, sink: (chunk: Uint8Array) => void): Promise<void>;
  /** Makes `link`, an absolute path, a symlink to a path that is kept as long as the link is there. */
  addRoot(link: string, path: StorePath, options?: RootOptions): Promise<void>;
  /** Returns the valid paths, sorted. */
  paths(): Promise<StorePath[]>;
  /** Returns the valid paths that refer to a path, sorted. */
  referrers(path: StorePath): Promise<StorePath[]>;
  /** Checks that what is valid is there, with `contents` unchanged; returns whether all is well. */
  verify(options: VerifyOptions): Promise<boolean>;
  /** Removes what no root leads to, or with `dryRun` says what that is. */
  collectGarbage(options: { readonly dryRun: boolean }): Promise<Collected>;
  /** Lets go of the store, and of what was kept. */
  close(): void;
}

/** What a root is for. */
export interface RootOptions {
  /** Whether the path may not be valid, yet. */
  readonly mayBeInvalid?: boolean;
}

/** How to check a store. */
export interface VerifyOptions {
  /** Whether to read everything. */
  readonly contents: boolean;
  /** Is told what is wrong, a sentence without period; a daemon says it by itself in its log. */
  readonly onProblem: (message: string) => void;
}

/** What a garbage collection removed, or would remove. */
export interface Collected {
  /** Sorted. */
  readonly paths: readonly string[];
  /** What it freed, in bytes; 0 for a dry run. */
  readonly bytes: number;
}

/** An object that is missing in the store, with what is known of it. */
export interface Addition {
  readonly index: number;
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly ca: ContentAddress;
  readonly narHash: Hash;
  readonly narSize: number;
  readonly contents: AdditionContents;
  /** To be called once it isn't needed any more. */
  readonly dispose?: () => void;
}

/** How contents are to be had. */
export type AdditionContents =
  /** All of them: the NAR of a file, and of it the file's bytes. */
  | { readonly kind: "text"; readonly nar: Uint8Array<ArrayBuffer>; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
    readonly kind: "nar";
    readonly open: () => ByteSource;
    /** Whether it can be opened only once. */
    readonly isOnce?: boolean;
  }
  /** A file that is hashed flat, of `size` bytes. */
  | { readonly kind: "flat"; readonly size: number; readonly open: () => ByteSource };

/** Yields the NAR of an addition. @throws {StoreError} that names the path if it can't be read */
export function narOf(addition: Addition): ByteSource {
  const { contents, path } = addition;
  if (contents.kind === "text") return contents.nar;
  return naming(path, contents.kind === "nar" ? contents.open() : fileNar(contents));
}

/** Yields the bytes that an addition's content address is the hash of. @throws {StoreError} as {@link narOf} does */
export function contentsOf({ contents, path }: Addition): ByteSource {
  return contents.kind === "text" ? contents.bytes : naming(path, contents.open());
}

async function* naming(path: StorePath, source: ByteSource): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(source);
  } catch (e) {
    throw cannotRead(path, e);
  }
}

/** Yields the NAR of a file. */
export async function* fileNar(
  file: { readonly size: number; readonly open: () => ByteSource },
): AsyncGenerator<Uint8Array> {
  const { head, tail } = fileNarFrame(file.size);
  yield head;
  yield* chunksOf(file.open());
  yield tail;
}
