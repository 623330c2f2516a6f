/**
 * Values as XML, as `builtins.toXML` and `--xml` write them.
 *
 * A derivation's attributes are written where it first comes up, later it is a `<repeated />`; which one it is is told
 * by its `drvPath`, and one without is always "repeated". XML attributes are sorted by name. Only the four characters
 * that must be and line feeds are escaped: the output needn't be UTF-8.
 */
import { NO_POS, type Pos, type PosTable } from "../syntax/positions.ts";
import { intern, NO_SYMBOL, type Symbol, symbolName } from "../syntax/symbols.ts";
import { formatFloatGeneral } from "../text/float.ts";
import { attrPos, Attrs, flat, getAttr } from "./attrs.ts";
import type { ContextBuilder } from "./context.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { isDerivation } from "./expect.ts";
import { force, isUnevaluated } from "./thunk.ts";
import {
  ContextString,
  Float,
  floatText,
  isString,
  Lambda,
  lambdaExpr,
  PartialLambda,
  PathValue,
  type Slot,
  stringText,
} from "./value.ts";

const DRV_PATH = intern("drvPath");
const OUT_PATH = intern("outPath");

/** How {@link toXml} writes. */
export interface XmlOptions {
  /** Evaluates what isn't evaluated yet; otherwise it is an `<unevaluated />`. */
  readonly strict: boolean;
  /** For writing where attributes and functions are defined; null to leave that out. */
  readonly locations: PosTable | null;
}

/** The same, and where the document goes. */
export interface XmlWriteOptions extends XmlOptions {
  readonly write: (text: string) => void;
}

/** Returns the value in `slot` as an XML document and adds what its strings refer to to `context`. */
export function toXml(slot: Slot, context: ContextBuilder, options: XmlOptions): string {
  let text = "";
  const writer = new XmlWriter(context, { ...options, write: (more) => text += more });
  writer.document(slot);
  // Only now: closing what is open after an error would double a text that nobody gets.
  writer.end();
  return text;
}

/**
 * Does what {@link toXml} does and passes the document on piece by piece. If evaluation fails, what was written until then
 * is a document all the same: what is open is closed, as C++ Nix 2.34 does (tests of `nix-instantiate --xml`).
 */
export function writeXml(
  slot: Slot,
  context: ContextBuilder,
  options: XmlWriteOptions,
): void {
  const writer = new XmlWriter(context, options);
  try {
    writer.document(slot);
  } finally {
    writer.end();
  }
}

/** Names and values of XML attributes, sorted by name. */
type XmlAttrs = readonly (readonly [name: string, value: string])[];

const INDENT = "  ";
/** Chars from which on a text is passed on. */
const PIECE = 1 << 16;

class XmlWriter {
  readonly #context: ContextBuilder;
  readonly #strict: boolean;
  readonly #locations: PosTable | null;
  readonly #drvsSeen = new Set<string>();
  readonly #emit: (text: string) => void;
  /** Names of the elements that are open. */
  readonly #open: string[] = [];
  #out = "<?xml version='1.0' encoding='utf-8'?>\n";
  #indent = "";

  constructor(context: ContextBuilder, { strict, locations, write }: XmlWriteOptions) {
    this.#context = context;
    this.#emit = write;
    this.#strict = strict;
    this.#locations = locations;
  }

  document(slot: Slot): void {
    this.#element("expr", [], () => this.#write(slot, NO_POS));
  }

  /** Closes what is open after an error, and passes on the rest. */
  end(): void {
    while (this.#open.length > 0) this.#close();
    this.#emit(this.#out);
  }

  #line(text: string): void {
    this.#out += `${this.#indent}${text}\n`;
    if (this.#out.length < PIECE) return;
    this.#emit(this.#out);
    this.#out = "";
  }

  #empty(name: string, attrs: XmlAttrs = []): void {
    this.#line(`<${name}${attributes(attrs)} />`);
  }

