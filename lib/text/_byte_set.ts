// Sets of bytes as ranges: first and last byte of each, ascending, neither overlapping nor touching. Patterns have
// small sets in this form, and they are compared and printed more often than they are looked up in.

export type ByteSet = readonly number[];

/** Returns the set of all bytes in `ranges`, which may overlap and be in any order. */
export function byteSet(ranges: readonly number[]): ByteSet {
  if (ranges.length === 2) return ranges;
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [from, to] of pairs) {
    const last = merged.length - 1;
    if (last > 0 && from <= merged[last]! + 1) merged[last] = Math.max(merged[last]!, to);
    else merged.push(from, to);
  }
  return merged;
}

/** Returns the bytes that aren't in the set. */
export function complement(set: ByteSet): ByteSet {
  const ranges: number[] = [];
  let from = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > from) ranges.push(from, set[i]! - 1);
    from = set[i + 1]! + 1;
  }
  if (from < 256) ranges.push(from, 255);
  return ranges;
}

/** Whether two sets have a byte in common. */
export function intersect(a: ByteSet, b: ByteSet): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i + 1]! < b[j]!) i += 2;
    else if (b[j + 1]! < a[i]!) j += 2;
    else return true;
  }
  return false;
}

/** Returns the byte of a set of one, or -1. */
export function onlyByte(set: ByteSet): number {
  return set.length === 2 && set[0] === set[1] ? set[0]! : -1;
}

/** Returns 256 flags. */
export function byteTable(set: ByteSet): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < set.length; i += 2) table.fill(1, set[i], set[i + 1]! + 1);
  return table;
}
