// Mercurial repositories.

import { type AttrValue, maybeString, needString } from "../attrs.ts";
import { mark, urlError } from "../errors.ts";
import { SIMPLE_REF } from "../git_ref.ts";
import { revHex } from "../input_hash.ts";
import { parseUrl, printUrl } from "../url.ts";
import type { InputScheme } from "./scheme.ts";

const URL_SCHEMES = new Set(["hg+http", "hg+https", "hg+ssh", "hg+file"]);

/** `hg`. */
export const HG_SCHEME: InputScheme = {
  name: "hg",
  attrs: new Set(["url", "ref", "rev", "revCount", "narHash", "name"]),

  fromUrl(url, options) {
    if (!URL_SCHEMES.has(url.scheme)) return undefined;
    const attrs = new Map<string, AttrValue>([["type", "hg"]]);
    const query = new Map<string, string>();
    for (const [name, value] of url.query) (name === "rev" || name === "ref" ? attrs : query).set(name, value);
    attrs.set("url", printUrl({ ...url, scheme: url.scheme.slice(3), query }));
    return this.check(attrs, options);
  },

  check(attrs, { warn }) {
    parseUrl(needString(attrs, "url"), { warn });
    const ref = maybeString(attrs, "ref");
    if (ref !== undefined && !SIMPLE_REF.test(ref)) throw urlError(mark`invalid Mercurial branch/tag name '${ref}'`);
    return attrs;
  },

  toUrl(attrs) {
    const url = parseUrl(needString(attrs, "url"));
    const query = new Map(url.query);
    const rev = revHex(attrs);
    const ref = maybeString(attrs, "ref");
    if (rev !== undefined) query.set("rev", rev);
    if (ref !== undefined) query.set("ref", ref);
    return { ...url, scheme: `hg+${url.scheme}`, query };
  },

  isLocked: (attrs) => revHex(attrs) !== undefined,
};
