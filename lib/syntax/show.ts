/**
 * Writes a syntax tree out as `nix-instantiate --parse` does (C++ Nix 2.34): fully parenthesised, attributes sorted by
 * name, desugarings visible. The result of {@link show} is not always an expression again.
 */
import {
  type AttrDef,
  AttrKind,
  type AttrName,
  type AttrsExpr,
  type Expr,
  type InheritFromExpr,
  Kind,
  type LambdaExpr,
  type SelectExpr,
  whole,
} from "./ast.ts";
import { NO_SYMBOL, type Symbol, symbolName } from "./symbols.ts";

/** Returns `expr` as text, a byte string. */
export function show(e: Expr): string {
  const expr = whole(e);
  switch (expr.kind) {
    case Kind.Int:
      return String(expr.value);
    case Kind.Float:
      return showFloat(expr.value);
    case Kind.String:
      return showString(expr.value);
    case Kind.Path:
      return expr.value;
    case Kind.Var:
      return showName(expr.name);
    case Kind.CurPos:
      return "__curPos";
    case Kind.Select: {
      const fallback = expr.fallback === null ? "" : ` or (${show(expr.fallback)})`;
      return `(${show(expr.expr)}).${showAttrPath(expr.path)}${fallback}`;
    }
    case Kind.HasAttr:
      return `((${show(expr.expr)}) ? ${showAttrPath(expr.path)})`;
    case Kind.Attrs:
      return `${expr.recursive ? "rec " : ""}{ ${showBindings(expr)}}`;
    case Kind.List:
      return `[ ${expr.elems.map((elem) => `(${show(elem)}) `).join("")}]`;
    case Kind.Lambda:
      return `(${showHead(expr)}: ${show(expr.body)})`;
    case Kind.Call:
      return `(${show(expr.fn)}${expr.args.map((arg) => " " + show(arg)).join("")})`;
    case Kind.Let:
      return `(let ${showBindings(expr.attrs)}in ${show(expr.body)})`;
    case Kind.With:
      return `(with ${show(expr.attrs)}; ${show(expr.body)})`;
    case Kind.If:
      return `(if ${show(expr.cond)} then ${show(expr.then)} else ${show(expr.otherwise)})`;
    case Kind.Assert:
      return `assert ${show(expr.cond)}; ${show(expr.body)}`;
    case Kind.Piece:
      return show(expr.expr);
    case Kind.Not:
      return `(! ${show(expr.expr)})`;
    case Kind.Eq:
      return binary(expr, "==");
    case Kind.NEq:
      return binary(expr, "!=");
    case Kind.And:
      return binary(expr, "&&");
    case Kind.Or:
      return binary(expr, "||");
    case Kind.Impl:
      return binary(expr, "->");
    case Kind.Update:
      return binary(expr, "//");
    case Kind.ConcatLists:
      return binary(expr, "++");
    case Kind.ConcatStrings:
      return `(${expr.parts.map((part) => show(part.expr)).join(" + ")})`;
    case Kind.InheritFrom:
      return '""';
  }
}

function binary({ left, right }: { readonly left: Expr; readonly right: Expr }, operator: string): string {
  return `(${show(left)} ${operator} ${show(right)})`;
}

/** Returns `a.b."${expr}"`. */
export function showAttrPath(path: readonly AttrName[]): string {
  return path.map(({ name, expr }) => name === NO_SYMBOL ? `"\${${show(expr!)}}"` : showName(name)).join(".");
}

function showHead({ arg, formals }: LambdaExpr): string {
  const name = arg === NO_SYMBOL ? "" : showName(arg);
  if (formals === null) return name;
  const items = [...formals.formals].sort((a, b) => byName(a.name, b.name))
    .map((formal) => showName(formal.name) + (formal.fallback === null ? "" : ` ? ${show(formal.fallback)}`));
  if (formals.ellipsis) items.push("...");
  return `{ ${items.join(", ")} }${name === "" ? "" : ` @ ${name}`}`;
}

function showBindings(attrs: AttrsExpr): string {
  const sorted = [...attrs.attrs].sort((a, b) => byName(a.name, b.name));
  let out = "";
  const inherited = sorted.filter((attr) => attr.kind === AttrKind.Inherited);
  if (inherited.length !== 0) out += `inherit${names(inherited)}; `;
  attrs.inheritFrom.forEach((from, index) => {
    const these = sorted.filter((attr) =>
      attr.kind === AttrKind.InheritedFrom && ((whole(attr.expr) as SelectExpr).expr as InheritFromExpr).index === index
    );
    if (these.length !== 0) out += `inherit (${show(from)})${names(these)}; `;
  });
  for (const attr of sorted) {
    if (attr.kind === AttrKind.Plain) out += `${showName(attr.name)} = ${show(attr.expr)}; `;
  }
  for (const { name, value } of attrs.dynamic) out += `"\${${show(name)}}" = ${show(value)}; `;
  return out;
}

function names(attrs: readonly AttrDef[]): string {
  return attrs.map((attr) => " " + showName(attr.name)).join("");
}

function byName(a: Symbol, b: Symbol): number {
  const x = symbolName(a);
  const y = symbolName(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

const IDENTIFIER = /^[a-zA-Z_][a-zA-Z0-9_'-]*$/;
const KEYWORD = /^(?:if|then|else|assert|with|let|in|rec|inherit)$/;

function showName(symbol: Symbol): string {
  const name = symbolName(symbol);
  return IDENTIFIER.test(name) && !KEYWORD.test(name) ? name : showString(name);
}

function showString(value: string): string {
  return `"${
    value.replace(
      /["\\\n\r\t]|\$(?=\{)/g,
      (c) => c === "\n" ? "\\n" : c === "\r" ? "\\r" : c === "\t" ? "\\t" : "\\" + c,
    )
  }"`;
}

/** As `printf("%g")`: six significant digits. */
function showFloat(value: number): string {
  if (value === 0) return "0";
  const [digits, exponent] = value.toExponential(5).split("e");
  const e = Number(exponent);
  if (e >= -4 && e < 6) return String(Number(value.toPrecision(6)));
  const sign = e < 0 ? "-" : "+";
  return `${Number(digits)}e${sign}${String(Math.abs(e)).padStart(2, "0")}`;
}
