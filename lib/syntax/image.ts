/**
 * Syntax trees as bytes, to be kept from one run to the next and read only as far as they are needed.
 *
 * Most of what a large evaluation parses is never evaluated: of nixpkgs' 600 KB of all-packages.nix, hello needs some
 * hundred lines. An image holds a resolved tree (lib/compile/resolve.ts) as numbers, so that opening it costs next to
 * nothing, and {@link LazyExpr}s stand for the parts that may never be evaluated.
 *
 * Layout, in 32-bit words of this machine's byte order: the header (see {@link Header}), the lengths and hashes of all
 * symbols, the nodes, then all names and all strings as one text in UTF-8. A node is its head (see {@link FLAG}) and then
 * what its class in ast.ts has, in about that order, in as few words as there can be without slowing down who reads them;
 * other nodes are named by where they begin, 0 for none. Symbols are numbered by the file's own list, which has them in the
 * order in which the parser meets them: it is visible (symbols.ts), so they are all made when an image is opened. Positions
 * count from 1 at the start of the file, 0 is none.
 *
 * Of an image that is open its nodes, its symbols and one string stay in memory, as a rule until the process ends. Words of
 * 16 bits where all of them fit were a fifth less, but code that reads two kinds of arrays takes V8 more time to compile
 * and is thrown away when the second kind comes: 3 % of the time of nixpkgs' hello.
 */
