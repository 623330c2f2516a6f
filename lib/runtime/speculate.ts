/**
 * Evaluating what might not be wanted, to find out whether that would show.
 *
 * Where values stay from one job to the next (tracking.ts) it isn't known in which order a set would be evaluated whose
 * comparison ends at the first difference. If all of it evaluates, the order doesn't matter.
 */
import { callDepth, restoreCallDepth } from "./depth.ts";
import { NixError } from "./errors.ts";
import { apart, Overrun, tracker } from "./tracking.ts";

/**
 * Returns what an action does that evaluates something; false if that fails, says something or takes long. Nothing depends
 * on what it looked at. Where evaluation isn't tracked it isn't tried.
 */
export function speculate(action: () => boolean): boolean {
  if (tracker === null) return false;
  const depth = callDepth();
  try {
    return apart(action);
  } catch (e) {
    if (!(e instanceof NixError || e instanceof Overrun)) throw e;
    restoreCallDepth(depth);
    return false;
  }
}
