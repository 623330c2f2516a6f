import { assertEquals, assertStrictEquals } from "@std/assert";
import { Context, ContextBuilder, displayElement, firstElement, parseElement } from "./context.ts";

const A = "/nix/store/00000000000000000000000000000000-a";
const DRV = "/nix/store/11111111111111111111111111111111-b.drv";

Deno.test("Context.union() is sorted, without duplicates, and shares where one side has all", () => {
  const a = Context.of(A);
  const both = a.union(Context.of(`=${DRV}`));
  assertEquals(both.elements, [A, `=${DRV}`]);
  assertStrictEquals(both.union(a), both);
  assertStrictEquals(a.union(both), both);
});

Deno.test("ContextBuilder collects contexts and elements", () => {
  const builder = new ContextBuilder();
  assertEquals(builder.build(), null);
  const a = Context.of(A);
  builder.add(a);
  assertStrictEquals(builder.build(), a);
  builder.addElement(`!out!${DRV}`);
  builder.add(a);
  assertEquals(builder.build()!.elements, [`!out!${DRV}`, A]);
});

Deno.test("parseElement() takes every kind apart", () => {
  assertEquals(parseElement(A), { kind: "opaque", path: A });
  assertEquals(parseElement(`=${DRV}`), { kind: "drvDeep", drvPath: DRV });
  assertEquals(parseElement(`!out!${DRV}`), { kind: "built", output: "out", drvPath: DRV });
  assertEquals(parseElement(`!a!!b!${DRV}`), { kind: "built", output: "a", drvPath: { output: "b", drvPath: DRV } });
});

Deno.test("displayElement() and firstElement() follow C++ Nix", () => {
  assertEquals(displayElement(`!a!!b!${DRV}`), `${DRV}^b^a`);
  assertEquals(displayElement(`=${DRV}`), `${DRV} (deep)`);
  assertEquals(firstElement(Context.from([`!out!${DRV}`, `=${DRV}`, A])!), A);
});