import {
  AndExpr,
  AssertExpr,
  AttrDef,
  AttrKind,
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
import { HASH_MASK, hashOfSymbol, internRange, type Symbol, symbolName } from "./symbols.ts";

/** Changes with the layout, and with anything else that makes an image of another version wrong. */
const IMAGE_VERSION = 3;

/** Words of the header. */
const Header = {
  Version: 0,
  Symbols: 1,
  SymbolWords: 2,
  Nodes: 3,
  Root: 4,
  NameLength: 5,
  TextLength: 6,
  TextBytes: 7,
  Size: 8,
} as const;

/** A symbol is its hash, with the length of its name above it; longer names have theirs in a word that follows. */
const LENGTH_SHIFT = 24;
const LONG = 255;

/** The head of a node: its kind, two flags, and above them its position, or where it has none a number. */
const KIND_MASK = 31;
const FLAG = 32;
const FLAG_2 = 64;
const REST_SHIFT = 7;
const REST_MAX = 2 ** 25 - 1;

/** Where a variable is: its slot, with its level above it, counted from 0 (that of the globals is -2). */
const LEVEL_SHIFT = 16;
const LEVEL_MAX = 2 ** 15 - 1;
const SLOT_MASK = 0xffff;
const LEAST_LEVEL = -2;

// Texts are binary strings, of which few have anything but ASCII in them: those are twice as long in UTF-8, but nothing makes
// strings as fast as its decoder.
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Returns the image of a tree whose positions start at `base`; `met` are all symbols the parser met, in that order.
 * Nothing may have been evaluated yet.
 * @throws {RangeError} if the tree is nested too deep for the stack, or its file or a text in it has 32 MiB and more
 */
export function encodeImage(root: Expr, base: Pos, met: readonly Symbol[]): Uint8Array<ArrayBuffer> {
  const nodes = new Encoder(base, met);
  const at = nodes.node(root);
  const { symbols, length } = nodes;
  const list: number[] = [];
  for (const symbol of symbols) {
    const nameLength = symbolName(symbol).length;
    list.push(Math.min(nameLength, LONG) << LENGTH_SHIFT | hashOfSymbol(symbol));
    if (nameLength >= LONG) list.push(nameLength);
  }
  const names = symbols.map(symbolName).join("");
  const text = names + nodes.strings.join("");
  const encoded = encoder.encode(text);
  const head = [
    IMAGE_VERSION,
    symbols.length,
    list.length,
    length,
    at,
    names.length,
    text.length,
    encoded.length,
    ...list,
  ];
  const textAt = 4 * (head.length + length);
  const bytes = new Uint8Array(textAt + encoded.length);
  const words = new Int32Array(bytes.buffer, 0, head.length + length);
  words.set(head);
  words.set(nodes.words.subarray(0, length), head.length);
  bytes.set(encoded, textAt);
  return bytes;
}

function headOf(kind: number, rest: number): number {
  if (rest > REST_MAX) throw new RangeError("Cannot write image: the file is too large");
  return kind | rest << REST_SHIFT;
}

/** Writes nodes, children first. */
class Encoder {
  words = new Int32Array(1 << 12);
  // 0 is no node.
  length = 1;
  readonly symbols: Symbol[];
  readonly strings: string[] = [];
  #stringsEnd = 0;
  /** By kind and text: what is nothing but a text is there once. */
  readonly #texts = new Map<number, Map<string, number>>();
  readonly #withs = new Map<readonly number[], number>();
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
    return pos === 0 ? 0 : pos - this.#base + 1;
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
    let places = this.#texts.get(kind);
    if (places === undefined) this.#texts.set(kind, places = new Map());
    let at = places.get(text);
    if (at === undefined) {
      places.set(text, at = this.#put(headOf(kind, text.length), this.#stringsEnd));
      this.strings.push(text);
      this.#stringsEnd += text.length;
    }
    return at;
  }

  #orNone(e: Expr | null): number {
    return e === null ? 0 : this.node(e);
  }

  /** Returns the words of a path: its length, doubled, and one more if it isn't nothing but static names. */
  #path(path: readonly AttrName[]): readonly number[] {
    if (path.every(({ expr }) => expr === null)) {
      return [
        2 * path.length,
        ...path.map(({ name }) => this.#symbol(name)),
      ];
    }
    return [2 * path.length + 1, ...path.flatMap(({ name, expr }) => [this.#symbol(name), this.#orNone(expr)])];
  }

  #withLevels(levels: readonly number[]): number {
    let at = this.#withs.get(levels);
    if (at === undefined) {
      this.#withs.set(levels, at = this.#put(levels.length));
      this.#putAll(levels);
    }
    return at;
  }

  node(e: Expr): number {
    switch (e.kind) {
      case Kind.Int: {
        const { kind, value } = e;
        if (typeof value === "number" && value >= 0 && value <= REST_MAX) return this.#put(headOf(kind, value));
        return this.#text(kind | FLAG, String(value));
      }
      case Kind.Float:
        return this.#text(e.kind, String(e.value));
      case Kind.String:
      case Kind.Path:
        return this.#text(e.kind, e.value);
      case Kind.Var: {
        const { kind, withs, slot } = e;
        const pos = this.#pos(e.pos);
        const name = this.#symbol(e.name);
        if (withs !== null) {
          const levels = this.#withLevels(withs);
          return this.#put(headOf(kind | FLAG, pos), name, levels);
        }
        const level = e.level - LEAST_LEVEL;
        if (level > LEVEL_MAX || slot > SLOT_MASK) return this.#put(headOf(kind | FLAG_2, pos), name, level, slot);
        return this.#put(headOf(kind, pos), name, level << LEVEL_SHIFT | slot);
      }
      case Kind.CurPos:
        return this.#put(headOf(e.kind, this.#pos(e.pos)));
      case Kind.Select: {
        const pos = this.#pos(e.pos);
        const expr = this.node(e.expr);
        const [first] = e.path;
        if (e.path.length === 1 && first.expr === null && e.fallback === null) {
          return this.#put(headOf(e.kind | FLAG, pos), expr, this.#symbol(first.name));
        }
        const path = this.#path(e.path);
        const fallback = this.#orNone(e.fallback);
        const at = this.#put(headOf(e.kind, pos), expr, fallback);
        this.#putAll(path);
        return at;
      }
      case Kind.HasAttr: {
        const path = this.#path(e.path);
        const at = this.#put(e.kind, this.node(e.expr));
        this.#putAll(path);
        return at;
      }
      case Kind.Attrs:
        return this.#attrs(e);
      case Kind.List: {
        const elems = e.elems.map((elem) => this.node(elem));
        const at = this.#put(headOf(e.kind, elems.length));
        this.#putAll(elems);
        return at;
      }
      case Kind.Lambda: {
        const formals = e.formals?.formals ?? [];
        const fallbacks = formals.map((f) => this.#orNone(f.fallback));
        const flags = e.formals === null ? 0 : e.formals.ellipsis ? FLAG | FLAG_2 : FLAG;
        const head = headOf(e.kind | flags, this.#pos(e.pos));
        const at = this.#put(head, this.#symbol(e.arg), this.#symbol(e.name), this.node(e.body));
        if (e.formals !== null) this.#put(formals.length);
        formals.forEach((f, i) => this.#put(this.#pos(f.pos), this.#symbol(f.name), fallbacks[i], f.slot));
        return at;
      }
      case Kind.Call: {
        const pos = this.#pos(e.pos);
        const args = e.args.map((arg) => this.node(arg));
        const fn = this.node(e.fn);
        if (args.length === 1) return this.#put(headOf(e.kind | FLAG, pos), fn, args[0]);
        const at = this.#put(headOf(e.kind, pos), fn, args.length);
        this.#putAll(args);
        return at;
      }
      case Kind.Let:
        return this.#put(e.kind, this.#attrs(e.attrs), this.node(e.body));
      case Kind.With:
        return this.#put(headOf(e.kind, this.#pos(e.pos)), this.node(e.attrs), this.node(e.body));
      case Kind.If: {
        const head = headOf(e.kind, this.#pos(e.pos));
        return this.#put(head, this.node(e.cond), this.node(e.then), this.node(e.otherwise));
      }
      case Kind.Assert:
        return this.#put(headOf(e.kind, this.#pos(e.pos)), this.node(e.cond), this.node(e.body));
      case Kind.Not:
        return this.#put(e.kind, this.node(e.expr));
      case Kind.Eq:
      case Kind.NEq:
        return this.#put(e.kind, this.node(e.left), this.node(e.right));
      case Kind.ConcatStrings: {
        const parts = e.parts.flatMap((part) => [this.#pos(part.pos), this.node(part.expr)]);
        const at = this.#put(headOf(e.kind | (e.forceString ? FLAG : 0), this.#pos(e.pos)), e.parts.length);
        this.#putAll(parts);
        return at;
      }
      case Kind.InheritFrom:
        return this.#put(headOf(e.kind, this.#pos(e.pos)), e.index, e.slot);
      case Kind.Lazy:
        return this.node(e.source.expr(e.at));
      case Kind.Piece:
        return this.node(e.expr);
      default:
        return this.#put(headOf(e.kind, this.#pos(e.pos)), this.node(e.left), this.node(e.right));
    }
  }

  #attrs(e: AttrsExpr): number {
    // One by one: there may be more than a call takes arguments.
    const attrs = e.attrs.map((a) => this.node(a.expr));
    const dynamic = e.dynamic.map((d) => [this.node(d.name), this.node(d.value), this.#pos(d.pos)]);
    const from = e.inheritFrom.map((source) => this.node(source));
    // Most sets are nothing but names with values.
    const plain = dynamic.length + from.length === 0 && e.attrs.every((a) => a.kind === AttrKind.Plain && a.slot < 0);
    const flags = (e.recursive ? FLAG : 0) | (plain ? FLAG_2 : 0);
    const at = this.#put(headOf(e.kind | flags, this.#pos(e.pos)), attrs.length);
    if (!plain) this.#put(dynamic.length, from.length);
    e.attrs.forEach((a, i) => {
      this.#put(this.#symbol(a.name), attrs[i], this.#pos(a.pos));
      if (!plain) this.#put(a.kind, a.slot);
    });
    for (const words of dynamic) this.#putAll(words);
    this.#putAll(from);
    return at;
  }
}

/**
 * Opens an image whose file has positions from `base` on; makes its symbols. Undefined if these bytes are no image. They
 * aren't kept.
 */
export function openImage(bytes: Uint8Array<ArrayBuffer>, base: Pos): Expr | undefined {
  const { buffer, byteOffset } = bytes;
  if (bytes.length < 4 * Header.Size || byteOffset % 4 !== 0) return undefined;
  const words = new Int32Array(buffer, byteOffset, bytes.length >> 2);
  if (words[Header.Version] !== IMAGE_VERSION) return undefined;
  const nodesAt = Header.Size + words[Header.SymbolWords];
  const textAt = 4 * (nodesAt + words[Header.Nodes]);
  if (textAt + words[Header.TextBytes] !== bytes.length) return undefined;
  const encoded = bytes.subarray(textAt);
  const text = decoder.decode(encoded);
  if (text.length !== words[Header.TextLength]) return undefined;
  const stringsAt = words[Header.NameLength];
  const nameBytes = text.length === encoded.length ? encoded : bytesOf(text, stringsAt);
  const symbols = new Int32Array(words[Header.Symbols] + 1);
  let start = 0;
  for (let i = 1, at: number = Header.Size; i < symbols.length; i++) {
    const word = words[at++];
    let length = word >>> LENGTH_SHIFT;
    if (length === LONG) length = words[at++];
    symbols[i] = internRange(nameBytes, start, start + length, word & HASH_MASK, text);
    start += length;
  }
  // A copy, so that all else that is in the file needn't stay.
  const nodes = words.slice(nodesAt, nodesAt + words[Header.Nodes]);
  return new Image({ nodes, symbols, base, text, stringsAt }).expr(words[Header.Root]);
}

/** Returns the bytes of the first chars of a binary string. */
function bytesOf(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

class Image implements TreeSource {
  compiler: unknown = null;
  readonly #nodes: Int32Array;
  readonly #symbols: Int32Array;
  readonly #base: Pos;
  readonly #text: string;
  readonly #stringsAt: number;
  #lastWiths: readonly number[] = [];
  /** Where the last ones are: variables side by side have the same. */
  #lastWithsAt = 0;

  constructor(parts: {
    readonly nodes: Int32Array;
    readonly symbols: Int32Array;
    readonly base: Pos;
    readonly text: string;
    /** Where in it the strings begin. */
    readonly stringsAt: number;
  }) {
    this.#nodes = parts.nodes;
    this.#symbols = parts.symbols;
    this.#base = parts.base;
    this.#text = parts.text;
    this.#stringsAt = parts.stringsAt;
  }

  #pos(offset: number): Pos {
    return offset === 0 ? 0 : this.#base + offset - 1;
  }

  #string(at: number): string {
    const start = this.#stringsAt + this.#nodes[at + 1];
    return this.#text.substring(start, start + (this.#nodes[at] >>> REST_SHIFT));
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
        if (this.#nodes[at] === Kind.List) return this.expr(at);
    }
    return new LazyExpr(this, at);
  }

  /** A child that may never be evaluated, but whose function heads are wanted. */
  #lazyBody(at: number): Expr {
    return (this.#nodes[at] & KIND_MASK) === Kind.Lambda ? this.expr(at) : this.#lazy(at);
  }

  #path(at: number): readonly AttrName[] {
    const w = this.#nodes;
    const length = w[at] >> 1;
    const path = new Array<AttrName>(length);
    if ((w[at++] & 1) === 0) {
      if (length === 1) return singlePath(this.#symbols[w[at]]);
      for (let i = 0; i < length; i++) path[i] = new AttrName(this.#symbols[w[at + i]]);
    } else {
      for (let i = 0; i < length; i++, at += 2) {
        path[i] = new AttrName(this.#symbols[w[at]], w[at + 1] === 0 ? null : this.expr(w[at + 1]));
      }
    }
    return path;
  }

  /** Levels of `with`s. */
  #withs(at: number): readonly number[] {
    if (at === this.#lastWithsAt) return this.#lastWiths;
    this.#lastWithsAt = at;
    return this.#lastWiths = Array.from(this.#nodes.subarray(at + 1, at + 1 + this.#nodes[at]));
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
        if ((head & FLAG) === 0) return new IntExpr(head >>> REST_SHIFT);
        const value = Number(this.#string(at));
        return new IntExpr(Number.isSafeInteger(value) ? value : BigInt(this.#string(at)));
      }
      case Kind.Float:
        return new FloatExpr(Number(this.#string(at)));
      case Kind.String:
        return new StringExpr(this.#string(at));
      case Kind.Path:
        return new PathExpr(this.#string(at));
      case Kind.Var: {
        const variable = new VarExpr(this.#pos(head >>> REST_SHIFT), this.#symbols[w[at + 1]]);
        const place = w[at + 2];
        if ((head & FLAG) !== 0) variable.withs = this.#withs(place);
        else if ((head & FLAG_2) === 0) {
          variable.level = (place >> LEVEL_SHIFT) + LEAST_LEVEL;
          variable.slot = place & SLOT_MASK;
        } else {
          variable.level = place + LEAST_LEVEL;
          variable.slot = w[at + 3];
        }
        return variable;
      }
      case Kind.CurPos:
        return new CurPosExpr(this.#pos(head >>> REST_SHIFT));
      case Kind.Select: {
        const pos = this.#pos(head >>> REST_SHIFT);
        const expr = this.expr(w[at + 1]);
        if ((head & FLAG) !== 0) return new SelectExpr(pos, expr, singlePath(this.#symbols[w[at + 2]]), null);
        return new SelectExpr(pos, expr, this.#path(at + 3), w[at + 2] === 0 ? null : this.#lazy(w[at + 2]));
      }
      case Kind.HasAttr:
        return new HasAttrExpr(this.expr(w[at + 1]), this.#path(at + 2));
      case Kind.Attrs:
        return this.#attrs(at);
      case Kind.List:
        return new ListExpr(this.#lazyList(at + 1, head >>> REST_SHIFT));
      case Kind.Lambda: {
        const formals = (head & FLAG) === 0 ? null : this.#formals(at);
        const pos = this.#pos(head >>> REST_SHIFT);
        const lambda = new LambdaExpr(pos, this.#symbols[w[at + 1]], formals, this.#lazyBody(w[at + 3]));
        lambda.name = this.#symbols[w[at + 2]];
        return lambda;
      }
      case Kind.Call: {
        const args = (head & FLAG) !== 0 ? this.#lazyList(at + 2, 1) : this.#lazyList(at + 3, w[at + 2]);
        return new CallExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), args);
      }
      case Kind.Let:
        return new LetExpr(this.#attrs(w[at + 1]), this.expr(w[at + 2]));
      case Kind.With:
        return new WithExpr(this.#pos(head >>> REST_SHIFT), this.#lazy(w[at + 1]), this.expr(w[at + 2]));
      case Kind.If: {
        const pos = this.#pos(head >>> REST_SHIFT);
        return new IfExpr(pos, this.expr(w[at + 1]), this.#lazy(w[at + 2]), this.#lazy(w[at + 3]));
      }
      case Kind.Assert:
        return new AssertExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), this.#lazy(w[at + 2]));
      case Kind.Not:
        return new NotExpr(this.expr(w[at + 1]));
      case Kind.Eq:
        return new EqExpr(this.expr(w[at + 1]), this.expr(w[at + 2]));
      case Kind.NEq:
        return new NEqExpr(this.expr(w[at + 1]), this.expr(w[at + 2]));
      case Kind.And:
        return new AndExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), this.#lazy(w[at + 2]));
      case Kind.Or:
        return new OrExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), this.#lazy(w[at + 2]));
      case Kind.Impl:
        return new ImplExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), this.#lazy(w[at + 2]));
      case Kind.Update:
        return new UpdateExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), this.expr(w[at + 2]));
      case Kind.ConcatLists:
        return new ConcatListsExpr(this.#pos(head >>> REST_SHIFT), this.expr(w[at + 1]), this.expr(w[at + 2]));
      case Kind.ConcatStrings: {
        const parts = new Array<StringPart>(w[at + 1]);
        for (let i = 0; i < parts.length; i++) {
          parts[i] = new StringPart(this.#pos(w[at + 2 + 2 * i]), this.expr(w[at + 3 + 2 * i]));
        }
        return new ConcatStringsExpr(this.#pos(head >>> REST_SHIFT), (head & FLAG) !== 0, parts);
      }
      default: {
        const from = new InheritFromExpr(this.#pos(head >>> REST_SHIFT), w[at + 1]);
        from.slot = w[at + 2];
        return from;
      }
    }
  }

  #formals(at: number): Formals {
    const w = this.#nodes;
    const formals = new Array<Formal>(w[at + 4]);
    let sorted = true;
    for (let i = 0, p = at + 5; i < formals.length; i++, p += 4) {
      const fallback = w[p + 2] === 0 ? null : this.#lazy(w[p + 2]);
      const formal = formals[i] = new Formal(this.#pos(w[p]), this.#symbols[w[p + 1]], fallback);
      formal.slot = w[p + 3];
      if (i > 0 && formals[i - 1].name > formal.name) sorted = false;
    }
    if (!sorted) formals.sort((a, b) => a.name - b.name);
    return { formals, ellipsis: (w[at] & FLAG_2) !== 0 };
  }

  // By itself, which keeps a set of 20,000 attributes from having V8 spend 60 ms on optimising the loop that reads them.
  #attr(at: number, kind: AttrKind): AttrDef {
    const w = this.#nodes;
    return new AttrDef(this.#symbols[w[at]], kind, this.#lazy(w[at + 1]), this.#pos(w[at + 2]));
  }

  #attrs(at: number): AttrsExpr {
    const w = this.#nodes;
    const head = w[at];
    const attrs = new Array<AttrDef>(w[at + 1]);
    let dynamic = NO_DYNAMIC;
    let inheritFrom = NO_SOURCES;
    if ((head & FLAG_2) !== 0) {
      for (let i = 0, p = at + 2; i < attrs.length; i++, p += 3) attrs[i] = this.#attr(p, AttrKind.Plain);
    } else {
      let p = at + 4;
      for (let i = 0; i < attrs.length; i++, p += 5) {
        attrs[i] = this.#attr(p, w[p + 3] as AttrKind);
        attrs[i].slot = w[p + 4];
      }
      if (w[at + 2] > 0) dynamic = new Array<DynamicAttrDef>(w[at + 2]);
      for (let i = 0; i < dynamic.length; i++, p += 3) {
        dynamic[i] = new DynamicAttrDef(this.expr(w[p]), this.#lazyBody(w[p + 1]), this.#pos(w[p + 2]));
      }
      if (w[at + 3] > 0) inheritFrom = new Array<Expr>(w[at + 3]);
      for (let i = 0; i < inheritFrom.length; i++, p++) inheritFrom[i] = this.#lazy(w[p]);
    }
    const e = new AttrsExpr(attrs, dynamic, inheritFrom);
    e.recursive = (head & FLAG) !== 0;
    e.pos = this.#pos(head >>> REST_SHIFT);
    return e;
  }
}
