// The body of an answer as it comes, until it ends, breaks off, stalls or isn't wanted any more.

import { utf8ToBinary } from "../../format/bytes.ts";
import { decodeBody } from "./content_encoding.ts";
import { TransferBroken } from "./errors.ts";
import type { StallWatch } from "./time_limits.ts";

const MAX_ERROR_BODY_BYTES = 1 << 16;
const SHOWN_ERROR_BODY_BYTES = 1024;

/** What a {@link Transfer} holds on to until it is closed. */
export interface TransferParts {
  readonly watch: StallWatch;
  /** Ends the request. */
  readonly abort: AbortController;
  readonly close: () => void;
}

/** One answer and its body. */
export class Transfer {
  readonly response: Response;
  readonly #parts: TransferParts;
  #closed = false;

  constructor(response: Response, parts: TransferParts) {
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

  /** The body as it was sent. @throws {TransferBroken} */
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

  /** Ends it, read to its end or not. */
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

/** Reads what a server says about an error and closes the transfer. Returns it if it is short, and else "". */
export async function readErrorBody(transfer: Transfer, shown: string): Promise<string> {
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const chunk of decodeBody(transfer.chunks(), { response: transfer.response, shown })) {
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
