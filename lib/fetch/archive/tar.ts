// Tar archives: ustar, pax and GNU, and the old format they all extend.
//
// Own code, because none of the libraries can be used: tar-stream, node-tar and modern-tar decode the names in pax records
// as UTF-8 and so lose those that aren't, and hand sparse files out as if they were plain ones. Measured on 86,670 members
// (207 MB, Deno 2.9): this reader 0.15 s, tar-stream 0.6 s, modern-tar 1.4 s.
//
// A member is a header of 512 bytes and its contents, padded to 512. What doesn't fit the header comes before it in members
// of its own: pax records ("<length> key=value\n", for the next member or for all), GNU long names. As in libarchive, which
// C++ Nix uses, types nobody knows are files, and a zero block ends the archive whatever follows.
//
// Unsupported: sparse files (their holes would have to be filled in, and no source archive has them). Refused: devices and
// pipes, headers whose checksum is wrong, members that are cut off.

import { bytesToBinary, concatBytes } from "../../format/bytes.ts";
import { archiveError, FetchError, mark, unsupportedArchive } from "../errors.ts";
import type { ArchiveSink } from "./sink.ts";

const BLOCK = 512;
/** Long names and pax records larger than this are refused. */
const MAX_EXTENSION_BYTES = 1 << 20;

const NUL = 0;
const SLASH = 0x2f;

/** What comes after the bytes of the current member. */
type State = "header" | "contents" | "extension" | "skip" | "end";

/** What pax records and GNU members say about the next member. */
interface Extension {
  path?: string;
  linkPath?: string;
  size?: number;
  mtime?: number;
}

/** Reads an archive that arrives in chunks. */
export class TarReader {
  readonly #sink: ArchiveSink;
  #state: State = "header";
  /** Bytes of the current contents or extension that are still to come, and of the padding behind them. */
  #left = 0;
  #padding = 0;
  /** The start of a block whose rest is in the next chunk. */
  readonly #block = new Uint8Array(BLOCK);
  #blockLength = 0;
  #extensionType = 0;
  #extensionParts: Uint8Array[] = [];
  #next: Extension = {};
  #global: Extension = {};
  #lastModified = 0;
  #members = 0;

  constructor(sink: ArchiveSink) {
    this.#sink = sink;
  }

  /** The latest time stamp of a member so far, in seconds since 1970; 0 if there is none later. */
  get lastModified(): number {
    return this.#lastModified;
  }

  /** How many members there were. */
  get members(): number {
    return this.#members;
  }

  /** Whether the end of the archive was reached; what is pushed then is ignored. */
  get ended(): boolean {
    return this.#state === "end";
  }

