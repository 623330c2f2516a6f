// Downloads over HTTP and HTTPS, and of local files through file: URLs.
//
// What C++ Nix gets from curl is done here: redirects (at most 10, to http and https only, credentials only for the host
// they are meant for), ETags, `Link: <…>; rel="immutable"`, retries with growing pauses, going on where a broken transfer
// stopped (Range), netrc, certificates, proxies, time limits. Messages are curl's as Nix shows them.
//
// Bodies are asked for as they are (Accept-Encoding: identity), which is what can be resumed and measured; what servers
// encode all the same is decoded (content_encoding.ts; Deno 2.6 has done so already with gzip and br).
//
// Traps. Browsers' `fetch` refuses URLs with credentials and Deno's doesn't: they become a header here. A server that answers
// If-None-Match with 200 and the same ETag has nothing new (GitHub did so). Timers must not outlive the request, or a worker
// never gets idle.

import { bytesToBinary, utf8ToBinary } from "../../format/bytes.ts";
import type { ByteStream } from "../archive/sink.ts";
import { contentDecoder } from "./content_encoding.ts";
import { FetchError, type FetchErrorCode, mark, reasonOf, redactUrl } from "../errors.ts";
import { DenoClients } from "./deno_clients.ts";
import { type Credentials, findCredentials } from "./netrc.ts";
import type { FetchActivity, FetchReport } from "../report.ts";
import type { FetchSettings } from "../settings.ts";
import { decodePercent, hostOf, portOf, type ProxyEnv, ProxyError, proxyFor } from "./proxy.ts";
import { checkScheme, parseUrl, urlPathToFile } from "../url.ts";

/** What is to be downloaded. */
export interface HttpRequest {
  readonly url: string;
  /** Headers with secrets, for the host of `url` only. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** What there is already: the answer may be that nothing has changed. */
  readonly etag?: string;
  readonly signal?: AbortSignal;
}

/** What a server said. */
export interface HttpAnswer {
  /** Nothing has changed; there is no body. */
  readonly unchanged: boolean;
  readonly etag: string;
  /** The URL, and those it was redirected to; without credentials of the request. */
  readonly urls: readonly string[];
  /** Where the same thing will always be. */
  readonly immutableUrl: string | undefined;
}

/** The settings downloads depend on. */
export type HttpSettings =
  & Pick<
    FetchSettings,
    | "offline"
    | "netrcFile"
    | "sslCertFile"
    | "connectTimeout"
    | "stalledTimeout"
    | "attempts"
    | "retryDelayMs"
    | "http2"
    | "userAgentSuffix"
  >
  & {
    /** Where proxies are named. */
    readonly env: ProxyEnv;
  };

const MAX_REDIRECTS = 10;
const RETRY_TOO_MANY_REQUESTS_MS = 60_000;
const MAX_RETRY_AFTER_MS = 300_000;
const FILE_CHUNK_BYTES = 1 << 18;
const MAX_ERROR_BODY_BYTES = 1 << 16;
const SHOWN_ERROR_BODY_BYTES = 1024;
const RANGE_NOT_SATISFIABLE = 416;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SUCCESSES = new Set([200, 201, 204, 206, 304]);
/** Protocols C++ Nix downloads by and nobody here does. */
const CURLS_OWN = new Set(["s3", "ftp", "ftps", "sftp", "scp", "gopher", "gophers", "tftp"]);
const DEFAULT_CA_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/nix/var/nix/profiles/default/etc/ssl/certs/ca-bundle.crt",
];

/** A failed attempt, and whether another one may help. */
class AttemptError extends FetchError {
  constructor(
    code: FetchErrorCode,
    message: string,
    readonly options: { readonly transient: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(code, message, { cause: options.cause });
  }
}

/** Downloads things. */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #report: FetchReport;
  #clients: DenoClients | undefined;
  #netrc: string | undefined;

  constructor(settings: HttpSettings, report: FetchReport) {
    this.#settings = settings;
    this.#report = report;
  }

  /** Closes idle connections. */
  close(): void {
    this.#clients?.close();
    this.#clients = undefined;
  }

