/**
 * Turning values into strings and paths.
 *
 * Weak coercion takes strings, paths and sets with `__toString` or `outPath`; strong coercion (`toString`, derivation
 * attributes) also numbers, Booleans, null and lists of such. A path becomes its own bytes, or, with a `copy` function,
 * the store path it is copied to, which then joins the context.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { intern } from "../syntax/symbols.ts";
import { formatFloatFixed } from "../text/float.ts";
import { Attrs, getAttr } from "./attrs.ts";
import { call1 } from "./call.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { ContextBuilder } from "./context.ts";
import { evalError, hint, typeError, withFrame } from "./errors.ts";
import { typedValue } from "./print.ts";
import { force, settleSlot } from "./thunk.ts";
import { ContextString, Float, floatText, makeString, PathValue, type Slot, type Value } from "./value.ts";

const TO_STRING = intern("__toString");
const OUT_PATH = intern("outPath");

/** Copies a file or directory to the store and returns its store path. */
export type CopyToStore = (path: PathValue) => string;

/** How {@link coerceToString} coerces. */
export interface Coercion {
  /** Whether numbers, Booleans, null and lists are taken too. */
  readonly strong: boolean;
  /** What copies paths to the store; null to use their own bytes. */
  readonly copy: CopyToStore | null;
}

/** Strings, paths as they are, sets that know how. */
export const WEAK: Coercion = { strong: false, copy: null };
/** What `toString` does. */
export const STRONG: Coercion = { strong: true, copy: null };

/** Returns the bytes `slot` coerces to and adds what it refers to to `context`. @throws {NixError} if it can't. */
export function coerceToString(
  slot: Slot,
  context: ContextBuilder,
  how: Coercion,
  words: string,
  pos: Pos = NO_POS,
): string {
  enterCall(pos);
  const text = coerce(slot, context, how, words, pos);
  leaveCall();
  return text;
}

function coerce(slot: Slot, context: ContextBuilder, how: Coercion, words: string, pos: Pos): string {
  const v = force(slot, pos);
  if (typeof v === "string") return v;
  if (v instanceof ContextString) {
    context.add(v.context);
    return v.text;
  }
  if (v instanceof PathValue) {
    if (how.copy === null) return v.path;
    const storePath = how.copy(v);
    context.addElement(storePath);
    return storePath;
  }
  if (v instanceof Attrs) {
    const viaToString = tryToString(v, context, how, pos);
    if (viaToString !== undefined) return viaToString;
    const outPath = getAttr(v, OUT_PATH);
    if (outPath === undefined) throw cannotCoerce(slot, words, pos);
    return coerceToString(outPath, context, how, words, pos);
  }
  if (how.strong) {
    if (v === true) return "1";
    if (v === false || v === null) return "";
    if (typeof v === "number" || typeof v === "bigint") return String(v);
    if (v instanceof Float) return floatText(v, formatFloatFixed);
    if (Array.isArray(v)) return coerceList(v, context, how, words, pos);
  }
  throw cannotCoerce(slot, words, pos);
}

function coerceList(list: Slot[], context: ContextBuilder, how: Coercion, words: string, pos: Pos): string {
  let text = "";
  for (let i = 0; i < list.length; i++) {
    try {
      text += coerceToString(list[i], context, how, "while evaluating one element of the list", pos);
    } catch (e) {
      throw withFrame(e, pos, words);
    }
    settleSlot(list, i);
    if (i < list.length - 1) {
      // An empty list leaves no separator behind it, as C++ Nix does.
      const element = force(list[i]);
      if (!Array.isArray(element) || element.length !== 0) text += " ";
    }
  }
  return text;
}

/** Returns what `__toString` of the set gives, undefined if it has none. */
export function tryToString(attrs: Attrs, context: ContextBuilder, how: Coercion, pos: Pos): string | undefined {
  const toString = getAttr(attrs, TO_STRING);
  if (toString === undefined) return undefined;
  const v = call1(force(toString, pos), attrs, pos);
  return coerceToString(v, context, how, "while evaluating the result of the `__toString` attribute", pos);
}

function cannotCoerce(slot: Slot, words: string, pos: Pos) {
  return typeError(`cannot coerce ${typedCoercion(slot)}`).addFrame(pos, words);
}

function typedCoercion(slot: Slot): string {
  const text = typedValue(slot);
  const colon = text.indexOf("\x1b[0m: ") + 4;
  return text.slice(0, colon) + " to a string" + text.slice(colon);
}

/** Returns `slot` coerced, as a string value with its context. */
export function coerceToStringValue(
  slot: Slot,
  how: Coercion,
  words: string,
  pos: Pos = NO_POS,
): string | ContextString {
  const context = new ContextBuilder();
  const text = coerceToString(slot, context, how, words, pos);
  return makeString(text, context.build());
}

/** Returns the absolute path `slot` coerces to. @throws {NixError} if it is none. */
export function coerceToPath(slot: Slot, context: ContextBuilder, words: string, pos: Pos = NO_POS): PathValue {
  let v: Value;
  try {
    v = force(slot, pos);
  } catch (e) {
    throw withFrame(e, pos, words);
  }
  if (v instanceof PathValue) return v;
  if (v instanceof Attrs) {
    const toString = getAttr(v, TO_STRING);
    if (toString !== undefined) return coerceToPath(call1(force(toString, pos), v, pos), context, words, pos);
  }
  const path = coerceToString(slot, context, WEAK, words, pos);
  if (path[0] !== "/") {
    throw evalError(hint`string '${path}' doesn't represent an absolute path`).addFrame(pos, words);
  }
  return new PathValue(canonPath(path));
}

/** Returns an absolute path without `.`, `..`, empty or trailing components. */
export function canonPath(path: string): string {
  if (!/\/(?:\.{0,2}(?:\/|$))/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return "/" + parts.join("/");
}
