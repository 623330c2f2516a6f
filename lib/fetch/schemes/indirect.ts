// References by name, to be looked up in a registry.

import { parseHash } from "../../format/hash.ts";
import { type AttrValue, maybeString, needString } from "../attrs.ts";
import { mark, urlError } from "../errors.ts";
import { isLegalRef, REV } from "../git_ref.ts";
import { hashErrors, revHex, revText } from "../input_hash.ts";
import { pathSegments, printUrl } from "../url.ts";
import type { InputScheme } from "./scheme.ts";

/** What a name may be. */
const FLAKE_ID: RegExp = /^[a-zA-Z][a-zA-Z0-9_-]*$/;

/** Tells whether a flake or an input may be called that. */
export function isFlakeId(name: string): boolean {
  return FLAKE_ID.test(name);
}

/** `indirect`. */
export const INDIRECT_SCHEME: InputScheme = {
  name: "indirect",
  feature: "flakes",
  attrs: new Set(["id", "ref", "rev", "narHash"]),
  direct: false,

  fromUrl(url) {
    if (url.scheme !== "flake") return undefined;
    const path = pathSegments(url);
    const shown = printUrl(url);
    const attrs = new Map<string, AttrValue>([["type", "indirect"]]);
    const rev = (text: string) => revText(hashErrors(() => parseHash(text, "sha1")));
    if (path.length === 2) {
      if (REV.test(path[1])) attrs.set("rev", rev(path[1]));
      else if (isLegalRef(path[1])) attrs.set("ref", path[1]);
      else throw urlError(mark`in flake URL '${shown}', '${path[1]}' is not a commit hash or branch/tag name`);
    } else if (path.length === 3) {
      if (!isLegalRef(path[1])) throw urlError(mark`in flake URL '${shown}', '${path[1]}' is not a branch/tag name`);
      if (!REV.test(path[2])) throw urlError(mark`in flake URL '${shown}', '${path[2]}' is not a commit hash`);
      attrs.set("ref", path[1]);
      attrs.set("rev", rev(path[2]));
    } else if (path.length !== 1) {
      throw urlError(mark`GitHub URL '${shown}' is invalid`);
    }
    if (!isFlakeId(path[0])) throw urlError(mark`'${path[0]}' is not a valid flake ID`);
    attrs.set("id", path[0]);
    return attrs;
  },

  check(attrs) {
    const id = needString(attrs, "id");
    if (!isFlakeId(id)) throw urlError(mark`'${id}' is not a valid flake ID`);
    return attrs;
  },

  toUrl(attrs) {
    const path = [needString(attrs, "id")];
    const ref = maybeString(attrs, "ref");
    const rev = revHex(attrs);
    if (ref !== undefined) path.push(ref);
    if (rev !== undefined) path.push(rev);
    return { scheme: "flake", path, query: new Map(), fragment: "" };
  },

  isLocked: () => false,
};
