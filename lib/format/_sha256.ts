// SHA-256 (FIPS 180-4) without node:crypto, which takes 10 ms to load: for the few short texts that an evaluation that
// reads next to nothing hashes. On longer ones it is five times slower.

const BLOCK = 64;

interface Constants {
  readonly rounds: Int32Array;
  readonly state: Int32Array;
}

let constants: Constants | undefined;

/** Fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8. */
function makeConstants(): Constants {
  const rounds = new Int32Array(64);
  const state = new Int32Array(8);
  const fraction = (root: number) => ((root % 1) * 2 ** 32) | 0;
  for (let candidate = 2, found = 0; found < 64; candidate++) {
    if (!isPrime(candidate)) continue;
    if (found < 8) state[found] = fraction(Math.sqrt(candidate));
    rounds[found++] = fraction(Math.cbrt(candidate));
  }
  return { rounds, state };
}

function isPrime(n: number): boolean {
  for (let factor = 2; factor * factor <= n; factor++) if (n % factor === 0) return false;
  return true;
}

/** Returns the digest of bytes in base16. */
export function sha256Hex(bytes: Uint8Array): string {
  const { rounds, state } = constants ??= makeConstants();
  const { length } = bytes;
  // A 1, zeros, and the length in bits as 64 bits, up to a whole block.
  const padded = new Uint8Array(Math.ceil((length + 9) / BLOCK) * BLOCK);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(padded.length - 4, length * 8);

  const h = Int32Array.from(state);
  const w = new Int32Array(64);
  for (let at = 0; at < padded.length; at += BLOCK) addBlock(view, at, { h, w, rounds });
  let text = "";
  for (const word of h) text += (word >>> 0).toString(16).padStart(8, "0");
  return text;
}

function addBlock(
  view: DataView,
  at: number,
  { h, w, rounds }: { readonly h: Int32Array; readonly w: Int32Array; readonly rounds: Int32Array },
): void {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], last = h[7];
  for (let i = 0; i < 64; i++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const t1 = last + s1 + (e & f ^ ~e & g) + rounds[i] + w[i] | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
    last = g;
    g = f;
    f = e;
    e = d + t1 | 0;
    d = c;
    c = b;
    b = a;
    a = t1 + t2 | 0;
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
  h[5] += f;
  h[6] += g;
  h[7] += last;
}