  /**
   * Downloads and hands the body to `consume`, again from its beginning if an attempt fails and can't be resumed. Returns
   * what the server said and what `consume` made of the body; undefined if nothing has changed.
   * @throws {FetchError}
   */
  async download<T>(
    request: HttpRequest,
    consume: (body: ByteStream) => Promise<T>,
  ): Promise<{ readonly answer: HttpAnswer; readonly value: T | undefined }> {
    if (/^file:/i.test(request.url)) return await this.#readFile(request, consume);
    if (this.#settings.offline) {
      throw new FetchError(
        "offline",
        mark`unable to download '${redactUrl(request.url)}': ${"no network (--offline)"}`,
      );
    }
    const { attempts } = this.#settings;
    const activity = this.#report.start({ kind: "download", url: redactUrl(request.url) });
    try {
      for (let attempt = 1;; attempt++) {
        try {
          return await this.#attempt(request, { consume, activity, attempt });
        } catch (e) {
          if (!(e instanceof AttemptError) || !e.options.transient || attempt >= attempts) throw e;
          await this.#pause(e, { attempt, offset: 0, signal: request.signal });
        }
      }
    } finally {
      activity.stop();
    }
  }

  /** Downloads something small. @throws {FetchError} */
  async get(request: HttpRequest): Promise<{ readonly answer: HttpAnswer; readonly bytes: Uint8Array }> {
    const { answer, value } = await this.download(request, async (body) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
    });
    return { answer, bytes: value ?? new Uint8Array(0) };
  }

  async #attempt<T>(
    request: HttpRequest,
    how: {
      readonly consume: (body: ByteStream) => Promise<T>;
      readonly activity: FetchActivity;
      readonly attempt: number;
    },
  ): Promise<{ readonly answer: HttpAnswer; readonly value: T | undefined }> {
    const transfer = await this.#send(request, 0);
    const { response, answer } = transfer;
    if (answer.unchanged) {
      await transfer.close();
      return { answer, value: undefined };
    }
    const expected = Number(response.headers.get("content-length") ?? 0);
    const body = this.#body(request, { ...how, transfer, expected });
    try {
      return { answer, value: await how.consume(decoded(body, { response, shown: redactUrl(request.url) })) };
    } finally {
      // A body nobody began to read doesn't close it.
      await transfer.close();
    }
  }

  /** The body, gone on with where it broke off if the server lets us. */
  async *#body(
    request: HttpRequest,
    how: {
      readonly transfer: Transfer;
      readonly activity: FetchActivity;
      readonly attempt: number;
      readonly expected: number;
    },
  ): AsyncGenerator<Uint8Array> {
    let { transfer } = how;
    const { activity, expected } = how;
    const shown = redactUrl(request.url);
    const first = transfer;
    let offset = 0;
    try {
      for (let attempt = how.attempt;; attempt++) {
        try {
          for await (const chunk of transfer.chunks()) {
            offset += chunk.length;
            activity.progress(offset, expected);
            yield chunk;
          }
          return;
        } catch (e) {
          if (request.signal?.aborted || !(e instanceof TransferBroken)) throw e;
          // Without the means to go on, the whole download may be tried again.
          const error = new AttemptError("network", mark`unable to download '${shown}': ` + e.message, {
            transient: true,
            cause: e.cause,
          });
          if (offset === 0 || !first.resumable || attempt >= this.#settings.attempts) throw error;
          await transfer.close();
          await this.#pause(error, { attempt, offset, signal: request.signal });
        }
        transfer = await this.#send({ ...request, etag: undefined }, offset, first.answer.etag);
      }
    } finally {
      await transfer.close();
    }
  }

  /** Sends a request, following redirects, and returns the final answer. */
  async #send(request: HttpRequest, offset: number, ifRange = ""): Promise<Transfer> {
    const { signal, etag = "" } = request;
    const shown = redactUrl(request.url);
    let url = toWhatwg(request.url);
    const origin = url.origin;
    const urls = [request.url];
    let immutableUrl: string | undefined;
    for (let redirects = 0;; redirects++) {
      const headers = this.#headers(url, url.origin === origin ? request.headers ?? [] : []);
      if (etag !== "") headers.set("if-none-match", etag);
      if (offset > 0) headers.set("range", `bytes=${offset}-`);
      if (offset > 0 && ifRange !== "" && !ifRange.startsWith("W/")) headers.set("if-range", ifRange);
      const transfer = await this.#request(url, { headers, signal, shown });
      const { response } = transfer;
      immutableUrl = immutableLink(response.headers) ?? immutableUrl;
      const location = response.headers.get("location");
      if (REDIRECTS.has(response.status) && location !== null) {
        await transfer.close();
        if (redirects === MAX_REDIRECTS) {
          throw fatal(
            shown,
            `HTTP error ${response.status} (curl error: Number of redirects hit maximum amount)`,
          );
        }
        url = redirected(url, location, { shown, status: response.status });
        urls.push(utf8ToBinary(printWithoutSecrets(url)));
        continue;
      }
      const got = response.headers.get("etag") ?? "";
      const same = etag !== "" && response.status === 200 && got === etag;
      transfer.answer = {
        unchanged: response.status === 304 || same,
        etag: got === "" && response.status === 304 ? etag : got,
        urls,
        immutableUrl,
      };
      const succeeded = SUCCESSES.has(response.status);
      if (offset > 0 && response.status !== 206 && (succeeded || response.status === RANGE_NOT_SATISFIABLE)) {
        // It may be another thing by now: from the beginning, then.
        await transfer.close();
        throw new AttemptError("network", mark`unable to download '${shown}': ${"the transfer can't be resumed"}`, {
          transient: true,
        });
      }
      if (response.status === 304 && etag === "") {
        await transfer.close();
        throw fatal(shown, "HTTP error 304 (nothing has changed, which nobody asked)");
      }
      if (succeeded) return transfer;
      throw await statusError(transfer, shown);
    }
  }

  async #request(
    url: URL,
    how: { readonly headers: Headers; readonly signal: AbortSignal | undefined; readonly shown: string },
  ): Promise<Transfer> {
    const { stalledTimeout, connectTimeout } = this.#settings;
    const abort = new AbortController();
    const watch = new Watch(stalledTimeout, abort);
    const forward = () => abort.abort(how.signal?.reason);
    how.signal?.throwIfAborted();
    how.signal?.addEventListener("abort", forward, { once: true });
    const close = () => {
      watch.stop();
      how.signal?.removeEventListener("abort", forward);
    };
    let probe: ReturnType<typeof setTimeout> | undefined;
    try {
      const proxy = proxyFor(url, this.#settings.env);
      if (connectTimeout > 0) {
        const peer = proxy ?? { host: hostOf(url), port: portOf(url) };
        probe = setTimeout(() => probeHost(peer, connectTimeout, abort), connectTimeout * 1000);
      }
      // Credentials in the URL are among the headers already.
      const response = await fetch(printWithoutSecrets(url), {
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
      clearTimeout(probe);
    }
  }

  #headers(url: URL, extra: readonly (readonly [string, string])[]): Headers {
    const suffix = this.#settings.userAgentSuffix;
    const headers = new Headers({
      "accept-encoding": "identity",
      "user-agent": `devix${suffix === "" ? "" : ` ${suffix}`}`,
    });
    const credentials = this.#credentials(url);
    if (credentials !== undefined) headers.set("authorization", basic(credentials));
    for (const [name, value] of extra) headers.set(name, value);
    return headers;
  }

  /** Returns who one is at a URL: who it says, with the password of the netrc file if it has none itself. */
  #credentials(url: URL): Credentials | undefined {
    const login = decodePercent(url.username);
    const password = decodePercent(url.password);
    const own = login === "" && password === "" ? undefined : { login, password };
    if (login !== "" && password !== "") return own;
    const wanted = login === "" ? {} : { login };
    return findCredentials(this.#readNetrc(), { host: hostOf(url), ...wanted }) ?? own;
  }

  #readNetrc(): string {
    if (this.#netrc === undefined) {
      try {
        this.#netrc = bytesToBinary(Deno.readFileSync(this.#settings.netrcFile));
      } catch {
        // As with curl, a file that can't be read is none.
        this.#netrc = "";
      }
    }
    return this.#netrc;
  }

  #openClients(): DenoClients {
    if (this.#clients !== undefined) return this.#clients;
    const file = this.#settings.sslCertFile;
    let caCerts: string[] = [];
    for (const candidate of file === undefined || file === "" ? DEFAULT_CA_FILES : [file]) {
      try {
        caCerts = [Deno.readTextFileSync(candidate)];
        break;
      } catch (e) {
        if (file === undefined || file === "") continue;
        this.#report.warn(mark`cannot read certificates from '${file}': ${reasonOf(e)}`);
      }
    }
    const { http2, env } = this.#settings;
    return this.#clients = new DenoClients({ caCerts, http2, env });
  }

  async #pause(
    error: AttemptError,
    how: { readonly attempt: number; readonly offset: number; readonly signal: AbortSignal | undefined },
  ): Promise<void> {
    const { attempts, retryDelayMs } = this.#settings;
    const { attempt, offset, signal } = how;
    const base = error.options.retryAfterMs ?? retryDelayMs * 2 ** (attempt - 1 + Math.random() / 2);
    const ms = Math.round(base);
    const from = offset > 0 ? mark` from offset ${offset}` : "";
    const text = error.message.split("\n", 1)[0];
    this.#report.warn(`${text}; retrying${from}` + mark` in ${ms} ms (attempt ${attempt}/${attempts})`);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, ms);
      const stop = () => {
        clearTimeout(timer);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  async #readFile<T>(
    request: HttpRequest,
    consume: (body: ByteStream) => Promise<T>,
  ): Promise<{ readonly answer: HttpAnswer; readonly value: T }> {
    const path = filePath(request.url);
    const activity = this.#report.start({ kind: "download", url: request.url });
    try {
      let file: Deno.FsFile;
      try {
        if ((await Deno.stat(path)).isDirectory) throw new Error("Is a directory");
        file = await Deno.open(path);
      } catch (e) {
        const why = e instanceof Deno.errors.NotFound ? `Could not open file ${path}` : reasonOf(e);
        throw new FetchError(
          "not-found",
          mark`unable to download '${request.url}': ${"Could not read a file:// file"} (${37}) ` + why,
          { cause: e },
        );
      }
      const value = await consume(fileChunks(file, activity));
      return { answer: { unchanged: false, etag: "", urls: [request.url], immutableUrl: undefined }, value };
    } finally {
      activity.stop();
    }
  }
}

