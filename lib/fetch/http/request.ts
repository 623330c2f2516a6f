// What is asked of a server, what it says, and what both depend on.

import type { ProxyEnv } from "./proxy.ts";
import type { FetchSettings } from "../settings.ts";

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
