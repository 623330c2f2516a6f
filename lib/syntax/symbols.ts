/**
 * Interned attribute and variable names.
 *
 * A {@link Symbol} is a small integer that stands for a byte string (one JS character per byte, see
 * `lib/runtime/bytes.ts`). The table is one per process: identity of ids has to be shared by every parser, shape and
 * inline cache, and interning is not observable except through order. Order matters a little: C++ Nix keeps attribute
 * sets sorted by symbol id, so "which of two errors comes first" in a deep force follows the order in which names
 * were first seen. Interning in source order gives the same order here.
 */

/** An interned name; compare with `===`, order with `<` (order of first appearance, not of spelling). */
export type Symbol = number;

/** Stands for "no name"; never returned by {@link intern}. */
export const NO_SYMBOL: Symbol = 0;

const names: string[] = [""];

/**
 * Hash of a name that {@link internRange} takes: from 0, `h = (h * HASH_FACTOR + byte) & HASH_MASK`. Every step stays a
 * small integer, also in unoptimised code.
 */
export const HASH_FACTOR = 97;
export const HASH_MASK = 0xffffff;

// The table proper: open addressing over the bytes of the names, so that the parser needn't make a string of a name
// to find its symbol. `entries` has four words for each symbol: its hash, where it starts in `arena`, its length, nothing:
// together, because all are wanted, and where names are many none of it is in the processor's caches.
let slots = new Int32Array(1 << 14);
let entries = new Int32Array(1 << 14);
let arena = new Uint8Array(1 << 16);
let arenaEnd = 0;

// In front of it, for names that come as strings: the last name that was asked for at each place, which a few of its bytes
// decide. Most names are asked for again. A Map would have V8 work out the hash of every new string, and moves all of its
// entries whenever it grows.
const PLACES = 1 << 13;
const recent = new Int32Array(PLACES);

function placeOf(name: string, length: number): number {
  const last = length - 1;
  return (length * 7 + name.charCodeAt(0) * 1181 + name.charCodeAt(length >> 1) * 397 + name.charCodeAt(last) * 67 +
    (last > 1 ? name.charCodeAt(last - 1) * 29 + name.charCodeAt(last - 2) * 13 : 0)) & (PLACES - 1);
}

/** Bytes of the name that is being interned. */
let scratch = new Uint8Array(256);

/** Returns the symbol of `name`, making it on first use. */
export function intern(name: string): Symbol {
  const { length } = name;
  if (length === 0) return internRange(scratch, 0, 0, 0, name);
  const place = placeOf(name, length);
  let id = recent[place];
  if (id !== 0 && names[id] === name) {
    if (recorded !== null) recorded.add(id);
    if (order !== null) order.touch(id);
    return id;
  }
  if (length > scratch.length) scratch = new Uint8Array(2 * length);
  let hash = 0;
  for (let i = 0; i < length; i++) {
    const byte = scratch[i] = name.charCodeAt(i);
    hash = (hash * HASH_FACTOR + byte) & HASH_MASK;
  }
  id = internRange(scratch, 0, length, hash, name);
  recent[place] = id;
  return id;
}

/** Returns {@link intern}'s, sooner if it is the one after `previous`: lists of names often come as they were first seen. */
export function internAfter(previous: Symbol, name: string): Symbol {
  const id = previous + 1;
  if (names[id] !== name) return intern(name);
  if (recorded !== null) recorded.add(id);
  if (order !== null) order.touch(id);
  return id;
}

/**
 * Returns the symbol of the name in `bytes[start..end)`, whose hash (see {@link HASH_FACTOR}) is `hash`. `text` is the
 * string that `bytes` was made from.
 */
export function internRange(bytes: Uint8Array, start: number, end: number, hash: number, text: string): Symbol {
  const mask = slots.length - 1;
  let at = hash & mask;
  for (let id = slots[at]; id !== 0; id = slots[at]) {
    if (entries[4 * id] === hash && isSpelt(id, bytes, start, end)) {
      if (recorded !== null) recorded.add(id);
      if (order !== null) order.touch(id);
      return id;
    }
    at = (at + 1) & mask;
  }
  const id = slots[at] = names.length;
  names.push(text.substring(start, end));
  remember(id, bytes, start, end, hash);
  if (recorded !== null) recorded.add(id);
  if (order !== null) order.touch(id);
  return id;
}

let recorded: Set<Symbol> | null = null;

/** Runs `action`, which may throw, and returns what it returns with all symbols it asked for, first ones first. */
export function recordSymbols<T>(action: () => T): { readonly result: T; readonly symbols: readonly Symbol[] } {
  const symbols = recorded = new Set<Symbol>();
  try {
    return { result: action(), symbols: [...symbols] };
  } finally {
    recorded = null;
  }
}

/** Returns the hash of a name, as {@link internRange} takes it, without making a symbol. */
export function hashOfName(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * HASH_FACTOR + name.charCodeAt(i)) & HASH_MASK;
  return hash;
}

/** Returns the hash of a symbol's name, as {@link internRange} takes it. */
export function hashOfSymbol(symbol: Symbol): number {
  return entries[4 * symbol];
}

function isSpelt(id: Symbol, bytes: Uint8Array, start: number, end: number): boolean {
  if (entries[4 * id + 2] !== end - start) return false;
  let a = entries[4 * id + 1];
  for (let b = start; b < end; b++) if (arena[a++] !== bytes[b]) return false;
  return true;
}

