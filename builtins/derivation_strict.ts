/**
 * `derivationStrict`: a set of attributes to a store derivation.
 *
 * Attributes are looked at in the order of their names, and become environment variables, or one JSON object in
 * `__json` with `__structuredAttrs`. What their strings refer to becomes the derivation's inputs. Which outputs there are
 * and how their paths come about is up to a few special attributes; lib/format computes the paths.
 *
 * A package set calls this tens of thousands of times with some fifty attributes each, most of them short strings
 * without context, so: names are compared as symbols, the environment is built in order, and what a context element
 * means is worked out once.
 */
import type { Derivation } from "../lib/format/derivation.ts";
import { StorePathNameError } from "../lib/format/errors.ts";
import { downstreamPlaceholder } from "../lib/format/placeholder.ts";
import { checkStorePathName } from "../lib/format/store_path.ts";
import { type DerivationRecipe, type KnownDerivation, UnknownPathError } from "../lib/known_paths.ts";
import { attrPos, Attrs, flat, getAttr } from "../lib/runtime/attrs.ts";
import { orderBySymbol, shapeOf } from "../lib/runtime/shapes.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { Context } from "../lib/runtime/context.ts";
import { evalError, hint, NixError, withFrame } from "../lib/runtime/errors.ts";
import { forceAttrs, forceBool, forceStringNoContext, requireAttr } from "../lib/runtime/expect.ts";
import { foreignError } from "../lib/runtime/foreign_error.ts";
import { force, settleSlot } from "../lib/runtime/thunk.ts";
import { ContextString, type Slot, type Value } from "../lib/runtime/value.ts";
import type { Pos } from "../lib/syntax/positions.ts";
import { showSymbol } from "../lib/runtime/print.ts";
import { intern, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import { DerivationDraft, type DraftDeps } from "./_derivation_draft.ts";
import { type InputDeps, makeInputsOf, unknownDerivation } from "./_derivation_inputs.ts";
import { hashError } from "./_hash_error.ts";

/** What `derivationStrict` needs. */
export interface DerivationStrictDeps extends InputDeps, Omit<DraftDeps, "storeDir"> {
  /** Returns a position as `file:line:column`. */
  readonly showPos: (pos: Pos) => string;
}

const NAME = intern("name");
const STRUCTURED_ATTRS = intern("__structuredAttrs");
const IGNORE_NULLS = intern("__ignoreNulls");
const DRV_PATH = intern("drvPath");

/** Returns `derivationStrict`. */
export function derivationStrictBuiltin(deps: DerivationStrictDeps): Builtin {
  const { knownPaths, showPos } = deps;
  const draftDeps = { ...deps, storeDir: knownPaths.storeDir };
  const silentDeps = { ...draftDeps, log: { ...deps.log, warn: () => {} } };
  const inputsOf = makeInputsOf(deps);
  const coercion = { strong: true, copy: deps.copyToStore };

  const derivationStrict = (args: Slot): Value => {
    const attrs = flat(forceAttrs(args, "while evaluating the argument passed to builtins.derivationStrict"));
    const nameSlot = requireAttr(attrs, NAME, "in the attrset passed as argument to builtins.derivationStrict");
    let name: string;
    try {
      name = forceStringNoContext(
        nameSlot,
        "while evaluating the `name` attribute passed to builtins.derivationStrict",
      );
    } catch (e) {
      throw withFrame(e, attrPos(attrs, NAME), "while evaluating the derivation attribute 'name'");
    }
    try {
      return result(knownPaths.addDerivation(make(name, attrs), new Recipe(name, attrs, makeAgain)));
    } catch (thrown) {
      const e = foreign(thrown);
      if (e instanceof NixError) {
        const text = hint`while evaluating derivation '${name}'\n  whose name attribute is located at ${
          showPos(attrPos(attrs, NAME))
        }`;
        throw e.addPlacelessFrame(text);
      }
      throw e;
    }
  };

  const make = (name: string, attrs: Attrs, deps: DraftDeps = draftDeps): Derivation => {
    checkName(name);
    const draft = new DerivationDraft(name, deps);
    draft.structured = flag(attrs, STRUCTURED_ATTRS) ? [] : null;
    const ignoreNulls = flag(attrs, IGNORE_NULLS);
    const { shape, values } = attrs;
    const { names, byName } = shape;
    for (let i = 0; i < byName.length; i++) {
      const slot = byName[i];
      const symbol = names[slot];
      if (symbol === IGNORE_NULLS) continue;
      try {
        const value = values[slot];
        if (ignoreNulls && force(value) === null) continue;
        draft.attribute(symbol, value, coercion);
        settleSlot(values, slot);
      } catch (e) {
        throw withFrame(
          foreign(e),
          attrPos(attrs, symbol),
          hint`while evaluating attribute '${showSymbol(symbol)}' of derivation '${name}'`,
        );
      }
    }
    return draft.finish(inputsOf(draft.context.build()));
  };

  /** What was to be said has been said. */
  const makeAgain = (name: string, attrs: Attrs): Derivation => make(name, attrs, silentDeps);

  /** Returns the result of the builtin: the derivation's path and its outputs'. */
  const result = ({ path, outputs }: KnownDerivation): Attrs => {
    const names = [DRV_PATH];
    const values: Slot[] = [new ContextString(path, Context.of(`=${path}`))];
    for (const name of outputs.names) {
      const text = outputs.get(name) ?? downstreamPlaceholder(path, name);
      names.push(intern(name));
      values.push(new ContextString(text, Context.of(`!${name}!${path}`)));
    }
    const order = orderBySymbol(names);
    return new Attrs(shapeOf(names.map((_, i) => names[order[i]])), values.map((_, i) => values[order[i]]));
  };

  return {
    name: "derivationStrict",
    bare: true,
    params: ["args"],
    doc: "Makes a derivation of a set of attributes and returns a set of its path, `drvPath`, and the paths of its " +
      "outputs. `derivation` is the same for lazy people.",
    call: derivationStrict,
  };
}

/** The attributes that a derivation was made of. */
class Recipe implements DerivationRecipe {
  // Without private methods and closures: there is one for each derivation.
  constructor(
    readonly name: string,
    readonly attrs: Attrs,
    readonly makeAgain: (name: string, attrs: Attrs) => Derivation,
  ) {}

  make(): Derivation {
    return this.makeAgain(this.name, this.attrs);
  }
}

function checkName(name: string): void {
  try {
    checkStorePathName(name);
  } catch (e) {
    if (!(e instanceof StorePathNameError)) throw e;
    const reason = foreignError("eval", e).message;
    throw evalError(`invalid derivation name: ${reason}. Please pass a different ` + hint`'${"name"}'.`);
  }
}

function flag(attrs: Attrs, name: Symbol): boolean {
  const slot = getAttr(attrs, name);
  if (slot === undefined) return false;
  return forceBool(
    slot,
    `while evaluating the \`${symbolName(name)}\` attribute passed to builtins.derivationStrict`,
  );
}

/** Returns errors of the layers below as errors of the program, others as they are. */
function foreign(e: unknown): unknown {
  if (e instanceof UnknownPathError) return unknownDerivation(e);
  return hashError(e);
}
