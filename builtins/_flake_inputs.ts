/** What a flake.nix says of its inputs, and whether its lock file has them. */
import type { AttrValue } from "../lib/fetch/attrs.ts";
import { type FlakeRef, flakeRefFromAttrs, parseFlakeRef } from "../lib/fetch/flake_ref.ts";
import type { InputOptions } from "../lib/fetch/input.ts";
import { type LockFile, sameRef } from "../lib/fetch/lock_file.ts";
import { Attrs, flat, getAttr } from "../lib/runtime/attrs.ts";
import { evalError, hint, NixError, typeError } from "../lib/runtime/errors.ts";
import { showType } from "../lib/runtime/print.ts";
import { force } from "../lib/runtime/thunk.ts";
import {
  isInt,
  isString,
  Lambda,
  lambdaExpr,
  PartialLambda,
  PathValue,
  type Slot,
  stringText,
  type Value,
} from "../lib/runtime/value.ts";
import { intern, mayNeedOrder, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import { asNixErrors } from "./_fetching.ts";

/** An input as flake.nix has it. */
export type FlakeInput = { readonly ref: FlakeRef } | { readonly follows: readonly string[] };

/** What a flake.nix holds, besides `outputs`. */
export interface FlakeDeclaration {
  readonly inputs: ReadonlyMap<string, FlakeInput>;
  /** `inputs.self`: how the flake itself is to be fetched. */
  readonly self: ReadonlyMap<string, AttrValue>;
  /** The function. */
  readonly outputs: Value;
}

const TOP = ["description", "inputs", "outputs", "nixConfig"];
const INPUTS = intern("inputs");
const OUTPUTS = intern("outputs");
const SELF_ATTRS = ["submodules", "lfs"];

/** Reads a flake.nix that was evaluated. `shown` is the flake, for messages. @throws {NixError} */
export function readFlake(flake: Attrs, options: InputOptions & { readonly shown: string }): FlakeDeclaration {
  const { shown } = options;
  mayNeedOrder(flat(flake).shape.names);
  for (const name of flat(flake).shape.names.map(symbolName)) {
    if (!TOP.includes(name)) throw evalError(hint`flake '${shown}' has an unsupported attribute '${name}'`);
  }
  const outputsSlot = getAttr(flake, OUTPUTS);
  if (outputsSlot === undefined) throw evalError(hint`flake '${shown}' lacks attribute 'outputs'`);
  const outputs = force(outputsSlot);
  const inputs = new Map<string, FlakeInput>();
  const self = new Map<string, AttrValue>();
  const inputsSlot = getAttr(flake, INPUTS);
  if (inputsSlot !== undefined) {
    for (const [name, slot] of entries(expectSet(inputsSlot))) {
      if (name === "self") readSelf(expectSet(slot), self);
      else inputs.set(name, readInput(name, expectSet(slot), options));
    }
  }
  for (const name of formalsOf(outputs)) {
    if (name !== "self" && !inputs.has(name)) {
      inputs.set(name, { ref: asNixErrors(() => parseFlakeRef(name, options)) });
    }
  }
  return { inputs, self, outputs };
}

/**
 * Checks that a lock file has all inputs of a flake.
 * @throws {NixError} of kind `unsupported` if it would have to be changed
 */
export function checkLocked(
  declaration: FlakeDeclaration,
  lockFile: LockFile,
  options: { readonly shown: string; readonly pureEval: boolean },
): void {
  for (const [name, input] of declaration.inputs) {
    const edge = lockFile.root.inputs.get(name);
    if (edge !== undefined) {
      if ("follows" in input) {
        if ("follows" in edge && edge.follows.join("/") === input.follows.join("/")) continue;
      } else if ("key" in edge) {
        const { original } = lockFile.nodes.get(edge.key)!;
        if (original !== undefined && sameRef(original, input.ref)) continue;
      }
    }
    const error = options.pureEval
      ? hint`cannot update unlocked flake input '${name}' in pure mode`
      : hint`flake '${options.shown}' requires lock file changes but they're not allowed: its lock file lacks input '${name}'`;
    throw new NixError("unsupported", error);
  }
}

function readSelf(set: Attrs, self: Map<string, AttrValue>): void {
  for (const [name, slot] of entries(set)) {
    if (!SELF_ATTRS.includes(name)) throw evalError(hint`flake 'self' attribute '${name}' is not supported`);
    self.set(name, attrValue(name, slot));
  }
}

function readInput(name: string, set: Attrs, options: InputOptions): FlakeInput {
  const attrs = new Map<string, AttrValue>();
  let url: string | undefined;
  let isFlake = true;
  let follows: readonly string[] | undefined;
  for (const [attr, slot] of entries(set)) {
    if (attr === "url") {
      const value = force(slot);
      if (value instanceof PathValue) throw new NixError("unsupported", hint`input '${name}' has a path as its URL`);
      if (!isString(value)) throw evalError(hint`expected a string or a path but got ${showType(value)}`);
      url = stringText(value);
      attrs.set("url", url);
    } else if (attr === "flake") {
      isFlake = force(slot) === true;
    } else if (attr === "follows") {
      const value = force(slot);
      if (!isString(value)) throw evalError(hint`expected a string but got ${showType(value)}`);
      follows = stringText(value).split("/").filter((part) => part !== "");
    } else if (attr !== "inputs") {
      attrs.set(attr, attrValue(attr, slot));
    }
  }
  if (follows !== undefined) {
    if (url !== undefined || attrs.size > 0) {
      throw evalError("flake input has both a flake reference and a follows attribute");
    }
    return { follows };
  }
  return {
    ref: asNixErrors(() => {
      if (attrs.has("type")) return flakeRefFromAttrs(attrs, options);
      attrs.delete("url");
      const [extra] = attrs.keys();
      if (extra !== undefined) throw evalError(hint`unexpected flake input attribute '${extra}'`);
      return parseFlakeRef(url ?? name, { ...options, isFlake, keepRelative: true });
    }),
  };
}

function attrValue(name: string, slot: Slot): AttrValue {
  const value = force(slot);
  if (isString(value)) return stringText(value);
  if (typeof value === "boolean") return value;
  if (isInt(value)) {
    if (value < 0) throw evalError(hint`negative value given for flake input attribute ${name}: ${String(value)}`);
    return value;
  }
  throw typeError(
    hint`flake input attribute '${name}' is ${showType(value)} while a string, Boolean, or integer is expected`,
  );
}

function expectSet(slot: Slot): Attrs {
  const value = force(slot);
  if (value instanceof Attrs) return value;
  throw evalError(hint`expected ${"a set"} but got ${showType(value)}`);
}

function* entries(set: Attrs): Generator<[string, Slot]> {
  const { shape, values } = flat(set);
  for (const i of shape.byName) yield [symbolName(shape.names[i]), values[i]];
}

/** Names in the set pattern of a function. */
function formalsOf(fn: Value): string[] {
  if (!(fn instanceof Lambda || fn instanceof PartialLambda)) return [];
  return (lambdaExpr(fn).formals?.formals ?? []).map(({ name }: { readonly name: Symbol }) => symbolName(name));
}
