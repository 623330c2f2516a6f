// Content addresses: the method and hash that a store path's content must have, and the path that follows from them.
//
// The method says what bytes are hashed: a file's own ("flat"; "text" is the same but allows references), its NAR, or its
// git object. In ATerms and paths methods are prefixes ("", "text:", "r:", "git:"); in narinfos and databases a content
// address is `text:<hash>` or `fixed:<prefix><hash>`; in JSON methods have names. Error texts are C++ Nix's.
//
// References go into the path only for text and for SHA-256 of a NAR; all other methods have none.

import { hashHex, parseHashAlgo, parseHashUnprefixed, printHash } from "./hash.ts";
import type { Hash } from "./hash.ts";
import { makeStorePath, type StoreDirOptions, type StorePath } from "./store_path.ts";
import { sortedSet } from "./sorted.ts";
import { FormatError, StorePathError } from "./errors.ts";

/** How a content-addressed path's content becomes the bytes that are hashed. */
export type ContentAddressMethod = "text" | "flat" | "nar" | "git";

/** The method and hash that content-address a store path. */
export interface ContentAddress {
  readonly method: ContentAddressMethod;
  readonly hash: Hash;
}

/** The store paths a content-addressed path refers to. */
export interface StoreReferences {
  /** Other paths, in any order. */
  readonly references?: Iterable<StorePath>;
  /** Whether the path refers to itself. */
  readonly selfReference?: boolean;
}

const METHOD_PREFIX: Readonly<Record<ContentAddressMethod, string>> = {
  text: "text:",
  flat: "",
  nar: "r:",
  git: "git:",
};

/** Returns the method as it stands in front of the algorithm in ATerms: "r:" and so on; "" for flat. */
export function contentAddressPrefix(method: ContentAddressMethod): string {
  return METHOD_PREFIX[method];
}

/**
 * Splits "r:sha256" and the like, as ATerms write them, into the method and the rest; without a prefix it is flat.
 */
export function splitContentAddressPrefix(
  text: string,
): { readonly method: ContentAddressMethod; readonly rest: string } {
  for (const method of ["nar", "git", "text"] as const) {
    const prefix = METHOD_PREFIX[method];
    if (text.startsWith(prefix)) return { method, rest: text.slice(prefix.length) };
  }
  return { method: "flat", rest: text };
}

/** Returns the method a string names. @throws {FormatError} if it names none. */
export function parseContentAddressMethod(text: string): ContentAddressMethod {
  if (Object.hasOwn(METHOD_PREFIX, text)) return text as ContentAddressMethod;
  throw new FormatError(`Unknown file ingestion method '${text}', expect \`flat\`, \`nar\`, or \`git\``);
}

/** Returns `text:<algo>:<nix32>` or `fixed:<prefix><algo>:<nix32>`. */
export function printContentAddress(ca: ContentAddress): string {
  const hash = printHash(ca.hash, "nix32", { prefix: true });
  return ca.method === "text" ? `text:${hash}` : `fixed:${METHOD_PREFIX[ca.method]}${hash}`;
}

/** Returns the content address that {@link printContentAddress} prints. @throws {FormatError} if it isn't one. */
export function parseContentAddress(text: string): ContentAddress {
  const [kind, rest] = splitColon(text);
  if (kind === undefined) {
    throw new FormatError(`not a content address because it is not in the form '<prefix>:<rest>': ${text}`);
  }
  if (kind !== "text" && kind !== "fixed") {
    throw new FormatError(
      `content address prefix '${kind}' is unrecognized. Recogonized prefixes are 'text' or 'fixed'`,
    );
  }
  const fixed = splitContentAddressPrefix(rest);
  const method = kind === "text" ? "text" : fixed.method === "text" ? "flat" : fixed.method;
  const [algo, digest] = splitColon(method === "nar" || method === "git" ? fixed.rest : rest);
  if (algo === undefined) {
    throw new FormatError(`content address hash must be in form '<algo>:<hash>', but found: ${text}`);
  }
  return { method, hash: parseHashUnprefixed(digest, parseHashAlgo(algo)) };
}

function splitColon(text: string): [string | undefined, string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)];
}

/**
 * Returns the path of content with the given hash.
 * @throws {StorePathError} if the method, algorithm and references can't go together, or the name is not valid.
 */
export function makeFixedOutputPath(
  ca: ContentAddress,
  options: StoreDirOptions & StoreReferences & { readonly name: string },
): StorePath {
  const { method, hash } = ca;
  const { name, references = [], selfReference = false, storeDir } = options;
  const digest = printHash(hash, "base16", { prefix: true });
  if (method === "text") {
    if (selfReference) throw new StorePathError("self-reference not allowed with text hashing");
    if (hash.algo !== "sha256") {
      throw new StorePathError(`Cannot make text path "${name}": hash must be sha256, not ${hash.algo}`);
    }
    return makeStorePath(withReferences("text", references, false), { hash: digest, name, storeDir });
  }
  if (method === "git" && hash.algo !== "sha1" && hash.algo !== "sha256") {
    throw new StorePathError(`Git file ingestion must use SHA-1 or SHA-256 hash, but instead using: ${hash.algo}`);
  }
  if (method === "nar" && hash.algo === "sha256") {
    return makeStorePath(withReferences("source", references, selfReference), { hash: digest, name, storeDir });
  }
  if (selfReference || [...references].length > 0) {
    throw new StorePathError(
      `fixed output derivation '${name}' is not allowed to refer to other store paths.\n` +
        "You may need to use the 'unsafeDiscardReferences' derivation attribute, see the manual for more details.",
    );
  }
  const inner = hashHex("sha256", `fixed:out:${METHOD_PREFIX[method]}${digest}:`);
  return makeStorePath("output:out", { hash: `sha256:${inner}`, name, storeDir });
}

/** Returns the path of a text file (`builtins.toFile`, derivations); `text` is a binary string. */
export function makeTextPath(text: string, options: TextPathOptions): StorePath {
  return makeTextPathOfHash(hashHex("sha256", text), options);
}

/** Returns the path of a text file whose SHA-256 is `hex` in base16. */
export function makeTextPathOfHash(hex: string, options: TextPathOptions): StorePath {
  const { name, references = [], storeDir } = options;
  return makeStorePath(withReferences("text", references, false), { hash: `sha256:${hex}`, name, storeDir });
}

/** What a text file's path depends on besides the text. */
export interface TextPathOptions extends StoreDirOptions {
  readonly name: string;
  /** In any order. */
  readonly references?: Iterable<StorePath>;
}

function withReferences(type: string, references: Iterable<string>, self: boolean): string {
  // C++ Nix sorts base names; within one store that is the order of the whole paths.
  const sorted = sortedSet(Array.isArray(references) ? references as string[] : [...references]);
  return [type, ...sorted, ...(self ? ["self"] : [])].join(":");
}
