// Grisu2 (Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers", PLDI 2010), the digit
// generator behind nlohmann::json's number output.
//
// Why not JavaScript's own shortest digits: Grisu2 always round-trips but for about one double in a thousand gives a
// digit more, or another last digit, than the shortest form. `builtins.toJSON` output is hashed, so those count.
//
// Significands are unsigned 64-bit integers in two halves of 32 bits, values are `f * 2^e`: with BigInt it takes ten times
// as long. The table of powers of ten that the algorithm needs (every eighth from 10^-300, each rounded to 64 bits) is
// computed as it is needed instead of being listed.

/** Decimal digits and exponent: the value is `digits * 10^exponent`. */
export interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

interface DiyFp {
  readonly high: number;
  readonly low: number;
  readonly e: number;
}

const HALF = 2 ** 32;
const HIDDEN_BIT = 1 << 20;
const BIAS = 1023 + 52;
/** The scaled upper boundary must have a binary exponent in [ALPHA, -32]. */
const ALPHA = -60;
const POWER_STEP = 8;
const MIN_POWER = -300;

function bitLength(n: bigint): number {
  return n.toString(2).length;
}

const powers: DiyFp[] = [];

/** Returns 10^power, every eighth from {@link MIN_POWER} on, rounded to a 64-bit significand with its top bit set. */
function powerOfTen(index: number): DiyFp {
  return powers[index] ??= computePower(MIN_POWER + index * POWER_STEP);
}

function computePower(k: number): DiyFp {
  if (k >= 0) {
    const n = 10n ** BigInt(k);
    const excess = bitLength(n) - 64;
    return diyFp(excess <= 0 ? n << BigInt(-excess) : (n + (1n << BigInt(excess - 1))) >> BigInt(excess), excess);
  }
  const d = 10n ** BigInt(-k);
  let shift = bitLength(d) + 63;
  // The quotient has 64 bits, or 65 when d is close to a power of two below it.
  if (bitLength((1n << BigInt(shift)) / d) > 64) shift--;
  const quotient = (1n << BigInt(shift)) / d;
  const rest = (1n << BigInt(shift)) - quotient * d;
  return diyFp(rest * 2n >= d ? quotient + 1n : quotient, -shift);
}

function diyFp(f: bigint, e: number): DiyFp {
  return { high: Number(f >> 32n), low: Number(f & 0xffffffffn), e };
}

/** Returns the upper half of the product of two halves. */
function upper(a: number, b: number): number {
  // The product is rounded by less than 2^11, which the division makes next to nothing.
  return Math.round((a * b - (Math.imul(a, b) >>> 0)) / HALF);
}

/** The lower half of what {@link multiply} returned last. */
let productLow = 0;

/** Returns the upper half of the upper 64 bits of the product, rounded half up. */
function multiply(high: number, low: number, by: DiyFp): number {
  // The reference adds up 32-bit partial products and rounds on bit 31 of the middle word, dropping the low half of
  // the lowest product before; that can differ from rounding the full product by its lowest bits, so do the same.
  const middle = upper(low, by.low) + (Math.imul(low, by.high) >>> 0) + (Math.imul(high, by.low) >>> 0) + HALF / 2;
  const sum = (Math.imul(high, by.high) >>> 0) + upper(high, by.low) + upper(low, by.high) + Math.floor(middle / HALF);
  productLow = sum >>> 0;
  return upper(high, by.high) + Math.floor(sum / HALF);
}

const float = new Float64Array(1);
/** Its halves, the lower one first. */
const halves = new Uint32Array(float.buffer);