  #value(name: string, value: string): void {
    this.#empty(name, [["value", value]]);
  }

  #element(name: string, attrs: XmlAttrs, content: () => void): void {
    this.#line(`<${name}${attributes(attrs)}>`);
    this.#open.push(name);
    this.#indent += INDENT;
    content();
    this.#close();
  }

  #close(): void {
    this.#indent = this.#indent.slice(INDENT.length);
    this.#line(`</${this.#open.pop()}>`);
  }

  #write(slot: Slot, pos: Pos): void {
    enterCall(pos);
    if (this.#strict) force(slot, pos);
    this.#writeEvaluated(slot, pos);
    leaveCall();
  }

  #writeEvaluated(slot: Slot, pos: Pos): void {
    if (isUnevaluated(slot)) return this.#empty("unevaluated");
    const v = force(slot);
    if (v === null) return this.#empty("null");
    switch (typeof v) {
      case "boolean":
        return this.#value("bool", String(v));
      case "number":
      case "bigint":
        return this.#value("int", String(v));
      case "string":
        return this.#value("string", v);
    }
    if (v instanceof ContextString) {
      this.#context.add(v.context);
      this.#value("string", v.text);
    } else if (v instanceof PathValue) this.#value("path", v.display ?? v.path);
    else if (v instanceof Float) this.#value("float", floatText(v, formatFloatGeneral));
    else if (Array.isArray(v)) {
      this.#element("list", [], () => {
        for (const element of v) this.#write(element, pos);
      });
    } else if (v instanceof Attrs) {
      if (isDerivation(v)) this.#writeDerivation(v);
      else this.#element("attrs", [], () => this.#writeAttrs(v));
    } else if (v instanceof Lambda || v instanceof PartialLambda) this.#writeFunction(v);
    else this.#empty("unevaluated");
  }

  #writeDerivation(attrs: Attrs): void {
    const drvPath = this.#pathOf(attrs, DRV_PATH);
    const outPath = this.#pathOf(attrs, OUT_PATH);
    const xmlAttrs: (readonly [string, string])[] = [];
    if (drvPath !== undefined) xmlAttrs.push(["drvPath", drvPath]);
    if (outPath !== undefined) xmlAttrs.push(["outPath", outPath]);
    this.#element("derivation", xmlAttrs, () => {
      if (drvPath === undefined || drvPath === "" || this.#drvsSeen.has(drvPath)) return this.#empty("repeated");
      this.#drvsSeen.add(drvPath);
      this.#writeAttrs(attrs);
    });
  }

  #pathOf(attrs: Attrs, name: Symbol): string | undefined {
    const slot = getAttr(attrs, name);
    if (slot === undefined) return undefined;
    if (this.#strict) force(slot, attrPos(attrs, name));
    if (isUnevaluated(slot)) return undefined;
    const v = force(slot);
    return isString(v) ? stringText(v) : undefined;
  }

  #writeAttrs(attrs: Attrs): void {
    const { shape, values } = flat(attrs);
    for (const i of shape.byName) {
      const name = shape.names[i];
      const pos = attrPos(attrs, name);
      const xmlAttrs = [...(pos === NO_POS ? [] : this.#location(pos)), ["name", symbolName(name)] as const];
      this.#element("attr", xmlAttrs.sort(byName), () => this.#write(values[i], pos));
    }
  }

  #writeFunction(fn: Lambda | PartialLambda): void {
    const { arg, formals, pos } = lambdaExpr(fn);
    this.#element("function", this.#location(pos), () => {
      if (formals === null) return this.#empty("varpat", [["name", symbolName(arg)]]);
      const xmlAttrs: (readonly [string, string])[] = [];
      if (formals.ellipsis) xmlAttrs.push(["ellipsis", "1"]);
      if (arg !== NO_SYMBOL) xmlAttrs.push(["name", symbolName(arg)]);
      this.#element("attrspat", xmlAttrs, () => {
        for (const name of formals.formals.map((formal) => symbolName(formal.name)).sort()) {
          this.#empty("attr", [["name", name]]);
        }
      });
    });
  }

  #location(pos: Pos): XmlAttrs {
    if (this.#locations === null) return [];
    const at = this.#locations.resolve(pos);
    const place: XmlAttrs = [["column", String(at?.column ?? 0)], ["line", String(at?.line ?? 0)]];
    return at?.origin.kind === "file" ? [...place, ["path", at.origin.path]] : place;
  }
}

function byName(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': "&quot;",
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  // Against the normalisation of attributes (XML, section 3.3.3).
  "\n": "&#xA;",
};

function attributes(attrs: XmlAttrs): string {
  let text = "";
  for (const [name, value] of attrs) text += ` ${name}="${value.replace(/["<>&\n]/g, (c) => ESCAPES[c])}"`;
  return text;
}
