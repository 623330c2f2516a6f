import { assertEquals, assertStrictEquals } from "@std/assert";
import { intern, symbolName } from "../syntax/symbols.ts";
import { attrPos, Attrs, AttrsBuilder, attrsSize, EMPTY_ATTRS, flat, getAttr, hasAttr, updateAttrs } from "./attrs.ts";
import { shapeOf } from "./shapes.ts";

function attrsOf(record: Record<string, number>, pos = 0): Attrs {
  const builder = new AttrsBuilder();
  for (const [name, value] of Object.entries(record)) builder.add(intern(name), value, pos);
  return builder.build();
}

function recordOf(attrs: Attrs): Record<string, unknown> {
  flat(attrs);
  const record: Record<string, unknown> = {};
  for (const i of attrs.shape.byName) record[symbolName(attrs.shape.names[i])] = attrs.values[i];
  return record;
}

Deno.test("shapeOf() gives equal names one shape", () => {
  const names = ["shape-a", "shape-b"].map(intern).sort((a, b) => a - b);
  assertStrictEquals(shapeOf([...names]), shapeOf([...names]));
});

Deno.test("Shape.byName orders by bytes, whatever the order of symbols", () => {
  const attrs = attrsOf({ "zz-first": 1, "aa-second": 2, "Z": 3, "\xff": 4 });
  assertEquals(Object.keys(recordOf(attrs)), ["Z", "aa-second", "zz-first", "\xff"]);
});

Deno.test("Shape.find() finds in small and in large shapes", () => {
  for (const n of [0, 1, 8, 9, 200]) {
    const names = Array.from({ length: n }, (_, i) => `find-${n}-${i}`);
    const attrs = attrsOf(Object.fromEntries(names.map((name, i) => [name, i])));
    for (const [i, name] of names.entries()) assertEquals(getAttr(attrs, intern(name)), i);
    assertEquals(getAttr(attrs, intern("find-none")), undefined);
  }
});

Deno.test("updateAttrs() with an empty side gives the other side itself", () => {
  const attrs = attrsOf({ a: 1 });
  assertStrictEquals(updateAttrs(attrs, EMPTY_ATTRS), attrs);
  assertStrictEquals(updateAttrs(EMPTY_ATTRS, attrs), attrs);
});

Deno.test("updateAttrs() agrees with merging records, through overlays of any depth", () => {
  let seed = 1;
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 200; round++) {
    const pool = 1 + random(300);
    const randomRecord = (size: number) =>
      Object.fromEntries(Array.from({ length: size }, () => [`u${random(pool)}`, random(1000)]));
    let expected = randomRecord(random(400));
    let attrs = attrsOf(expected);
    for (let step = 0; step < 12; step++) {
      const right = randomRecord(random(random(4) === 0 ? 200 : 6));
      const before = attrs;
      const beforeRecord = { ...expected };
      attrs = updateAttrs(attrs, attrsOf(right));
      expected = { ...expected, ...right };
      for (const name of Object.keys(right)) assertEquals(getAttr(attrs, intern(name)), right[name]);
      if (random(3) === 0) {
        assertEquals(attrsSize(attrs), Object.keys(expected).length);
        assertEquals(recordOf(before), sorted(beforeRecord));
      }
    }
    assertEquals(recordOf(attrs), sorted(expected));
  }
});

function sorted(record: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1));
}

Deno.test("attrPos() follows an attribute through merges and overlays", () => {
  const big = attrsOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, i])), 7);
  const overlaid = updateAttrs(big, attrsOf({ p1: 0, q: 0 }, 9));
  assertEquals([attrPos(overlaid, intern("p0")), attrPos(overlaid, intern("p1")), attrPos(overlaid, intern("q"))], [
    7,
    9,
    9,
  ]);
  flat(overlaid);
  assertEquals([attrPos(overlaid, intern("p0")), attrPos(overlaid, intern("p1")), attrPos(overlaid, intern("q"))], [
    7,
    9,
    9,
  ]);
  assertEquals(attrPos(overlaid, intern("absent")), 0);
});

Deno.test("positions of sets that are merged by turns are found again, up to sixteen", () => {
  const right = attrsOf({ r1: 1 }, 100);
  const literals = Array.from({ length: 40 }, (_, i) => attrsOf({ l1: 1, l2: 2 }, i + 1));
  const merged = (from: number, end: number) =>
    literals.slice(from, end).map((literal) => updateAttrs(literal, right).positions);
  // A plan is made when two shapes meet again.
  merged(0, 2);
  const first = merged(0, 16);
  assertEquals(new Set(first).size, 16);
  assertEquals(merged(0, 16).map((positions) => first.indexOf(positions)), first.map((_, i) => i));
  const set = updateAttrs(literals[4], right);
  assertEquals([attrPos(set, intern("l2")), attrPos(set, intern("r1"))], [5, 100]);
  // Where none comes up again not all are looked at, until some do.
  const others = merged(16, 40);
  assertEquals(merged(37, 40).map((positions) => others.indexOf(positions)), [21, 22, 23]);
  assertEquals(others.includes(merged(30, 31)[0]), false);
  const now = merged(0, 3);
  for (let end = 3; end < 16; end++) {
    assertEquals(merged(0, end).map((positions) => now.indexOf(positions)), Array.from({ length: end }, (_, i) => i));
    now.push(...merged(end, end + 1));
  }
});

Deno.test("AttrsBuilder keeps the first or the last of equal names, as asked", () => {
  const add = () => {
    const builder = new AttrsBuilder();
    builder.add(intern("twice"), 1);
    builder.add(intern("a-once"), 2);
    builder.add(intern("twice"), 3);
    return builder;
  };
  assertEquals(recordOf(add().build("first")), { "a-once": 2, twice: 1 });
  assertEquals(recordOf(add().build("last")), { "a-once": 2, twice: 3 });
});

Deno.test("hasAttr() looks below an overlay", () => {
  const big = attrsOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`h${i}`, i])));
  const overlaid = updateAttrs(big, attrsOf({ h200: 0 }));
  assertEquals(
    [hasAttr(overlaid, intern("h5")), hasAttr(overlaid, intern("h200")), hasAttr(overlaid, intern("h300"))],
    [
      true,
      true,
      false,
    ],
  );
});
