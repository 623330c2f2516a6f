/** Positions as values: `__curPos`, `unsafeGetAttrPos`. */
import type { Pos, PosTable } from "../syntax/positions.ts";
import { intern } from "../syntax/symbols.ts";
import { AttrsBuilder } from "./attrs.ts";
import { lazy } from "./thunk.ts";
import type { Value } from "./value.ts";

const FILE = intern("file");
const LINE = intern("line");
const COLUMN = intern("column");

/** Returns `{ file, line, column }`, or null for a position that is not in a file. Line and column wait. */
export function positionValue(positions: PosTable, pos: Pos): Value {
  const at = positions.resolve(pos);
  if (at === undefined || at.origin.kind !== "file") return null;
  const { path } = at.origin;
  const builder = new AttrsBuilder();
  builder.add(FILE, path);
  builder.add(LINE, lazy(() => at.line));
  builder.add(COLUMN, lazy(() => at.column));
  return builder.build();
}
