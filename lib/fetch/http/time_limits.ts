// How long a request may take. `fetch` has no limits of its own; its signal is what ends it.
//
// Timers must not outlive the request, or a worker never gets idle.

import { TransferBroken } from "./errors.ts";

/** How long it takes at most to see whether a host can be reached. */
const PROBE_MS = 1000;

/** And whether it says anything over TLS once it is. */
const HANDSHAKE_MS = 2000;

/** Aborts a request when nothing has come for too long. */
export class StallWatch {
  readonly #seconds: number;
  readonly #abort: AbortController;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expired = false;

  /** Begins to watch. 0 seconds are no limit. */
  constructor(seconds: number, abort: AbortController) {
    this.#seconds = seconds;
    this.#abort = abort;
    this.reset();
  }

  /** Whether it has aborted the request. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Something came. */
  reset(): void {
    clearTimeout(this.#timer);
    if (this.#seconds <= 0 || this.#expired) return;
    this.#timer = setTimeout(() => {
      this.#expired = true;
      const slow = `Less than 1 bytes/sec transferred the last ${this.#seconds} seconds`;
      this.#abort.abort(new TransferBroken(`Timeout was reached (28) Operation too slow. ${slow}`));
    }, this.#seconds * 1000);
  }

  /** While whoever reads is busy with what came, and when the request is over. */
  pause(): void {
    clearTimeout(this.#timer);
  }
}

/** Whom a request connects to. */
export interface Peer {
  readonly host: string;
  readonly port: number;
  /** Whether it is to be spoken to over TLS. */
  readonly tls: boolean;
}

/**
 * Aborts a request that has no answer after `seconds` if the host can't be reached at all: how long connecting alone takes
 * nobody tells. Returns what ends the watch; 0 seconds are no limit.
 */
export function watchConnecting(
  peer: Peer,
  { seconds, abort }: { readonly seconds: number; readonly abort: AbortController },
): () => void {
  if (seconds <= 0) return () => {};
  const timer = setTimeout(async () => {
    if (await isReachable(peer)) return;
    const text = `Timeout was reached (28) Connection timed out after ${seconds * 1000} milliseconds`;
    abort.abort(new TransferBroken(text));
  }, seconds * 1000);
  return () => clearTimeout(timer);
}

async function isReachable({ host, port, tls }: Peer): Promise<boolean> {
  const connecting = Deno.connect({ hostname: host, port });
  try {
    const connected = await endsWithin(PROBE_MS, connecting);
    if (!connected || !tls) {
      connecting.then((connection) => connection.close(), () => {});
      return connected;
    }
    using secure = await Deno.startTls(await connecting, { hostname: host });
    // What is wrong with the answer, such as its certificate, is for the request to say.
    return await endsWithin(HANDSHAKE_MS, secure.handshake().catch(() => {}));
  } catch {
    return false;
  }
}

/** Whether a promise is fulfilled in time. Rejects if it does until then. */
async function endsWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), ms));
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
