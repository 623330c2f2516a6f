// URLs as C++ Nix 2.34 takes and prints them: RFC 3986 to the letter (Nix uses Boost.URL), not the WHATWG URLs of browsers.
// Nothing is normalised but what taking apart and putting together does: percent-encoding of what needs none is undone, what
// isn't unreserved is encoded, query parameters are sorted by name and the first of a name stays.
//
// Components are binary strings after percent-decoding. The path is split at "/": an absolute one begins with "". `lenient`
// is what flake references want: blanks, quotes and (in fragments) "#" and "^" needn't be encoded.

import { mark, redactUrl, urlError } from "./errors.ts";

/** Host, and who asks. */
export interface Authority {
  /** How the host is written: in brackets or not. */
  readonly hostType: "name" | "ipv4" | "bracketed";
  readonly host: string;
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
}

/** A URL taken apart. */
export interface ParsedUrl {
  readonly scheme: string;
  readonly authority?: Authority;
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly fragment: string;
}

/** How a URL is read. */
export interface UrlOptions {
  readonly lenient?: boolean;
  /** Is told of parameters without "=". */
  readonly warn?: (message: string) => void;
}

const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*$/;
const UNRESERVED = /[a-zA-Z0-9._~-]/;
// Each takes percent signs; whether two digits follow is looked at apart, since that is another error.
const USER_CHARS = /^[a-zA-Z0-9._~!$&'()*+,;=:%-]*$/;
const HOST_CHARS = /^[a-zA-Z0-9._~!$&'()*+,;=%-]*$/;
const PATH_CHARS = /^[a-zA-Z0-9._~!$&'()*+,;=:@/%-]*$/;
const QUERY_CHARS = /^[a-zA-Z0-9._~!$&'()*+,;=:@/?[\]%-]*$/;
const FRAGMENT_CHARS = /^[a-zA-Z0-9._~!$&'()*+,;=:@/?%-]*$/;
const BAD_PERCENT = /%(?![0-9a-fA-F]{2})/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.|$)){4}$/;
const IPV6 = /^[0-9a-fA-F:.]+(?:%25[a-zA-Z0-9._~%-]+)?$/;
const IPV_FUTURE = /^[vV][0-9a-fA-F]+\.[a-zA-Z0-9._~!$&'()*+,;=:-]+$/;

/** Checks what is only downloaded from and needn't be a URL by {@link parseUrl}. @throws {FetchError} of code `url` */
export function checkScheme(text: string): void {
  if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text)) throw urlError(mark`URL '${redactUrl(text)}' doesn't have a scheme`);
}

/** Returns the URL taken apart. @throws {FetchError} of code `url`, with C++ Nix's message */
export function parseUrl(text: string, options: UrlOptions = {}): ParsedUrl {
  const { lenient = false, warn } = options;
  const url = lenient ? encodeLeniently(text) : text;
  const invalid = (reason: string) => urlError(mark`'${text}' is not a valid URL: ${reason}`);

  const hash = url.indexOf("#");
  const fragment = hash < 0 ? "" : url.slice(hash + 1);
  const beforeHash = hash < 0 ? url : url.slice(0, hash);
  const mark_ = beforeHash.indexOf("?");
  const query = mark_ < 0 ? "" : beforeHash.slice(mark_ + 1);
  const hierarchical = mark_ < 0 ? beforeHash : beforeHash.slice(0, mark_);

  const colon = /^[^/]*?:/.exec(hierarchical)?.[0].length ?? 0;
  if (colon === 1) throw invalid("leftover");
  const scheme = hierarchical.slice(0, Math.max(0, colon - 1));
  if (colon > 0 && !SCHEME.test(scheme)) throw invalid("mismatch");
  let rest = hierarchical.slice(colon);
  let authorityText: string | undefined;
  if (rest.startsWith("//")) {
    const end = rest.indexOf("/", 2);
    authorityText = end < 0 ? rest.slice(2) : rest.slice(2, end);
    rest = end < 0 ? "" : rest.slice(end);
  }
  checkAuthority(authorityText ?? "", invalid);
  if (!PATH_CHARS.test(rest)) throw invalid("leftover");
  if (BAD_PERCENT.test(rest)) throw invalid("mismatch");
  if (!QUERY_CHARS.test(query) || BAD_PERCENT.test(query)) throw invalid("leftover");
  if (!FRAGMENT_CHARS.test(fragment)) throw invalid("leftover");
  if (BAD_PERCENT.test(fragment)) throw invalid("mismatch");
  if (colon === 0) throw urlError(mark`'${text}' doesn't have a scheme`);

  const authority = authorityText === undefined ? undefined : parseAuthority(authorityText);
  const isFile = splitScheme(scheme).transport === "file";
  if (isFile && authority !== undefined && authority.host !== "") {
    throw urlError(mark`file:// URL '${url}' has unexpected authority '${printAuthority(authority)}'`);
  }
  const path = isFile && rest === "" ? "/" : rest;
  return {
    scheme,
    ...(authority === undefined ? {} : { authority }),
    path: path.split("/").map(percentDecode),
    query: decodeQuery(query, { lenient, warn }),
    fragment: percentDecode(fragment),
  };
}

function encodeLeniently(text: string): string {
  const question = text.indexOf("?");
  let head = "";
  let rest = text;
  if (question >= 0) {
    const hash = text.indexOf("#", question);
    const end = hash < 0 ? text.length : hash;
    head = text.slice(0, question + 1) + encodeChars(text.slice(question + 1, end), ' "');
    rest = text.slice(end);
  }
  const hash = rest.indexOf("#");
  return hash < 0 ? head + rest : head + rest.slice(0, hash + 1) + encodeChars(rest.slice(hash + 1), ' "#^');
}

function encodeChars(text: string, chars: string): string {
  return [...text].map((char) => chars.includes(char) ? percentEncode(char) : char).join("");
}

type Invalid = (reason: string) => Error;

function checkAuthority(text: string, invalid: Invalid): void {
  const at = text.indexOf("@");
  if (at >= 0) {
    const user = text.slice(0, at);
    if (!USER_CHARS.test(user)) throw invalid("leftover");
    if (BAD_PERCENT.test(user)) throw invalid("mismatch");
  }
  const hostPort = text.slice(at + 1);
  if (hostPort[0] === "[") {
    const end = hostPort.indexOf("]");
    const inner = hostPort.slice(1, end);
    if (end < 0 || !(IPV6.test(inner) || IPV_FUTURE.test(inner))) throw invalid("mismatch");
    if (!/^(?::[0-9]*)?$/.test(hostPort.slice(end + 1))) throw invalid("leftover");
    return;
  }
  const colon = hostPort.indexOf(":");
  const host = colon < 0 ? hostPort : hostPort.slice(0, colon);
  if (!HOST_CHARS.test(host)) throw invalid("leftover");
  if (BAD_PERCENT.test(host)) throw invalid("mismatch");
  if (colon >= 0 && !/^[0-9]*$/.test(hostPort.slice(colon + 1))) throw invalid("leftover");
}

function parseAuthority(text: string): Authority {
  const at = text.indexOf("@");
  const userInfo = at < 0 ? undefined : text.slice(0, at);
  const hostPort = text.slice(at + 1);
  const colon = hostPort.indexOf(":", hostPort[0] === "[" ? hostPort.indexOf("]") : 0);
  const host = colon < 0 ? hostPort : hostPort.slice(0, colon);
  const portText = colon < 0 ? "" : hostPort.slice(colon + 1);
  const port = portText === "" ? undefined : Number(portText);
  if (port === 0 || (port !== undefined && port > 65535)) throw urlError(mark`port '${portText}' is invalid`);
  const bracketed = host[0] === "[";
  const split = userInfo?.indexOf(":") ?? -1;
  return {
    hostType: bracketed ? "bracketed" : IPV4.test(host) ? "ipv4" : "name",
    host: percentDecode(bracketed ? host.slice(1, -1) : host),
    ...(userInfo === undefined ? {} : { user: percentDecode(split < 0 ? userInfo : userInfo.slice(0, split)) }),
    ...(split < 0 ? {} : { password: percentDecode(userInfo!.slice(split + 1)) }),
    ...(port === undefined ? {} : { port }),
  };
}

/** Returns a query taken apart. @throws {FetchError} of code `url` */
export function decodeQuery(query: string, options: UrlOptions = {}): ReadonlyMap<string, string> {
  const text = options.lenient ? encodeChars(query, ' "') : query;
  if (!QUERY_CHARS.test(text) || BAD_PERCENT.test(text)) {
    throw urlError(mark`invalid URI query '${query}': ${"leftover"}`);
  }
  const parameters = new Map<string, string>();
  if (text === "") return parameters;
  for (const parameter of text.split("&")) {
    const equals = parameter.indexOf("=");
    if (equals < 0) {
      options.warn?.(mark`dubious URI query '${parameter}' is missing equal sign '${"="}', ignoring`);
      continue;
    }
    const name = percentDecode(parameter.slice(0, equals));
    if (!parameters.has(name)) parameters.set(name, percentDecode(parameter.slice(equals + 1)));
  }
  return parameters;
}

/** Returns the URL as text. */
export function printUrl(url: ParsedUrl): string {
  const { scheme, authority, path, query, fragment } = url;
  let text = `${scheme}:`;
  if (authority !== undefined) text += `//${printAuthority(authority)}`;
  text += printUrlPath(path);
  if (query.size > 0) text += `?${encodeQuery(query)}`;
  if (fragment !== "") text += `#${percentEncode(fragment)}`;
  return text;
}

/** Returns an authority as text. */
export function printAuthority(authority: Authority): string {
  const { user, password, hostType, host, port } = authority;
  let text = "";
  if (user !== undefined) {
    text += percentEncode(user);
    if (password !== undefined) text += `:${percentEncode(password)}`;
    text += "@";
  }
  text += hostType === "bracketed" ? `[${percentEncode(host, ":")}]` : hostType === "ipv4" ? host : percentEncode(host);
  return port === undefined ? text : `${text}:${port}`;
}

/** Returns a path as text, encoded. */
function printUrlPath(path: readonly string[]): string {
  return path.map((name) => percentEncode(name, ":@")).join("/");
}

/** Returns a query as text, parameters sorted by name. */
function encodeQuery(query: ReadonlyMap<string, string>): string {
  return [...query.keys()].sort()
    .map((name) => `${percentEncode(name, ":@/?")}=${percentEncode(query.get(name)!, ":@/?")}`)
    .join("&");
}

/** Returns `text` with everything encoded that is neither unreserved nor in `keep`. */
function percentEncode(text: string, keep = ""): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    out += UNRESERVED.test(char) || keep.includes(char)
      ? char
      : `%${text.charCodeAt(i).toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

/** Returns `text` decoded. @throws {FetchError} of code `url` for a percent sign without two digits */
export function percentDecode(text: string): string {
  const bad = text.search(BAD_PERCENT);
  if (bad >= 0) {
    const reason = bad + 2 < text.length ? "bad hexdig in pct-encoding" : "incomplete pct-encoding";
    throw urlError(mark`invalid URI parameter '${text}': ${reason}`);
  }
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** Splits "git+https" into what it is for and how it is reached. */
export function splitScheme(scheme: string): { readonly application?: string; readonly transport: string } {
  const plus = scheme.indexOf("+");
  return plus < 0 ? { transport: scheme } : { application: scheme.slice(0, plus), transport: scheme.slice(plus + 1) };
}

/** Returns the components of a path that aren't empty. */
export function pathSegments(url: ParsedUrl): readonly string[] {
  return url.path.filter((name) => name !== "");
}

/** Returns the file a path of a URL names. @throws {FetchError} of code `url` if its names can't be those of files */
export function urlPathToFile(path: readonly string[]): string {
  for (const name of path) {
    if (name.includes("/")) {
      throw urlError(mark`URL path component '${name}' contains '/', which is not allowed in file names`);
    }
    if (name.includes("\0")) {
      const shown = name.replaceAll("\0", "\xe2\x90\x80");
      throw urlError(mark`URL path component '${shown}' contains NUL byte which is not allowed`);
    }
  }
  // As std::filesystem appends: an empty name adds a slash, a repeated one doesn't.
  let file = path[0] === "" ? "/" : "";
  for (const name of path.slice(path[0] === "" ? 1 : 0)) {
    if (file !== "" && !file.endsWith("/")) file += "/";
    file += name;
  }
  return file;
}

/** Returns the path of a URL that names a file. */
export function fileToUrlPath(file: string): readonly string[] {
  const names = file.split("/").filter((name) => name !== "");
  const path = file[0] === "/" ? ["", ...names] : names;
  return file.endsWith("/") || file === "" ? [...path, ""] : path;
}

/**
 * Returns what git calls a repository as a URL: scp's `user@host:path` and plain paths too.
 * @throws {FetchError} of code `url`
 */
export function fixGitUrl(text: string, options: UrlOptions = {}): ParsedUrl {
  const scp = /^([^/]*)@(.*):(.*)$/s.exec(text);
  const url = text[0] !== "/" && scp !== null ? `ssh://${scp[1]}@${scp[2]}/${scp[3]}` : text;
  if (!url.startsWith("file:") && !url.startsWith("git+file:") && !url.includes("://")) {
    const path = url.split("/");
    if (path[0].includes(":")) {
      throw urlError(mark`SCP-like URL '${url}' is not supported; use SSH URL syntax instead (ssh://...)`);
    }
    return {
      scheme: "file",
      ...(url[0] === "/" ? { authority: { hostType: "name", host: "" } } : {}),
      path,
      query: new Map(),
      fragment: "",
    };
  }
  const parsed = parseUrl(url, options);
  const { application, transport } = splitScheme(parsed.scheme);
  return application === "git" ? { ...parsed, scheme: transport } : parsed;
}

/** Returns the URL with some parameters of its query set. */
export function withQuery(url: ParsedUrl, parameters: Iterable<readonly [string, string]>): ParsedUrl {
  const query = new Map(url.query);
  for (const [name, value] of parameters) query.set(name, value);
  return { ...url, query };
}

/** Returns the URL without some parameters of its query. */
export function withoutQuery(url: ParsedUrl, names: Iterable<string>): ParsedUrl {
  const query = new Map(url.query);
  for (const name of names) query.delete(name);
  return { ...url, query };
}