/** Returns the digits Grisu2 gives for `value`, which must be finite and above zero. */
export function grisu2(value: number): Decimal {
  float[0] = value;
  const biased = halves[1] >>> 20;
  let high = halves[1] & (HIDDEN_BIT - 1);
  let low = halves[0];
  // Just above a power of two the doubles below lie half as far apart.
  const closerBelow = high === 0 && low === 0 && biased > 1;
  if (biased !== 0) high += HIDDEN_BIT;
  const e = biased === 0 ? 1 - BIAS : biased - BIAS;

  // All three are shifted as far as 2f + 1, the upper boundary, can be, which is one bit less than f itself can be.
  const shift = (high === 0 ? 32 + Math.clz32(low) : Math.clz32(high)) - 1;
  const plusE = e - 1 - shift;
  [high, low] = shift >= 32
    ? [(low << (shift - 32)) >>> 0, 0]
    : [(high << shift | (shift === 0 ? 0 : low >>> (32 - shift))) >>> 0, (low << shift) >>> 0];
  // f at the exponent of the boundaries; half the distance of neighbours is `half`.
  [high, low] = [high * 2 + (low >>> 31), (low << 1) >>> 0];
  const half = 2 ** shift;

  const f = ALPHA - plusE - 1;
  const k = Math.trunc((f * 78913) / (1 << 18)) + (f > 0 ? 1 : 0); // 78913 / 2^18 is log10(2)
  const index = Math.trunc((-MIN_POWER + k + (POWER_STEP - 1)) / POWER_STEP);
  const c = powerOfTen(index);

  const w = multiply(high, low, c);
  const wLow = productLow;
  const plus = low + half;
  const scaledPlus = multiply(high + Math.floor(plus / HALF), plus % HALF, c);
  const plusLow = productLow;
  const minus = low - (closerBelow ? half / 2 : half);
  const borrow = Math.floor(minus / HALF);
  const scaledMinus = multiply(high + borrow, minus - borrow * HALF, c);
  const minusLow = productLow;

  // Both boundaries are drawn in by one.
  let delta = plusLow - 2 - minusLow;
  let deltaHigh = scaledPlus - scaledMinus + Math.floor(delta / HALF);
  let deltaLow = delta >>> 0;
  delta = plusLow - 1 - wLow;
  let distHigh = scaledPlus - w + Math.floor(delta / HALF);
  let distLow = delta >>> 0;
  let restHigh = plusLow === 0 ? scaledPlus - 1 : scaledPlus;
  let restLow = (plusLow - 1) >>> 0;

  // What is above 2^-e, which has no lower half, are whole digits.
  const e32 = -(plusE + c.e + 64) - 32;
  const one = 2 ** e32;
  let whole = restHigh >>> e32;
  restHigh &= one - 1;
  const fractionHigh = restHigh;
  let exponent = -(MIN_POWER + index * POWER_STEP);
  let digits = 0;
  let unit = 1;
  while (unit * 10 <= whole) {
    unit *= 10;
    exponent++;
  }
  for (; unit >= 1; unit /= 10, exponent--) {
    digits = digits * 10 + Math.floor(whole / unit);
    whole %= unit;
    restHigh = whole * one + fractionHigh;
    if (restHigh < deltaHigh || (restHigh === deltaHigh && restLow <= deltaLow)) {
      digits -= excess(unit * one, restHigh, restLow, deltaHigh, deltaLow, distHigh, distLow);
      return { digits: String(digits), exponent };
    }
  }
  exponent++;
  let lead = "";
  let after = 0;
  do {
    if (digits >= MANY) {
      lead = String(digits);
      digits = after = 0;
    }
    const rest = restLow * 10;
    restHigh = restHigh * 10 + Math.floor(rest / HALF);
    restLow = rest >>> 0;
    digits = digits * 10 + (restHigh >>> e32);
    restHigh &= one - 1;
    after++;
    exponent--;
    const more = deltaLow * 10;
    deltaHigh = deltaHigh * 10 + Math.floor(more / HALF);
    deltaLow = more >>> 0;
    const further = distLow * 10;
    distHigh = distHigh * 10 + Math.floor(further / HALF);
    distLow = further >>> 0;
  } while (restHigh > deltaHigh || (restHigh === deltaHigh && restLow > deltaLow));
  digits -= excess(one, restHigh, restLow, deltaHigh, deltaLow, distHigh, distLow);
  const text = String(digits);
  return { digits: lead === "" ? text : lead + text.padStart(after, "0"), exponent };
}

/** One more digit may be too many for an exact number. */
const MANY = 1e14;

/**
 * Returns by how much the last digit is too large: lowering it brings the result nearer to the exact value and leaves it
 * inside the interval. `unit`, what the digit counts, is the upper half; its lower half is zero.
 */
function excess(
  unit: number,
  restHigh: number,
  restLow: number,
  deltaHigh: number,
  deltaLow: number,
  distHigh: number,
  distLow: number,
): number {
  let count = 0;
  for (;; count++, restHigh += unit) {
    // How far the value is below, which must be more than nothing.
    const below = distLow - restLow;
    const belowHigh = distHigh - restHigh - (below < 0 ? 1 : 0);
    if (belowHigh < 0 || (belowHigh === 0 && below === 0)) return count;
    if (deltaHigh - restHigh - (deltaLow < restLow ? 1 : 0) < unit) return count;
    if (belowHigh > unit || (belowHigh === unit && below !== 0)) continue;
    // How far it would be above.
    const aboveHigh = unit - belowHigh - (below === 0 ? 0 : 1);
    if (aboveHigh > belowHigh || (aboveHigh === belowHigh && (-below >>> 0) >= (below >>> 0))) return count;
  }
}
