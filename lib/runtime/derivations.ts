/**
 * Finding the derivations in a value, as `nix-instantiate` does to instantiate them.
 *
 * A derivation is one result. A list is searched through, and so is a set, but of the sets in a set only those with
 * `recurseForDerivations = true`; names that need quotes are passed over. The same set found twice counts once.
 */
import { intern, symbolName } from "../syntax/symbols.ts";
import { NO_POS } from "../syntax/positions.ts";
import { attrPos, Attrs, flat, getAttr, hasAttr } from "./attrs.ts";
import { autoCall } from "./auto_call.ts";
import { coerceToString, WEAK } from "./coerce.ts";
import { ContextBuilder } from "./context.ts";
import { enterCall, leaveCall } from "./depth.ts";
import { evalError, hint, NixError, typeError, withFrame } from "./errors.ts";
import { forceBool, forceStringNoContext, isDerivation } from "./expect.ts";
import { force } from "./thunk.ts";
import type { Slot } from "./value.ts";
import { valuePos } from "./value_pos.ts";

const NAME = intern("name");
const DRV_PATH = intern("drvPath");
const OUTPUT_NAME = intern("outputName");
const RECURSE = intern("recurseForDerivations");

/** A derivation that was found. */
export interface FoundDerivation {
  readonly attrs: Attrs;
  /** Where, as a selection path; empty for the root. */
  readonly attrPath: string;
  readonly name: string;
}

/** What the search needs to know. */
export interface SearchOptions {
  /** Arguments for functions at the top, and at whatever is searched. */
  readonly args: Attrs;
  /** Told before an attribute is looked at. */
  readonly onAttribute?: (name: string) => void;
}

/** Returns the derivations in the value in `slot`. @throws {NixError} if it isn't a derivation, a set or a list */
export function findDerivations(slot: Slot, options: SearchOptions): FoundDerivation[] {
  const search = new Search(options);
  search.all(slot, "");
  return search.found;
}

class Search {
  readonly found: FoundDerivation[] = [];
  readonly #seen = new Set<Attrs>();
  readonly #options: SearchOptions;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  all(slot: Slot, path: string): void {
    enterCall(valuePos(slot, NO_POS));
    const v = autoCall(slot, this.#options.args);
    if (this.#one(v, path)) {
      if (v instanceof Attrs) this.#inAttrs(v, path);
      else if (Array.isArray(v)) this.#inList(v, path);
      else throw typeError("expression does not evaluate to a derivation (or a set or list of those)");
    }
    leaveCall();
  }

  /** Takes a derivation; returns whether it is something else, that may be searched. */
  #one(slot: Slot, attrPath: string): boolean {
    const v = force(slot, valuePos(slot, NO_POS));
    if (!isDerivation(v)) return true;
    if (this.#seen.has(v)) return false;
    this.#seen.add(v);
    const name = getAttr(v, NAME);
    if (name === undefined) throw typeError("derivation name missing");
    const words = "while evaluating the 'name' attribute of a derivation";
    this.found.push({ attrs: v, attrPath, name: forceStringNoContext(name, words) });
    return false;
  }

  #inAttrs(attrs: Attrs, path: string): void {
    // Interned here, because the order in which names are first seen is visible.
    const combineChannels = hasAttr(attrs, intern("_combineChannels"));
    const { shape, values } = flat(attrs);
    for (const i of shape.byName) {
      const name = symbolName(shape.names[i]);
      this.#options.onAttribute?.(name);
      if (!/^[A-Za-z_][A-Za-z0-9_+-]*$/.test(name)) continue;
      const inner = path === "" ? name : `${path}.${name}`;
      try {
        if (combineChannels) this.all(values[i], inner);
        else if (this.#one(values[i], inner) && wantsRecursion(values[i])) this.all(values[i], inner);
      } catch (e) {
        throw withFrame(e, attrPos(attrs, shape.names[i]), hint`while evaluating the attribute '${name}'`);
      }
    }
  }

  #inList(list: readonly Slot[], path: string): void {
    list.forEach((element, i) => {
      const inner = path === "" ? String(i) : `${path}.${i}`;
      if (this.#one(element, inner)) this.all(element, inner);
    });
  }
}

function wantsRecursion(slot: Slot): boolean {
  const v = force(slot);
  const recurse = v instanceof Attrs ? getAttr(v, RECURSE) : undefined;
  if (recurse === undefined) return false;
  return forceBool(recurse, "while evaluating the attribute `recurseForDerivations`", attrPos(v as Attrs, RECURSE));
}

/**
 * Returns the path of a derivation's .drv file, evaluating `drvPath`.
 * @throws {NixError} if there is no `drvPath` or it isn't one; `isStorePath` tells what is in the store directory
 */
export function drvPathOf(attrs: Attrs, isStorePath: (path: string) => boolean): string {
  const slot = getAttr(attrs, DRV_PATH);
  if (slot === undefined) throw evalError("derivation does not contain a 'drvPath' attribute");
  const pos = attrPos(attrs, DRV_PATH);
  const words = "while evaluating the 'drvPath' attribute of a derivation";
  const path = coerceToString(slot, new ContextBuilder(), WEAK, words, pos);
  if (!isStorePath(path)) throw evalError(hint`path '${path}' is not in the Nix store`).addFrame(pos, words);
  if (!path.endsWith(".drv")) {
    const baseName = path.slice(path.lastIndexOf("/") + 1);
    throw new NixError("eval", hint`store path '${baseName}' is not a valid derivation path`).addFrame(pos, words);
  }
  return path;
}

/** Returns which output a derivation stands for. @throws {NixError} if there is no `outputName`; `drvPath` names it */
export function outputNameOf(attrs: Attrs, drvPath: string): string {
  const slot = getAttr(attrs, OUTPUT_NAME);
  const words = "while evaluating the output name of a derivation";
  const name = slot === undefined ? "" : forceStringNoContext(slot, words);
  if (name === "") throw evalError(hint`derivation '${drvPath}' lacks an 'outputName' attribute`);
  return name;
}
