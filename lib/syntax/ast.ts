/**
 * The syntax tree of a Nix expression.
 *
 * It keeps C++ Nix's desugarings, because they are visible: in `nix-instantiate --parse`, in error positions and in
 * the names that scope resolution looks up (`a - b` is a call of the variable `__sub`, which a `let __sub = …` in
 * scope captures). Nodes are classes only so that each kind has one hidden class; they carry no behaviour. All
 * strings are binary strings (one char per byte).
 *
 * Fields marked "resolved" are filled in by `lib/compile/resolve.ts`, once, before anything runs.
 */
import type { EditedFile, Pos } from "./positions.ts";
import { NO_SYMBOL, type Symbol } from "./symbols.ts";

/** Discriminates {@link Expr}. A plain object of numbers, not an enum, so that `switch` compiles to a jump table. */
export const Kind = {
  Int: 0,
  Float: 1,
  String: 2,
  Path: 3,
  Var: 4,
  CurPos: 5,
  Select: 6,
  HasAttr: 7,
  Attrs: 8,
  List: 9,
  Lambda: 10,
  Call: 11,
  Let: 12,
  With: 13,
  If: 14,
  Assert: 15,
  Not: 16,
  Eq: 17,
  NEq: 18,
  And: 19,
  Or: 20,
  Impl: 21,
  Update: 22,
  ConcatLists: 23,
  ConcatStrings: 24,
  InheritFrom: 25,
  Lazy: 26,
  Piece: 27,
} as const;

/** Any expression. */
export type Expr =
  | IntExpr
  | FloatExpr
  | StringExpr
  | PathExpr
  | VarExpr
  | CurPosExpr
  | SelectExpr
  | HasAttrExpr
  | AttrsExpr
  | ListExpr
  | LambdaExpr
  | CallExpr
  | LetExpr
  | WithExpr
  | IfExpr
  | AssertExpr
  | NotExpr
  | EqExpr
  | NEqExpr
  | AndExpr
  | OrExpr
  | ImplExpr
  | UpdateExpr
  | ConcatListsExpr
  | ConcatStringsExpr
  | InheritFromExpr
  | LazyExpr
  | PieceExpr;

/** An integer literal: a number while it is a safe integer, a bigint beyond (at most 2^63 - 1). */
export class IntExpr {
  readonly kind = Kind.Int;
  constructor(readonly value: number | bigint) {}
}

export class FloatExpr {
  readonly kind = Kind.Float;
  constructor(readonly value: number) {}
}

/** A string without interpolation (also a URL literal, also the constant pieces of a {@link ConcatStringsExpr}). */
export class StringExpr {
  readonly kind = Kind.String;
  constructor(readonly value: string) {}
}

/** A path literal, already absolute and canonical (but a first piece of an interpolated path may end in "/"). */
export class PathExpr {
  readonly kind = Kind.Path;
  constructor(readonly value: string) {}
}

export class VarExpr {
  readonly kind = Kind.Var;
  /** Resolved: how many environments up; -1 while unresolved. With `withs` set, those of the innermost `with`. */
  level = -1;
  /** Resolved: slot in that environment (0 is the first variable). */
  slot = -1;
  /** Resolved: for a variable that only a `with` can supply, the levels of all enclosing `with`s, innermost first. */
  withs: readonly number[] | null = null;
  constructor(readonly pos: Pos, readonly name: Symbol) {}
}

/** `__curPos`. */
export class CurPosExpr {
  readonly kind = Kind.CurPos;
  constructor(readonly pos: Pos) {}
}

/** One step of an attribute path: a static name, or (when `name` is {@link NO_SYMBOL}) an expression. */
export class AttrName {
  constructor(readonly name: Symbol, readonly expr: Expr | null = null) {}
}

/** By symbol: paths of one static name, which most paths are. */
const singlePaths: (readonly AttrName[] | undefined)[] = [];

