/**
 * Attribute sets.
 *
 * A set is a {@link Shape} (its names, shared by all sets that have the same ones) and an array of slots in the same
 * order, so that a `select` site can remember "this shape: that slot" and `//` can remember how two shapes merge.
 *
 * A large set updated with a small one becomes an overlay: the small set with `base` pointing at the large one. Reading
 * one attribute looks in both; anything else first flattens the overlay, once, in place. What large sets are made of
 * stays in layers, below an overlay, and of literals and `mapAttrs` only attributes are made that somebody wants: a package
 * set has 40,000, is made for each stage of bootstrapping and each platform, and little of it is wanted.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import type { Symbol } from "../syntax/symbols.ts";
import { LayeredPositions, MergedPositions, MergePlan, positionAt, type Positions } from "./merge_plan.ts";
import { OPTIMISATIONS, type Optimisations } from "./optimisations.ts";
import {
  EMPTY_SHAPE,
  isRemembered,
  isSorted,
  LAYER_BITS,
  LAYER_MASK,
  type LayeredShape,
  layeredShape,
  mergedShape,
  MOST_LAYERS,
  orderBySymbol,
  setSharedShapes,
  type Shape,
  shapeOf,
} from "./shapes.ts";
import { replacesThunk, Thunk } from "./thunk.ts";
import type { Slot } from "./value.ts";

/** A set with more attributes than this, updated with one at least 8 times smaller, becomes an overlay. */
let overlayMin = OPTIMISATIONS.overlaysAbove;
/** Sets with more attributes than this are layers of a larger one, and deferred if they can be. */
let layerMin = OPTIMISATIONS.layersAbove;
/** Where more than one of so many slots of a layer were made, they are in a list. */
const MANY = 8;

/** Sets the sizes from which sets are treated in another way. For the process, like the shapes themselves. */
export function setSetSizes({ sharedShapes, overlaysAbove, layersAbove }: Optimisations): void {
  setSharedShapes(sharedShapes);
  overlayMin = overlaysAbove;
  layerMin = layersAbove;
}

/** An attribute set. */
export class Attrs {
  /** Of an overlay: the names of the upper part. */
  shape: Shape;
  values: Slot[];
  positions: Positions;
  /** What an {@link Overlay} lies on, never one itself; null for a plain set. A field of overlays only, which are few. */
  declare base: Attrs | Layers | null;

  constructor(shape: Shape, values: Slot[], positions: Positions = null) {
    this.shape = shape;
    this.values = values;
    this.positions = positions;
  }

  /** Returns what a base (see {@link base}) holds at a place that its shape has found. */
  at(place: number): Slot {
    return settled(this.values, place);
  }
}
Attrs.prototype.base = null;

/** Returns what is at a place, and puts it there if that is the value of a thunk that may be replaced by it. */
function settled(values: Slot[], place: number): Slot {
  const slot = values[place];
  if (!(slot instanceof Thunk) || slot.code !== null || !replacesThunk(slot.payload)) return slot;
  return values[place] = slot.payload;
}

/** A set over a larger one, until somebody wants all of it ({@link flat}). */
class Overlay extends Attrs {
  constructor(shape: Shape, values: Slot[], positions: Positions, base: Attrs | Layers) {
    super(shape, values, positions);
    this.base = base;
  }
}

/** One of several sets that lie over each other. */
class Layer {
  readonly shape: Shape;
  /** Null until all of it is wanted, where slots are made one by one. */
  #values: Slot[] | null;
  readonly positions: Positions;
  #make: ((slot: number) => Slot) | null;
  /** Those that were made: by slot while they are few, then in a list with holes. */
  #few: Map<number, Slot> | null;
  #many: Slot[] | null = null;

  constructor(shape: Shape, values: Slot[] | null, positions: Positions, make: ((slot: number) => Slot) | null) {
    this.shape = shape;
    this.#values = values;
    this.positions = positions;
    this.#make = make;
    this.#few = make === null ? null : new Map();
  }

