// What the workers of a Fetcher do: the asynchronous side of fetching. See fetcher.ts for the other.

import type { Task } from "../blocking/serve.ts";
import { type Hash, printHash } from "../format/hash.ts";
import type { AttrValue } from "./attrs.ts";
import { FetchCache } from "./cache.ts";
import type { UrlFetch } from "./fetch.ts";
import { HttpClient } from "./http/client.ts";
import { inputFromAttrs } from "./input.ts";
import type { FetchReport } from "./report.ts";
import type { FetchSettings } from "./settings.ts";
import { type FetchContext, innerOptions } from "./fetchers/context.ts";
import { latestTime } from "./fetchers/host_tree.ts";
import { fetchInput } from "./fetchers/input_fetch.ts";
import { fetchUrl } from "./fetchers/url_fetch.ts";

/** A tree, as a worker tells of it. */
export interface TreeMessage {
  /** Of the tree file. */
  readonly path: string;
  /** SRI. */
  readonly narHash: string;
  /** In bytes. */
  readonly narSize: number;
  readonly fromCache: boolean;
  /** For things at URLs: what the store path is made of; SRI. */
  readonly hash?: string;
  /** For inputs. */
  readonly attrs?: readonly (readonly [string, AttrValue])[];
}

/** The tasks by name. */
export interface FetchTasks extends Readonly<Record<string, Task>> {
  /** A {@link UrlFetch} → {@link TreeMessage} */
  readonly url: Task;
  /** Attributes of an input, as a Map → {@link TreeMessage} */
  readonly input: Task;
  /** A path of the host → the latest time stamp below it */
  readonly latestTime: Task;
}

/** Returns the tasks of one worker. */
export function fetchTasks(
  options: { readonly settings: FetchSettings; readonly session: string; readonly report: FetchReport },
): FetchTasks {
  const { settings, session, report } = options;
  const cache = new FetchCache(settings.cacheDir, { session });
  const http = new HttpClient({ ...settings, env: Deno.env.toObject() }, report);
  const context = (signal: AbortSignal): FetchContext => ({ settings, cache, http, report, signal });
  return {
    async url(fetch: UrlFetch, { signal }): Promise<TreeMessage> {
      const { tree, hash, fromCache } = await fetchUrl(context(signal), fetch);
      return { ...message(tree), fromCache, hash: printHash(hash, "sri") };
    },
    async input(attrs: ReadonlyMap<string, AttrValue>, { signal }): Promise<TreeMessage> {
      const cx = context(signal);
      const { tree, attrs: got, fromCache } = await fetchInput(cx, inputFromAttrs(attrs, innerOptions(cx)));
      return {
        ...message(tree),
        fromCache,
        attrs: [...got].map(([k, v]) => [k, typeof v === "bigint" ? Number(v) : v]),
      };
    },
    latestTime: (path: string) => latestTime(path),
  };
}

function message(tree: { readonly path: string; readonly narHash: Hash; readonly narSize: number }) {
  return { path: tree.path, narHash: printHash(tree.narHash, "sri"), narSize: tree.narSize };
}
