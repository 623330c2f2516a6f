/** `findFile`, which `<name>` is short for, and `nixPath`. */
import { Attrs, getAttr } from "../lib/runtime/attrs.ts";
import { shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin, BuiltinConstant } from "../lib/runtime/builtin.ts";
import { coerceToString, WEAK } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceAttrs, forceList, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import { baseName, InvalidPathError, type Realise } from "../lib/runtime/io.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import type { SearchPathEntry, SearchPathResolver } from "./search_path.ts";

const PREFIX = intern("prefix");
const PATH = intern("path");

/** What `findFile` needs. */
export interface FindFileDeps {
  readonly realise: Realise;
  readonly searchPaths: SearchPathResolver;
}

/** Returns `findFile`. */
export function findFileBuiltin({ realise, searchPaths }: FindFileDeps): Builtin {
  const findFile = (searchPath: Slot, lookupPath: Slot): Value => {
    const list = forceList(searchPath, "while evaluating the first argument passed to builtins.findFile");
    const entries = list.map(parseEntry);
    const name = forceStringNoContext(
      lookupPath,
      "while evaluating the second argument passed to builtins.findFile",
    );
    return searchPaths.find(entries, name);
  };

  const parseEntry = (slot: Slot): SearchPathEntry => {
    const attrs = forceAttrs(slot, "while evaluating an element of the list passed to builtins.findFile");
    const prefixSlot = getAttr(attrs, PREFIX);
    const prefix = prefixSlot === undefined ? "" : forceStringNoContext(prefixSlot, words("prefix"));
    const context = new ContextBuilder();
    const pathSlot = requireAttr(attrs, PATH, "in an element of the __nixPath");
    const path = coerceToString(pathSlot, context, WEAK, words("path"));
    try {
      realise(context.build());
    } catch (e) {
      if (!(e instanceof InvalidPathError)) throw e;
      throw evalError(hint`cannot find '${path}', since path '${baseName(e.path)}' is not valid`);
    }
    return { prefix, path };
  };

  return {
    name: "findFile",
    params: ["search-path", "lookup-path"],
    doc:
      "Returns the path of the first thing called *lookup-path* in *search-path*, a list of sets with `path` (a path or " +
      "the URL of a tarball) and `prefix` (what names in it begin with). `<name>` is short for " +
      '`builtins.findFile builtins.nixPath "name"`.',
    call: findFile,
  };
}

/** Returns `nixPath`, the value of the search path. */
export function nixPathConstant(entries: readonly SearchPathEntry[]): BuiltinConstant {
  const shape = shapeOf([PATH, PREFIX].sort((a, b) => a - b));
  const pathFirst = shape.names[0] === PATH;
  return {
    name: "nixPath",
    doc: "The search path that `<name>` uses: a list of sets with `path` and `prefix`. See `findFile`.",
    value: entries.map(({ path, prefix }) => new Attrs(shape, pathFirst ? [path, prefix] : [prefix, path])),
  };
}

function words(attr: string): string {
  return `while evaluating the \`${attr}\` attribute of an element of the list passed to builtins.findFile`;
}
