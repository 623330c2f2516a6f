// Lock files of flakes and of devenv, versions 5 to 7: which tree each input is, and its inputs.
//
// Nodes refer to each other by key; an input may instead *follow* another one, named by the path of inputs that leads to it
// from the root. Lock files are read and never written.

import { attrsFromJson, attrsToJson, type AttrValue, type InputAttrs, jsonItems } from "./attrs.ts";
import { type FlakeRef, flakeRefFromAttrs, printFlakeRef } from "./flake_ref.ts";
import { type InputOptions, isLocked, relativePathOf } from "./input.ts";
import { narHashSri } from "./input_hash.ts";
import { parseUrl, printUrl, withoutQuery } from "./url.ts";
import { FetchError, inputError, mark, reasonOf, unsupportedInput } from "./errors.ts";
import { binaryToUtf8, utf8ToBinary } from "../format/bytes.ts";
import { jsonErrorIn } from "../text/json.ts";

/** Another node, or the path of inputs that leads to it. */
export type LockEdge = { readonly key: string } | { readonly follows: readonly string[] };

/** A node of a lock file. */
export interface LockNode {
  readonly key: string;
  readonly inputs: ReadonlyMap<string, LockEdge>;
  /** What is locked, as attributes of an input; undefined for the root. */
  readonly locked: InputAttrs | undefined;
  /** Where in the tree the flake is. */
  readonly dir: string;
  /** What the lock was made for; undefined for the root. */
  readonly original: FlakeRef | undefined;
  readonly isFlake: boolean;
  /** What a relative path is relative to: the path of inputs to that node. */
  readonly parent: readonly string[] | undefined;
}

/** A lock file. */
export interface LockFile {
  readonly root: LockNode;
  readonly nodes: ReadonlyMap<string, LockNode>;
}

/** The lock file of a flake without inputs. */
export const EMPTY_LOCK_FILE: LockFile = (() => {
  const root: LockNode = {
    key: "root",
    inputs: new Map(),
    locked: undefined,
    dir: "",
    original: undefined,
    isFlake: true,
    parent: undefined,
  };
  return { root, nodes: new Map([["root", root]]) };
})();

type Json = Readonly<Record<string, unknown>>;

/** How a lock file is read. */
export interface LockFileOptions extends InputOptions {
  /** Where it is, for messages. */
  readonly path: string;
  /** Whether inputs may be unlocked, as paths in devenv's lock files are. */
  readonly allowUnlocked?: boolean;
}

/**
 * Reads a lock file. Only nodes that lead from the root are looked at.
 * @throws {FetchError} if it is malformed or of another version
 */
export function parseLockFile(text: string, options: LockFileOptions): LockFile {
  const { path } = options;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (e) {
    throw inputError(mark`Could not parse '${path}': ${jsonErrorIn(text) ?? reasonOf(e)}`);
  }
  const version = readVersion(json);
  if (version < 5 || version > 7) throw inputError(mark`lock file '${path}' has unsupported version ${version}`);
  const { nodes: rawNodes, root } = json as Json;
  const rootKey = string(root);
  if (rawNodes !== undefined && rawNodes !== null && !isObject(rawNodes)) {
    throw jsonError(305, `cannot use operator[] with a string argument with ${jsonType(rawNodes)}`);
  }
  const nodes = new Map<string, LockNode>();
  const add = (key: string): void => {
    const name = binaryToUtf8(key);
    // Not what every object of JavaScript has, "constructor" say.
    const raw = isObject(rawNodes) && Object.hasOwn(rawNodes, name) ? rawNodes[name] : undefined;
    if (raw === undefined && key !== rootKey) throw inputError(mark`lock file references missing node '${key}'`);
    const node = readNode(key, raw, { ...options, isRoot: key === rootKey });
    nodes.set(key, node);
    for (const edge of node.inputs.values()) {
      if ("follows" in edge) continue;
      if (edge.key === rootKey) throw inputError("lock file contains cycle to root node");
      if (!nodes.has(edge.key)) add(edge.key);
    }
  };
  add(rootKey);
  const lockFile: LockFile = { root: nodes.get(rootKey)!, nodes };
  checkFollows(lockFile);
  return lockFile;
}

/** Returns the version, as the integer of 32 bits that C++ Nix makes of a number. */
function readVersion(json: unknown): number {
  if (!isObject(json)) throw jsonError(306, `cannot use value() with ${jsonType(json)}`);
  const { version = 0 } = json;
  if (typeof version !== "number" && typeof version !== "boolean") throw wrongType("number", version);
  return Number(version) | 0;
}

