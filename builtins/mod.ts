/**
 * All builtins: the one explicit list. A builtin that is not named here does not exist.
 *
 * {@link pureBuiltins} need nothing of the world; {@link worldBuiltins} reach it through the EvalIO, the known paths and the
 * few functions they are given.
 */
import type { StorePath } from "../lib/format/store_path.ts";
import type { KnownPaths } from "../lib/known_paths.ts";
import type { Builtin, BuiltinConstant } from "../lib/runtime/builtin.ts";
import type { CopyToStore } from "../lib/runtime/coerce.ts";
import type { EvalIO, Realise } from "../lib/runtime/io.ts";
import type { EvalLog } from "../lib/runtime/log.ts";
import { showPos } from "../lib/runtime/print.ts";
import type { EvalSettings } from "../lib/runtime/settings.ts";
import type { Slot } from "../lib/runtime/value.ts";
import type { PosTable } from "../lib/syntax/positions.ts";
import { ARITHMETIC_BUILTINS } from "./arithmetic.ts";
import { attrPositionBuiltins } from "./attr_positions.ts";
import { ATTRS_BUILTINS } from "./attrs.ts";
import { LITERAL_CONSTANTS, VERSION_CONSTANTS } from "./constants.ts";
import { contextBuiltins } from "./context.ts";
import { controlBuiltins } from "./control.ts";
import { currentConstants } from "./current.ts";
import { dataBuiltins } from "./data.ts";
import { derivationConstant } from "./derivation.ts";
import { derivationStrictBuiltin } from "./derivation_strict.ts";
import { type FetchDeps, inputOptionsOf } from "./_fetching.ts";
import { fetchClosureBuiltin } from "./fetch_closure.ts";
import { fetchMercurialBuiltin } from "./fetch_mercurial.ts";
import { fetchTreeBuiltins } from "./fetch_tree.ts";
import { fetchUrlBuiltins } from "./fetch_url.ts";
import { findFileBuiltin, nixPathConstant } from "./find_file.ts";
import { flakeRefBuiltins } from "./flake_refs.ts";
import { CLOSURE_BUILTINS } from "./generic_closure.ts";
import { fromTomlBuiltin } from "./from_toml.ts";
import { getEnvBuiltin } from "./get_env.ts";
import { getFlakeBuiltin } from "./get_flake.ts";
import { hashBuiltins } from "./hashes.ts";
import { type FileEvaluator, importBuiltins } from "./import.ts";
import { LIST_BUILTINS } from "./lists.ts";
import { outputOfBuiltin } from "./output_of.ts";
import { pathBuiltins } from "./path.ts";
import { PLACEHOLDER } from "./placeholder.ts";
import { fileBuiltins } from "./read_file.ts";
import { regexBuiltins } from "./regex.ts";
import type { SearchPathEntry, SearchPathResolver } from "./search_path.ts";
import { SORT_BUILTINS } from "./sort.ts";
import { storePathBuiltin } from "./store_path.ts";
import { stringBuiltins } from "./strings.ts";
import { toFileBuiltin } from "./to_file.ts";
import { TO_PATH } from "./to_path.ts";
import { internBuiltinNames } from "./symbol_order.ts";
import { TYPE_BUILTINS } from "./types.ts";
import { VERSION_BUILTINS } from "./versions.ts";

/** Builtins as the evaluator takes them. */
export interface BuiltinList {
  readonly functions: readonly Builtin[];
  readonly constants: readonly BuiltinConstant[];
}

/** What the builtins need of evaluator and world. */
export interface BuiltinDeps extends FetchDeps {
  readonly settings: EvalSettings;
  readonly log: EvalLog;
  readonly positions: PosTable;
  readonly io: EvalIO;
  readonly evaluator: FileEvaluator;
  readonly copyToStore: CopyToStore;
  readonly realise: Realise;
  readonly knownPaths: KnownPaths;
  readonly searchPaths: SearchPathResolver;
  readonly searchPath: readonly SearchPathEntry[];
  /** Seconds since 1970, when evaluation began. */
  readonly time: Slot;
  /** What a store path refers to; empty if that isn't known. */
  readonly references: (path: StorePath) => readonly StorePath[];
  /** Makes sure that a path named by the program is in the store; null where nothing is checked. */
  readonly ensurePath: ((path: StorePath) => void) | null;
}

/** Returns the builtins that need nothing but each other. */
export function pureBuiltins(deps: BuiltinDeps): BuiltinList {
  internBuiltinNames(deps.settings.features);
  return {
    functions: [
      ...LIST_BUILTINS,
      ...SORT_BUILTINS,
      ...CLOSURE_BUILTINS,
      ...ATTRS_BUILTINS,
      ...attrPositionBuiltins(deps.positions),
      ...stringBuiltins(deps),
      ...regexBuiltins(),
      ...VERSION_BUILTINS,
      ...hashBuiltins(deps),
      ...ARITHMETIC_BUILTINS,
      ...TYPE_BUILTINS,
      ...controlBuiltins(deps),
      ...dataBuiltins(deps),
      fromTomlBuiltin(deps),
    ],
    constants: [...LITERAL_CONSTANTS, ...VERSION_CONSTANTS],
  };
}

/** Returns the builtins through which a program sees files, environment, time and store. */
export function worldBuiltins(deps: BuiltinDeps): BuiltinList {
  const { settings, io } = deps;
  const storeDir = io.storeDir;
  return {
    functions: [
      derivationStrictBuiltin({
        ...deps,
        features: settings.features,
        showPos: (pos) => showPos(deps.positions, pos),
      }),
      ...importBuiltins({
        ...deps,
        derivation: (path) => io.pathExists(path) ? deps.knownPaths.derivation(path) : undefined,
      }),
      ...fileBuiltins({ ...deps, features: settings.features }),
      ...pathBuiltins({ ...deps, features: settings.features }),
      getEnvBuiltin(deps),
      findFileBuiltin(deps),
      toFileBuiltin(deps),
      storePathBuiltin({ ...deps, pureEval: settings.pureEval }),
      ...contextBuiltins({ ...deps, storeDir }),
      PLACEHOLDER,
      TO_PATH,
      ...fetchUrlBuiltins(deps),
      ...fetchTreeBuiltins(deps),
      fetchMercurialBuiltin(deps),
      fetchClosureBuiltin({ storeDir }),
      ...flakeRefBuiltins(inputOptionsOf(deps)),
      getFlakeBuiltin(deps),
      outputOfBuiltin(deps),
    ],
    constants: [
      ...currentConstants({ system: settings.system, time: deps.time, storeDir }),
      nixPathConstant(deps.searchPath),
      derivationConstant({ internal: (name, text) => deps.evaluator.internal(name, text) }),
    ],
  };
}
