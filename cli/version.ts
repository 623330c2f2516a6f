/** `devix version`, and the versions themselves. */
import { type Attrs, DEFAULT_SETTINGS, encodeUtf8, flat, Session, symbolName } from "../mod.ts";
import type { CommandSpec } from "./command.ts";

/** devix's own version; that of deno.json. */
export const DEVIX_VERSION = "0.1.0";

/** The Nix that devix is compatible with: `builtins.nixVersion`. */
export const NIX_VERSION = "2.34.8";

/** The experimental features of Nix that change anything here. */
const FEATURES = [
  "ca-derivations",
  "dynamic-derivations",
  "fetch-closure",
  "fetch-tree",
  "flakes",
  "impure-derivations",
  "pipe-operators",
  "verified-fetches",
];

/** What can be fetched: types of inputs. */
const FETCHERS = ["file", "git", "github", "gitlab", "hg", "path", "sourcehut", "tarball"];

/** The command. */
export const VERSION: CommandSpec = {
  name: "version",
  usage: "[--json]",
  details: "",
  prepare: ({ process }) => {
    let json = false;
    const flag = {
      name: "json",
      help: "Print a JSON document that also lists builtins, fetchers and features.",
      group: "Output",
      run: () => void (json = true),
    };
    const run = () => {
      process.out(json ? versionJson() : `devix ${DEVIX_VERSION} (compatible with Nix ${NIX_VERSION})\n`);
      return 0;
    };
    return { flags: [flag], run };
  },
};

function versionJson(): string {
  const document = {
    version: DEVIX_VERSION,
    nixVersion: NIX_VERSION,
    builtins: builtinNames(),
    fetchers: FETCHERS,
    features: FEATURES,
  };
  return encodeUtf8(JSON.stringify(document)) + "\n";
}

function builtinNames(): string[] {
  const settings = { ...DEFAULT_SETTINGS, features: new Set(FEATURES) };
  const log = { trace: () => {}, warn: () => {}, message: () => {} };
  const builtins: Attrs = flat(new Session({ settings, log, currentDir: "/" }).evaluator.builtins);
  return [...builtins.shape.byName].map((i) => symbolName(builtins.shape.names[i]));
}
