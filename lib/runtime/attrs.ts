/**
 * Attribute sets.
 *
 * A set is a {@link Shape} (its names, shared by all sets that have the same ones) and an array of slots in the same
 * order. Names are sorted by symbol, as in C++ Nix; the order by spelling is worked out once per shape. Shapes of
 * moderate size are interned, so that a `select` site can remember "this shape: that slot" and `//` can remember how two
 * shapes merge. Measured by the prototype: 36 ns for a merge of three names into three, against 210 for JS Maps and 954
 * for objects without prototype.
 *
 * A large set updated with a small one becomes an overlay: the small set with `base` pointing at the large one. Reading
 * one attribute looks in both; anything else first flattens the overlay, once, in place. What large sets are made of
 * stays in layers, below an overlay, and of literals and `mapAttrs` only attributes are made that somebody wants: a package
 * set has 40,000, is made for each stage of bootstrapping and each platform, and little of it is wanted.
 */
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { type Symbol, symbolName } from "../syntax/symbols.ts";
import { OPTIMISATIONS, type Optimisations } from "./optimisations.ts";
import { replacesThunk, Thunk } from "./thunk.ts";
import type { Slot } from "./value.ts";

/** Shapes with more names than this are not interned and their merges not remembered. */
let internLimit = OPTIMISATIONS.sharedShapes;
/** Up to this many names a linear scan beats everything. */
const SCAN_LIMIT = 8;
/** Making an index takes as long as one binary search for so many names. */
const SEARCHES_PER_NAME = 1;
/** A set with more attributes than this, updated with one at least 8 times smaller, becomes an overlay. */
let overlayMin = OPTIMISATIONS.overlaysAbove;
/** Sets with more attributes than this are layers of a larger one, and deferred if they can be. */
let layerMin = OPTIMISATIONS.layersAbove;

/** Sets the sizes from which sets are treated in another way. For the process, like the shapes themselves. */
export function setSetSizes({ sharedShapes, overlaysAbove, layersAbove }: Optimisations): void {
  internLimit = sharedShapes;
  overlayMin = overlaysAbove;
  layerMin = layersAbove;
}

let shapesMade = 0;

/** The names of a set, sorted by symbol. Compare shapes by identity only to say "same": equal ones may differ. */
export class Shape {
  readonly names: readonly Symbol[];
  /** Slots by a hash of the name, open addressing: the slot and one, 0 for none. A Map takes three times the memory. */
  #index: Int32Array | null = null;
  #searches = 0;
  #byName: Uint32Array | null = null;
  /** What it was merged from, where that helps to order it. */
  #merged: { readonly left: Shape; readonly right: Shape } | null = null;
  /** How this shape merges with others (`this // other`): plans are made for pairs that come up a second time. */
  merges: Map<Shape, MergePlan> | null = null;
  /** Tells shapes apart in {@link metBefore}. */
  readonly id = ++shapesMade;

  constructor(names: readonly Symbol[]) {
    this.names = names;
  }

  /**
   * Returns the shape that has the names of `left` and a few of `right`, to be ordered by inserting these. It keeps `left`,
   * unless that keeps another: chains of merges must not keep each other.
   */
  static merged(names: readonly Symbol[], left: Shape, right: Shape): Shape {
    const shape = new Shape(names);
    if (left.#merged === null && names.length > MANY_NAMES && 8 * right.names.length < names.length) {
      shape.#merged = { left, right };
    }
    return shape;
  }

  get size(): number {
    return this.names.length;
  }

