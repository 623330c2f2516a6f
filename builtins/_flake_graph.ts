/**
 * A flake with its lock file as values.
 *
 * Each node of the lock file becomes a set when something of it is needed: its tree, and, if it is a flake, its outputs
 * applied to the nodes it refers to.
 */
import type { InputAttrs } from "../lib/fetch/attrs.ts";
import { inputFromAttrs, printInput } from "../lib/fetch/input.ts";
import { findNode, type LockFile, type LockNode, resolveEdge } from "../lib/fetch/lock_file.ts";
import { Attrs, AttrsBuilder, flat, getAttr, updateAttrs } from "../lib/runtime/attrs.ts";
import { canonPath } from "../lib/runtime/coerce.ts";
import { call1 } from "../lib/runtime/call.ts";
import { evalError, hint } from "../lib/runtime/errors.ts";
import { forceAttrs, forceString } from "../lib/runtime/expect.ts";
import { force, lazy } from "../lib/runtime/thunk.ts";
import { isFunction, makeString, type Slot, stringContext, stringText, type Value } from "../lib/runtime/value.ts";
import { NO_POS, type PosTable } from "../lib/syntax/positions.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { asNixErrors, type FetchDeps, inputOptionsOf } from "./_fetching.ts";
import type { FlakeDeclaration } from "./_flake_inputs.ts";
import { inputTree } from "./_input_tree.ts";
import type { FileEvaluator } from "./import.ts";

const OUT_PATH = intern("outPath");
const OUTPUTS = intern("outputs");
const SELF = intern("self");

/** What evaluating flakes takes. */
export interface FlakeDeps extends FetchDeps {
  readonly evaluator: FileEvaluator;
  readonly positions: PosTable;
}

/** A flake that was read, and its lock file. */
export interface LockedFlake {
  readonly lockFile: LockFile;
  readonly sourceInfo: Attrs;
  readonly dir: string;
  readonly declaration: FlakeDeclaration;
}

/** The nodes of a lock file as values. */
export class FlakeGraph {
  readonly #deps: FlakeDeps;
  readonly #flake: LockedFlake;
  readonly #nodes = new Map<string, FlakeNode>();

  constructor(deps: FlakeDeps, flake: LockedFlake) {
    this.#deps = deps;
    this.#flake = flake;
  }

  /** Returns the flake's outputs and what is known of its tree. */
  root(): Value {
    return force(this.#node(this.#flake.lockFile.root).result);
  }

  #node(node: LockNode): FlakeNode {
    let made = this.#nodes.get(node.key);
    if (made === undefined) this.#nodes.set(node.key, made = this.#make(node));
    return made;
  }

  #make(node: LockNode): FlakeNode {
    const isRoot = node === this.#flake.lockFile.root;
    const parent = () => this.#node(this.#parentOf(node));
    const relative = isRelative(node);
    const sourceInfo = isRoot
      ? this.#flake.sourceInfo
      : lazy(() => relative ? force(parent().sourceInfo) : this.#fetch(node.locked!));
    const outPath = lazy(() => {
      if (relative) return append(parent().outPath, String(node.locked!.get("path")));
      const source = forceAttrs(sourceInfo, "");
      return append(getAttr(source, OUT_PATH)!, isRoot ? this.#flake.dir : node.dir);
    });
    const made: FlakeNode = { sourceInfo, outPath, result: lazy(() => this.#result(node, made)) };
    return made;
  }

  #parentOf(node: LockNode): LockNode {
    const found = node.parent === undefined
      ? undefined
      : asNixErrors(() => findNode(this.#flake.lockFile, node.parent!));
    if (found === undefined) {
      throw evalError(hint`lock file doesn't say what the relative path of '${node.key}' is relative to`);
    }
    return found;
  }

  #fetch(locked: InputAttrs): Attrs {
    const options = inputOptionsOf(this.#deps);
    // What stands in a lock file is all there is to say. As with fetchTree, nobody wants the history of a revision.
    const attrs = new Map(locked).set("__final", true);
    if (attrs.get("type") === "git" && !attrs.has("shallow")) attrs.set("shallow", true);
    const input = asNixErrors(() => inputFromAttrs(attrs, options));
    this.#deps.checkUri(asNixErrors(() => printInput(input)));
    return inputTree(this.#deps, input);
  }

  #result(node: LockNode, made: FlakeNode): Value {
    const source = forceAttrs(made.sourceInfo, "while fetching a flake input");
    if (!node.isFlake) {
      const own = new AttrsBuilder();
      own.add(intern("sourceInfo"), source);
      own.add(OUT_PATH, made.outPath);
      return updateAttrs(source, own.build());
    }
    const isRoot = node === this.#flake.lockFile.root;
    const outputsFunction = isRoot ? this.#flake.declaration.outputs : this.#outputsOf(made);
    if (!isFunction(outputsFunction)) throw evalError("assertion '(builtins.isFunction flake.outputs)' failed");
    const inputs = this.#inputsOf(node, isRoot);
    const self = new AttrsBuilder();
    self.add(SELF, made.result);
    const outputs = lazy(() => call1(outputsFunction, updateAttrs(inputs, self.build()), NO_POS));
    const own = new AttrsBuilder();
    own.add(OUT_PATH, made.outPath);
    own.add(intern("inputs"), inputs);
    own.add(OUTPUTS, outputs);
    own.add(intern("sourceInfo"), source);
    own.add(intern("_type"), "flake");
    const outputSet = forceAttrs(outputs, "while evaluating the outputs of a flake");
    return updateAttrs(updateAttrs(flat(outputSet), source), own.build());
  }

  #outputsOf(made: FlakeNode): Value {
    const path = canonPath(stringText(forceString(made.outPath, "")));
    const flake = forceAttrs(this.#deps.evaluator.importFile(`${path}/flake.nix`), "while evaluating a flake");
    const outputs = getAttr(flake, OUTPUTS);
    if (outputs === undefined) throw evalError(hint`flake '${path}' lacks attribute 'outputs'`);
    return force(outputs);
  }

  #inputsOf(node: LockNode, isRoot: boolean): Attrs {
    const builder = new AttrsBuilder();
    for (const [name, edge] of node.inputs) {
      if (isRoot && !this.#flake.declaration.inputs.has(name)) continue;
      builder.add(
        intern(name),
        lazy(() => force(this.#node(asNixErrors(() => resolveEdge(this.#flake.lockFile, edge))).result)),
      );
    }
    return builder.build();
  }
}

/** A node as a value, in parts. */
interface FlakeNode {
  readonly sourceInfo: Slot;
  readonly outPath: Slot;
  readonly result: Slot;
}

function isRelative(node: LockNode): boolean {
  return node.locked?.get("type") === "path" && String(node.locked.get("path"))[0] !== "/";
}

/** Returns what a flake.nix evaluates to. @throws {NixError} if that is no set */
export function evaluateFlake(deps: FlakeDeps, path: string): Attrs {
  return deps.evaluator.importSet(path) as Attrs;
}

/** Returns where a tree is. */
export function outPathOf(sourceInfo: Attrs): string {
  return stringText(forceString(getAttr(sourceInfo, OUT_PATH)!, ""));
}

/** Returns the path of a file in a folder of a tree, which no `..` leaves. */
export function below(path: string, dir: string, name: string): string {
  return `${path}${canonPath(`/${dir}/${name}`)}`;
}

/** Returns a path with a part added, and the path's context. */
function append(path: Slot, part: string): Value {
  const value = forceString(path, "");
  return part === "" ? value : makeString(`${stringText(value)}/${part}`, stringContext(value));
}
