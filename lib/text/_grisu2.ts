// Grisu2 (Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers", PLDI 2010), the digit
// generator behind nlohmann::json's number output.
//
// Why not JavaScript's own shortest digits: Grisu2 always round-trips but for about one double in a thousand gives a
// digit more, or another last digit, than the shortest form. `builtins.toJSON` output is hashed, so those count.
//
// Significands are unsigned 64-bit BigInts, values are `f * 2^e`. The table of powers of ten that the algorithm needs
// (every eighth from 10^-300, each rounded to 64 bits) is computed on demand instead of being listed.

interface DiyFp {
  readonly f: bigint;
  readonly e: number;
}

/** Decimal digits and exponent: the value is `digits * 10^exponent`. */
export interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

const U64 = (1n << 64n) - 1n;
const HIDDEN_BIT = 1n << 52n;
const BIAS = 1023 + 52;
/** The scaled upper boundary must have a binary exponent in [ALPHA, -32]. */
const ALPHA = -60;
const POWER_STEP = 8;
const MIN_POWER = -300;

function bitLength(n: bigint): number {
  return n.toString(2).length;
}

function normalize(v: DiyFp): DiyFp {
  const shift = 64 - bitLength(v.f);
  return { f: v.f << BigInt(shift), e: v.e - shift };
}

/** The upper 64 bits of the product, rounded half up. */
function multiply(x: DiyFp, y: DiyFp): DiyFp {
  // The reference adds up 32-bit partial products and rounds on bit 31 of the middle word, dropping the low half of
  // the lowest product before; that can differ from rounding the full product by its lowest bits, so do the same.
  const low = 0xffffffffn;
  const p0 = (x.f & low) * (y.f & low);
  const p1 = (x.f & low) * (y.f >> 32n);
  const p2 = (x.f >> 32n) * (y.f & low);
  const p3 = (x.f >> 32n) * (y.f >> 32n);
  const middle = (p0 >> 32n) + (p1 & low) + (p2 & low) + (1n << 31n);
  return { f: (p3 + (p2 >> 32n) + (p1 >> 32n) + (middle >> 32n)) & U64, e: x.e + y.e + 64 };
}

/** 10^k rounded to a 64-bit significand with its top bit set. */
function powerOfTen(k: number): DiyFp {
  if (k >= 0) {
    const n = 10n ** BigInt(k);
    const excess = bitLength(n) - 64;
    if (excess <= 0) return normalize({ f: n, e: 0 });
    return { f: (n + (1n << BigInt(excess - 1))) >> BigInt(excess), e: excess };
  }
  const d = 10n ** BigInt(-k);
  const shift = bitLength(d) + 63;
  const q = (1n << BigInt(shift)) / d;
  // q has 64 bits, or 65 when d is close to a power of two below it.
  if (bitLength(q) === 64) {
    const rest = (1n << BigInt(shift)) - q * d;
    return { f: rest * 2n >= d ? q + 1n : q, e: -shift };
  }
  const q2 = (1n << BigInt(shift - 1)) / d;
  const rest = (1n << BigInt(shift - 1)) - q2 * d;
  return { f: rest * 2n >= d ? q2 + 1n : q2, e: -(shift - 1) };
}

/** Moves the last digit down while that brings the result nearer to the exact value and stays inside the interval. */
function roundLast(digits: number[], dist: bigint, delta: bigint, rest: bigint, unit: bigint): void {
  while (
    rest < dist && delta - rest >= unit && (rest + unit < dist || dist - rest > rest + unit - dist)
  ) {
    digits[digits.length - 1]!--;
    rest += unit;
  }
}

function generate(minus: DiyFp, w: DiyFp, plus: DiyFp, exponent: number): Decimal {
  let delta = plus.f - minus.f;
  let dist = plus.f - w.f;
  const shift = BigInt(-plus.e);
  const one = 1n << shift;
  let whole = Number(plus.f >> shift);
  let fraction = plus.f & (one - 1n);
  const digits: number[] = [];

  let remaining = String(whole).length;
  for (let unit = 10 ** (remaining - 1); remaining > 0; unit /= 10) {
    digits.push(Math.floor(whole / unit));
    whole %= unit;
    remaining--;
    const rest = (BigInt(whole) << shift) + fraction;
    if (rest <= delta) {
      roundLast(digits, dist, delta, rest, BigInt(unit) << shift);
      return { digits: digits.join(""), exponent: exponent + remaining };
    }
  }
  let places = 0;
  do {
    fraction *= 10n;
    digits.push(Number(fraction >> shift));
    fraction &= one - 1n;
    places++;
    delta *= 10n;
    dist *= 10n;
  } while (fraction > delta);
  roundLast(digits, dist, delta, fraction, one);
  return { digits: digits.join(""), exponent: exponent - places };
}

/** Returns the digits Grisu2 gives for `value`, which must be finite and above zero. */
export function grisu2(value: number): Decimal {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0]!;
  const biased = Number(bits >> 52n);
  const mantissa = bits & (HIDDEN_BIT - 1n);
  const v = biased === 0 ? { f: mantissa, e: 1 - BIAS } : { f: mantissa + HIDDEN_BIT, e: biased - BIAS };
  // Just above a power of two the doubles below lie half as far apart.
  const closerBelow = mantissa === 0n && biased > 1;
  const plus = normalize({ f: 2n * v.f + 1n, e: v.e - 1 });
  const below = closerBelow ? { f: 4n * v.f - 1n, e: v.e - 2 } : { f: 2n * v.f - 1n, e: v.e - 1 };
  const minus = { f: below.f << BigInt(below.e - plus.e), e: plus.e };

  const f = ALPHA - plus.e - 1;
  const k = Math.trunc((f * 78913) / (1 << 18)) + (f > 0 ? 1 : 0); // 78913 / 2^18 is log10(2)
  const index = Math.trunc((-MIN_POWER + k + (POWER_STEP - 1)) / POWER_STEP);
  const power = MIN_POWER + index * POWER_STEP;
  const c = powerOfTen(power);

  const scaledMinus = multiply(minus, c);
  const scaledPlus = multiply(plus, c);
  return generate(
    { f: scaledMinus.f + 1n, e: scaledMinus.e },
    multiply(normalize(v), c),
    { f: scaledPlus.f - 1n, e: scaledPlus.e },
    -power,
  );
}
