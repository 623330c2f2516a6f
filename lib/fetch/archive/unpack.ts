// Archives into tree files: what kind of archive it is shows in its first bytes, whatever its name says.
//
// Everything streams: download, decompression, tar and the tree file hold a few buffers each (zip goes through a scratch
// file). The NAR hash is taken from the tree file afterwards, while the system writes it to disk: archives are not in the
// order of NARs (git sorts directories as if their names ended in "/").

import { hashNar } from "../../format/nar.ts";
import { NarError } from "../../format/errors.ts";
import type { Hash } from "../../format/hash.ts";
import { bytesToBinary } from "../../format/bytes.ts";
import { canonicalPath } from "../../format/store_path.ts";
import { archiveError, FetchError, mark, unsupportedArchive } from "../errors.ts";
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from "../limits.ts";
import { TreeFile } from "../tree_file.ts";
import { cannotWrite, TreeWriter } from "../tree_writer.ts";
import { decompress } from "./decompress.ts";
import { type ArchiveSink, type ByteStream, release } from "./sink.ts";
import { TarReader } from "./tar.ts";
import { readZip } from "./zip.ts";

/** How to unpack. */
export interface UnpackOptions {
  /** Where the tree file is to be written; must not exist. */
  readonly treePath: string;
  readonly limits?: UnpackLimits;
  readonly signal?: AbortSignal;
}

/** A tree that came out of an archive. */
export interface UnpackedTree {
  /** SHA-256 of the tree's NAR. */
  readonly narHash: Hash;
  /** Size of the NAR in bytes. */
  readonly narSize: number;
  /** The latest time stamp in the archive, in seconds since 1970. */
  readonly lastModified: number;
}

/**
 * Unpacks an archive into a tree file, which is on disk when this is done. If the archive has one directory at its top and
 * nothing beside it, that is the tree. If anything goes wrong no file is left.
 * @throws {FetchError} if the archive is malformed, hostile or of no known kind, or what the source throws.
 */
export async function unpackArchive(source: ByteStream, options: UnpackOptions): Promise<UnpackedTree> {
  const { treePath, limits = DEFAULT_UNPACK_LIMITS, signal } = options;
  const writer = new TreeWriter(treePath, { limits });
  try {
    const meter = new Meter(source, signal);
    const { stream, start } = await decompress(meter);
    const check = (more = 0) => {
      const bytes = writer.bytes + more;
      if (bytes > limits.anyRatioBytes && bytes > limits.maxRatio * meter.bytes) {
        throw archiveError(`it unpacks to more than ${limits.maxRatio} times its size (see max-unpack-ratio)`);
      }
    };
    // The programs that unpack themselves: a zip archive with something before it.
    const holdsZip = bytesToBinary(start).includes("PK\x03\x04");
    const lastModified = isZip(start)
      ? await unpackZip(stream, { writer, check })
      : await unpackTar(stream, { writer, check, holdsZip });
    const { synced } = writer.finish({ stripTop: true });
    const [nar] = await Promise.all([hashTree(treePath), synced]);
    return { narHash: nar.hash, narSize: nar.size, lastModified };
  } catch (e) {
    writer.abandon();
    throw e instanceof NarError ? archiveError(e.message, { cause: e }) : e;
  }
}

/** Returns hash and size of the NAR of a tree file. */
// deno-lint-ignore require-await -- so that what it throws rejects, while the sync it runs beside goes on
export async function hashTree(path: string): Promise<{ readonly hash: Hash; readonly size: number }> {
  return hashTreeNow(path);
}

/** Like {@link hashTree}, at once. */
export function hashTreeNow(path: string): { readonly hash: Hash; readonly size: number } {
  const tree = TreeFile.open(path, { passing: true });
  try {
    return hashNar(tree, "");
  } finally {
    tree.close();
  }
}

interface Target {
  readonly writer: TreeWriter;
  /** Looks whether the archive has grown too much, or would with so many bytes more. */
  readonly check: (more?: number) => void;
}

async function unpackTar(
  stream: ByteStream,
  target: Target & { readonly holdsZip: boolean },
): Promise<number> {
  const { writer, check, holdsZip } = target;
  const reader = new TarReader(fromTop(writer));
  let empty = true;
  try {
    // To the end, even when the archive has ended: a compressed stream has its checksum there.
    for await (const chunk of stream) {
      empty &&= chunk.length === 0;
      reader.push(chunk);
      check();
      release(chunk);
    }
    if (empty) throw archiveError("it is empty");
    reader.end();
  } catch (e) {
    const isTar = reader.members > 0 || !(e instanceof FetchError && e.code === "archive");
    if (isTar || !holdsZip) throw e;
    throw unsupportedArchive("it is no tar archive, and may be a zip archive behind something else", { cause: e });
  }
  return reader.lastModified;
}

async function unpackZip(stream: ByteStream, { writer, check }: Target): Promise<number> {
  const scratch = `${writer.path}.zip`;
  const file = Deno.openSync(scratch, { write: true, createNew: true });
  try {
    try {
      for await (const chunk of stream) {
        for (let at = 0; at < chunk.length;) {
          at += await file.write(chunk.subarray(at)).catch((e) => {
            throw cannotWrite(e);
          });
        }
      }
    } finally {
      file.close();
    }
    return await readZip(scratch, fromTop(writer), check);
  } finally {
    Deno.removeSync(scratch);
  }
}

/** Returns what writes members to where C++ Nix does: every path begins at the top, and ".." leads no higher. */
function fromTop(writer: TreeWriter): ArchiveSink {
  return {
    directory: (path) => writer.directory(canonical(path)),
    symlink: (path, target) => writer.symlink(belowTop(path), target),
    file: (path, how) => writer.file(belowTop(path), how),
    hardLink(path, target) {
      const to = canonical(target);
      // As C++ Nix does, leaves out links to the top itself.
      if (to !== "") writer.hardLink(belowTop(path), to);
    },
    contents: (chunk) => writer.contents(chunk),
  };
}

/** Returns the canonical path of something that isn't a directory. */
function belowTop(path: string): string {
  const below = canonical(path);
  if (below === "") throw archiveError(`"${path}" is not a directory`);
  return below;
}

/** What git, where C++ Nix keeps trees, takes for its own directory, on any system. */
const GIT_DIRECTORY = /^(?:\.git|git~1)(?:[\\:]|[ .]*$)/i;

function canonical(path: string): string {
  const below = canonicalPath(`/${path}`).slice(1);
  const name = below.split("/").find((name) => GIT_DIRECTORY.test(name));
  if (name === undefined) return below;
  const reason = `failed to insert entry: invalid name for a tree entry - ${name}`;
  throw new FetchError("archive", mark`adding a file to a tree builder: ${reason} (libgit2 error code = ${14})`);
}

function isZip(start: Uint8Array): boolean {
  if (start[0] !== 0x50 || start[1] !== 0x4b) return false;
  return (start[2] === 3 && start[3] === 4) || (start[2] === 5 && start[3] === 6);
}

/** Counts what passes, and stops when told to. */
class Meter implements ByteStream {
  bytes = 0;
  readonly #source: ByteStream;
  readonly #signal: AbortSignal | undefined;

  constructor(source: ByteStream, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.#signal?.throwIfAborted();
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}