function readNode(
  key: string,
  value: unknown,
  options: LockFileOptions & { readonly isRoot: boolean },
): LockNode {
  const raw = isObject(value) ? value : {};
  const inputs = new Map<string, LockEdge>();
  for (const [name, edge] of jsonItems(raw.inputs)) {
    inputs.set(name, Array.isArray(edge) ? { follows: edge.map(string) } : { key: string(edge) });
  }
  if (options.isRoot) {
    return { key, inputs, locked: undefined, dir: "", original: undefined, isFlake: true, parent: undefined };
  }
  if (raw.locked === undefined) throw inputError(mark`attribute '${"locked"}' missing in lock file`);
  const attrs = new Map<string, AttrValue>([...attrsFromJson(raw.locked), ...attrsFromJson(raw.info ?? {})]);
  const ref = flakeRefFromAttrs(attrs, options);
  if (raw.original === undefined) throw inputError(mark`attribute '${"original"}' missing in lock file`);
  const original = flakeRefFromAttrs(attrsFromJson(raw.original), options);
  const { flake: isFlake = true, parent = null } = raw;
  if (typeof isFlake !== "boolean") throw wrongType("boolean", isFlake);
  if (parent !== null && !Array.isArray(parent)) throw wrongType("array", parent);
  const node = { key, inputs, locked: ref.input.attrs, dir: ref.dir, original, isFlake, parent: parent?.map(string) };
  if (!options.allowUnlocked) checkLocked(ref, options);
  return node;
}

function checkLocked(ref: FlakeRef, options: InputOptions): void {
  const { input } = ref;
  if (isLocked(input, options) || relativePathOf(input) !== undefined) return;
  if (narHashSri(input.attrs) === undefined) {
    const errorOf = input.scheme === undefined ? unsupportedInput : inputError;
    throw errorOf(
      mark`Lock file contains unlocked input '${
        attrsToJson(input.attrs)
      }'. Use '--allow-dirty-locks' to accept this lock file.`,
    );
  }
  options.warn?.(
    mark`Lock file entry '${printFlakeRef(ref)}' is unlocked (e.g. lacks a Git revision) but is checked by NAR hash. ` +
      "This is not reproducible and will break after garbage collection or when shared.",
  );
}

/**
 * Returns the node a path of inputs leads to from the root; undefined if it leads nowhere. `visited` are the paths that led
 * to this one, in order.
 * @throws {FetchError} in circles
 */
export function findNode(
  lockFile: LockFile,
  path: readonly string[],
  visited: Set<string> = new Set(),
): LockNode | undefined {
  const shown = path.join("/");
  if (visited.has(shown)) {
    const paths = [...visited];
    const cycle = [...paths.slice(paths.indexOf(shown)), shown].join(" -> ");
    throw inputError(mark`follow cycle detected: [${cycle}]`);
  }
  visited.add(shown);
  let node: LockNode | undefined = lockFile.root;
  for (const name of path) {
    const edge: LockEdge | undefined = node?.inputs.get(name);
    if (edge === undefined) {
      node = undefined;
      break;
    }
    node = "follows" in edge ? findNode(lockFile, edge.follows, visited) : lockFile.nodes.get(edge.key);
  }
  visited.delete(shown);
  return node;
}

/** Returns the node an input is. */
export function resolveEdge(lockFile: LockFile, edge: LockEdge): LockNode {
  const node = "follows" in edge ? findNode(lockFile, edge.follows) : lockFile.nodes.get(edge.key);
  if (node === undefined) throw inputError("lock file has an input that leads nowhere");
  return node;
}

function checkFollows(lockFile: LockFile): void {
  for (const node of lockFile.nodes.values()) {
    for (const [name, edge] of node.inputs) {
      if (!("follows" in edge) || edge.follows.length === 0 || findNode(lockFile, edge.follows) !== undefined) continue;
      throw inputError(mark`input '${name}' follows a non-existent input '${edge.follows.join("/")}'`);
    }
  }
}

/** Whether a lock that was made for one reference will do for another. */
export function sameRef(a: FlakeRef, b: FlakeRef): boolean {
  return printCanonically(a) === printCanonically(b);
}

/** Old versions of Nix left `dir` in the URL. */
function printCanonically(ref: FlakeRef): string {
  const attrs = new Map(ref.input.attrs);
  const url = attrs.get("url");
  if (typeof url === "string") {
    try {
      const parsed = parseUrl(url, { lenient: true });
      const same = ref.dir !== "" && parsed.query.get("dir") === ref.dir;
      attrs.set("url", printUrl(same ? withoutQuery(parsed, ["dir"]) : parsed));
    } catch (e) {
      if (!(e instanceof FetchError)) throw e;
    }
  }
  return `${attrsToJson(attrs)} ${ref.dir}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: unknown): string {
  if (typeof value === "string") return utf8ToBinary(value);
  throw wrongType("string", value);
}

/** Returns the error of nlohmann's JSON library, which C++ Nix doesn't catch. */
function jsonError(id: number, message: string): FetchError {
  return new FetchError("library", `[json.exception.type_error.${id}] ${message}`);
}

function wrongType(wanted: string, value: unknown): FetchError {
  return jsonError(302, `type must be ${wanted}, but is ${jsonType(value)}`);
}

function jsonType(value: unknown): string {
  return value === null || value === undefined ? "null" : Array.isArray(value) ? "array" : typeof value;
}
