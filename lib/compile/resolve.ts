/**
 * Scope resolution: gives every variable its place.
 *
 * One pass over a file's tree, right after parsing, because C++ Nix reports undefined variables then, whether or not
 * they are ever evaluated. A variable is "so many environments up, that slot". The binding in force for each symbol is
 * kept in an array indexed by symbol and restored when its scope ends, which makes looking up a name one load whatever the
 * depth.
 *
 * What makes an environment (and must stay in step with compile.ts):
 * - a function, or a whole chain `a: b: …` of functions without set patterns: one slot per argument; with a set
 *   pattern: the `@` name first, then the formals;
 * - `let` and `rec`: the names, then one slot per `inherit (from)`;
 * - a plain set with `inherit (from)`: one slot per `from`;
 * - `with`: one slot, its set.
 * Formals and names say which slot is theirs: trees outlive processes (image.ts), and the order of symbols doesn't.
 */
import {
  type AttrDef,
  AttrKind,
  type AttrName,
  type AttrsExpr,
  type Expr,
  type Formal,
  type InheritFromExpr,
  Kind,
  type LambdaExpr,
  type SelectExpr,
  type VarExpr,
  type WithExpr,
} from "../syntax/ast.ts";
import { NO_SYMBOL, type Symbol } from "../syntax/symbols.ts";
import { Bug, undefinedVariable } from "../runtime/errors.ts";
import { showSymbol } from "../runtime/print.ts";

/** The `level` of a variable that is one of the globals; its slot indexes the list of globals. */
export const GLOBAL_LEVEL = -2;

/** Chains of functions longer than this are split: their arguments are copied when given one by one. */
const MAX_CHAIN = 8;

interface Binding {
  readonly depth: number;
  readonly slot: number;
  readonly outer: Binding | undefined;
}

/** Returns the static attributes of a set in the order of their symbols. Not to be changed. */
export function sortedAttrs(attrs: AttrsExpr): readonly AttrDef[] {
  return bySymbol(attrs.attrs);
}

/** Returns the same in the order of symbols, which are distinct. Most sources name things in that order already. */
function bySymbol<T extends { readonly name: Symbol }>(named: readonly T[]): readonly T[] {
  for (let i = 1; i < named.length; i++) {
    if (named[i].name < named[i - 1].name) return named.slice().sort((a, b) => a.name - b.name);
  }
  return named;
}

/** Returns the formals in the order of their symbols. */
export function sortedFormals(lambda: LambdaExpr): readonly Formal[] {
  return lambda.formals === null ? [] : bySymbol(lambda.formals.formals);
}

/** Returns the functions that take their arguments together: `expr` and those directly in its body. */
export function lambdaChain(expr: LambdaExpr): LambdaExpr[] {
  const chain = [expr];
  if (expr.formals !== null) return chain;
  let body = expr.body;
  while (chain.length < MAX_CHAIN && body.kind === Kind.Lambda && body.formals === null) {
    chain.push(body);
    body = body.body;
  }
  return chain;
}

/**
 * Resolves all variables of `expr`.
 * @param globals slot of each global name
 * @param outer names of the outermost environment, in slot order (`scopedImport`)
 * @throws {NixError} "undefined variable 'x'"
 */
export function resolve(expr: Expr, globals: ReadonlyMap<Symbol, number>, outer: readonly Symbol[] = []): void {
  const resolver = new Resolver(globals);
  resolver.bind(outer);
  resolver.expr(expr);
}

class Resolver {
  readonly #globals: ReadonlyMap<Symbol, number>;
  readonly #bound: (Binding | undefined)[] = [];
  /** How many environments enclose the current expression. */
  #depth = 0;
  /** Depths of the enclosing `with`s, outermost first. */
  readonly #withs: number[] = [];
  /** By depth: what {@link VarExpr.withs} is there, as long as `#withs` stays as it is. Shared by all variables. */
  #levels = new Map<number, readonly number[]>();

  constructor(globals: ReadonlyMap<Symbol, number>) {
    this.#globals = globals;
  }

