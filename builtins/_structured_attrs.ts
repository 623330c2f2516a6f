/** The JSON of structured attributes: one object on one line, members in the order of their names. */
import type { CopyToStore } from "../lib/runtime/coerce.ts";
import type { ContextBuilder } from "../lib/runtime/context.ts";
import { hint, NixError } from "../lib/runtime/errors.ts";
import { type BadString, toJson } from "../lib/runtime/to_json.ts";
import type { Slot } from "../lib/runtime/value.ts";
import { formatFloatJson } from "../lib/text/float.ts";
import { JsonParseError, JsonValueError, parseJson } from "../lib/text/json.ts";
import { JsonWriteError, quoteJson } from "../lib/text/json_text.ts";

/** How {@link toJsonMember} writes. */
export interface JsonMemberOptions {
  readonly copy: CopyToStore;
  /** Told why the member can't be written, which C++ Nix finds out when everything has been evaluated and checked. */
  readonly onBadString: (bad: Pick<BadString, "reason">) => void;
}

/** Returns an attribute as a member of the object and adds what it refers to to `context`. */
export function toJsonMember(name: string, slot: Slot, context: ContextBuilder, options: JsonMemberOptions): string {
  let key = "";
  try {
    key = quoteJson(name);
  } catch (e) {
    if (!(e instanceof JsonWriteError)) throw e;
    options.onBadString({ reason: e.message });
  }
  return `${key}:${toJson(slot, context, { ...options, strict: true })}`;
}

/** Returns the object that has the given members. */
export function jsonObject(members: readonly string[]): string {
  return `{${members.join(",")}}`;
}

/**
 * Returns the text of an object as C++ Nix writes it once it has read it.
 * @throws {NixError} if it isn't the text of an object.
 */
export function normaliseJson(text: string): string {
  let json: string;
  try {
    json = parseJson<string, string>(text, {
      null: () => "null",
      boolean: String,
      integer: String,
      float: formatFloatJson,
      string: quoteJson,
      array: (items) => `[${items.join(",")}]`,
      key: (name) => name,
      object: (keys, stack, from) => {
        const members = new Map<string, string>();
        keys.toArray().forEach((key, i) => members.set(key, stack[from + i]));
        const names = [...members.keys()].sort();
        return jsonObject(names.map((name) => `${quoteJson(name)}:${members.get(name)}`));
      },
    });
  } catch (e) {
    if (e instanceof JsonParseError || e instanceof JsonValueError) throw cannotProcess(e.message);
    throw e;
  }
  if (json[0] === "{") return json;
  throw cannotProcess(`[json.exception.type_error.302] type must be object, but is ${jsonType(json)}`);
}

function cannotProcess(reason: string): NixError {
  return new NixError("eval", hint`cannot process ${"__json"} attribute: ${reason}`);
}

function jsonType(json: string): string {
  switch (json[0]) {
    case '"':
      return "string";
    case "[":
      return "array";
    case "n":
      return "null";
    case "t":
    case "f":
      return "boolean";
  }
  return "number";
}
