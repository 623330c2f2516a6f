// Store paths: `<store dir>/<32 nixbase32 chars>-<name>`, the chars being 20 bytes of a fingerprint.
//
// A StorePath is kept whole, store directory included, because that is how it appears in strings, ATerms and fingerprints;
// C++ Nix keeps the base name. Sorting whole paths of one store sorts base names too. Error texts are C++ Nix's
// (libstore/path.cc, store-dir-config.cc).
//
// A fingerprint is `type:sha256:<hex>:<store dir>:<name>`; what type and hash are for content-addressed paths is in
// content_address.ts. All of it is computed from hex text, the cheap form of a digest (see hash.ts).

import { sha256Into } from "./hash.ts";
import { encodeNixbase32, NIXBASE32_ALPHABET } from "./nixbase32.ts";
import { StorePathError, StorePathNameError } from "./errors.ts";

/** A whole, valid store path: no file below it, no trailing slash. */
export type StorePath = string & { readonly __storePath: true };

/** The store path of a derivation: its name ends in ".drv". */
export type DrvPath = StorePath & { readonly __drvPath: true };

/** The store directory unless a caller says otherwise. */
export const DEFAULT_STORE_DIR = "/nix/store";

/** The longest name of a store path, in bytes. */
export const MAX_NAME_LENGTH = 211;

/** The length of the hash part in chars. */
const HASH_PART_LENGTH = 32;

/** Where store paths lie; "/nix/store" unless given. */
export interface StoreDirOptions {
  readonly storeDir?: string;
}

const VALID_NAME = /^[0-9a-zA-Z+\-._?=]+$/;
const INVALID_NAME_CHAR = /[^0-9a-zA-Z+\-._?=]/;
/** A valid base name but for those that begin with a dot, which have rules of their own. */
const USUAL_BASE_NAME = new RegExp(`^[${NIXBASE32_ALPHABET}]{32}-[0-9a-zA-Z+\\-_?=][0-9a-zA-Z+\\-._?=]{0,210}$`);
const INVALID_HASH_CHAR = new RegExp(`[^${NIXBASE32_ALPHABET}]`);

/** Checks the name part of a store path. @throws {StorePathNameError} with C++ Nix's message. */
export function checkStorePathName(name: string): void {
  if (name === "") throw new StorePathNameError("name must not be empty");
  if (name.length > MAX_NAME_LENGTH) {
    throw new StorePathNameError(`name '${name}' must be no longer than ${MAX_NAME_LENGTH} characters`);
  }
  if (name.charCodeAt(0) === 0x2e) {
    const first = name.split("-", 1)[0];
    if (name === "." || name === "..") throw new StorePathNameError(`name '${name}' is not valid`);
    if (first === "." || first === "..") {
      throw new StorePathNameError(
        `name '${name}' is not valid: first dash-separated component must not be '${first}'`,
      );
    }
  }
  if (!VALID_NAME.test(name)) {
    throw new StorePathNameError(`name '${name}' contains illegal character '${INVALID_NAME_CHAR.exec(name)}'`);
  }
}

/**
 * Checks a store path without its directory, `<hash>-<name>`.
 * @throws {StorePathError} with C++ Nix's message. Like C++ Nix it doesn't look at the char between hash and name.
 */
export function checkStorePathBaseName(baseName: string): void {
  if (baseName.length < HASH_PART_LENGTH + 1) {
    throw new StorePathError(`'${baseName}' is too short to be a valid store path`);
  }
  const illegal = INVALID_HASH_CHAR.exec(baseName.slice(0, HASH_PART_LENGTH));
  if (illegal) throw new StorePathError(`store path '${baseName}' contains illegal base-32 character '${illegal}'`);
  checkNameOf(baseName, baseName.slice(HASH_PART_LENGTH + 1));
}

function checkNameOf(baseName: string, name: string): void {
  try {
    checkStorePathName(name);
  } catch (error) {
    if (!(error instanceof StorePathNameError)) throw error;
    throw new StorePathError(`path '${baseName}' is not a valid store path: ${error.message}`, { cause: error });
  }
}

/**
 * Returns the store path that `path` is, once "//", "." and ".." are resolved in it.
 * @throws {StorePathError} with C++ Nix's message if it isn't absolute, not directly in the store directory, or malformed.
 */
export function parseStorePath(path: string, options: StoreDirOptions = {}): StorePath {
  const storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
  if (path.startsWith(storeDir) && path.charCodeAt(storeDir.length) === 0x2f) {
    if (USUAL_BASE_NAME.test(path.slice(storeDir.length + 1))) return path as StorePath;
  }
  const canonical = canonicalPath(path);
  const slash = canonical.lastIndexOf("/");
  if (slash !== storeDir.length || !canonical.startsWith(storeDir)) {
    throw new StorePathError(`path "${canonical}" is not in the Nix store`);
  }
  checkStorePathBaseName(canonical.slice(slash + 1));
  return canonical as StorePath;
}

