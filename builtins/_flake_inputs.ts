/** What a flake.nix says of its inputs, and whether its lock file has them. */
import type { AttrValue } from "../lib/fetch/attrs.ts";
import { type FlakeRef, flakeRefFromAttrs, parseFlakeRef } from "../lib/fetch/flake_ref.ts";
import type { InputOptions } from "../lib/fetch/input.ts";
import { isFlakeId } from "../lib/fetch/schemes/indirect.ts";
import { type LockFile, sameRef } from "../lib/fetch/lock_file.ts";
import { attrPos, Attrs, flat, getAttr, hasAttr } from "../lib/runtime/attrs.ts";
import { evalError, hint, NixError, typeError, withFrame } from "../lib/runtime/errors.ts";
import { forceStringNoContext } from "../lib/runtime/expect.ts";
import { showPos, showType } from "../lib/runtime/print.ts";
import { peek } from "../lib/runtime/thunk.ts";
import {
  type ContextString,
  isFunction,
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
import type { Pos, PosTable } from "../lib/syntax/positions.ts";
import { intern, mayNeedOrder, type Symbol, symbolName } from "../lib/syntax/symbols.ts";
import { asNixErrors } from "./_fetching.ts";
import type { FileEvaluator } from "./import.ts";

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

/** How a flake.nix is read. */
export interface FlakeOptions extends InputOptions {
  /** The flake, for messages. */
  readonly shown: string;
  readonly evaluator: Pick<FileEvaluator, "forceTrivial">;
  readonly positions: PosTable;
}

const TOP = ["description", "inputs", "outputs", "nixConfig"];
const OUTPUTS = intern("outputs");
const DESCRIPTION = intern("description");
const SELF_ATTRS = ["submodules", "lfs"];

/**
 * Reads a flake.nix that was evaluated. But for its outputs it has to say what it says without computing it.
 * @throws {NixError}
 */
export function readFlake(flake: Attrs, options: FlakeOptions): FlakeDeclaration {
  const { shown } = options;
  if (hasAttr(flake, DESCRIPTION)) literal(getEntry(flake, DESCRIPTION), "a string", options);
  const inputs = new Map<string, FlakeInput>();
  const self = new Map<string, AttrValue>();
  // Interned here, because the order in which names are first seen is visible.
  const inputsName = intern("inputs");
  if (hasAttr(flake, inputsName)) {
    for (const entry of entriesOf(getEntry(flake, inputsName), options)) {
      if (entry.name === "self") {
        for (const attr of entriesOf(entry, options)) self.set(attr.name, attrValue(attr));
      } else {
        inputs.set(entry.name, readInput(entry, options) ?? { ref: refByName(entry.name, options) });
      }
    }
  }
  if (!hasAttr(flake, OUTPUTS)) throw evalError(hint`flake '${shown}' lacks attribute 'outputs'`);
  const outputs = literal(getEntry(flake, OUTPUTS), "a function", options);
  for (const name of formalsOf(outputs)) {
    if (name !== "self" && !inputs.has(name)) inputs.set(name, { ref: refByName(name, options) });
  }
  const nixConfig = intern("nixConfig");
  if (hasAttr(flake, nixConfig)) {
    for (const setting of entriesOf(getEntry(flake, nixConfig), options)) checkSetting(setting, options);
  }
  for (const { name, pos } of entriesIn(flake)) {
    if (TOP.includes(name)) continue;
    throw evalError(hint`flake '${shown}' has an unsupported attribute '${name}', at ${at(pos, options)}`);
  }
  for (const name of [...self.keys()].sort()) {
    if (!SELF_ATTRS.includes(name)) throw evalError(hint`flake 'self' attribute '${name}' is not supported`);
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

/** An attribute of a set that is written down. */
interface Entry {
  readonly name: string;
  readonly slot: Slot;
  readonly pos: Pos;
}

/** Returns an input; undefined if it says neither what it is nor which other one. */
function readInput(input: Entry, options: FlakeOptions): FlakeInput | undefined {
  const attrs = new Map<string, AttrValue>();
  let isFlake = true;
  let follows: readonly string[] | undefined;
  for (const attr of entriesOf(input, options)) {
    try {
      if (attr.name === "url") {
        attrs.set("url", readUrl(input.name, attr, options));
      } else if (attr.name === "flake") {
        isFlake = literal(attr, "a Boolean", options) as boolean;
      } else if (attr.name === "inputs") {
        // What a lock file was made with; looked at for what is wrong with it.
        for (const override of entriesOf(attr, options)) {
          if (override.name === "self") {
            throw evalError(hint`'self' input attribute not allowed at ${at(override.pos, options)}`);
          }
          readInput(override, options);
        }
      } else if (attr.name === "follows") {
        follows = readInputPath(stringText(literal(attr, "a string", options) as string | ContextString));
      } else {
        attrs.set(attr.name, attrValue(attr));
      }
    } catch (e) {
      throw withFrame(e, attr.pos, hint`while evaluating flake attribute '${attr.name}'`);
    }
  }
  const ref = readRef(input, attrs, { ...options, isFlake });
  if (follows === undefined) return ref && { ref };
  if (ref === undefined) return { follows };
  throw evalError(
    hint`flake input has both a flake reference and a follows attribute, at ${at(input.pos, options)}`,
  );
}

function readRef(
  input: Entry,
  attrs: Map<string, AttrValue>,
  options: FlakeOptions & { readonly isFlake: boolean },
): FlakeRef | undefined {
  if (attrs.has("type")) {
    try {
      return asNixErrors(() => flakeRefFromAttrs(attrs, options));
    } catch (e) {
      throw withFrame(e, input.pos, "while evaluating flake input");
    }
  }
  const url = attrs.get("url");
  attrs.delete("url");
  const [extra] = [...attrs.keys()].sort();
  if (extra !== undefined) {
    throw evalError(hint`unexpected flake input attribute '${extra}', at ${at(input.pos, options)}`);
  }
  return url === undefined
    ? undefined
    : asNixErrors(() => parseFlakeRef(url as string, { ...options, keepRelative: true }));
}

function readUrl(input: string, { slot, pos }: Entry, options: FlakeOptions): string {
  const value = options.evaluator.forceTrivial(slot, pos);
  if (value instanceof PathValue) throw new NixError("unsupported", hint`input '${input}' has a path as its URL`);
  if (isString(value)) return stringText(value);
  throw evalError(hint`expected a string or a path but got ${showKind(value)} at ${at(pos, options)}`);
}

/** Returns the names of inputs that lead from the root to one. */
function readInputPath(text: string): string[] {
  const names = text.split("/").filter((name) => name !== "");
  for (const name of names) {
    if (!isFlakeId(name)) throw new NixError("usage", hint`invalid flake input attribute path element '${name}'`);
  }
  return names;
}

function refByName(name: string, options: FlakeOptions): FlakeRef {
  return asNixErrors(() => parseFlakeRef(name, options));
}

function attrValue({ name, slot }: Entry): AttrValue {
  const value = peek(slot);
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

function checkSetting({ name, slot, pos }: Entry, { evaluator }: FlakeOptions): void {
  const value = evaluator.forceTrivial(slot, pos);
  if (Array.isArray(value)) {
    for (const element of value) {
      const item = peek(element);
      if (!isString(item)) {
        throw typeError(
          hint`list element in flake configuration setting '${name}' is ${showType(value)} while a string is expected`,
        );
      }
      forceStringNoContext(item, "", pos);
    }
  } else if (isString(value)) {
    forceStringNoContext(value, "", pos);
  } else if (!(value instanceof PathValue || isInt(value) || typeof value === "boolean")) {
    throw typeError(hint`flake configuration setting '${name}' is ${showType(value)}`);
  }
}

/** Returns a value that is written down and of a kind. @throws {NixError} if it isn't */
function literal({ slot, pos }: Entry, kind: string, options: FlakeOptions): Value {
  const value = options.evaluator.forceTrivial(slot, pos);
  const got = showKind(value);
  if (got === kind) return value as Value;
  throw evalError(hint`expected ${kind} but got ${got} at ${at(pos, options)}`);
}

/** As `showType`, without telling functions and strings apart. */
function showKind(value: Slot): string {
  return isString(value) ? "a string" : isFunction(value) ? "a function" : showType(value);
}

function at(pos: Pos, { positions }: FlakeOptions): string {
  return showPos(positions, pos);
}

function getEntry(set: Attrs, name: Symbol): Entry {
  return { name: symbolName(name), slot: getAttr(set, name)!, pos: attrPos(set, name) };
}

/** Returns what a set that is written down has, in the order in which names were first seen. */
function entriesOf(entry: Entry, options: FlakeOptions): Entry[] {
  return entriesIn(literal(entry, "a set", options) as Attrs);
}

function entriesIn(set: Attrs): Entry[] {
  const { shape, values } = flat(set);
  mayNeedOrder(shape.names);
  return shape.names.map((name, i) => ({ name: symbolName(name), slot: values[i], pos: attrPos(set, name) }));
}

/** Names in the set pattern of a function. */
function formalsOf(fn: Value): string[] {
  if (!(fn instanceof Lambda || fn instanceof PartialLambda)) return [];
  return (lambdaExpr(fn).formals?.formals ?? []).map(({ name }: { readonly name: Symbol }) => symbolName(name));
}
