/**
 * The types that generated programs are biased by. They are an aid, not a promise: the generator breaks them on
 * purpose now and then, and Nix values are of course not typed.
 */
import type { Random } from "./random.ts";

/** What a generated expression is meant to evaluate to. */
export type Type =
  | { readonly kind: "int" | "float" | "bool" | "string" | "null" | "path" }
  | { readonly kind: "list"; readonly of: Type }
  | SetType
  | { readonly kind: "function"; readonly from: Type; readonly to: Type };

/** Sets with (at least) these fields; names are distinct. */
export interface SetType {
  readonly kind: "set";
  readonly fields: readonly (readonly [name: string, type: Type])[];
}

export const INT: Type = { kind: "int" };
export const FLOAT: Type = { kind: "float" };
export const BOOL: Type = { kind: "bool" };
export const STRING: Type = { kind: "string" };
export const NULL: Type = { kind: "null" };
export const PATH: Type = { kind: "path" };

/** Returns the type of lists of `of`. */
export function listOf(of: Type): Type {
  return { kind: "list", of };
}

/** Returns the type of functions. */
export function functionOf(from: Type, to: Type): Type {
  return { kind: "function", from, to };
}

/** Returns the type of sets with (at least) these fields; names are distinct. */
export function setOf(fields: SetType["fields"]): SetType {
  return { kind: "set", fields };
}

/** Returns a string that is equal for equal types. */
export function typeKey(type: Type): string {
  switch (type.kind) {
    case "list":
      return `[${typeKey(type.of)}]`;
    case "set":
      return `{${type.fields.map(([name, field]) => `${JSON.stringify(name)}:${typeKey(field)}`).sort().join()}}`;
    case "function":
      return `(${typeKey(type.from)}>${typeKey(type.to)})`;
    default:
      return type.kind;
  }
}

/** Names of attributes, weighted towards plain ones; the others need quotes or mean something to the evaluator. */
export const ATTRIBUTE_NAMES = [
  ..."a b c d e a b c d x y foo bar foo-bar a' name value key type or".split(" "),
  "x y",
  "",
  "if",
  "1",
  "é",
  "a.b",
  "${x}",
  "meta",
  "map",
];

/** Returns a random type; `depth` limits nesting. */
export function randomType(random: Random, depth: number): Type {
  const kind = random.weighted(
    [
      [5, "int"],
      [2, "float"],
      [3, "bool"],
      [6, "string"],
      [1, "null"],
      [1, "path"],
      [depth > 0 ? 4 : 0, "list"],
      [depth > 0 ? 5 : 0, "set"],
      [depth > 0 ? 1.5 : 0, "function"],
    ] as const,
  );
  switch (kind) {
    case "list":
      return listOf(randomType(random, depth - 1));
    case "set":
      return randomSetType(random, depth);
    case "function":
      return functionOf(randomType(random, depth - 1), randomType(random, depth - 1));
    default:
      return { kind };
  }
}

/** Returns a random set type of up to four fields. */
export function randomSetType(random: Random, depth: number): SetType {
  const names = new Set(
    random.times(random.weighted([[1, 0], [3, 1], [4, 2], [2, 4]]), () => random.pick(ATTRIBUTE_NAMES)),
  );
  return { kind: "set", fields: [...names].map((name) => [name, randomType(random, depth - 1)] as const) };
}