/** Returns the path that is one static name; always the same one. */
export function singlePath(name: Symbol): readonly AttrName[] {
  // Without holes: a sparse array would become a hash table.
  while (singlePaths.length <= name) singlePaths.push(undefined);
  return singlePaths[name] ??= [new AttrName(name)];
}

/** `expr.path` or `expr.path or fallback`. */
export class SelectExpr {
  readonly kind = Kind.Select;
  constructor(
    readonly pos: Pos,
    readonly expr: Expr,
    readonly path: readonly AttrName[],
    readonly fallback: Expr | null,
  ) {}
}

/** `expr ? path`. */
export class HasAttrExpr {
  readonly kind = Kind.HasAttr;
  constructor(readonly expr: Expr, readonly path: readonly AttrName[]) {}
}

/** How a static attribute is defined, which says in which scope its expression lives. */
export const AttrKind = {
  /** `name = expr;` the scope inside (of a `rec`) or around the set. */
  Plain: 0,
  /** `inherit name;` the scope around the set; `expr` is a {@link VarExpr}. */
  Inherited: 1,
  /** `inherit (from) name;` `expr` is a {@link SelectExpr} on an {@link InheritFromExpr}. */
  InheritedFrom: 2,
} as const;
export type AttrKind = typeof AttrKind[keyof typeof AttrKind];

export class AttrDef {
  /** Resolved, in a `rec` or `let`: slot in its environment (0 is the first variable). */
  slot = -1;
  constructor(readonly name: Symbol, readonly kind: AttrKind, public expr: Expr, readonly pos: Pos) {}
}

/** `${name} = value;` inside a set. */
export class DynamicAttrDef {
  constructor(readonly name: Expr, public value: Expr, readonly pos: Pos) {}
}

// Shared, and never changed.
const NO_ATTRS: AttrDef[] = [];
export const NO_DYNAMIC: DynamicAttrDef[] = [];
export const NO_SOURCES: Expr[] = [];

/** `{ … }` or `rec { … }`; also the bindings of a `let`. Nested paths (`a.b = …`) are already sets of sets. */
export class AttrsExpr {
  readonly kind = Kind.Attrs;
  recursive = false;
  /** Position of the opening `{` or `rec`; 0 for sets made from nested paths and for let bindings. */
  pos: Pos = 0;
  constructor(
    // Lists grow by `appended` (_lists.ts): empty ones are shared.
    /** Static attributes, each name once, in source order of their first mention. */
    public attrs: AttrDef[] = NO_ATTRS,
    public dynamic: DynamicAttrDef[] = NO_DYNAMIC,
    /** The `from` of each `inherit (from) …`, evaluated at most once per set; see {@link InheritFromExpr}. */
    public inheritFrom: Expr[] = NO_SOURCES,
  ) {}
}

/** The value of `inheritFrom[index]` of the enclosing set or let. Such sources live in an environment of their own. */
export class InheritFromExpr {
  readonly kind = Kind.InheritFrom;
  /** Resolved: slot in the environment the select is evaluated in. */
  slot = -1;
  constructor(readonly pos: Pos, readonly index: number) {}
}

export class ListExpr {
  readonly kind = Kind.List;
  constructor(readonly elems: Expr[]) {}
}

export class Formal {
  /** Resolved: slot in the function's environment. */
  slot = -1;
  constructor(readonly pos: Pos, readonly name: Symbol, public fallback: Expr | null) {}
}

/** The `{ a, b ? 1, ... }` of a function head, sorted by symbol; names are distinct. */
export interface Formals {
  readonly formals: readonly Formal[];
  readonly ellipsis: boolean;
}

/** A function: `arg: body`, `{ formals }: body`, `{ formals } @ arg: body`. */
export class LambdaExpr {
  readonly kind = Kind.Lambda;
  /** The name it was bound to, for traces; {@link NO_SYMBOL} when anonymous. */
  name: Symbol = NO_SYMBOL;
  constructor(
    readonly pos: Pos,
    /** {@link NO_SYMBOL} where there is only a set pattern. */
    readonly arg: Symbol,
    readonly formals: Formals | null,
    public body: Expr,
  ) {}
}

