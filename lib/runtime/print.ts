/**
 * Printing values.
 *
 * C++ Nix has two printers: the old one of `nix-instantiate --eval`, whose output has ambiguities that users rely on
 * ({@link printAmbiguous}: `<CODE>`, `<LAMBDA>`), and the newer one of error messages and `builtins.trace`
 * ({@link printValue}). Neither forces anything, but the newer one for `nix eval`, which shows what fails where it is
 * ({@link Evaluated}). All output is bytes, so that `«` is two chars.
 */
import { NO_SYMBOL, type Symbol, symbolName } from "../syntax/symbols.ts";
import { NO_POS, type Pos, type PosTable } from "../syntax/positions.ts";
import { formatFloatGeneral } from "../text/float.ts";
import { Attrs, EMPTY_ATTRS, flat } from "./attrs.ts";
import { callDepth, maxCallDepth, restoreCallDepth } from "./depth.ts";
import { stackOverflow } from "./errors.ts";
import { BLACKHOLE, peek, Thunk } from "./thunk.ts";
import { noteLaziness } from "./tracking.ts";
import {
  ContextString,
  Float,
  floatText,
  Lambda,
  lambdaExpr,
  PartialLambda,
  PathValue,
  Primop,
  PrimopApp,
  type Slot,
  type Value,
} from "./value.ts";

const OPEN = "\xc2\xab";
const CLOSE = "\xc2\xbb";

const NORMAL = "\x1b[0m";
const FAINT = "\x1b[2m";
const RED = "\x1b[31;1m";
const BLUE = "\x1b[34;1m";
const MAGENTA = "\x1b[35;1m";
const CYAN = "\x1b[36;1m";
const GREEN = "\x1b[32;1m";

/** Returns what kind of value it is, with its article: `a set`, `the built-in function 'map'`. */
export function showType(v: Slot): string {
  if (v === null) return "null";
  switch (typeof v) {
    case "boolean":
      return "a Boolean";
    case "number":
    case "bigint":
      return "an integer";
    case "string":
      return "a string";
  }
  if (v instanceof ContextString) return "a string with context";
  if (v instanceof Attrs) return "a set";
  if (Array.isArray(v)) return "a list";
  if (v instanceof PathValue) return "a path";
  if (v instanceof Float) return "a float";
  if (v instanceof Primop) return `the built-in function '${v.name}'`;
  if (v instanceof PrimopApp) return `the partially applied built-in function '${v.primop.name}'`;
  if (v instanceof Lambda || v instanceof PartialLambda) return "a function";
  return v.code === BLACKHOLE ? "a black hole" : "a thunk";
}

/** Returns `typeOf`'s answer for a value. */
export function typeName(v: Value): string {
  if (v === null) return "null";
  switch (typeof v) {
    case "boolean":
      return "bool";
    case "number":
    case "bigint":
      return "int";
    case "string":
      return "string";
  }
  if (v instanceof ContextString) return "string";
  if (v instanceof Attrs) return "set";
  if (Array.isArray(v)) return "list";
  if (v instanceof PathValue) return "path";
  if (v instanceof Float) return "float";
  return "lambda";
}

/** How values are evaluated while they are printed. */
export interface Evaluated {
  /** Forces what is in a slot. */
  value(slot: Slot): Value;
  /** Returns the text to print instead of a set, undefined to print what is in it. */
  instead(attrs: Attrs): string | undefined;
  /** Returns the text to print instead of what failed; or throws on. */
  failed(thrown: unknown): string;
}

/** How {@link printValue} prints. */
export interface PrintOptions {
  readonly colours: boolean;
  readonly maxDepth: number;
  readonly maxAttrs: number;
  readonly maxListItems: number;
  /** In bytes. */
  readonly maxStringLength: number;
  /** Absent if nothing is to be evaluated. */
  readonly evaluated?: Evaluated;
}

/** Everything, plain. */
export const PRINT_ALL: PrintOptions = {
  colours: false,
  maxDepth: Infinity,
  maxAttrs: Infinity,
  maxListItems: Infinity,
  maxStringLength: Infinity,
};

/** What fits an error message. */
export const PRINT_FOR_ERRORS: PrintOptions = {
  colours: true,
  maxDepth: 10,
  maxAttrs: 10,
  maxListItems: 10,
  maxStringLength: 1024,
};

