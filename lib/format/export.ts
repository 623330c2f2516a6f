// The stream of `nix-store --export` and `--import`: for each path a 1, its NAR, a magic number, the path, its references
// and its deriver ("" if unknown), and a 0 (a 1 and a signature in streams of old versions); then a 0. What a path is called
// comes after its contents, so a reader has to put the NAR aside. Paths come after those they refer to.

import { NarReader } from "./nar_reader.ts";
import type { ByteSink } from "./nar.ts";
import { type DrvPath, parseStorePath, type StoreDirOptions, type StorePath } from "./store_path.ts";
import { WireReader, WireWriter } from "./wire.ts";
import { concatBytes } from "./bytes.ts";
import { sortedSet } from "./sorted.ts";
import { TruncatedError, WireError } from "./errors.ts";

const EXPORT_MAGIC = 0x4558494e;

/** What an export says of a store path besides its contents. */
export interface ExportedPath {
  readonly path: StorePath;
  /** Sorted. */
  readonly references: readonly StorePath[];
  readonly deriver?: DrvPath;
}

/** Writes an export stream to a sink, path by path. */
export class ExportWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Writes a path; `writeNar` writes its NAR to the sink it is given. */
  path(info: ExportedPath, writeNar: (sink: ByteSink) => void): void {
    this.#sink(new WireWriter().u64(1).take());
    writeNar(this.#sink);
    this.#sink(
      new WireWriter().u64(EXPORT_MAGIC).string(info.path).strings(sortedSet(info.references)).string(
        info.deriver ?? "",
      )
        .u64(0).take(),
    );
  }

  /** Writes the end. */
  end(): void {
    this.#sink(new WireWriter().u64(0).take());
  }
}

/** What comes next in an export stream. */
export type ExportEvent =
  /** Some of the next path's NAR, as it is in the stream. */
  | { readonly type: "nar"; readonly chunk: Uint8Array }
  /** The NAR is complete, and belongs to this path. */
  | { readonly type: "path"; readonly info: ExportedPath; readonly narSize: number };

/**
 * Yields the contents of an export stream given whole or in chunks.
 * @throws {WireError|NarError|StorePathError} if it isn't one, or ends early.
 */
export function* readExport(
  input: Uint8Array | Iterable<Uint8Array>,
  options: StoreDirOptions = {},
): Generator<ExportEvent, void> {
  const chunks = (input instanceof Uint8Array ? [input] : input)[Symbol.iterator]();
  let buffer = new Uint8Array(0);

  /** Reads with as many more chunks as it takes. */
  const read = <T>(parse: (reader: WireReader) => T): T => {
    for (;;) {
      const reader = new WireReader(buffer);
      try {
        const value = parse(reader);
        buffer = new Uint8Array(reader.rest);
        return value;
      } catch (error) {
        if (!(error instanceof TruncatedError)) throw error;
        const next = chunks.next();
        if (next.done) throw new WireError(`Cannot read export: ${error.message}`, { cause: error });
        buffer = concatBytes([buffer, next.value]) as Uint8Array<ArrayBuffer>;
      }
    }
  };

  for (;;) {
    const more = read((reader) => reader.bigU64());
    if (more === 0n) return;
    if (more !== 1n) throw new WireError("Cannot read export: it doesn't begin like the output of nix-store --export");
    const nar = new NarReader();
    for (let chunk: Uint8Array = buffer;;) {
      nar.push(chunk);
      while (nar.next() !== undefined) { /* only where it ends matters */ }
      const rest = nar.done ? nar.rest : new Uint8Array(0);
      if (chunk.length > rest.length) yield { type: "nar", chunk: chunk.subarray(0, chunk.length - rest.length) };
      if (nar.done) {
        buffer = new Uint8Array(rest);
        break;
      }
      const next = chunks.next();
      if (next.done) {
        nar.end();
        nar.next();
      } else {
        chunk = next.value;
      }
    }
    yield { type: "path", info: read((reader) => readTrailer(reader, options)), narSize: nar.offset };
  }
}

function readTrailer(reader: WireReader, options: StoreDirOptions): ExportedPath {
  const magic = reader.bigU64();
  if (magic !== BigInt(EXPORT_MAGIC)) {
    throw new WireError(`Cannot read export: magic number is 0x${magic.toString(16)}`);
  }
  const path = parseStorePath(reader.string(), options);
  const references = reader.strings().map((reference) => parseStorePath(reference, options));
  const deriver = reader.string();
  if (reader.bigU64() === 1n) reader.string();
  return { path, references, ...(deriver === "" ? {} : { deriver: parseStorePath(deriver, options) as DrvPath }) };
}
