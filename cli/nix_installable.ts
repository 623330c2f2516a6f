/**
 * What `nix` commands work on: `.#NAME` in a project of devenv 1.x, whose flake is `.devenv.flake.nix`.
 *
 * A name is looked for below the outputs a command prefers and then as it is; a name that begins with a dot is only looked
 * for as it is. What comes after "^" are outputs.
 */
import {
  Attrs,
  bestMatchesOf,
  canonPath,
  coerceToString,
  ContextBuilder,
  evalError,
  flat,
  force,
  getAttr,
  hint,
  intern,
  isDerivation,
  isString,
  parseAttrPath,
  parseElement,
  type Session,
  type Slot,
  stringText,
  symbolName,
  typeError,
  WEAK,
} from "../mod.ts";
import { drvPathIn } from "../serve/results.ts";

const OUTPUT_NAME_PATTERN = "(?!\\.\\.?(?:-|$))[.0-9a-zA-Z+_?=-]+";
const OUTPUT_NAMES = new RegExp(`^(?:\\*|${OUTPUT_NAME_PATTERN}(?:,${OUTPUT_NAME_PATTERN})*)$`);
const FLAKE_FILE = ".devenv.flake.nix";
const LOCK_FILE = "devenv.lock";
const META = intern("meta");
const OUTPUTS_TO_INSTALL = intern("outputsToInstall");
const OUTPUT_SPECIFIED = intern("outputSpecified");
const OUTPUT_NAME = intern("outputName");
const OUT_PATH = intern("outPath");

/** Something to build, evaluate or describe. Binary strings. */
export interface Installable {
  /** The project's folder. */
  readonly dir: string;
  /** Selection path; "" for the default. */
  readonly fragment: string;
  /** Output names, "*" for all; null for what the derivation says. */
  readonly outputs: string | null;
}

/** What outputs a command prefers, for `.#NAME` and for `.`. */
export interface Preference {
  readonly prefixes: readonly string[];
  readonly defaults: readonly string[];
}

const PACKAGES: Preference = {
  prefixes: ["packages.SYSTEM.", "legacyPackages.SYSTEM."],
  defaults: ["packages.SYSTEM.default", "defaultPackage.SYSTEM"],
};

/** For packages. */
export const PREFER_PACKAGES = PACKAGES;

/** For shells. */
export const PREFER_SHELLS: Preference = {
  prefixes: ["devShells.SYSTEM.", ...PACKAGES.prefixes],
  defaults: ["devShells.SYSTEM.default", "devShell.SYSTEM", ...PACKAGES.defaults],
};

/**
 * Returns what an argument names; undefined if it isn't in a project of devenv 1.x, so that it is somebody else's business.
 * @throws {NixError} for what can be no outputs
 */