/** Returns the end of "expected a set but found …": the highlighted type, a colon, the value. */
export function typedValue(slot: Slot): string {
  return MAGENTA + showType(peek(slot)) + NORMAL + ": " + printValue(slot, PRINT_FOR_ERRORS);
}

/** Returns a position as `file:line:column`. */
export function showPos(positions: PosTable, pos: Pos): string {
  const at = positions.resolve(pos);
  if (at === undefined) return OPEN + "none" + CLOSE + ":0";
  const origin = at.origin.kind === "file"
    ? at.origin.display ?? at.origin.path
    : at.origin.kind === "string"
    ? OPEN + "string" + CLOSE
    : OPEN + "stdin" + CLOSE;
  return `${origin}:${at.line}:${at.column}`;
}

/** Returns a string literal of the language that means `text`, cut after `max` bytes. */
function quoteString(text: string, max = Infinity): string {
  if (text.length > max) {
    return escapeString(text.slice(0, max), text) + '" ' + elided(text.length - max, "byte", "bytes", false);
  }
  return escapeString(text, text) + '"';
}

function escapeString(text: string, whole: string): string {
  if (!/["\\\n\r\t$]/.test(text)) return '"' + text;
  let out = '"';
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"' || c === "\\") out += "\\" + c;
    else if (c === "\n") out += "\\n";
    else if (c === "\r") out += "\\r";
    else if (c === "\t") out += "\\t";
    else if (c === "$" && whole[i + 1] === "{") out += "\\$";
    else out += c;
  }
  return out;
}

function elided(count: number, one: string, many: string, colours: boolean): string {
  const text = `${OPEN}${count} ${count === 1 ? one : many} elided${CLOSE}`;
  return colours ? FAINT + text + NORMAL : text;
}

const KEYWORDS = new Set(["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"]);

/** Returns an attribute name as it is written in a set: bare if it can be, else quoted. */
export function quoteAttrName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) && !KEYWORDS.has(name) ? name : quoteString(name);
}

/** Returns a name as messages show it: quoted where it could not be written bare. */
export function showSymbol(symbol: Symbol): string {
  return quoteAttrName(symbolName(symbol));
}

/** Returns a value as messages and traces show it. Cyclic parts print as `«repeated»`, delayed ones as `«thunk»`. */
export function printValue(v: Slot, options: PrintOptions): string {
  const { evaluated } = options;
  const seen = new Set<unknown>();
  const paint = (colour: string, text: string) => options.colours ? colour + text + NORMAL : text;
  let attrsPrinted = 0;
  let itemsPrinted = 0;

  const print = (slot: Slot, level: number): string => {
    if (level > maxCallDepth()) throw stackOverflow(NO_POS);
    if (evaluated === undefined) return printPeeked(slot, peek(slot), level);
    const depth = callDepth();
    try {
      return printPeeked(slot, evaluated.value(slot), level);
    } catch (e) {
      restoreCallDepth(depth);
      return evaluated.failed(e);
    }
  };

  const printPeeked = (slot: Slot, v: Slot, level: number): string => {
    if (v === null) return paint(CYAN, "null");
    switch (typeof v) {
      case "boolean":
      case "number":
      case "bigint":
        return paint(CYAN, String(v));
      case "string":
        return printString(v);
    }
    if (v instanceof ContextString) return printString(v.text);
    if (v instanceof Attrs) return printAttrs(v, level);
    if (Array.isArray(v)) return printList(slot, v, level);
    if (v instanceof PathValue) return paint(GREEN, v.display ?? v.path);
    if (v instanceof Float) return paint(CYAN, floatText(v, formatFloatGeneral));
    if (v instanceof Thunk) {
      if (v.code === BLACKHOLE) return paint(RED, `${OPEN}potential infinite recursion${CLOSE}`);
      return paint(MAGENTA, `${OPEN}thunk${CLOSE}`);
    }
    return paint(BLUE, OPEN + printFunction(v) + CLOSE);
  };

  const printString = (text: string): string => {
    const max = options.maxStringLength;
    if (text.length <= max) return paint(MAGENTA, quoteString(text));
    return (options.colours ? MAGENTA : "") + escapeString(text.slice(0, max), text) + '" ' +
      elided(text.length - max, "byte", "bytes", options.colours);
  };

  const printAttrs = (attrs: Attrs, level: number): string => {
    // In C++ Nix all empty sets are one.
    const shown = flat(attrs).values.length === 0 ? EMPTY_ATTRS : attrs;
    if (seen.has(shown)) return paint(MAGENTA, `${OPEN}repeated${CLOSE}`);
    seen.add(shown);
    const instead = evaluated?.instead(attrs);
    if (instead !== undefined) return instead;
    if (level >= options.maxDepth) return "{ ... }";
    noteLaziness();
    let order: ArrayLike<number> = attrs.shape.byName;
    if (options.maxAttrs !== Infinity) {
      const important = (i: number) => {
        const name = symbolName(attrs.shape.names[i]);
        return name === "type" || name === "_type";
      };
      const all = Array.from(order);
      order = [...all.filter(important), ...all.filter((i) => !important(i))];
    }
    let out = "{";
    for (let k = 0; k < order.length; k++) {
      out += " ";
      if (attrsPrinted >= options.maxAttrs) {
        out += elided(order.length - k, "attribute", "attributes", options.colours);
        break;
      }
      const i = order[k];
      out += quoteAttrName(symbolName(attrs.shape.names[i])) + " = " + print(attrs.values[i], level + 1) + ";";
      attrsPrinted++;
    }
    return out + " }";
  };

  const printList = (slot: Slot, list: readonly Slot[], level: number): string => {
    if (list.length > 0) {
      if (seen.has(slot)) return paint(MAGENTA, `${OPEN}repeated${CLOSE}`);
      seen.add(slot);
    }
    if (level >= options.maxDepth) return "[ ... ]";
    noteLaziness();
    let out = "[";
    for (let k = 0; k < list.length; k++) {
      out += " ";
      if (itemsPrinted >= options.maxListItems) {
        out += elided(list.length - k, "item", "items", options.colours);
        break;
      }
      out += print(list[k], level + 1);
      itemsPrinted++;
    }
    return out + " ]";
  };

  return print(v, 0);
}