  /** Reads more. The chunk isn't kept. @throws {FetchError} if the archive is malformed or holds what is refused */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && this.#state !== "end";) {
      if (this.#left > 0) {
        const n = Math.min(this.#left, chunk.length - at);
        const part = chunk.subarray(at, at + n);
        if (this.#state === "contents") this.#sink.contents(part);
        else if (this.#state === "extension") this.#extensionParts.push(part.slice());
        this.#left -= n;
        at += n;
        if (this.#left === 0 && this.#state === "extension") this.#endExtension();
      } else if (this.#padding > 0) {
        const n = Math.min(this.#padding, chunk.length - at);
        this.#padding -= n;
        at += n;
      } else {
        const n = Math.min(BLOCK - this.#blockLength, chunk.length - at);
        if (n === BLOCK) {
          this.#header(chunk.subarray(at, at + BLOCK));
        } else {
          this.#block.set(chunk.subarray(at, at + n), this.#blockLength);
          this.#blockLength += n;
          if (this.#blockLength === BLOCK) {
            this.#blockLength = 0;
            this.#header(this.#block);
          }
        }
        at += n;
      }
    }
  }

  /**
   * Says that nothing more will come. `complete` tells that the end is known to be the real one, as that of a compressed
   * stream with a checksum is; otherwise an archive without end mark counts as cut off.
   * @throws {FetchError} if the archive is cut off.
   */
  end(options: { readonly complete: boolean }): void {
    if (this.#state === "end") return;
    const inside = this.#left > 0 || this.#padding > 0 || this.#blockLength > 0 || this.#next.path !== undefined;
    if (inside || !options.complete) throw archiveError("it is cut off");
  }

  #header(block: Uint8Array): void {
    if (block[0] === NUL && block.every((byte) => byte === 0)) {
      this.#state = "end";
      return;
    }
    checkSum(block);
    const type = block[156];
    const char = type === NUL ? "0" : String.fromCharCode(type);
    const ustar = bytesToBinary(block.subarray(257, 262)) === "ustar";
    const gnu = ustar && block[262] !== NUL;
    const size = number(block, 124, 12);
    switch (char) {
      case "x":
      case "X":
      case "g":
      case "L":
      case "K":
        if (size > MAX_EXTENSION_BYTES) throw archiveError("an extended header is too large");
        this.#extensionType = type;
        this.#extensionParts = [];
        this.#expect("extension", size);
        if (size === 0) this.#endExtension();
        return;
      case "V":
      case "A":
        return this.#expect("skip", size);
      case "S":
        throw unsupportedArchive("it holds a sparse file");
    }
    this.#members++;
    const extension = { ...this.#global, ...this.#next };
    this.#next = {};
    const path = extension.path ?? headerPath(block, ustar && !gnu);
    this.#lastModified = Math.max(this.#lastModified, extension.mtime ?? number(block, 136, 12));
    this.#member(char, path, {
      size: extension.size ?? size,
      linkPath: () => extension.linkPath ?? cString(block, 157, 100),
      executable: (number(block, 100, 8) & 0o100) !== 0,
      old: !ustar,
    });
  }

  #member(
    type: string,
    path: string,
    member: {
      readonly size: number;
      readonly linkPath: () => string;
      readonly executable: boolean;
      readonly old: boolean;
    },
  ): void {
    const { size, linkPath, executable } = member;
    switch (type) {
      case "1":
        // A size, if any, is that of the file linked to: no contents follow.
        this.#sink.hardLink(path, linkPath());
        return this.#expect("skip", 0);
      case "2":
        this.#sink.symlink(path, linkPath());
        return this.#expect("skip", size);
      case "3":
        throw unsupportedType(path, 0o020000);
      case "4":
        throw unsupportedType(path, 0o060000);
      case "6":
        throw unsupportedType(path, 0o010000);
      case "5":
      case "D":
        this.#sink.directory(path);
        return this.#expect("skip", size);
    }
    if (path.endsWith("/")) {
      this.#sink.directory(path);
      return this.#expect("skip", size);
    }
    this.#sink.file(path, { executable });
    this.#expect("contents", size);
  }

  #expect(state: State, size: number): void {
    this.#state = state;
    this.#left = size;
    this.#padding = (BLOCK - size % BLOCK) % BLOCK;
  }

  #endExtension(): void {
    const bytes = concatBytes(this.#extensionParts);
    this.#extensionParts = [];
    const text = bytesToBinary(bytes);
    switch (String.fromCharCode(this.#extensionType)) {
      case "L":
        this.#next.path = untilNul(text);
        break;
      case "K":
        this.#next.linkPath = untilNul(text);
        break;
      case "g":
        Object.assign(this.#global, parsePax(text));
        break;
      default:
        // The records of a member win over a long name, whichever comes first.
        Object.assign(this.#next, parsePax(text));
    }
  }
}

/** Parses pax records: "<length of the record> <key>=<value>\n", bytes all. */
function parsePax(text: string): Extension {
  const extension: Extension = {};
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(" ", at);
    const digits = space < 0 ? "" : text.slice(at, space);
    const end = at + Number(digits);
    const equals = text.indexOf("=", space);
    if (!/^[0-9]{1,7}$/.test(digits) || end > text.length || text[end - 1] !== "\n" || equals < 0 || equals >= end) {
      throw archiveError("a pax header is malformed");
    }
    const key = text.slice(space + 1, equals);
    const value = text.slice(equals + 1, end - 1);
    if (key.startsWith("GNU.sparse.")) throw unsupportedArchive("it holds a sparse file");
    if (key === "path") extension.path = value;
    else if (key === "linkpath") extension.linkPath = value;
    else if (key === "size") extension.size = paxNumber(value);
    else if (key === "mtime") extension.mtime = Math.floor(paxNumber(value));
    at = end;
  }
  return extension;
}

function paxNumber(text: string): number {
  if (!/^-?[0-9]+(\.[0-9]*)?$/.test(text)) throw archiveError(`a pax header has the number "${text}"`);
  const n = Number(text);
  if (Math.abs(n) > Number.MAX_SAFE_INTEGER) throw archiveError(`a pax header has the number "${text}"`);
  return n;
}

function headerPath(block: Uint8Array, hasPrefix: boolean): string {
  const name = cString(block, 0, 100);
  const prefix = hasPrefix ? cString(block, 345, 155) : "";
  if (prefix === "") return name;
  return block[344 + prefix.length] === SLASH ? prefix + name : `${prefix}/${name}`;
}

function cString(block: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && block[end] !== NUL) end++;
  return bytesToBinary(block.subarray(at, end));
}

function untilNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

/** A number in octal, or in base 256 if the first bit is set. */
function number(block: Uint8Array, at: number, length: number): number {
  if (block[at] & 0x80) {
    let n = block[at] === 0xff ? -1 : block[at] & 0x7f;
    for (let i = at + 1; i < at + length; i++) n = n * 256 + block[i];
    if (!Number.isSafeInteger(n) || n < 0) {
      if (n < 0 && at === 136) return 0; // Times before 1970.
      throw archiveError("a header has a number that is too large");
    }
    return n;
  }
  let n = 0;
  let i = at;
  while (i < at + length && (block[i] === 0x20 || block[i] === NUL)) i++;
  for (; i < at + length; i++) {
    const digit = block[i] - 0x30;
    if (digit < 0 || digit > 7) break;
    n = n * 8 + digit;
  }
  return n;
}

function checkSum(block: Uint8Array): void {
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : block[i];
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const wanted = number(block, 148, 8);
  // Some old programs summed signed bytes.
  if (wanted !== unsigned && wanted !== signed) {
    throw archiveError("a tar header is damaged or this is not a tar archive");
  }
}

function unsupportedType(path: string, type: number): FetchError {
  return new FetchError("archive", mark`file '${path}' in tarball has unsupported file type ${type}`);
}
