// Inputs: what fetchTree fetches, as attributes with a kind. See schemes/ for the kinds.
//
// An input is *locked* if it says which tree it is (a commit, a hash), *final* if it has all the attributes that fetching it
// would give (lock files hold those; `__final` marks them), *direct* if it needn't be looked up.

import { makeFixedOutputPath } from "../format/content_address.ts";
import type { StoreDirOptions, StorePath } from "../format/store_path.ts";
import { attrsToJson, type InputAttrs, maybeBool, maybeInt, maybeString, needString } from "./attrs.ts";
import { FetchError, inputError, mark, requireFeature, unsupportedInput } from "./errors.ts";
import { narHashOf, narHashSri, revHex } from "./input_hash.ts";
import { FILE_SCHEME, TARBALL_SCHEME } from "./schemes/curl.ts";
import { FORGE_SCHEMES } from "./schemes/forge.ts";
import { GIT_SCHEME } from "./schemes/git.ts";
import { HG_SCHEME } from "./schemes/hg.ts";
import { INDIRECT_SCHEME } from "./schemes/indirect.ts";
import { PATH_SCHEME } from "./schemes/path.ts";
import type { InputOptions, InputScheme } from "./schemes/scheme.ts";
import { type ParsedUrl, parseUrl, printUrl, splitScheme } from "./url.ts";

export type { InputOptions, InputScheme };

/** All kinds, in the order in which C++ Nix asks them for a URL: by name. */
const INPUT_SCHEMES: readonly InputScheme[] = [
  FILE_SCHEME,
  GIT_SCHEME,
  ...FORGE_SCHEMES,
  HG_SCHEME,
  INDIRECT_SCHEME,
  PATH_SCHEME,
  TARBALL_SCHEME,
].sort((a, b) => a.name < b.name ? -1 : 1);

/** Something to be fetched. */
export interface Input {
  /** Undefined for kinds nobody knows; such inputs can't be fetched, but lock files may hold them. */
  readonly scheme: InputScheme | undefined;
  readonly attrs: InputAttrs;
}

/** Returns the input that attributes describe. @throws {FetchError} if they make no sense */
export function inputFromAttrs(attrs: InputAttrs, options: InputOptions): Input {
  const type = maybeString(attrs, "type");
  if (type === undefined) throw inputError("'type' attribute to specify input scheme is required but not provided");
  const scheme = INPUT_SCHEMES.find(({ name }) => name === type);
  if (scheme === undefined) return checked({ scheme, attrs });
  if (scheme.feature !== undefined) requireFeature(options.features, scheme.feature);
  for (const name of [...attrs.keys()].sort()) {
    if (name !== "type" && name !== "__final" && !scheme.attrs.has(name)) {
      throw inputError(mark`input attribute '${name}' not supported by scheme '${type}'`);
    }
  }
  return checked({ scheme, attrs: scheme.check(attrs, options) });
}

/**
 * Returns the input a URL stands for. `requireTree` makes URLs that say nothing of their contents archives.
 * @throws {FetchError} if it stands for none
 */
export function inputFromUrl(
  url: string | ParsedUrl,
  options: InputOptions & { readonly requireTree?: boolean },
): Input {
  const parsed = typeof url === "string" ? parseUrl(url, { warn: options.warn }) : url;
  for (const scheme of INPUT_SCHEMES) {
    const attrs = scheme.fromUrl(parsed, { ...options, requireTree: options.requireTree ?? true });
    if (attrs === undefined) continue;
    if (scheme.feature !== undefined) requireFeature(options.features, scheme.feature);
    return checked({ scheme, attrs });
  }
  const { application, transport } = splitScheme(parsed.scheme);
  const shown = printUrl(parsed);
  if (application === "file" && transport === "git") {
    throw unsupportedInput(mark`input '${shown}' is unsupported; did you mean 'git+file' instead of 'file+git'?`);
  }
  throw unsupportedInput(mark`input '${shown}' is unsupported`);
}

/** Looks at the attributes all kinds have, so that errors come early. */
function checked(input: Input): Input {
  const { attrs } = input;
  needString(attrs, "type");
  maybeString(attrs, "ref");
  maybeInt(attrs, "revCount");
  maybeInt(attrs, "lastModified");
  return input;
}

/** Returns the kind's name. */
export function inputType(input: Input): string {
  return needString(input.attrs, "type");
}

