/**
 * Syntax trees as bytes, to be kept from one run to the next and read only as far as they are needed.
 *
 * Most of what a large evaluation parses is never evaluated: of nixpkgs' 600 KB of all-packages.nix, hello needs some
 * hundred lines. An image holds a resolved tree (lib/compile/resolve.ts) as numbers, so that opening it costs next to
 * nothing, and {@link LazyExpr}s stand for the parts that may never be evaluated.
 *
 * Layout, in 32-bit words of this machine's byte order: the header (see {@link Header}), for each symbol where its name
 * ends and its hash, the nodes, then the bytes of all names and those of all strings. A node is its kind, with flags from
 * bit 8 on, and then what its class in ast.ts has, in that order; other nodes are named by where they begin, 0 for none.
 * Symbols are numbered by the file's own list, which has them in the order in which the parser meets them: it is visible
 * (symbols.ts), so they are all made when an image is opened. Positions count from the start of the file, -1 is none.
 */
import {
  AndExpr,
  AssertExpr,
  AttrDef,
  type AttrKind,
  AttrName,
  AttrsExpr,
  CallExpr,
  ConcatListsExpr,
  ConcatStringsExpr,
  CurPosExpr,
  DynamicAttrDef,
  EqExpr,
  type Expr,
  FloatExpr,
  Formal,
  type Formals,
  HasAttrExpr,
  IfExpr,
  ImplExpr,
  InheritFromExpr,
  IntExpr,
  Kind,
  LambdaExpr,
  LazyExpr,
  LetExpr,
  ListExpr,
  NEqExpr,
  NO_DYNAMIC,
  NO_SOURCES,
  NotExpr,
  OrExpr,
  PathExpr,
  SelectExpr,
  singlePath,
  StringExpr,
  StringPart,
  type TreeSource,
  UpdateExpr,
  VarExpr,
  WithExpr,
} from "./ast.ts";
import type { Pos } from "./positions.ts";
import { hashOfSymbol, internRange, type Symbol, symbolName } from "./symbols.ts";

/** Changes with the layout, and with anything else that makes an image of another version wrong. */
export const IMAGE_VERSION = 1;

/** Words of the header. */
const Header = { Version: 0, Symbols: 1, Nodes: 2, Root: 3, NameBytes: 4, StringBytes: 5, Size: 6 } as const;

const FLAG = 256;
const KIND_MASK = 255;

/** What a text of Latin-1 is as bytes, and back. */
export interface Latin1 {
  readonly encode: (text: string) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => string;
}

/**
 * Returns the image of a tree whose positions start at `base`; `met` are all symbols the parser met, in that order.
 * Nothing may have been evaluated yet.
 */
export function encodeImage(root: Expr, base: Pos, met: readonly Symbol[], { encode }: Latin1): Uint8Array {
  const encoder = new Encoder(base, met);
  const at = encoder.node(root);
  const { symbols } = encoder;
  const names = symbols.map(symbolName).join("");
  const strings = encoder.strings.join("");
  const head = Header.Size + 2 * symbols.length;
  const words = new Int32Array(head + encoder.length + ((names.length + strings.length + 3) >> 2));
  words.set([IMAGE_VERSION, symbols.length, encoder.length, at, names.length, strings.length]);
  let end = 0;
  symbols.forEach((symbol, i) => {
    words[Header.Size + 2 * i] = end += symbolName(symbol).length;
    words[Header.Size + 2 * i + 1] = hashOfSymbol(symbol);
  });
  words.set(encoder.words.subarray(0, encoder.length), head);
  const bytes = new Uint8Array(words.buffer);
  bytes.set(encode(names), 4 * (head + encoder.length));
  bytes.set(encode(strings), 4 * (head + encoder.length) + names.length);
  return bytes;
}

/** Writes nodes, children first. */
class Encoder {
  words = new Int32Array(1 << 12);
  // 0 is no node.
  length = 1;
  readonly symbols: Symbol[];
  readonly strings: string[] = [];
  #stringsEnd = 0;
  readonly #stringAt = new Map<string, number>();
  readonly #base: Pos;
  readonly #symbols = new Map<Symbol, number>([[0, 0]]);

