// Local files and directories.

import { attrsToQuery, type AttrValue, maybeString, needString } from "../attrs.ts";
import { inputError, mark } from "../errors.ts";
import { printAuthority, printUrl, urlPathToFile } from "../url.ts";
import { type InputScheme, queryInt } from "./scheme.ts";

/** `path`. */
export const PATH_SCHEME: InputScheme = {
  name: "path",
  feature: "flakes",
  // All but the path says what the tree is a copy of, and is believed.
  attrs: new Set(["path", "rev", "revCount", "lastModified", "narHash"]),

  fromUrl(url) {
    if (url.scheme !== "path") return undefined;
    const { authority } = url;
    if (authority !== undefined && authority.host !== "") {
      throw inputError(
        mark`path URL '${printUrl(url)}' should not have an authority ('${printAuthority(authority)}')`,
      );
    }
    const attrs = new Map<string, AttrValue>([["type", "path"], ["path", urlPathToFile(url.path)]]);
    for (const name of [...url.query.keys()].sort()) {
      const value = url.query.get(name)!;
      if (name === "rev" || name === "narHash") {
        attrs.set(name, value);
      } else if (name === "revCount" || name === "lastModified") {
        const n = queryInt(value);
        if (n === undefined) throw inputError(mark`path URL '${printUrl(url)}' has invalid parameter '${name}'`);
        attrs.set(name, n);
      } else {
        throw inputError(mark`path URL '${printUrl(url)}' has unsupported parameter '${name}'`);
      }
    }
    return attrs;
  },

  check(attrs) {
    needString(attrs, "path");
    return attrs;
  },

  toUrl(attrs) {
    const query = attrsToQuery(attrs);
    for (const name of ["path", "type", "__final"]) query.delete(name);
    return { scheme: "path", path: needString(attrs, "path").split("/"), query, fragment: "" };
  },

  isLocked: (attrs) => maybeString(attrs, "narHash") !== undefined,
};
