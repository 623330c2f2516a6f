// Whether what was seen of the world (recording.ts) is still so: what an evaluator looks at that keeps values from one job to
// the next.
//
// A file or directory whose times, size and inode are as they were when it was last looked into isn't looked into again;
// when in doubt it is. There is doubt about those that were touched shortly before that (isSettled): they may have changed
// since without it showing in times that coarse. lib/result_cache.ts goes by the same rule.

import { hashHex } from "../format/hash.ts";
import { hashListing } from "../format/listing.ts";
import { DENO_CALLS } from "./_deno_calls.ts";
import { type FileCalls, type FileStamp, isSettled } from "./_file_calls.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { noteOf, type Observations, type SeenType } from "./recording.ts";

/** A stamp and what was there then, if that was looked into. */
interface Looked {
  readonly stamp: FileStamp;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Looks at the world again and again, and remembers what it looked like. */
export class WorldCheck {
  readonly #looked = new Map<string, Looked>();
  readonly #calls: FileCalls = loadPosixCalls() ?? DENO_CALLS;

  /** Returns the notes (see {@link noteOf}) that hold no more. `getEnv` returns values of variables. */
  changes(seen: Observations, getEnv: (name: string) => string): string[] {
    const changed: string[] = [];
    for (const [name, value] of seen.env) if (getEnv(name) !== value) changed.push(noteOf("env", name));
    for (const [path, type] of seen.types) {
      const stamp = this.#calls.stamp(path);
      if (typeOf(stamp) !== type) {
        for (const kind of ["types", "contents", "listings", "links"] as const) {
          if (seen[kind].has(path)) changed.push(noteOf(kind, path));
        }
        continue;
      }
      if (stamp === undefined) continue;
      const contents = seen.contents.get(path);
      if (contents !== undefined && this.#hash(path, stamp, "contents") !== contents) {
        changed.push(noteOf("contents", path));
      }
      const listing = seen.listings.get(path);
      if (listing !== undefined && this.#hash(path, stamp, "listings") !== listing) {
        changed.push(noteOf("listings", path));
      }
    }
    for (const [path, target] of seen.links) {
      if (attempt(() => this.#calls.readLink(path)) !== target) changed.push(noteOf("links", path));
    }
    return changed;
  }

  #hash(path: string, stamp: FileStamp, kind: "contents" | "listings"): string | undefined {
    const known = this.#looked.get(path);
    if (known !== undefined && isTrusted(known, stamp)) return known.hash;
    const at = Date.now();
    const hash = attempt(() =>
      kind === "listings"
        ? hashListing(this.#calls.readDir(path))
        : hashHex("sha256", this.#calls.readFile(path, stamp.size))
    );
    if (hash === undefined) this.#looked.delete(path);
    else this.#looked.set(path, { stamp, hash, at });
    return hash;
  }
}

function isTrusted({ stamp: then, at }: Looked, now: FileStamp): boolean {
  return then.modified === now.modified && then.changed === now.changed && then.size === now.size &&
    then.inode === now.inode && isSettled(then, at);
}

function typeOf(stamp: FileStamp | undefined): SeenType {
  return stamp === undefined ? "absent" : stamp.executable ? "executable" : stamp.type;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
