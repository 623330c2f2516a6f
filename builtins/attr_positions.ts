/** `unsafeGetAttrPos`. */
import { attrPos, hasAttr } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { forceAttrs, forceStringNoContext } from "../lib/runtime/expect.ts";
import { positionValue } from "../lib/runtime/position_value.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import type { PosTable } from "../lib/syntax/positions.ts";
import { intern } from "../lib/syntax/symbols.ts";

/** Returns `unsafeGetAttrPos`. */
export function attrPositionBuiltins(positions: PosTable): readonly Builtin[] {
  const unsafeGetAttrPos = (s: Slot, set: Slot): Value => {
    const name = intern(
      forceStringNoContext(s, "while evaluating the first argument passed to builtins.unsafeGetAttrPos"),
    );
    const attrs = forceAttrs(set, "while evaluating the second argument passed to builtins.unsafeGetAttrPos");
    return hasAttr(attrs, name) ? positionValue(positions, attrPos(attrs, name)) : null;
  };
  return [
    {
      name: "unsafeGetAttrPos",
      params: ["s", "set"],
      doc:
        "Returns where the attribute named *s* was defined, as `{ file = …; line = …; column = …; }`, or `null` if that is not known. It looks at what should not matter: use it for messages only.",
      call: unsafeGetAttrPos,
    },
  ];
}
