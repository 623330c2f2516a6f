import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { intern } from "../syntax/symbols.ts";
import { attrPos, Attrs, attrsSize, deferredAttrs, flat, flatShape, getAttr, hasAttr, updateAttrs } from "./attrs.ts";
import { type Shape, shapeOf } from "./shapes.ts";
import { force, lazy } from "./thunk.ts";
import type { Slot } from "./value.ts";

const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => intern(`${prefix}${i}`));
const sorted = (symbols: number[]) => [...symbols].sort((a, b) => a - b);
const shape = (prefix: string, n: number): Shape => shapeOf(sorted(names(prefix, n)));

/** A set whose values say where they come from, and the slots that were made of it. */
function deferred(prefix: string, n: number): { readonly set: Attrs; readonly made: number[] } {
  const made: number[] = [];
  const own = shape(prefix, n);
  const positions = own.names.map((_, slot) => slot + 1);
  const set = deferredAttrs(own, positions, (slot) => {
    made.push(slot);
    return lazy(() => `${prefix} ${slot}`);
  });
  return { set, made };
}

const plain = (prefix: string, n: number, value: Slot): Attrs =>
  new Attrs(shape(prefix, n), new Array<Slot>(n).fill(value));

Deno.test("layers: attributes are made when they are wanted, each once", () => {
  const { set, made } = deferred("first", 2000);
  const name = intern("first7");
  const slot = getAttr(set, name);
  assertStrictEquals(getAttr(set, name), slot);
  assertEquals(made.length, 1);
  assert(hasAttr(set, intern("first1999")) && !hasAttr(set, intern("first2000")));
  assertEquals(attrsSize(set), 2000);
  assertEquals(flatShape(set).size, 2000);
  assertEquals(attrPos(set, name), flatShape(set).find(name) + 1);
  assertEquals(made.length, 1);
  flat(set);
  assertEquals(made.length, 2000);
  assertStrictEquals(getAttr(set, name), slot);
  assertEquals(attrPos(set, name), set.shape.find(name) + 1);
});

Deno.test("layers: many that were made one by one are kept as few are, values among them", () => {
  const made: number[] = [];
  const own = shape("many", 2000);
  // Null is a value, not a slot that is to be made.
  const set = deferredAttrs(own, null, (slot) => {
    made.push(slot);
    return slot % 3 === 0 ? null : lazy(() => `many ${slot}`);
  });
  const wanted = own.names.filter((_, slot) => slot % 2 === 0);
  const before = wanted.map((name) => getAttr(set, name));
  assertEquals(made, wanted.map((_, i) => 2 * i));
  const forced = before.map((slot) => slot === null ? null : force(slot!));
  assertEquals(forced, wanted.map((_, i) => 2 * i % 3 === 0 ? null : `many ${2 * i}`));
  assertEquals(wanted.map((name) => getAttr(set, name)), forced);
  assertEquals(made.length, 1000);
  flat(set);
  assertEquals(made.length, 2000);
  assertEquals(
    own.names.map((name) => force(getAttr(set, name)!)),
    own.names.map((_, slot) => slot % 3 === 0 ? null : `many ${slot}`),
  );
});

Deno.test("layers: large sets over each other are what a merge of them would be", () => {
  const a = deferred("both", 1500);
  const b = deferred("both", 3000);
  const small = plain("both", 20, "small");
  const c = plain("other", 900, "other");
  let set = updateAttrs(updateAttrs(updateAttrs(b.set, a.set), small), c);
  set = updateAttrs(set, plain("other", 5, "upper"));
  assertEquals(a.made.length + b.made.length, 0);
  const wanted: [string, string][] = [["both3", "small"], ["both1400", "a"], ["both2000", "b"], ["other2", "upper"], [
    "other800",
    "other",
  ]];
  const seen = (name: string): string => {
    const before = [a.made.length, b.made.length];
    const slot = getAttr(set, intern(name));
    return typeof slot === "string" ? slot : a.made.length > before[0] ? "a" : b.made.length > before[1] ? "b" : "none";
  };
  assertEquals(wanted.map(([name]) => [name, seen(name)]), wanted);
  assertEquals(getAttr(set, intern("nothing")), undefined);
  const before = wanted.map(([name]) => getAttr(set, intern(name)));
  assertEquals(attrsSize(set), 3900);
  assertEquals(flat(set).shape.size, 3900);
  assertEquals(wanted.map(([name]) => getAttr(set, intern(name))), before);
  assertEquals([...set.shape.names], sorted([...names("both", 3000), ...names("other", 900)]));
});

Deno.test("layers: a set over what it comes from adds nothing, and many over each other are one again", () => {
  const base = deferred("base", 2000);
  let set = base.set;
  for (let i = 0; i < 40; i++) {
    set = updateAttrs(set, plain(`part${i}x`, 700, i));
    set = updateAttrs(set, base.set);
  }
  assertEquals(attrsSize(set), 2000 + 40 * 700);
  assertEquals(getAttr(set, intern("part3x5")), 3);
  assertEquals(getAttr(set, intern("part39x699")), 39);
  const slot = getAttr(set, intern("base5"));
  assertStrictEquals(getAttr(base.set, intern("base5")), slot);
});
