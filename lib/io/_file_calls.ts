// The calls to the host that reading files takes. Paths are binary strings; nothing is remembered.

import type { FileType } from "../runtime/io.ts";
import type { FileStat } from "./source_io.ts";

/** What a path is, including what can't be archived. */
export interface HostStat extends FileStat {
  /** Whether it is a pipe: opening one may take for ever. */
  readonly pipe: boolean;
}

/** What tells a file that has changed. */
export interface FileStamp {
  readonly type: FileType;
  readonly executable: boolean;
  /** When the contents and when anything changed last, in milliseconds since 1970. */
  readonly modified: number;
  readonly changed: number;
  readonly size: number;
  readonly inode: number;
}

/** One way to make the calls. All but `lstat` and `stamp` throw if there is nothing. */
export interface FileCalls {
  lstat(path: string): HostStat | undefined;
  /** Returns undefined for what is out of reach too. */
  stamp(path: string): FileStamp | undefined;
  /** Reads a regular file to its end; `size` is how long it was last. Where that is 0, the file is only opened. */
  readFile(path: string, size: number): Uint8Array;
  /** Reads a regular file in pieces, each of which is valid until the next is asked for. */
  chunks(path: string): Iterable<Uint8Array>;
  /** Without "." and "..". */
  readDir(path: string): (readonly [string, FileType])[];
  readLink(path: string): string;
}

/** How long chunks are at most, in bytes. */
export const CHUNK_SIZE = 1 << 20;