export function parseInstallable(
  text: string,
  options: { readonly cwd: string; readonly exists: (path: string) => boolean },
): Installable | undefined {
  const match = /^(?:path:)?([^#?:]*)(?:#(.*?)(?:\^(.*))?)?$/s.exec(text);
  if (match === null) return undefined;
  const [, ref, fragment = "", outputs] = match;
  if (outputs !== undefined && !OUTPUT_NAMES.test(outputs)) {
    throw evalError(hint`invalid extended outputs specifier '${text}'`);
  }
  if (!/^(?:$|\.|\/)/.test(ref)) return undefined;
  const dir = canonPath(ref[0] === "/" ? ref : `${options.cwd}/${ref}`);
  if (!options.exists(`${dir}/${FLAKE_FILE}`)) return undefined;
  return { dir, fragment: decodeFragment(fragment), outputs: outputs ?? null };
}

function decodeFragment(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)?.[0];
  if (bad !== undefined) {
    const problem = bad.length < 3 ? "incomplete pct-encoding" : "bad hexdig in pct-encoding";
    throw evalError(hint`invalid URI parameter '${text}': ${problem}`);
  }
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** A project's flake. */
export type ProjectFlake = ReturnType<Session["localFlake"]>;

/** Reads the flake of a project. @throws {NixError} */
export function openProject(session: Session, dir: string): ProjectFlake {
  return session.localFlake({ dir, flakeFile: FLAKE_FILE, lockFile: LOCK_FILE });
}

/** Returns what an installable names among the outputs of its flake. @throws {NixError} if there is nothing */
export function findOutput(
  flake: Slot,
  { dir, fragment }: Installable,
  options: { readonly prefer: Preference; readonly system: string },
): Slot {
  const { prefixes, defaults } = options.prefer;
  const candidates = fragment === ""
    ? defaults
    : fragment[0] === "."
    ? [fragment.slice(1)]
    : [...prefixes.map((prefix) => prefix + fragment), fragment];
  const paths = candidates.map((path) => path.replace("SYSTEM", options.system));
  const misses: Miss[] = [];
  for (const path of paths) {
    const found = follow(flake, parseAttrPath(path));
    if (!(found instanceof Miss)) return found;
    misses.push(found);
  }
  const names = paths.map((path) => hint`'${path}'`);
  const listed = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  const error = evalError(hint`flake '${`path:${dir}`}' does not provide attribute ` + listed);
  error.suggestions = bestMatchesOf(misses);
  throw error;
}

/** A name that isn't there, and those that are. */
class Miss {
  constructor(readonly query: string, readonly names: readonly string[]) {}
}

/** Returns what lies at a path of names. @throws {NixError} if one is looked for in what is no set */
function follow(root: Slot, names: readonly string[]): Slot | Miss {
  let slot = root;
  for (const [i, name] of names.entries()) {
    const v = force(slot);
    if (!(v instanceof Attrs)) throw typeError(hint`'${names.slice(0, i).join(".")}' is not an attribute set`);
    const found = getAttr(v, intern(name));
    if (found === undefined) return new Miss(name, flat(v).shape.names.map(symbolName));
    slot = found;
  }
  return slot;
}

/** Something that Nix is to build: a derivation's outputs, or a path that is in the store already. */
export interface Buildable {
  readonly path: string;
  /** Output names; undefined for a path. */
  readonly outputs?: readonly string[];
}

/** Returns what there is to build for a value. @throws {NixError} if there is nothing */
export function buildables(slot: Slot, outputs: string | null, session: Session): Buildable[] {
  const v = force(slot);
  if (isDerivation(v)) {
    return [{ path: drvPathIn(v, session), outputs: outputs === null ? wantedOutputs(v) : outputs.split(",") }];
  }
  if (!isString(v) && !(v instanceof Attrs && getAttr(v, OUT_PATH) !== undefined)) {
    throw evalError("expected a derivation, or a string that names something in the store");
  }
  const context = new ContextBuilder();
  const options = { ...WEAK, copy: session.copyToStore };
  const text = coerceToString(v, context, options, "while evaluating what is to be built");
  const found = [...context.build()?.elements ?? []].map((element): Buildable => {
    const part = parseElement(element);
    if (part.kind === "opaque") return { path: part.path };
    const path = part.drvPath;
    if (typeof path !== "string") throw evalError("cannot build an output of a derivation that is itself an output");
    return { path, outputs: [part.kind === "drvDeep" ? "*" : part.output] };
  });
  if (found.length === 0) throw evalError(hint`'${text}' names nothing in the store`);
  return found;
}

/** Which outputs of a derivation are wanted where nobody says. */
function wantedOutputs(attrs: Attrs): string[] {
  const specified = getAttr(attrs, OUTPUT_SPECIFIED);
  if (specified !== undefined && force(specified) === true) {
    const name = getAttr(attrs, OUTPUT_NAME);
    if (name !== undefined) return [stringText(force(name) as string)];
  }
  const meta = getAttr(attrs, META);
  const set = meta === undefined ? undefined : force(meta);
  const list = set instanceof Attrs ? getAttr(set, OUTPUTS_TO_INSTALL) : undefined;
  const names = list === undefined ? undefined : force(list);
  if (!Array.isArray(names) || names.length === 0) return ["out"];
  return names.map((name) => stringText(force(name) as string));
}
