/**
 * Arithmetic and comparison.
 *
 * Integers have 64 bits and overflow is an error. They are JS numbers while safe and bigints beyond; a result that is
 * safe needs no more than that check, everything else is redone with bigints. A float on either side makes the result a
 * float. `-`, `*`, `/` and `<` of the language are calls of these builtins.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { lessThan as valueLessThan } from "../lib/runtime/equality.ts";
import { forceFloat, forceInt } from "../lib/runtime/expect.ts";
import { force } from "../lib/runtime/thunk.ts";
import { fitsInt64, Float, floatOf, floatText, normaliseInt, type Slot, type Value } from "../lib/runtime/value.ts";
import { valuePos } from "../lib/runtime/value_pos.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { formatFloatGeneral } from "../lib/text/float.ts";

/** Returns `e1 + e2` of two numbers. */
function add(e1: Slot, e2: Slot): Value {
  const a = force(e1);
  const b = force(e2);
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const first = "while evaluating the first argument of the addition";
  const second = "while evaluating the second argument of the addition";
  // As C++ Nix 2.34 is compiled for x86, of two NaNs it is the second that stays; so it is with products.
  if (a instanceof Float || b instanceof Float) return floatOf(forceFloat(e1, first) + forceFloat(e2, second), b, a);
  const x = forceInt(e1, first);
  const y = forceInt(e2, second);
  const sum = BigInt(x) + BigInt(y);
  if (fitsInt64(sum)) return normaliseInt(sum);
  throw evalError(hint`integer overflow in adding ${x} + ${y}`);
}

/** Returns `e1 - e2`. */
function sub(e1: Slot, e2: Slot): Value {
  const a = force(e1);
  const b = force(e2);
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  const first = "while evaluating the first argument of the subtraction";
  const second = "while evaluating the second argument of the subtraction";
  if (a instanceof Float || b instanceof Float) return floatOf(forceFloat(e1, first) - forceFloat(e2, second), a, b);
  const x = forceInt(e1, first);
  const y = forceInt(e2, second);
  const difference = BigInt(x) - BigInt(y);
  if (fitsInt64(difference)) return normaliseInt(difference);
  throw evalError(hint`integer overflow in subtracting ${x} - ${y}`);
}

/** Returns `e1 * e2`. */
function mul(e1: Slot, e2: Slot): Value {
  const a = force(e1);
  const b = force(e2);
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    // A product that comes out as a safe integer is exact. Adding 0 turns -0 into 0.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  const second = "while evaluating the second argument of the multiplication";
  if (a instanceof Float || b instanceof Float) {
    const x = forceFloat(e1, "while evaluating the first of the multiplication");
    return floatOf(x * forceFloat(e2, second), b, a);
  }
  const first = "while evaluating the first argument of the multiplication";
  const x = forceInt(e1, first);
  const y = forceInt(e2, second);
  const product = BigInt(x) * BigInt(y);
  if (fitsInt64(product)) return normaliseInt(product);
  throw evalError(hint`integer overflow in multiplying ${x} * ${y}`);
}

/** Returns `e1 / e2`; of integers the quotient, cut towards zero. */
function div(e1: Slot, e2: Slot): Value {
  const a = force(e1);
  const b = force(e2);
  if (typeof a === "number" && typeof b === "number" && b !== 0) return (a - a % b) / b + 0;
  const first = "while evaluating the first operand of the division";
  const second = "while evaluating the second operand of the division";
  const divisor = forceFloat(e2, second);
  if (divisor === 0) throw evalError("division by zero");
  if (a instanceof Float || b instanceof Float) return floatOf(forceFloat(e1, first) / divisor, a, b);
  const x = forceInt(e1, first);
  const y = forceInt(e2, second);
  const quotient = BigInt(x) / BigInt(y);
  if (fitsInt64(quotient)) return normaliseInt(quotient);
  throw evalError(hint`integer overflow in dividing ${x} / ${y}`);
}

