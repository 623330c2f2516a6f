/** Positions as values: `__curPos`, `unsafeGetAttrPos`. */
import type { Pos, PosTable } from "../syntax/positions.ts";
import { intern } from "../syntax/symbols.ts";
import { AttrsBuilder } from "./attrs.ts";
import { lazy } from "./thunk.ts";
import { depend } from "./tracking.ts";
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
  const resolve = () => {
    if (origin.edited !== undefined) depend(origin.edited);
    return positions.resolve(pos)!;
  };
  builder.add(LINE, lazy(() => resolve().line));
  builder.add(COLUMN, lazy(() => resolve().column));
  return builder.build();
}
