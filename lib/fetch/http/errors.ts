// What goes wrong while something is downloaded, in curl's words as Nix shows them, and what another attempt may mend.

import { utf8ToBinary } from "../../format/bytes.ts";
import { FetchError, type FetchErrorCode, mark } from "../errors.ts";
import { ProxyError } from "./proxy.ts";

const RETRY_TOO_MANY_REQUESTS_MS = 60_000;
const MAX_RETRY_AFTER_MS = 300_000;

/** A failed attempt, and whether another one may help. */
export class AttemptError extends FetchError {
  constructor(
    code: FetchErrorCode,
    message: string,
    readonly options: { readonly transient: boolean; readonly retryAfterMs?: number; readonly cause?: unknown },
  ) {
    super(code, message, { cause: options.cause });
  }
}

/** A transfer broke off while its body came. The message is curl's. */
export class TransferBroken extends Error {}

/** Returns the error of a download that no further attempt would mend. `shown` is its URL without secrets. */
export function fatalError(shown: string, reason: string, cause?: unknown): AttemptError {
  return new AttemptError("network", mark`unable to download '${shown}': ${reason}`, { transient: false, cause });
}

/** Returns the error of a transfer that broke off; `reason` is not highlighted. */
export function transferError(shown: string, { message, cause }: TransferBroken): AttemptError {
  return new AttemptError("network", mark`unable to download '${shown}': ` + message, { transient: true, cause });
}

/** Returns the error of a server that doesn't go on where a transfer broke off. */
export function resumptionError(shown: string): AttemptError {
  return new AttemptError("network", mark`unable to download '${shown}': ${"the transfer can't be resumed"}`, {
    transient: true,
  });
}

/** Returns the error of a request that got no answer: `error` is what `fetch` has thrown. */
export function requestError(error: unknown, shown: string): AttemptError {
  if (error instanceof ProxyError) return fatalError(shown, error.message);
  const text = error instanceof TransferBroken ? error.message : curlText(innermostMessage(error));
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

/** Returns the error of an answer whose status is one; `body` is what the server says about it, "" for nothing. */
export function statusError(
  { status, headers }: Pick<Response, "status" | "headers">,
  { shown, body }: { readonly shown: string; readonly body: string },
): AttemptError {
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

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message;
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
