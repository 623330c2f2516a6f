/**
 * What a Nix value is in memory.
 *
 * - null, true and false are themselves.
 * - An integer is a JS number while it is a safe integer and a bigint beyond; every producer normalises
 *   ({@link normaliseInt}), so that equal integers have one form, and -0 never escapes.
 * - A float is a {@link Float}: a JS number is always an integer.
 * - A string is a JS string with one char (0..255) per byte; with context it is a {@link ContextString}.
 * - A list is a plain array of slots, an attribute set an {@link Attrs} (attrs.ts).
 * - A function is a {@link Lambda}, a {@link PartialLambda}, a {@link Primop} or a {@link PrimopApp}.
 *
 * A *slot* is a place that holds a value or a {@link Thunk} for one: list elements, attributes, variables and arguments
 * are slots. C++ Nix compares functions by the identity of the cell that holds them. Here the identity of a cell is the
 * identity of what the slot holds, which is why a slot whose thunk turned into a function or a list keeps the thunk
 * (see `replacesThunk` in thunk.ts): replacing it would make two cells look like one.
 */
import type { Pos, PosTable } from "../syntax/positions.ts";
import type { LambdaExpr } from "../syntax/ast.ts";
import type { Attrs } from "./attrs.ts";
import type { Context } from "./context.ts";
import type { Env } from "./env.ts";
import type { Thunk } from "./thunk.ts";

/** A value in weak head normal form. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | Float
  | string
  | ContextString
  | PathValue
  | Slot[]
  | Attrs
  | FunctionValue;

/** The longest string V8 can make, in bytes. */
export const MAX_STRING_LENGTH = 0x1fffffe8;

/** Anything that can be called without being a set with `__functor`. */
export type FunctionValue = Lambda | PartialLambda | Primop | PrimopApp;

/** A place for a value, evaluated or not. */
export type Slot = Value | Thunk;

/** A floating-point value. Boxed, because bare JS numbers are integers. */
export class Float {
  constructor(readonly value: number) {}
}

/**
 * The NaN whose sign bit is set, which C++ Nix prints as "-nan". It has a class because the bit isn't to be had of a number:
 * V8 carries it through arithmetic, but may drop it when a number becomes part of an object.
 */
export class NegativeNan extends Float {
  constructor() {
    super(NaN);
  }
}

/**
 * Returns the float that an operation on `first` and `second` came to, one of them a float. A NaN has the sign that x86 gives
 * it: that of `first` if it is a NaN, else that of `second`; one that comes of other numbers is negative.
 */
export function floatOf(result: number, first: Value, second: Value): Float {
  if (result === result) return new Float(result);
  const from = isNan(first) ? first : isNan(second) ? second : undefined;
  return from === undefined || from instanceof NegativeNan ? new NegativeNan() : new Float(NaN);
}

function isNan(v: Value): boolean {
  return v instanceof Float && v.value !== v.value;
}

/** Returns the text of a float in one of the formats of lib/text/float.ts that know infinities. */
export function floatText(float: Float, format: (value: number) => string): string {
  return float instanceof NegativeNan ? "-nan" : format(float.value);
}

/** A string that refers to store paths. `context` is never empty: without context a string is a JS string. */
export class ContextString {
  constructor(readonly text: string, readonly context: Context) {}
}

/** A path value: absolute, canonical bytes. */
export class PathValue {
  constructor(
    readonly path: string,
    /** Set for files that exist only inside the evaluator, such as `<nix/fetchurl.nix>`: how they print. */
    readonly display: string | null = null,
  ) {}
}

/** What is shared by all closures of one function expression. Made by the compiler. */
export interface LambdaCode {
  readonly expr: LambdaExpr;
  /** How many arguments run the body: 1, or more for `a: b: …` chains. */
  readonly arity: number;
  /** The expression of the innermost function of such a chain (`expr` itself when arity is 1). */
  readonly inner: LambdaExpr;
  readonly positions: PosTable;
  /** Whether error traces list every call (`--show-trace`). */
  readonly showCalls: () => boolean;
  /** Runs the body in an environment that holds the arguments. */
  body: (env: Env) => Value;
  /**
   * Runs the body of a hot function of one to three plain arguments in an environment that is made of `closure` and them only
   * if something needs one; null for all others.
   */
  direct: ((closure: Env, a: Slot, b?: Slot, c?: Slot) => Value) | null;
  /** For functions with a set pattern: checks the argument and makes the environment; null for plain arguments. */
  bind: ((closure: Env, arg: Slot, pos: Pos) => Env) | null;
}

/** A function closed over its environment. */
export class Lambda {
  constructor(readonly code: LambdaCode, readonly env: Env) {}
}

/** An `a: b: …` function that has got some of its arguments. */
export class PartialLambda {
  constructor(readonly code: LambdaCode, readonly env: Env, readonly args: readonly Slot[]) {}
}

/** A built-in function as a value. */
export class Primop {
  constructor(
    readonly name: string,
    readonly arity: number,
    /** Changes only between evaluations, where one evaluator does several (`Evaluator.renew`). */
    // deno-lint-ignore no-explicit-any
    public call: (...args: any[]) => Value,
    /** False for the few whose frames C++ Nix leaves out of traces. */
    readonly traced: boolean = true,
  ) {}
}

/** A built-in function that has got some of its arguments. */
export class PrimopApp {
  constructor(readonly primop: Primop, readonly args: readonly Slot[]) {}
}

/** The empty list that literals share; lists never change what they hold. */
export const EMPTY_LIST: Slot[] = [];

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;

/** Returns the one form of an integer: number if safe, else bigint. */
export function normaliseInt(n: bigint): number | bigint {
  return n >= -9007199254740991n && n <= 9007199254740991n ? Number(n) : n;
}

/** Whether `n` fits the 64-bit integers of the language. */
export function fitsInt64(n: bigint): boolean {
  return n >= MIN_INT && n <= MAX_INT;
}

/** Whether `v` is an integer. */
export function isInt(v: Slot): v is number | bigint {
  return typeof v === "number" || typeof v === "bigint";
}

/** Whether `v` is a string, with or without context. */
export function isString(v: Slot): v is string | ContextString {
  return typeof v === "string" || v instanceof ContextString;
}

/** Returns the bytes of a string value. */
export function stringText(v: string | ContextString): string {
  return typeof v === "string" ? v : v.text;
}

/** Returns the context of a string value, null when it has none. */
export function stringContext(v: string | ContextString): Context | null {
  return typeof v === "string" ? null : v.context;
}

/** Returns a string value: plain when `context` is null. */
export function makeString(text: string, context: Context | null): string | ContextString {
  return context === null ? text : new ContextString(text, context);
}

/** Whether `v` is a function (sets with `__functor` are not). */
export function isFunction(v: Slot): v is FunctionValue {
  return v instanceof Lambda || v instanceof Primop || v instanceof PartialLambda || v instanceof PrimopApp;
}

/** Returns the innermost function expression a lambda value stands for: that of the next argument. */
export function lambdaExpr(v: Lambda | PartialLambda): LambdaExpr {
  let expr = v.code.expr;
  if (v instanceof PartialLambda) {
    for (let i = 0; i < v.args.length; i++) expr = expr.body as LambdaExpr;
  }
  return expr;
}