async function* fileChunks(file: Deno.FsFile, activity: FetchActivity): AsyncGenerator<Uint8Array> {
  try {
    const { size } = await file.stat();
    for (let done = 0;;) {
      const chunk = new Uint8Array(FILE_CHUNK_BYTES);
      const n = await file.read(chunk);
      if (n === null) return;
      done += n;
      activity.progress(done, size);
      yield chunk.subarray(0, n);
    }
  } finally {
    file.close();
  }
}

/** A transfer broke off while its body came. The message is curl's. */
class TransferBroken extends Error {}

/** One answer and its body. */
class Transfer {
  readonly response: Response;
  answer: HttpAnswer = { unchanged: false, etag: "", urls: [], immutableUrl: undefined };
  readonly #parts: { readonly watch: Watch; readonly abort: AbortController; readonly close: () => void };
  #closed = false;

  constructor(
    response: Response,
    parts: { readonly watch: Watch; readonly abort: AbortController; readonly close: () => void },
  ) {
    this.response = response;
    this.#parts = parts;
  }

  /** Whether the server can begin in the middle. */
  get resumable(): boolean {
    const { headers } = this.response;
    const encoding = headers.get("content-encoding") ?? "identity";
    // Where Deno 2.6 has decoded the body, offsets are others than the server's; it drops the length then.
    const isAsSent = encoding === "identity" && headers.has("content-length");
    return isAsSent && headers.get("accept-ranges")?.toLowerCase() === "bytes";
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const { watch, abort } = this.#parts;
    if (this.response.body === null) return;
    try {
      for await (const chunk of this.response.body) {
        watch.pause();
        yield chunk;
        watch.reset();
      }
    } catch (e) {
      const broken = (what: string) =>
        new TransferBroken(`HTTP error ${this.response.status} (curl error: ${what})`, { cause: e });
      if (watch.expired) throw broken("Timeout was reached");
      if (abort.signal.aborted) throw abort.signal.reason;
      throw broken("Transferred a partial file");
    } finally {
      watch.pause();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts.close();
    try {
      await this.response.body?.cancel();
    } catch {
      // It is broken or locked; either way it ends with the request.
      this.#parts.abort.abort();
    }
  }
}

/** Aborts a request when nothing has come for too long. */
class Watch {
  readonly #seconds: number;
  readonly #abort: AbortController;
  #timer: ReturnType<typeof setTimeout> | undefined;
  expired = false;

