// Floats as C++ Nix 2.34 prints and reads them. There are three outputs:
//
//   fixed     `%f`, six decimals           toString, string interpolation through toString
//   general   `%g`, six significant digits printing (nix-instantiate --eval, traces), toXML, error messages
//   JSON      Grisu2, round-trips          toJSON, --json, structured attributes
//
// Traps: C rounds exact ties to even where JavaScript's toFixed and toPrecision round them away from zero; only
// numbers that are dyadic rationals can be ties, so those are looked at apart. C prints the sign of a NaN, which a number
// of JavaScript's doesn't have for sure: here it is "nan", and NegativeNan of lib/runtime/value.ts is the other one.

import { grisu2 } from "./_grisu2.ts";

function nonFinite(value: number): string {
  return value !== value ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Returns `value` with six decimals, as C's `%f`: `1.5` is "1.500000"; infinities are "inf" and "-inf", NaN is "nan". */
export function formatFloatFixed(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}.000000`;
  // A tie at the sixth decimal is an odd multiple of 2^-7 exactly.
  const eighths = magnitude * 128;
  if (Number.isInteger(eighths) && eighths % 2 === 1) {
    const down = (BigInt(eighths) * 15625n - 1n) / 2n;
    const even = (down % 2n === 0n ? down : down + 1n).toString().padStart(7, "0");
    return `${sign}${even.slice(0, -6)}.${even.slice(-6)}`;
  }
  return sign + magnitude.toFixed(6);
}

/** Six significant digits of a finite positive number, ties to even, and the decimal exponent of the first. */
function sixDigits(magnitude: number): { digits: string; exponent: number } {
  // 40 digits tell a tie: no double comes that close to a seven-digit decimal without being equal to it.
  const exact = magnitude.toExponential(40);
  const at = exact.indexOf("e");
  const digits = exact[0]! + exact.slice(2, at);
  const exponent = Number(exact.slice(at + 1));
  const six = digits.slice(0, 6);
  const rest = digits.slice(6);
  const tie = /^50*$/.test(rest);
  const up = tie ? Number(six[5]) % 2 === 1 : rest[0]! >= "5";
  if (!up) return { digits: six, exponent };
  const next = String(Number(six) + 1);
  return next.length === 7 ? { digits: "100000", exponent: exponent + 1 } : { digits: next, exponent };
}

/** Returns `value` as C's `%g` does: six significant digits, no trailing zeros, an exponent below -4 and from 6 on. */
export function formatFloatGeneral(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (value === 0) return sign + "0";
  const { digits, exponent } = sixDigits(Math.abs(value));
  if (exponent < -4 || exponent >= 6) {
    const fraction = digits.slice(1).replace(/0+$/, "");
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}${fraction && "." + fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`.replace(/0+$/, "");
  const fraction = digits.slice(exponent + 1).replace(/0+$/, "");
  return sign + digits.slice(0, exponent + 1) + (fraction && "." + fraction);
}

/**
 * Returns `value` as nlohmann::json writes a double: always with a point or an exponent, exponents of two digits or
 * more, fixed notation for 10^-4 <= |value| < 10^15; "null" for infinities and NaN.
 */
export function formatFloatJson(value: number): string {
  if (!Number.isFinite(value)) return "null";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (value === 0) return sign + "0.0";
  const { digits, exponent } = grisu2(Math.abs(value));
  const point = digits.length + exponent;
  if (digits.length <= point && point <= 15) return `${sign}${digits.padEnd(point, "0")}.0`;
  if (0 < point && point <= 15) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  if (-4 < point && point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  const power = point - 1;
  const size = String(Math.abs(power)).padStart(2, "0");
  return `${sign}${digits[0]}${digits.length > 1 ? "." + digits.slice(1) : ""}e${power < 0 ? "-" : "+"}${size}`;
}
