// What those who fetch work with, and what they hand back.

import { printHash } from "../../format/hash.ts";
import type { Hash } from "../../format/hash.ts";
import { hashTree } from "../archive/unpack.ts";
import type { InputAttrs } from "../attrs.ts";
import type { CachedTree, FetchCache } from "../cache.ts";
import type { HttpClient } from "../http/client.ts";
import type { Input, InputOptions } from "../input.ts";
import type { FetchReport } from "../report.ts";
import { type FetchSettings, inputOptions } from "../settings.ts";
import { TreeWriter } from "../tree_writer.ts";

/** Where and how to fetch. */
export interface FetchContext {
  readonly settings: FetchSettings;
  readonly cache: FetchCache;
  readonly http: HttpClient;
  readonly report: FetchReport;
  readonly signal?: AbortSignal;
}

/** A tree that was got hold of and isn't accepted yet. One of `keep` and `discard` has to be called. */
export interface Obtained {
  /** Where the tree file is until then. */
  readonly path: string;
  readonly narHash: Hash;
  /** In bytes. */
  readonly narSize: number;
  /** Whether it was in the cache. */
  readonly fromCache: boolean;
  /** Takes it into the cache, with what was learnt on the way. */
  keep(): Promise<CachedTree>;
  /** Leaves nothing of it behind. */
  discard(): void;
}

/** What fetching an input gives. */
export interface ObtainedInput extends Obtained {
  /** The input's attributes with what fetching it told, but for `narHash`. */
  readonly attrs: InputAttrs;
}

/** Fetches inputs of one kind. @throws {FetchError} */
export type InputFetcher = (cx: FetchContext, input: Input) => Promise<ObtainedInput>;

/** Options for reading inputs that come up while fetching: they were allowed already. */
export function innerOptions(cx: FetchContext): InputOptions {
  return {
    ...inputOptions(cx.settings, (message) => cx.report.warn(message)),
    features: new Set([...cx.settings.features, "flakes", "fetch-tree", "verified-fetches"]),
  };
}

/** Returns a tree of the cache as something obtained. */
export function alreadyThere(tree: CachedTree, note: () => void = () => {}): Obtained {
  return {
    ...tree,
    fromCache: true,
    keep() {
      note();
      return Promise.resolve(tree);
    },
    discard() {},
  };
}

/** Returns a tree file in the scratch folder as something obtained; `note` is called when it is in the cache. */
export function inScratch(
  cx: FetchContext,
  path: string,
  tree: { readonly narHash: Hash; readonly narSize: number; readonly note?: () => void },
): Obtained {
  const { narHash, narSize, note } = tree;
  return {
    path,
    narHash,
    narSize,
    fromCache: false,
    async keep() {
      const kept = await cx.cache.addTree(path, { narHash, narSize });
      note?.();
      return kept;
    },
    discard: () => Deno.removeSync(path),
  };
}

/** Writes a tree file in the scratch folder and returns it as something obtained. */
export async function writeTree(
  cx: FetchContext,
  write: (writer: TreeWriter) => Promise<void>,
  note?: (narHash: string) => void,
): Promise<Obtained> {
  const { path, narHash, narSize } = await writeScratch(cx, write, { sync: true });
  return inScratch(cx, path, { narHash, narSize, note: () => note?.(printHash(narHash, "sri")) });
}

/** Like {@link writeTree}, for a tree that may be another one tomorrow: it stays in the scratch folder. */
export async function writePassingTree(
  cx: FetchContext,
  write: (writer: TreeWriter) => Promise<void>,
): Promise<Obtained> {
  const tree = await writeScratch(cx, write, { sync: false });
  return { ...tree, fromCache: false, keep: () => Promise.resolve(tree), discard: () => Deno.removeSync(tree.path) };
}

async function writeScratch(
  cx: FetchContext,
  write: (writer: TreeWriter) => Promise<void>,
  options: { readonly sync: boolean },
): Promise<CachedTree> {
  const path = cx.cache.scratchPath();
  const writer = new TreeWriter(path, { limits: cx.settings.limits });
  try {
    await write(writer);
    const { synced } = writer.finish(options);
    const [{ hash, size }] = await Promise.all([hashTree(path), synced]);
    return { path, narHash: hash, narSize: size };
  } catch (e) {
    writer.abandon();
    throw e;
  }
}
