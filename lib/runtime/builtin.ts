/**
 * How builtins are declared.
 *
 * A builtin is a record; families of pure ones are exported as arrays, those with effects are made by factories from
 * the few things they need. `builtins/mod.ts` is the one list of them. The evaluator turns the list into the global
 * scope and the set `builtins`.
 */
import type { Slot, Value } from "./value.ts";

/** A built-in function. */
export interface Builtin {
  /** Nix's spelling, without `__`. */
  readonly name: string;
  /** In the global scope under its bare name (`map`, `import`); others are there as `__name`. */
  readonly bare?: boolean;
  /** Names of the parameters, for documentation; their number is the arity (at least 1). */
  readonly params: readonly string[];
  /** User documentation, Markdown. */
  readonly doc: string;
  /** The experimental feature without which it does not exist. */
  readonly feature?: string;
  /** True where C++ Nix adds no "while calling the … builtin" frame. */
  readonly untraced?: boolean;
  /** True for those that are not in the set `builtins` (internal ones). */
  readonly hidden?: boolean;
  /** Gets as many slots as there are parameters, none of them forced. */
  // deno-lint-ignore no-explicit-any
  readonly call: (...args: any[]) => Value;
}

/** A value under a name in `builtins` (and the global scope). */
export interface BuiltinConstant {
  readonly name: string;
  readonly bare?: boolean;
  readonly doc: string;
  /** Absent in pure evaluation. */
  readonly impureOnly?: boolean;
  readonly value: Slot;
}
