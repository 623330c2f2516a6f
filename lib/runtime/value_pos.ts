/**
 * Where a value comes from, as far as the value itself knows.
 *
 * C++ Nix points some errors at the value in question rather than at the expression that wanted it. Functions know where
 * they were written, sets where their literal is, and an application that has not run knows its function.
 */
import type { Pos } from "../syntax/positions.ts";
import { Attrs, literalPos } from "./attrs.ts";
import { appliedFunction } from "./call.ts";
import { Thunk, TRACKED } from "./thunk.ts";
import { Lambda, lambdaExpr, PartialLambda, type Slot } from "./value.ts";

/** Returns where the value of a slot was written, `fallback` where that isn't known. Forces nothing. */
export function valuePos(slot: Slot, fallback: Pos): Pos {
  for (;;) {
    if (slot instanceof Thunk) {
      if (slot.code === null || slot.code === TRACKED) slot = slot.payload as Slot;
      else {
        const applied = appliedFunction(slot.code);
        if (applied === undefined) return fallback;
        slot = applied;
      }
    } else if (slot instanceof Lambda || slot instanceof PartialLambda) {
      return lambdaExpr(slot).pos;
    } else if (slot instanceof Attrs) {
      return literalPos(slot);
    } else {
      return fallback;
    }
  }
}
