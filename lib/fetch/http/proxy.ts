// Which proxy a URL is fetched through: curl's reading of the environment, which is what C++ Nix has and what git goes by.
//
// Deno reads the same variables in its own way: it knows no `no_proxy=*` for addresses, no blanks between entries, asks ALL_PROXY first, and
// upper case before lower case. It can't be told to leave them alone, only, per client, which proxy to use; hence deno_clients.ts.

import { utf8ToBinary } from "../../format/bytes.ts";

/** A proxy. */
export interface Proxy {
  readonly scheme: "http" | "https" | "socks5" | "socks5h";
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Binary strings; undefined if the proxy needn't know who one is. */
  readonly credentials: { readonly login: string; readonly password: string } | undefined;
}

/** Environment variables by name. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/** What the environment names is no proxy that can be used. The message is curl's. */
export class ProxyError extends Error {}

const DEFAULT_PORT = 1080;

/** Whether there are variables that Deno heeds for a URL. */
export function hasProxyVariables(url: URL, env: ProxyEnv): boolean {
  const own = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  return [own, "all_proxy"].some((name) => !!env[name] || !!env[name.toUpperCase()]);
}

/**
 * Returns the proxy for a URL, undefined if there is none. Lower case comes first; HTTP_PROXY doesn't count, as a CGI script's
 * client can set it. @throws {ProxyError}
 */
export function proxyFor(url: URL, env: ProxyEnv): Proxy | undefined {
  const get = (name: string) => env[name] || env[name.toUpperCase()];
  const own = url.protocol === "https:" ? get("https_proxy") : env.http_proxy;
  const proxy = own || get("all_proxy");
  if (!proxy || isExempt(url, get("no_proxy") ?? "")) return undefined;
  return parseProxy(proxy);
}

/** Whether a list of hosts, domains and networks holds the host of a URL. */
function isExempt(url: URL, list: string): boolean {
  if (list === "*") return true;
  const host = hostOf(url).replace(/\.$/, "");
  const address = addressBits(host);
  return list.toLowerCase().split(/[, ]+/).some((entry) => {
    if (entry === "") return false;
    if (address === undefined) {
      const name = entry.replace(/^\./, "").replace(/\.$/, "");
      return host === name || host.endsWith(`.${name}`);
    }
    const [network, length] = entry.split("/");
    const bits = addressBits(network);
    if (bits?.length !== address.length) return false;
    // As with curl, a network isn't everything: /0 holds nothing.
    const shared = length === undefined ? bits.length : Number(length);
    return shared > 0 && shared <= bits.length && bits.slice(0, shared) === address.slice(0, shared);
  });
}

/** Returns an IP address as zeros and ones, undefined if it is none. */
function addressBits(text: string): string | undefined {
  if (/^\d+(?:\.\d+){3}$/.test(text)) {
    return text.split(".").map((byte) => Number(byte).toString(2).padStart(8, "0")).join("");
  }
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  const [before, after] = hostOf(new URL(`http://[${text}]`)).split("::").map(groups);
  const zeros = after === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after ?? []].map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join(
    "",
  );
}

function groups(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function parseProxy(text: string): Proxy {
  // A password, which may have any character, is in no message.
  const parts = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/]*)@)?([^/@]*)/i.exec(text)!;
  const scheme = (parts[1] ?? "http").toLowerCase();
  if (scheme !== "http" && scheme !== "https" && scheme !== "socks5" && scheme !== "socks5h") {
    throw new ProxyError(`Unsupported proxy scheme for '${parts[1]}://${parts[3]}'`);
  }
  const hostPort = /^(\[[^\]]*\]|[^:]+)(?::(\d*))?$/.exec(parts[3]);
  // What is left of an @ that a slash hides is the beginning of a password.
  const shown = parts[2] === undefined && text.includes("@") ? "" : parts[3];
  if (hostPort === null) throw new ProxyError(`Unsupported proxy syntax in '${shown}'`);
  const port = hostPort[2] ? Number(hostPort[2]) : scheme === "https" ? 443 : DEFAULT_PORT;
  if (port > 65535) throw new ProxyError(`Unsupported proxy syntax in '${shown}'`);
  const user = parts[2] === undefined ? undefined : utf8ToBinary(parts[2]);
  const colon = user?.indexOf(":") ?? -1;
  return {
    scheme,
    host: hostPort[1].replace(/^\[|\]$/g, ""),
    port,
    credentials: !user ? undefined : {
      login: decodePercent(colon < 0 ? user : user.slice(0, colon)),
      password: colon < 0 ? "" : decodePercent(user.slice(colon + 1)),
    },
  };
}

/** Returns bytes that may be percent-encoded; a percent sign that encodes nothing is one, as with curl. */
export function decodePercent(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** Returns the host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** Returns the port of a URL of http or https. */
export function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}
