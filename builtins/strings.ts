/**
 * Strings.
 *
 * Lengths and offsets count bytes. A string's context goes wherever its text goes: `substring` of no bytes keeps all of
 * it, which nixpkgs uses to carry a context around. Where a string is wanted, a path is copied to the store and stands
 * for its store path, except in `toString`, `baseNameOf` and `dirOf`.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToString, coerceToStringValue, type CopyToStore, STRONG, WEAK } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError } from "../lib/runtime/errors.ts";
import { forceInt, forceList, forceString } from "../lib/runtime/expect.ts";
import { force, Thunk } from "../lib/runtime/thunk.ts";
import {
  ContextString,
  isString,
  makeString,
  PathValue,
  type Slot,
  stringContext,
  stringText,
  type Value,
} from "../lib/runtime/value.ts";

/** What the builtins of this family need. */
export interface StringDeps {
  readonly copyToStore: CopyToStore;
}

function toString(e: Slot): Value {
  const v = force(e);
  if (typeof v === "string") return v;
  if (typeof v === "number") return String(v);
  return coerceToStringValue(v, STRONG, "while evaluating the first argument passed to builtins.toString");
}

function baseNameOf(x: Slot): Value {
  const context = new ContextBuilder();
  const words = "while evaluating the first argument passed to builtins.baseNameOf";
  const path = coerceToString(x, context, WEAK, words);
  return makeString(baseName(path), context.build());
}

