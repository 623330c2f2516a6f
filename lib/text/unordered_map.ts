/**
 * The order of keys in a `std::unordered_map<std::string, T>` of GNU's C++ library (GCC 5 to 15, 64 bits).
 *
 * C++ Nix reads TOML into such maps, so that attributes are made, and their names interned, in this order, which shows where
 * C++ Nix goes by symbol: which of several attributes is complained of first. Two things make it: nodes are one list, and
 * those of a bucket stand together in it; a node goes to the front of its bucket, and if that is empty to the front of all.
 */

const WORD = (1n << 64n) - 1n;
const MULTIPLIER = 0xc6a4a7935bd1e995n;
const SEED = 0xc70f6907n;

/** What the number of buckets grows to: the next prime of the library's above twice as many. More never comes up. */
const BUCKETS = [
  ...[1, 13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933, 351061, 712697, 1447153],
  ...[2938679, 5967347, 12117689, 24607243],
];

/** Returns the hash that the library computes of a binary string: MurmurHash64A. */
function hashBytes(text: string): bigint {
  let hash = SEED ^ (BigInt(text.length) * MULTIPLIER & WORD);
  let at = 0;
  for (; at + 8 <= text.length; at += 8) {
    const mixed = mix(load(text, at, at + 8) * MULTIPLIER & WORD) * MULTIPLIER & WORD;
    hash = (hash ^ mixed) * MULTIPLIER & WORD;
  }
  if (at < text.length) hash = (hash ^ load(text, at, text.length)) * MULTIPLIER & WORD;
  return mix(mix(hash) * MULTIPLIER & WORD);
}

function mix(value: bigint): bigint {
  return value ^ value >> 47n;
}

/** Little-endian. */
function load(text: string, start: number, end: number): bigint {
  let value = 0n;
  for (let i = end - 1; i >= start; i--) value = value << 8n | BigInt(text.charCodeAt(i));
  return value;
}

/** Returns distinct keys, binary strings in the order in which they are inserted, in the order in which they are met. */
export function unorderedMapOrder(keys: readonly string[]): string[] {
  const hashes = keys.map(hashBytes);
  let order: number[] = [];
  for (let step = 1, done = 0; done < keys.length; step++) {
    // Those there are come first, in their order; so many go in before there are too many for the buckets.
    const until = Math.min(BUCKETS[step], keys.length);
    const inserted = [...order, ...range(done, until)];
    order = arrange(inserted, (key) => Number(hashes[key] % BigInt(BUCKETS[step])));
    done = until;
  }
  return order.map((key) => keys[key]);
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

/** Inserts one after the other into an empty list. */
function arrange(inserted: readonly number[], bucketOf: (key: number) => number): number[] {
  // Buckets with their nodes, both last first.
  const buckets = new Map<number, number[]>();
  for (const key of inserted) {
    const bucket = bucketOf(key);
    const nodes = buckets.get(bucket);
    if (nodes === undefined) buckets.set(bucket, [key]);
    else nodes.push(key);
  }
  return [...buckets.values()].reverse().flatMap((nodes) => nodes.reverse());
}
