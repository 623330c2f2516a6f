// Git repositories, by URL or local path.

import { type AttrValue, type InputAttrs, maybeBool, maybeString, needString } from "../attrs.ts";
import { inputError, mark, requireFeature, urlError } from "../errors.ts";
import { isLegalRef } from "../git_ref.ts";
import { revHex } from "../input_hash.ts";
import { fixGitUrl, parseUrl, printUrl, splitScheme } from "../url.ts";
import { jsonErrorIn } from "../../text/json.ts";
import type { InputScheme } from "./scheme.ts";

const TEXT_PARAMETERS = new Set(["rev", "ref", "keytype", "publicKey", "publicKeys"]);
const FLAG_PARAMETERS = new Set(["shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit"]);
const VERIFICATION = ["verifyCommit", "keytype", "publicKey", "publicKeys"];

/** A key that signs commits. */
export interface PublicKey {
  readonly type: string;
  readonly key: string;
}

/** Returns the keys a commit may be signed with. */
export function publicKeysOf(attrs: InputAttrs): PublicKey[] {
  const keys: PublicKey[] = [];
  const list = maybeString(attrs, "publicKeys");
  if (list !== undefined) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(list);
    } catch (e) {
      throw inputError(mark`input attribute '${"publicKeys"}' is not JSON: ${jsonErrorIn(list) ?? String(e)}`);
    }
    if (!Array.isArray(parsed)) throw inputError(mark`input attribute '${"publicKeys"}' is not a list`);
    for (const { type = "ssh-ed25519", key } of parsed as { type?: string; key: string }[]) keys.push({ type, key });
  }
  if (attrs.has("publicKey")) {
    keys.push({ type: maybeString(attrs, "keytype") ?? "ssh-ed25519", key: needString(attrs, "publicKey") });
  }
  return keys;
}

/** `git`. */
export const GIT_SCHEME: InputScheme = {
  name: "git",
  attrs: new Set([
    ...["url", "ref", "rev", "shallow", "submodules", "lfs", "exportIgnore", "lastModified", "revCount", "narHash"],
    ...["allRefs", "name", "dirtyRev", "dirtyShortRev", ...VERIFICATION],
  ]),

  fromUrl(url, options) {
    if (url.scheme !== "git" && splitScheme(url.scheme).application !== "git") return undefined;
    const attrs = new Map<string, AttrValue>([["type", "git"]]);
    const query = new Map<string, string>();
    for (const [name, value] of url.query) {
      if (TEXT_PARAMETERS.has(name)) attrs.set(name, value);
      else if (FLAG_PARAMETERS.has(name)) attrs.set(name, value === "1");
      else query.set(name, value);
    }
    attrs.set("url", printUrl({ ...url, query }));
    return this.check(attrs, options);
  },

  check(attrs, { features, warn }) {
    if (VERIFICATION.some((name) => attrs.has(name))) requireFeature(features, "verified-fetches");
    maybeBool(attrs, "verifyCommit");
    const ref = maybeString(attrs, "ref");
    if (ref !== undefined && !isLegalRef(ref)) throw urlError(mark`invalid Git branch/tag name '${ref}'`);
    const url = printUrl(fixGitUrl(needString(attrs, "url"), { warn }));
    for (const name of ["shallow", "submodules", "allRefs"]) maybeBool(attrs, name);
    return new Map(attrs).set("url", url);
  },

  toUrl(attrs) {
    const url = parseUrl(needString(attrs, "url"));
    const query = new Map(url.query);
    const rev = revHex(attrs);
    const ref = maybeString(attrs, "ref");
    if (rev !== undefined) query.set("rev", rev);
    if (ref !== undefined) query.set("ref", ref);
    for (const name of ["shallow", "lfs", "submodules", "exportIgnore", "verifyCommit"]) {
      if (maybeBool(attrs, name)) query.set(name, "1");
    }
    const keys = publicKeysOf(attrs);
    if (keys.length === 1) query.set("keytype", keys[0].type).set("publicKey", keys[0].key);
    else if (keys.length > 1) query.set("publicKeys", printKeys(keys));
    return { ...url, scheme: url.scheme === "git" ? "git" : `git+${url.scheme}`, query };
  },

  isLocked(attrs) {
    const rev = revHex(attrs);
    return rev !== undefined && !/^0*$/.test(rev);
  },
};

function printKeys(keys: readonly PublicKey[]): string {
  return JSON.stringify(keys.map(({ type, key }) => ({ key, type })));
}
