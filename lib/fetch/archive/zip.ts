// Zip archives, through yauzl (MIT, no native code, reads by the central directory, checks sizes, streams each member), which
// leaves names as bytes and says what the host that made the archive knew of a member's mode.
//
// The directory is at the end, so the archive has to be on disk first; C++ Nix does the same. Symlinks are members whose mode
// says so and whose contents are the target. Yauzl doesn't check CRCs; that is done here.
//
// As libarchive does, which C++ Nix reads with, times are taken from the header before a member, not from the directory, and
// of the many ways to tell them two are known.

import type { Readable } from "node:stream";
import zlib from "node:zlib";
import { bytesToBinary, concatBytes } from "../../format/bytes.ts";
import { archiveError, FetchError, reasonOf, unsupportedArchive, unsupportedType } from "../errors.ts";
import { type ArchiveSink, release, untilNul } from "./sink.ts";

const MS_DOS = 0;
const UNIX = 3;
const MS_DOS_DIRECTORY = 0x10;
/** The extra field with times in seconds since 1970. */
const UNIX_TIMES = 0x5455;
const MAX_TARGET_BYTES = 4096;

const TYPE = 0o170000;
const DIRECTORY = 0o040000;
const SYMLINK = 0o120000;
/** Types of files: none, a file, and a pipe, which is what Info-ZIP calls a file it read from one. */
const FILES = new Set([0, 0o100000, 0o010000]);

/** The parts of yauzl's entries that are used. */
interface Entry {
  readonly fileName: Uint8Array;
  readonly versionMadeBy: number;
  readonly externalFileAttributes: number;
  readonly crc32: number;
  readonly uncompressedSize: number;
  isEncrypted(): boolean;
}

/** The parts of the headers before members that are used. */
interface LocalHeader {
  readonly lastModFileDate: number;
  readonly lastModFileTime: number;
  readonly extraField: Uint8Array;
}

/** The parts of yauzl's archives that are used. */
interface ZipFile {
  eachEntry(): AsyncIterable<Entry>;
  readLocalFileHeaderPromise(entry: Entry): Promise<LocalHeader>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
  close(): void;
}

/**
 * Reads the zip archive at `path`, calling `announce` with the size of each file before it, and returns the latest time stamp of a member, in seconds since 1970.
 * @throws {FetchError} if the archive is malformed or holds what is refused
 */
export async function readZip(
  path: string,
  sink: ArchiveSink,
  announce: (bytes: number) => void = () => {},
): Promise<number> {
  const { default: yauzl } = await import("yauzl");
  let lastModified = 0;
  let archive: ZipFile | undefined;
  try {
    archive = await yauzl.openPromise(path, { lazyEntries: true, decodeStrings: false, autoClose: false }) as ZipFile;
    for await (const entry of archive.eachEntry()) {
      const header = await archive.readLocalFileHeaderPromise(entry);
      const { lastModFileDate, lastModFileTime } = header;
      const localTime = yauzl.dosDateTimeToDate(lastModFileDate, lastModFileTime).getTime();
      const time = unixTime(yauzl.parseExtraFields(header.extraField)) ?? Math.floor(localTime / 1000);
      lastModified = Math.max(lastModified, time);
      announce(entry.uncompressedSize);
      await readEntry(archive, { entry, name: withSlashes(untilNul(bytesToBinary(entry.fileName))), sink });
    }
  } catch (e) {
    if (e instanceof FetchError) throw e;
    const method = /^unsupported compression method: (\d+)/.exec(reasonOf(e))?.[1];
    if (method !== undefined) throw unsupportedArchive(`a member is compressed by method ${method}`, { cause: e });
    throw archiveError(`its zip data is damaged (${reasonOf(e)})`, { cause: e });
  } finally {
    archive?.close();
  }
  return lastModified;
}

/** Returns the time of change among a header's extra fields, in seconds since 1970. */
function unixTime(fields: readonly { readonly id: number; readonly data: Uint8Array }[]): number | undefined {
  const data = fields.find(({ id, data }) => id === UNIX_TIMES && data.length >= 5 && (data[0] & 1) !== 0)?.data;
  return data && new DataView(data.buffer, data.byteOffset).getUint32(1, true);
}

async function readEntry(
  archive: ZipFile,
  { entry, name, sink }: { readonly entry: Entry; readonly name: string; readonly sink: ArchiveSink },
): Promise<void> {
  if (entry.isEncrypted()) throw archiveError(`"${name}" is encrypted`);
  const mode = modeOf(entry);
  const type = mode & TYPE;
  if (name.endsWith("/") || type === DIRECTORY) return sink.directory(name);
  if (!FILES.has(type) && type !== SYMLINK) throw unsupportedType(name, type);
  const isLink = type === SYMLINK;
  const target: Uint8Array[] = [];
  if (isLink && entry.uncompressedSize > MAX_TARGET_BYTES) {
    throw archiveError(`symlink "${name}" has an invalid target`);
  }
  if (!isLink) sink.file(name, { executable: (mode & 0o100) !== 0 });
  let crc = 0;
  for await (const chunk of await archive.openReadStreamPromise(entry)) {
    crc = zlib.crc32(chunk, crc);
    if (isLink) target.push(chunk);
    else sink.contents(chunk);
    if (!isLink) release(chunk);
  }
  if (crc !== entry.crc32) throw archiveError(`the checksum of "${name}" is wrong`);
  if (isLink) sink.symlink(name, untilNul(bytesToBinary(concatBytes(target))));
}

function modeOf({ versionMadeBy, externalFileAttributes }: Entry): number {
  switch (versionMadeBy >> 8) {
    case UNIX:
      return externalFileAttributes >>> 16;
    case MS_DOS:
      return (externalFileAttributes & MS_DOS_DIRECTORY) !== 0 ? DIRECTORY : 0;
    default:
      return 0;
  }
}

/** Some programs on Windows separate names by backslashes: as libarchive, takes those for slashes where there are no others. */
function withSlashes(name: string): string {
  return name.includes("/") ? name : name.replaceAll("\\", "/");
}