  /** Enters an environment that binds `names` to its slots in order; `NO_SYMBOL` holds a slot without a name. */
  bind(names: readonly Symbol[]): void {
    const depth = ++this.#depth;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (name !== NO_SYMBOL) this.#bound[name] = { depth, slot: i, outer: this.#bound[name] };
    }
  }

  #unbind(names: readonly Symbol[]): void {
    this.#depth--;
    for (let i = names.length - 1; i >= 0; i--) {
      const name = names[i];
      if (name !== NO_SYMBOL) this.#bound[name] = this.#bound[name]!.outer;
    }
  }

  expr(e: Expr): void {
    switch (e.kind) {
      case Kind.Int:
      case Kind.Float:
      case Kind.String:
      case Kind.Path:
      case Kind.CurPos:
      case Kind.InheritFrom:
        return;
      case Kind.Var:
        return this.#variable(e);
      case Kind.Select:
        this.expr(e.expr);
        if (e.fallback !== null) this.expr(e.fallback);
        return this.#path(e.path);
      case Kind.HasAttr:
        this.expr(e.expr);
        return this.#path(e.path);
      case Kind.Attrs:
        return e.recursive ? this.#recursive(e, null) : this.#plain(e);
      case Kind.Let:
        return this.#recursive(e.attrs, e.body);
      case Kind.List:
        for (const element of e.elems) this.expr(element);
        return;
      case Kind.Lambda:
        return this.#lambda(e);
      case Kind.Call:
        this.expr(e.fn);
        for (const arg of e.args) this.expr(arg);
        return;
      case Kind.With:
        this.expr(e.attrs);
        return this.#with(e);
      case Kind.If:
        this.expr(e.cond);
        this.expr(e.then);
        return this.expr(e.otherwise);
      case Kind.Assert:
        this.expr(e.cond);
        return this.expr(e.body);
      case Kind.Not:
        return this.expr(e.expr);
      case Kind.ConcatStrings:
        for (const part of e.parts) this.expr(part.expr);
        return;
      case Kind.Lazy:
      case Kind.Piece:
        throw new Bug("a tree is resolved before it is made lazy");
      default:
        this.expr(e.left);
        return this.expr(e.right);
    }
  }

  #with(e: WithExpr): void {
    const levels = this.#levels;
    this.#levels = new Map();
    this.#withs.push(++this.#depth);
    this.expr(e.body);
    this.#withs.pop();
    this.#depth--;
    this.#levels = levels;
  }

  #variable(e: VarExpr): void {
    this.#place(e, this.#bound[e.name], this.#depth);
  }

  /** A variable of the scope around the innermost environment: `inherit x;` in a `rec` or `let` means the x outside. */
  #outerVariable(e: VarExpr): void {
    const binding = this.#bound[e.name];
    this.#place(e, binding?.depth === this.#depth ? binding.outer : binding, this.#depth - 1);
  }

  #place(e: VarExpr, binding: Binding | undefined, depth: number): void {
    if (binding !== undefined) {
      e.level = depth - binding.depth;
      e.slot = binding.slot;
      return;
    }
    const global = this.#globals.get(e.name);
    if (global !== undefined) {
      e.level = GLOBAL_LEVEL;
      e.slot = global;
      return;
    }
    if (this.#withs.length === 0) throw undefinedVariable(showSymbol(e.name), e.pos);
    let levels = this.#levels.get(depth);
    if (levels === undefined) {
      levels = this.#withs.map((at) => depth - at).reverse();
      this.#levels.set(depth, levels);
    }
    e.withs = levels;
  }

  #path(path: readonly AttrName[]): void {
    for (const step of path) if (step.expr !== null) this.expr(step.expr);
  }

  #lambda(e: LambdaExpr): void {
    const chain = lambdaChain(e);
    if (e.formals === null) {
      // Of equal names the innermost wins; the outer ones keep their slot without a name.
      const names = chain.map((l) => l.arg);
      for (let i = 0; i < names.length; i++) if (names.indexOf(names[i], i + 1) >= 0) names[i] = NO_SYMBOL;
      this.bind(names);
      this.expr(chain[chain.length - 1].body);
      return this.#unbind(names);
    }
    const formals = sortedFormals(e);
    const names = formals.map((f) => f.name);
    if (e.arg !== NO_SYMBOL) names.unshift(e.arg);
    const first = names.length - formals.length;
    for (let i = 0; i < formals.length; i++) formals[i].slot = first + i;
    this.bind(names);
    for (const formal of e.formals.formals) if (formal.fallback !== null) this.expr(formal.fallback);
    this.expr(e.body);
    this.#unbind(names);
  }

  #recursive(attrs: AttrsExpr, body: Expr | null): void {
    const sorted = sortedAttrs(attrs);
    const names = sorted.map((a) => a.name);
    for (let i = 0; i < sorted.length; i++) sorted[i].slot = i;
    this.bind(names);
    for (const from of attrs.inheritFrom) this.expr(from);
    for (const attr of sorted) {
      if (attr.kind === AttrKind.Inherited) this.#outerVariable(attr.expr as VarExpr);
      else this.#attr(attr, names.length);
    }
    this.#dynamic(attrs);
    if (body !== null) this.expr(body);
    this.#unbind(names);
  }

  #plain(attrs: AttrsExpr): void {
    for (const from of attrs.inheritFrom) this.expr(from);
    for (const attr of sortedAttrs(attrs)) this.#attr(attr, 0);
    this.#dynamic(attrs);
  }

  /** An attribute in the scope of the set itself; `inherit (from)` sources start at slot `fromSlot`. */
  #attr(attr: AttrDef, fromSlot: number): void {
    if (attr.kind !== AttrKind.InheritedFrom) return this.expr(attr.expr);
    const from = (attr.expr as SelectExpr).expr as InheritFromExpr;
    from.slot = fromSlot + from.index;
  }

  #dynamic(attrs: AttrsExpr): void {
    for (const { name, value } of attrs.dynamic) {
      this.expr(name);
      this.expr(value);
    }
  }
}
