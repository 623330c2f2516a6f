/**
 * Nix values and JavaScript ones, for programs that use the evaluator as a library.
 *
 * Out of Nix a value is what its JSON says ({@link toJson}): evaluated with everything inside it, a derivation is its output
 * path, functions are errors. Strings are Unicode on the JavaScript side: bytes that aren't UTF-8 don't survive.
 */
import { intern } from "../syntax/symbols.ts";
import { type JsonBuilder, parseJson } from "../text/json.ts";
import { decodeUtf8Lossy, encodeUtf8 } from "../text/utf8.ts";
import { type Attrs, AttrsBuilder } from "./attrs.ts";
import type { Builtin } from "./builtin.ts";
import { ContextBuilder } from "./context.ts";
import { hint, isStackOverflow, NixError } from "./errors.ts";
import { toJson } from "./to_json.ts";
import { fitsInt64, Float, normaliseInt, Primop, type Slot, type Value } from "./value.ts";

/** What {@link toJs} returns. Integers beyond 2^53 are bigints. */
export type JsValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsValue[]
  | { readonly [name: string]: JsValue };

/** A function that Nix programs can call. Arguments are converted by {@link toJs}, the result by {@link fromJs}. */
// deno-lint-ignore no-explicit-any
export type JsFunction = (...args: any[]) => JsInput;

/** What {@link fromJs} takes: a number without a fraction is an integer, a function becomes one of as many arguments. */
export type JsInput =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsFunction
  | readonly JsInput[]
  | { readonly [name: string]: JsInput };

const JS_VALUES: JsonBuilder<JsValue, string> = {
  null: () => null,
  boolean: (b) => b,
  integer: (n) => n,
  float: (n) => n,
  string: decodeUtf8Lossy,
  array: (items) => items,
  key: decodeUtf8Lossy,
  object: (keys, stack, from) => Object.fromEntries(keys.toArray().map((key, i) => [key, stack[from + i]])),
};

/**
 * Returns the value in `slot`, evaluated with everything inside it, as JavaScript data.
 * @throws {NixError} of the evaluation, and for functions
 */
export function toJs(slot: Slot): JsValue {
  return jsFromJson(toJson(slot, new ContextBuilder(), { strict: true, copy: null }));
}

/**
 * Returns what a JSON text, a binary string, means as JavaScript data.
 * @throws {JsonParseError} in C++ Nix's words
 * @throws {JsonValueError} for what the language has nothing for
 */
export function jsFromJson(text: string): JsValue {
  return parseJson(text, JS_VALUES);
}

/**
 * Returns the JSON of the value in `slot`, evaluated with everything inside it, on one line. Integers have all their digits,
 * which `JSON.stringify` of what {@link toJs} returns can't write.
 * @throws {NixError} of the evaluation, and for functions
 */
export function toJsonText(slot: Slot): string {
  return decodeUtf8Lossy(toJson(slot, new ContextBuilder(), { strict: true, copy: null }));
}

/**
 * Returns JavaScript data as a value of the language.
 * @throws {TypeError} for what the language has nothing for: undefined, symbols, integers beyond 64 bits, NUL in strings,
 * objects that are more than data (dates, maps, bytes)
 */
export function fromJs(data: JsInput): Value {
  switch (typeof data) {
    case "boolean":
      return data;
    case "number":
      // Adding 0 makes 0 of -0, which isn't an integer of the language.
      return Number.isSafeInteger(data) ? data + 0 : new Float(data);
    case "bigint":
      if (!fitsInt64(data)) throw new TypeError(`Cannot convert ${data} to a Nix value: it has more than 64 bits`);
      return normaliseInt(data);
    case "string":
      if (data.includes("\0")) throw new TypeError("Cannot convert a string to a Nix value: it has a NUL in it");
      return encodeUtf8(data);
    case "function":
      return primop(data.name || "function", data);
    case "object":
      // Not `map`, which leaves out holes.
      if (Array.isArray(data)) return Array.from(data, (item) => fromJs(item));
      return data === null ? null : attrsOf(data as Record<string, JsInput>);
    default:
      throw new TypeError(`Cannot convert ${String(data)} to a Nix value: it is ${typeof data}`);
  }
}

function attrsOf(data: Readonly<Record<string, JsInput>>): Attrs {
  // Of data the prototype is the end, or the one before it: another realm's Object.prototype, too.
  const prototype = Object.getPrototypeOf(data);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(`Cannot convert ${String(data)} to a Nix value: it is more than data`);
  }
  const attrs = new AttrsBuilder();
  for (const [name, value] of Object.entries(data)) attrs.add(intern(encodeUtf8(name)), fromJs(value));
  return attrs.build();
}

function primop(name: string, call: JsFunction): Primop {
  return new Primop(encodeUtf8(name), Math.max(1, call.length), (...args: Slot[]) => called(name, call, args));
}

/** Returns a builtin, `builtins.NAME`, made of a JavaScript function; what it throws is an error of the program. */
export function builtin(name: string, call: JsFunction, { doc = "" }: { readonly doc?: string } = {}): Builtin {
  const params = Array.from({ length: Math.max(1, call.length) }, (_, i) => `arg${i + 1}`);
  return { name: encodeUtf8(name), params, doc, call: (...args: Slot[]) => called(name, call, args) };
}

function called(name: string, call: JsFunction, args: readonly Slot[]): Value {
  const data = args.map(toJs);
  let result: JsInput;
  try {
    result = call(...data);
    if (result instanceof Promise) throw new TypeError("a builtin can't wait for a promise");
    return fromJs(result);
  } catch (e) {
    if (e instanceof NixError || isStackOverflow(e)) throw e;
    const message = e instanceof Error ? e.message : String(e);
    throw new NixError("eval", hint`${encodeUtf8(`${name}: ${message}`)}`, undefined, { cause: e });
  }
}
