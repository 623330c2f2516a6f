// Downloads over HTTP and HTTPS, and of local files through file: URLs.
//
// What C++ Nix gets from curl is done here and in the files beside this one: redirects, credentials and ETags (sender.ts),
// retries with growing pauses, going on where a broken transfer stopped (Range), certificates and proxies (deno_clients.ts),
// time limits (time_limits.ts). Messages are curl's as Nix shows them (errors.ts).
//
// Bodies are asked for as they are (Accept-Encoding: identity), which is what can be resumed and measured; what servers
// encode all the same is decoded (content_encoding.ts; Deno 2.6 has done so already with gzip and br).

import type { ByteStream } from "../archive/sink.ts";
import { FetchError, mark, redactUrl } from "../errors.ts";
import type { FetchActivity, FetchReport } from "../report.ts";
import { decodeBody } from "./content_encoding.ts";
import { AttemptError, TransferBroken, transferError } from "./errors.ts";
import { readLocalFile } from "./local_file.ts";
import type { HttpAnswer, HttpRequest, HttpSettings } from "./request.ts";
import { RequestSender } from "./sender.ts";
import type { Transfer } from "./transfer.ts";

/** Downloads things. */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #report: FetchReport;
  readonly #sender: RequestSender;

  constructor(settings: HttpSettings, report: FetchReport) {
    this.#settings = settings;
    this.#report = report;
    this.#sender = new RequestSender(settings, report);
  }

  /** Closes idle connections. */
  close(): void {
    this.#sender.close();
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
    if (/^file:/i.test(request.url)) return await readLocalFile(request, { consume, report: this.#report });
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
    { consume, activity, attempt }: {
      readonly consume: (body: ByteStream) => Promise<T>;
      readonly activity: FetchActivity;
      readonly attempt: number;
    },
  ): Promise<{ readonly answer: HttpAnswer; readonly value: T | undefined }> {
    const { answer, transfer } = await this.#sender.send(request);
    const { response } = transfer;
    if (answer.unchanged) {
      await transfer.close();
      return { answer, value: undefined };
    }
    const body = this.#body(request, { transfer, etag: answer.etag, activity, attempt });
    try {
      return { answer, value: await consume(decodeBody(body, { response, shown: redactUrl(request.url) })) };
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
      readonly etag: string;
      readonly activity: FetchActivity;
      readonly attempt: number;
    },
  ): AsyncGenerator<Uint8Array> {
    let { transfer } = how;
    const { etag, activity } = how;
    const { response, resumable } = transfer;
    const expected = Number(response.headers.get("content-length") ?? 0);
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
          const error = transferError(redactUrl(request.url), e);
          if (offset === 0 || !resumable || attempt >= this.#settings.attempts) throw error;
          await transfer.close();
          await this.#pause(error, { attempt, offset, signal: request.signal });
        }
        ({ transfer } = await this.#sender.send({ ...request, etag: undefined }, { offset, etag }));
      }
    } finally {
      await transfer.close();
    }
  }

  /** Says that there will be another attempt and waits until it is time for it. */
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
}
