import { assertEquals } from "@std/assert";
import { intern, symbolName } from "../syntax/symbols.ts";
import { Attrs, AttrsBuilder, flat, updateAttrs } from "./attrs.ts";

/** Numbers from 0 up to `below`, always the same ones. */
function* numbers(seed: number): Generator<(below: number) => number, never> {
  let state = seed;
  for (;;) {
    yield (below) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % below;
    };
  }
}

const CHARS = ["a", "b", "\0", "\xff", ".", "package-"];

function setOf(size: number, random: (below: number) => number): Attrs {
  const builder = new AttrsBuilder();
  for (let i = 0; i < size; i++) {
    let name = "";
    for (let n = random(8); n >= 0; n--) name += CHARS[random(CHARS.length)];
    builder.add(intern(name), i);
  }
  return builder.build();
}

Deno.test("attribute sets are ordered by the bytes of names, however they were made", () => {
  const random = numbers(7).next().value;
  let set = setOf(400, random);
  for (let round = 0; round < 200; round++) {
    // Large and small, wanted in order or not: each way of ordering is taken.
    if (round % 5 === 0) set = setOf(1 + random(300), random);
    const other = setOf(random(3) === 0 ? 1 + random(200) : 1 + random(4), random);
    set = flat(updateAttrs(set, other));
    if (random(3) > 0) continue;
    const { names, byName } = set.shape;
    const ordered = [...byName].map((i) => symbolName(names[i]));
    assertEquals(ordered, names.map(symbolName).sort());
  }
});

Deno.test("of several attributes with one name the first or the last is kept, in sets of any size", () => {
  for (const size of [3, 20, 30, 500]) {
    for (const keep of ["first", "last"] as const) {
      const builder = new AttrsBuilder();
      for (let i = size; i > 0; i--) builder.add(intern(`n${i >> 1}`), i);
      const { shape, values } = builder.build(keep);
      assertEquals(shape.names.length, (size >> 1) + 1);
      shape.names.forEach((name, i) => {
        const number = Number(symbolName(name).slice(1));
        const both = [2 * number, 2 * number + 1].filter((n) => n >= 1 && n <= size);
        assertEquals(values[i], keep === "last" ? both[0] : both[both.length - 1]);
      });
    }
  }
});
