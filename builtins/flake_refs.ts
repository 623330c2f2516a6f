/** `parseFlakeRef` and `flakeRefToString`: flake references as sets of attributes and as URLs. */
import type { AttrValue } from "../lib/fetch/attrs.ts";
import { flakeRefAttrs, flakeRefFromAttrs, parseFlakeRef, printFlakeRef } from "../lib/fetch/flake_ref.ts";
import type { InputOptions } from "../lib/fetch/input.ts";
import { attrPos, AttrsBuilder, flat } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { evalError, hint, typeError } from "../lib/runtime/errors.ts";
import { forceAttrs, forceStringNoContext } from "../lib/runtime/expect.ts";
import { showSymbol, showType } from "../lib/runtime/print.ts";
import { force } from "../lib/runtime/thunk.ts";
import { isInt, isString, normaliseInt, type Slot, stringText, type Value } from "../lib/runtime/value.ts";
import { intern, mayNeedOrder, symbolName } from "../lib/syntax/symbols.ts";
import { asNixErrors } from "./_fetching.ts";

/** Returns `parseFlakeRef` and `flakeRefToString`. */
export function flakeRefBuiltins(options: InputOptions): readonly Builtin[] {
  const parse = (arg: Slot): Value => {
    const text = forceStringNoContext(arg, "while evaluating the argument passed to builtins.parseFlakeRef");
    const attrs = asNixErrors(() => flakeRefAttrs(parseFlakeRef(text, options)));
    const builder = new AttrsBuilder();
    // By name, because the order in which names are first seen is visible.
    for (const name of [...attrs.keys()].sort()) builder.add(intern(name), attrAsValue(attrs.get(name)!));
    return builder.build();
  };

  const print = (arg: Slot): Value => {
    const set = forceAttrs(arg, "while evaluating the argument passed to builtins.flakeRefToString");
    const attrs = new Map<string, AttrValue>();
    const { shape, values } = flat(set);
    mayNeedOrder(shape.names);
    for (let i = 0; i < shape.names.length; i++) {
      const name = symbolName(shape.names[i]);
      const value = force(values[i], attrPos(set, shape.names[i]));
      if (isInt(value)) {
        if (value < 0) {
          throw evalError(
            hint`negative value given for flake ref attr ${showSymbol(shape.names[i])}: ${String(value)}`,
          );
        }
        attrs.set(name, value);
      } else if (typeof value === "boolean") {
        attrs.set(name, value);
      } else if (isString(value)) {
        attrs.set(name, stringText(value));
      } else {
        throw typeError(
          "flake reference attribute sets may only contain integers, Booleans, " +
            hint`and strings, but attribute '${showSymbol(shape.names[i])}' is ${showType(value)}`,
        );
      }
    }
    return asNixErrors(() => printFlakeRef(flakeRefFromAttrs(attrs, options)));
  };

  return [
    {
      name: "parseFlakeRef",
      params: ["flake-ref"],
      doc: "Returns the attributes that a flake reference (a URL, an id, a path) stands for.",
      call: parse,
    },
    {
      name: "flakeRefToString",
      params: ["attrs"],
      doc: "Returns the flake reference that stands for a set of attributes.",
      call: print,
    },
  ];
}

/** Integers of URLs have 64 bits and no sign; those of the language have a sign, and C++ Nix takes the bits as they are. */
function attrAsValue(value: AttrValue): Value {
  return typeof value === "bigint" ? normaliseInt(BigInt.asIntN(64, value)) : value;
}
