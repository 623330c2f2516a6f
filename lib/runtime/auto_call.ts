/**
 * Calling what turns out to be a function where a value was wanted: the top level of `nix-instantiate FILE`, and each
 * step of `-A a.b`. Its arguments are those given with `--arg` and `--argstr`.
 */
import type { Pos } from "../syntax/positions.ts";
import { NO_POS } from "../syntax/positions.ts";
import { intern } from "../syntax/symbols.ts";
import { showSymbol } from "./print.ts";
import { Attrs, AttrsBuilder, flat, getAttr } from "./attrs.ts";
import { call1 } from "./call.ts";
import { hint, NixError } from "./errors.ts";
import { force } from "./thunk.ts";
import { Lambda, lambdaExpr, PartialLambda, type Slot, type Value } from "./value.ts";
import { valuePos } from "./value_pos.ts";

const FUNCTOR = intern("__functor");

/**
 * Returns the value in `slot`, called with what it takes of `args` if it is a function with a set pattern (or a set with
 * a `__functor` that comes to one), called with all of them if the pattern ends in `...`.
 * @throws {NixError} of kind `missing-argument` if it wants what isn't there
 */
export function autoCall(slot: Slot, args: Attrs): Value {
  const pos = valuePos(slot, NO_POS);
  const v = force(slot, pos);
  const functor = v instanceof Attrs ? getAttr(v, FUNCTOR) : undefined;
  if (functor !== undefined) return autoCall(call1(force(functor, pos), v, pos), args);
  if (!(v instanceof Lambda || v instanceof PartialLambda)) return v;
  const { formals } = lambdaExpr(v);
  if (formals === null) return v;
  if (formals.ellipsis) return call1(v, args, pos);
  const taken = new AttrsBuilder();
  for (const formal of formals.formals) {
    const arg = getAttr(args, formal.name);
    if (arg !== undefined) taken.add(formal.name, arg);
    else if (formal.fallback === null) throw missingArgument(showSymbol(formal.name), formal.pos);
  }
  return call1(v, flat(taken.build()), pos);
}

function missingArgument(name: string, pos: Pos): NixError {
  const message = hint`cannot evaluate a function that has an argument without a value ('${name}')
Nix attempted to evaluate a function as a top level expression; in
this case it must have its arguments supplied either by default
values, or passed explicitly with '--arg' or '--argstr'. See
https://nix.dev/manual/nix/stable/language/syntax.html#functions.`;
  return new NixError("missing-argument", message, pos);
}
