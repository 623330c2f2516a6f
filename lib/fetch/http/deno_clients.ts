// Deno's clients, one for each way that requests take: by themselves, or through a proxy.
//
// A proxy that is given to a client comes before those Deno reads from the environment, unless Deno finds the host in
// NO_PROXY: then it connects to the server, which differs from curl only where `no_proxy` and NO_PROXY do.

import { binaryToUtf8 } from "../../format/bytes.ts";
import { mark, reasonOf } from "../errors.ts";
import type { FetchReport } from "../report.ts";
import { hasProxyVariables, type Proxy, type ProxyEnv } from "./proxy.ts";
import { type Relay, startRelay } from "./relay.ts";

const DEFAULT_CA_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/nix/var/nix/profiles/default/etc/ssl/certs/ca-bundle.crt",
];

/** Returns the certificates in a file, or in one of those there usually are; warns of a file that can't be read. */
export function readCaCerts(file: string | undefined, report: Pick<FetchReport, "warn">): string[] {
  const isGiven = file !== undefined && file !== "";
  for (const candidate of isGiven ? [file] : DEFAULT_CA_FILES) {
    try {
      return [Deno.readTextFileSync(candidate)];
    } catch (e) {
      if (isGiven) report.warn(mark`cannot read certificates from '${file}': ${reasonOf(e)}`);
    }
  }
  return [];
}

/** How connections are made. */
export interface DenoClientsOptions {
  /** PEM; besides those that Deno knows by itself. */
  readonly caCerts: string[];
  readonly http2: boolean;
  /** What Deno reads proxies from, too. */
  readonly env: ProxyEnv;
}

/** Opens clients when they are needed and keeps them. */
export class DenoClients {
  readonly #options: DenoClientsOptions;
  readonly #clients = new Map<string, Deno.HttpClient>();
  readonly #relays: Relay[] = [];

  constructor(options: DenoClientsOptions) {
    this.#options = options;
  }

  /** Returns the client for a URL that is fetched through `proxy`. */
  get(url: URL, proxy: Proxy | undefined): Deno.HttpClient {
    const isDefault = proxy === undefined && !hasProxyVariables(url, this.#options.env);
    const encrypted = url.protocol === "https:";
    const way = isDefault ? "" : proxy === undefined ? "direct" : JSON.stringify([proxy, encrypted]);
    let client = this.#clients.get(way);
    if (client === undefined) {
      const { caCerts, http2 } = this.#options;
      client = Deno.createHttpClient({
        caCerts,
        http2,
        http1: true,
        ...(isDefault ? {} : { proxy: this.#proxyOption(url, proxy) }),
      });
      this.#clients.set(way, client);
    }
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    for (const relay of this.#relays.splice(0)) relay.close();
    this.#clients.clear();
  }

  #proxyOption(url: URL, proxy: Proxy | undefined): Deno.Proxy {
    const encrypted = url.protocol === "https:";
    if (proxy === undefined || encrypted && proxy.scheme.startsWith("http") && proxy.credentials !== undefined) {
      const relay = startRelay(proxy, this.#options);
      this.#relays.push(relay);
      return relay.proxy;
    }
    const { scheme, host, port, credentials } = proxy;
    const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    if (credentials === undefined) return { url: `${scheme}://${place}` };
    const username = binaryToUtf8(credentials.login);
    const password = binaryToUtf8(credentials.password);
    if (scheme.startsWith("http")) return { url: `${scheme}://${place}`, basicAuth: { username, password } };
    return { url: `${scheme}://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${place}` };
  }
}
