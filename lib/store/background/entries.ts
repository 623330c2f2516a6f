// What goes through the pipe: one entry for each path, in the order in which they were made.
//
// An entry is u32 kind, then
//   text:    u32 lengths of path, references (joined by spaces) and contents, and these
//   source:  u32 length of a description, and that as JSON in ASCII
//   inline:  the same, then the contents: parts of u32 length and bytes, ended by a length of 0, or of ABORTED if reading
//            them failed
// Sources are read again by the worker where they lie on the host. Others (virtual files, fetched trees) are sent.

import { bytesToBinary } from "../../format/bytes.ts";
import { type ContentAddress, parseContentAddress, printContentAddress } from "../../format/content_address.ts";
import { fileNarFrame } from "../../format/nar.ts";
import type { StorePath } from "../../format/store_path.ts";
import { StoreError } from "../errors.ts";
import type { HostTree, SourceObject, TextObject } from "../store.ts";
import type { PipeReader, PipeWriter } from "./chunk_pipe.ts";

const TEXT = 1;
const SOURCE = 2;
const INLINE = 3;
const ABORTED = 0xffff_ffff;

/** A path to be added, as the worker gets it. */
export interface Entry {
  /** Which one of all entries it is, from 0 on. */
  readonly index: number;
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly contents: EntryContents;
}

/** Where contents are. */
export type EntryContents =
  /** The NAR of a file, and of it the file's bytes. */
  | { readonly kind: "text"; readonly nar: Uint8Array<ArrayBuffer>; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "host"; readonly ca: ContentAddress; readonly size: number | undefined; readonly host: HostTree }
  /** To be read before the next entry, to its end. */
  | {
    readonly kind: "inline";
    readonly ca: ContentAddress;
    readonly size: number | undefined;
    readonly parts: AsyncIterable<Uint8Array>;
  };

interface Description {
  readonly path: StorePath;
  readonly references: readonly StorePath[];
  readonly ca: string;
  readonly size?: number;
  readonly root?: string;
  readonly leftOut?: readonly string[];
}

/** Writes a text. */
export function writeText(to: PipeWriter, { path, contents, references }: TextObject): void {
  const joined = references.join(" ");
  to.u32(TEXT);
  to.u32(path.length);
  to.u32(joined.length);
  to.u32(contents.length);
  to.text(path);
  to.text(joined);
  to.text(contents);
}

/** Writes a source: where it lies, or all of it. @throws what reading it throws */
export function writeSource(to: PipeWriter, source: SourceObject): void {
  const { path, references, ca, size, host } = source;
  const described: Description = {
    path,
    references,
    ca: printContentAddress(ca),
    ...(size === undefined ? {} : { size }),
    ...(host === undefined ? {} : { root: host.root, leftOut: [...host.leftOut] }),
  };
  const text = asciiJson(described);
  to.u32(host === undefined ? INLINE : SOURCE);
  to.u32(text.length);
  to.text(text);
  if (host !== undefined) return;
  try {
    source.dump((chunk) => {
      if (chunk.length === 0) return;
      to.u32(chunk.length);
      to.bytes(chunk);
    });
  } catch (e) {
    to.u32(ABORTED);
    throw e;
  }
  to.u32(0);
}

/** Binary strings as JSON whose chars are all ASCII. */
function asciiJson(value: unknown): string {
  // deno-lint-ignore no-control-regex
  return JSON.stringify(value).replace(/[^\x00-\x7f]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Reads the next entry. */
export async function readEntry(from: PipeReader, index: number): Promise<Entry> {
  const kind = await from.u32();
  if (kind === TEXT) {
    const [pathLength, referencesLength, length] = [await from.u32(), await from.u32(), await from.u32()];
    const names = new Uint8Array(pathLength + referencesLength);
    await from.read(names);
    const { head, tail } = fileNarFrame(length);
    const nar = new Uint8Array(head.length + length + tail.length);
    const bytes = nar.subarray(head.length, head.length + length);
    nar.set(head);
    await from.read(bytes);
    nar.set(tail, head.length + length);
    const text = bytesToBinary(names);
    const joined = text.slice(pathLength);
    return {
      index,
      path: text.slice(0, pathLength) as StorePath,
      references: joined === "" ? [] : joined.split(" ") as StorePath[],
      contents: { kind: "text", nar, bytes },
    };
  }
  const json = new Uint8Array(await from.u32());
  await from.read(json);
  const described: Description = JSON.parse(bytesToBinary(json));
  const { path, references, size, root, leftOut = [] } = described;
  const ca = parseContentAddress(described.ca);
  const contents: EntryContents = root === undefined
    ? { kind: "inline", ca, size, parts: inlineParts(from) }
    : { kind: "host", ca, size, host: { root, leftOut: new Set(leftOut) } };
  return { index, path, references, contents };
}

async function* inlineParts(from: PipeReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const length = await from.u32();
    if (length === 0) return;
    // Whoever sent it knows why, and says so.
    if (length === ABORTED) throw new StoreError("Cannot read the contents of a path: whoever sent them failed");
    const part = new Uint8Array(length);
    await from.read(part);
    yield part;
  }
}
