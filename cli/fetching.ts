/** Fetching, as settings, flags and environment have it, and what the log says of it. */
import {
  type Activity,
  decodeUtf8Lossy,
  DEFAULT_FETCH_SETTINGS,
  type FetchActivityKind,
  Fetcher,
  type FetchReport,
  type FetchSettings,
  type Logger,
} from "../mod.ts";
import type { Flag } from "./flags.ts";
import type { Process } from "./process.ts";
import type { Settings } from "./settings.ts";

/** Verbosities, as C++ Nix has them. */
const TALKATIVE = 4;

/** What decides how things are fetched. */
export interface Fetching {
  readonly process: Process;
  readonly settings: Settings;
  /** What `--cache-dir` said. */
  readonly cacheDir: string | undefined;
}

/** Returns where fetched things are kept, as the host has it; undefined if nothing says where. */
export function fetchCacheDir({ process, cacheDir }: Fetching): string | undefined {
  const { env, cwd } = process;
  const home = env("HOME");
  const base = cacheDir ?? within(env("XDG_CACHE_HOME") || within(home, ".cache"), "devix");
  const dir = within(base, "fetch");
  return dir && decodeUtf8Lossy(dir[0] === "/" ? dir : `${cwd}/${dir}`);
}

function within(dir: string | undefined, name: string): string | undefined {
  return dir ? `${dir}/${name}` : undefined;
}

/** Returns what fetches; nothing is started before there is something to fetch. */
export function makeFetcher(fetching: Fetching, report: FetchReport, onUse?: () => void): Fetcher {
  return new Fetcher({ settings: fetchSettings(fetching), report, onUse });
}

/** Returns how things are fetched. */
function fetchSettings(fetching: Fetching): FetchSettings {
  const { settings, process } = fetching;
  const sslCertFile = settings.get("ssl-cert-file");
  return {
    ...DEFAULT_FETCH_SETTINGS,
    cacheDir: fetchCacheDir(fetching) ?? "",
    features: settings.get("experimental-features"),
    offline: settings.get("offline"),
    tarballTtl: settings.get("tarball-ttl"),
    accessTokens: settings.get("access-tokens"),
    netrcFile: decodeUtf8Lossy(settings.get("netrc-file")),
    sslCertFile: sslCertFile === null ? undefined : decodeUtf8Lossy(sslCertFile),
    hashedMirrors: settings.get("hashed-mirrors"),
    connectTimeout: settings.get("connect-timeout"),
    stalledTimeout: settings.get("stalled-download-timeout"),
    attempts: settings.get("download-attempts"),
    http2: settings.get("http2"),
    userAgentSuffix: settings.get("user-agent-suffix"),
    allowDirty: settings.get("allow-dirty"),
    warnDirty: settings.get("warn-dirty"),
    trustForges: settings.get("trust-tarballs-from-git-forges"),
    concurrency: Math.max(1, settings.get("fetch-concurrency")),
    eager: settings.get("eager-fetch"),
    limits: {
      ...DEFAULT_FETCH_SETTINGS.limits,
      maxBytes: settings.get("max-unpacked-size"),
      maxEntries: settings.get("max-unpacked-entries"),
      maxRatio: settings.get("max-unpack-ratio"),
    },
    forgeArchives: settings.get("forge-archives"),
    forgeRepositories: settings.get("forge-repositories"),
    forceHttp: process.env("_NIX_FORCE_HTTP") === "1",
  };
}

/** Returns the flags that say how to fetch. */
export function fetchFlags(settings: Settings, setCacheDir: (dir: string) => void): Flag[] {
  const group = "Surroundings";
  return [
    {
      name: "offline",
      help: "Never use the network: what was fetched before has to do.",
      group,
      run: () => settings.set("offline", "true"),
    },
    {
      name: "cache-dir",
      values: ["DIR"],
      help: "Keep what was fetched, answers and the like there (default: devix in $XDG_CACHE_HOME\nor ~/.cache).",
      group,
      run: setCacheDir,
    },
    {
      name: "fetch-concurrency",
      values: ["N"],
      help: "Fetch up to N things at once (default: 8).",
      group,
      run: (n) => settings.set("fetch-concurrency", n),
    },
    {
      name: "no-eager-fetch",
      help: "Fetch what is read or built from, when it is, and not as soon as it is known.",
      group,
      run: () => settings.set("eager-fetch", "false"),
    },
  ];
}

/** Where what is said of fetching goes. */
export interface ReportTarget {
  warn(text: string): void;
  /** Logs what is of no use to whom the answer is given again: they needn't fetch. */
  aside<T>(log: (logger: Logger) => T): T;
}

/** Returns a report that logs, with the types, levels and texts of C++ Nix. */
export function logReport({ warn, aside }: ReportTarget): FetchReport {
  return {
    warn,
    message: (level, message) => aside((logger) => logger.message(level, message)),
    waiting: (count) => aside((logger) => logger.waiting?.(count)),
    start(kind) {
      const id = aside((logger) => logger.start(activityOf(kind)));
      return {
        progress: (done, expected) => aside((logger) => logger.result(id, "progress", [done, expected, 0, 0])),
        stop: () => aside((logger) => logger.stop(id)),
      };
    },
  };
}

function activityOf(kind: FetchActivityKind): Activity {
  switch (kind.kind) {
    case "download":
      return { type: "fileTransfer", level: TALKATIVE, text: `downloading '${kind.url}'`, fields: [kind.url] };
    case "tree":
      return { type: "fetchTree", level: TALKATIVE, text: kind.text };
    case "other":
      return { type: "unknown", level: kind.level, text: kind.text };
  }
}
