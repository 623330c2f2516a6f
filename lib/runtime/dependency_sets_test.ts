import { assertEquals } from "@std/assert";
import { DependencySets, EMPTY_SET, MAX_DEPENDENCIES } from "./dependency_sets.ts";

Deno.test("DependencySets does with sets what Set does", () => {
  const sets = new DependencySets();
  let state = 1;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
  const made: { readonly set: number; readonly real: ReadonlySet<number> }[] = [{ set: EMPTY_SET, real: new Set() }];
  const sorted = (real: ReadonlySet<number>) => [...real].sort((a, b) => a - b);
  for (let i = 0; i < 2000; i++) {
    const a = made[below(made.length)];
    const id = below(2) === 0 ? below(100) : below(MAX_DEPENDENCIES);
    const b = below(2) === 0 ? { set: sets.single(id), real: new Set([id]) } : made[below(made.length)];
    const union = { set: sets.union(a.set, b.set), real: new Set([...a.real, ...b.real]) };
    assertEquals(sets.members(union.set), sorted(union.real));
    assertEquals(sets.covers(a.set, b.set), [...b.real].every((each) => a.real.has(each)));
    assertEquals(sets.meet(a.set, b.set), [...b.real].some((each) => a.real.has(each)));
    made[i < 50 ? made.length : below(made.length)] = union;
  }
});

Deno.test("the same set is the same number, however it came about", () => {
  const sets = new DependencySets();
  const all = (...ids: number[]) => ids.reduce((set, id) => sets.union(set, sets.single(id)), EMPTY_SET);
  assertEquals(all(3, 40, 7000), all(7000, 3, 40));
  assertEquals(sets.union(all(1, 2), all(2, 99)), all(99, 1, 2));
  assertEquals(sets.union(all(1, 2), all(2)), all(1, 2));
});
