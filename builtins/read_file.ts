/** Builtins that look at files: `readFile`, `readDir`, `readFileType`, `pathExists`, `hashFile`. */
import { bytesToBinary } from "../lib/format/bytes.ts";
import { hashHex } from "../lib/format/hash.ts";
import { hashListing } from "../lib/format/listing.ts";
import { isInStore, splitStorePath, type StorePath, storePathHashPart } from "../lib/format/store_path.ts";
import { EMPTY_ATTRS, makeAttrs } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { Context } from "../lib/runtime/context.ts";
import { callDepth, restoreCallDepth } from "../lib/runtime/depth.ts";
import { evalError, hint, NixError } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { doesNotExist, type EvalIO, type FileType, requireFileType } from "../lib/runtime/io.ts";
import { force } from "../lib/runtime/thunk.ts";
import type { Listing } from "../lib/runtime/tree_cache.ts";
import { isString, makeString, MAX_STRING_LENGTH, type Slot, stringText, type Value } from "../lib/runtime/value.ts";
import { intern, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import type { FileEvaluator } from "./import.ts";
import { type PathDeps, realisePath } from "./_paths.ts";
import { readHashAlgo } from "./_read_hash.ts";

/** What the builtins of this family need. */
export interface FileDeps extends PathDeps {
  readonly features: ReadonlySet<string>;
  readonly evaluator: Pick<FileEvaluator, "listings">;
  /** What a store path refers to; empty if that isn't known. */
  readonly references: (path: StorePath) => readonly StorePath[];
}

/** Returns what a directory lists in the order of names, which gives new ones their symbols. */
function listingOf(entries: readonly (readonly [string, FileType])[]): Listing {
  const n = entries.length;
  // V8 compares strings fast where nobody else does it.
  const names = new Array<string>(n);
  let same = true;
  for (let i = 0; i < n; i++) {
    names[i] = entries[i][0];
    if (entries[i][1] !== entries[0][1]) same = false;
  }
  names.sort();
  // A directory of packages has directories only.
  const types = same ? null : new Map(entries);
  const listing = { names: new Array<Symbol>(n), types: new Array<FileType>(n) };
  for (let i = 0; i < n; i++) {
    listing.names[i] = intern(names[i]);
    listing.types[i] = types === null ? entries[0][1] : types.get(names[i])!;
  }
  return listing;
}

/** Returns the builtins that look at files. */
export function fileBuiltins(deps: FileDeps): readonly Builtin[] {
  const { io } = deps;

  const readFile = (p: Slot): Value => {
    const path = realisePath(deps, p, "full");
    const bytes = io.readFile(path);
    if (bytes.includes(0) || bytes.length > MAX_STRING_LENGTH) {
      throw evalError(hint`the contents of the file '${path}' cannot be represented as a Nix string`);
    }
    const text = bytesToBinary(bytes);
    return makeString(text, Context.from(referencesIn(path, text)));
  };

  /** What the file's store object refers to, as far as the file itself mentions it. */
  const referencesIn = (path: string, text: string): readonly StorePath[] => {
    const { storeDir } = io;
    if (!isInStore(path, { storeDir })) return [];
    let references: readonly StorePath[];
    try {
      references = deps.references(splitStorePath(path, { storeDir }).storePath);
    } catch {
      // As in C++ Nix: a file whose references can't be found out has none.
      return [];
    }
    return references.filter((reference) => text.includes(storePathHashPart(reference)));
  };

  const readDir = (p: Slot): Value => {
    const { names, types } = list(realisePath(deps, p, "full"));
    return names.length === 0 ? EMPTY_ATTRS : makeAttrs(names, types);
  };

  /** Looks at a directory, or at what an earlier evaluation has seen there. */
  const list = (path: string): Listing => {
    const { listings } = deps.evaluator;
    const identity = listings && io.identifyListing?.(path);
    if (identity === undefined) return listingOf(io.readDir(path));
    const known = listings!.find(path, identity.id);
    if (known !== undefined) {
      const { names, types } = known;
      identity.noteUse(() => hashListing(names.map((name, i) => [symbolName(name), types[i]])));
      return known;
    }
    const entries = io.readDir(path);
    listings!.add(path, identity.id, entries);
    return listingOf(entries);
  };

  const readFileType = (p: Slot): Value => {
    const path = realisePath(deps, p, "none");
    refuseSymlinksAbove(io, path);
    return requireFileType(io, path);
  };

  const pathExists = (p: Slot): Value => {
    const depth = callDepth();
    try {
      const v = force(p);
      const text = isString(v) ? stringText(v) : "";
      const mustBeDir = text.endsWith("/") || text.endsWith("/.");
      const type = io.fileType(realisePath(deps, v, mustBeDir ? "full" : "ancestors"));
      return mustBeDir ? type === "directory" : type !== undefined;
    } catch (e) {
      if (!(e instanceof NixError && e.kind === "restricted")) throw e;
      restoreCallDepth(depth);
      return false;
    }
  };

  const hashFile = (type: Slot, p: Slot): Value => {
    const name = forceStringNoContext(type, "while evaluating the first argument passed to builtins.hashFile");
    const algo = readHashAlgo(name, deps);
    const path = realisePath(deps, p, "full");
    return hashHex(algo, io.readFile(path));
  };

  return [
    {
      name: "readFile",
      params: ["path"],
      doc: "Returns the contents of the file *path* as a string. A file with zero bytes in it can't be read.",
      call: readFile,
    },
    {
      name: "readDir",
      params: ["path"],
      doc:
        "Returns a set with an attribute for each entry of the directory *path*. Its value says what the entry is: " +
        '`"regular"`, `"directory"`, `"symlink"` or `"unknown"`.',
      call: readDir,
    },
    {
      name: "readFileType",
      params: ["p"],
      doc: 'Returns what *p* is: `"regular"`, `"directory"`, `"symlink"` or `"unknown"`. A symlink is not followed.',
      call: readFileType,
    },
    {
      name: "pathExists",
      params: ["path"],
      doc: "Returns whether there is something at *path*. A string that ends in a slash asks for a directory.",
      call: pathExists,
    },
    {
      name: "hashFile",
      params: ["type", "p"],
      doc: "Returns the hash of the file *p* in base 16. *type* is one of `md5`, `sha1`, `sha256` and `sha512`.",
      call: hashFile,
    },
  ];
}

/** As in C++ Nix, which expects whoever asks for a type to have followed these. */
function refuseSymlinksAbove(io: EvalIO, path: string): void {
  if (path[0] !== "/" || io.resolveSymlinks(path, "ancestors") === path) return;
  for (let at = path;;) {
    at = at.slice(0, at.lastIndexOf("/"));
    if (at === "") throw doesNotExist(path);
    if (io.fileType(at) === "symlink") throw new NixError("io", hint`path '${at}' is a symlink`);
  }
}
