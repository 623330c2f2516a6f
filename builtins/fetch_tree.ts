/** `fetchTree` and `fetchGit`: trees described by attributes or a URL. */
import { type AttrValue, maybeBool } from "../lib/fetch/attrs.ts";
import {
  type Input,
  inputFromAttrs,
  inputFromUrl,
  isDirect,
  isFinal,
  isLocked,
  printInput,
} from "../lib/fetch/input.ts";
import { narHashSri } from "../lib/fetch/input_hash.ts";
import { fixGitUrl, printUrl } from "../lib/fetch/url.ts";
import { attrPos, Attrs, flat, getAttr } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToString, WEAK } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint, typeError } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { showType } from "../lib/runtime/print.ts";
import { force } from "../lib/runtime/thunk.ts";
import { toJson } from "../lib/runtime/to_json.ts";
import { isInt, isString, PathValue, type Slot, type Value } from "../lib/runtime/value.ts";
import { intern, mayNeedOrder, symbolName } from "../lib/syntax/symbols.ts";
import { requireFeature } from "./_features.ts";
import { asNixErrors, type FetchDeps, inNoRegistry, inputOptionsOf } from "./_fetching.ts";
import { inputTree } from "./_input_tree.ts";

const TYPE = intern("type");

type Who = "fetchTree" | "fetchGit";

/** Returns `fetchTree` and `fetchGit`. */
export function fetchTreeBuiltins(deps: FetchDeps): readonly Builtin[] {
  return [
    {
      name: "fetchTree",
      bare: true,
      feature: "fetch-tree",
      params: ["input"],
      doc:
        "Fetches a tree and returns a set with its store path as `outPath`, its `narHash`, and what else is known of " +
        "it (`rev`, `lastModified`, …). *input* is a set whose `type` says what it describes (file, tarball, git, github, " +
        "gitlab, sourcehut, hg, path), or a URL. With a `narHash` the tree is fetched only if something reads it.",
      call: (arg: Slot) => fetchTree(deps, readInput(deps, "fetchTree", arg), "fetchTree"),
    },
    {
      name: "fetchGit",
      bare: true,
      params: ["args"],
      doc:
        "Fetches a tree from a git repository. The argument is the repository's URL or path, or a set with `url` and, " +
        "if wanted, `rev`, `ref`, `name`, `submodules`, `shallow`, `allRefs`, `exportIgnore` and others. Of a local " +
        "repository without `ref` and `rev` the tracked files are taken as they are.",
      call: (arg: Slot) => fetchTree(deps, readInput(deps, "fetchGit", arg), "fetchGit"),
    },
  ];
}

/** Returns the tree of an input as far as evaluation may have it. @throws {NixError} */
function fetchTree(deps: FetchDeps, input: Input, who: Who): Value {
  const { settings, log } = deps;
  const options = inputOptionsOf(deps);
  if (!settings.pureEval && !isDirect(input) && settings.features.has("flakes")) {
    throw inNoRegistry(asNixErrors(() => printInput(input)));
  }
  if (settings.pureEval && !asNixErrors(() => isLocked(input, options))) {
    const shown = asNixErrors(() => printInput(input));
    if (asNixErrors(() => narHashSri(input.attrs)) === undefined) {
      throw evalError(hint`in pure evaluation mode, '${who}' doesn't fetch unlocked input '${shown}'`);
    }
    log.warn(
      hint`Input '${shown}' is unlocked (e.g. lacks a Git revision) but is checked by NAR hash. ` +
        "This is not reproducible and will break after garbage collection or when shared.",
    );
  }
  const shown = asNixErrors(() => printInput(input));
  deps.checkUri(shown);
  if (isFinal(input)) throw evalError(hint`input '${shown}' is not allowed to use the '__final' attribute`);
  if (!isDirect(input)) {
    throw evalError(hint`'${shown}' is an indirect flake reference, but registry lookups are not allowed`);
  }
  return inputTree(deps, input, { emptyRev: who === "fetchGit" });
}

function readInput(deps: FetchDeps, who: Who, arg: Slot): Input {
  const value = force(arg);
  const options = inputOptionsOf(deps);
  if (value instanceof Attrs) {
    const attrs = readAttrs(deps, who, value);
    return asNixErrors(() => inputFromAttrs(attrs, options));
  }
  const words = hint`while evaluating the first argument passed to '${who}'`;
  const url = coerceToString(value, new ContextBuilder(), WEAK, words);
  if (who === "fetchGit") {
    return asNixErrors(() =>
      inputFromAttrs(
        new Map<string, AttrValue>([["type", "git"], ["url", gitUrl(url)], ["exportIgnore", true]]),
        options,
      )
    );
  }
  if (!deps.settings.features.has("flakes")) {
    throw evalError(hint`passing a string argument to '${who}' requires the 'flakes' experimental feature`);
  }
  return asNixErrors(() => inputFromUrl(url, options));
}

function gitUrl(url: string): string {
  return printUrl(fixGitUrl(url));
}

function readAttrs(deps: FetchDeps, who: Who, set: Attrs): Map<string, AttrValue> {
  const isGit = who === "fetchGit";
  const attrs = new Map<string, AttrValue>();
  const typeSlot = getAttr(set, TYPE);
  if (typeSlot !== undefined) {
    if (isGit) throw evalError("unexpected argument 'type'");
    const words = hint`while evaluating the \`type\` argument passed to '${who}'`;
    attrs.set("type", forceStringNoContext(typeSlot, words, attrPos(set, TYPE)));
  } else if (isGit) {
    attrs.set("type", "git");
  } else {
    throw evalError(hint`argument 'type' is missing in call to '${who}'`);
  }
  const { shape, values } = flat(set);
  mayNeedOrder(shape.names);
  for (let i = 0; i < shape.names.length; i++) {
    if (shape.names[i] === TYPE) continue;
    const name = symbolName(shape.names[i]);
    const pos = attrPos(set, shape.names[i]);
    const value = force(values[i], pos);
    if (value instanceof PathValue || isString(value)) {
      const text = coerceToString(value, new ContextBuilder(), WEAK, "", pos);
      attrs.set(name, isGit && name === "url" ? asNixErrors(() => gitUrl(text)) : text);
    } else if (typeof value === "boolean") {
      attrs.set(name, value);
    } else if (isInt(value)) {
      if (value < 0) throw evalError(hint`negative value given for '${who}' argument '${name}': ${String(value)}`);
      attrs.set(name, value);
    } else if (name === "publicKeys") {
      requireFeature(deps.settings.features, "verified-fetches");
      attrs.set(name, toJson(value, new ContextBuilder(), { strict: true, copy: null, pos }));
    } else {
      throw typeError(
        hint`argument '${name}' to '${who}' is ${showType(value)} while a string, Boolean or integer is expected`,
      );
    }
  }
  if (isGit && !attrs.has("exportIgnore") && !asNixErrors(() => maybeBool(attrs, "submodules"))) {
    attrs.set("exportIgnore", true);
  }
  if (!isGit && attrs.get("type") === "git" && !attrs.has("shallow")) attrs.set("shallow", true);
  if (!isGit && attrs.has("name")) {
    throw evalError(hint`argument 'name' isn\xe2\x80\x99t supported in call to '${who}'`);
  }
  return attrs;
}
