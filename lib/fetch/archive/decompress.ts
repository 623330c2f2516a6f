// Compression, recognised by content: gzip, bzip2, xz, zstd, one in the other if need be (a server that compresses what is
// compressed already makes such files).
//
// gzip is node:zlib's (native; 480 MB/s of output, Deno 2.9). xz-decompress is WebAssembly of the kernel's xz (MIT, HTTP
// Toolkit's; 52 MB/s); it knows no SHA-256 checks and no BCJ filters, which are unsupported; node-liblzma knows them and is LGPL,
// which a single binary can't well hold. For bzip2 and zstd see there. They are loaded when they are met.
//
// Every format but uncompressed data has checksums and knows its end, so what comes out is complete or there is an error.

import type { Transform } from "node:stream";
import zlib from "node:zlib";
import { concatBytes } from "../../format/bytes.ts";
import { archiveError, FetchError, reasonOf, unsupportedArchive } from "../errors.ts";
import { bunzip2 } from "./bzip2.ts";
import { type ByteStream, release } from "./sink.ts";
import { unzstd } from "./zstd.ts";

/** A stream and its start. */
export interface Decompressed {
  readonly stream: ByteStream;
  /** The first bytes, at least 512 if there are as many. */
  readonly start: Uint8Array;
}

const START_BYTES = 512;
const MAX_LAYERS = 4;
const CHUNK_BYTES = 1 << 18;

interface Format {
  readonly name: string;
  readonly magic: readonly number[];
  readonly open?: (input: ByteStream) => ByteStream;
}

const FORMATS: readonly Format[] = [
  { name: "gzip", magic: [0x1f, 0x8b], open: gunzip },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68], open: bunzip2 },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], open: unxz },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], open: unzstd },
  { name: "lz4", magic: [0x04, 0x22, 0x4d, 0x18] },
  { name: "lzip", magic: [0x4c, 0x5a, 0x49, 0x50] },
  { name: "compress", magic: [0x1f, 0x9d] },
  { name: "lzma", magic: [0x5d, 0x00, 0x00] },
];

/** Returns what is in a stream once nothing compressed is left. @throws {FetchError} for a format we can't read */
export async function decompress(input: ByteStream): Promise<Decompressed> {
  let peeked = await peek(input);
  for (let layer = 0;; layer++) {
    const format = FORMATS.find(({ magic }) => magic.every((byte, i) => peeked.start[i] === byte));
    if (format === undefined) return peeked;
    if (format.open === undefined) throw unsupportedArchive(`it is compressed with ${format.name}`);
    if (layer === MAX_LAYERS) throw archiveError(`it is compressed more than ${MAX_LAYERS} times over`);
    peeked = await peek(explain(format.name, format.open(peeked.stream)));
  }
}

/** Reads the start of a stream and returns it with a stream that still has it. */
async function peek(input: ByteStream): Promise<{ readonly start: Uint8Array; readonly stream: ByteStream }> {
  const iterator = input[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < START_BYTES) {
    const { value, done } = await iterator.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  const start = concatBytes(chunks);
  async function* rejoin(): AsyncGenerator<Uint8Array> {
    try {
      if (start.length > 0) yield start;
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { start, stream: rejoin() };
}

/** Says in our words what a decompressor complains about. */
async function* explain(format: string, stream: ByteStream): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (e) {
    if (e instanceof FetchError) throw e;
    throw archiveError(`its ${format} data is damaged or cut off (${reasonOf(e)})`, { cause: e });
  }
}

/** Sends a stream through one of Node's. What the source throws is thrown: a download that broke is no damaged archive. */
export async function* pipeThrough(input: ByteStream, through: Transform): AsyncGenerator<Uint8Array> {
  let failure: { readonly error: unknown } | undefined;
  const feed = async () => {
    const pieces = input[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { value, done } = await pieces.next().catch((error) => {
          failure = { error };
          throw error;
        });
        if (done) break;
        // Called back when all of it was taken in and came out again.
        await new Promise<void>((resolve, reject) => through.write(value, (e) => e ? reject(e) : resolve()));
        release(value);
      }
      through.end();
    } catch (e) {
      through.destroy(e as Error);
    } finally {
      await pieces.return?.();
    }
  };
  const fed = feed().catch(() => {});
  try {
    for await (const chunk of through) yield chunk;
    await fed;
  } catch (e) {
    throw failure?.error ?? e;
  } finally {
    through.destroy();
  }
}

async function* gunzip(input: ByteStream): AsyncGenerator<Uint8Array> {
  try {
    yield* pipeThrough(input, zlib.createGunzip({ chunkSize: CHUNK_BYTES }));
  } catch (e) {
    // Of all headers but the first, which was looked at. What came before it is lost with the exception.
    if (!(e instanceof Error) || e.message !== "incorrect header check") throw e;
    throw unsupportedArchive("its gzip data is followed by something else", { cause: e });
  }
}

/** Errors of what the kernel's xz can't do, and other programs can. */
const XZ_UNSUPPORTED: Readonly<Record<string, string>> = {
  2: "its xz data has another check than CRC32 and CRC64",
  4: "its xz data has too large a dictionary",
  6: "its xz data has a filter or a check nobody here knows",
};

const XZ_ERRORS: Readonly<Record<string, string>> = {
  3: "out of memory",
  5: "not an xz stream",
  7: "a checksum is wrong",
  8: "it ends early",
};

async function* unxz(input: ByteStream): AsyncGenerator<Uint8Array> {
  const module = await import("xz-decompress");
  // Deno and its bundler don't agree on what a CommonJS module's default export is.
  const { XzReadableStream } = module.default ?? module;
  try {
    const decompressed: ReadableStream<Uint8Array> = new XzReadableStream(ReadableStream.from(input));
    for await (const chunk of decompressed) yield chunk;
  } catch (e) {
    const code = e instanceof Error ? /error code (\d+)/.exec(e.message)?.[1] : undefined;
    if (code !== undefined && code in XZ_UNSUPPORTED) throw unsupportedArchive(XZ_UNSUPPORTED[code], { cause: e });
    throw code === undefined ? e : new Error(XZ_ERRORS[code] ?? `error ${code}`, { cause: e });
  }
}
