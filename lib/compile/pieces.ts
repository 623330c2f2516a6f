/**
 * Files that are edited, in pieces.
 *
 * Where values stay and know what they were made from (lib/runtime/tracking.ts), a file is one thing, and whatever was made
 * from it goes with each edit. For most files that is good enough. But all options of a system depend on each of its
 * modules, if only because each may define them, and people edit one file many times. So a file that has been edited once
 * is cut into pieces: each expression that waits (arguments, attributes, list elements, bindings, defaults) and each
 * body of a function is one, without the pieces in it. Values depend on those pieces that ran.
 *
 * When the file is edited again, the new tree is laid beside the old one ({@link revise}). A piece that says the same but
 * for pieces in it stays, with all that was made from it; one that doesn't is given the new expression. Code that refers to
 * it runs that from then on, in the environments that it always ran in: variables are places (resolve.ts), and what is
 * around the piece, which decides on these, is the same.
 *
 * What this must keep: nothing that runs outside a piece looks into it, so an expression that is a constant waits too in
 * these files. Variables and functions don't, as functions are told apart by where they are; the bodies of these do.
 * Comments and layout are no part of a tree. Positions are, but as nothing depends on them except what
 * asks for them, they are moved in the table ({@link PosTable.move}).
 */
import { AttrKind, type Expr, Kind, LambdaExpr, PieceExpr } from "../syntax/ast.ts";
import type { EditedFile, Pos } from "../syntax/positions.ts";
import { depend } from "../runtime/tracking.ts";
import type { CompileContext, Run } from "./code.ts";
import { GLOBAL_LEVEL } from "./resolve.ts";

/** Cuts the resolved tree of a file into pieces, in place, and returns the one that is all of it. */
export function cut(expr: Expr, file: EditedFile): PieceExpr {
  new Cutter(file).inside(expr);
  return new PieceExpr(expr, file);
}

class Cutter {
  readonly #file: EditedFile;

  constructor(file: EditedFile) {
    this.#file = file;
  }

  /** Returns what takes the place of an expression that waits. */
  #piece(e: Expr): Expr {
    this.inside(e);
    switch (e.kind) {
      case Kind.Var:
        return e.withs === null ? e : new PieceExpr(e, this.#file);
      case Kind.Lambda:
      case Kind.InheritFrom:
        return e;
      default:
        return new PieceExpr(e, this.#file);
    }
  }

  #pieces(list: Expr[]): void {
    for (let i = 0; i < list.length; i++) list[i] = this.#piece(list[i]);
  }

  /** Cuts what is in an expression. */
  inside(e: Expr): void {
    switch (e.kind) {
      case Kind.Select:
        this.inside(e.expr);
        for (const step of e.path) if (step.expr !== null) this.inside(step.expr);
        if (e.fallback !== null) this.inside(e.fallback);
        return;
      case Kind.HasAttr:
        this.inside(e.expr);
        for (const step of e.path) if (step.expr !== null) this.inside(step.expr);
        return;
      case Kind.Let:
        this.inside(e.attrs);
        return this.inside(e.body);
      case Kind.Attrs:
        this.#pieces(e.inheritFrom);
        // Of inherited ones nothing but the name is in the file.
        for (const attr of e.attrs) if (attr.kind === AttrKind.Plain) attr.expr = this.#piece(attr.expr);
        for (const attr of e.dynamic) {
          this.inside(attr.name);
          attr.value = this.#piece(attr.value);
        }
        return;
      case Kind.List:
        return this.#pieces(e.elems);
      case Kind.Lambda:
        return this.#lambda(e);
      case Kind.Call:
        this.inside(e.fn);
        // Operands of arithmetic, which is calls of globals, don't wait.
        if (e.fn.kind === Kind.Var && e.fn.level === GLOBAL_LEVEL) { for (const arg of e.args) this.inside(arg); }
        else this.#pieces(e.args);
        return;
      case Kind.With:
        this.inside(e.attrs);
        return this.inside(e.body);
      case Kind.If:
        this.inside(e.cond);
        this.inside(e.then);
        return this.inside(e.otherwise);
      case Kind.Assert:
        this.inside(e.cond);
        return this.inside(e.body);
      case Kind.Not:
        return this.inside(e.expr);
      case Kind.Eq:
      case Kind.NEq:
      case Kind.And:
      case Kind.Or:
      case Kind.Impl:
      case Kind.Update:
      case Kind.ConcatLists:
        this.inside(e.left);
        return this.inside(e.right);
      case Kind.ConcatStrings:
        for (const part of e.parts) this.inside(part.expr);
    }
  }

  #lambda(e: LambdaExpr): void {
    for (const formal of e.formals?.formals ?? []) {
      if (formal.fallback !== null) formal.fallback = this.#piece(formal.fallback);
    }
    if (e.body.kind === Kind.Lambda) return this.#lambda(e.body);
    this.inside(e.body);
    e.body = new PieceExpr(e.body, this.#file);
  }
}

/** Compiles a piece to what runs whatever it says then. */
export function compilePiece(piece: PieceExpr, cx: CompileContext): Run {
  let expr: Expr | null = null;
  let run!: Run;
  return (env) => {
    depend(piece);
    if (expr !== piece.expr) {
      expr = piece.expr;
      run = cx.compile(expr);
    }
    return run(env);
  };
}

/** What {@link revise} did. */
export interface Revision {
  /** The pieces that say something else now. */
  readonly changed: readonly PieceExpr[];
  /** Positions of what stays, as they were and as they are in the later version. */
  readonly moved: readonly (readonly [from: Pos, to: Pos])[];
}

/** Makes a tree in pieces say what another one says, of a later version of the same file. */
export function revise(top: PieceExpr, next: PieceExpr): Revision {
  const changes: { readonly piece: PieceExpr; readonly expr: Expr }[] = [];
  const moved: [Pos, Pos][] = [];

  const revisePiece = (piece: PieceExpr, by: PieceExpr): void => {
    const before = { changes: changes.length, moved: moved.length };
    if (isSame(piece.expr, by.expr)) return;
    // What is in it goes with it.
    changes.length = before.changes;
    moved.length = before.moved;
    changes.push({ piece, expr: by.expr });
  };

  /** Whether two nodes, or what is in them, are the same but for pieces, which are revised. */
  const isSame = (a: unknown, b: unknown): boolean => {
    if (a === b) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (a instanceof PieceExpr && b instanceof PieceExpr) {
      revisePiece(a, b);
      return true;
    }
    if (a.constructor !== b.constructor) return false;
    const one = a as Readonly<Record<string, unknown>>;
    const other = b as Readonly<Record<string, unknown>>;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    for (const key of keys) {
      if (key === "pos") moved.push([one[key] as Pos, other[key] as Pos]);
      // What a function was last bound to is for traces.
      else if (!(key === "name" && a instanceof LambdaExpr) && !isSame(one[key], other[key])) return false;
    }
    return true;
  };

  revisePiece(top, next);
  for (const { piece, expr } of changes) piece.expr = expr;
  return { changed: changes.map(({ piece }) => piece), moved };
}
