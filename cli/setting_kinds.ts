/**
 * The kinds of settings there are: how the text of a value is read, and what `extra-NAME` adds to. As in C++ Nix 2.34,
 * lists are separated by white space, integers take a unit (`64K`, `1G`: powers of 1024), and nothing is expanded.
 */
import { canonPath, hint, type Lint, NixError } from "../mod.ts";
import { UsageError } from "./usage_error.ts";

/** One setting. `T` is immutable. */
export interface Setting<T> {
  readonly fallback: T;
  /** Other names it goes by. */
  readonly aliases: readonly string[];
  /** The experimental feature without which it is ignored. */
  readonly feature?: string;
  /** How it is given as a flag: `--name` and `--no-name`, or `--name VALUE`. */
  readonly flag: "switch" | "value" | "sandbox";
  /** Reads a value. @throws {UsageError} */
  readonly parse: (text: string, name: string, warn: (text: string) => void) => T;
  /** What `extra-name` makes of the value there was; absent if there is no `extra-name`. */
  readonly append?: (old: T, more: T) => T;
}

/** What any setting can be besides its value. */
export interface SettingOptions {
  readonly aliases?: readonly string[];
  readonly feature?: string;
}

function setting<T>(
  fallback: T,
  options: SettingOptions,
  parse: Setting<T>["parse"],
  rest: Partial<Pick<Setting<T>, "append" | "flag">> = {},
): Setting<T> {
  return { fallback, aliases: options.aliases ?? [], feature: options.feature, flag: "value", parse, ...rest };
}

/** Returns the words of a text: C++ Nix splits at space, tab, CR and LF. */
export function words(text: string): string[] {
  return text.split(/[ \t\n\r]+/).filter((word) => word !== "");
}

/** True or false: also `yes`, `1`, `no`, `0`. */
export function bool(fallback: boolean, options: SettingOptions = {}): Setting<boolean> {
  const parse = (text: string, name: string) => {
    if (text === "true" || text === "yes" || text === "1") return true;
    if (text === "false" || text === "no" || text === "0") return false;
    throw new UsageError(hint`Boolean setting '${name}' has invalid value '${text}'`);
  };
  return setting(fallback, options, parse, { flag: "switch" });
}

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Returns the number a text stands for, undefined if it is none from 0 to `max` (before the unit). */
export function parseCount(text: string, max: bigint): number | undefined {
  const parts = /^\+?([0-9]+)([KMGT]?)$/i.exec(text);
  if (parts === null || BigInt(parts[1]) > max) return undefined;
  return Number(parts[1]) * UNITS[parts[2].toUpperCase()];
}

function count(fallback: number, options: SettingOptions, max: bigint): Setting<number> {
  return setting(fallback, options, (text, name) => {
    const n = parseCount(text, max);
    if (n === undefined) throw new UsageError(hint`setting '${name}' has invalid value '${text}'`);
    return n;
  });
}

/** A 32-bit count. */
export function uint(fallback: number, options: SettingOptions = {}): Setting<number> {
  return count(fallback, options, 2n ** 32n - 1n);
}

/** A 64-bit count; exact up to 2^53. */
export function uint64(fallback: number, options: SettingOptions = {}): Setting<number> {
  return count(fallback, options, 2n ** 64n - 1n);
}

/** A number of parallel jobs: `auto` is 0 here. */
export function jobs(fallback: number, options: SettingOptions = {}): Setting<number> {
  return setting(fallback, options, (text, name) => {
    if (text === "auto") return 0;
    if (/^\+?[0-9]+$/.test(text) && Number(text) < 2 ** 32) return Number(text);
    throw new UsageError(hint`configuration setting '${name}' should be 'auto' or an integer`);
  });
}

/** Any text. */
export function text(fallback: string, options: SettingOptions = {}): Setting<string> {
  return setting(fallback, options, (value) => value);
}

/** Returns a path in its shortest form. @throws {NixError} if it is relative; C++ Nix doesn't take that for misuse */
export function absolutePath(path: string): string {
  if (path[0] !== "/") throw new NixError("io", hint`not an absolute path: ${`"${path}"`}`);
  return canonPath(path);
}

function notEmpty(value: string, name: string): string {
  if (value === "") throw new UsageError(hint`setting '${name}' is a path and paths cannot be empty`);
  return value;
}

/** An absolute path. */
export function path(fallback: string, options: SettingOptions = {}): Setting<string> {
  return setting(fallback, options, (value, name) => absolutePath(notEmpty(value, name)));
}

/** A path that may be relative to the working directory. */
export function relativePath(fallback: string): Setting<string> {
  return setting(fallback, {}, (value, name) => {
    notEmpty(value, name);
    return value[0] === "/" ? canonPath(value) : value;
  });
}

