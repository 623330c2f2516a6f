/**
 * `listToAttrs`.
 *
 * Of several elements with one name the first counts, and the others need no `value`. Elements are sorted by symbol, as
 * C++ Nix sorts them before it looks at their values: that decides which missing `value` is reported.
 */
import { attrPos, Attrs, EMPTY_ATTRS } from "../lib/runtime/attrs.ts";
import { orderBySymbol, shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceAttrs, forceList, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import { settleSlot } from "../lib/runtime/thunk.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import type { Pos } from "../lib/syntax/positions.ts";
import { intern, internAfter, type Symbol } from "../lib/syntax/symbols.ts";

const NAME = intern("name");
const VALUE = intern("value");

function listToAttrs(e: Slot): Value {
  const list = forceList(e, "while evaluating the argument passed to builtins.listToAttrs");
  const missing = "in a {name=...; value=...;} pair";
  const n = list.length;
  const pairs = new Array<Attrs>(n);
  const names = new Array<Symbol>(n);
  let sorted = true;
  for (let i = 0; i < n; i++) {
    const pair = forceAttrs(list[i], "while evaluating an element of the list passed to builtins.listToAttrs");
    const name = requireAttr(pair, NAME, missing);
    const text = typeof name === "string" ? name : forceStringNoContext(
      name,
      "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs",
      attrPos(pair, NAME),
    );
    pairs[i] = pair;
    settleSlot(list, i);
    names[i] = i === 0 ? intern(text) : internAfter(names[i - 1], text);
    sorted &&= i === 0 || names[i - 1] < names[i];
  }
  const order = sorted ? null : orderBySymbol(names);
  if (n === 0) return EMPTY_ATTRS;
  const distinct = new Array<Symbol>(n);
  const values = new Array<Slot>(n);
  const positions = new Array<Pos>(n);
  let size = 0;
  for (let k = 0; k < n; k++) {
    const i = order === null ? k : order[k];
    // Of several with one name the first counts; the others' values are not even looked for.
    if (size > 0 && distinct[size - 1] === names[i]) continue;
    values[size] = requireAttr(pairs[i], VALUE, missing);
    positions[size] = attrPos(pairs[i], VALUE);
    distinct[size++] = names[i];
  }
  distinct.length = values.length = positions.length = size;
  return new Attrs(shapeOf(distinct), values, positions);
}

/** `listToAttrs`. */
export const LIST_TO_ATTRS: Builtin = {
  name: "listToAttrs",
  params: ["e"],
  doc:
    "Returns a set made from a list of `{ name = …; value = …; }` sets. Of several with the same name the first counts.",
  call: listToAttrs,
};
