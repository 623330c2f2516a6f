/**
 * Command lines as C++ Nix 2.34 reads them, which the common parsers can't do: flags with two values (`--arg NAME
 * EXPR`), and `-j3` or `-qlf` taken apart into `-j 3` and `-q -l -f`. A flag is a record in a list; the list is also
 * what help texts are made from.
 *
 * Each setting is a flag too (`--cores 2`, `--no-pure-eval`, `--extra-substituters URL`), below the named ones.
 */
import { bestMatch, evalError, hint, type NixError } from "../mod.ts";
import type { Setting } from "./setting_kinds.ts";
import { type SettingName, SETTINGS, type SettingValue } from "./setting_table.ts";
import { isSettingName, settingNamed, type Settings } from "./settings.ts";
import { UsageError } from "./usage_error.ts";

/** A flag. Values are binary strings. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Names of its values, for help; their number is how many it takes. */
  readonly values?: readonly string[];
  /** What the first value may be, for completion; "x:" is the beginning of one. */
  readonly choices?: readonly string[];
  /** One sentence, or more lines. */
  readonly help: string;
  /** Under what heading help shows it; "" to leave it out. */
  readonly group: string;
  /** Called each time the flag is met. @throws {UsageError} */
  readonly run: (...values: string[]) => void;
}

/** How to read a command line. */
export interface ParseOptions {
  readonly flags: readonly Flag[];
  readonly settings: Settings;
  /** Called with what is no flag, in order. */
  readonly argument: (text: string) => void;
  /** Whether `--flag=value` is `--flag value`, and flags that are nearly right are named. C++ Nix does neither. */
  readonly own?: boolean;
  /**
   * Called with what no flag is known for; `next` takes the argument after it. Returns false if it knows none either, and
   * "end" if nothing after it is to be read.
   */
  readonly other?: (text: string, next: () => string) => boolean | "end";
}

/** Reads a command line (binary strings). @throws {UsageError} */
export function parseArgs(args: readonly string[], options: ParseOptions): void {
  const { flags, settings, argument, other } = options;
  const long = new Map<string, Flag>();
  const short = new Map<string, Flag>();
  for (const flag of flags) {
    long.set(flag.name, flag);
    if (flag.short !== undefined) short.set(flag.short, flag);
  }
  // The next one is last: taking the first of 30,000 moves all others.
  const rest = args.toReversed();
  const features = new Set<string>();
  while (rest.length > 0) {
    let arg = rest.pop()!;
    if (arg === "--") {
      rest.splice(0).reverse().forEach(argument);
      break;
    }
    if (/^-[A-Za-z]./s.test(arg)) {
      rest.push(...apart(arg).reverse());
      arg = rest.pop()!;
    }
    if (arg[0] !== "-" || arg === "-" && other === undefined) {
      argument(arg);
      continue;
    }
    if (options.own && /^--[^=]+=/.test(arg)) {
      const eq = arg.indexOf("=");
      rest.push(arg.slice(eq + 1));
      arg = arg.slice(0, eq);
    }
    const flag = arg.startsWith("--")
      ? long.get(arg.slice(2)) ?? settingFlag(arg.slice(2), settings, features)
      : short.get(arg.slice(1));
    if (flag !== undefined) {
      const wanted = flag.values?.length ?? 0;
      if (rest.length < wanted) {
        throw new UsageError(
          hint`flag '${arg}' requires ${wanted} argument(s), but only ${rest.length} were given`,
        );
      }
      flag.run(...rest.splice(rest.length - wanted).reverse());
      continue;
    }
    const next = () => {
      if (rest.length === 0) throw new UsageError(hint`'${arg}' requires an argument`);
      return rest.pop()!;
    };
    const known = other?.(arg, next);
    if (known === "end") return;
    if (known) continue;
    const near = options.own ? bestMatch([...long.keys()], arg.replace(/^--?/, "")) : undefined;
    throw new UsageError(
      hint`unrecognised flag '${arg}'` + (near === undefined ? "" : hint`\nDid you mean ${`--${near}`}?`),
    );
  }
  for (const feature of features) if (!settings.hasFeature(feature)) throw disabledFeature(feature);
}

function disabledFeature(feature: string): NixError {
  return evalError(
    hint`experimental Nix feature '${feature}' is disabled; add '--extra-experimental-features ${feature}' to enable it`,
  );
}

/** `-qlf` is `-q -l -f`; from the first that is no letter on it is a value. */
function apart(arg: string): string[] {
  const letters = /^[A-Za-z]+/.exec(arg.slice(1))![0];
  const parts = [...letters].map((letter) => `-${letter}`);
  if (letters.length < arg.length - 1) parts.push(arg.slice(1 + letters.length));
  return parts;
}

/** The flag a setting makes, undefined if there is no such setting; `features` collects what such flags need. */
function settingFlag(flagName: string, settings: Settings, features: Set<string>): Flag | undefined {
  const make = (name: SettingName, values: readonly string[], run: Flag["run"]): Flag => {
    const noteFeature = (...given: string[]) => {
      const { feature } = SETTINGS[name];
      if (feature !== undefined) features.add(feature);
      run(...given);
    };
    return { name: flagName, values, help: "", group: "", run: noteFeature };
  };
  const turn = (name: SettingName, on: boolean) => {
    const run = () => name === "sandbox" ? settings.set(name, String(on)) : settings.override(name as BoolSetting, on);
    return make(name, [], run);
  };
  const name = settingNamed(flagName);
  if (name !== undefined) {
    if (SETTINGS[name].flag !== "value") return turn(name, true);
    return make(name, ["value"], (text) => settings.set(name, text));
  }
  const dash = flagName.indexOf("-");
  const base = flagName.slice(dash + 1);
  // Not for aliases, as in C++ Nix.
  if (!isSettingName(base)) return undefined;
  const { flag, append } = SETTINGS[base] as Setting<unknown>;
  switch (flagName.slice(0, dash)) {
    case "no":
      return flag === "value" ? undefined : turn(base, false);
    case "relaxed":
      return flag === "sandbox" ? make(base, [], () => settings.set(base, "relaxed")) : undefined;
    case "extra":
      return append === undefined ? undefined : make(base, ["value"], (text) => settings.set(flagName, text));
    default:
      return undefined;
  }
}

/** Settings that are true or false. */
type BoolSetting = {
  [K in SettingName]: SettingValue<K> extends boolean ? K : never;
}[SettingName];
