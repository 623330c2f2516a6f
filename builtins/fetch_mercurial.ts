/** `fetchMercurial`: trees from Mercurial repositories. */
import { type AttrValue, maybeInt, maybeString } from "../lib/fetch/attrs.ts";
import { fetchStorePath, type InputFetch } from "../lib/fetch/fetch.ts";
import { inputFromAttrs } from "../lib/fetch/input.ts";
import { parseRev, revHex, revText } from "../lib/fetch/input_hash.ts";
import { REV } from "../lib/fetch/git_ref.ts";
import { attrPos, Attrs, AttrsBuilder, flat } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToString, WEAK } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { force } from "../lib/runtime/thunk.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import { intern, mayNeedOrder, symbolName } from "../lib/syntax/symbols.ts";
import { asNixErrors, enter, type FetchDeps, fetchNow, inputOptionsOf } from "./_fetching.ts";

const NULL_REV = "0".repeat(40);

/** What is to be fetched, as the argument says. */
interface Request {
  readonly url: string;
  readonly name: string;
  readonly rev?: string;
  readonly ref?: string;
}

/** Returns `fetchMercurial`. */
export function fetchMercurialBuiltin(deps: FetchDeps): Builtin {
  const fetchMercurial = (arg: Slot): Value => {
    const { url, name, rev, ref } = readArgument(arg);
    deps.checkUri(url);
    if (deps.settings.pureEval && rev === undefined) {
      throw evalError("in pure evaluation mode, 'fetchMercurial' requires a Mercurial revision");
    }
    const attrs = new Map<string, AttrValue>([
      ["type", "hg"],
      ["url", url.includes("://") ? url : `file://${url}`],
      ["name", name],
    ]);
    if (ref !== undefined) attrs.set("ref", ref);
    if (rev !== undefined) attrs.set("rev", rev);
    const input = asNixErrors(() => inputFromAttrs(attrs, inputOptionsOf(deps)));
    const fetch: InputFetch = { kind: "input", input };
    const fetched = fetchNow(deps, fetch);
    const result = { scheme: input.scheme, attrs: fetched.attrs };
    const path = asNixErrors(() => fetchStorePath({ kind: "input", input: result }, { storeDir: deps.io.storeDir })!);
    const builder = new AttrsBuilder();
    builder.add(intern("outPath"), enter(deps, fetch, path));
    const branch = maybeString(fetched.attrs, "ref");
    if (branch !== undefined) builder.add(intern("branch"), branch);
    const gotRev = revHex(fetched.attrs) ?? NULL_REV;
    builder.add(intern("rev"), gotRev);
    builder.add(intern("shortRev"), gotRev.slice(0, 12));
    const revCount = maybeInt(fetched.attrs, "revCount");
    if (revCount !== undefined) builder.add(intern("revCount"), revCount);
    return builder.build();
  };

  return {
    name: "fetchMercurial",
    bare: true,
    params: ["args"],
    doc: "Fetches a tree from a Mercurial repository, with the `hg` program. The argument is the repository's URL or " +
      "path, or a set with `url` and, if wanted, `rev` (a commit, branch or tag) and `name`.",
    call: fetchMercurial,
  };
}

function readArgument(arg: Slot): Request {
  const value = force(arg);
  const context = new ContextBuilder();
  if (!(value instanceof Attrs)) {
    const words = "while evaluating the first argument passed to builtins.fetchMercurial";
    return { url: coerceToString(value, context, WEAK, words), name: "source" };
  }
  let url = "";
  let name = "source";
  let rev: string | undefined;
  let ref: string | undefined;
  const { shape, values } = flat(value);
  mayNeedOrder(shape.names);
  for (let i = 0; i < shape.names.length; i++) {
    const attr = symbolName(shape.names[i]);
    const pos = attrPos(value, shape.names[i]);
    const words = `while evaluating the \`${attr}\` attribute passed to builtins.fetchMercurial`;
    if (attr === "url") {
      url = coerceToString(values[i], context, WEAK, words, pos);
    } else if (attr === "rev") {
      const text = forceStringNoContext(values[i], words, pos);
      if (REV.test(text)) rev = revText(parseRev(text));
      else ref = text;
    } else if (attr === "name") {
      name = forceStringNoContext(values[i], words, pos);
    } else {
      throw evalError(hint`unsupported argument '${attr}' to 'fetchMercurial'`, pos);
    }
  }
  if (url === "") throw evalError("'url' argument required");
  return { url, name, rev, ref };
}