  constructor(base: Pos, symbols: readonly Symbol[]) {
    this.#base = base;
    this.symbols = [...symbols];
    symbols.forEach((symbol, i) => this.#symbols.set(symbol, i + 1));
  }

  /** Appends words; the last ones may be left out. Spelt out, since this is what encoding is made of. */
  #put(a: number, b?: number, c?: number, d?: number, e?: number): number {
    const at = this.length;
    if (at + 5 > this.words.length) {
      const larger = new Int32Array(2 * this.words.length);
      larger.set(this.words);
      this.words = larger;
    }
    const words = this.words;
    let n = at;
    words[n++] = a;
    if (b !== undefined) words[n++] = b;
    if (c !== undefined) words[n++] = c;
    if (d !== undefined) words[n++] = d;
    if (e !== undefined) words[n++] = e;
    this.length = n;
    return at;
  }

  #putAll(words: readonly number[]): void {
    for (let i = 0; i < words.length; i++) this.#put(words[i]);
  }

  #pos(pos: Pos): number {
    return pos === 0 ? -1 : pos - this.#base;
  }

  /** The parser's own names (`__sub`, `body`) aren't among those it met. They are always there, so order is no matter. */
  #symbol(symbol: Symbol): number {
    let number = this.#symbols.get(symbol);
    if (number === undefined) {
      number = this.symbols.push(symbol);
      this.#symbols.set(symbol, number);
    }
    return number;
  }

  #text(kind: number, text: string): number {
    let at = this.#stringAt.get(text);
    if (at === undefined) {
      at = this.#stringsEnd;
      this.#stringAt.set(text, at);
      this.strings.push(text);
      this.#stringsEnd += text.length;
    }
    return this.#put(kind, at, text.length);
  }

  #wide(kind: number, value: BigInt64Array<ArrayBuffer> | Float64Array<ArrayBuffer>): number {
    const [low, high] = new Int32Array(value.buffer);
    return this.#put(kind, low, high);
  }

  #orNone(e: Expr | null): number {
    return e === null ? 0 : this.node(e);
  }

  #path(path: readonly AttrName[]): number[] {
    return path.flatMap(({ name, expr }) => [this.#symbol(name), this.#orNone(expr)]);
  }

  node(e: Expr): number {
    switch (e.kind) {
      case Kind.Int:
        return this.#wide(e.kind, BigInt64Array.of(BigInt(e.value)));
      case Kind.Float:
        return this.#wide(e.kind, Float64Array.of(e.value));
      case Kind.String:
      case Kind.Path:
        return this.#text(e.kind, e.value);
      case Kind.Var: {
        if (e.withs === null) return this.#put(e.kind, this.#pos(e.pos), this.#symbol(e.name), e.level, e.slot);
        const at = this.#put(e.kind | FLAG, this.#pos(e.pos), this.#symbol(e.name), e.withs.length);
        this.#putAll(e.withs);
        return at;
      }
      case Kind.CurPos:
        return this.#put(e.kind, this.#pos(e.pos));
      case Kind.Select: {
        const path = this.#path(e.path);
        const at = this.#put(e.kind, this.#pos(e.pos), this.node(e.expr), this.#orNone(e.fallback), e.path.length);
        this.#putAll(path);
        return at;
      }
      case Kind.HasAttr: {
        const path = this.#path(e.path);
        const at = this.#put(e.kind, this.node(e.expr), e.path.length);
        this.#putAll(path);
        return at;
      }
      case Kind.Attrs:
        return this.#attrs(e);
      case Kind.List: {
        const elems = e.elems.map((elem) => this.node(elem));
        const at = this.#put(e.kind, elems.length);
        this.#putAll(elems);
        return at;
      }
      case Kind.Lambda: {
        const formals = e.formals?.formals ?? [];
        const fallbacks = formals.map((f) => this.#orNone(f.fallback));
        const flags = e.formals === null ? 0 : e.formals.ellipsis ? 3 * FLAG : FLAG;
        const at = this.#put(
          e.kind | flags,
          this.#pos(e.pos),
          this.#symbol(e.arg),
          this.#symbol(e.name),
          this.node(e.body),
        );
        this.#put(formals.length);
        formals.forEach((f, i) => this.#put(this.#pos(f.pos), this.#symbol(f.name), fallbacks[i], f.slot));
        return at;
      }
      case Kind.Call: {
        const args = e.args.map((arg) => this.node(arg));
        const at = this.#put(e.kind, this.#pos(e.pos), this.node(e.fn), args.length);
        this.#putAll(args);
        return at;
      }
      case Kind.Let:
        return this.#put(e.kind, this.#attrs(e.attrs), this.node(e.body));
      case Kind.With:
        return this.#put(e.kind, this.#pos(e.pos), this.node(e.attrs), this.node(e.body));
      case Kind.If:
        return this.#put(e.kind, this.#pos(e.pos), this.node(e.cond), this.node(e.then), this.node(e.otherwise));
      case Kind.Assert:
        return this.#put(e.kind, this.#pos(e.pos), this.node(e.cond), this.node(e.body));
      case Kind.Not:
        return this.#put(e.kind, this.node(e.expr));
      case Kind.Eq:
      case Kind.NEq:
        return this.#put(e.kind, this.node(e.left), this.node(e.right));
      case Kind.ConcatStrings: {
        const parts = e.parts.flatMap((part) => [this.#pos(part.pos), this.node(part.expr)]);
        const at = this.#put(e.kind | (e.forceString ? FLAG : 0), this.#pos(e.pos), e.parts.length);
        this.#putAll(parts);
        return at;
      }
      case Kind.InheritFrom:
        return this.#put(e.kind, this.#pos(e.pos), e.index, e.slot);
      case Kind.Lazy:
        return this.node(e.source.expr(e.at));
      case Kind.Piece:
        return this.node(e.expr);
      default:
        return this.#put(e.kind, this.#pos(e.pos), this.node(e.left), this.node(e.right));
    }
  }

  #attrs(e: AttrsExpr): number {
    // One by one: there may be more than a call takes arguments.
    const attrs = e.attrs.map((a) => this.node(a.expr));
    const dynamic = e.dynamic.map((d) => [this.node(d.name), this.node(d.value), this.#pos(d.pos)]);
    const from = e.inheritFrom.map((source) => this.node(source));
    const flags = e.recursive ? FLAG : 0;
    const at = this.#put(e.kind | flags, this.#pos(e.pos), attrs.length, dynamic.length, from.length);
    e.attrs.forEach((a, i) => this.#put(this.#symbol(a.name), a.kind, attrs[i], this.#pos(a.pos), a.slot));
    for (const words of dynamic) this.#putAll(words);
    this.#putAll(from);
    return at;
  }
}

/** Opens an image whose file has positions from `base` on; makes its symbols. Undefined if these bytes are no image. */
export function openImage(bytes: Uint8Array<ArrayBuffer>, base: Pos, latin1: Latin1): Expr | undefined {
  if (bytes.length < 4 * Header.Size || bytes.byteOffset % 4 !== 0) return undefined;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  if (words[Header.Version] !== IMAGE_VERSION) return undefined;
  const symbolCount = words[Header.Symbols];
  const head = Header.Size + 2 * symbolCount;
  const namesAt = 4 * (head + words[Header.Nodes]);
  const stringsAt = namesAt + words[Header.NameBytes];
  if ((stringsAt + words[Header.StringBytes] + 3) >> 2 !== words.length) return undefined;
  const names = latin1.decode(bytes.subarray(namesAt, stringsAt));
  const symbols = new Int32Array(symbolCount + 1);
  const nameBytes = bytes.subarray(namesAt, stringsAt);
  let start = 0;
  for (let i = 0; i < symbolCount; i++) {
    const end = words[Header.Size + 2 * i];
    symbols[i + 1] = internRange(nameBytes, start, end, words[Header.Size + 2 * i + 1], names);
    start = end;
  }
  const strings = bytes.subarray(stringsAt, stringsAt + words[Header.StringBytes]);
  const nodes = words.subarray(head, head + words[Header.Nodes]);
  return new Image({ nodes, symbols, base, strings: () => latin1.decode(strings) }).expr(words[Header.Root]);
}

class Image implements TreeSource {
  readonly #nodes: Int32Array;
  readonly #symbols: Int32Array;
  readonly #base: Pos;
  readonly #readStrings: () => string;
  #strings: string | null = null;
  #lastWiths: readonly number[] = [];

  constructor(parts: {
    readonly nodes: Int32Array;
    readonly symbols: Int32Array;
    readonly base: Pos;
    readonly strings: () => string;
  }) {
    this.#nodes = parts.nodes;
    this.#symbols = parts.symbols;
    this.#base = parts.base;
    this.#readStrings = parts.strings;
  }

  #pos(at: number): Pos {
    const offset = this.#nodes[at];
    return offset < 0 ? 0 : this.#base + offset;
  }

  #text(at: number): string {
    const strings = this.#strings ??= this.#readStrings();
    const start = this.#nodes[at + 1];
    return strings.substring(start, start + this.#nodes[at + 2]);
  }

  /** A child that may never be evaluated. What is no larger than a {@link LazyExpr} is read all the same. */
  #lazy(at: number): Expr {
    switch (this.#nodes[at] & KIND_MASK) {
      case Kind.Int:
      case Kind.Float:
      case Kind.String:
      case Kind.Path:
      case Kind.Var:
      case Kind.CurPos:
      case Kind.InheritFrom:
        return this.expr(at);
      case Kind.List:
        if (this.#nodes[at + 1] === 0) return this.expr(at);
    }
    return new LazyExpr(this, at);
  }

  /** A child that may never be evaluated, but whose function heads are wanted. */
  #lazyBody(at: number): Expr {
    return (this.#nodes[at] & KIND_MASK) === Kind.Lambda ? this.expr(at) : this.#lazy(at);
  }

  #path(at: number, length: number): readonly AttrName[] {
    if (length === 1 && this.#nodes[at + 1] === 0) return singlePath(this.#symbols[this.#nodes[at]]);
    const path = new Array<AttrName>(length);
    for (let i = 0; i < length; i++, at += 2) {
      const expr = this.#nodes[at + 1];
      path[i] = new AttrName(this.#symbols[this.#nodes[at]], expr === 0 ? null : this.expr(expr));
    }
    return path;
  }

  /** Levels of `with`s. Variables side by side have the same ones. */
  #withs(at: number, length: number): readonly number[] {
    const last = this.#lastWiths;
    let same = last.length === length;
    for (let i = 0; same && i < length; i++) same = last[i] === this.#nodes[at + i];
    return same ? last : this.#lastWiths = Array.from(this.#nodes.subarray(at, at + length));
  }

  #lazyList(at: number, length: number): Expr[] {
    const list = new Array<Expr>(length);
    for (let i = 0; i < length; i++) list[i] = this.#lazy(this.#nodes[at + i]);
    return list;
  }

  expr(at: number): Expr {
    const w = this.#nodes;
    const head = w[at];
    switch (head & KIND_MASK) {
      case Kind.Int: {
        const value = BigInt(w[at + 2]) << 32n | BigInt(w[at + 1] >>> 0);
        const number = Number(value);
        return new IntExpr(Number.isSafeInteger(number) ? number : value);
      }
      case Kind.Float:
        return new FloatExpr(new Float64Array(w.slice(at + 1, at + 3).buffer)[0]);
      case Kind.String:
        return new StringExpr(this.#text(at));
      case Kind.Path:
        return new PathExpr(this.#text(at));
      case Kind.Var: {
        const variable = new VarExpr(this.#pos(at + 1), this.#symbols[w[at + 2]]);
        if (head < FLAG) {
          variable.level = w[at + 3];
          variable.slot = w[at + 4];
        } else variable.withs = this.#withs(at + 4, w[at + 3]);
        return variable;
      }
      case Kind.CurPos:
        return new CurPosExpr(this.#pos(at + 1));
      case Kind.Select: {
        const fallback = w[at + 3] === 0 ? null : this.#lazy(w[at + 3]);
        return new SelectExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#path(at + 5, w[at + 4]), fallback);
      }
      case Kind.HasAttr:
        return new HasAttrExpr(this.expr(w[at + 1]), this.#path(at + 3, w[at + 2]));
      case Kind.Attrs:
        return this.#attrs(at);
      case Kind.List:
        return new ListExpr(this.#lazyList(at + 2, w[at + 1]));
      case Kind.Lambda: {
        const formals = head < FLAG ? null : this.#formals(at);
        const lambda = new LambdaExpr(this.#pos(at + 1), this.#symbols[w[at + 2]], formals, this.#lazyBody(w[at + 4]));
        lambda.name = this.#symbols[w[at + 3]];
        return lambda;
      }
      case Kind.Call:
        return new CallExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#lazyList(at + 4, w[at + 3]));
      case Kind.Let:
        return new LetExpr(this.#attrs(w[at + 1]), this.expr(w[at + 2]));
      case Kind.With:
        return new WithExpr(this.#pos(at + 1), this.#lazy(w[at + 2]), this.expr(w[at + 3]));
      case Kind.If:
        return new IfExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#lazy(w[at + 3]), this.#lazy(w[at + 4]));
      case Kind.Assert:
        return new AssertExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#lazy(w[at + 3]));
      case Kind.Not:
        return new NotExpr(this.expr(w[at + 1]));
      case Kind.Eq:
        return new EqExpr(this.expr(w[at + 1]), this.expr(w[at + 2]));
      case Kind.NEq:
        return new NEqExpr(this.expr(w[at + 1]), this.expr(w[at + 2]));
      case Kind.And:
        return new AndExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#lazy(w[at + 3]));
      case Kind.Or:
        return new OrExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#lazy(w[at + 3]));
      case Kind.Impl:
        return new ImplExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.#lazy(w[at + 3]));
      case Kind.Update:
        return new UpdateExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.expr(w[at + 3]));
      case Kind.ConcatLists:
        return new ConcatListsExpr(this.#pos(at + 1), this.expr(w[at + 2]), this.expr(w[at + 3]));
      case Kind.ConcatStrings: {
        const parts = new Array<StringPart>(w[at + 2]);
        for (let i = 0; i < parts.length; i++) {
          parts[i] = new StringPart(this.#pos(at + 3 + 2 * i), this.expr(w[at + 4 + 2 * i]));
        }
        return new ConcatStringsExpr(this.#pos(at + 1), head >= FLAG, parts);
      }
      default: {
        const from = new InheritFromExpr(this.#pos(at + 1), w[at + 2]);
        from.slot = w[at + 3];
        return from;
      }
    }
  }

  #formals(at: number): Formals {
    const w = this.#nodes;
    const formals = new Array<Formal>(w[at + 5]);
    let sorted = true;
    for (let i = 0, p = at + 6; i < formals.length; i++, p += 4) {
      const fallback = w[p + 2] === 0 ? null : this.#lazy(w[p + 2]);
      const formal = formals[i] = new Formal(this.#pos(p), this.#symbols[w[p + 1]], fallback);
      formal.slot = w[p + 3];
      if (i > 0 && formals[i - 1].name > formal.name) sorted = false;
    }
    if (!sorted) formals.sort((a, b) => a.name - b.name);
    return { formals, ellipsis: w[at] >= 3 * FLAG };
  }

  #attrs(at: number): AttrsExpr {
    const w = this.#nodes;
    const attrs = new Array<AttrDef>(w[at + 2]);
    const dynamic = w[at + 3] === 0 ? NO_DYNAMIC : new Array<DynamicAttrDef>(w[at + 3]);
    const inheritFrom = w[at + 4] === 0 ? NO_SOURCES : new Array<Expr>(w[at + 4]);
    let p = at + 5;
    for (let i = 0; i < attrs.length; i++, p += 5) {
      const def = new AttrDef(this.#symbols[w[p]], w[p + 1] as AttrKind, this.#lazy(w[p + 2]), this.#pos(p + 3));
      def.slot = w[p + 4];
      attrs[i] = def;
    }
    for (let i = 0; i < dynamic.length; i++, p += 3) {
      dynamic[i] = new DynamicAttrDef(this.expr(w[p]), this.#lazyBody(w[p + 1]), this.#pos(p + 2));
    }
    for (let i = 0; i < inheritFrom.length; i++, p++) inheritFrom[i] = this.#lazy(w[p]);
    const e = new AttrsExpr(attrs, dynamic, inheritFrom);
    e.recursive = w[at] >= FLAG;
    e.pos = this.#pos(at + 1);
    return e;
  }
}
