/**
 * Shapes: the names of attribute sets, sorted by symbol, as in C++ Nix; the order by spelling is worked out once per shape.
 * Those of moderate size are interned. Measured by the prototype: 36 ns for a merge of three names into three, against 210
 * for JS Maps and 954 for objects without prototype.
 */
import { type Symbol, symbolName } from "../syntax/symbols.ts";
import type { MergePlan } from "./merge_plan.ts";
import { OPTIMISATIONS } from "./optimisations.ts";

/** Shapes with more names than this are not interned and their merges not remembered. */
let internLimit = OPTIMISATIONS.sharedShapes;
/** Up to this many names a linear scan beats everything. */
const SCAN_LIMIT = 8;
/** Making an index takes as long as one binary search for so many names. */
const SEARCHES_PER_NAME = 1;
/** Sets up to how many names shapes are shared. For the process, like the shapes themselves. */
export function setSharedShapes(most: number): void {
  internLimit = most;
}

/** Whether merges of two shapes are worth remembering. */
export function isRemembered(left: Shape, right: Shape): boolean {
  return left.size + right.size <= internLimit;
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
 * The last merges that made large shapes, which aren't interned: a package set is made anew, with the same names, in each of
 * its stages, and sets that share a shape share what is remembered for it. Few, because each may be large; a ring.
 */
const recentMerges: { readonly left: Shape; readonly right: Shape; readonly result: Shape }[] = [];
const RECENT_MERGES = 32;
let oldestMerge = 0;

/** Returns the shape with the names of both. Most are there already: an array of names is made only for those that aren't. */
export function mergedShape(left: Shape, right: Shape): Shape {
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

/** A place in layers is that in one of them, and below it in this many bits which one. */
export const LAYER_BITS = 4;
export const LAYER_MASK = (1 << LAYER_BITS) - 1;
export const MOST_LAYERS = 1 << LAYER_BITS;

/** The names of layers. Those of the same shapes share one. */
export class LayeredShape {
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

export function layeredShape(shapes: readonly Shape[]): LayeredShape {
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

/** Whether symbols ascend, each one only once. */
export function isSorted(names: readonly Symbol[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1] >= names[i]) return false;
  return true;
}
