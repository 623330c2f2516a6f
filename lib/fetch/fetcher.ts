// Fetching for the synchronous evaluator: fetches are started in workers, run there while evaluation goes on, and are waited
// for when somebody reads what they fetch.
//
// Each thing is fetched once, however often it is asked for. Nothing here is loaded or started before the first fetch: the
// workers hold the HTTP client, the cache's index and all that unpacks. Known store paths are none of this class's business:
// it is told what to fetch, and says what came.

import { type BlockingCall, BlockingTimeoutError, CancelledError, WorkerPool } from "../blocking/pool.ts";
import { utf8ToBinary } from "../format/bytes.ts";
import { type Hash, parseSri } from "../format/hash.ts";
import type { InputAttrs } from "./attrs.ts";
import { FetchError, reviveFetchError } from "./errors.ts";
import { replayEvents } from "./events.ts";
import { contentsKey, type Fetch, fetchKey } from "./fetch.ts";
import type { FetchReport } from "./report.ts";
import type { FetchSettings } from "./settings.ts";
import { endSession, newSession } from "./scratch.ts";
import type { TreeMessage } from "./tasks.ts";
import { TreeFile } from "./tree_file.ts";

/** What a Fetcher is made of. */
export interface FetcherOptions {
  readonly settings: FetchSettings;
  /** URL of the workers' module, where it isn't the package's own: one that serves `fetchTasks`. */
  readonly worker?: string;
  /** Gets what workers report, whenever something is started or waited for; nobody does unless given. */
  readonly report?: FetchReport;
  /** Called before workers are given something to do; may throw. */
  readonly onUse?: () => void;
}

/** What a worker is opened with. */
export interface FetchWorkerContext {
  readonly settings: FetchSettings;
  /** Whom scratch files belong to. */
  readonly session: string;
}

/** Something that was fetched. */
export interface Fetched {
  /** Of the tree file. */
  readonly path: string;
  /** SHA-256 of the NAR. */
  readonly narHash: Hash;
  /** In bytes. */
  readonly narSize: number;
  /** Whether nothing had to be fetched for it. */
  readonly fromCache: boolean;
  /** What the store path is made of: the hash of the file, or of the NAR. */
  readonly hash: Hash;
  /** For inputs: all attributes, `narHash` among them. */
  readonly attrs: InputAttrs;
}

/** A fetch and what it gave. */
export interface FetchResult {
  readonly fetch: Fetch;
  readonly fetched: Fetched;
}

const MAX_WORKERS = 4;

/** Starts fetches and waits for them. */
export class Fetcher {
  readonly settings: FetchSettings;
  readonly #options: FetcherOptions;
  /** By what is fetched; what it is then called in the store makes no difference. */
  readonly #calls = new Map<string, BlockingCall<TreeMessage>>();
  readonly #trees = new Map<string, TreeFile>();
  readonly #results = new Map<string, FetchResult>();
  #session = "";
  #pool: WorkerPool | undefined;
  #passing = false;

  constructor(options: FetcherOptions) {
    this.settings = options.settings;
    this.#options = options;
  }

  /** Starts a fetch, unless it has been. */
  start(fetch: Fetch): void {
    // Where nothing can be kept, waiting says so.
    if (this.settings.cacheDir !== "") this.#call(fetch);
  }

  /** Whether a fetch was started. */
  isStarted(fetch: Fetch): boolean {
    return this.#calls.has(contentsKey(fetch));
  }

