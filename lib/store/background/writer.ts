// The worker's part of writing in the background: takes entries off the pipe, asks which are valid, adds those that aren't.
//
// Entries are taken as many as there are, so that a fast evaluator makes large batches and a slow one doesn't wait. While a
// batch is being added the next one is already hashed; the order of all is kept. After a failure nothing more is added and
// whatever comes is dropped, so that the writer of the pipe isn't held up on its way to hear of it.
//
// Once everything is there hours may pass until more comes, and the store be restarted meanwhile: before anything else is
// said or added, it is made sure that what was there still is.

import { printHash } from "../../format/hash.ts";
import type { PipeReader } from "./chunk_pipe.ts";
import { type Entry, EntryReader } from "./entries.ts";
import { prepare } from "./prepare.ts";
import type { Addition, Target } from "./target.ts";

/** The most that goes into a batch. */
const MAX_ENTRIES = 512;
const MAX_BYTES = 1 << 21;
/** How many batches may be on their way to the store at once. */
const MAX_BATCHES = 2;

/** What became of the entries since it was last asked. */
export interface Written {
  /** Those that were added: which entry, and the hash of its NAR as SRI. */
  readonly added: readonly (readonly [index: number, narHash: string])[];
  readonly alreadyValid: number;
}

/** Writes what comes through a pipe to a store. */
export class BackgroundWriter {
  readonly #pipe: PipeReader;
  readonly #target: Promise<Target>;
  readonly #onFailure: () => void;
  readonly #entries: EntryReader;
  #failure: unknown;
  /** Whether everything was in the store when it was last heard of. */
  #isPaused = false;
  #adds: Promise<void>[] = [];
  #added: (readonly [number, string])[] = [];
  #alreadyValid = 0;
  #waiting: { readonly resolve: (written: Written) => void; readonly reject: (error: unknown) => void }[] = [];

  constructor(parts: {
    readonly pipe: PipeReader;
    readonly target: Promise<Target>;
    /** Called when nothing more will be written. */
    readonly onFailure: () => void;
  }) {
    this.#pipe = parts.pipe;
    this.#entries = new EntryReader(parts.pipe);
    this.#target = parts.target;
    this.#onFailure = parts.onFailure;
  }

  /** Writes for ever. */
  async run(): Promise<never> {
    for (;;) {
      try {
        await this.#step();
      } catch (e) {
        this.#fail(e);
      }
    }
  }

  /** Waits until all that was handed over before is in the store. @throws what went wrong */
  flush(): Promise<Written> {
    const done = new Promise<Written>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#pipe.poke();
    return done;
  }

  #fail(e: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = e;
    this.#onFailure();
  }

  async #step(): Promise<void> {
    if (this.#failure !== undefined) this.#pipe.discard();
    if (!this.#pipe.isEmpty) {
      await this.#resume();
      const entries = await this.#collect();
      if (entries.length > 0) await this.#write(entries);
    } else if (this.#waiting.length > 0) {
      await this.#resume();
      await Promise.all(this.#adds);
      if (this.#pipe.isEmpty) this.#answer();
    } else {
      await this.#pipe.wait();
    }
  }

  async #resume(): Promise<void> {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    await (await this.#target).keepOn(this.#entries.paths);
  }

  #answer(): void {
    this.#isPaused = this.#failure === undefined;
    for (const { resolve, reject } of this.#waiting) {
      if (this.#failure !== undefined) reject(this.#failure);
      else resolve({ added: this.#added, alreadyValid: this.#alreadyValid });
      this.#added = [];
      this.#alreadyValid = 0;
    }
    this.#waiting = [];
  }

  /** Reads the entries that are there. */
  async #collect(): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let bytes = 0; !this.#pipe.isEmpty && entries.length < MAX_ENTRIES && bytes < MAX_BYTES;) {
      const entry = await this.#entries.next();
      entries.push(entry);
      if (entry.contents.kind === "text") bytes += entry.contents.nar.length;
      // What follows it is its contents.
      if (entry.contents.kind === "inline") break;
    }
    return entries;
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const target = await this.#target;
    const last = entries[entries.length - 1];
    const inline = last.contents.kind === "inline" ? last.contents.parts : undefined;
    const valid = await target.validPaths(entries.map(({ path }) => path));
    const missing = entries.filter(({ path }) => !valid.has(path));
    this.#alreadyValid += entries.length - missing.length;
    if (inline !== undefined && missing.at(-1) !== last) await drain(inline);
    const additions: Addition[] = [];
    for (const entry of missing) additions.push(await prepare(entry));
    while (this.#adds.length >= MAX_BATCHES) await this.#adds[0];
    if (this.#failure !== undefined || additions.length === 0) return;
    const add = this.#add(target, additions);
    this.#adds.push(add);
    if (inline === undefined) return;
    await add;
    // Somebody else may have added it meanwhile, and then nobody read it.
    if (this.#failure === undefined) await drain(inline);
  }

  /** Never rejects: failures are kept. */
  async #add(target: Target, additions: readonly Addition[]): Promise<void> {
    try {
      await target.add(additions);
      for (const { index, narHash } of additions) this.#added.push([index, printHash(narHash, "sri")]);
    } catch (e) {
      this.#fail(e);
    } finally {
      for (const { dispose } of additions) dispose?.();
      this.#adds.shift();
    }
  }
}

async function drain(parts: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of parts) { /* not wanted */ }
}
