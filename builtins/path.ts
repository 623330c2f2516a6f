/**
 * `path` and `filterSource`: copying to the store with a say in what and under which name.
 *
 * The root's symlinks are followed (the name stays that of the link), and the filter isn't asked about the root.
 */
import type { StorePath } from "../lib/format/store_path.ts";
import { FormatError } from "../lib/format/errors.ts";
import { isInStore, splitStorePath } from "../lib/format/store_path.ts";
import { attrPos, type Attrs, flat } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { call2 } from "../lib/runtime/call.ts";
import { coerceToPath } from "../lib/runtime/coerce.ts";
import { Context, ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint, withFrame } from "../lib/runtime/errors.ts";
import { forceAttrs, forceBool, forceFunction, forceStringNoContext } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { ioPath } from "../lib/runtime/internal_path.ts";
import type { FileType } from "../lib/runtime/io.ts";
import { makeString, type PathValue, type Slot, type Value } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { mayNeedOrder, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import { type HashReadDeps, readHashAllowEmpty } from "./_read_hash.ts";
import type { PathDeps } from "./_paths.ts";

/** What `path` and `filterSource` need. */
export interface AddPathDeps extends PathDeps, HashReadDeps {
  /** What a store path refers to; empty if that isn't known. */
  readonly references: (path: StorePath) => readonly StorePath[];
}

/** What is to be copied and how. */
interface Request {
  readonly path: PathValue;
  readonly context: Context | null;
  readonly name: string;
  readonly filter: Value | undefined;
  readonly method: "nar" | "flat";
  readonly sha256?: Uint8Array;
}

/** Returns `path` and `filterSource`. */
export function pathBuiltins(deps: AddPathDeps): readonly Builtin[] {
  const { io } = deps;
  const { storeDir } = io;

  const addPath = (request: Request): Value => {
    const path = ioPath(request.path);
    try {
      let references: readonly StorePath[] = [];
      if (request.context !== null && isInStore(path, { storeDir })) {
        deps.realise(request.context);
        references = deps.references(splitStorePath(path, { storeDir }).storePath);
      }
      const { name, method, sha256, filter } = request;
      const storePath = io.importPath(io.resolveSymlinks(path, "full"), {
        name,
        method,
        sha256,
        references,
        shownAs: path,
        filter: filter === undefined ? undefined : (at, type) => callFilter(filter, at, type),
      });
      return makeString(storePath, Context.of(storePath));
    } catch (e) {
      throw withFrame(
        e instanceof FormatError ? foreignError("eval", e) : e,
        NO_POS,
        hint`while adding path '${path}'`,
      );
    }
  };

  const filterSource = (f: Slot, p: Slot): Value => {
    const context = new ContextBuilder();
    const words = "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'";
    const path = coerceToPath(p, context, words);
    const filter = forceFunction(f, "while evaluating the first argument passed to builtins.filterSource");
    return addPath({ path, context: context.build(), name: ownName(path), filter, method: "nar" });
  };

  const path = (args: Slot): Value => {
    const attrs = flat(forceAttrs(args, "while evaluating the argument passed to 'builtins.path'"));
    const context = new ContextBuilder();
    let source: PathValue | undefined;
    let name = "";
    let filter: Value | undefined;
    let method: "nar" | "flat" = "nar";
    let sha256: Uint8Array | undefined;
    for (const [symbol, value] of attributes(attrs)) {
      const pos = attrPos(attrs, symbol);
      const attr = symbolName(symbol);
      switch (attr) {
        case "path":
          source = coerceToPath(value, context, "while evaluating the 'path' attribute passed to 'builtins.path'", pos);
          break;
        case "name":
          name = forceStringNoContext(value, passed("`name` attribute"), pos);
          break;
        case "filter":
          filter = forceFunction(value, passed("`filter` parameter"), pos);
          break;
        case "recursive":
          method = forceBool(value, passed("`recursive` attribute"), pos) ? "nar" : "flat";
          break;
        case "sha256":
          sha256 = readHashAllowEmpty(forceStringNoContext(value, passed("`sha256` attribute"), pos), "sha256", deps)
            .digest;
          break;
        default:
          throw evalError(hint`unsupported argument '${attr}' to 'builtins.path'`, pos);
      }
    }
    if (source === undefined) {
      throw evalError("missing required 'path' attribute in the first argument to 'builtins.path'");
    }
    return addPath({
      path: source,
      context: context.build(),
      name: name === "" ? ownName(source) : name,
      filter,
      method,
      sha256,
    });
  };

  return [
    {
      name: "path",
      params: ["args"],
      doc: "Copies a file or directory to the store and returns its store path. *args* is a set of:\n\n" +
        "- `path`: what to copy;\n" +
        "- `name`: the name in the store, by default the last component of `path`;\n" +
        "- `filter`: says what to take, see `filterSource`;\n" +
        "- `recursive`: if `false`, `path` is a file, and its bytes are hashed rather than an archive of it;\n" +
        "- `sha256`: the expected hash. If the store has a path with it, nothing is read.",
      call: path,
    },
    {
      name: "filterSource",
      params: ["e1", "e2"],
      doc: "Copies the tree *e2* to the store, but only what *e1* returns `true` for. It is called with the path (a " +
        'string) and the type (`"regular"`, `"directory"`, `"symlink"` or `"unknown"`) of everything below *e2*, but ' +
        "not with what is below a directory that is left out.",
      call: filterSource,
    },
  ];
}

function* attributes(attrs: Attrs): Generator<[Symbol, Slot]> {
  mayNeedOrder(attrs.shape.names);
  for (let i = 0; i < attrs.values.length; i++) yield [attrs.shape.names[i], attrs.values[i]];
}

function passed(what: string): string {
  return `while evaluating the ${what} passed to builtins.path`;
}

function callFilter(filter: Value, path: string, type: FileType): boolean {
  return forceBool(
    call2(filter, path, type, NO_POS),
    "while evaluating the return value of the path filter function",
  );
}

/** Returns the last component of a path. */
function ownName(path: PathValue): string {
  return path.path === "/" ? "source" : path.path.slice(path.path.lastIndexOf("/") + 1);
}
