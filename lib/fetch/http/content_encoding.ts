// What servers encode though they aren't asked to (Content-Encoding, RFC 9110 section 8.4), decoded as curl does for C++ Nix.
//
// Unlike curl, which takes what came of a body that is cut off, a body whose encoding isn't complete is an error. On Deno
// 2.6 the runtime decodes gzip and brotli first, and an empty body that claims to be so is an error of the transfer.

import zlib from "node:zlib";
import { pipeThrough } from "../archive/decompress.ts";
import type { ByteStream } from "../archive/sink.ts";
import { unzstd } from "../archive/zstd.ts";
import { fatalError } from "./errors.ts";

type Decoder = (body: ByteStream) => ByteStream;

/** As curl. */
const MAX_ENCODINGS = 5;

const gunzip: Decoder = (body) => pipeThrough(body, zlib.createGunzip());

const DECODERS: Readonly<Record<string, Decoder>> = {
  identity: (body) => body,
  none: (body) => body,
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: inflate,
  br: (body) => pipeThrough(body, zlib.createBrotliDecompress()),
  zstd: unzstd,
};

/** Undoes the encoding of a body. @throws {FetchError} what `body` throws, or that it isn't so encoded */
export async function* decodeBody(
  body: ByteStream,
  { response, shown }: { readonly response: Response; readonly shown: string },
): AsyncGenerator<Uint8Array> {
  const decode = contentDecoder(response.headers.get("content-encoding"));
  // Once they came, errors of the transfer are not of its encoding.
  let broken: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  try {
    if (decode === undefined) throw new Error("unknown encoding");
    yield* decode(watched());
  } catch (e) {
    if (broken !== undefined) throw broken.error;
    const what = "Unrecognized or bad HTTP Content or Transfer-Encoding";
    throw fatalError(shown, `HTTP error ${response.status} (curl error: ${what})`, e);
  }
}

/** Returns what decodes a body with that header, the last encoding first; undefined if nobody here knows one of them. */
function contentDecoder(header: string | null): Decoder | undefined {
  const names = (header ?? "").split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
  if (names.length > MAX_ENCODINGS || names.some((name) => !Object.hasOwn(DECODERS, name))) return undefined;
  return (body) => names.reduceRight((encoded, name) => unlessEmpty(encoded, DECODERS[name]), body);
}

/** An empty body is empty whatever its encoding: answers without a body have the header too. */
async function* unlessEmpty(body: ByteStream, decode: Decoder): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  try {
    const first = await nextPiece(pieces);
    if (first !== undefined) yield* decode(rejoin(first, pieces));
  } finally {
    await pieces.return?.();
  }
}

/** Some servers send what is in zlib's format, as they should, and some the bare data. */
async function* inflate(body: ByteStream): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  const first = (await nextPiece(pieces))!;
  const isWrapped = (first[0] & 0x0f) === 8 && (first.length < 2 || (first[0] << 8 | first[1]) % 31 === 0);
  yield* pipeThrough(rejoin(first, pieces), isWrapped ? zlib.createInflate() : zlib.createInflateRaw());
}

async function nextPiece(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) return undefined;
    if (value.length > 0) return value;
  }
}

async function* rejoin(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let piece = await rest.next(); !piece.done; piece = await rest.next()) yield piece.value;
  } finally {
    await rest.return?.();
  }
}
