/** Checks the formals of a function, in the order in which C++ Nix 2.34 does it. */
import type { Formal, Formals } from "./ast.ts";
import { hint, ParseError } from "./errors.ts";
import type { Pos } from "./positions.ts";
import { type Symbol, symbolName } from "./symbols.ts";

/** What fits into C++ Nix's count. */
const MOST = 65535;

/**
 * Returns `formals` sorted by symbol, which is the order in which C++ Nix looks for missing ones. `arg` is the name of
 * the whole argument, or NO_SYMBOL; `pos` that of the function.
 *
 * @throws {ParseError} when a name comes twice. Of several, the first symbol is reported, at its second place.
 */
export function checkFormals({ formals, ellipsis }: Formals, arg: Symbol, pos: Pos): Formals {
  const sorted = sort(formals);
  let has = false;
  for (let i = 0; i < sorted.length; i++) {
    const { name } = sorted[i];
    if (name === arg) has = true;
    if (i > 0 && name === sorted[i - 1].name) throw duplicate(name, sorted[i].pos);
  }
  if (has) throw duplicate(arg, pos);
  if (sorted.length > MOST) {
    throw new ParseError(`too many formal arguments, implementation supports at most ${MOST}`, pos);
  }
  return { formals: sorted, ellipsis };
}

function duplicate(name: Symbol, pos: Pos): ParseError {
  return new ParseError(hint`duplicate formal function argument '${symbolName(name)}'`, pos);
}

function sort(formals: readonly Formal[]): readonly Formal[] {
  for (let i = 1; i < formals.length; i++) {
    if (formals[i].name <= formals[i - 1].name) return [...formals].sort((a, b) => a.name - b.name || a.pos - b.pos);
  }
  return formals;
}