  constructor(seconds: number, abort: AbortController) {
    this.#seconds = seconds;
    this.#abort = abort;
    this.reset();
  }

  get message(): string {
    return `Timeout was reached (28) Operation too slow. Less than 1 bytes/sec transferred the last ${this.#seconds} seconds`;
  }

  reset(): void {
    clearTimeout(this.#timer);
    if (this.#seconds <= 0 || this.expired) return;
    this.#timer = setTimeout(() => {
      this.expired = true;
      this.#abort.abort(new TransferBroken(this.message));
    }, this.#seconds * 1000);
  }

  /** While whoever reads is busy with what came. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** `fetch` has no time limit for connecting alone: sees whether the host can be reached at all and gives up if not. */
async function probeHost(
  { host, port }: { readonly host: string; readonly port: number },
  seconds: number,
  abort: AbortController,
): Promise<void> {
  const limit = AbortSignal.timeout(1000);
  try {
    const connected = Deno.connect({ hostname: host, port });
    connected.then((connection) => connection.close(), () => {});
    await Promise.race([
      connected,
      new Promise((_, reject) => limit.addEventListener("abort", () => reject(limit.reason))),
    ]);
  } catch {
    abort.abort(
      new TransferBroken(`Timeout was reached (28) Connection timed out after ${seconds * 1000} milliseconds`),
    );
  }
}

function basic({ login, password }: Credentials): string {
  return `Basic ${btoa(`${login}:${password}`)}`;
}

/** Undoes the encoding of a body. */
async function* decoded(
  body: ByteStream,
  { response, shown }: { readonly response: Response; readonly shown: string },
): AsyncGenerator<Uint8Array> {
  const decode = contentDecoder(response.headers.get("content-encoding"));
  // Once they came, errors of the transfer are not of its encoding.
  let broken: { readonly error: unknown } | undefined;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  try {
    if (decode === undefined) throw new Error("unknown encoding");
    yield* decode(watched());
  } catch (e) {
    if (broken !== undefined) throw broken.error;
    const error = fatal(
      shown,
      `HTTP error ${response.status} (curl error: Unrecognized or bad HTTP Content or Transfer-Encoding)`,
    );
    error.cause = e;
    throw error;
  }
}

/** Returns the file a URL names; as with curl this machine may be named, and no other. */
function filePath(url: string): string {
  const local = url.replace(/^file:(?:\/\/(?:localhost|127\.0\.0\.1)?(?=\/))?/i, "file:");
  if (local.startsWith("file://")) {
    throw fatal(url, "URL using bad/illegal format or missing URL (3) URL rejected: Bad file:// URL");
  }
  return urlPathToFile(parseUrl(local).path);
}

/** Returns the URL as `fetch` takes it. @throws {FetchError} if it can't be downloaded from */
function toWhatwg(text: string): URL {
  const shown = redactUrl(text);
  checkScheme(text);
  const scheme = text.slice(0, text.indexOf(":")).toLowerCase();
  if (CURLS_OWN.has(scheme)) {
    throw new FetchError("unsupported", mark`unable to download '${shown}': protocol '${scheme}' is not supported`);
  }
  if (scheme !== "http" && scheme !== "https") {
    throw fatal(shown, `Unsupported protocol (1) Protocol "${scheme}" not supported`);
  }
  try {
    return new URL(text);
  } catch {
    throw fatal(
      shown,
      "URL using bad/illegal format or missing URL (3) URL rejected: Malformed input to a URL function",
    );
  }
}

function redirected(
  from: URL,
  location: string,
  { shown, status }: { readonly shown: string; readonly status: number },
): URL {
  let to: URL;
  try {
    to = new URL(location, from);
  } catch {
    throw fatal(
      shown,
      `HTTP error ${status} (curl error: URL using bad/illegal format or missing URL) redirected to "${
        redactUrl(location)
      }"`,
    );
  }
  if (to.protocol !== "http:" && to.protocol !== "https:") {
    const protocol = to.protocol.slice(0, -1);
    throw fatal(
      shown,
      `HTTP error ${status} (curl error: Unsupported protocol) Protocol "${protocol}" disabled in followed redirect`,
    );
  }
  if (to.hash === "") to.hash = from.hash;
  return to;
}

function printWithoutSecrets(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}

function immutableLink(headers: Headers): string | undefined {
  for (const name of ["x-amz-meta-link", "link"]) {
    const match = /<([^>]*)>; rel="immutable"/i.exec(headers.get(name) ?? "");
    if (match !== null) return utf8ToBinary(match[1]);
  }
}

/** An error that no further attempt would mend. */
function fatal(shown: string, reason: string): AttemptError {
  return new AttemptError("network", mark`unable to download '${shown}': ${reason}`, { transient: false });
}

function requestError(error: unknown, shown: string): AttemptError {
  if (error instanceof ProxyError) return fatal(shown, error.message);
  const text = error instanceof TransferBroken ? error.message : curlText(errorText(error));
  const blocked = /port (\d+) (?:are|is) blocked/i.exec(text);
  if (blocked !== null) {
    // `fetch` keeps away from ports of other services, as browsers do.
    return new AttemptError(
      "unsupported",
      mark`unable to download '${shown}': downloading from port ${blocked[1]} is not supported`,
      { transient: false, cause: error },
    );
  }
  if (text.includes("CaUsedAsEndEntity")) {
    return new AttemptError(
      "unsupported",
      mark`unable to download '${shown}': the server's certificate is a CA's own, which is not supported`,
      { transient: false, cause: error },
    );
  }
  const transient = !text.includes("head is too large");
  return new AttemptError("network", mark`unable to download '${shown}': ${text}`, { transient, cause: error });
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? errorText(error.cause) : error.message;
}

/** Says what Deno complains about as curl would, with what Deno said. */
function curlText(text: string): string {
  const reason = utf8ToBinary(text.replace(/^.*?client error \(\w+\): /, ""));
  if (/dns error/.test(text)) return `Could not resolve hostname (6) ${reason}`;
  if (/certificate|tls|ssl/i.test(text)) return `SSL peer certificate or SSH remote key was not OK (60) ${reason}`;
  if (/\(Connect\)|tcp connect error/.test(text)) return `Could not connect to server (7) ${reason}`;
  if (/connection closed before message completed/.test(text)) return `Server returned nothing (52) ${reason}`;
  return `Failure when receiving data from the peer (56) ${reason}`;
}

async function statusError(transfer: Transfer, shown: string): Promise<AttemptError> {
  const { status, headers } = transfer.response;
  const body = await errorBody(transfer, shown);
  const transient = status === 408 || status === 429 || (status >= 500 && ![501, 505, 511].includes(status)) ||
    status < 400;
  const code: FetchErrorCode = status === 404 || status === 410
    ? "not-found"
    : [401, 403, 407].includes(status)
    ? "forbidden"
    : "network";
  const retryAfter = Number(headers.get("retry-after") ?? NaN) * 1000;
  const message = mark`unable to download '${shown}': HTTP error ${status}` +
    (body === "" ? "" : `\n\nresponse body:\n\n${body}`);
  return new AttemptError(code, message, {
    transient,
    ...(status === 429 || retryAfter > 0
      ? { retryAfterMs: retryAfter >= 0 ? Math.min(retryAfter, MAX_RETRY_AFTER_MS) : RETRY_TOO_MANY_REQUESTS_MS }
      : {}),
  });
}

/** What a server says about an error, if that is short. */
async function errorBody(transfer: Transfer, shown: string): Promise<string> {
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const chunk of decoded(transfer.chunks(), { response: transfer.response, shown })) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  await transfer.close();
  const short = text.length < SHOWN_ERROR_BODY_BYTES || text.slice(0, MAX_ERROR_BODY_BYTES).includes("<html>");
  return short ? utf8ToBinary(text.replace(/\n+$/, "")) : "";
}
