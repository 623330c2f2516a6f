// Sends a request and follows redirects, until there is an answer with a body worth reading or an error.
//
// At most 10 redirects, and credentials only for the host they are meant for. A server that answers If-None-Match with 200
// and the same ETag has nothing new (GitHub did so). `Link: <…>; rel="immutable"` of any answer on the way counts.

import { utf8ToBinary } from "../../format/bytes.ts";
import { redactUrl } from "../errors.ts";
import type { FetchReport } from "../report.ts";
import { UrlCredentials } from "./credentials.ts";
import { DenoClients, readCaCerts } from "./deno_clients.ts";
import { type AttemptError, fatalError, requestError, resumptionError, statusError } from "./errors.ts";
import { hostOf, portOf, proxyFor } from "./proxy.ts";
import type { HttpAnswer, HttpRequest, HttpSettings } from "./request.ts";
import { StallWatch, watchConnecting } from "./time_limits.ts";
import { readErrorBody, Transfer } from "./transfer.ts";
import { printWithoutCredentials, redirectedUrl, requestUrl } from "./urls.ts";

const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SUCCESSES = new Set([200, 201, 204, 206, 304]);
const PARTIAL_CONTENT = 206;
const NOT_MODIFIED = 304;
const RANGE_NOT_SATISFIABLE = 416;

/** Where to go on with what broke off. */
export interface Resumption {
  /** Bytes there are already. */
  readonly offset: number;
  /** The ETag of what they are of, "" if it has none. */
  readonly etag: string;
}

/** Sends requests, each once. */
export class RequestSender {
  readonly #settings: HttpSettings;
  readonly #report: FetchReport;
  readonly #credentials: UrlCredentials;
  #clients: DenoClients | undefined;

  constructor(settings: HttpSettings, report: FetchReport) {
    this.#settings = settings;
    this.#report = report;
    this.#credentials = new UrlCredentials(settings.netrcFile);
  }

  /** Closes idle connections. */
  close(): void {
    this.#clients?.close();
    this.#clients = undefined;
  }

  /** Returns the final answer, whose body must be closed. @throws {AttemptError} */
  async send(
    request: HttpRequest,
    resumption?: Resumption,
  ): Promise<{ readonly answer: HttpAnswer; readonly transfer: Transfer }> {
    const { signal } = request;
    const shown = redactUrl(request.url);
    let url = requestUrl(request.url);
    const { origin } = url;
    const urls = [request.url];
    let immutableUrl: string | undefined;
    for (let redirects = 0;; redirects++) {
      const headers = this.#headers(url, { request, origin, resumption });
      const transfer = await this.#request(url, { headers, signal, shown });
      const { status, headers: said } = transfer.response;
      immutableUrl = immutableLink(said) ?? immutableUrl;
      const location = said.get("location");
      if (!REDIRECTS.has(status) || location === null) {
        const error = await refusal(transfer, { shown, etag: request.etag, resumption });
        if (error === undefined) {
          return { answer: { ...freshness(transfer.response, request), urls, immutableUrl }, transfer };
        }
        await transfer.close();
        throw error;
      }
      await transfer.close();
      if (redirects === MAX_REDIRECTS) {
        throw fatalError(shown, `HTTP error ${status} (curl error: Number of redirects hit maximum amount)`);
      }
      url = redirectedUrl(url, location, { shown, status });
      urls.push(utf8ToBinary(printWithoutCredentials(url)));
    }
  }

