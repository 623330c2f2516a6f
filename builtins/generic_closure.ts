/**
 * `builtins.genericClosure`: all that can be reached from some start.
 *
 * Elements are told apart by their keys, which C++ Nix keeps in a sorted map. Keys of one simple type need no order, a
 * hash set does. Any others go to a red-black tree that compares the same pairs as std::map does: which key a new one
 * is compared with first decides what the error says if the two have no order.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { call1 } from "../lib/runtime/call.ts";
import { callDepth, restoreCallDepth } from "../lib/runtime/depth.ts";
import { lessThan } from "../lib/runtime/equality.ts";
import { hint, NixError } from "../lib/runtime/errors.ts";
import { forceAttrs, forceFunction, forceList, requireAttr } from "../lib/runtime/expect.ts";
import { PRINT_FOR_ERRORS, printValue } from "../lib/runtime/print.ts";
import { force } from "../lib/runtime/thunk.ts";
import { isInt, isString, type Slot, stringText, type Value } from "../lib/runtime/value.ts";
import { NO_POS } from "../lib/syntax/positions.ts";
import { intern } from "../lib/syntax/symbols.ts";
import { RedBlackTree } from "./_red_black_tree.ts";

const START_SET = intern("startSet");
const OPERATOR = intern("operator");
const KEY = intern("key");

/** Returns what a hash set can know a key by; undefined for keys of other types. */
function simpleKey(key: Value): string | number | bigint | undefined {
  return isString(key) ? stringText(key) : isInt(key) ? key : undefined;
}

/** The keys met so far, with the elements they came from. */
class Keys {
  /** In the order they came, while all are strings or all are integers. */
  #simple: { readonly key: Value; readonly element: Slot }[] = [];
  readonly #known = new Set<string | number | bigint>();
  #tree: RedBlackTree<Value, Slot> | null = null;

  /** Adds a key unless it is known; returns whether it was new. @throws {NixError} if it can't be compared. */
  add(key: Value, element: Slot): boolean {
    if (this.#tree === null) {
      const simple = simpleKey(key);
      if (simple !== undefined && (this.#simple.length === 0 || isString(key) === isString(this.#simple[0].key))) {
        if (this.#known.has(simple)) return false;
        this.#known.add(simple);
        this.#simple.push({ key, element });
        return true;
      }
      this.#tree = new RedBlackTree<Value, Slot>(lessThan);
      for (const entry of this.#simple) this.#tree.insert(entry.key, entry.element);
    }
    return this.#tree.insert(key, element);
  }

  /** Returns the element of the first known key, in their order, that `key` can't be compared with. */
  incomparable(key: Value): Slot | undefined {
    const depth = callDepth();
    for (const { key: other, value: element } of this.#tree ?? []) {
      try {
        lessThan(key, other);
      } catch (e) {
        if (!(e instanceof NixError)) throw e;
        restoreCallDepth(depth);
        return element;
      }
    }
    return undefined;
  }
}

function shown(slot: Slot): string {
  return printValue(slot, PRINT_FOR_ERRORS);
}

/** Runs `action`; errors get a frame on the way out. */
function framed<T>(action: () => T, text: () => string): T {
  try {
    return action();
  } catch (e) {
    if (e instanceof NixError) e.addPlacelessFrame(text());
    throw e;
  }
}

function genericClosure(attrset: Slot): Value {
  const attrs = forceAttrs(attrset, "while evaluating the first argument passed to builtins.genericClosure");
  const where = "in the attrset passed as argument to builtins.genericClosure";
  const startSet = forceList(
    requireAttr(attrs, START_SET, where),
    "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure",
  );
  if (startSet.length === 0) return startSet;
  const operator = forceFunction(
    requireAttr(attrs, OPERATOR, where),
    "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure",
  );

  const result: Slot[] = [];
  const keys = new Keys();
  const queue: Slot[] = [...startSet];
  for (let next = 0; next < queue.length; next++) {
    const element = queue[next];
    const key = force(framed(
      () => requireAttr(forceAttrs(element, ""), KEY, ""),
      () => `in genericClosure element ${shown(element)}`,
    ));
    if (!addKey(keys, key, element)) continue;
    result.push(element);
    framed(() => {
      const more = forceList(
        call1(operator, element, NO_POS),
        "while evaluating the return value of the `operator` passed to builtins.genericClosure",
      );
      for (const slot of more) {
        force(slot);
        queue.push(slot);
      }
    }, () => hint`while calling ${"operator"} on genericClosure element ` + shown(element));
  }
  return result;
}

function addKey(keys: Keys, key: Value, element: Slot): boolean {
  const depth = callDepth();
  try {
    return keys.add(key, element);
  } catch (e) {
    if (!(e instanceof NixError)) throw e;
    restoreCallDepth(depth);
    const other = keys.incomparable(key);
    if (other === undefined) throw e.addPlacelessFrame(`while checking key of element ${shown(element)}`);
    e.addPlacelessFrame(`with element ${shown(other)}`);
    throw e.addPlacelessFrame(`while comparing element ${shown(element)}`);
  }
}

/** `genericClosure`. */
export const CLOSURE_BUILTINS: readonly Builtin[] = [
  {
    name: "genericClosure",
    params: ["attrset"],
    doc:
      "Takes `{ startSet = [ … ]; operator = element: [ … ]; }` and returns the elements of *startSet* and all that *operator* finds from them, again and again. Elements are sets with an attribute `key`; of several with the same key the first counts.",
    call: genericClosure,
  },
];