function remember(id: Symbol, bytes: Uint8Array, start: number, end: number, hash: number): void {
  if (4 * id >= entries.length) {
    const more = new Int32Array(2 * entries.length);
    more.set(entries);
    entries = more;
  }
  if (arenaEnd + end - start > arena.length) {
    const bigger = new Uint8Array(2 * arena.length + end - start);
    bigger.set(arena);
    arena = bigger;
  }
  entries[4 * id] = hash;
  entries[4 * id + 1] = arenaEnd;
  entries[4 * id + 2] = end - start;
  for (let i = start; i < end; i++) arena[arenaEnd++] = bytes[i];
  if (2 * id > slots.length) rehash();
}

function rehash(): void {
  slots = new Int32Array(4 * slots.length);
  const mask = slots.length - 1;
  for (let id = 1; id < names.length; id++) {
    let at = entries[4 * id] & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = id;
  }
}

/**
 * The order in which one evaluation of many in this process has met names. In a process of its own that is the order of
 * their symbols, in which sets are evaluated where all of a set is; here, where earlier evaluations have met names in
 * another order, sets whose names are {@link inOrder} are, and whoever evaluates another says so ({@link outOfOrder}).
 */
export class SymbolOrder {
  /** Names up to here are made by every process that evaluates, before it begins. */
  readonly #own: number;
  #last: Symbol;
  #met = 0;
  /** By symbol: the how-manieth it is, counted from 1. */
  #ranks = new Int32Array(1 << 14);
  #kept = true;
  /** The names that came up, where somebody wants to know. */
  list: Symbol[] | null = null;
  /** How many evaluations of sets in another order are under way. */
  depth = 0;
  /** Whether something may have come of one of them that wouldn't in a process of its own. */
  doubtful = false;
  /** Whether any failure, caught or not, may be another one there. */
  failuresDoubtful = false;
  /** Whether names come up that aren't noted: those of values that stay from earlier evaluations. */
  unknown = false;

  constructor(own: number) {
    this.#own = this.#last = own;
  }

  /** Whether it is the order of symbols. */
  get kept(): boolean {
    return this.#kept && !this.unknown;
  }

  /** Notes that a name has come up; it has the next rank if it hadn't before. */
  touch(id: Symbol): void {
    if (id <= this.#own) return;
    this.list?.push(id);
    if (id >= this.#ranks.length) {
      const more = new Int32Array(2 * id);
      more.set(this.#ranks);
      this.#ranks = more;
    }
    if (this.#ranks[id] !== 0) return;
    this.#ranks[id] = ++this.#met;
    if (id < this.#last) this.#kept = false;
    this.#last = id;
  }

  /** Whether names that are sorted by symbol came up in that order. */
  has(names: readonly Symbol[]): boolean {
    if (this.unknown) {
      let others = 0;
      for (const id of names) if (id > this.#own) others++;
      return others < 2;
    }
    if (this.#kept) return true;
    let last = 0;
    for (const id of names) {
      if (id <= this.#own) continue;
      const rank = this.#ranks[id] ?? 0;
      // A name that hasn't come up: then nobody knows when it does.
      if (rank <= last) return false;
      last = rank;
    }
    return true;
  }
}

/** Whether all of a set may be evaluated in the order of its symbols. */
export function inOrder(names: readonly Symbol[]): boolean {
  return order === null || order.has(names);
}

/** Does what goes through a set that is not {@link inOrder}. What fails is doubtful, and results that aren't `certain`. */
export function outOfOrder<T>(action: () => T, certain: (result: T) => boolean = () => true): T {
  const watched = order!;
  watched.depth++;
  try {
    const result = action();
    if (!certain(result)) watched.doubtful = true;
    return result;
  } catch (e) {
    watched.doubtful = true;
    throw e;
  } finally {
    watched.depth--;
  }
}

/** To be called before something is done with all of a set that may fail. */
export function mayNeedOrder(names: readonly Symbol[]): void {
  if (!inOrder(names)) order!.failuresDoubtful = true;
}

/** To be called when the first name of several matters. */
export function needOrder(names: readonly Symbol[]): void {
  if (!inOrder(names)) order!.doubtful = true;
}

/** Null in a process that evaluates once: its order is the order. */
let order: SymbolOrder | null = null;

/** Begins to watch the order; see {@link symbolCount} for what `own` is. */
export function watchSymbols(own: number): SymbolOrder {
  return order = new SymbolOrder(own);
}

/** Returns what `action` does and, where the order is watched, the names that came up, each once. */
export function listSymbols<T>(action: () => T): { readonly result: T; readonly symbols: readonly Symbol[] } {
  if (order === null) return { result: action(), symbols: [] };
  const outer = order.list;
  const list: Symbol[] = order.list = [];
  try {
    const result = action();
    return { result, symbols: [...new Set(list)] };
  } finally {
    order.list = outer;
    if (outer !== null) { for (const id of list) outer.push(id); }
  }
}

/** Notes names as come up again. */
export function touchSymbols(symbols: readonly Symbol[]): void {
  if (order !== null) { for (const id of symbols) order.touch(id); }
}

/** Returns the byte string `symbol` stands for. */
export function symbolName(symbol: Symbol): string {
  return names[symbol];
}

/** Returns how many names have been interned (for statistics). */
export function symbolCount(): number {
  return names.length - 1;
}

// C++ Nix 2.34 makes these before it reads anything, in this order, so they come first in every attribute set.
for (
  const name of (
    "<with> outPath drvPath type meta name value system __overrides outputs outputName __ignoreNulls file line column " +
    "__functor __toString right wrong __structuredAttrs __json allowedReferences allowedRequisites " +
    "disallowedReferences disallowedRequisites maxSize maxClosureSize builder args __contentAddressed __impure " +
    "outputHash outputHashAlgo outputHashMode recurseForDerivations description self  startSet operator key path " +
    "prefix outputSpecified __sub __lessThan __mul __div or __findFile __nixPath body"
  ).split(" ")
) intern(name);
