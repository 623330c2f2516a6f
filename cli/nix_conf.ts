/**
 * nix.conf: `name = value` lines, `#` comments, `include FILE` and `!include FILE` (which may be missing).
 *
 * Files are applied in the order of C++ Nix 2.34: NIX_CONF_DIR/nix.conf (/etc/nix), then the user's files, the most
 * important last: NIX_USER_CONF_FILES (colons between), or `nix/nix.conf` below XDG_CONFIG_DIRS and XDG_CONFIG_HOME; then
 * the text in NIX_CONFIG. An unreadable file is skipped. White space within a value becomes single spaces.
 */
import { canonPath, hint, NixError } from "../mod.ts";
import { absolutePath, words } from "./setting_kinds.ts";
import type { Env, Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

/** Reads files for {@link loadNixConf}. Paths and contents are binary strings. */
export interface ConfFiles {
  /** Returns the contents of a file, undefined if it can't be read. */
  readonly read: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
}

/** A line of a configuration file. */
export type ConfEntry = readonly [name: string, value: string];

/**
 * Returns the settings in `text`, those of included files in their place; `path` is where it came from.
 * @throws {UsageError} for a line that is none
 * @throws {NixError} if an included file doesn't exist or has no absolute path
 */
export function parseNixConf(text: string, path: string, files: ConfFiles): ConfEntry[] {
  return parse(text, [path], files);
}

/** `chain` holds the file and those it is included from, the outermost first. */
function parse(text: string, chain: readonly string[], files: ConfFiles): ConfEntry[] {
  const path = chain[chain.length - 1];
  const entries: ConfEntry[] = [];
  for (const whole of text.split("\n")) {
    const line = whole.split("#", 1)[0];
    const tokens = words(line);
    if (tokens.length === 0) continue;
    const broken = () => new UsageError(hint`syntax error in configuration line '${line}' in ${`"${path}"`}`);
    if (tokens.length < 2) throw broken();
    const [name, second] = tokens;
    if (name === "include" || name === "!include") {
      if (tokens.length !== 2) throw broken();
      const file = included(second, path);
      // C++ Nix reads a file that includes itself until its stack is full.
      if (chain.includes(file)) throw new UsageError(hint`file ${`"${file}"`} includes itself`);
      if (files.exists(file)) entries.push(...parse(files.read(file) ?? "", [...chain, file], files));
      else if (name === "include") throw missing(file, path);
      continue;
    }
    if (second !== "=") throw broken();
    entries.push([name, tokens.slice(2).join(" ")]);
  }
  return entries;
}

/** Returns an included file; a relative one is beside the file it is included from, if that has an absolute path. */
function included(file: string, from: string): string {
  return absolutePath(file[0] === "/" ? file : from.slice(0, from.lastIndexOf("/") + 1) + file);
}

function missing(file: string, from: string): NixError {
  return new NixError("io", hint`file ${`"${file}"`} included from ${`"${from}"`} not found`);
}

/** Applies all configuration files, NIX_CONFIG and NIX_PATH to `settings`. @throws as {@link parseNixConf} */
export function loadNixConf(settings: Settings, env: Env, files: ConfFiles): void {
  const apply = (path: string) => {
    const text = files.read(path);
    if (text !== undefined) settings.apply(parseNixConf(text, path, files));
  };
  apply(`${nixConfDir(env)}/nix.conf`);
  for (const path of nixUserConfFiles(env).reverse()) apply(path);
  const text = env("NIX_CONFIG");
  if (text !== undefined) settings.apply(parseNixConf(text, "NIX_CONFIG", files));
  settings.applyNixPath();
}

/** Returns the directory of the system's nix.conf. */
export function nixConfDir(env: Env): string {
  return canonPath(env("NIX_CONF_DIR") || "/etc/nix");
}

/** Returns the user's configuration files, the most important first. */
export function nixUserConfFiles(env: Env): string[] {
  const listed = env("NIX_USER_CONF_FILES");
  if (listed !== undefined) return listed === "" ? [] : listed.split(":").map((path) => path === "" ? "." : path);
  const home = env("NIX_CONFIG_HOME") ?? `${env("XDG_CONFIG_HOME") ?? `${env("HOME") ?? ""}/.config`}/nix`;
  const dirs = (env("XDG_CONFIG_DIRS") ?? "/etc/xdg").split(":").filter((dir) => dir !== "");
  return [home, ...dirs.map((dir) => `${dir}/nix`)].map((dir) => `${dir}/nix.conf`);
}
