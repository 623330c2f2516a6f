/**
 * `getFlake`: the outputs of a flake whose lock file has all its inputs.
 *
 * Lock files are never changed; a flake that would need that is an error of kind `unsupported`. Nothing is looked up in
 * registries.
 */
import { withAttrs } from "../lib/fetch/attrs.ts";
import { type FlakeRef, parseFlakeRef, printFlakeRef } from "../lib/fetch/flake_ref.ts";
import { inputFromAttrs, isDirect, isLocked } from "../lib/fetch/input.ts";
import { EMPTY_LOCK_FILE, type LockFile, parseLockFile } from "../lib/fetch/lock_file.ts";
import { bytesToBinary } from "../lib/format/bytes.ts";
import { type Attrs, getAttr } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { evalError, hint, withPlacelessFrame } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { force } from "../lib/runtime/thunk.ts";
import type { Slot, Value } from "../lib/runtime/value.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { asNixErrors, inNoRegistry, inputOptionsOf } from "./_fetching.ts";
import { requireFeature } from "./_features.ts";
import { below, evaluateFlake, type FlakeDeps, FlakeGraph, outPathOf } from "./_flake_graph.ts";
import { checkLocked, type FlakeDeclaration, readFlake } from "./_flake_inputs.ts";
import { inputTree } from "./_input_tree.ts";

/** Returns `getFlake`. */
export function getFlakeBuiltin(deps: FlakeDeps): Builtin {
  const options = inputOptionsOf(deps);

  const getFlake = (arg: Slot): Value => {
    const text = forceStringNoContext(arg, "while evaluating the argument passed to builtins.getFlake");
    const ref = asNixErrors(() => parseFlakeRef(text, options));
    if (deps.settings.pureEval && !asNixErrors(() => isLocked(ref.input, options))) {
      // "«none»:0", since C++ Nix never knows where.
      throw evalError(
        hint`cannot call 'getFlake' on unlocked flake reference '${text}', at \xc2\xabnone\xc2\xbb:0 (use --impure to override)`,
      );
    }
    requireFeature(deps.settings.features, "flakes");
    const shown = asNixErrors(() => printFlakeRef(ref));
    if (!isDirect(ref.input)) throw inNoRegistry(shown);
    const { sourceInfo, declaration } = openFlake(ref, shown);
    try {
      const lockFile = readLockFile(sourceInfo, ref.dir);
      checkLocked(declaration, lockFile, { shown, pureEval: deps.settings.pureEval });
      return new FlakeGraph(deps, { lockFile, sourceInfo, dir: ref.dir, declaration }).root();
    } catch (e) {
      const locked = asNixErrors(() => printFlakeRef(lockedRef(ref, sourceInfo)));
      throw withPlacelessFrame(e, hint`while updating the lock file of flake '${locked}'`);
    }
  };

  /** Fetches a flake and reads its flake.nix; again if that says how it wants to be fetched. */
  const openFlake = (ref: FlakeRef, shown: string): { sourceInfo: Attrs; declaration: FlakeDeclaration } => {
    const sourceInfo = inputTree(deps, ref.input);
    const declaration = readFlake(
      evaluateFlake(deps, below(outPathOf(sourceInfo), ref.dir, "flake.nix")),
      { ...options, shown, evaluator: deps.evaluator, positions: deps.positions },
    );
    // What its kind of input knows nothing of makes no difference.
    const { scheme, attrs: asked } = ref.input;
    const changes = [...declaration.self].filter(([name, value]) =>
      scheme?.attrs.has(name) && asked.get(name) !== value
    );
    if (changes.length === 0) return { sourceInfo, declaration };
    const attrs = withAttrs(asked, { ...Object.fromEntries(changes), narHash: undefined });
    return { sourceInfo: inputTree(deps, asNixErrors(() => inputFromAttrs(attrs, options))), declaration };
  };

  const readLockFile = (sourceInfo: Attrs, dir: string): LockFile => {
    const path = below(outPathOf(sourceInfo), dir, "flake.lock");
    if (!deps.io.pathExists(path)) return EMPTY_LOCK_FILE;
    return asNixErrors(() => parseLockFile(bytesToBinary(deps.io.readFile(path)), { ...options, path }));
  };

  return {
    name: "getFlake",
    params: ["args"],
    doc:
      "Returns the outputs of the flake that a reference names, and what is known of its tree. Its lock file has to " +
      "have all its inputs; it is never changed.",
    call: getFlake,
  };
}

/** Returns a reference with what is known of the tree it led to. */
function lockedRef({ input, dir }: FlakeRef, sourceInfo: Attrs): FlakeRef {
  const attrs = new Map(input.attrs);
  for (const name of ["narHash", "lastModified", "rev", "revCount"]) {
    const slot = getAttr(sourceInfo, intern(name));
    if (slot !== undefined && input.scheme?.attrs.has(name)) attrs.set(name, force(slot) as string | number);
  }
  return { input: { ...input, attrs }, dir };
}