  /** Returns what a fetch gives; blocks until it is there. @throws {FetchError} */
  wait(fetch: Fetch): Fetched {
    const key = fetchKey(fetch);
    const known = this.#results.get(key);
    if (known !== undefined) return known.fetched;
    if (!namesOneTree(fetch)) this.#passing = true;
    let got = fetched(this.#wait(this.#call(fetch)));
    if (!this.#isThere(got)) {
      // Somebody pruned the cache since. Once open it stays.
      this.#calls.delete(contentsKey(fetch));
      got = fetched(this.#wait(this.#call(fetch)));
      this.tree(got);
    }
    this.#results.set(key, { fetch, fetched: got });
    return got;
  }

  /** What was waited for and came, in the order in which it was first asked for. */
  results(): Iterable<FetchResult> {
    return this.#results.values();
  }

  /** Whether something was fetched, or looked at, that may be another thing tomorrow. */
  get isPassing(): boolean {
    return this.#passing;
  }

  /** Forgets what may be another thing by now, so that it is fetched anew. */
  forgetPassing(): void {
    for (const [key, { fetch }] of this.#results) {
      if (namesOneTree(fetch)) continue;
      this.#results.delete(key);
      this.#calls.delete(contentsKey(fetch));
    }
  }

  /** How many fetches were started and aren't done. */
  get pending(): number {
    let pending = 0;
    for (const call of this.#calls.values()) if (!call.done) pending++;
    return pending;
  }

  /** Returns the tree of what was fetched, open for reading until the fetcher is closed. */
  tree(fetched: Fetched): TreeFile {
    let tree = this.#trees.get(fetched.path);
    if (tree === undefined) this.#trees.set(fetched.path, tree = TreeFile.open(fetched.path));
    return tree;
  }

  /** Returns the latest time stamp of a file or below a directory of the host, in seconds since 1970. */
  latestTime(path: string): number {
    this.#passing = true;
    return this.#open().call<number>("latestTime", path);
  }

  /** Ends the workers. What is under way is given up. */
  close(): void {
    for (const tree of this.#trees.values()) tree.close();
    this.#trees.clear();
    if (this.#pool === undefined) return;
    this.#pool.close();
    this.#pool = undefined;
    endSession(this.settings.cacheDir, this.#session);
  }

  #isThere(fetched: Fetched): boolean {
    try {
      this.tree(fetched);
      return true;
    } catch (e) {
      if (e instanceof Deno.errors.NotFound) return false;
      throw e;
    }
  }

  #wait(call: BlockingCall<TreeMessage>): TreeMessage {
    try {
      return call.wait();
    } catch (e) {
      if (!(e instanceof BlockingTimeoutError || e instanceof CancelledError)) throw e;
      throw new FetchError("interrupted", utf8ToBinary(e.message), { cause: e });
    }
  }

  #call(fetch: Fetch): BlockingCall<TreeMessage> {
    const key = contentsKey(fetch);
    let call = this.#calls.get(key);
    if (call === undefined) {
      call = fetch.kind === "input"
        ? this.#open().start<TreeMessage>("input", fetch.input.attrs)
        : this.#open().start<TreeMessage>("url", fetch);
      this.#calls.set(key, call);
    }
    return call;
  }

  #onEvent(report: FetchReport): (event: unknown, worker: number) => void {
    const replay = replayEvents(report) as (event: unknown, worker: number) => void;
    return (event, worker) => {
      report.waiting?.(Math.max(0, this.pending - this.settings.concurrency));
      replay(event, worker);
    };
  }

  #open(): WorkerPool {
    const { settings, report, onUse } = this.#options;
    onUse?.();
    if (settings.cacheDir === "") {
      throw new FetchError(
        "cache",
        "Cannot fetch: --cache-dir, XDG_CACHE_HOME and HOME don't say where to keep things",
      );
    }
    const onEvent = report === undefined ? undefined : this.#onEvent(report);
    this.#session ||= newSession();
    const size = Math.max(1, Math.min(MAX_WORKERS, navigator.hardwareConcurrency, settings.concurrency));
    return this.#pool ??= new WorkerPool({
      worker: this.#options.worker ?? new URL("./fetch_worker.ts", import.meta.url).href,
      size,
      concurrency: settings.concurrency,
      context: { settings, session: this.#session } satisfies FetchWorkerContext,
      revive: reviveFetchError,
      onEvent,
    });
  }
}

function fetched(message: TreeMessage): Fetched {
  const narHash = parseSri(message.narHash);
  return {
    path: message.path,
    narHash,
    narSize: message.narSize,
    fromCache: message.fromCache,
    hash: message.hash === undefined ? narHash : parseSri(message.hash),
    attrs: new Map(message.attrs ?? []),
  };
}

/** Whether a fetch says which tree it is. */
function namesOneTree(fetch: Fetch): boolean {
  if (fetch.kind !== "input") return fetch.hash !== undefined;
  return fetch.input.attrs.has("narHash") || fetch.input.attrs.has("rev");
}