/** Tells whether `path` is a store path as {@link parseStorePath} takes it. */
export function isStorePath(path: string, options: StoreDirOptions = {}): boolean {
  try {
    parseStorePath(path, options);
    return true;
  } catch (error) {
    if (error instanceof StorePathError) return false;
    throw error;
  }
}

/** Tells whether `path` lies below the store directory. The path must be canonical. */
export function isInStore(path: string, options: StoreDirOptions = {}): boolean {
  const storeDir = options.storeDir ?? DEFAULT_STORE_DIR;
  return path.length > storeDir.length + 1 && path.charCodeAt(storeDir.length) === 0x2f && path.startsWith(storeDir);
}

/**
 * Splits a path in the store into the store path and the rest ("" or "/…").
 * @throws {StorePathError} if it isn't in the store or its first component isn't a store path's base name.
 */
export function splitStorePath(
  path: string,
  options: StoreDirOptions = {},
): { readonly storePath: StorePath; readonly rest: string } {
  if (!isInStore(path, options)) throw new StorePathError(`path '${path}' is not in the Nix store`);
  const slash = path.indexOf("/", (options.storeDir ?? DEFAULT_STORE_DIR).length + 1);
  if (slash < 0) return { storePath: parseStorePath(path, options), rest: "" };
  return { storePath: parseStorePath(path.slice(0, slash), options), rest: path.slice(slash) };
}

/** Returns the store path of a base name. @throws {StorePathError} if it is malformed. */
export function storePathFromBaseName(baseName: string, options: StoreDirOptions = {}): StorePath {
  checkStorePathBaseName(baseName);
  return `${options.storeDir ?? DEFAULT_STORE_DIR}/${baseName}` as StorePath;
}

/** Returns `<hash>-<name>`. */
export function storePathBaseName(path: StorePath): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Returns the 32 chars of nixbase32. */
export function storePathHashPart(path: StorePath): string {
  const start = path.lastIndexOf("/") + 1;
  return path.slice(start, start + HASH_PART_LENGTH);
}

/** Returns what follows the hash and its dash. */
export function storePathName(path: StorePath): string {
  return path.slice(path.lastIndexOf("/") + HASH_PART_LENGTH + 2);
}

/** Tells whether a store path is a derivation's. */
export function isDrvPath(path: StorePath): path is DrvPath {
  return path.endsWith(".drv");
}

/** Returns the derivation's name: the store path's without ".drv". @throws {StorePathError} if it isn't a derivation's. */
export function drvNameFromPath(path: StorePath): string {
  if (!isDrvPath(path)) {
    throw new StorePathError(`store path '${storePathBaseName(path)}' is not a valid derivation path`);
  }
  return storePathName(path).slice(0, -4);
}

/** Returns the store path name of an output: the derivation's for "out", else `<name>-<output>`. */
export function outputPathName(drvName: string, output: string): string {
  return output === "out" ? drvName : `${drvName}-${output}`;
}

/**
 * Returns the store path with the fingerprint `<type>:<hash>:<store dir>:<name>`; `hash` is `algo:<hex>`.
 * @throws {StorePathError} if the name is not valid.
 */
export function makeStorePath(
  type: string,
  options: StoreDirOptions & { readonly hash: string; readonly name: string },
): StorePath {
  const { hash, name, storeDir = DEFAULT_STORE_DIR } = options;
  const part = hashPartOf(`${type}:${hash}:${storeDir}:${name}`);
  if (!VALID_NAME.test(name) || name.length > MAX_NAME_LENGTH || name.charCodeAt(0) === 0x2e) {
    checkNameOf(`${part}-${name}`, name);
  }
  return `${storeDir}/${part}-${name}` as StorePath;
}

/** A digest that is being shortened. */
const digest = new Uint8Array(32);
const HASH_PART_BYTES = 20;
const hashPart = digest.subarray(0, HASH_PART_BYTES);

function hashPartOf(fingerprint: string): string {
  sha256Into(digest, fingerprint);
  // As compressHash, in place.
  for (let i = HASH_PART_BYTES; i < 32; i++) digest[i - HASH_PART_BYTES] ^= digest[i];
  return encodeNixbase32(hashPart);
}

/** Returns the path of a derivation's output; `modulo` is the derivation's hash modulo, SHA-256 in base16. */
export function makeOutputPath(
  output: string,
  options: StoreDirOptions & { readonly modulo: string; readonly drvName: string },
): StorePath {
  const { modulo, drvName, storeDir } = options;
  return makeStorePath(`output:${output}`, {
    hash: `sha256:${modulo}`,
    name: outputPathName(drvName, output),
    storeDir,
  });
}

/** Returns the canonical form of an absolute path: no "//", "." or ".." and no trailing slash; symlinks aren't followed. */
export function canonicalPath(path: string): string {
  if (path.charCodeAt(0) !== 0x2f) throw new StorePathError(`not an absolute path: "${path}"`);
  if (!/\/(?:\.{0,2}(?:\/|$))/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