/** `fn a b c`: consecutive arguments are one call, as in C++ Nix. */
export class CallExpr {
  readonly kind = Kind.Call;
  constructor(readonly pos: Pos, readonly fn: Expr, readonly args: Expr[]) {}
}

export class LetExpr {
  readonly kind = Kind.Let;
  constructor(readonly attrs: AttrsExpr, readonly body: Expr) {}
}

export class WithExpr {
  readonly kind = Kind.With;
  constructor(readonly pos: Pos, readonly attrs: Expr, readonly body: Expr) {}
}

export class IfExpr {
  readonly kind = Kind.If;
  constructor(readonly pos: Pos, readonly cond: Expr, readonly then: Expr, readonly otherwise: Expr) {}
}

export class AssertExpr {
  readonly kind = Kind.Assert;
  constructor(readonly pos: Pos, readonly cond: Expr, readonly body: Expr) {}
}

export class NotExpr {
  readonly kind = Kind.Not;
  constructor(readonly expr: Expr) {}
}

export class EqExpr {
  readonly kind = Kind.Eq;
  constructor(readonly left: Expr, readonly right: Expr) {}
}

export class NEqExpr {
  readonly kind = Kind.NEq;
  constructor(readonly left: Expr, readonly right: Expr) {}
}

export class AndExpr {
  readonly kind = Kind.And;
  constructor(readonly pos: Pos, readonly left: Expr, readonly right: Expr) {}
}

export class OrExpr {
  readonly kind = Kind.Or;
  constructor(readonly pos: Pos, readonly left: Expr, readonly right: Expr) {}
}

export class ImplExpr {
  readonly kind = Kind.Impl;
  constructor(readonly pos: Pos, readonly left: Expr, readonly right: Expr) {}
}

export class UpdateExpr {
  readonly kind = Kind.Update;
  constructor(readonly pos: Pos, readonly left: Expr, readonly right: Expr) {}
}

export class ConcatListsExpr {
  readonly kind = Kind.ConcatLists;
  constructor(readonly pos: Pos, readonly left: Expr, readonly right: Expr) {}
}

/** One piece of a {@link ConcatStringsExpr}; `pos` is where an error in that piece points. */
export class StringPart {
  constructor(readonly pos: Pos, readonly expr: Expr) {}
}

/** `"…${e}…"`, an interpolated path, or `a + b` (then `forceString` is false: the first piece decides the type). */
export class ConcatStringsExpr {
  readonly kind = Kind.ConcatStrings;
  constructor(readonly pos: Pos, readonly forceString: boolean, readonly parts: readonly StringPart[]) {}
}

/** Where trees are read from only as far as they are needed; see image.ts. */
export interface TreeSource {
  /** Returns the node at a place, and with it all that is always evaluated when it is. */
  expr(at: number): Expr;
  /** What compiles it: for whoever compiles. */
  compiler: unknown;
}

/** An expression that hasn't been read yet: {@link whole} reads it. Only where a child may never be evaluated. */
export class LazyExpr {
  readonly kind = Kind.Lazy;
  constructor(readonly source: TreeSource, readonly at: number) {}
}

/**
 * A child that may never be evaluated, or the body of a function, in a file that has been edited: what it says may become
 * something else while what is around it stays (lib/compile/pieces.ts).
 */
export class PieceExpr {
  readonly kind = Kind.Piece;
  constructor(public expr: Expr, readonly file: EditedFile) {}
}

/** Returns the expression itself, read if it wasn't. Not remembered: who reads it keeps it, or has no more use for it. */
export function whole(e: Expr): Exclude<Expr, LazyExpr> {
  return e.kind === Kind.Lazy ? e.source.expr(e.at) as Exclude<Expr, LazyExpr> : e;
}
