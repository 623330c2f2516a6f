/** `fetchurl` and `fetchTarball`: a file as it is, an archive unpacked. */
import type { UrlFetch } from "../lib/fetch/fetch.ts";
import { fetchStorePath } from "../lib/fetch/fetch.ts";
import { resolvePseudoUrl } from "../lib/fetch/pseudo_url.ts";
import { checkScheme, parseUrl } from "../lib/fetch/url.ts";
import { FormatError } from "../lib/format/errors.ts";
import type { Hash } from "../lib/format/hash.ts";
import { checkStorePathName } from "../lib/format/store_path.ts";
import { attrPos, Attrs, flat } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { baseName } from "../lib/runtime/io.ts";
import { force } from "../lib/runtime/thunk.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import { mayNeedOrder, symbolName } from "../lib/syntax/symbols.ts";
import { asNixErrors, enter, type FetchDeps, fetchLater, fetchNow } from "./_fetching.ts";
import { readHashAllowEmpty } from "./_read_hash.ts";

/** What is to be fetched, as the argument says. */
interface Request {
  readonly url: string;
  readonly name: string;
  readonly sha256: Hash | undefined;
}

/** Returns `fetchurl` and `fetchTarball`. */
export function fetchUrlBuiltins(deps: FetchDeps): readonly Builtin[] {
  const fetchAs = (who: "fetchurl" | "fetchTarball", arg: Slot): Value => {
    const { url, name, sha256 } = readArgument(deps, who, arg);
    if (deps.settings.pureEval && sha256 === undefined) {
      throw evalError(hint`in pure evaluation mode, '${who}' requires a 'sha256' argument`);
    }
    // Even where it won't be asked.
    asNixErrors(() => who === "fetchurl" ? checkScheme(url) : parseUrl(url));
    const kind = who === "fetchurl" ? "file" : "tarball";
    if (sha256 !== undefined) return fetchLater(deps, { kind, url, name, hash: sha256 });
    const fetch: UrlFetch = { kind, url, name };
    const { hash } = fetchNow(deps, fetch);
    return enter(deps, fetch, fetchStorePath({ ...fetch, hash }, { storeDir: deps.io.storeDir })!);
  };

  return [
    {
      name: "fetchurl",
      params: ["arg"],
      doc:
        "Returns the store path of the file at a URL. The argument is the URL, or a set with `url` and, if wanted, " +
        "`name` (of the store path; the last part of the URL unless given) and `sha256` (of the file). With a hash the " +
        "file is fetched only if something reads it; pure evaluation demands one.",
      call: (arg: Slot) => fetchAs("fetchurl", arg),
    },
    {
      name: "fetchTarball",
      bare: true,
      params: ["args"],
      doc:
        "Returns the store path of what is in the archive at a URL: tar or zip, compressed with gzip, bzip2, xz or " +
        "zstd. If all is in one directory at the top, that is left out. The argument is the URL, or a set with `url` and, " +
        "if wanted, `name` (of the store path) and `sha256` (of the tree). With a hash the archive is fetched only if " +
        "something reads it; pure evaluation demands one.",
      call: (arg: Slot) => fetchAs("fetchTarball", arg),
    },
  ];
}

function readArgument(deps: FetchDeps, who: "fetchurl" | "fetchTarball", arg: Slot): Request {
  const value = force(arg);
  const given = value instanceof Attrs ? readAttrs(deps, who, value) : {
    url: forceStringNoContext(value, "while evaluating the url we should fetch"),
    name: undefined,
    sha256: undefined,
  };
  const url = who === "fetchTarball" ? resolvePseudoUrl(given.url) : given.url;
  deps.checkUri(url);
  const name = given.name || (who === "fetchTarball" && given.name === undefined ? "source" : lastPart(url));
  try {
    checkStorePathName(name);
  } catch (e) {
    if (!(e instanceof FormatError)) throw e;
    const remedy = given.name !== undefined
      ? hint`Please change the value for the 'name' attribute passed to '${who}', so that it can create a valid store path.`
      : value instanceof Attrs
      ? hint`Please add a valid 'name' attribute to the argument for '${who}', so that it can create a valid store path.`
      : hint`Please pass an attribute set with 'url' and 'name' attributes to '${who}',  so that it can create a valid store path.`;
    throw evalError(
      hint`invalid store path name when fetching URL '${url}': ` + `${foreignError("eval", e).message}. ${remedy}`,
    );
  }
  return { url, name, sha256: given.sha256 };
}

function readAttrs(deps: FetchDeps, who: string, attrs: Attrs) {
  let url: string | undefined;
  let name: string | undefined;
  let sha256: Hash | undefined;
  const { shape, values } = flat(attrs);
  mayNeedOrder(shape.names);
  for (let i = 0; i < shape.names.length; i++) {
    const attr = symbolName(shape.names[i]);
    const pos = attrPos(attrs, shape.names[i]);
    if (attr === "url") {
      url = forceStringNoContext(values[i], "while evaluating the url we should fetch", pos);
    } else if (attr === "sha256") {
      const words = "while evaluating the sha256 of the content we should fetch";
      sha256 = readHashAllowEmpty(forceStringNoContext(values[i], words, pos), "sha256", {
        features: deps.settings.features,
        log: deps.log,
      });
    } else if (attr === "name") {
      name = forceStringNoContext(values[i], "while evaluating the name of the content we should fetch", pos);
    } else {
      throw evalError(hint`unsupported argument '${attr}' to '${who}'`);
    }
  }
  if (url === undefined) throw evalError("'url' argument required");
  return { url, name, sha256 };
}

/** What follows the last slash, but for slashes at the end. */
function lastPart(url: string): string {
  return baseName(url.replace(/\/+$/, ""));
}
