/** `devix cache`: what was fetched before. */
import { type CacheInfo, FetchCache } from "../lib/fetch/cache.ts";
import { encodeUtf8 } from "../mod.ts";
import { plural } from "./amounts.ts";
import type { CommandSpec } from "./command.ts";
import { fetchCacheDir } from "./fetching.ts";
import type { Flag } from "./flags.ts";
import { parseCount } from "./setting_kinds.ts";
import type { Setup } from "./setup.ts";
import { UsageError } from "./usage_error.ts";

/** `devix cache info` */
export const CACHE_INFO: CommandSpec = command("info", "", () => ({
  run: (cache) => {
    const info = cache.info();
    return { code: 0, json: { ...info, oldest: info.oldest ?? null }, text: infoText(info) };
  },
}));

function infoText({ dir, trees, bytes, facts, repositoryBytes, oldest }: CacheInfo): string {
  const used = oldest === undefined
    ? ""
    : `, unused since ${new Date(oldest * 1000).toISOString().slice(0, 10)} at most`;
  return encodeUtf8(`directory  ${dir}\n`) +
    `trees      ${trees}, ${size(bytes)}${used}\n` +
    `clones     ${size(repositoryBytes)}\n` +
    `facts      ${facts}\n`;
}

function size(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `devix cache verify` */
export const CACHE_VERIFY: CommandSpec = command(
  "verify",
  "Reads and hashes everything. What isn't as it was put there is removed, and fetched again when it\n" +
    "is needed. Exits with 1 if there was anything of the kind.",
  () => ({
    run: (cache) => {
      const { trees, bytes, damaged, missing } = cache.verify();
      const lines = [
        ...damaged.map((hash) => `damaged: ${hash}\n`),
        ...missing.map((hash) => `missing: ${hash}\n`),
        `${plural(trees, "tree")}, ${size(bytes)}: ${damaged.length} damaged, ${missing.length} missing\n`,
      ];
      return {
        code: damaged.length + missing.length > 0 ? 1 : 0,
        json: { trees, bytes, damaged, missing },
        text: lines.join(""),
      };
    },
  }),
);

/** `devix cache prune` */
export const CACHE_PRUNE: CommandSpec = command(
  "prune",
  `Removes trees that haven't been used for some time (30 days, unless told otherwise), and
clones of repositories with them.

  devix cache prune --older-than 7d
  devix cache prune --max-size 5G`,
  () => {
    let olderThan: number | undefined;
    let maxBytes: number | undefined;
    const group = "What to remove";
    return {
      flags: [
        {
          name: "older-than",
          values: ["TIME"],
          help: "Remove what wasn't used for so long: 12h, 7d, 4w.",
          group,
          run: (text) => void (olderThan = duration(text)),
        },
        {
          name: "max-size",
          values: ["SIZE"],
          help: "Then remove what is unused longest until no more is left: 500M, 5G.",
          group,
          run: (text) => void (maxBytes = bytesOf(text)),
        },
      ],
      run: (cache) => {
        const age = olderThan ?? (maxBytes === undefined ? 30 * DAY : Infinity);
        const { trees, bytes, repositories } = cache.prune({ olderThan: age, maxBytes });
        const clones = repositories === 0 ? "" : `, ${plural(repositories, "clone")}`;
        return {
          code: 0,
          json: { trees, bytes, repositories },
          text: `removed ${plural(trees, "tree")}${clones}, ${size(bytes)}\n`,
        };
      },
    };
  },
);

const DAY = 24 * 3600;
const TIMES: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: DAY, w: 7 * DAY };

function duration(text: string): number {
  const parts = /^([0-9]{1,9})([smhdw])$/.exec(text);
  if (parts === null) throw new UsageError(`'${text}' is not a time: expected 12h, 7d or 4w`);
  return Number(parts[1]) * TIMES[parts[2]];
}

function bytesOf(text: string): number {
  const bytes = parseCount(text, 2n ** 53n);
  if (bytes === undefined) throw new UsageError(`'${text}' is not a size: expected 500M or 5G`);
  return bytes;
}

interface Outcome {
  readonly code: number;
  readonly json: unknown;
  readonly text: string;
}

/** Makes a command of the group: they differ in what they do with the cache. */
function command(
  name: string,
  details: string,
  make: () => { readonly flags?: readonly Flag[]; readonly run: (cache: FetchCache) => Outcome },
): CommandSpec {
  return {
    name: `cache ${name}`,
    usage: "[FLAGS]",
    details,
    prepare: (setup) => {
      let json = false;
      const { flags = [], run } = make();
      const asJson: Flag = { name: "json", help: "Print JSON.", group: "Output", run: () => void (json = true) };
      const cacheDir = setup.fetchFlags().filter((flag) => flag.name === "cache-dir");
      return {
        flags: [...flags, ...cacheDir, asJson],
        run: () =>
          withCache(setup, (cache) => {
            const outcome = run(cache);
            const text = json ? encodeUtf8(JSON.stringify(outcome.json)) + "\n" : outcome.text;
            setup.process.out(text);
            return outcome.code;
          }),
      };
    },
  };
}

function withCache(setup: Setup, use: (cache: FetchCache) => number): number {
  const dir = fetchCacheDir(setup.fetching);
  if (dir === undefined) throw new UsageError("'--cache-dir', XDG_CACHE_HOME and HOME don't say where the cache is");
  const cache = new FetchCache(dir);
  try {
    return use(cache);
  } finally {
    cache.close();
  }
}
