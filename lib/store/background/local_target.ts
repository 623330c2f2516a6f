// A store on disk as what is written to.

import { narChunks } from "../../format/nar.ts";
import type { StorePath } from "../../format/store_path.ts";
import { chunksOf } from "../daemon/frames.ts";
import { notValid } from "../errors.ts";
import { HOST_TREE } from "../files/host_tree.ts";
import { LocalStore } from "../local.ts";
import type { Adding } from "../local/adding.ts";
import type { StoreLayout } from "../local/layout.ts";
import { collectGarbage } from "../local/collect_garbage.ts";
import { verifyStore } from "../local/verify.ts";
import type { PathInfo } from "../store.ts";
import {
  type Addition,
  type Collected,
  contentsOf,
  type RootOptions,
  type Target,
  type VerifyOptions,
} from "./target.ts";

/** A store in a directory. */
export class LocalTarget implements Target {
  readonly mode: string;
  readonly #store: LocalStore;
  #last: Promise<void> = Promise.resolve();

  constructor(place: { readonly mode: string; readonly layout: StoreLayout }) {
    this.mode = place.mode;
    this.#store = LocalStore.open(place.layout);
  }

  validPaths(paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>> {
    this.#store.addTempRoots(paths);
    return Promise.resolve(new Set(paths.filter((path) => this.#store.isValid(path))));
  }

  add(objects: readonly Addition[]): Promise<void> {
    // One after the other: what one refers to is among those before.
    const done = this.#last.then(() => this.#add(objects));
    this.#last = done.catch(() => {});
    return done;
  }

  async #add(objects: readonly Addition[]): Promise<void> {
    const adding = this.#store.begin(objects.map(({ path }) => path));
    try {
      for (const object of objects) if (adding.isMissing(object.path)) await write(adding, object);
    } catch (e) {
      adding.abort();
      throw e;
    }
    adding.commit();
  }

  /** Nobody but this process can give its temporary roots up. */
  keepOn(): Promise<void> {
    return Promise.resolve();
  }

  isValid(path: StorePath): Promise<boolean> {
    return Promise.resolve(this.#store.isValid(path));
  }

  pathInfo(path: StorePath): Promise<PathInfo | undefined> {
    return Promise.resolve(this.#store.queryPathInfo(path));
  }

  nar(path: StorePath, sink: (chunk: Uint8Array) => void): Promise<void> {
    if (!this.#store.isValid(path)) throw notValid(path);
    for (const chunk of narChunks(HOST_TREE, this.#store.realPath(path))) sink(chunk);
    return Promise.resolve();
  }

  addRoot(link: string, path: StorePath, { mayBeInvalid = false }: RootOptions = {}): Promise<void> {
    if (!mayBeInvalid && !this.#store.isValid(path)) throw notValid(path);
    this.#store.addRoot(link, path);
    return Promise.resolve();
  }

  paths(): Promise<StorePath[]> {
    return Promise.resolve(this.#store.database.paths());
  }

  referrers(path: StorePath): Promise<StorePath[]> {
    return Promise.resolve(this.#store.database.referrers(path));
  }

  verify({ contents, onProblem }: VerifyOptions): Promise<boolean> {
    let isFine = true;
    for (const { message } of verifyStore(this.#store, { contents })) {
      isFine = false;
      onProblem(message);
    }
    return Promise.resolve(isFine);
  }

  collectGarbage(options: { readonly dryRun: boolean }): Promise<Collected> {
    return Promise.resolve(collectGarbage(this.#store, options));
  }

  close(): void {
    this.#store.close();
  }
}

async function write(adding: Adding, object: Addition): Promise<void> {
  const { path, references, ca, contents, narHash } = object;
  if (contents.kind === "text") {
    adding.text({ path, references, contents: contents.bytes, narHash, textHash: ca.hash });
    return;
  }
  const writer = adding.contents({ path, references, ca });
  try {
    for await (const chunk of chunksOf(contentsOf(object))) writer.push(chunk);
    writer.end();
  } catch (e) {
    writer.abort();
    throw e;
  }
}
