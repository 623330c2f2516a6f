/**
 * String contexts as values.
 *
 * `getContext` shows the context of a string as a set of store paths, each with a set that says how it is referred to:
 * `path` (the path itself), `allOutputs` (a derivation and everything it needs), `outputs` (outputs of a derivation).
 * `appendContext` goes the other way. lib/runtime/context.ts has the model.
 */
import { isDrvPath, isStorePath, parseStorePath, type StorePath } from "../lib/format/store_path.ts";
import { attrPos, type Attrs, AttrsBuilder, flat, getAttr } from "../lib/runtime/attrs.ts";
import type { Builtin } from "../lib/runtime/builtin.ts";
import { coerceToString, type CopyToStore } from "../lib/runtime/coerce.ts";
import {
  Context,
  ContextBuilder,
  type ContextElement,
  displayElement,
  type ParsedDrvPath,
  parseElement,
} from "../lib/runtime/context.ts";
import { evalError, hint, NixError } from "../lib/runtime/errors.ts";
import { forceAttrs, forceBool, forceList, forceString, forceStringNoContext } from "../lib/runtime/expect.ts";
import { quoteAttrName } from "../lib/runtime/print.ts";
import { makeString, type Slot, stringContext, stringText, type Value } from "../lib/runtime/value.ts";
import { intern, mayNeedOrder, type Symbol, symbolName } from "../lib/syntax/symbols.ts";

/** What the builtins of this family need. */
export interface ContextDeps {
  readonly copyToStore: CopyToStore;
  readonly storeDir: string;
  /** Called with each path `appendContext` is given, to fetch or to refuse; null where that is not to be looked at. */
  readonly ensurePath: ((path: StorePath) => void) | null;
}

function hasContext(s: Slot): Value {
  const v = forceString(s, "while evaluating the argument passed to builtins.hasContext");
  return stringContext(v) !== null;
}

/** What `getContext` says of one store path. */
interface ContextInfo {
  path: boolean;
  allOutputs: boolean;
  readonly outputs: string[];
}

function getContext(s: Slot): Value {
  const v = forceString(s, "while evaluating the argument passed to builtins.getContext");
  const infos = new Map<string, ContextInfo>();
  const infoOf = (path: string): ContextInfo => {
    let info = infos.get(path);
    if (info === undefined) infos.set(path, info = { path: false, allOutputs: false, outputs: [] });
    return info;
  };
  for (const element of stringContext(v)?.elements ?? []) {
    const parsed = parseElement(element);
    if (parsed.kind === "opaque") infoOf(parsed.path).path = true;
    else if (parsed.kind === "drvDeep") infoOf(parsed.drvPath).allOutputs = true;
    else infoOf(builtDrvPath(parsed.drvPath)).outputs.push(parsed.output);
  }
  const [path, allOutputs, outputs] = ["path", "allOutputs", "outputs"].map(intern);
  const attrs = new AttrsBuilder();
  // In the order of their names, in which C++ Nix interns them.
  for (const name of [...infos.keys()].sort()) attrs.add(intern(name), infoAttrs(infos.get(name)!));
  return attrs.build();

  function infoAttrs(info: ContextInfo): Attrs {
    const builder = new AttrsBuilder();
    if (info.path) builder.add(path, true);
    if (info.allOutputs) builder.add(allOutputs, true);
    if (info.outputs.length > 0) builder.add(outputs, info.outputs);
    return builder.build();
  }
}

/** A derivation that is itself an output isn't known before it is built. */
function builtDrvPath(path: ParsedDrvPath): string {
  if (typeof path === "string") return path;
  const owner = displayElement(elementOfDrvPath(path.drvPath));
  throw new NixError("store", hint`cannot operate on output '${path.output}' of the unbuilt derivation '${owner}'`);
}

function elementOfDrvPath(path: ParsedDrvPath): string {
  return typeof path === "string" ? path : `!${path.output}!${elementOfDrvPath(path.drvPath)}`;
}

