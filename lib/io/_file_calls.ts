// The calls to the host that reading files takes. Paths are binary strings; nothing is remembered.

import type { FileType } from "../runtime/io.ts";
import type { FileStat } from "./source_io.ts";

/** What tells a file that has changed. */
export interface FileStamp extends FileStat {
  /** When the contents and when anything changed last, in milliseconds since 1970. */
  readonly modified: number;
  readonly changed: number;
  readonly inode: number;
}

/** What a path is, including what can't be archived. */
export interface HostStat extends FileStamp {
  /** Whether it is a pipe: opening one may take for ever. */
  readonly pipe: boolean;
}

/** One way to make the calls. All but `lstat` and `stamp` throw if there is nothing. */
export interface FileCalls {
  lstat(path: string): HostStat | undefined;
  /** What `lstat` returns, and undefined for what is out of reach too. */
  stamp(path: string): FileStamp | undefined;
  /** Reads a regular file to its end; `size` is how long it was last. Where that is 0, the file is only opened. */
  readFile(path: string, size: number): Uint8Array;
  /** Reads a regular file in pieces, each of which is valid until the next is asked for. */
  chunks(path: string): Iterable<Uint8Array>;
  /** Without "." and "..". */
  readDir(path: string): (readonly [string, FileType])[];
  readLink(path: string): string;
  /** Opens a file to be read here and there. */
  open(path: string): OpenFile;
}

/** A file that is open. */
export interface OpenFile {
  /** Reads from a place in the file; returns how many bytes that were, 0 at its end. */
  read(buffer: Uint8Array<ArrayBuffer>, at: number): number;
  close(): void;
}

/** How long ago a file must have been touched for its stamp to differ if it is touched again: times are that coarse. */
const MARGIN_MS = 3000;

/** Whether a stamp that was taken at `at` (milliseconds since 1970) tells if a file has changed since. */
export function isSettled(stamp: FileStamp, at: number): boolean {
  return stamp.modified < at - MARGIN_MS && stamp.changed < at - MARGIN_MS;
}

/** How long chunks are at most, in bytes. */
export const CHUNK_SIZE = 1 << 20;
