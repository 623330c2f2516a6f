// Zip archives, through yauzl (MIT, no native code, reads by the central directory, checks sizes, streams each member), which
// leaves names as bytes and says what the host that made the archive knew of a member's mode.
//
// The directory is at the end, so the archive has to be on disk first; C++ Nix does the same. Symlinks are members whose mode
// says so and whose contents are the target. Yauzl doesn't check CRCs; that is done here.

import type { Readable } from "node:stream";
import zlib from "node:zlib";
import { bytesToBinary, concatBytes } from "../../format/bytes.ts";
import { archiveError, FetchError, reasonOf, unsupportedArchive } from "../errors.ts";
import { type ArchiveSink, release } from "./sink.ts";

const UNIX = 3;
const MAX_TARGET_BYTES = 4096;

/** The parts of yauzl's entries that are used. */
interface Entry {
  readonly fileName: Uint8Array;
  readonly versionMadeBy: number;
  readonly externalFileAttributes: number;
  readonly crc32: number;
  readonly uncompressedSize: number;
  readonly extraFields: readonly { readonly id: number; readonly data: Uint8Array }[];
  isEncrypted(): boolean;
  getLastModDate(options?: { readonly timezone?: "local" | "UTC" }): Date;
}

/** The parts of yauzl's archives that are used. */
interface ZipFile {
  eachEntry(): AsyncIterable<Entry>;
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
      lastModified = Math.max(lastModified, Math.floor(entry.getLastModDate().getTime() / 1000));
      announce(entry.uncompressedSize);
      await readEntry(archive, entry, sink);
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

async function readEntry(archive: ZipFile, entry: Entry, sink: ArchiveSink): Promise<void> {
  const name = withSlashes(bytesToBinary(entry.fileName));
  if (entry.isEncrypted()) throw archiveError(`"${name}" is encrypted`);
  const mode = entry.versionMadeBy >> 8 === UNIX ? entry.externalFileAttributes >>> 16 : 0;
  const type = mode & 0o170000;
  if (name.endsWith("/") || type === 0o040000) return sink.directory(name);
  if (type !== 0 && type !== 0o100000 && type !== 0o120000) throw archiveError(`"${name}" is not a file`);
  const isLink = type === 0o120000;
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
  if (isLink) sink.symlink(name, bytesToBinary(concatBytes(target)));
}

/** Some programs on Windows separate names by backslashes: as libarchive, takes those for slashes where there are no others. */
function withSlashes(name: string): string {
  return name.includes("/") ? name : name.replaceAll("\\", "/");
}