/** Returns the input as a URL. @throws {FetchError} if its kind isn't known */
export function inputToUrl(input: Input): ParsedUrl {
  if (input.scheme === undefined) {
    throw unsupportedInput(mark`cannot show unsupported input '${attrsToJson(input.attrs)}'`);
  }
  return input.scheme.toUrl(input.attrs);
}

/** Returns the input as text. @throws {FetchError} if its kind isn't known */
export function printInput(input: Input): string {
  return printUrl(inputToUrl(input));
}

/** Tells whether the input says which tree it is. */
export function isLocked(input: Input, options: InputOptions): boolean {
  return input.scheme?.isLocked(input.attrs, options) ?? false;
}

/** Tells whether the input needn't be looked up. */
export function isDirect(input: Input): boolean {
  return input.scheme?.direct ?? true;
}

/** Tells whether the input has all its attributes. */
export function isFinal(input: Input): boolean {
  return maybeBool(input.attrs, "__final") ?? false;
}

/** Returns the path of an input of type `path` that isn't absolute. */
export function relativePathOf(input: Input): string | undefined {
  if (input.scheme !== PATH_SCHEME) return undefined;
  const path = needString(input.attrs, "path");
  return path[0] === "/" ? undefined : path;
}

/** Returns the name of the tree's store path. */
function inputName(input: Input): string {
  return maybeString(input.attrs, "name") ?? "source";
}

/** Returns the store path of the tree, undefined without `narHash`. @throws {FetchError} */
export function inputStorePath(input: Input, options: StoreDirOptions = {}): StorePath | undefined {
  const hash = narHashOf(input.attrs);
  if (hash === undefined) return undefined;
  return makeFixedOutputPath({ method: "nar", hash }, { name: inputName(input), storeDir: options.storeDir });
}

/**
 * Checks that what was fetched is what was specified, and returns its attributes: those specified if they were final, else
 * those that fetching gave.
 * @throws {FetchError} with C++ Nix's message
 */
export function checkLocks(specified: Input, result: Input): Input {
  if (isFinal(specified)) {
    const wanted = withSriHash(specified);
    const got = withSriHash(result);
    for (const name of [...wanted.attrs.keys()].sort()) {
      const value = got.attrs.get(name);
      if (value !== undefined && value !== wanted.attrs.get(name)) {
        throw inputError(
          mark`mismatch in field '${name}' of input '${attrsToJson(wanted.attrs)}', got '${attrsToJson(got.attrs)}'`,
        );
      }
    }
    return { scheme: result.scheme, attrs: wanted.attrs };
  }
  const narHash = narHashSri(specified.attrs);
  const gotHash = narHashSri(result.attrs);
  if (narHash !== undefined && gotHash !== narHash) throw narHashMismatch(specified, gotHash);
  const lastModified = maybeInt(specified.attrs, "lastModified");
  if (lastModified !== undefined && lastModified !== maybeInt(result.attrs, "lastModified")) {
    const got = maybeInt(result.attrs, "lastModified") ?? -1;
    throw inputError(
      mark`'lastModified' attribute mismatch in input '${printInput(result)}', expected ${String(lastModified)}, got ${
        String(got)
      }`,
    );
  }
  const rev = revHex(specified.attrs);
  if (rev !== undefined && revHex(result.attrs) !== rev) {
    throw inputError(mark`'rev' attribute mismatch in input '${printInput(result)}', expected ${rev}`);
  }
  const revCount = maybeInt(specified.attrs, "revCount");
  if (revCount !== undefined && revCount !== maybeInt(result.attrs, "revCount")) {
    throw inputError(
      mark`'revCount' attribute mismatch in input '${printInput(result)}', expected ${String(revCount)}`,
    );
  }
  return result;
}

function withSriHash(input: Input): Input {
  const narHash = narHashSri(input.attrs);
  if (narHash === undefined) return input;
  return { ...input, attrs: new Map(input.attrs).set("narHash", narHash) };
}

/** Returns the error of a tree whose hash isn't that of the input. */
export function narHashMismatch(specified: Input, got: string | undefined): FetchError {
  const wanted = narHashSri(specified.attrs)!;
  return new FetchError(
    "mismatch",
    mark`NAR hash mismatch in input '${printInput(specified)}', expected '${wanted}' but got ` +
      (got === undefined ? "none" : mark`'${got}'`),
  );
}
