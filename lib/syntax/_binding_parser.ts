/**
 * Reads the bindings of sets and of `let`, and attribute paths: the layer of the parser above literals, see `parser.ts`.
 *
 * What a binding does to its set is told in `_attrs.ts`. When it does so is settled here, and shows in which of two errors
 * comes first: as by the actions of C++ Nix's grammar, an attribute is added, and found to be a duplicate, at its `;`, and
 * so are all names of an `inherit`; only that one of these is dynamic is found out as soon as it has been read.
 *
 * In a path `or`, `"a"` and `${"a"}` are names like `a`.
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
  singlePath,
  StringExpr,
  VarExpr,
} from "./ast.ts";
import { addAttr, AttrIndex, duplicateAttr, setName } from "./_attrs.ts";
import { appended } from "./_lists.ts";
import { LiteralParser } from "./_literal_parser.ts";
import { ParseError } from "./errors.ts";
import type { ParseOptions } from "./parse_options.ts";
import type { Pos, Source } from "./positions.ts";
import { intern, internRange, NO_SYMBOL, type Symbol, symbolName } from "./symbols.ts";

const OR = intern("or");

/** The rules for bindings and attribute paths. */
export abstract class BindingParser extends LiteralParser {
  readonly source: Source;
  readonly index = new AttrIndex();

  constructor(source: Source, bytes: Uint8Array, options: ParseOptions) {
    super(source, bytes, options);
    this.source = source;
  }

  /** A set from behind its `{` on. */
  attrs(pos: Pos, recursive: boolean): AttrsExpr {
    const attrs = this.bindings(57, pos);
    attrs.recursive = recursive;
    this.next();
    return attrs;
  }

  /** Bindings up to the token `closing`, which becomes the current one. */
  bindings(closing: number, pos: Pos): AttrsExpr {
    const attrs = emptyAttrs(pos);
    this.moreBindings(attrs, closing);
    return attrs;
  }

  moreBindings(attrs: AttrsExpr, closing: number): void {
    while (this.tok !== closing) {
      if (this.tok === 21) this.inherit(attrs);
      else {
        const pos = this.base + this.start;
        this.binding(attrs, pos, this.attrName());
      }
    }
    // Without the room that push() has left.
    if (attrs.attrs.length > 3) attrs.attrs = attrs.attrs.slice();
  }

  /** `= value;`, or the rest of a longer path first, behind the name at `pos`. */
  binding(attrs: AttrsExpr, pos: Pos, name: Symbol | Expr): void {
    const path = this.tok === 60 ? null : this.restOfAttrPath(name);
    this.expect(60);
    const value = this.expr();
    if (this.tok !== 50) this.fail();
    if (path !== null) addAttr(this.source, this.index, attrs, path, value, pos);
    else if (typeof name !== "number") attrs.dynamic = appended(attrs.dynamic, new DynamicAttrDef(name, value, pos));
    else if (this.index.find(attrs, name) === undefined) {
      attrs.attrs = appended(attrs.attrs, new AttrDef(name, AttrKind.Plain, value, pos));
      if (value instanceof LambdaExpr) setName(value, name);
    } else addAttr(this.source, this.index, attrs, [new AttrName(name)], value, pos);
    this.next();
  }

  inherit(attrs: AttrsExpr): void {
    let from: InheritFromExpr | null = null;
    let source: Expr | null = null;
    if (this.next() === 54) { // (
      this.next();
      const pos = this.base + this.start;
      source = this.expr();
      this.expect(55);
      from = new InheritFromExpr(pos, attrs.inheritFrom.length);
    }
    const names: Symbol[] = [];
    const positions: Pos[] = [];
    for (let tok = this.tok; tok === 3 || tok === 31 || tok === 53 || tok === 34; tok = this.tok) {
      const pos = this.base + this.start;
      const name = this.attrName();
      if (typeof name !== "number") throw new ParseError("dynamic attributes not allowed in inherit", pos);
      names.push(name);
      positions.push(pos);
    }
    if (this.tok !== 50) this.fail();
    if (source !== null) attrs.inheritFrom = appended(attrs.inheritFrom, source);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const pos = positions[i];
      const previous = this.index.find(attrs, name);
      if (previous !== undefined) throw duplicateAttr(this.source, symbolName(name), pos, previous.pos);
      attrs.attrs = appended(
        attrs.attrs,
        from === null
          ? new AttrDef(name, AttrKind.Inherited, new VarExpr(pos, name), pos)
          : new AttrDef(name, AttrKind.InheritedFrom, new SelectExpr(pos, from, singlePath(name), null), pos),
      );
    }
    this.next();
  }

  attrPath(): readonly AttrName[] {
    const name = this.attrName();
    return typeof name === "number" && this.tok !== 52 ? singlePath(name) : this.restOfAttrPath(name);
  }

  /** The path that begins with `name`, which has been read. */
  restOfAttrPath(name: Symbol | Expr): AttrName[] {
    let path = [attrNameOf(name)];
    while (this.tok === 52) { // .
      this.next();
      path = appended(path, attrNameOf(this.attrName()));
    }
    return path;
  }

  /** A static name, or the expression of a dynamic one. */
  attrName(): Symbol | Expr {
    switch (this.tok) {
      case 3: { // identifier
        const name = internRange(this.bytes, this.start, this.stop, this.hash, this.text);
        this.next();
        return name;
      }
      case 31: // or
        this.next();
        return OR;
      case 53: { // "
        const e = this.stringLiteral();
        return typeof e === "string" ? intern(e) : e;
      }
      case 34: { // ${
        this.next();
        const e = this.expr();
        this.expect(57);
        return e instanceof StringExpr ? intern(e.value) : e;
      }
      default:
        this.fail();
    }
  }
}

/** Returns a set without attributes, at `pos`. */
export function emptyAttrs(pos: Pos): AttrsExpr {
  const attrs = new AttrsExpr();
  attrs.pos = pos;
  return attrs;
}

function attrNameOf(name: Symbol | Expr): AttrName {
  return typeof name === "number" ? singlePath(name)[0] : new AttrName(NO_SYMBOL, name);
}
