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
  const origin = positions.originOf(pos);
  if (origin === undefined || origin.kind !== "file") return null;
  const builder = new AttrsBuilder();
  builder.add(FILE, origin.path);
  builder.add(LINE, lazy(() => positions.resolve(pos)!.line));
  builder.add(COLUMN, lazy(() => positions.resolve(pos)!.column));
  return builder.build();
}
