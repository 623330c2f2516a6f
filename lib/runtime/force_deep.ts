/**
 * Evaluating a value with everything inside it.
 *
 * Attributes are visited in the order of their symbols, not of their names, which decides which of several errors comes
 * up. A cell that was visited before is not visited again, so that cyclic values end.
 */
import { NO_POS } from "../syntax/positions.ts";
import { inOrder, outOfOrder, symbolName } from "../syntax/symbols.ts";
import { attrPos, Attrs, flat } from "./attrs.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { hint, NixError, withFrame } from "./errors.ts";
import { quoteAttrName } from "./print.ts";
import { force } from "./thunk.ts";
import type { Slot, Value } from "./value.ts";
import { valuePos } from "./value_pos.ts";

/** Evaluates the value in `slot` and all that is in it, but what is in sets that are not to be `entered`; returns it. */
export function forceDeep(slot: Slot, entered: (attrs: Attrs) => boolean = () => true): Value {
  return visit(slot, { seen: new Set(), entered });
}

interface Visit {
  readonly seen: Set<Slot>;
  readonly entered: (attrs: Attrs) => boolean;
}

function visit(slot: Slot, how: Visit): Value {
  if (slot === null || typeof slot !== "object") {
    enterCall(NO_POS);
    leaveCall();
    return slot;
  }
  const pos = valuePos(slot, NO_POS);
  enterCall(pos);
  const v = force(slot, pos);
  if (v instanceof Attrs) {
    if (!how.seen.has(slot)) {
      how.seen.add(slot);
      if (how.entered(v)) visitAttrs(flat(v), how);
    }
  } else if (Array.isArray(v)) {
    if (!how.seen.has(slot)) {
      how.seen.add(slot);
      visitList(v, how);
    }
  }
  leaveCall();
  return v;
}

function visitAttrs(attrs: Attrs, how: Visit): void {
  if (inOrder(attrs.shape.names)) visitValues(attrs, how);
  else outOfOrder(() => visitValues(attrs, how));
}

function visitValues(attrs: Attrs, how: Visit): void {
  const { shape, values } = attrs;
  for (let i = 0; i < values.length; i++) {
    try {
      visit(values[i], how);
    } catch (e) {
      const name = shape.names[i];
      throw withFrame(
        e,
        attrPos(attrs, name),
        hint`while evaluating the attribute '${quoteAttrName(symbolName(name))}'`,
      );
    }
  }
}

function visitList(list: readonly Slot[], how: Visit): void {
  for (let i = 0; i < list.length; i++) {
    try {
      visit(list[i], how);
    } catch (e) {
      throw e instanceof NixError ? e.addPlacelessFrame(hint`while evaluating list element at index ${i}`) : e;
    }
  }
}
