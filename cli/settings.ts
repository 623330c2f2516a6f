/**
 * The settings of one run: defaults, then nix.conf files, then NIX_CONFIG (`nix_conf.ts`), then the command line, the
 * later one winning.
 *
 * As in C++ Nix 2.34: within one file experimental features are set before everything else; a bad value is an error in a
 * file and as a flag of its own, and a warning after `--option`; `extra-NAME` adds to settings that are lists; names
 * nobody knows are warned about once all is read; NIX_PATH overrides `nix-path` of files but not of flags.
 */
import { type EvalSettings, isPseudoUrl } from "../mod.ts";
import type { Setting } from "./setting_kinds.ts";
import { type SettingName, SETTINGS, type SettingValue } from "./setting_table.ts";
import { UsageError } from "./usage_error.ts";

/** Reads the environment; binary strings. */
export type Env = (name: string) => string | undefined;

const ALIASES = new Map<string, SettingName>();
for (const name of Object.keys(SETTINGS) as SettingName[]) {
  for (const alias of SETTINGS[name].aliases) ALIASES.set(alias, name);
}

const FEATURE_SETTINGS = ["experimental-features", "extra-experimental-features"];
const NIX_PATH_SETTINGS = ["nix-path", "extra-nix-path"];

/** Where settings come from besides files and flags. */
export interface SettingsOptions {
  readonly env: Env;
  /** Says something is odd; the text may hold escape codes. */
  readonly warn: (text: string) => void;
  /** The machine's system, `x86_64-linux`. */
  readonly system: string;
  /** Directory of nix.conf. */
  readonly confDir: string;
}

/** The settings and their values so far. */
export class Settings {
  readonly #values = new Map<SettingName, unknown>();
  readonly #overridden = new Set<SettingName>();
  readonly #unknown = new Map<string, string>();
  readonly #options: SettingsOptions;

  constructor(options: SettingsOptions) {
    const { env, system, confDir } = this.#options = options;
    this.#values.set("system", system);
    this.#values.set("store", env("NIX_REMOTE") ?? "auto");
    this.#values.set("netrc-file", `${confDir}/netrc`);
    this.#values.set("ssl-cert-file", sslCertFile(env));
    if (["1", "yes", "true"].includes(env("NIX_ABORT_ON_WARN") ?? "")) this.#values.set("abort-on-warn", true);
  }

  /** Returns a setting's value. */
  get<K extends SettingName>(name: K): SettingValue<K> {
    return (this.#values.has(name) ? this.#values.get(name) : SETTINGS[name].fallback) as SettingValue<K>;
  }

  /** Gives a setting a value of its own type. */
  override<K extends SettingName>(name: K, value: SettingValue<K>): void {
    this.#assign(name, value);
    this.#overridden.add(name);
  }

  /**
   * Sets a setting, by any of its names or `extra-` and its name, from text.
   * @throws {UsageError} if the text is no value of it
   */
  set(name: string, text: string): void {
    const known = settingNamed(name);
    if (known !== undefined) return this.#parse(known, text, false);
    const base = name.startsWith("extra-") ? settingNamed(name.slice(6)) : undefined;
    if (base !== undefined && SETTINGS[base].append !== undefined) return this.#parse(base, text, true);
    if (!this.#unknown.has(name)) this.#unknown.set(name, text);
  }

  /** Sets a setting as `--option` does: a bad value is only warned about. */
  setOption(name: string, text: string): void {
    try {
      this.set(name, text);
    } catch (e) {
      if (!(e instanceof UsageError)) throw e;
      this.#options.warn(e.message);
    }
  }

  /** Applies what a configuration file says. @throws {UsageError} for a bad value */
  apply(entries: readonly (readonly [name: string, text: string])[]): void {
    for (const [name, text] of entries) if (FEATURE_SETTINGS.includes(name)) this.set(name, text);
    const nixPath = this.#options.env("NIX_PATH");
    for (const [name, text] of entries) {
      if (FEATURE_SETTINGS.includes(name)) continue;
      if (NIX_PATH_SETTINGS.includes(name) && nixPath !== undefined) continue;
      this.set(name, text);
    }
  }

  /** Lets NIX_PATH override `nix-path`; to be called when the files are read and before flags are. */
  applyNixPath(): void {
    const nixPath = this.#options.env("NIX_PATH");
    // C++ Nix passes the entries through the setting's own syntax: white space separates them too.
    if (nixPath !== undefined) this.set("nix-path", splitNixPath(nixPath).join(" "));
  }

  /** Warns about every name that was set and is none. */
  warnUnknown(): void {
    for (const name of [...this.#unknown.keys()].sort()) this.#options.warn(`unknown setting '${name}'`);
    this.#unknown.clear();
  }

  /** Whether an experimental feature is on. */
  hasFeature(name: string): boolean {
    return this.get("experimental-features").has(name);
  }

  /** Returns what evaluation wants to know. */
  forEvaluation(): EvalSettings {
    return {
      pureEval: this.get("pure-eval"),
      restrictEval: this.get("restrict-eval"),
      allowedUris: this.get("allowed-uris"),
      traceVerbose: this.get("trace-verbose"),
      abortOnWarn: this.get("abort-on-warn"),
      showTrace: this.get("show-trace"),
      maxCallDepth: this.get("max-call-depth"),
      allowImportFromDerivation: this.get("allow-import-from-derivation"),
      features: this.get("experimental-features"),
      lintUrlLiterals: this.get("lint-url-literals"),
      lintShortPathLiterals: this.get("lint-short-path-literals"),
      lintAbsolutePathLiterals: this.get("lint-absolute-path-literals"),
      system: this.get("eval-system") || this.get("system"),
    };
  }

  #parse(name: SettingName, text: string, append: boolean): void {
    const setting = SETTINGS[name] as Setting<unknown>;
    if (setting.feature !== undefined && !this.hasFeature(setting.feature)) {
      this.#options.warn(
        `Ignoring setting '${name}' because experimental feature '${setting.feature}' is not enabled`,
      );
      return;
    }
    const value = setting.parse(text, name, this.#options.warn);
    this.#assign(name, append ? setting.append!(this.get(name), value) : value);
    this.#overridden.add(name);
  }

  #assign(name: SettingName, value: unknown): void {
    this.#values.set(name, value);
    if (name !== "warn-short-path-literals") return;
    const successor = "lint-short-path-literals";
    const lint = value ? "warn" : "ignore";
    this.#options.warn(`'${name}' is deprecated, use '${successor} = ${lint}' instead`);
    if (!this.#overridden.has(successor)) this.#values.set(successor, lint);
  }
}

/** Whether a setting has this name of its own. */
export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** Returns the setting that goes by a name or alias. */
export function settingNamed(name: string): SettingName | undefined {
  return isSettingName(name) ? name : ALIASES.get(name);
}

/** Returns the entries of NIX_PATH. They are separated by colons, but may be URLs that hold one. */
export function splitNixPath(text: string): string[] {
  const entries: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = start;
    let value = start;
    while (end < text.length && text[end] !== ":") {
      if (text[end] === "=") value = end + 1;
      end++;
    }
    if (end < text.length && (isPseudoUrl(text.slice(value)) || text.startsWith("flake:", value))) {
      end = text.indexOf(":", end + 1);
      if (end < 0) end = text.length;
    }
    if (end > start || end < text.length) entries.push(text.slice(start, end));
    start = end + 1;
  }
  return entries;
}

function sslCertFile(env: Env): string | null {
  return (env("NIX_SSL_CERT_FILE") ?? env("SSL_CERT_FILE")) || null;
}
