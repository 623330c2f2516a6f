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
// to find its symbol. `hashes`, `starts` (into `arena`) and `lengths` are by symbol.
let slots = new Int32Array(1 << 14);
let hashes = new Int32Array(1 << 12);
let starts = new Int32Array(1 << 12);
let lengths = new Int32Array(1 << 12);
let arena = new Uint8Array(1 << 16);
let arenaEnd = 0;

// In front of it, for names that come as strings: V8 keeps the hash of a string. Filled as names are asked for, since
// most names of a source text never are.
const ids = new Map<string, Symbol>();

/** Bytes of the name that is being interned. */
let scratch = new Uint8Array(256);

/** Returns the symbol of `name`, making it on first use. */
export function intern(name: string): Symbol {
  let id = ids.get(name);
  if (id === undefined) {
    const { length } = name;
    if (length > scratch.length) scratch = new Uint8Array(2 * length);
    let hash = 0;
    for (let i = 0; i < length; i++) {
      const byte = scratch[i] = name.charCodeAt(i);
      hash = (hash * HASH_FACTOR + byte) & HASH_MASK;
    }
    id = internRange(scratch, 0, length, hash, name);
    ids.set(name, id);
  }
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
    if (hashes[id] === hash && isSpelt(id, bytes, start, end)) {
      if (recorded !== null) recorded.add(id);
      return id;
    }
    at = (at + 1) & mask;
  }
  const id = slots[at] = names.length;
  names.push(text.substring(start, end));
  remember(id, bytes, start, end, hash);
  if (recorded !== null) recorded.add(id);
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

/** Returns the hash of a symbol's name, as {@link internRange} takes it. */
export function hashOfSymbol(symbol: Symbol): number {
  return hashes[symbol];
}

function isSpelt(id: Symbol, bytes: Uint8Array, start: number, end: number): boolean {
  if (lengths[id] !== end - start) return false;
  let a = starts[id];
  for (let b = start; b < end; b++) if (arena[a++] !== bytes[b]) return false;
  return true;
}

function remember(id: Symbol, bytes: Uint8Array, start: number, end: number, hash: number): void {
  if (id >= hashes.length) {
    hashes = grown(hashes);
    starts = grown(starts);
    lengths = grown(lengths);
  }
  if (arenaEnd + end - start > arena.length) {
    const bigger = new Uint8Array(2 * arena.length + end - start);
    bigger.set(arena);
    arena = bigger;
  }
  hashes[id] = hash;
  starts[id] = arenaEnd;
  lengths[id] = end - start;
  for (let i = start; i < end; i++) arena[arenaEnd++] = bytes[i];
  if (2 * id > slots.length) rehash();
}

function grown(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(2 * from.length);
  to.set(from);
  return to;
}

function rehash(): void {
  slots = new Int32Array(4 * slots.length);
  const mask = slots.length - 1;
  for (let id = 1; id < names.length; id++) {
    let at = hashes[id] & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = id;
  }
}

function bytesOf(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return bytes;
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (let i = 0; i < bytes.length; i++) hash = (hash * HASH_FACTOR + bytes[i]) & HASH_MASK;
  return hash;
}

/** Returns the symbol of `name` if it was ever interned: a name nobody interned is in no attribute set. */
export function lookupSymbol(name: string): Symbol | undefined {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const bytes = bytesOf(name);
  const hash = hashOf(bytes);
  const mask = slots.length - 1;
  for (let at = hash & mask, id = slots[at]; id !== 0; at = (at + 1) & mask, id = slots[at]) {
    if (hashes[id] === hash && isSpelt(id, bytes, 0, bytes.length)) {
      ids.set(name, id);
      return id;
    }
  }
  return undefined;
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
