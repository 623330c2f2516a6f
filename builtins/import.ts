/**
 * `import` and `scopedImport`.
 *
 * A derivation's file isn't evaluated: it becomes the derivation it describes.
 */
import { downstreamPlaceholder } from "../lib/format/placeholder.ts";
import { type DrvPath, isStorePath } from "../lib/format/store_path.ts";
import type { KnownDerivation } from "../lib/known_paths.ts";
import { type Attrs, AttrsBuilder } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { call1 } from "../lib/runtime/call.ts";
import { Context } from "../lib/runtime/context.ts";
import { forceAttrs } from "../lib/runtime/expect.ts";
import { force, type Thunk } from "../lib/runtime/thunk.ts";
import type { ListingCache } from "../lib/runtime/tree_cache.ts";
import { ContextString, type Slot, type Value } from "../lib/runtime/value.ts";
import { NO_POS, type Pos } from "../lib/syntax/positions.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { IMPORTED_DERIVATION } from "./_imported_derivation.nix.ts";
import { type PathDeps, realisePath } from "./_paths.ts";

/** What evaluates files. */
export interface FileEvaluator {
  /** Each file at most once. */
  importFile(path: string): Value;
  /** Likewise a file that has to say `{ … }` and nothing around it. */
  importSet(path: string): Value;
  /** Returns the value of a slot if it has one or is a set, a list or a function as it is written; else its thunk. */
  forceTrivial(slot: Slot, pos: Pos): Slot;
  /** With `scope` added to the global scope; never cached. */
  scopedImport(scope: Attrs, path: string): Value;
  /** A thunk of a text of the evaluator's own. */
  internal(name: string, text: string): Thunk;
  /** What directories list, where that is kept. */
  readonly listings: ListingCache | undefined;
}

/** What `import` and `scopedImport` need. */
export interface ImportDeps extends PathDeps {
  readonly evaluator: FileEvaluator;
  /** Returns the derivation in a file that is in the store, or will be; undefined if there is none. */
  readonly derivation: (path: DrvPath) => KnownDerivation | undefined;
}

/** Returns `import` and `scopedImport`. */
export function importBuiltins(deps: ImportDeps): readonly Builtin[] {
  const { io, evaluator } = deps;
  const fromDrv = evaluator.internal("imported-derivation.nix", IMPORTED_DERIVATION);

  const derivationAt = (path: string): KnownDerivation | undefined =>
    path.endsWith(".drv") && isStorePath(path, { storeDir: io.storeDir })
      ? deps.derivation(path as DrvPath)
      : undefined;

  const importPath = (p: Slot): Value => {
    const path = realisePath(deps, p, "none");
    const known = derivationAt(path);
    return known === undefined ? evaluator.importFile(path) : call1(force(fromDrv), describe(known), NO_POS);
  };

  const scopedImport = (scope: Slot, p: Slot): Value => {
    const path = realisePath(deps, p, "none");
    const known = derivationAt(path);
    if (known !== undefined) return call1(force(fromDrv), describe(known), NO_POS);
    const words = "while evaluating the first argument passed to builtins.scopedImport";
    return evaluator.scopedImport(forceAttrs(scope, words), path);
  };

  return [
    {
      name: "import",
      bare: true,
      params: ["path"],
      doc:
        "Evaluates the file *path* and returns its value. For a directory the file is its `default.nix`. Each file is " +
        "evaluated once. The file sees the global scope only: what it needs is passed as an argument if it is a function.",
      call: importPath,
    },
    {
      name: "scopedImport",
      bare: true,
      params: ["scope", "path"],
      doc: "Evaluates the file *path* with the attributes of *scope* as additional variables, anew each time.",
      call: scopedImport,
    },
  ];
}

/** Returns what IMPORTED_DERIVATION wants to know. */
function describe({ path, nameVariable, outputs }: KnownDerivation): Attrs {
  const builder = new AttrsBuilder();
  builder.add(intern("drvPath"), new ContextString(path, Context.of(`=${path}`)));
  builder.add(intern("name"), nameVariable);
  const { names } = outputs;
  for (const name of names) {
    const text = outputs.get(name) ?? downstreamPlaceholder(path, name);
    builder.add(intern(name), new ContextString(text, Context.of(`!${name}!${path}`)));
  }
  builder.add(intern("outputs"), names.slice());
  return builder.build("last");
}
