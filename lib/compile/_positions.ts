/** Where errors of an expression point. */
import { type Expr, Kind, whole } from "../syntax/ast.ts";
import { NO_POS, type Pos } from "../syntax/positions.ts";
import { type NixError, typeError } from "../runtime/errors.ts";
import { typedValue } from "../runtime/print.ts";
import type { Value } from "../runtime/value.ts";

/** Returns the error of a condition or operand that should have been a Boolean. */
export function notBool(v: Value, pos: Pos): NixError {
  return typeError("expected a Boolean but found " + typedValue(v), pos);
}

/** The position C++ Nix has for an expression, where it has one. */
export function exprPos(expr: Expr): Pos {
  const e = whole(expr);
  switch (e.kind) {
    case Kind.Int:
    case Kind.Float:
    case Kind.String:
    case Kind.Path:
    case Kind.Let:
    case Kind.Eq:
    case Kind.NEq:
      return NO_POS;
    case Kind.HasAttr:
    case Kind.Not:
      return exprPos(e.expr);
    case Kind.List:
      return e.elems.length === 0 ? NO_POS : exprPos(e.elems[0]);
    case Kind.Piece:
      return exprPos(e.expr);
    default:
      return e.pos;
  }
}