/** Returns `hasContext`, `getContext`, `appendContext` and the builtins that take from or add to a context. */
export function contextBuiltins({ copyToStore, storeDir, ensurePath }: ContextDeps): readonly Builtin[] {
  const coercion = { strong: false, copy: copyToStore };

  const unsafeDiscardStringContext = (s: Slot): Value => {
    if (typeof s === "string") return s;
    const words = "while evaluating the argument passed to builtins.unsafeDiscardStringContext";
    return coerceToString(s, new ContextBuilder(), coercion, words);
  };

  const unsafeDiscardOutputDependency = (s: Slot): Value => {
    const context = new ContextBuilder();
    const words = "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency";
    const text = coerceToString(s, context, coercion, words);
    const elements = context.build()?.elements ?? [];
    return makeString(text, Context.from(elements.map((e) => e[0] === "=" ? e.slice(1) : e)));
  };

  const addDrvOutputDependencies = (s: Slot): Value => {
    const context = new ContextBuilder();
    const words = "while evaluating the argument passed to builtins.addDrvOutputDependencies";
    const text = coerceToString(s, context, coercion, words);
    const elements = context.build()?.elements ?? [];
    if (elements.length !== 1) {
      throw evalError(hint`context of string '${text}' must have exactly one element, but has ${elements.length}`);
    }
    return makeString(text, Context.of(deepElement(elements[0])));
  };

  const appendContext = (s: Slot, context: Slot): Value => {
    const v = forceString(s, "while evaluating the first argument passed to builtins.appendContext");
    const added = new ContextBuilder();
    added.add(stringContext(v));
    const attrs = flat(forceAttrs(context, "while evaluating the second argument passed to builtins.appendContext"));
    const symbols = { path: intern("path"), allOutputs: intern("allOutputs"), outputs: intern("outputs") };
    mayNeedOrder(attrs.shape.names);
    for (const name of attrs.shape.names) addInfo(attrs, name, symbols, added);
    return makeString(stringText(v), added.build());
  };

  interface InfoSymbols {
    readonly path: Symbol;
    readonly allOutputs: Symbol;
    readonly outputs: Symbol;
  }

  const addInfo = (attrs: Attrs, name: Symbol, symbols: InfoSymbols, context: ContextBuilder): void => {
    const key = symbolName(name);
    const shown = quoteAttrName(key);
    const pos = attrPos(attrs, name);
    if (!isStorePath(key, { storeDir })) throw evalError(hint`context key '${shown}' is not a store path`, pos);
    const storePath = parseStorePath(key, { storeDir });
    ensurePath?.(storePath);
    const info = forceAttrs(getAttr(attrs, name)!, "while evaluating the value of a string context", pos);

    const path = getAttr(info, symbols.path);
    const pathWords = "while evaluating the `path` attribute of a string context";
    if (path !== undefined && forceBool(path, pathWords, attrPos(info, symbols.path))) context.addElement(storePath);

    const allOutputs = getAttr(info, symbols.allOutputs);
    const allWords = "while evaluating the `allOutputs` attribute of a string context";
    if (allOutputs !== undefined && forceBool(allOutputs, allWords, attrPos(info, symbols.allOutputs))) {
      if (!key.endsWith(".drv")) {
        throw evalError(
          hint`tried to add all-outputs context of ${shown}, which is not a derivation, to a string`,
          pos,
        );
      }
      context.addElement(`=${storePath}`);
    }

    const outputs = getAttr(info, symbols.outputs);
    if (outputs === undefined) return;
    const outputsPos = attrPos(info, symbols.outputs);
    const list = forceList(outputs, "while evaluating the `outputs` attribute of a string context", outputsPos);
    if (list.length > 0 && !key.endsWith(".drv")) {
      throw evalError(
        hint`tried to add derivation output context of ${shown}, which is not a derivation, to a string`,
        pos,
      );
    }
    for (const slot of list) {
      const words = "while evaluating an output name within a string context";
      context.addElement(`!${forceStringNoContext(slot, words, outputsPos)}!${storePath}`);
    }
  };

  return [
    {
      name: "unsafeDiscardStringContext",
      params: ["s"],
      doc: "Returns *s* without its context: what it refers to is forgotten.",
      call: unsafeDiscardStringContext,
    },
    {
      name: "hasContext",
      params: ["s"],
      doc: "Returns whether *s* refers to any store path.",
      call: hasContext,
    },
    {
      name: "unsafeDiscardOutputDependency",
      params: ["s"],
      doc:
        "Returns *s* with each reference to a derivation and everything it needs weakened to one to its `.drv` file alone.",
      call: unsafeDiscardOutputDependency,
    },
    {
      name: "addDrvOutputDependencies",
      params: ["s"],
      doc:
        "Returns *s*, which refers to one `.drv` file, with that reference made one to the derivation and everything it needs.",
      call: addDrvOutputDependencies,
    },
    {
      name: "getContext",
      params: ["s"],
      doc:
        "Returns what *s* refers to: a set with an attribute for each store path, itself a set with `path = true`, `allOutputs = true` or `outputs = [ … ]`.",
      call: getContext,
    },
    {
      name: "appendContext",
      params: ["s", "context"],
      doc: "Returns *s* with the references that *context* lists (in the form of `getContext`) added.",
      call: appendContext,
    },
  ];
}

/** Returns the element for a derivation and everything it needs. @throws {NixError} if `element` is no derivation's. */
function deepElement(element: ContextElement): ContextElement {
  const parsed = parseElement(element);
  switch (parsed.kind) {
    case "drvDeep":
      return element;
    case "opaque":
      if (isDrvPath(parsed.path as StorePath)) return `=${parsed.path}`;
      throw evalError(hint`path '${parsed.path}' is not a derivation`);
    case "built":
      throw evalError(
        "`addDrvOutputDependencies` can only act on derivations, not on a derivation output such as " +
          hint`'${parsed.output}'`,
      );
  }
}
