// Tar archives: ustar, pax and GNU, and the old format they all extend.
//
// Own code, because none of the libraries can be used: tar-stream, node-tar and modern-tar decode the names in pax records
// as UTF-8 and so lose those that aren't, and hand sparse files out as if they were plain ones. Measured on 86,670 members
// (207 MB, Deno 2.9): this reader 0.15 s, tar-stream 0.6 s, modern-tar 1.4 s.
//
// A member is a header of 512 bytes and its contents, padded to 512. What doesn't fit the header comes before it in members
// of its own: pax records ("<length> key=value\n"), GNU long names. As in libarchive, which C++ Nix uses, pax records for
// all members are ignored, types nobody knows are files, what is no symlink and has a long link name is a hard link, and
// a zero block ends the archive whatever follows.
//
// Unsupported: sparse files (their holes would have to be filled in, and no source archive has them). Refused: devices and
// pipes, headers whose checksum is wrong, members that are cut off.

import { bytesToBinary, concatBytes } from "../../format/bytes.ts";
import { archiveError, unsupportedArchive, unsupportedType } from "../errors.ts";
import { type ArchiveSink, untilNul } from "./sink.ts";

const BLOCK = 512;
/** Long names and pax records larger than this are refused. */
const MAX_EXTENSION_BYTES = 1 << 20;

const NUL = 0;
const SLASH = 0x2f;

/** Types of members that are refused, and what C++ Nix calls them. */
const UNSUPPORTED_TYPES: Readonly<Record<string, number>> = { "3": 0o020000, "4": 0o060000, "6": 0o010000 };

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
  #extensionType = "";
  #extensionParts: Uint8Array[] = [];
  #next: Extension = {};
  /** The types of the headers before that of the next member. */
  readonly #extended = new Set<string>();
  /** Whether the archive is a pax archive so far: only there have hard links contents. */
  #isPax = false;
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

  /** Says that nothing more will come. @throws {FetchError} if the archive is cut off; an end mark it needn't have */
  end(): void {
    if (this.#state === "end") return;
    const isExtended = [...this.#extended].some((type) => type !== "V" && type !== "g");
    if (this.#left > 0 || this.#padding > 0 || this.#blockLength > 0 || isExtended) throw archiveError("it is cut off");
  }

  #header(block: Uint8Array): void {
    if (block[0] === NUL && block.every((byte) => byte === 0)) {
      this.#state = "end";
      return;
    }
    checkSum(block);
    const char = String.fromCharCode(block[156] || 0x30);
    const size = number(block, 124, 12);
    if ("xXgALKV".includes(char)) return this.#extendedHeader(char, size);
    if (char === "S") throw unsupportedArchive("it holds a sparse file");
    const magic = bytesToBinary(block.subarray(257, 265));
    const isGnu = magic === "ustar  \0";
    const isUstar = magic.startsWith("ustar") && !isGnu;
    this.#isPax &&= isUstar;
    this.#members++;
    const extension = this.#next;
    this.#next = {};
    this.#extended.clear();
    const isSymlink = char === "2";
    const isHardLink = char === "1" || (extension.linkPath !== undefined && !isSymlink);
    this.#lastModified = Math.max(this.#lastModified, extension.mtime ?? number(block, 136, 12));
    this.#member(isHardLink ? "1" : char, extension.path || headerPath(block, isUstar), {
      // A hard link's size, if any, is that of the file linked to elsewhere than in pax archives: no contents follow.
      size: "23456".includes(char) || (char === "1" && !this.#isPax) ? 0 : extension.size ?? size,
      linkPath: extension.linkPath || cString(block, 157, 100),
      executable: (number(block, 100, 8) & 0o100) !== 0,
    });
  }

  #extendedHeader(char: string, size: number): void {
    if (size > MAX_EXTENSION_BYTES) throw archiveError("an extended header is too large");
    if ("xXgA".includes(char) && this.#extended.has(char)) {
      throw archiveError(`it has two headers of type "${char}" for one member`);
    }
    this.#extended.add(char);
    this.#isPax = "xXgA".includes(char);
    if ("VAg".includes(char)) return this.#expect("skip", size);
    this.#extensionType = char;
    this.#extensionParts = [];
    this.#expect("extension", size);
    if (size === 0) this.#endExtension();
  }

  #member(
    type: string,
    path: string,
    member: { readonly size: number; readonly linkPath: string; readonly executable: boolean },
  ): void {
    const { linkPath, executable } = member;
    const isDirectory = type === "5" || type === "D";
    // What a directory is in archives of the old format.
    const isNamedSo = path.endsWith("/") && !"2346".includes(type);
    const size = isNamedSo && type !== "D" ? 0 : member.size;
    if (type === "1") {
      this.#sink.hardLink(path, linkPath);
    } else if (type === "2") {
      this.#sink.symlink(path, linkPath);
    } else if (type in UNSUPPORTED_TYPES) {
      throw unsupportedType(path, UNSUPPORTED_TYPES[type]);
    } else if (isDirectory || isNamedSo) {
      this.#sink.directory(path);
    } else {
      this.#sink.file(path, { executable });
      return this.#expect("contents", size);
    }
    this.#expect("skip", size);
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
    switch (this.#extensionType) {
      case "L":
        this.#next.path = untilNul(text);
        break;
      case "K":
        this.#next.linkPath = untilNul(text);
        break;
      default:
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
    const value = untilNul(text.slice(equals + 1, end - 1));
    if (key.startsWith("GNU.sparse.")) throw unsupportedArchive("it holds a sparse file");
    if (key === "path" && value !== "") extension.path = value;
    else if (key === "linkpath" && value !== "") extension.linkPath = value;
    else if (key === "size") extension.size = paxSize(value);
    else if (key === "mtime") extension.mtime = paxTime(value);
    at = end;
  }
  return extension;
}

/** Returns a size; what isn't a digit ends it. */
function paxSize(text: string): number {
  const size = Number(/^[ \t]*(-?[0-9]*)/.exec(text)![1]);
  if (size >= 0 && size <= Number.MAX_SAFE_INTEGER) return size;
  throw archiveError(`a pax header has the size "${text}"`);
}

/** Returns a time stamp in seconds since 1970; undefined for what is none, and is ignored. */
function paxTime(text: string): number | undefined {
  if (!/^-?[0-9]*(?:\.[0-9]*)?$/.test(text)) return undefined;
  const seconds = Number.parseInt(text, 10) || 0;
  return Number.isSafeInteger(seconds) ? seconds : undefined;
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
  while (i < at + length && (block[i] === 0x20 || block[i] === 0x09)) i++;
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