/** Returns whether `e1 < e2`. `sort` recognises a comparator by being this function. */
export function lessThan(e1: Slot, e2: Slot): boolean {
  return valueLessThan(e1, e2);
}

function bitwise(
  name: string,
  doc: string,
  small: (a: number, b: number) => number,
  big: (a: bigint, b: bigint) => bigint,
): Builtin {
  const first = `while evaluating the first argument passed to builtins.${name}`;
  const second = `while evaluating the second argument passed to builtins.${name}`;
  const call = (e1: Slot, e2: Slot): Value => {
    const a = forceInt(e1, first);
    const b = forceInt(e2, second);
    if (typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b) return small(a, b);
    return normaliseInt(big(BigInt(a), BigInt(b)));
  };
  return { name, params: ["e1", "e2"], doc, call };
}

function rounding(name: string, doc: string, round: (n: number) => number): Builtin {
  const words = `while evaluating the first argument passed to builtins.${name}`;
  const call = (number: Slot): Value => {
    const rounded = round(forceFloat(number, words, valuePos(number, NO_POS)));
    const v = force(number);
    if (typeof v === "number") return v;
    const inRange = rounded >= -(2 ** 63) && rounded < 2 ** 63;
    if (v instanceof Float) {
      if (inRange) return normaliseInt(BigInt(rounded));
      throw evalError(hint`NixFloat argument ${floatText(v, formatFloatGeneral)} is not in the range of NixInt`);
    }
    return throughDouble(v as bigint, rounded, inRange);
  };
  return { name, params: ["number"], doc, call };
}

/** As C++ Nix 2.34 does: an integer that a double can't hold is an error, though it needs no rounding. */
function throughDouble(n: bigint, rounded: number, inRange: boolean): bigint {
  const due = "Due to a bug (see https://github.com/NixOS/nix/issues/12899)";
  const future = "\n\tFuture Nix versions might implement the correct behavior.";
  if (!inRange) {
    throw evalError(
      due + hint` the NixInt argument ${n} caused undefined behavior in previous Nix versions.` + future,
    );
  }
  if (BigInt(rounded) !== n) {
    throw evalError(
      due + " a loss of precision occurred in previous Nix versions because the NixInt argument " +
        hint`${n} was rounded to ${BigInt(rounded)}.` + future,
    );
  }
  return n;
}

/** `add`, `sub`, `mul`, `div`, `bitAnd`, `bitOr`, `bitXor`, `ceil`, `floor`, `lessThan`. */
export const ARITHMETIC_BUILTINS: readonly Builtin[] = [
  rounding("ceil", "Returns the least integer that is not below *number*.", Math.ceil),
  rounding("floor", "Returns the greatest integer that is not above *number*.", Math.floor),
  { name: "add", params: ["e1", "e2"], doc: "Returns the sum of two numbers.", call: add },
  { name: "sub", params: ["e1", "e2"], doc: "Returns *e1* minus *e2*.", call: sub },
  { name: "mul", params: ["e1", "e2"], doc: "Returns the product of two numbers.", call: mul },
  {
    name: "div",
    params: ["e1", "e2"],
    doc: "Returns *e1* divided by *e2*. Of two integers it is the quotient, cut towards zero.",
    call: div,
  },
  bitwise("bitAnd", "Returns the bitwise AND of two integers.", (a, b) => a & b, (a, b) => a & b),
  bitwise("bitOr", "Returns the bitwise OR of two integers.", (a, b) => a | b, (a, b) => a | b),
  bitwise("bitXor", "Returns the bitwise exclusive OR of two integers.", (a, b) => a ^ b, (a, b) => a ^ b),
  {
    name: "lessThan",
    params: ["e1", "e2"],
    doc:
      "Returns whether *e1* comes before *e2*: numbers by size, strings and paths by bytes, lists element by element. Other types have no order.",
    call: lessThan,
  },
];
