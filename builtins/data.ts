/** `toXML`, `toJSON`, `fromJSON`. Writing is in lib/runtime, reading in lib/text. */
import { Attrs, EMPTY_ATTRS } from "../lib/runtime/attrs.ts";
import { orderBySymbol, type Shape, shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import type { CopyToStore } from "../lib/runtime/coerce.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { toJson } from "../lib/runtime/to_json.ts";
import { toXml } from "../lib/runtime/to_xml.ts";
import { Float, makeString, type Slot, type Value } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { intern, type Symbol } from "../lib/syntax/symbols.ts";
import { type JsonBuilder, type JsonKeys, JsonParseError, JsonValueError, parseJson } from "../lib/text/json.ts";

/** What the builtins of this family need. */
export interface DataDeps {
  readonly copyToStore: CopyToStore;
}

const VALUES: JsonBuilder<Slot, Symbol> = {
  null: () => null,
  boolean: (b) => b,
  integer: (n) => n,
  float: (n) => new Float(n),
  string: (s) => s,
  array: (items) => items,
  key: intern,
  object: (keys, stack, from) => {
    const { shape, order } = keys.made as SetPlan | null ?? planOf(keys);
    const n = order.length;
    if (n === 0) return EMPTY_ATTRS;
    const values = new Array<Slot>(n);
    for (let i = 0; i < n; i++) values[i] = stack[from + order[i]];
    return new Attrs(shape, values);
  },
};

/** How an object becomes a set. */
interface SetPlan {
  readonly shape: Shape;
  /** Which of the object's values is in a slot. */
  readonly order: Int32Array;
}

function planOf(keys: JsonKeys<Symbol>): SetPlan {
  const symbols = keys.toArray();
  const bySymbol = orderBySymbol(symbols);
  const names: Symbol[] = [];
  const order = new Int32Array(symbols.length);
  for (let i = 0; i < bySymbol.length; i++) {
    const name = symbols[bySymbol[i]];
    // Equal ones are in the order in which they stand, and the last wins.
    if (names[names.length - 1] !== name) names.push(name);
    order[names.length - 1] = bySymbol[i];
  }
  const plan = { shape: shapeOf(names), order: order.subarray(0, names.length) };
  keys.made = plan;
  return plan;
}

function fromJSON(e: Slot): Value {
  const text = forceStringNoContext(e, "while evaluating the first argument passed to builtins.fromJSON");
  try {
    return parseJson(text, VALUES) as Value;
  } catch (error) {
    if (error instanceof JsonParseError) {
      throw evalError(hint`${error.message}`).addFrame(NO_POS, "while decoding a JSON string");
    }
    if (error instanceof JsonValueError) throw evalError(error.message);
    throw error;
  }
}

/** Returns `toXML`, `toJSON`, `fromJSON`. */
export function dataBuiltins({ copyToStore }: DataDeps): readonly Builtin[] {
  const toXML = (e: Slot): Value => {
    const context = new ContextBuilder();
    const text = toXml(e, context, { strict: true, locations: null });
    return makeString(text, context.build());
  };

  const toJSON = (e: Slot): Value => {
    const context = new ContextBuilder();
    const text = toJson(e, context, { strict: true, copy: copyToStore });
    return makeString(text, context.build());
  };

  return [
    {
      name: "toXML",
      params: ["e"],
      doc: "Returns a value, evaluated with everything inside it, as an XML document.",
      call: toXML,
    },
    {
      name: "toJSON",
      params: ["e"],
      doc:
        "Returns a value, evaluated with everything inside it, as JSON. Paths are copied to the store; a set with `__toString` or `outPath` becomes the string that gives.",
      call: toJSON,
    },
    {
      name: "fromJSON",
      params: ["e"],
      doc: "Returns the value that a JSON text stands for.",
      call: fromJSON,
    },
  ];
}
