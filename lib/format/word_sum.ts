/** Sums of words, against damage by accident: a cryptographic hash takes 10 ms to load. */

/** How many words a {@link wordSum} is. */
export const WORD_SUM_LENGTH = 4;

/**
 * Returns four sums as FNV-1a makes them, of every fourth word each, as signed words; the number of words has to be a
 * multiple of four. Any change within one word shows for certain, and it takes 1 ms for a megabyte, 3 in Deno 2.6.
 */
export function wordSum(words: Int32Array): Int32Array<ArrayBuffer> {
  let a = words.length;
  let b = 1;
  let c = 2;
  let d = 3;
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(a ^ words[i], 0x01000193);
    b = Math.imul(b ^ words[i + 1], 0x01000193);
    c = Math.imul(c ^ words[i + 2], 0x01000193);
    d = Math.imul(d ^ words[i + 3], 0x01000193);
  }
  return Int32Array.of(a, b, c, d);
}