  /** Returns the slot of `name`, -1 if there is none. */
  find(name: Symbol): number {
    const names = this.names;
    const n = names.length;
    if (n <= SCAN_LIMIT) {
      for (let i = 0; i < n; i++) if (names[i] === name) return i;
      return -1;
    }
    const index = this.#index;
    if (index !== null) {
      const mask = index.length - 1;
      for (let at = hashOf(name) & mask;; at = (at + 1) & mask) {
        const slot = index[at] - 1;
        if (slot < 0 || names[slot] === name) return slot;
      }
    }
    // Most large shapes aren't asked so often that it pays.
    if (++this.#searches * SEARCHES_PER_NAME > n) this.#index = indexOf(names);
    let lo = 0;
    let hi = n - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >> 1;
      const at = names[mid];
      if (at === name) return mid;
      if (at < name) lo = mid + 1;
      else hi = mid - 1;
    }
    return -1;
  }

  /** Slots in the order of their names' spelling (by bytes). */
  get byName(): Uint32Array {
    let order = this.#byName;
    if (order === null) {
      const merged = this.#merged;
      this.#byName = order = merged === null ? orderByName(this.names) : orderOfMerge(merged.left, merged.right);
      this.#merged = null;
    }
    return order;
  }
}

/** Symbols count upwards: spread, so that runs of them don't meet. */
function hashOf(name: Symbol): number {
  return Math.imul(name, 0x9e3779b1) >>> HASH_SHIFT;
}

/** Leaves as many bits as a set has names at the most; the upper ones are the better ones. */
const HASH_SHIFT = 6;

function indexOf(names: readonly Symbol[]): Int32Array {
  const index = new Int32Array(2 << (32 - Math.clz32(names.length)));
  const mask = index.length - 1;
  for (let i = 0; i < names.length; i++) {
    let at = hashOf(names[i]) & mask;
    while (index[at] !== 0) at = (at + 1) & mask;
    index[at] = i + 1;
  }
  return index;
}

/**
 * Returns the indices of names in the order of their spelling. Sorted as numbers, made of four bytes and the index, which
 * leaves few to be compared: a comparison in JavaScript costs more than all else here.
 */
function orderByName(symbols: readonly Symbol[]): Uint32Array {
  const n = symbols.length;
  const texts = symbols.map(symbolName);
  if (n <= FEW_NAMES || n > NAMES_RADIX) {
    return Uint32Array.from(texts.keys()).sort((a, b) => texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : 0);
  }
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = prefixOf(texts[i]) * NAMES_RADIX + i;
  keys.sort();
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = keys[i] % NAMES_RADIX;
  for (let i = 0; i < n;) {
    const prefix = Math.floor(keys[i] / NAMES_RADIX);
    let end = i + 1;
    while (end < n && Math.floor(keys[end] / NAMES_RADIX) === prefix) end++;
    if (end - i > 1) {
      order.subarray(i, end).sort((a, b) => texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : 0);
    }
    i = end;
  }
  return order;
}

/** Returns the indices of a merge's names in the order of their spelling: those of `right` are looked up among the left's. */
function orderOfMerge(left: Shape, right: Shape): Uint32Array {
  const a = left.names;
  const b = right.names;
  const leftOrder = left.byName;
  /** Where names of the left are now, and those that only the right has. */
  const moved = new Uint32Array(a.length);
  const added: { readonly at: number; readonly text: string }[] = [];
  let k = 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; k++) {
    if (j === b.length || (i < a.length && a[i] < b[j])) moved[i++] = k;
    else {
      if (i < a.length && a[i] === b[j]) moved[i++] = k;
      else added.push({ at: k, text: symbolName(b[j]) });
      j++;
    }
  }
  added.sort((x, y) => x.text < y.text ? -1 : 1);
  const order = new Uint32Array(k);
  let from = 0;
  let to = 0;
  for (const { at, text } of added) {
    let low = from;
    let high = a.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (symbolName(a[leftOrder[middle]]) < text) low = middle + 1;
      else high = middle;
    }
    while (from < low) order[to++] = moved[leftOrder[from++]];
    order[to++] = at;
  }
  while (from < a.length) order[to++] = moved[leftOrder[from++]];
  return order;
}

/** Sets with more names are ordered by what they were merged from. */
const MANY_NAMES = 64;

