/** How two shapes merge, and where the attributes of sets were defined. */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import type { Symbol } from "../syntax/symbols.ts";
import { LAYER_BITS, LAYER_MASK, mergedShape, type Shape } from "./shapes.ts";

/** How two shapes merge: result slot i takes `right[source[i]]` if that is not negative, else `left[~source[i]]`. */
export class MergePlan {
  readonly shape: Shape;
  /** Not a typed array: most are short, and one takes 300 bytes more. */
  readonly source: readonly number[];
  /** What {@link mergePositions} returned of late, the last first: code that merges the same literals again gets the same. */
  #recent: MergedPositions | null = null;
  /** How many of these are looked at: fewer where that hasn't helped, since most of them have left the processor's caches. */
  #reach = MOST_RECENT;

  constructor(shape: Shape, source: readonly number[]) {
    this.shape = shape;
    this.source = source;
  }

  /** Returns the positions of a set that was merged in this way. */
  mergePositions(left: Positions, right: Positions): Positions {
    if (left === null && right === null) return null;
    // Many places merge sets of these shapes by turns.
    const reach = this.#reach;
    let k = 0;
    for (let each = this.#recent; each !== null; each = each.older) {
      if (each.left === left && each.right === right) {
        if (2 * k >= reach) this.#reach = Math.min(2 * reach, MOST_RECENT);
        return each;
      }
      if (++k === reach) {
        each.older = null;
        if (reach > LEAST_RECENT) this.#reach = reach - 1;
      }
    }
    return this.#recent = new MergedPositions(left, right, this, this.#recent);
  }
}

/** With 16 evalModules makes a tenth of the objects that it makes with one, and a NixOS system half of them. */
const MOST_RECENT = 16;
const LEAST_RECENT = 3;

/**
 * Where the attributes of a set were defined, slot by slot: nothing known, an array (shared by all sets of one
 * literal), or that of a merge, worked out when asked for. The array of a literal has one more element: where the
 * literal itself is.
 */
export type Positions = null | readonly Pos[] | MergedPositions | LayeredPositions;

/** Most sets are asked for the position of one attribute or two; from here on all are worked out, lest long chains of merges
 * be walked for each. */
const FEW = 8;

/** Positions of a set that was made of two others, worked out when somebody asks. Without private methods, which take a word. */
export class MergedPositions {
  /** All of them, or how often one was asked for. */
  resolved: readonly Pos[] | number = 0;
  readonly left: Positions;
  readonly right: Positions;
  /** How the sets were merged. */
  readonly plan: MergePlan | UnplannedMerge;
  /** What the same plan made before. A list of them would take twice the memory. */
  older: MergedPositions | null;

  constructor(left: Positions, right: Positions, plan: MergePlan | UnplannedMerge, older: MergedPositions | null) {
    this.left = left;
    this.right = right;
    this.plan = plan;
    this.older = older;
  }
}

/** The shapes of two sets that were merged without a plan. */
interface UnplannedMerge {
  readonly left: Shape;
  readonly right: Shape;
}

export function positionAt(positions: Positions, slot: number, name: Symbol): Pos {
  if (positions === null) return NO_POS;
  if (positions instanceof LayeredPositions) {
    return positionAt(positions.layers[slot & LAYER_MASK], slot >> LAYER_BITS, name);
  }
  if (!(positions instanceof MergedPositions)) return positions[slot];
  const { resolved } = positions;
  if (typeof resolved !== "number") return resolved[slot];
  if (resolved === FEW) return resolvePositions(positions)[slot];
  positions.resolved = resolved + 1;
  return mergedPositionAt(positions, slot, name);
}

function resolvePositions(positions: MergedPositions): readonly Pos[] {
  const { plan } = positions;
  const { names } = plan instanceof MergePlan ? plan.shape : mergedShape(plan.left, plan.right);
  return positions.resolved = names.map((name, slot) => mergedPositionAt(positions, slot, name));
}

function mergedPositionAt({ left, right, plan }: MergedPositions, slot: number, name: Symbol): Pos {
  if (plan instanceof MergePlan) {
    const s = plan.source[slot];
    return s >= 0 ? positionAt(right, s, name) : positionAt(left, ~s, name);
  }
  const inRight = plan.right.find(name);
  return inRight >= 0 ? positionAt(right, inRight, name) : positionAt(left, plan.left.find(name), name);
}

/** Where attributes of layers were defined, by their places. */
export class LayeredPositions {
  /** Not the layers themselves: plans of merges remember positions, and would keep the values of a set that is gone. */
  readonly layers: readonly Positions[];

  constructor(layers: readonly Positions[]) {
    this.layers = layers;
  }
}
