/**
 * How deep calls are nested.
 *
 * The depth is one number for the thread, not for an evaluator, because what it guards, the native stack, is one per
 * thread. It is raised before a call and lowered after; an error leaves it raised, so that whoever recovers from an
 * error restores it ({@link callDepth}, {@link restoreCallDepth}): that is cheaper than a `finally` around each call.
 */
import type { Pos } from "../syntax/positions.ts";
import { stackOverflow } from "./errors.ts";

let depth = 0;
let maxDepth = 10000;
/** From here on something happens: calls are too deep, or whoever lowered it wants to know. */
let limit = maxDepth;
let beyondLimit: (pos: Pos) => Error = stackOverflow;

/** Returns how many calls are under way. */
export function callDepth(): number {
  return depth;
}

/** Sets the call depth back to what it was before an error that has been caught. */
export function restoreCallDepth(saved: number): void {
  depth = saved;
}

/** Sets how deep calls may nest (`max-call-depth`). */
export function setMaxCallDepth(max: number): void {
  maxDepth = limit = max;
  beyondLimit = stackOverflow;
}

/** Has calls that nest deeper than `depth` fail with what `beyond` returns, until {@link setMaxCallDepth}. */
export function lowerCallDepth(depth: number, beyond: () => Error): void {
  limit = depth;
  beyondLimit = beyond;
}

/** Returns how deep calls may nest. */
export function maxCallDepth(): number {
  return maxDepth;
}

/** Counts a call; each must be matched by {@link leaveCall} unless it ends in an error. */
export function enterCall(pos: Pos): void {
  if (depth > limit) throw beyondLimit(pos);
  depth++;
}

/** Counts a call's end. */
export function leaveCall(): void {
  depth--;
}

/** Whether the limit is far: what happens close to it has to happen exactly as in C++ Nix. */
export function isFarFromLimit(): boolean {
  return depth < limit - 100;
}