  at(slot: number): Slot {
    if (this.#values !== null) return settled(this.#values, slot);
    if (this.#many !== null) {
      return this.#many[slot] === undefined ? this.#many[slot] = this.#make!(slot) : settled(this.#many, slot);
    }
    const known = this.#few!;
    let made = known.get(slot);
    if (made === undefined) {
      known.set(slot, made = this.#make!(slot));
      if (known.size * MANY > this.shape.size) this.#spread();
    } else if (made instanceof Thunk && made.code === null && replacesThunk(made.payload)) {
      known.set(slot, made = made.payload as Slot);
    }
    return made;
  }

  /** Returns what was made in a list with holes. */
  #spread(): Slot[] {
    const slots = this.#many = new Array<Slot>(this.shape.size);
    this.#few!.forEach((made, slot) => slots[slot] = made);
    this.#few = null;
    return slots;
  }

  /** Whether it is the same set. */
  is(other: Layer): boolean {
    return this === other || this.#values !== null && this.#values === other.#values && this.shape === other.shape;
  }

  /** All of them. */
  get values(): Slot[] {
    if (this.#values === null) {
      const values = this.#values = this.#many ?? this.#spread();
      for (let i = 0; i < values.length; i++) if (values[i] === undefined) values[i] = this.#make!(i);
      this.#make = this.#many = null;
    }
    return this.#values;
  }
}

/** Sets over each other, the uppermost first: what an {@link Overlay} lies on. */
export class Layers {
  readonly layers: readonly Layer[];
  readonly shape: LayeredShape;
  readonly positions: LayeredPositions;
  #flat: Attrs | null = null;

  constructor(layers: readonly Layer[]) {
    this.layers = layers;
    this.shape = layeredShape(layers.map(({ shape }) => shape));
    this.positions = new LayeredPositions(layers.map(({ positions }) => positions));
  }

  /** Returns what is at a place that the shape has found. */
  at(place: number): Slot {
    return this.layers[place & LAYER_MASK].at(place >> LAYER_BITS);
  }

  /** One plain set of all of them. */
  get flat(): Attrs {
    return this.#flat ??= this.layers.map(({ shape, values, positions }) => new Attrs(shape, values, positions))
      .reduceRight((lower, upper) => merge(lower.shape, lower.values, lower.positions, upper));
  }
}

function layersOf(attrs: Attrs): readonly Layer[] {
  const { shape, values, positions, base } = attrs;
  if (base === null) return [new Layer(shape, values, positions, null)];
  const below = base instanceof Layers ? base.layers : layersOf(base);
  return shape.size === 0 ? below : [new Layer(shape, values, positions, null), ...below];
}

/** Whether a set of so many attributes is better made by {@link deferredAttrs}. */
export function isDeferrable(size: number): boolean {
  return size > layerMin;
}

/** Returns a set whose slots are made when they are wanted, each one once. */
export function deferredAttrs(shape: Shape, positions: Positions, make: (slot: number) => Slot): Attrs {
  return new Overlay(EMPTY_SHAPE, [], null, new Layers([new Layer(shape, null, positions, make)]));
}

/** The empty set. */
export const EMPTY_ATTRS: Attrs = new Attrs(EMPTY_SHAPE, []);

/** Turns an overlay into a plain set, in place; returns the same set. Call it before using `shape` and `values`. */
export function flat(attrs: Attrs): Attrs {
  if (attrs.base !== null) flatten(attrs);
  return attrs;
}

function flatten(attrs: Attrs): void {
  const base = attrs.base instanceof Layers ? attrs.base.flat : attrs.base!;
  const merged = attrs.shape.size === 0 ? base : merge(base.shape, base.values, base.positions, attrs);
  attrs.values = merged.values;
  attrs.positions = merged.positions;
  attrs.shape = merged.shape;
  attrs.base = null;
}

/** Returns the shape that {@link flat} gives the set. Layers stay as they are. */
export function flatShape(attrs: Attrs): Shape {
  if (!(attrs.base instanceof Layers)) return flat(attrs).shape;
  const below = attrs.base.shape.flat;
  return attrs.shape.size === 0 ? below : mergedShape(below, attrs.shape);
}

/** Returns how many attributes the set has. */
export function attrsSize(attrs: Attrs): number {
  return flatShape(attrs).size;
}

/** Returns what the set holds under `name`: a slot, possibly unevaluated; undefined when there is no such attribute. */
export function getAttr(attrs: Attrs, name: Symbol): Slot | undefined {
  const i = attrs.shape.find(name);
  if (i >= 0) return attrs.values[i];
  return attrs.base === null ? undefined : getFromBase(attrs.base, name);
}

function getFromBase(base: Attrs | Layers, name: Symbol): Slot | undefined {
  const place = base.shape.find(name);
  return place < 0 ? undefined : base.at(place);
}

/**
 * A name, and where it was in two of the shapes it was looked up in, the first and the last; -1 where a shape lacks it. One
 * for each place that looks it up: most meet one shape, and those that don't mostly two by turns.
 */
export class LookupCache {
  readonly name: Symbol;
  shape: Shape | null = null;
  index = -1;
  otherShape: Shape | null = null;
  otherIndex = -1;

