/**
 * Takes the common indentation out of a `''…''` string.
 *
 * Only spaces indent. Lines of nothing but spaces don't count, the first line counts (unless the string starts with a
 * newline, which the opening token swallows), and what is interpolated or escaped ends the indentation of its line.
 * Each piece that the scanner delivers (`''$`, `'''`, a lone `$` …) stays a piece of its own: it shows in
 * `nix-instantiate --parse` as C++ Nix 2.34 does it.
 */
import { ConcatStringsExpr, type Expr, StringExpr, StringPart } from "./ast.ts";
import { appended } from "./_lists.ts";

/** The pieces of an indented string, as parallel lists. */
export interface IndPieces {
  /** Byte offsets. */
  readonly starts: number[];
  /** Byte offsets of the ends of plain text; -1 for an escape or interpolation. */
  readonly ends: number[];
  /** The value of an escape, the expression of an interpolation, or null for plain text. */
  readonly values: (string | Expr | null)[];
}

/** Returns the string expression; `pos` is that of the opening quotes, and `base` is added to piece offsets. */
export function stripIndentation(
  pieces: IndPieces,
  bytes: Uint8Array,
  text: string,
  place: { readonly pos: number; readonly base: number },
): Expr {
  const { starts, ends, values } = pieces;
  const count = starts.length;
  if (count === 0) return new StringExpr("");
  const indent = minIndent(pieces, bytes);
  if (count === 1 && values[0] === null) {
    return new StringExpr(withoutLastLine(new Stripper(indent).range(bytes, text, starts[0], ends[0])));
  }
  let parts: StringPart[] = [];
  const stripper = new Stripper(indent);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    const at = place.base + starts[i];
    if (value !== null && typeof value !== "string") {
      stripper.interrupt();
      parts = appended(parts, new StringPart(at, value));
      continue;
    }
    let piece = value === null ? stripper.range(bytes, text, starts[i], ends[i]) : stripper.escape(value);
    if (i === count - 1) piece = withoutLastLine(piece);
    if (piece !== "") parts = appended(parts, new StringPart(at, new StringExpr(piece)));
  }
  if (parts.length === 0) return new StringExpr("");
  if (parts.length === 1 && parts[0].expr instanceof StringExpr) return parts[0].expr;
  return new ConcatStringsExpr(place.pos, true, parts);
}

function minIndent({ starts, ends, values }: IndPieces, bytes: Uint8Array): number {
  let min = 1000000;
  let current = 0;
  let atStart = true;
  for (let i = 0; i < starts.length; i++) {
    if (values[i] !== null) {
      if (atStart) {
        atStart = false;
        if (current < min) min = current;
      }
      continue;
    }
    const end = ends[i];
    let p = starts[i];
    while (p < end) {
      if (!atStart) {
        while (p < end && bytes[p] !== 10) p++;
        if (p === end) break;
        p++;
        atStart = true;
        current = 0;
        continue;
      }
      const c = bytes[p++];
      if (c === 32) current++;
      else if (c === 10) current = 0;
      else {
        atStart = false;
        if (current < min) min = current;
      }
    }
  }
  return min;
}

class Stripper {
  #atStart = true;
  #dropped = 0;
  readonly #indent: number;

  constructor(indent: number) {
    this.#indent = indent;
  }

  /** Something interpolated. */
  interrupt(): void {
    this.#atStart = false;
    this.#dropped = 0;
  }

  /** Returns the text of `bytes[p..end)` without indentation. */
  range(bytes: Uint8Array, text: string, p: number, end: number): string {
    const indent = this.#indent;
    let atStart = this.#atStart;
    let dropped = this.#dropped;
    let value = "";
    let from = p;
    while (p < end) {
      if (!atStart) {
        while (p < end && bytes[p] !== 10) p++;
        if (p === end) break;
        p++;
        atStart = true;
        continue;
      }
      const c = bytes[p];
      if (c === 32) {
        if (dropped < indent) {
          if (from < p) value += text.substring(from, p);
          do {
            p++;
            dropped++;
          } while (dropped < indent && p < end && bytes[p] === 32);
          from = p;
        } else {
          dropped++;
          p++;
        }
      } else {
        if (c !== 10) atStart = false;
        dropped = 0;
        p++;
      }
    }
    this.#atStart = atStart;
    this.#dropped = dropped;
    return value === "" ? text.substring(from, p) : value + text.substring(from, p);
  }

  /** Returns what remains of the value of an escape. */
  escape(value: string): string {
    let rest = "";
    for (let i = 0; i < value.length; i++) {
      const c = value[i];
      if (this.#atStart) {
        if (c === " ") {
          if (this.#dropped++ < this.#indent) continue;
        } else {
          this.#dropped = 0;
          if (c !== "\n") this.#atStart = false;
        }
      } else if (c === "\n") this.#atStart = true;
      rest += c;
    }
    return rest;
  }
}

/** Spaces behind the last newline only place the closing quotes. */
function withoutLastLine(value: string): string {
  let end = value.length;
  while (end > 0 && value.charCodeAt(end - 1) === 32) end--;
  return end > 0 && end < value.length && value.charCodeAt(end - 1) === 10 ? value.substring(0, end) : value;
}
