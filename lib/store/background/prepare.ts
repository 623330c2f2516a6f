// Finding out what a store wants to know of a path before it is added, once it is certain that it is missing: above all the
// hash of its NAR, which for a text or a file that is hashed flat isn't the hash its path is made of.

import { type Hash, hashBytes, Hasher } from "../../format/hash.ts";
import { narChunks } from "../../format/nar.ts";
import type { ContentAddress } from "../../format/content_address.ts";
import { type ByteSource, chunksOf } from "../daemon/frames.ts";
import { cannotRead, hostFailed, unsupportedFile } from "../errors.ts";
import { HOST_TREE, hostStat } from "../files/host_tree.ts";
import type { HostTree } from "../store.ts";
import type { Entry, EntryContents } from "./entries.ts";
import { type Addition, type AdditionContents, fileNar } from "./target.ts";

/**
 * Returns an entry as what is to be added. Reads contents that aren't identified by the hash of their NAR.
 * @throws {StoreError}
 */
export async function prepare(entry: Entry): Promise<Addition> {
  try {
    return await prepareEntry(entry);
  } catch (e) {
    throw cannotRead(entry.path, e);
  }
}

async function prepareEntry(entry: Entry): Promise<Addition> {
  const { index, path, references, contents } = entry;
  const named = { index, path, references };
  switch (contents.kind) {
    case "text":
      return { ...named, ...prepareText(contents) };
    case "host":
      return { ...named, ...await hashed(contents, hostContents(contents.ca, contents.host)) };
    case "inline": {
      const { ca, size, parts } = contents;
      if (isNarHash(ca) && size !== undefined) {
        return {
          ...named,
          ca,
          narHash: ca.hash,
          narSize: size,
          contents: { kind: "nar", open: () => parts, isOnce: true },
        };
      }
      // Its hash comes before it in what a store wants to hear, so it has to be put aside.
      const file = await spool(parts);
      const dispose = () => Deno.removeSync(file);
      const kept = fileContents(ca, file);
      return { ...named, ...await hashed({ ca, size: undefined }, kept), dispose };
    }
  }
}

type TextContents = Extract<EntryContents, { readonly kind: "text" }>;

function prepareText(contents: TextContents): Omit<Addition, "index" | "path" | "references"> {
  const { nar, bytes } = contents;
  return {
    ca: { method: "text", hash: { algo: "sha256", digest: hashBytes("sha256", bytes) } },
    narHash: { algo: "sha256", digest: hashBytes("sha256", nar) },
    narSize: nar.length,
    contents,
  };
}

interface Described {
  readonly ca: ContentAddress;
  readonly size: number | undefined;
}

/** Adds hash and size of the NAR, which may be known already. */
async function hashed(
  { ca, size }: Described,
  contents: AdditionContents,
): Promise<Pick<Addition, "ca" | "narHash" | "narSize" | "contents">> {
  if (isNarHash(ca) && size !== undefined) return { ca, narHash: ca.hash, narSize: size, contents };
  const hasher = new Hasher("sha256");
  const nar = contents.kind === "flat" ? fileNar(contents) : contents.kind === "nar" ? contents.open() : contents.nar;
  for await (const chunk of chunksOf(nar)) hasher.update(chunk);
  const narHash: Hash = { algo: "sha256", digest: hasher.digest() };
  return { ca, narHash, narSize: hasher.length, contents };
}

function isNarHash({ method, hash }: ContentAddress): boolean {
  return method === "nar" && hash.algo === "sha256";
}

function hostContents(ca: ContentAddress, { root, leftOut }: HostTree): AdditionContents {
  if (ca.method !== "nar") return fileContents(ca, root);
  const filter = leftOut.size === 0 ? undefined : (path: string) => !leftOut.has(path);
  return { kind: "nar", open: () => narChunks(HOST_TREE, root, { filter }) };
}

/** The contents that lie in a file: a NAR, or the bytes of a file that is hashed flat. */
function fileContents(ca: ContentAddress, file: string): AdditionContents {
  const open = (): ByteSource => {
    const contents = HOST_TREE.readFile(file);
    return contents instanceof Uint8Array ? contents : contents.chunks;
  };
  if (ca.method === "nar") return { kind: "nar", open };
  const stat = hostStat(file);
  if (stat?.type !== "regular") throw unsupportedFile(file);
  return { kind: "flat", size: stat.size, open };
}

/** Writes parts to a temporary file and returns its path. */
async function spool(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const file = Deno.makeTempFileSync({ prefix: "devix-store-" });
  try {
    using out = Deno.openSync(file, { write: true });
    for await (const part of parts) for (let at = 0; at < part.length;) at += out.writeSync(part.subarray(at));
    return file;
  } catch (e) {
    Deno.removeSync(file);
    throw hostFailed("write temporary file", file, e);
  }
}
