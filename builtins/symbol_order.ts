/**
 * The order in which C++ Nix meets the names of its builtins.
 *
 * Sets are evaluated deeply in the order in which names were first seen, so it decides which of two errors comes up in
 * `{ map = throw "a"; all = throw "b"; }`. C++ Nix sees the names of all builtins before it reads any program, in the order
 * in which they are registered, and after them the variables of its file that defines `derivation`.
 */
import { intern } from "../lib/syntax/symbols.ts";

/**
 * Global names; those with `__` are followed by the same without. What follows a `?` is the experimental feature without
 * which C++ Nix does not register the builtin.
 */
const NAMES = `
builtins true false null __currentTime __currentSystem __nixVersion __storeDir __langVersion __traceVerbose __nixPath
scopedImport import __typeOf isNull __isFunction __isInt __isFloat __isString __isBool __isPath __genericClosure break
abort throw __addErrorContext __ceil __floor __tryEval __getEnv __seq __deepSeq __trace __warn derivationStrict
placeholder __toPath __storePath __pathExists baseNameOf dirOf __readFile __findFile __hashFile __readFileType
__readDir __outputOf?dynamic-derivations __toXML __toJSON __fromJSON __toFile __filterSource __path __attrNames
__attrValues __getAttr __unsafeGetAttrPos __hasAttr __isAttrs removeAttrs __listToAttrs __intersectAttrs __catAttrs
__functionArgs __mapAttrs __zipAttrsWith __isList __elemAt __head __tail map __filter __elem __concatLists __length
__foldl' __any __all __genList __sort __partition __groupBy __concatMap __add __sub __mul __div __bitAnd __bitOr
__bitXor __lessThan toString __substring __stringLength __hashString __convertHash __match __split __concatStringsSep
__replaceStrings __parseDrvName __compareVersions __splitVersion __unsafeDiscardStringContext __hasContext
__unsafeDiscardOutputDependency __addDrvOutputDependencies __getContext __appendContext __fetchClosure?fetch-closure
fetchMercurial fetchTree?fetch-tree fetchFinalTree __fetchurl fetchTarball fetchGit fromTOML __getFlake
__parseFlakeRef __flakeRefToString derivation strict drvAttrs commonAttrs outputsList x outputToAttrListElement`;

/** Sees the names of the builtins in C++ Nix's order. To be called before anything else makes symbols. */
export function internBuiltinNames(features: ReadonlySet<string>): void {
  for (const entry of NAMES.trim().split(/\s+/)) {
    const [name, feature] = entry.split("?");
    if (feature !== undefined && !features.has(feature)) continue;
    intern(name);
    if (name.startsWith("__")) intern(name.slice(2));
  }
}
