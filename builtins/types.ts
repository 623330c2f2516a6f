/** `typeOf` and the `is…` predicates. Each evaluates its argument to weak head normal form and nothing inside it. */
import { Attrs } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { typeName } from "../lib/runtime/print.ts";
import { force } from "../lib/runtime/thunk.ts";
import { Float, isFunction, isInt, isString, PathValue, type Slot, type Value } from "../lib/runtime/value.ts";

function predicate(name: string, what: string, test: (v: Value) => boolean): Builtin {
  return {
    name,
    params: ["e"],
    doc: `Returns whether *e* is ${what}.`,
    call: (e: Slot) => test(force(e)),
  };
}

/** `typeOf`, `isNull`, `isFunction`, `isInt`, `isFloat`, `isString`, `isBool`, `isPath`, `isAttrs`, `isList`. */
export const TYPE_BUILTINS: readonly Builtin[] = [
  {
    name: "typeOf",
    params: ["e"],
    doc:
      'Returns the type of *e* as a string: `"int"`, `"bool"`, `"string"`, `"path"`, `"null"`, `"set"`, `"list"`, `"lambda"` or `"float"`.',
    call: (e: Slot) => typeName(force(e)),
  },
  { ...predicate("isNull", "`null`", (v) => v === null), bare: true },
  predicate("isFunction", "a function (a set with `__functor` is not)", isFunction),
  predicate("isInt", "an integer", isInt),
  predicate("isFloat", "a floating-point number", (v) => v instanceof Float),
  predicate("isString", "a string", isString),
  predicate("isBool", "`true` or `false`", (v) => typeof v === "boolean"),
  predicate("isPath", "a path", (v) => v instanceof PathValue),
  predicate("isAttrs", "an attribute set", (v) => v instanceof Attrs),
  predicate("isList", "a list", (v) => Array.isArray(v)),
];
