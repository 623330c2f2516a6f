// Fetches of things at URLs: fetchurl, fetchTarball, `builtin:fetchurl` derivations. All are checked against their hash
// before anything is kept.

import { equalHashes, type Hash, Hasher, parseSri, printHash } from "../../format/hash.ts";
import { writeNar } from "../../format/nar.ts";
import { FetchError, redactUrl, withFrame } from "../errors.ts";
import type { UrlFetch } from "../fetch.ts";
import { TreeFile } from "../tree_file.ts";
import type { CachedTree } from "../cache.ts";
import type { FetchContext, Obtained } from "./context.ts";
import { downloadExecutable, downloadFile, downloadNar, downloadTarball, flatHash, hashMismatch } from "./download.ts";

/** A tree that was fetched and accepted, with the hash that its store path is made of. */
export interface FetchedUrl {
  readonly tree: CachedTree;
  /** As {@link UrlFetch.hash} would have it. */
  readonly hash: Hash;
  readonly fromCache: boolean;
}

/** What leads from the hash of contents, or of a NAR by another algorithm, to a tree. */
interface HashFact {
  /** SRI. */
  readonly narHash: string;
}

/** Fetches what is at a URL and checks it. @throws {FetchError} */
export async function fetchUrl(cx: FetchContext, fetch: UrlFetch): Promise<FetchedUrl> {
  const { kind, url, hash: wanted } = fetch;
  if (wanted !== undefined) {
    const tree = findByHash(cx, kind, wanted);
    if (tree !== undefined) return { tree, hash: wanted, fromCache: true };
  }
  if (kind === "file" && wanted !== undefined) {
    const mirrored = await fromMirrors(cx, wanted);
    if (mirrored !== undefined) return mirrored;
  }
  const obtained = await obtain(cx, fetch);
  return await accept(cx, obtained, { kind, url, wanted });
}

async function obtain(cx: FetchContext, { kind, url }: UrlFetch): Promise<Obtained> {
  switch (kind) {
    case "file":
      return await downloadFile(cx, url);
    case "tarball":
      return await withFrame(
        () => `while fetching the input '\x1b[35;1m${redactUrl(url)}\x1b[0m'`,
        () => downloadTarball(cx, url),
      );
    case "executable":
      return await downloadExecutable(cx, url);
    case "nar":
      return await downloadNar(cx, url);
  }
}

async function accept(
  cx: FetchContext,
  obtained: Obtained,
  fetch: { readonly kind: UrlFetch["kind"]; readonly url: string; readonly wanted: Hash | undefined },
): Promise<FetchedUrl> {
  const { kind, url, wanted } = fetch;
  const algo = wanted?.algo ?? "sha256";
  // The NAR's SHA-256 is known; anything else is read for.
  const known = kind !== "file" && algo === "sha256";
  const hash = known
    ? obtained.narHash
    : kind === "file"
    ? flatHash(obtained.path, algo)
    : treeHash(obtained.path, algo);
  if (wanted !== undefined && !equalHashes(hash, wanted)) {
    obtained.discard();
    throw hashMismatch(url, { wanted, got: hash });
  }
  const tree = await obtained.keep();
  if (!known) {
    cx.cache.note("hash", hashKey(kind, hash), { narHash: printHash(tree.narHash, "sri") } satisfies HashFact);
  }
  return { tree, hash, fromCache: obtained.fromCache };
}

function findByHash(cx: FetchContext, kind: UrlFetch["kind"], wanted: Hash): CachedTree | undefined {
  if (kind !== "file" && wanted.algo === "sha256") return cx.cache.tree(wanted);
  const fact = cx.cache.fact<HashFact>("hash", hashKey(kind, wanted));
  return fact === undefined ? undefined : cx.cache.tree(parseSri(fact.value.narHash));
}

function hashKey(kind: UrlFetch["kind"], hash: Hash): string {
  return `${kind === "file" ? "flat" : "nar"}:${printHash(hash, "base16", { prefix: true })}`;
}

/** Asks the hashed mirrors for a file; undefined if none has it. */
async function fromMirrors(cx: FetchContext, wanted: Hash): Promise<FetchedUrl | undefined> {
  for (const mirror of cx.settings.hashedMirrors) {
    const url = `${mirror.replace(/\/?$/, "/")}${wanted.algo}/${printHash(wanted, "base16")}`;
    try {
      return await accept(cx, await downloadFile(cx, url), { kind: "file", url, wanted });
    } catch (e) {
      if (!(e instanceof FetchError)) throw e;
      cx.report.message(6, e.message);
    }
  }
}

function treeHash(path: string, algo: Hash["algo"]): Hash {
  const file = TreeFile.open(path);
  try {
    const hasher = new Hasher(algo);
    writeNar(file, "", { sink: (chunk) => hasher.update(chunk) });
    return { algo, digest: hasher.digest() };
  } finally {
    file.close();
  }
}