const FEW_NAMES = 12;
/** Prefix and index fit one exact number together. */
const NAMES_RADIX = 2 ** 21;

/** Returns the first four bytes, zeros for those that aren't there, as a number in the order of names. */
function prefixOf(text: string): number {
  let prefix = 0;
  for (let i = 0; i < 4; i++) prefix = prefix * 256 + (i < text.length ? text.charCodeAt(i) : 0);
  return prefix;
}

/** How two shapes merge: result slot i takes `right[source[i]]` if that is not negative, else `left[~source[i]]`. */
export class MergePlan {
  readonly shape: Shape;
  /** Not a typed array: most are short, and one takes 300 bytes more. */
  readonly source: readonly number[];
  /** What {@link mergePositions} returned of late, the last first: code that merges the same literals again gets the same. */
  #recent: MergedPositions | null = null;

  constructor(shape: Shape, source: readonly number[]) {
    this.shape = shape;
    this.source = source;
  }

  /** Returns the positions of a set that was merged in this way. */
  mergePositions(left: Positions, right: Positions): Positions {
    if (left === null && right === null) return null;
    // Many places merge sets of these shapes by turns.
    let each = this.#recent;
    for (let k = 0; each !== null; each = each.older) {
      if (each.left === left && each.right === right) return each;
      if (++k === RECENT_POSITIONS) each.older = null;
    }
    return this.#recent = new MergedPositions(left, right, this, this.#recent);
  }
}

/** With 16 evalModules makes a tenth of the objects that it makes with one, and a NixOS system half of them. */
const RECENT_POSITIONS = 16;

const interned = new Map<number, Shape[]>();

/** The shape of the empty set. */
export const EMPTY_SHAPE: Shape = new Shape([]);

/** Returns where shapes are whose names have a hash ({@link shapeOf}, {@link mergedShape}). */
function bucketOf(hash: number): Shape[] {
  let bucket = interned.get(hash);
  if (bucket === undefined) interned.set(hash, bucket = []);
  return bucket;
}

/** Returns the shape with these names, which must be sorted and distinct. */
export function shapeOf(names: readonly Symbol[]): Shape {
  const n = names.length;
  if (n === 0) return EMPTY_SHAPE;
  // A copy is of the right size: what push() makes has room for more.
  if (n > internLimit) return new Shape(names.slice());
  let hash = 0;
  for (let i = 0; i < n; i++) hash = (Math.imul(hash, 31) + names[i]) | 0;
  const bucket = bucketOf(hash);
  next: for (const shape of bucket) {
    const known = shape.names;
    if (known.length !== n) continue;
    for (let i = 0; i < n; i++) if (known[i] !== names[i]) continue next;
    return shape;
  }
  const shape = new Shape(names.slice());
  bucket.push(shape);
  return shape;
}

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

