/** `nix eval` without `--json` and `--raw`: a value for people, evaluated while it is printed. */
import {
  type Attrs,
  coerceToString,
  ContextBuilder,
  encodeUtf8,
  evalError,
  filterEscapes,
  force,
  getAttr,
  hint,
  intern,
  isDerivation,
  isStorePath,
  type NixError,
  NO_POS,
  PRINT_ALL,
  printValue,
  type Session,
  type Slot,
  valuePos,
  WEAK,
} from "../mod.ts";
import { asNixError } from "./failure.ts";

const DRV_PATH = intern("drvPath");

/** What no part of a value is to blame for: it ends the command, or has the real nix asked. */
const FATAL: readonly NixError["kind"][] = ["stack-overflow", "unsupported"];

/**
 * Returns a value as `nix eval` prints it, with a line's end. What fails inside it is shown in its place.
 * @throws {NixError} if the value itself fails
 */
export function printForPeople(slot: Slot, session: Session): string {
  const { storeDir } = session.store;
  const evaluated = {
    value: (part: Slot) => force(part, valuePos(part, NO_POS)),
    instead: (attrs: Attrs) => isDerivation(attrs) ? showDerivation(attrs, storeDir) : undefined,
    failed: (thrown: unknown) => {
      const error = asNixError(thrown);
      if (FATAL.includes(error.kind)) throw thrown;
      return encodeUtf8("«error: ") + filterEscapes(error.message, { colours: false }) + encodeUtf8("»");
    },
  };
  evaluated.value(slot);
  return printValue(slot, { ...PRINT_ALL, evaluated }) + "\n";
}

/** Everything inside a derivation can be all of a package set. */
function showDerivation(attrs: Attrs, storeDir: string): string {
  const slot = getAttr(attrs, DRV_PATH);
  if (slot === undefined) return encodeUtf8("«derivation»");
  const path = coerceToString(slot, new ContextBuilder(), WEAK, "while evaluating the drvPath of a derivation");
  if (!isStorePath(path, { storeDir })) throw evalError(hint`path '${path}' is not in the Nix store`);
  return encodeUtf8("«derivation ") + path + encodeUtf8("»");
}