  async #request(
    url: URL,
    how: { readonly headers: Headers; readonly signal: AbortSignal | undefined; readonly shown: string },
  ): Promise<Transfer> {
    const { stalledTimeout, connectTimeout, env } = this.#settings;
    how.signal?.throwIfAborted();
    const abort = new AbortController();
    const watch = new StallWatch(stalledTimeout, abort);
    const forward = () => abort.abort(how.signal?.reason);
    how.signal?.addEventListener("abort", forward, { once: true });
    const close = () => {
      watch.pause();
      how.signal?.removeEventListener("abort", forward);
    };
    let stopWatching = () => {};
    try {
      const proxy = proxyFor(url, env);
      const peer = proxy === undefined
        ? { host: hostOf(url), port: portOf(url), tls: url.protocol === "https:" }
        : { host: proxy.host, port: proxy.port, tls: proxy.scheme === "https" };
      stopWatching = watchConnecting(peer, { seconds: connectTimeout, abort });
      // Credentials in the URL are among the headers already.
      const response = await fetch(printWithoutCredentials(url), {
        headers: how.headers,
        redirect: "manual",
        signal: abort.signal,
        client: this.#openClients().get(url, proxy),
      });
      watch.reset();
      return new Transfer(response, { watch, abort, close });
    } catch (e) {
      close();
      if (how.signal?.aborted) throw how.signal.reason;
      throw requestError(e, how.shown);
    } finally {
      stopWatching();
    }
  }

  /** `origin` is the only one that gets the request's own headers. */
  #headers(
    url: URL,
    { request, origin, resumption }: {
      readonly request: HttpRequest;
      readonly origin: string;
      readonly resumption: Resumption | undefined;
    },
  ): Headers {
    const suffix = this.#settings.userAgentSuffix;
    const headers = new Headers({
      "accept-encoding": "identity",
      "user-agent": `devix${suffix === "" ? "" : ` ${suffix}`}`,
    });
    const authorization = this.#credentials.authorization(url);
    if (authorization !== undefined) headers.set("authorization", authorization);
    if (url.origin === origin) { for (const [name, value] of request.headers ?? []) headers.set(name, value); }
    if (request.etag) headers.set("if-none-match", request.etag);
    if (resumption !== undefined) {
      const { offset, etag } = resumption;
      headers.set("range", `bytes=${offset}-`);
      if (etag !== "" && !etag.startsWith("W/")) headers.set("if-range", etag);
    }
    return headers;
  }

  #openClients(): DenoClients {
    const { sslCertFile, http2, env } = this.#settings;
    return this.#clients ??= new DenoClients({ caCerts: readCaCerts(sslCertFile, this.#report), http2, env });
  }
}

/** Returns why an answer's body isn't what was asked for; undefined if it is. */
async function refusal(
  transfer: Transfer,
  { shown, etag = "", resumption }: {
    readonly shown: string;
    readonly etag: string | undefined;
    readonly resumption: Resumption | undefined;
  },
): Promise<AttemptError | undefined> {
  const { response } = transfer;
  const { status } = response;
  const succeeded = SUCCESSES.has(status);
  if (resumption !== undefined && status !== PARTIAL_CONTENT && (succeeded || status === RANGE_NOT_SATISFIABLE)) {
    // It may be another thing by now: from the beginning, then.
    return resumptionError(shown);
  }
  if (status === NOT_MODIFIED && etag === "") {
    return fatalError(shown, "HTTP error 304 (nothing has changed, which nobody asked)");
  }
  if (!succeeded) return statusError(response, { shown, body: await readErrorBody(transfer, shown) });
}

/** Returns whether something new came, and its ETag. */
function freshness(
  { status, headers }: Response,
  { etag = "" }: HttpRequest,
): Pick<HttpAnswer, "unchanged" | "etag"> {
  const got = headers.get("etag") ?? "";
  const isSame = etag !== "" && status === 200 && got === etag;
  return { unchanged: status === NOT_MODIFIED || isSame, etag: got === "" && status === NOT_MODIFIED ? etag : got };
}

function immutableLink(headers: Headers): string | undefined {
  for (const name of ["x-amz-meta-link", "link"]) {
    const match = /<([^>]*)>; rel="immutable"/i.exec(headers.get(name) ?? "");
    if (match !== null) return utf8ToBinary(match[1]);
  }
}