/** The part after the last slash, one slash at the end not counted. */
function baseName(path: string): string {
  let end = path.length;
  if (end > 1 && path[end - 1] === "/") end--;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

function dirOf(s: Slot): Value {
  const v = force(s);
  if (v instanceof PathValue) return parentPath(v);
  const context = new ContextBuilder();
  const path = coerceToString(v, context, WEAK, "while evaluating the first argument passed to 'builtins.dirOf'");
  const slash = path.lastIndexOf("/");
  return makeString(slash < 0 ? "." : path.slice(0, slash) || "/", context.build());
}

function parentPath({ path, display }: PathValue): PathValue {
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  // `<nix/fetchurl.nix>` is in `<nix/>`.
  return new PathValue(parent, display && `${display.slice(0, display.lastIndexOf("/") + 1)}>`);
}

/** The strings that `replaceStrings` looks for, by their first byte. */
interface Needles {
  readonly texts: readonly string[];
  /** Under each byte the indices of the strings that start with it, in order. */
  readonly byFirst: readonly (readonly number[] | undefined)[];
  /** Index of the first empty string, which matches wherever none before it does; -1 if there is none. */
  readonly empty: number;
}

function forceNeedles(from: readonly Slot[]): Needles {
  const texts: string[] = [];
  const words = "while evaluating one of the strings to replace passed to builtins.replaceStrings";
  for (const slot of from) texts.push(typeof slot === "string" ? slot : stringText(forceString(slot, words)));
  const empty = texts.indexOf("");
  const byFirst: number[][] = new Array(256);
  for (let i = 0; i < (empty < 0 ? texts.length : empty); i++) {
    const first = texts[i].charCodeAt(0);
    if (byFirst[first] === undefined) byFirst[first] = [i];
    else byFirst[first].push(i);
  }
  return { texts, byFirst, empty };
}

/** Returns the index of the needle that matches at `at`, -1 if none does. */
function needleAt(needles: Needles, text: string, at: number): number {
  const candidates = needles.byFirst[text.charCodeAt(at)];
  if (candidates !== undefined) {
    for (const i of candidates) if (text.startsWith(needles.texts[i], at)) return i;
  }
  return needles.empty;
}

function makeReplaceStrings(): Builtin["call"] {
  // The same list is often used again and again (`escapeXML`, `toUpper`).
  let lastFrom: readonly Slot[] | null = null;
  let lastNeedles: Needles | null = null;

  return (from: Slot, to: Slot, s: Slot): Value => {
    const old = forceList(from, "while evaluating the first argument passed to builtins.replaceStrings");
    const new_ = forceList(to, "while evaluating the second argument passed to builtins.replaceStrings");
    if (old.length !== new_.length) {
      throw evalError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths");
    }
    const needles = old === lastFrom ? lastNeedles! : forceNeedles(old);
    lastFrom = old;
    lastNeedles = needles;
    const v = forceString(s, "while evaluating the third argument passed to builtins.replaceStrings");
    const text = stringText(v);
    const context = new ContextBuilder();
    context.add(stringContext(v));

    const replacements = new Array<string | undefined>(new_.length);
    const replacement = (i: number): string => {
      const known = replacements[i];
      if (known !== undefined) return known;
      const words = "while evaluating one of the replacement strings passed to builtins.replaceStrings";
      const r = forceString(new_[i], words);
      context.add(stringContext(r));
      return replacements[i] = stringText(r);
    };

    let out = "";
    let copied = 0;
    const n = text.length;
    if (needles.empty >= 0) {
      for (let at = 0; at <= n;) {
        const i = needleAt(needles, text, at);
        out += replacement(i);
        const size = needles.texts[i].length;
        if (size === 0) out += text.charAt(at);
        at += size || 1;
      }
      return makeString(out, context.build());
    }
    for (let at = 0; at < n;) {
      const i = needleAt(needles, text, at);
      if (i < 0) {
        at++;
        continue;
      }
      if (copied < at) out += text.slice(copied, at);
      out += replacement(i);
      at += needles.texts[i].length;
      copied = at;
    }
    if (copied === 0) return v;
    return makeString(out + text.slice(copied), context.build());
  };
}

/** Returns `baseNameOf`, `dirOf`, `toString`, `substring`, `stringLength`, `concatStringsSep`, `replaceStrings`. */
export function stringBuiltins({ copyToStore }: StringDeps): readonly Builtin[] {
  const coercion = { strong: false, copy: copyToStore };

  const substring = (start: Slot, len: Slot, s: Slot): Value => {
    const from = forceInt(
      start,
      "while evaluating the first argument (the start offset) passed to builtins.substring",
    );
    if (from < 0) throw evalError("negative start position in 'substring'");
    const size = forceInt(
      len,
      "while evaluating the second argument (the substring length) passed to builtins.substring",
    );
    if (typeof s !== "string" && size === 0) {
      const v = force(s);
      if (isString(v)) return makeString("", stringContext(v));
    }
    const begin = Number(from);
    const end = size < 0 ? Infinity : begin + Number(size);
    if (typeof s === "string") return s.substring(begin, end);
    const context = new ContextBuilder();
    const words = "while evaluating the third argument (the string) passed to builtins.substring";
    const text = coerceToString(s, context, coercion, words);
    return makeString(text.substring(begin, end), context.build());
  };

  const stringLength = (e: Slot): Value => {
    if (typeof e === "string") return e.length;
    const words = "while evaluating the argument passed to builtins.stringLength";
    return coerceToString(e, new ContextBuilder(), coercion, words).length;
  };

  const concatStringsSep = (separator: Slot, list: Slot): Value => {
    const sep = forceString(
      separator,
      "while evaluating the first argument (the separator string) passed to builtins.concatStringsSep",
    );
    const elements = forceList(
      list,
      "while evaluating the second argument (the list of strings to concat) passed to builtins.concatStringsSep",
    );
    const words = "while evaluating one element of the list of strings to concat passed to builtins.concatStringsSep";
    const context = new ContextBuilder();
    context.add(stringContext(sep));
    const parts = new Array<string>(elements.length);
    for (let i = 0; i < parts.length; i++) {
      const slot = elements[i];
      const v = slot instanceof Thunk && slot.code === null ? slot.payload as Value : slot;
      if (typeof v === "string") parts[i] = v;
      else if (v instanceof ContextString) {
        parts[i] = v.text;
        context.add(v.context);
      } else parts[i] = coerceToString(v, context, coercion, words);
    }
    return makeString(parts.join(stringText(sep)), context.build());
  };

  return [
    {
      name: "baseNameOf",
      bare: true,
      params: ["x"],
      doc:
        "Returns the last component of a path or string: what follows the last slash, a slash at the end not counted.",
      call: baseNameOf,
    },
    {
      name: "dirOf",
      bare: true,
      params: ["s"],
      doc: "Returns what comes before the last slash: a path for a path, a string for a string.",
      call: dirOf,
    },
    {
      name: "toString",
      bare: true,
      params: ["e"],
      doc:
        "Returns a value as a string. Besides strings, paths and sets with `__toString` or `outPath` it takes numbers, `true` (`1`), `false` and `null` (nothing) and lists of such. Paths are not copied to the store.",
      call: toString,
    },
    {
      name: "substring",
      params: ["start", "len", "s"],
      doc:
        "Returns *len* bytes of *s* from byte *start* on, or as many as there are; with a negative *len* all of them.",
      call: substring,
    },
    {
      name: "stringLength",
      params: ["e"],
      doc: "Returns the length of a string in bytes.",
      call: stringLength,
    },
    {
      name: "concatStringsSep",
      params: ["separator", "list"],
      doc: "Returns the strings of a list as one string, with *separator* between them.",
      call: concatStringsSep,
    },
    {
      name: "replaceStrings",
      params: ["from", "to", "s"],
      doc:
        "Returns *s* with each occurrence of a string of the list *from* replaced by its partner in *to*. Goes through *s* once, from the left; at each place the first of *from* that fits counts.",
      call: makeReplaceStrings(),
    },
  ];
}
