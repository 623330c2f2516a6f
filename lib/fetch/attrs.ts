// Attributes of inputs: what fetchTree takes and returns, and what lock files hold.

import { binaryToUtf8, utf8ToBinary } from "../format/bytes.ts";
import { inputError, mark } from "./errors.ts";

/** A value of an attribute; strings are binary strings, integers not negative. */
export type AttrValue = string | number | bigint | boolean;

/** The attributes of an input by name. */
export type InputAttrs = ReadonlyMap<string, AttrValue>;

/** Returns the names in the order of C++ Nix's maps. */
function attrNames(attrs: InputAttrs): string[] {
  return [...attrs.keys()].sort();
}

/** Returns a string attribute, undefined if there is none of that name. @throws {FetchError} if it is no string */
export function maybeString(attrs: InputAttrs, name: string): string | undefined {
  const value = attrs.get(name);
  if (value === undefined || typeof value === "string") return value;
  throw inputError(mark`input attribute '${name}' is not a string ${attrsToJson(attrs)}`);
}

/** Returns a string attribute. @throws {FetchError} if there is none, or it is no string */
export function needString(attrs: InputAttrs, name: string): string {
  const value = maybeString(attrs, name);
  if (value === undefined) throw inputError(mark`input attribute '${name}' is missing`);
  return value;
}

/** Returns an integer attribute, undefined if there is none of that name. @throws {FetchError} if it is none */
export function maybeInt(attrs: InputAttrs, name: string): number | bigint | undefined {
  const value = attrs.get(name);
  if (value === undefined || typeof value === "number" || typeof value === "bigint") return value;
  throw inputError(mark`input attribute '${name}' is not an integer`);
}

/** Returns a Boolean attribute, undefined if there is none of that name. @throws {FetchError} if it is none */
export function maybeBool(attrs: InputAttrs, name: string): boolean | undefined {
  const value = attrs.get(name);
  if (value === undefined || typeof value === "boolean") return value;
  throw inputError(mark`input attribute '${name}' is not a Boolean`);
}

/** Returns the attributes with some changed; undefined takes one away. */
export function withAttrs(attrs: InputAttrs, changes: Readonly<Record<string, AttrValue | undefined>>): InputAttrs {
  const changed = new Map(attrs);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  return changed;
}

/** Returns the attributes as JSON, names sorted, as C++ Nix shows them in messages and lock files. */
export function attrsToJson(attrs: InputAttrs): string {
  const members = attrNames(attrs).map((name) => `${quote(name)}:${valueToJson(attrs.get(name)!)}`);
  return `{${members.join(",")}}`;
}

function valueToJson(value: AttrValue): string {
  return typeof value === "string" ? quote(value) : String(value);
}

function quote(text: string): string {
  return utf8ToBinary(JSON.stringify(binaryToUtf8(text)));
}

/**
 * Returns what nlohmann's JSON library goes through in a value, sorted by name: it counts the elements of a list, and takes
 * what holds nothing for one element without a name.
 */
export function jsonItems(json: unknown): [string, unknown][] {
  if (json === undefined || json === null) return [];
  if (typeof json !== "object") return [["", json]];
  const items = Object.entries(json).map(([name, value]): [string, unknown] => [utf8ToBinary(name), value]);
  return Array.isArray(json) ? items : items.sort(([a], [b]) => a < b ? -1 : 1);
}

/** Returns attributes that stand in a lock file. @throws {FetchError} for values of other types */
export function attrsFromJson(json: unknown): InputAttrs {
  const attrs = new Map<string, AttrValue>();
  for (const [name, value] of jsonItems(json)) {
    if (typeof value === "string") attrs.set(name, utf8ToBinary(value));
    else if (typeof value === "boolean" || typeof value === "number") attrs.set(name, value);
    else throw inputError("unsupported input attribute type in lock file");
  }
  return attrs;
}

/** Returns the attributes as parameters of a query: Booleans are "1" and "0". */
export function attrsToQuery(attrs: InputAttrs): Map<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of attrs) {
    query.set(name, typeof value === "boolean" ? (value ? "1" : "0") : String(value));
  }
  return query;
}