  constructor(name: Symbol) {
    this.name = name;
  }
}

/** Returns the slot of a cache's name in `shape`, -1 if there is none. */
export function cachedFind(cache: LookupCache, shape: Shape): number {
  return cache.shape === shape
    ? cache.index
    : cache.otherShape === shape
    ? cache.otherIndex
    : findAndRemember(cache, shape);
}

function findAndRemember(cache: LookupCache, shape: Shape): number {
  const index = shape.find(cache.name);
  if (cache.shape === null) {
    cache.shape = shape;
    cache.index = index;
  } else {
    cache.otherShape = shape;
    cache.otherIndex = index;
  }
  return index;
}

/** {@link getAttr} through a cache. */
export function cachedGetAttr(cache: LookupCache, attrs: Attrs): Slot | undefined {
  const i = cachedFind(cache, attrs.shape);
  if (i >= 0) return attrs.values[i];
  return attrs.base === null ? undefined : getFromBase(attrs.base, cache.name);
}

/** Whether the set has an attribute `name`. */
export function hasAttr(attrs: Attrs, name: Symbol): boolean {
  return attrs.shape.find(name) >= 0 || (attrs.base !== null && attrs.base.shape.find(name) >= 0);
}

/** Returns where the attribute was defined; {@link NO_POS} if that is not known. */
export function attrPos(attrs: Attrs, name: Symbol): Pos {
  const i = attrs.shape.find(name);
  if (i >= 0) return positionAt(attrs.positions, i, name);
  const { base } = attrs;
  if (base === null) return NO_POS;
  const place = base.shape.find(name);
  return place < 0 ? NO_POS : positionAt(base.positions, place, name);
}

/** Returns where the literal is that the set comes from unchanged; {@link NO_POS} for all other sets. */
export function literalPos(attrs: Attrs): Pos {
  if (attrs.base === null) return lastPos(attrs);
  const [layer, ...others] = layersOf(attrs);
  return others.length === 0 ? lastPos(layer) : NO_POS;
}

function lastPos({ shape, positions }: Attrs | Layer): Pos {
  return Array.isArray(positions) ? positions[shape.size] ?? NO_POS : NO_POS;
}

/** Returns `left // right`: all attributes of both, those of `right` where both have one. */
export function updateAttrs(left: Attrs, right: Attrs): Attrs {
  const m = right.shape.names.length;
  const n = left.shape.names.length;
  if (m === 0 && right.base === null) return left;
  if (n === 0 && left.base === null) return right;
  if (left.base === null && n * 8 < sizeAtMost(right) && sizeAtMost(right) > overlayMin) return underlay(left, right);
  if (right.base !== null) {
    if (isLarge(left) && isLarge(right)) return layered(right, left);
    flat(right);
  }
  const size = right.shape.size;
  if (left.base !== null) {
    // Grow the upper part while it stays small against the base; then it becomes a layer, and all is made one when these are
    // too many.
    const { base } = left;
    if ((n + size) * 4 < base.shape.size) {
      if (n <= MOST_COPIED) return overlay(merge(left.shape, left.values, left.positions, right), base);
      const layers = layersOf(left);
      if (layers.length <= MOST_LAYERS) return overlay(right, new Layers(layers));
    }
    if (isLarge(left) && isLarge(right)) return layered(right, left);
    flat(left);
  }
  if (left.shape.size > overlayMin && size * 8 < left.shape.size) {
    return overlay(right, left);
  }
  if (isLarge(left) && isLarge(right)) return layered(right, left);
  return merge(left.shape, left.values, left.positions, right);
}

/** How many attributes of an upper part are copied for each update. */
const MOST_COPIED = 256;

function isLarge(attrs: Attrs): boolean {
  return sizeAtMost(attrs) > layerMin;
}

/** Lays one large set over another. */
function layered(upper: Attrs, lower: Attrs): Attrs {
  const above = layersOf(upper.base === null ? upper : overlay(EMPTY_ATTRS, upper.base));
  // What is above hides the same below: sets of packages are laid over what they come from.
  const hidden = (layer: Layer) => above.some((each) => each.is(layer));
  let below: readonly Layer[] = layersOf(lower).filter((layer) => !hidden(layer));
  // A literal over itself comes from no literal any more.
  if (below.length === 0) below = layersOf(lower);
  if (above.length + below.length > MOST_LAYERS) below = layersOf(flat(lower));
  if (above.length + below.length > MOST_LAYERS) return merge(lower.shape, lower.values, lower.positions, flat(upper));
  return overlay(upper.base === null ? EMPTY_ATTRS : upper, new Layers([...above, ...below]));
}

function sizeAtMost(attrs: Attrs): number {
  return attrs.shape.size + (attrs.base === null ? 0 : attrs.base.shape.size);
}

/** A small set on the left of a large one: what the large one lacks is laid over it. */
function underlay(left: Attrs, right: Attrs): Attrs {
  const names = left.shape.names;
  const builder = new AttrsBuilder();
  let lacking = 0;
  for (let i = 0; i < names.length; i++) {
    if (hasAttr(right, names[i])) continue;
    builder.add(names[i], left.values[i], positionAt(left.positions, i, names[i]));
    lacking++;
  }
  if (lacking === 0) return right;
  const extra = builder.build();
  if (right.base === null) return overlay(extra, right);
  return overlay(merge(extra.shape, extra.values, extra.positions, right), right.base);
}

function overlay({ shape, values, positions }: Attrs, base: Attrs | Layers): Overlay {
  return new Overlay(shape, values, positions, base);
}

/** Merges the upper part of `right` over a plain set. */
function merge(shape: Shape, values: readonly Slot[], positions: Positions, right: Attrs): Attrs {
  const other = right.shape;
  const plan = shape.merges?.get(other) ?? planSecondTime(shape, other);
  if (plan === undefined) return mergeOnce(shape, values, positions, right);
  return new Attrs(
    plan.shape,
    mergeValues(plan, values, right.values),
    plan.mergePositions(positions, right.positions),
  );
}

/** Pairs of shapes that were merged of late without a plan, by a hash: the left one's id in the upper bits. */
const recentPairs = new Float64Array(1024);

/** Whether two shapes met not long ago. */
function metBefore(left: Shape, right: Shape): boolean {
  const pair = left.id * 2 ** 26 + right.id;
  const at = (Math.imul(left.id, 31) + right.id) & 1023;
  if (recentPairs[at] === pair) return true;
  recentPairs[at] = pair;
  return false;
}

/** Most pairs of shapes meet once: a plan is made and kept when one meets again soon. */
function planSecondTime(left: Shape, right: Shape): MergePlan | undefined {
  if (!isRemembered(left, right) || !metBefore(left, right)) return undefined;
  const plan = makePlan(left, right);
  (left.merges ??= new Map()).set(right, plan);
  return plan;
}

function mergeValues(plan: MergePlan, left: readonly Slot[], right: readonly Slot[]): Slot[] {
  const source = plan.source;
  const n = source.length;
  const values = new Array<Slot>(n);
  for (let i = 0; i < n; i++) {
    const s = source[i];
    values[i] = s >= 0 ? right[s] : left[~s];
  }
  return values;
}

/** Merges without a plan. */
function mergeOnce(shape: Shape, left: readonly Slot[], positions: Positions, right: Attrs): Attrs {
  const merged = mergedShape(shape, right.shape);
  const a = shape.names;
  const b = right.shape.names;
  const other = right.values;
  const n = a.length;
  const m = b.length;
  const values = new Array<Slot>(merged.names.length);
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < n && j < m) {
    const x = a[i];
    const y = b[j];
    if (x < y) values[k++] = left[i++];
    else {
      values[k++] = other[j++];
      if (x === y) i++;
    }
  }
  while (i < n) values[k++] = left[i++];
  while (j < m) values[k++] = other[j++];
  return new Attrs(
    merged,
    values,
    positions === null && right.positions === null
      ? null
      : new MergedPositions(positions, right.positions, { left: shape, right: right.shape }, null),
  );
}

