/**
 * Adds attributes to sets under construction: nested paths, merging, names of functions.
 *
 * `a.b = 1; a = { c = 2; };` makes one set. As C++ Nix 2.34 does it, a later set is poured into the earlier one, which
 * keeps its position and its `rec`; only sets written as such merge, and any other second definition is an error.
 */
import {
  AttrDef,
  AttrKind,
  AttrName,
  AttrsExpr,
  DynamicAttrDef,
  type Expr,
  InheritFromExpr,
  LambdaExpr,
  SelectExpr,
} from "./ast.ts";
import { appended } from "./_lists.ts";
import { hint, ParseError, showOffset } from "./errors.ts";
import type { Pos, Source } from "./positions.ts";
import { showAttrPath } from "./show.ts";
import { NO_SYMBOL, type Symbol } from "./symbols.ts";

/** Returns the error for a second definition, at `pos`, of what is defined at `previous`. */
export function duplicateAttr(source: Source, path: string, pos: Pos, previous: Pos): ParseError {
  return new ParseError(
    hint`attribute '${path}' already defined at ${showOffset(source, previous - source.base)}`,
    pos,
  );
}

/**
 * Adds `path = value;`, which stands at `pos`, to `attrs`.
 *
 * @throws {ParseError} when it is defined already.
 */
export function addAttr(
  source: Source,
  index: AttrIndex,
  attrs: AttrsExpr,
  path: AttrName[],
  value: Expr,
  pos: Pos,
): void {
  const last = path.length - 1;
  for (let i = 0; i < last; i++) {
    const { name, expr } = path[i];
    let nested: AttrsExpr;
    if (name === NO_SYMBOL) {
      nested = new AttrsExpr();
      attrs.dynamic = appended(attrs.dynamic, new DynamicAttrDef(expr!, nested, pos));
    } else {
      const previous = index.find(attrs, name);
      if (previous === undefined) {
        nested = new AttrsExpr();
        attrs.attrs = appended(attrs.attrs, new AttrDef(name, AttrKind.Plain, nested, pos));
      } else {
        if (!(previous.expr instanceof AttrsExpr)) {
          throw duplicateAttr(source, showAttrPath(path.slice(0, i + 1)), pos, previous.pos);
        }
        nested = previous.expr;
      }
    }
    attrs = nested;
  }
  const { name, expr } = path[last];
  if (name === NO_SYMBOL) attrs.dynamic = appended(attrs.dynamic, new DynamicAttrDef(expr!, value, pos));
  else define(source, index, attrs, path, new AttrDef(name, AttrKind.Plain, value, pos));
}

/** Adds `def`, whose name is the last of `path`. */
function define(source: Source, index: AttrIndex, attrs: AttrsExpr, path: AttrName[], def: AttrDef): void {
  const previous = index.find(attrs, def.name);
  if (previous === undefined) {
    attrs.attrs = appended(attrs.attrs, def);
    setName(def.expr, def.name);
    return;
  }
  if (!(previous.expr instanceof AttrsExpr && def.expr instanceof AttrsExpr)) {
    throw duplicateAttr(source, showAttrPath(path), def.pos, previous.pos);
  }
  const into = previous.expr;
  const from = def.expr;
  const offset = into.inheritFrom.length;
  // In the order of symbols: it decides which of two duplicates is reported.
  for (const attr of [...from.attrs].sort((a, b) => a.name - b.name)) {
    path.push(new AttrName(attr.name));
    define(source, index, into, path, offset === 0 ? attr : moved(attr, offset));
    path.pop();
  }
  into.dynamic = [...into.dynamic, ...from.dynamic];
  into.inheritFrom = [...into.inheritFrom, ...from.inheritFrom];
}

/** `attr`, with its source found `offset` places further on. (C++ Nix 2.34 adds it once per name, and crashes.) */
function moved(attr: AttrDef, offset: number): AttrDef {
  if (attr.kind !== AttrKind.InheritedFrom) return attr;
  const select = attr.expr as SelectExpr;
  const from = select.expr as InheritFromExpr;
  const expr = new SelectExpr(select.pos, new InheritFromExpr(from.pos, from.index + offset), select.path, null);
  return new AttrDef(attr.name, attr.kind, expr, attr.pos);
}

/** Curried functions are all called by the name of the attribute. */
export function setName(expr: Expr, name: Symbol): void {
  while (expr instanceof LambdaExpr) {
    expr.name = name;
    expr = expr.body;
  }
}

/** From this many attributes on, a set is searched by an index. */
const LARGE = 24;

/** The attributes of large sets under construction, by name. */
export class AttrIndex {
  readonly #sets = new Map<AttrsExpr, SymbolMap>();
  #last: AttrsExpr | null = null;
  #lastMap = new SymbolMap();

  /** Returns the static attribute `name` of `set`, which only grows meanwhile. */
  find(set: AttrsExpr, name: Symbol): AttrDef | undefined {
    const { attrs } = set;
    const { length } = attrs;
    if (length < LARGE) {
      for (let i = 0; i < length; i++) if (attrs[i].name === name) return attrs[i];
      return undefined;
    }
    const map = set === this.#last ? this.#lastMap : this.#switchTo(set);
    while (map.size < length) map.add(attrs[map.size].name);
    const index = map.get(name);
    return index < 0 ? undefined : attrs[index];
  }

  #switchTo(set: AttrsExpr): SymbolMap {
    let map = this.#sets.get(set);
    if (map === undefined) this.#sets.set(set, map = new SymbolMap());
    this.#last = set;
    this.#lastMap = map;
    return map;
  }
}

/** Numbers symbols as they are added, from 0. Cheaper than a Map, which shows in sets of 20,000 attributes. */
class SymbolMap {
  size = 0;
  // Open addressing; symbols made one after the other end up side by side.
  #keys = new Int32Array(64);
  #values = new Int32Array(64);

  add(name: Symbol): void {
    if (2 * this.size >= this.#keys.length) this.#grow();
    this.#put(name, this.size++);
  }

  /** Returns -1 for a symbol that wasn't added. */
  get(name: Symbol): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    for (let at = name & mask; keys[at] !== 0; at = (at + 1) & mask) if (keys[at] === name) return this.#values[at];
    return -1;
  }

  #put(name: Symbol, value: number): void {
    const keys = this.#keys;
    const mask = keys.length - 1;
    let at = name & mask;
    while (keys[at] !== 0) at = (at + 1) & mask;
    keys[at] = name;
    this.#values[at] = value;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Int32Array(4 * keys.length);
    this.#values = new Int32Array(4 * keys.length);
    for (let i = 0; i < keys.length; i++) if (keys[i] !== 0) this.#put(keys[i], values[i]);
  }
}
