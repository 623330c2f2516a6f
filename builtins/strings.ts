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
import { enterCall, leaveCall } from "../lib/runtime/depth.ts";
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
import { NO_POS } from "../lib/syntax/positions.ts";
import { replaceStringsBuiltin } from "./replace_strings.ts";

/** What the builtins of this family need. */
export interface StringDeps {
  readonly copyToStore: CopyToStore;
}

function toString(e: Slot): Value {
  enterCall(NO_POS);
  const v = force(e);
  leaveCall();
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
    replaceStringsBuiltin(),
  ];
}
