// What fetching depends on besides what is fetched. Plain data that can be handed to workers; whoever opens a session fills
// it in. Names in comments are those of settings; where no other source is named they are C++ Nix's.

import type { InputOptions } from "./input.ts";
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from "./limits.ts";

/** How things are fetched. Paths are binary strings. */
export interface FetchSettings {
  /** Where fetched things are kept (`--cache-dir`, ours). */
  readonly cacheDir: string;
  /** "/nix/store" unless evaluation says otherwise. */
  readonly storeDir: string;
  /** `experimental-features` */
  readonly features: ReadonlySet<string>;
  /** Whether the network may not be used (`--offline`). */
  readonly offline: boolean;
  /** How many seconds an answer is believed without asking again (`tarball-ttl`). */
  readonly tarballTtl: number;
  /** `access-tokens`: by host, or host and the beginning of a path. */
  readonly accessTokens: ReadonlyMap<string, string>;
  /** `netrc-file` */
  readonly netrcFile: string;
  /** `ssl-cert-file` */
  readonly sslCertFile: string | undefined;
  /** `hashed-mirrors` */
  readonly hashedMirrors: readonly string[];
  /** Seconds until a server has to be reached (`connect-timeout`); 0 for no limit. */
  readonly connectTimeout: number;
  /** Seconds in which something has to arrive (`stalled-download-timeout`). */
  readonly stalledTimeout: number;
  /** `download-attempts` */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly retryDelayMs: number;
  /** `http2` */
  readonly http2: boolean;
  /** `user-agent-suffix` */
  readonly userAgentSuffix: string;
  /** `allow-dirty` */
  readonly allowDirty: boolean;
  /** `warn-dirty` */
  readonly warnDirty: boolean;
  /** `trust-tarballs-from-git-forges` */
  readonly trustForges: boolean;
  /** How many fetches may run at once (`--fetch-concurrency`, ours). */
  readonly concurrency: number;
  /** Whether fetches start as soon as they are known (`--no-eager-fetch`, ours). */
  readonly eager: boolean;
  /** `max-unpacked-size`, `max-unpacked-entries`, `max-unpack-ratio` (ours). */
  readonly limits: UnpackLimits;
  /**
   * Where archives of a forge's host are (`forge-archives`, ours): a URL with {host}, {owner}, {repo} and {rev}. Hosts that
   * aren't named have the usual place.
   */
  readonly forgeArchives: ReadonlyMap<string, string>;
  /** Where repositories of a forge's host are (`forge-repositories`, ours): a URL with {host}, {owner} and {repo}. */
  readonly forgeRepositories: ReadonlyMap<string, string>;
  /** Treat local repositories as remote ones, as C++ Nix does with _NIX_FORCE_HTTP=1 (for tests). */
  readonly forceHttp: boolean;
}

/** Defaults; `cacheDir` has none. */
export const DEFAULT_FETCH_SETTINGS: Omit<FetchSettings, "cacheDir"> = {
  storeDir: "/nix/store",
  features: new Set(),
  offline: false,
  tarballTtl: 3600,
  accessTokens: new Map(),
  netrcFile: "/etc/nix/netrc",
  sslCertFile: undefined,
  hashedMirrors: [],
  connectTimeout: 15,
  stalledTimeout: 300,
  attempts: 5,
  retryDelayMs: 250,
  http2: true,
  userAgentSuffix: "",
  allowDirty: true,
  warnDirty: true,
  trustForges: true,
  concurrency: 8,
  eager: true,
  limits: DEFAULT_UNPACK_LIMITS,
  forgeArchives: new Map(),
  forgeRepositories: new Map(),
  forceHttp: false,
};

/** Returns what reading inputs depends on. */
export function inputOptions(settings: FetchSettings, warn?: (message: string) => void): InputOptions {
  return { features: settings.features, trustForges: settings.trustForges, ...(warn === undefined ? {} : { warn }) };
}
