/**
 * Sets of small numbers, each a number itself: the same set is always the same number.
 *
 * Every value depends on some of the inputs of an evaluation (tracking.ts), most values on the same ones as their
 * neighbours, so few sets are made and many compared and united. A set is a node of a binary trie over the numbers, 32 of
 * them to a leaf, and nodes with the same contents are one node: what two sets have in common they share, comparing is
 * comparing numbers, and a union that was made is found again in a table.
 */

/** A set. */
export type DependencySet = number;

/** The set of nothing. */
export const EMPTY_SET: DependencySet = 0;

const LEVELS = 13;

/** How many numbers there are at most. */
export const MAX_DEPENDENCIES = 32 << LEVELS;

const REMEMBERED = 1 << 16;

/** Makes sets. */
export class DependencySets {
  /** By node: its halves, or for leaves the mask and {@link LEAF}. */
  #left: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  #right: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  #count = 1;
  /** Open addressing over the nodes. */
  #slots: Int32Array<ArrayBuffer> = new Int32Array(1 << 13);
  readonly #singles: number[] = [];
  /** The last unions that were made: two sets and what they make. */
  readonly #unions = new Int32Array(3 * REMEMBERED);

  /** How many nodes there are. */
  get size(): number {
    return this.#count;
  }

  /** Returns the set of one number. */
  single(id: number): DependencySet {
    let set = this.#singles[id];
    if (set === undefined) {
      const leaf = id >>> 5;
      set = this.#node(1 << (id & 31), LEAF);
      for (let level = 0; level < LEVELS; level++) {
        set = (leaf >>> level & 1) === 0 ? this.#node(set, EMPTY_SET) : this.#node(EMPTY_SET, set);
      }
      this.#singles[id] = set;
    }
    return set;
  }

  /** Returns the set of what is in one or the other. */
  union(a: DependencySet, b: DependencySet): DependencySet {
    if (a === b || b === EMPTY_SET) return a;
    if (a === EMPTY_SET) return b;
    return this.#union(a, b, LEVELS);
  }

  #union(a: number, b: number, level: number): number {
    if (a === b || b === EMPTY_SET) return a;
    if (a === EMPTY_SET) return b;
    if (a > b) [a, b] = [b, a];
    const at = 3 * ((Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 16 & REMEMBERED - 1);
    const unions = this.#unions;
    if (unions[at] === a && unions[at + 1] === b) return unions[at + 2];
    let result: number;
    if (level === 0) {
      result = this.#node(this.#left[a] | this.#left[b], LEAF);
    } else {
      const left = this.#union(this.#left[a], this.#left[b], level - 1);
      result = this.#node(left, this.#union(this.#right[a], this.#right[b], level - 1));
    }
    unions[at] = a;
    unions[at + 1] = b;
    unions[at + 2] = result;
    return result;
  }

  /** Whether all that is in `part` is in `whole`. */
  covers(whole: DependencySet, part: DependencySet): boolean {
    return part === EMPTY_SET || this.union(whole, part) === whole;
  }

  /** Whether two sets have something in common. */
  meet(a: DependencySet, b: DependencySet): boolean {
    return this.#meet(a, b, LEVELS);
  }

  #meet(a: number, b: number, level: number): boolean {
    if (a === EMPTY_SET || b === EMPTY_SET) return false;
    if (a === b) return true;
    if (level === 0) return (this.#left[a] & this.#left[b]) !== 0;
    return this.#meet(this.#left[a], this.#left[b], level - 1) ||
      this.#meet(this.#right[a], this.#right[b], level - 1);
  }

  /** Returns the numbers in a set, smallest first. */
  members(set: DependencySet): number[] {
    const found: number[] = [];
    const collect = (node: number, level: number, first: number) => {
      if (node === EMPTY_SET) return;
      if (level > 0) {
        collect(this.#left[node], level - 1, first);
        collect(this.#right[node], level - 1, first + (32 << level - 1));
        return;
      }
      for (let mask = this.#left[node], id = first; mask !== 0; mask >>>= 1, id++) if ((mask & 1) !== 0) found.push(id);
    };
    collect(set, LEVELS, 0);
    return found;
  }

  #node(left: number, right: number): number {
    if (left === 0 && right === 0) return EMPTY_SET;
    const mask = this.#slots.length - 1;
    let at = hashOf(left, right) & mask;
    for (let id = this.#slots[at]; id !== 0; id = this.#slots[at]) {
      if (this.#left[id] === left && this.#right[id] === right) return id;
      at = (at + 1) & mask;
    }
    const id = this.#count++;
    this.#slots[at] = id;
    if (id === this.#left.length) {
      this.#left = grown(this.#left);
      this.#right = grown(this.#right);
    }
    this.#left[id] = left;
    this.#right[id] = right;
    if (2 * id > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = this.#slots = new Int32Array(4 * this.#slots.length);
    const mask = slots.length - 1;
    for (let id = 1; id < this.#count; id++) {
      let at = hashOf(this.#left[id], this.#right[id]) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = id;
    }
  }
}

/** What leaves have for a right half: no node is called that. */
const LEAF = -1;

function hashOf(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x7feb352d);
  return (mixed ^ mixed >>> 15) >>> 0;
}

function grown(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(2 * from.length);
  to.set(from);
  return to;
}