function makePlan(left: Shape, right: Shape): MergePlan {
  const a = left.names;
  const b = right.names;
  const n = a.length;
  const m = b.length;
  const shape = mergedShape(left, right);
  const source = new Array<number>(shape.size);
  for (let i = 0, j = 0, k = 0; k < source.length; k++) {
    if (j === m || (i < n && a[i] < b[j])) source[k] = ~i++;
    else {
      if (i < n && a[i] === b[j]) i++;
      source[k] = j++;
    }
  }
  return new MergePlan(shape, source);
}

/** Returns the set of these names and their values, in any order. */
export function makeAttrs(names: readonly Symbol[], values: Slot[]): Attrs {
  if (isSorted(names)) return new Attrs(shapeOf(names), values);
  const builder = new AttrsBuilder();
  for (let i = 0; i < names.length; i++) builder.add(names[i], values[i]);
  return builder.build();
}

/** Collects attributes in any order; the last one of a name wins unless told otherwise. */
export class AttrsBuilder {
  readonly #names: Symbol[] = [];
  readonly #values: Slot[] = [];
  readonly #positions: Pos[] = [];
  #positioned = false;

  /** Adds an attribute. */
  add(name: Symbol, value: Slot, pos: Pos = NO_POS): void {
    this.#names.push(name);
    this.#values.push(value);
    this.#positions.push(pos);
    if (pos !== NO_POS) this.#positioned = true;
  }

  /** Returns the set. Of several attributes with one name the first added wins (`keep: "first"`) or the last. */
  build(keep: "first" | "last" = "last"): Attrs {
    const names = this.#names;
    const n = names.length;
    if (n === 0) return EMPTY_ATTRS;
    // Copies of the right size: what push() makes has room for 16 more.
    if (isSorted(names)) {
      return new Attrs(shapeOf(names), this.#values.slice(), this.#positioned ? this.#positions.slice() : null);
    }
    const order = orderBySymbol(names);
    const distinct = new Array<Symbol>(n);
    const values = new Array<Slot>(n);
    const positions = this.#positioned ? new Array<Pos>(n) : null;
    let size = 0;
    for (let i = 0; i < n; i++) {
      const at = order[i];
      if (size > 0 && distinct[size - 1] === names[at]) {
        if (keep === "first") continue;
        size--;
      }
      distinct[size] = names[at];
      values[size] = this.#values[at];
      if (positions !== null) positions[size] = this.#positions[at];
      size++;
    }
    distinct.length = values.length = size;
    if (positions !== null) positions.length = size;
    return new Attrs(shapeOf(distinct), values, positions);
  }
}
