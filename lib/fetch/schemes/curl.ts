// Inputs that are downloaded from a URL: `file` as it is, `tarball` unpacked. They differ in which URLs mean which.

import { maybeString, needString } from "../attrs.ts";
import type { AttrValue, InputAttrs } from "../attrs.ts";
import { narHashSri } from "../input_hash.ts";
import { type ParsedUrl, parseUrl, printUrl, splitScheme, withoutQuery, withQuery } from "../url.ts";
import { type InputScheme, queryInt } from "./scheme.ts";

const TRANSPORTS = new Set(["file", "http", "https"]);
const ATTRS = new Set(["url", "narHash", "name", "unpack", "rev", "revCount", "lastModified"]);
const ARCHIVE = /\.(?:zip|tar|tgz|tar\.gz|tar\.xz|tar\.bz2|tar\.zst)$/;

/** Plain files. */
export const FILE_SCHEME: InputScheme = scheme("file");

/** Archives. */
export const TARBALL_SCHEME: InputScheme = scheme("tarball");

function scheme(name: "file" | "tarball"): InputScheme {
  return {
    name,
    attrs: ATTRS,
    fromUrl(url, { requireTree }) {
      const { application, transport } = splitScheme(url.scheme);
      if (!TRANSPORTS.has(transport)) return undefined;
      const tree = requireTree || ARCHIVE.test(url.path.at(-1) ?? "");
      if (application === undefined ? tree !== (name === "tarball") : application !== name) return undefined;
      const attrs = new Map<string, AttrValue>();
      for (const key of ["narHash", "rev"]) {
        const value = url.query.get(key);
        if (value !== undefined) attrs.set(key, value);
      }
      for (const key of ["revCount", "lastModified"]) {
        const value = queryInt(url.query.get(key) ?? "");
        if (value !== undefined) attrs.set(key, value);
      }
      // The other parameters are the server's.
      attrs.set("type", name);
      attrs.set("url", printUrl(withoutQuery({ ...url, scheme: transport }, ATTRS)));
      return attrs;
    },
    check: (attrs) => attrs,
    toUrl: curlUrl,
    isLocked: (attrs) => maybeString(attrs, "narHash") !== undefined,
  };
}

function curlUrl(attrs: InputAttrs): ParsedUrl {
  const url = parseUrl(needString(attrs, "url"));
  const narHash = narHashSri(attrs);
  return narHash === undefined ? url : withQuery(url, [["narHash", narHash]]);
}
