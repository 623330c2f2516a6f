/** Positions as values: `__curPos`, `unsafeGetAttrPos`. */
import type { Pos, PosTable } from "../syntax/positions.ts";
import { intern } from "../syntax/symbols.ts";
import { makeAttrs } from "./attrs.ts";
import { NativeCode, Thunk } from "./thunk.ts";
import { depend } from "./tracking.ts";
import type { Value } from "./value.ts";

const NAMES = [intern("file"), intern("line"), intern("column")];

/** What finds a line and a column; the payload is the position. One for each table: package sets have a hundred thousand. */
interface Finders {
  readonly line: NativeCode;
  readonly column: NativeCode;
}

const finders = new WeakMap<PosTable, Finders>();

function makeFinders(positions: PosTable): Finders {
  const resolve = (pos: Pos) => {
    const origin = positions.originOf(pos);
    if (origin?.kind === "file" && origin.edited !== undefined) depend(origin.edited);
    return positions.resolve(pos)!;
  };
  const made = {
    line: new NativeCode((pos) => resolve(pos).line),
    column: new NativeCode((pos) => resolve(pos).column),
  };
  finders.set(positions, made);
  return made;
}

/** Returns `{ file, line, column }`, or null for a position that is not in a file. Line and column wait. */
export function positionValue(positions: PosTable, pos: Pos): Value {
  const origin = positions.originOf(pos);
  if (origin === undefined || origin.kind !== "file") return null;
  const { line, column } = finders.get(positions) ?? makeFinders(positions);
  return makeAttrs(NAMES.slice(), [origin.path, new Thunk(line, pos), new Thunk(column, pos)]);
}