function positionAt(positions: Positions, slot: number, name: Symbol): Pos {
  if (positions === null) return NO_POS;
  if (positions instanceof LayeredPositions) {
    return positionAt(positions.layers[slot & LAYER_MASK].positions, slot >> LAYER_BITS, name);
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

/** A place in layers is that in one of them, and below it in this many bits which one. */
const LAYER_BITS = 4;
const LAYER_MASK = (1 << LAYER_BITS) - 1;
const MOST_LAYERS = 1 << LAYER_BITS;

/** The names of layers. Those of the same shapes share one. */
class LayeredShape {
  readonly shapes: readonly Shape[];
  /** How many names there are at most. */
  readonly size: number;
  #flat: Shape | null = null;

  constructor(shapes: readonly Shape[]) {
    this.shapes = shapes;
    this.size = shapes.reduce((sum, { size }) => sum + size, 0);
  }

  /** Returns the place of a name in the uppermost layer that has it, -1 if none has. */
  find(name: Symbol): number {
    const { shapes } = this;
    for (let i = 0; i < shapes.length; i++) {
      const slot = shapes[i].find(name);
      if (slot >= 0) return slot << LAYER_BITS | i;
    }
    return -1;
  }

  /** The names of all of them. */
  get flat(): Shape {
    return this.#flat ??= this.shapes.reduceRight((lower, upper) => mergedShape(lower, upper));
  }
}

/** The last ones, a ring: most sets of layers are package sets of one kind. */
const layeredShapes: LayeredShape[] = [];
const RECENT_LAYERED = 32;
let oldestLayered = 0;

function layeredShape(shapes: readonly Shape[]): LayeredShape {
  next: for (const known of layeredShapes) {
    if (known.shapes.length !== shapes.length) continue;
    for (let i = 0; i < shapes.length; i++) if (known.shapes[i] !== shapes[i]) continue next;
    return known;
  }
  const shape = new LayeredShape(shapes);
  layeredShapes[oldestLayered] = shape;
  oldestLayered = (oldestLayered + 1) % RECENT_LAYERED;
  return shape;
}

/** One of several sets that lie over each other. */
class Layer {
  readonly shape: Shape;
  /** Null until all of it is wanted, where slots are made one by one. */
  #values: Slot[] | null;
  readonly positions: Positions;
  #make: ((slot: number) => Slot) | null;
  readonly #made: Map<number, Slot> | null;

  constructor(shape: Shape, values: Slot[] | null, positions: Positions, make: ((slot: number) => Slot) | null) {
    this.shape = shape;
    this.#values = values;
    this.positions = positions;
    this.#make = make;
    this.#made = make === null ? null : new Map();
  }

  at(slot: number): Slot {
    if (this.#values !== null) return settled(this.#values, slot);
    const known = this.#made!;
    let made = known.get(slot);
    if (made === undefined) known.set(slot, made = this.#make!(slot));
    else if (made instanceof Thunk && made.code === null && replacesThunk(made.payload)) {
      known.set(slot, made = made.payload as Slot);
    }
    return made;
  }

  /** Whether it is the same set. */
  is(other: Layer): boolean {
    return this === other || this.#values !== null && this.#values === other.#values && this.shape === other.shape;
  }

  /** All of them. */
  get values(): Slot[] {
    if (this.#values === null) {
      const n = this.shape.size;
      const values = this.#values = new Array<Slot>(n);
      for (let i = 0; i < n; i++) {
        const made = this.#made!.get(i);
        values[i] = made === undefined ? this.#make!(i) : made;
      }
      this.#make = null;
      this.#made!.clear();
    }
    return this.#values;
  }
}

/** Where attributes of layers were defined, by their places. */
class LayeredPositions {
  readonly layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.layers = layers;
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
    this.positions = new LayeredPositions(layers);
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
  const { shape, positions } = attrs.base === null
    ? attrs
    : layersOf(attrs).length === 1
    ? layersOf(attrs)[0]
    : NOWHERE;
  return Array.isArray(positions) ? positions[shape.size] ?? NO_POS : NO_POS;
}

const NOWHERE = { shape: EMPTY_SHAPE, positions: null };

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
    // Grow the upper part while it stays small against the base. Over layers it may become one of them.
    const { base } = left;
    if ((n + size) * 4 < base.shape.size) {
      if (n > MOST_COPIED && base instanceof Layers && base.layers.length < MOST_LAYERS) {
        return overlay(right, new Layers(layersOf(left)));
      }
      return overlay(merge(left.shape, left.values, left.positions, right), base);
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
  if (left.size + right.size > internLimit || !metBefore(left, right)) return undefined;
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

/**
 * The last merges that made large shapes, which aren't interned: a package set is made anew, with the same names, in each of
 * its stages, and sets that share a shape share what is remembered for it. Few, because each may be large; a ring.
 */
const recentMerges: { readonly left: Shape; readonly right: Shape; readonly result: Shape }[] = [];
const RECENT_MERGES = 32;
let oldestMerge = 0;

/** Returns the shape with the names of both. Most are there already: an array of names is made only for those that aren't. */
function mergedShape(left: Shape, right: Shape): Shape {
  if (left.names.length + right.names.length <= internLimit) return findMergedShape(left, right);
  for (let i = 0; i < recentMerges.length; i++) {
    const recent = recentMerges[i];
    if (recent.left === left && recent.right === right) return recent.result;
  }
  const result = findMergedShape(left, right);
  recentMerges[oldestMerge] = { left, right, result };
  oldestMerge = (oldestMerge + 1) % RECENT_MERGES;
  return result;
}

function findMergedShape(left: Shape, right: Shape): Shape {
  const a = left.names;
  const b = right.names;
  const n = a.length;
  const m = b.length;
  let hash = 0;
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < n || j < m) {
    let name: Symbol;
    if (j === m || (i < n && a[i] < b[j])) name = a[i++];
    else {
      name = b[j++];
      if (i < n && a[i] === name) i++;
    }
    hash = (Math.imul(hash, 31) + name) | 0;
    k++;
  }
  if (k === n) return left;
  if (k === m) return right;
  if (k > internLimit) return Shape.merged(mergedNames(a, b, k), left, right);
  const bucket = bucketOf(hash);
  for (let c = 0; c < bucket.length; c++) if (isMergeOf(bucket[c].names, a, b, k)) return bucket[c];
  const shape = new Shape(mergedNames(a, b, k));
  bucket.push(shape);
  return shape;
}

function mergedNames(a: readonly Symbol[], b: readonly Symbol[], size: number): Symbol[] {
  const names = new Array<Symbol>(size);
  for (let i = 0, j = 0, k = 0; k < size; k++) {
    if (j === b.length || (i < a.length && a[i] < b[j])) names[k] = a[i++];
    else {
      if (i < a.length && a[i] === b[j]) i++;
      names[k] = b[j++];
    }
  }
  return names;
}

/** Whether `names` are those of both `a` and `b`, of which there are `size`. */
function isMergeOf(names: readonly Symbol[], a: readonly Symbol[], b: readonly Symbol[], size: number): boolean {
  if (names.length !== size) return false;
  for (let i = 0, j = 0, k = 0; k < size; k++) {
    const name = names[k];
    const first = i < a.length && a[i] === name;
    const second = j < b.length && b[j] === name;
    if (!first && !second) return false;
    if (first) i++;
    if (second) j++;
  }
  return true;
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

/** Up to this many, inserting them one by one is fastest. */
const FEW_SYMBOLS = 24;

/** Symbols and indices below this fit one exact number together. */
const SYMBOLS_RADIX = 2 ** 26;

/** Returns the indices of names in the order of their symbols, equal ones in the order of the list. */
export function orderBySymbol(names: readonly Symbol[]): ArrayLike<number> {
  const n = names.length;
  if (n <= FEW_SYMBOLS) {
    const order: number[] = [];
    for (let i = 0; i < n; i++) {
      const name = names[i];
      let at = i;
      while (at > 0 && names[order[at - 1]] > name) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = i;
    }
    return order;
  }
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = names[i] * SYMBOLS_RADIX + i;
  keys.sort();
  for (let i = 0; i < n; i++) keys[i] %= SYMBOLS_RADIX;
  return keys;
}

/** Returns the set of these names and their values, in any order. */
export function makeAttrs(names: readonly Symbol[], values: Slot[]): Attrs {
  if (isSorted(names)) return new Attrs(shapeOf(names), values);
  const builder = new AttrsBuilder();
  for (let i = 0; i < names.length; i++) builder.add(names[i], values[i]);
  return builder.build();
}

/** Whether symbols ascend, each one only once. */
function isSorted(names: readonly Symbol[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1] >= names[i]) return false;
  return true;
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