function printFunction(v: Lambda | PartialLambda | Primop | PrimopApp): string {
  if (v instanceof Primop) return `primop ${v.name}`;
  if (v instanceof PrimopApp) return `partially applied primop ${v.primop.name}`;
  const expr = lambdaExpr(v);
  return `lambda${expr.name === NO_SYMBOL ? "" : " " + showSymbol(expr.name)} @ ${showPos(v.code.positions, expr.pos)}`;
}

/** Returns a value as `nix-instantiate --eval` prints it; sets for which there is a text `instead` as that. */
export function printAmbiguous(v: Slot, instead: (attrs: Attrs) => string | undefined = () => undefined): string {
  const seen = new Set<unknown>();
  const print = (slot: Slot, level: number): string => {
    if (level > maxCallDepth()) throw stackOverflow(NO_POS);
    const v = peek(slot);
    if (v === null) return "null";
    switch (typeof v) {
      case "boolean":
      case "number":
      case "bigint":
        return String(v);
      case "string":
        return quoteString(v);
    }
    if (v instanceof ContextString) return quoteString(v.text);
    if (v instanceof Attrs) {
      const text = instead(v);
      if (text !== undefined) return text;
      flat(v);
      if (v.values.length > 0) {
        if (seen.has(v)) return `${OPEN}repeated${CLOSE}`;
        seen.add(v);
      }
      const parts: string[] = ["{ "];
      for (const i of v.shape.byName) {
        parts.push(quoteAttrName(symbolName(v.shape.names[i])), " = ", print(v.values[i], level + 1), "; ");
      }
      parts.push("}");
      return parts.join("");
    }
    if (Array.isArray(v)) {
      if (v.length > 0) {
        if (seen.has(slot)) return `${OPEN}repeated${CLOSE}`;
        seen.add(slot);
      }
      const parts: string[] = ["[ "];
      for (const element of v) parts.push(print(element, level + 1), " ");
      parts.push("]");
      return parts.join("");
    }
    if (v instanceof PathValue) return v.display ?? v.path;
    if (v instanceof Float) return floatText(v, formatFloatGeneral);
    if (v instanceof Thunk) return v.code === BLACKHOLE ? `${OPEN}potential infinite recursion${CLOSE}` : "<CODE>";
    if (v instanceof Primop) return "<PRIMOP>";
    if (v instanceof PrimopApp) return "<PRIMOP-APP>";
    return "<LAMBDA>";
  };
  return print(v, 0);
}
