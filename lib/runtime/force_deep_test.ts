import { assertEquals, assertThrows } from "@std/assert";
import { intern } from "../syntax/symbols.ts";
import { AttrsBuilder } from "./attrs.ts";
import { NixError, stripEscapes } from "./errors.ts";
import { forceDeep } from "./force_deep.ts";
import { lazy } from "./thunk.ts";
import type { Slot } from "./value.ts";

Deno.test("forceDeep() evaluates what is inside and ends on cycles", () => {
  const seen: number[] = [];
  const list: Slot[] = [
    lazy(() => {
      seen.push(1);
      return [lazy(() => seen.push(2))];
    }),
  ];
  list.push(lazy(() => list));
  forceDeep(list);
  assertEquals(seen, [1, 2]);
});

Deno.test("forceDeep() visits attributes in the order of their symbols", () => {
  const order: string[] = [];
  const names = ["force_deep_z", "force_deep_a"];
  names.forEach(intern);
  const builder = new AttrsBuilder();
  for (const name of [...names].reverse()) builder.add(intern(name), lazy(() => order.push(name)));
  forceDeep(builder.build());
  assertEquals(order, names);
});

Deno.test("forceDeep() says where in the value an error came up", () => {
  const fails = lazy(() => {
    throw new NixError("throw", "no");
  });
  const builder = new AttrsBuilder();
  builder.add(intern("a"), [1, fails]);
  const error = assertThrows(() => forceDeep(builder.build()), NixError);
  assertEquals(error.frames.map((f: { text: string }) => stripEscapes(f.text)), [
    "while evaluating list element at index 1",
    "while evaluating the attribute 'a'",
  ]);
});
