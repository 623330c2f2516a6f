// Repositories of forges, fetched as archives: github, gitlab, sourcehut.

import { attrsToJson, type AttrValue, maybeString, needString } from "../attrs.ts";
import { mark, urlError } from "../errors.ts";
import { isLegalRef, REV } from "../git_ref.ts";
import { hashErrors, narHashSri, revHex } from "../input_hash.ts";
import { parseHash } from "../../format/hash.ts";
import { pathSegments, printUrl } from "../url.ts";
import type { InputScheme } from "./scheme.ts";

/** A forge whose archives we know how to ask for. */
export type ForgeName = "github" | "gitlab" | "sourcehut";

const ATTRS = new Set(["owner", "repo", "ref", "rev", "narHash", "lastModified", "host", "treeHash"]);
const HOST = /^[a-zA-Z0-9.-]*$/;

function forge(name: ForgeName): InputScheme {
  return {
    name,
    feature: "flakes",
    attrs: ATTRS,

    fromUrl(url, options) {
      if (url.scheme !== name) return undefined;
      const path = pathSegments(url);
      if (path.length < 2) throw urlError(mark`URL '${printUrl(url)}' is invalid`);
      const attrs = new Map<string, AttrValue>([["type", name], ["owner", path[0]], ["repo", path[1]]]);
      if (path.length === 3 && REV.test(path[2])) attrs.set("rev", path[2]);
      else if (path.length > 2) attrs.set("ref", path.slice(2).join("/"));
      for (const parameter of [...url.query.keys()].sort()) {
        const value = url.query.get(parameter)!;
        if (parameter === "rev") {
          if (attrs.has("rev")) throw urlError(mark`URL '${printUrl(url)}' contains multiple commit hashes`);
          attrs.set("rev", value);
        } else if (parameter === "ref") {
          if (attrs.has("ref")) throw urlError(mark`URL '${printUrl(url)}' contains multiple branch/tag names`);
          attrs.set("ref", value);
        } else if (parameter === "host" || parameter === "narHash") {
          attrs.set(parameter, value);
        }
      }
      return this.check(attrs, options);
    },

    check(attrs) {
      needString(attrs, "owner");
      needString(attrs, "repo");
      const ref = maybeString(attrs, "ref");
      const rev = maybeString(attrs, "rev");
      const shown = attrsToJson(attrs);
      if (ref !== undefined && rev !== undefined) {
        throw urlError(mark`input ${shown} contains both a commit hash ('${rev}') and a branch/tag name ('${ref}')`);
      }
      if (rev !== undefined) hashErrors(() => parseHash(rev, "sha1"));
      if (ref !== undefined && !isLegalRef(ref)) {
        throw urlError(mark`input ${shown} contains an invalid branch/tag name`);
      }
      const host = maybeString(attrs, "host");
      if (host !== undefined && !HOST.test(host)) {
        throw urlError(mark`input ${shown} contains an invalid instance host`);
      }
      return attrs;
    },

    toUrl(attrs) {
      const path = [needString(attrs, "owner"), needString(attrs, "repo")];
      const ref = maybeString(attrs, "ref");
      const rev = revHex(attrs);
      if (ref !== undefined) path.push(ref);
      if (rev !== undefined) path.push(rev);
      const query = new Map<string, string>();
      const narHash = narHashSri(attrs);
      const host = maybeString(attrs, "host");
      if (narHash !== undefined) query.set("narHash", narHash);
      if (host !== undefined) query.set("host", host);
      return { scheme: name, path, query, fragment: "" };
    },

    isLocked(attrs, { trustForges }) {
      return revHex(attrs) !== undefined && (trustForges || narHashSri(attrs) !== undefined);
    },
  };
}

/** `github`, `gitlab` and `sourcehut`. */
export const FORGE_SCHEMES: readonly InputScheme[] = [forge("github"), forge("gitlab"), forge("sourcehut")];
