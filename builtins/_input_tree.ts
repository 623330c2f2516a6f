/**
 * The tree of an input as a value: its store path and what is known of it.
 *
 * Where the input's hash is known, and it is clear which attributes the value has, nothing is waited for: what only fetching
 * tells is left to thunks.
 */
import { type InputAttrs, maybeBool, maybeInt, maybeString, withAttrs } from "../lib/fetch/attrs.ts";
import { FetchError, nothingAt, symlinkInTheWay } from "../lib/fetch/errors.ts";
import { fetchStorePath, type InputFetch } from "../lib/fetch/fetch.ts";
import { type Input, inputType, isFinal, narHashMismatch, printInput, relativePathOf } from "../lib/fetch/input.ts";
import { narHashSri, revHex } from "../lib/fetch/input_hash.ts";
import { printHash } from "../lib/format/hash.ts";
import { isStorePath, type StorePath, storePathName } from "../lib/format/store_path.ts";
import { type Attrs, AttrsBuilder } from "../lib/runtime/attrs.ts";
import { canonPath } from "../lib/runtime/coerce.ts";
import { Context } from "../lib/runtime/context.ts";
import { hint, withPlacelessFrame } from "../lib/runtime/errors.ts";
import type { EvalIO } from "../lib/runtime/io.ts";
import { lazy } from "../lib/runtime/thunk.ts";
import { ContextString, type Slot } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { asNixErrors, enter, type FetchDeps, fetchLater, fetchNow } from "./_fetching.ts";

/** How a tree is shown. */
export interface TreeOptions {
  /** Whether a tree without commit has one of zeros, as `fetchGit` has it. */
  readonly emptyRev?: boolean;
}

const NULL_REV = "0".repeat(40);

/** Returns the set that describes an input's tree. @throws {NixError} */
export function inputTree(deps: FetchDeps, input: Input, options: TreeOptions = {}): Attrs {
  if (inputType(input) === "path") return pathTree(deps, input);
  const fetch: InputFetch = { kind: "input", input };
  const names = knownNames(input);
  if (names !== undefined) {
    const outPath = fetchLater(deps, fetch);
    return describe(outPath, asNixErrors(() => withHash(input)), {
      names,
      fetched: () => fetchNow(deps, fetch).attrs,
    });
  }
  const { attrs } = fetchNow(deps, fetch);
  const result: Input = { scheme: input.scheme, attrs };
  const path = asNixErrors(() => fetchStorePath({ kind: "input", input: result }, { storeDir: deps.io.storeDir })!);
  return describe(enter(deps, fetch, path), attrs, options);
}

/** Returns the attributes with the hash in its one form. */
function withHash({ attrs }: Input): InputAttrs {
  return withAttrs(attrs, { narHash: narHashSri(attrs) });
}

/** What a tree's set may have, of an input's attributes. */
type TreeAttr = "rev" | "revCount" | "lastModified";

/** Returns which of them a tree has that needn't be fetched for its path; undefined for others. */
function knownNames(input: Input): ReadonlySet<TreeAttr> | undefined {
  const { attrs } = input;
  if (asNixErrors(() => narHashSri(attrs)) === undefined) return undefined;
  const given = (["rev", "revCount", "lastModified"] as const).filter((name) => attrs.has(name));
  if (isFinal(input)) return new Set(given);
  switch (inputType(input)) {
    case "file":
      return new Set(given);
    case "tarball":
      // Archives without time stamps would have none.
      return new Set([...given, "lastModified"]);
    case "github":
    case "gitlab":
    case "sourcehut":
      return new Set(["rev", "lastModified"]);
    case "git":
      // Of a local working tree only looking tells whether it has a commit.
      if (!hasCommit(attrs)) return undefined;
      return new Set(attrs.get("shallow") === true ? ["rev", "lastModified"] : ["rev", "lastModified", "revCount"]);
    case "hg":
      return hasCommit(attrs) ? new Set(["rev", "revCount"]) : undefined;
    default:
      return undefined;
  }
}

function hasCommit(attrs: InputAttrs): boolean {
  return attrs.has("rev") || attrs.has("ref") || !String(attrs.get("url")).startsWith("file:");
}

/**
 * Returns the set of a tree whose attributes are known, but for those of `names` that `fetched` will tell. Their names are
 * interned here, as they come, because the order in which names are first seen is visible.
 */
