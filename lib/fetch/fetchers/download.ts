// Files and archives from URLs, through the cache: what is younger than `tarball-ttl` is believed, what is older is asked
// about with its ETag.

import { binaryToUtf8 } from "../../format/bytes.ts";
import type { Hash } from "../../format/hash.ts";
import { Hasher, parseSri, printHash } from "../../format/hash.ts";
import { NarReader } from "../../format/nar_reader.ts";
import { decompress } from "../archive/decompress.ts";
import type { ByteStream } from "../archive/sink.ts";
import { unpackArchive } from "../archive/unpack.ts";
import type { Fact } from "../cache.ts";
import { archiveError, FetchError, inputError, mark, redactUrl } from "../errors.ts";
import type { HttpAnswer } from "../http/request.ts";
import { TreeFile } from "../tree_file.ts";
import type { TreeWriter } from "../tree_writer.ts";
import { parseUrl, urlPathToFile } from "../url.ts";
import { alreadyThere, type FetchContext, inScratch, type Obtained, writeTree } from "./context.ts";

/** What the cache knows of a URL. */
interface UrlFact {
  readonly etag: string;
  /** SRI. */
  readonly narHash: string;
  readonly lastModified?: number;
  readonly immutableUrl?: string;
}

/** What was at a URL. */
export interface Downloaded extends Obtained {
  /** The latest time stamp in an archive, in seconds since 1970; 0 for files. */
  readonly lastModified: number;
  /** Where the same thing will always be, as the server says. */
  readonly immutableUrl: string | undefined;
}

/** How to download. */
export interface DownloadOptions {
  /** Headers with secrets. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** What is said to be unpacked, if not the URL. */
  readonly shown?: string;
}

/** Returns the file at a URL as a tree that is one file. @throws {FetchError} */
export async function downloadFile(cx: FetchContext, url: string, options: DownloadOptions = {}): Promise<Downloaded> {
  return await throughCache(cx, "file", url, options, async (body) => {
    const obtained = await writeTree(cx, async (writer) => {
      writer.file("", { executable: false });
      for await (const chunk of body) writer.contents(chunk);
    });
    return { obtained, lastModified: 0 };
  });
}

/** Returns what is in the archive at a URL. @throws {FetchError} */
export async function downloadTarball(
  cx: FetchContext,
  url: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  checkLocal(url);
  return await throughCache(cx, "tarball", url, options, (body) => unpack(cx, { body, url }, options));
}

async function unpack(
  cx: FetchContext,
  { body, url }: { readonly body: ByteStream; readonly url: string },
  options: DownloadOptions,
): Promise<{ readonly obtained: Obtained; readonly lastModified: number }> {
  const path = cx.cache.scratchPath();
  const activity = cx.report.start({ kind: "other", level: 3, text: `unpacking '${options.shown ?? redactUrl(url)}'` });
  const unpacked = await unpackArchive(body, {
    treePath: path,
    limits: cx.settings.limits,
    signal: cx.signal,
  }).finally(() => activity.stop());
  return { obtained: inScratch(cx, path, unpacked), lastModified: unpacked.lastModified };
}

/** Downloads and unpacks an archive that isn't to be remembered by its URL. @throws {FetchError} */
export async function downloadArchive(
  cx: FetchContext,
  url: string,
  options: DownloadOptions,
): Promise<{ readonly obtained: Obtained; readonly lastModified: number }> {
  const { value } = await cx.http.download(
    { url, headers: options.headers, signal: cx.signal },
    (body) => unpack(cx, { body, url }, options),
  );
  return value!;
}

/** Returns an executable file at a URL as a tree. @throws {FetchError} */
export async function downloadExecutable(cx: FetchContext, url: string): Promise<Obtained> {
  return await withoutCache(cx, url, (body) =>
    writeTree(cx, async (writer) => {
      writer.file("", { executable: true });
      for await (const chunk of body) writer.contents(chunk);
    }));
}

/** Returns the tree whose NAR is at a URL. As C++ Nix does, only ".xz" at its end says that it is compressed. */
export async function downloadNar(cx: FetchContext, url: string): Promise<Obtained> {
  return await withoutCache(cx, url, (body) =>
    writeTree(cx, async (writer) => {
      await readNar(url.endsWith(".xz") ? (await decompress(body)).stream : body, writer);
    }));
}

async function withoutCache(
  cx: FetchContext,
  url: string,
  consume: (body: ByteStream) => Promise<Obtained>,
): Promise<Obtained> {
  return (await cx.http.download({ url, signal: cx.signal }, consume)).value!;
}