/** An absolute path or nothing. */
export function optionalPath(fallback: string | null, options: SettingOptions = {}): Setting<string | null> {
  return setting(fallback, options, (value) => value === "" ? null : absolutePath(value));
}

/** Words in order; `extra-` adds to the end. */
export function list(fallback: readonly string[] = [], options: SettingOptions = {}): Setting<readonly string[]> {
  return setting(fallback, options, words, { append: (old, more) => [...old, ...more] });
}

/** Words, each once. */
export function set(fallback: readonly string[] = [], options: SettingOptions = {}): Setting<ReadonlySet<string>> {
  return setting<ReadonlySet<string>>(new Set(fallback), options, (value) => new Set(words(value)), {
    append: (old, more) => new Set([...old, ...more]),
  });
}

// Names of stores: of a kind, of a directory, or a URL. Only where they are no store at all is looked at.
const STORE_KIND = /^(?:|auto|daemon|local)(?:\?[^?]*)?$/;
const STORE_URL = /^[a-z][a-z0-9+.-]*:(?:[^%[ ]|%[0-9a-f]{2}|\[[0-9a-f:.]+\])*$/i;

/** Returns a store's name if it can be one. @throws {UsageError} */
export function storeName(text: string): string {
  if (STORE_KIND.test(text) || STORE_URL.test(text) || text.includes("/") && !text.includes("://")) return text;
  throw new UsageError(hint`Cannot parse Nix store '${text}'`);
}

/** The name of a store. */
export function store(fallback: string): Setting<string> {
  return setting(fallback, {}, storeName);
}

/** Names of stores in order. */
export function stores(fallback: readonly string[], options: SettingOptions): Setting<readonly string[]> {
  const kind = list(fallback, options);
  return { ...kind, parse: (text) => words(text).map(storeName) };
}

/** Names of stores, each once. */
export function storeSet(options: SettingOptions): Setting<ReadonlySet<string>> {
  const kind = set([], options);
  return { ...kind, parse: (text) => new Set(words(text).map(storeName)) };
}

/** Words of the form `name=value`; others are ignored, and so is a second value for the same name. */
export function map(options: SettingOptions = {}): Setting<ReadonlyMap<string, string>> {
  const parse = (value: string) => {
    const entries = new Map<string, string>();
    for (const word of words(value)) {
      const eq = word.indexOf("=");
      if (eq >= 0 && !entries.has(word.slice(0, eq))) entries.set(word.slice(0, eq), word.slice(eq + 1));
    }
    return entries;
  };
  return setting<ReadonlyMap<string, string>>(new Map(), options, parse, {
    append: (old, more) => new Map([...more, ...old]),
  });
}

/** One of a few words. */
export function oneOf<T extends string>(
  fallback: T,
  values: readonly T[],
  options: SettingOptions & { readonly flag?: "sandbox"; readonly hint?: string } = {},
): Setting<T> {
  const parse = (value: string, name: string) => {
    const found = values.find((v) => v === value);
    if (found !== undefined) return found;
    throw new UsageError(hint`option '${name}' has invalid value '${value}'` + (options.hint ?? ""));
  };
  return setting(fallback, options, parse, { flag: options.flag ?? "value" });
}

/** What to do about a questionable construct. */
export function lint(): Setting<Lint> {
  return oneOf<Lint>("ignore", ["ignore", "warn", "fatal"], { hint: " (expected 'ignore', 'warn', or 'fatal')" });
}

const FEATURES = new Set(
  ("auto-allocate-uids blake3-hashes ca-derivations cgroups configurable-impure-env daemon-trust-override " +
    "dynamic-derivations external-builders fetch-closure fetch-tree flakes git-hashing impure-derivations " +
    "local-overlay-store mounted-ssh-store nix-command parse-toml-timestamps pipe-operators read-only-local-store " +
    "recursive-nix verified-fetches").split(" "),
);

/** Names of experimental features; unknown ones are warned about. */
export function features(): Setting<ReadonlySet<string>> {
  const parse = (value: string, _name: string, warn: (text: string) => void) => {
    const names = new Set<string>();
    for (const word of new Set(words(value).sort())) {
      if (FEATURES.has(word)) names.add(word);
      else if (word === "no-url-literals") {
        warn(
          `experimental feature '${word}' has been stabilized and renamed; use 'lint-url-literals = fatal' setting instead`,
        );
      } else warn(`unknown experimental feature '${word}'`);
    }
    if (names.has("flakes")) names.add("fetch-tree");
    return names;
  };
  return setting<ReadonlySet<string>>(new Set(), {}, parse, { append: (old, more) => new Set([...old, ...more]) });
}
