// Flake references: an input and a directory in it, as a URL, an id ("nixpkgs/nixos-25.05") or a path.

import { type AttrValue, type InputAttrs, maybeString } from "./attrs.ts";
import { FetchError, inputError, mark, urlError } from "./errors.ts";
import { type Input, inputFromAttrs, inputFromUrl, type InputOptions, inputToUrl } from "./input.ts";
import { decodeQuery, fileToUrlPath, type ParsedUrl, parseUrl, percentDecode, printUrl, urlPathToFile } from "./url.ts";

/** An input and where in it the flake is. */
export interface FlakeRef {
  readonly input: Input;
  /** "" for the top. */
  readonly dir: string;
}

/** How a reference is read. */
export interface FlakeRefOptions extends InputOptions {
  /** What relative paths start from; without it they are errors, or kept if `keepRelative`. */
  readonly baseDir?: string;
  readonly keepRelative?: boolean;
  /** False for inputs that are plain trees, which makes URLs without an archive's extension files. */
  readonly isFlake?: boolean;
}

const REV = "[0-9a-fA-F]{40}";
const REF = "[a-zA-Z0-9@][a-zA-Z0-9_./@+-]*";
const FRAGMENT = `(?:[a-zA-Z0-9._~!$&'"()*+,;=:@/? ^-]|%[0-9a-fA-F]{2})*`;
const ID_REF = new RegExp(
  `^([a-zA-Z][a-zA-Z0-9_-]*(?:/(?:${REV}|${REF}(?:/${REV})?))?)(?:#(${FRAGMENT}))?$`,
);
const PATH_REF = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;

/** Returns the reference that `text` is. @throws {FetchError} if it is none, or has a fragment */
export function parseFlakeRef(text: string, options: FlakeRefOptions): FlakeRef {
  const { ref, fragment } = parseFlakeRefWithFragment(text, options);
  if (fragment !== "") throw inputError(mark`unexpected fragment '${fragment}' in flake reference '${text}'`);
  return ref;
}

/** Returns the reference that `text` is, and what follows its "#". @throws {FetchError} if it is none */
function parseFlakeRefWithFragment(
  text: string,
  options: FlakeRefOptions,
): { readonly ref: FlakeRef; readonly fragment: string } {
  const id = ID_REF.exec(text);
  if (id !== null) {
    const url: ParsedUrl = { scheme: "flake", path: id[1].split("/"), query: new Map(), fragment: "" };
    const input = inputFromUrl(url, { ...options, requireTree: options.isFlake });
    return { ref: { input, dir: "" }, fragment: percentDecode(id[2] ?? "") };
  }
  try {
    return fromUrl(absolute(parseUrl(text, { lenient: true, warn: options.warn }), options.baseDir), options);
  } catch (e) {
    if (!(e instanceof FetchError && e.code === "url")) throw e;
  }
  return parsePathRef(text, options);
}

function parsePathRef(
  text: string,
  options: FlakeRefOptions,
): { readonly ref: FlakeRef; readonly fragment: string } {
  const match = PATH_REF.exec(text);
  if (match === null) throw inputError(mark`invalid flakeref '${text}'`);
  const query = decodeQuery(match[2] ?? "", { lenient: true, warn: options.warn });
  const fragment = percentDecode(match[3] ?? "");
  let path = match[1];
  if (path[0] !== "/") {
    if (options.baseDir !== undefined) path = resolvePath(options.baseDir, path);
    else if (!options.keepRelative) throw urlError(mark`flake reference '${text}' is not an absolute path`);
  }
  return fromUrl({
    scheme: "path",
    ...(path[0] === "/" ? { authority: { hostType: "name", host: "" } } : {}),
    path: fileToUrlPath(path),
    query,
    fragment,
  }, options);
}

/** Returns a path as seen from a directory, without "." and "..". */
function resolvePath(dir: string, path: string): string {
  const names: string[] = [];
  for (const name of `${dir}/${path}`.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

/** Makes a relative path in a URL absolute. */
function absolute(url: ParsedUrl, baseDir: string | undefined): ParsedUrl {
  if (baseDir === undefined || (url.scheme !== "path" && url.scheme !== "git+file")) return url;
  const file = urlPathToFile(url.path);
  return file[0] === "/" ? url : { ...url, path: fileToUrlPath(resolvePath(baseDir, file)) };
}

function fromUrl(url: ParsedUrl, options: FlakeRefOptions): { readonly ref: FlakeRef; readonly fragment: string } {
  const query = new Map(url.query);
  const dir = query.get("dir") ?? "";
  query.delete("dir");
  const input = inputFromUrl({ ...url, query, fragment: "" }, { ...options, requireTree: options.isFlake });
  return { ref: { input, dir }, fragment: url.fragment };
}

/** Returns the reference that attributes, `dir` among them, describe. @throws {FetchError} if they make no sense */
export function flakeRefFromAttrs(attrs: InputAttrs, options: InputOptions): FlakeRef {
  const inputAttrs = new Map(attrs);
  inputAttrs.delete("dir");
  return { input: inputFromAttrs(inputAttrs, options), dir: maybeString(attrs, "dir") ?? "" };
}

/** Returns the attributes of a reference, `dir` among them. */
export function flakeRefAttrs(ref: FlakeRef): InputAttrs {
  if (ref.dir === "" || ref.input.attrs.has("dir")) return ref.input.attrs;
  return new Map<string, AttrValue>(ref.input.attrs).set("dir", ref.dir);
}

/** Returns a reference as text. @throws {FetchError} if its kind isn't known */
export function printFlakeRef(ref: FlakeRef): string {
  const url = inputToUrl(ref.input);
  if (ref.dir === "" || url.query.has("dir")) return printUrl(url);
  return printUrl({ ...url, query: new Map(url.query).set("dir", ref.dir) });
}