async function readNar(body: ByteStream, writer: TreeWriter): Promise<void> {
  const reader = new NarReader();
  const names: string[] = [];
  const path = () => names.join("/");
  /** Whether the next node is an entry's, whose name goes when the node is complete. */
  let depth = 0;
  const take = () => {
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      switch (event.type) {
        case "directory":
          if (depth++ > 0) writer.directory(path());
          break;
        case "entry":
          names.length = depth - 1;
          names.push(event.name);
          break;
        case "end":
          depth--;
          names.length = Math.max(0, depth - 1);
          break;
        case "symlink":
          writer.symlink(path(), event.target);
          break;
        case "regular":
          writer.file(path(), event);
          break;
        case "contents":
          writer.contents(event.chunk);
      }
    }
  };
  try {
    for await (const chunk of body) {
      reader.push(chunk);
      take();
    }
    reader.end();
    take();
  } catch (e) {
    if (e instanceof FetchError) throw e;
    throw archiveError(e instanceof Error ? e.message : String(e), { cause: e });
  }
}

async function throughCache(
  cx: FetchContext,
  domain: "file" | "tarball",
  url: string,
  options: DownloadOptions,
  read: (body: ByteStream) => Promise<{ readonly obtained: Obtained; readonly lastModified: number }>,
): Promise<Downloaded> {
  const { cache, settings } = cx;
  const known = cache.fact<UrlFact>(domain, url);
  const tree = known === undefined ? undefined : cache.tree(parseSri(known.value.narHash));
  if (known !== undefined && tree !== undefined && (settings.offline || cache.isFresh(known, settings.tarballTtl))) {
    return fromFact(known, alreadyThere(tree));
  }
  const etag = tree === undefined ? undefined : known?.value.etag;
  let answer: HttpAnswer;
  let value: Awaited<ReturnType<typeof read>> | undefined;
  try {
    ({ answer, value } = await cx.http.download({ url, etag, headers: options.headers, signal: cx.signal }, read));
  } catch (e) {
    if (
      !(e instanceof FetchError) || known === undefined || tree === undefined ||
      e.code === "archive" || e.code === "unsupported"
    ) throw e;
    cx.report.warn(`${e.message.split("\n", 1)[0]}; using cached version`);
    return fromFact(known, alreadyThere(tree));
  }
  const note = (fact: UrlFact) => {
    // Whoever is redirected here later has it too.
    for (const at of answer.urls) cache.note(domain, at, fact);
  };
  if (value === undefined) {
    const fact = known!.value;
    return fromFact(known!, alreadyThere(tree!, () => note(fact)));
  }
  const { obtained, lastModified } = value;
  const { immutableUrl } = answer;
  const fact: UrlFact = {
    etag: answer.etag,
    narHash: printHash(obtained.narHash, "sri"),
    ...(domain === "tarball" ? { lastModified } : {}),
    ...(immutableUrl === undefined ? {} : { immutableUrl }),
  };
  return {
    ...obtained,
    lastModified,
    immutableUrl,
    async keep() {
      const kept = await obtained.keep();
      note(fact);
      return kept;
    },
  };
}

function fromFact(fact: Fact<UrlFact>, obtained: Obtained): Downloaded {
  const { lastModified = 0, immutableUrl } = fact.value;
  return { ...obtained, lastModified, immutableUrl };
}

/** Says what is wrong with URLs of local files that can't be archives. @throws {FetchError} in C++ Nix's words */
function checkLocal(text: string): void {
  const url = parseUrl(text);
  if (url.scheme !== "file") return;
  const path = urlPathToFile(url.path);
  if (path[0] !== "/") {
    throw inputError(
      mark`tarball '${text}' must use an absolute path. The 'file' scheme does not support relative paths.`,
    );
  }
  const stat = statOf(path);
  const shown = `"${path}"`;
  if (stat === undefined) throw new FetchError("not-found", mark`tarball ${shown} does not exist.`);
  if (!stat.isDirectory) return;
  if (statOf(`${path}/.git`) !== undefined) {
    throw inputError(
      mark`tarball ${shown} is a git repository, not a tarball. Please use ` +
        "`git+file` as the scheme.",
    );
  }
  throw inputError(mark`tarball ${shown} is a directory, not a file.`);
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(binaryToUtf8(path));
  } catch {
    return undefined;
  }
}

/** Returns the hash of the contents of a tree file that is one file. */
export function flatHash(path: string, algo: Hash["algo"]): Hash {
  const file = TreeFile.open(path);
  try {
    const hasher = new Hasher(algo);
    const contents = file.readFile("");
    if (contents instanceof Uint8Array) hasher.update(contents);
    else for (const chunk of contents.chunks) hasher.update(chunk);
    return { algo, digest: hasher.digest() };
  } finally {
    file.close();
  }
}

/** Returns the error of a file that isn't what was expected; hashes as C++ Nix prints them. */
export function hashMismatch(url: string, hashes: { readonly wanted: Hash; readonly got: Hash }): FetchError {
  const print = (hash: Hash) => printHash(hash, "nix32", { prefix: true });
  return new FetchError(
    "mismatch",
    mark`hash mismatch in file downloaded from '${redactUrl(url)}':\n  specified: ${
      print(hashes.wanted)
    }\n  got:       ${print(hashes.got)}`,
  );
}