function describe(
  outPath: ContextString,
  attrs: InputAttrs,
  options: TreeOptions & {
    readonly names?: ReadonlySet<TreeAttr>;
    readonly fetched?: () => InputAttrs;
  },
): Attrs {
  const { names, fetched, emptyRev } = options;
  const builder = new AttrsBuilder();
  builder.add(intern("outPath"), outPath);
  const narHash = maybeString(attrs, "narHash");
  if (narHash !== undefined) builder.add(intern("narHash"), narHash);
  if (maybeString(attrs, "type") === "git") builder.add(intern("submodules"), maybeBool(attrs, "submodules") ?? false);

  const add = (name: TreeAttr, read: (attrs: InputAttrs) => Slot | undefined, emit: (value: Slot) => void) => {
    const known = read(attrs);
    if (known !== undefined) emit(known);
    else if (names?.has(name)) emit(lazy(() => (read(fetched!()) ?? 0) as number));
  };
  const rev = asNixErrors(() => revHex(attrs));
  if (rev !== undefined || names?.has("rev")) {
    const text = () => rev ?? revHex(fetched!())!;
    builder.add(intern("rev"), rev ?? lazy(text));
    builder.add(intern("shortRev"), rev?.slice(0, 7) ?? lazy(() => text().slice(0, 7)));
  } else if (emptyRev) {
    builder.add(intern("rev"), NULL_REV);
    builder.add(intern("shortRev"), NULL_REV.slice(0, 7));
  }
  const revCount = (from: InputAttrs) => maybeInt(from, "revCount");
  if (revCount(attrs) === undefined && !names?.has("revCount") && emptyRev) builder.add(intern("revCount"), 0);
  else add("revCount", revCount, (value) => builder.add(intern("revCount"), value));
  const dirtyRev = maybeString(attrs, "dirtyRev");
  if (dirtyRev !== undefined) {
    builder.add(intern("dirtyRev"), dirtyRev);
    builder.add(intern("dirtyShortRev"), maybeString(attrs, "dirtyShortRev") ?? "");
  }
  const lastModified = (from: InputAttrs) => maybeInt(from, "lastModified");
  add("lastModified", lastModified, (value) => builder.add(intern("lastModified"), value));
  add("lastModified", (from) => {
    const time = lastModified(from);
    return time === undefined ? undefined : formatDate(Number(time));
  }, (value) => builder.add(intern("lastModifiedDate"), value));
  return builder.build();
}

/** Returns seconds since 1970 as YYYYMMDDhhmmss, in UTC. */
function formatDate(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const pad = (n: number) => String(n).padStart(2, "0");
  return date.getUTCFullYear() + [
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ].map(pad).join("");
}

/** A local path is copied as any other source is; a store path stays what it is. */
function pathTree(deps: FetchDeps, input: Input): Attrs {
  const { io } = deps;
  const shown = asNixErrors(() => printInput(input));
  try {
    const relative = relativePathOf(input);
    if (relative !== undefined) {
      throw new FetchError("input", hint`cannot fetch input '${shown}' because it uses a relative path`);
    }
    const path = canonPath(maybeString(input.attrs, "path")!);
    deps.allowPath(path);
    const inStore = isStorePath(path, { storeDir: io.storeDir }) && storePathName(path as StorePath) === "source"
      ? deps.narHash(path as StorePath)
      : undefined;
    if (inStore === undefined) checkReadable(io, path);
    const storePath = inStore !== undefined ? path : io.importPath(path, { name: "source", method: "nar" });
    const hash = inStore ?? deps.narHash(storePath as StorePath);
    const narHash = hash === undefined ? undefined : printHash(hash, "sri");
    const specified = asNixErrors(() => narHashSri(input.attrs));
    if (specified !== undefined && narHash !== undefined && specified !== narHash) {
      throw narHashMismatch(input, narHash);
    }
    const outPath = new ContextString(storePath, Context.of(storePath));
    const lastModified = maybeInt(input.attrs, "lastModified");
    const attrs = withAttrs(input.attrs, { narHash });
    if (lastModified !== undefined || inStore !== undefined) {
      return describe(outPath, withAttrs(attrs, { lastModified: lastModified ?? 0 }), {});
    }
    return describe(outPath, attrs, {
      names: new Set(["lastModified"]),
      fetched: () => withAttrs(attrs, { lastModified: deps.fetcher?.latestTime(path) ?? 0 }),
    });
  } catch (e) {
    throw withPlacelessFrame(asNixError(e), hint`while fetching the input '${shown}'`);
  }
}

/** Refuses what isn't there, and what symlinks lead to: unlike other sources, inputs are looked at where they are. */
function checkReadable(io: EvalIO, path: string): void {
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    const folder = path.slice(0, at);
    if (io.fileType(folder) === "symlink") throw symlinkInTheWay(folder);
  }
  if (io.fileType(path) === undefined) throw nothingAt(path);
}

function asNixError(error: unknown): unknown {
  try {
    asNixErrors(() => {
      throw error;
    });
  } catch (e) {
    return e;
  }
}
