import { assertEquals, assertThrows } from "@std/assert";
import { intern } from "../syntax/symbols.ts";
import { Attrs, AttrsBuilder } from "./attrs.ts";
import { Context, ContextBuilder } from "./context.ts";
import { NixError, stripEscapes } from "./errors.ts";
import { lazy } from "./thunk.ts";
import { toJson } from "./to_json.ts";
import { ContextString, Float, PathValue, Primop, type Slot } from "./value.ts";

function attrs(entries: Readonly<Record<string, Slot>>): Attrs {
  const builder = new AttrsBuilder();
  for (const [name, value] of Object.entries(entries)) builder.add(intern(name), value);
  return builder.build();
}

function json(slot: Slot, strict = true): string {
  return toJson(slot, new ContextBuilder(), { strict, copy: null });
}

Deno.test("toJson() writes scalars, lists and sets, members sorted by name", () => {
  assertEquals(json(null), "null");
  assertEquals(json(9223372036854775807n), "9223372036854775807");
  assertEquals(json(new Float(1)), "1.0");
  assertEquals(json([]), "[]");
  assertEquals(json(attrs({})), "{}");
  assertEquals(json(attrs({ zeta: [1, true], alpha: 'a"\n' })), '{"alpha":"a\\"\\n","zeta":[1,true]}');
  assertEquals(json(new PathValue("/x")), '"/x"');
});

Deno.test("toJson() writes what __toString or outPath gives instead of the set", () => {
  const toString = new Primop("f", 1, () => "text");
  assertEquals(json(attrs({ outPath: "/o", other: 1 })), '"/o"');
  assertEquals(json(attrs({ outPath: "/o", __toString: toString })), '"text"');
});

Deno.test("toJson() collects contexts and copies paths", () => {
  const context = new ContextBuilder();
  const value = [new ContextString("a", Context.of("/nix/store/a")), new PathValue("/p")];
  assertEquals(toJson(value, context, { strict: true, copy: () => "/nix/store/p" }), '["a","/nix/store/p"]');
  assertEquals(context.build()!.elements, ["/nix/store/a", "/nix/store/p"]);
});

Deno.test("toJson() forces when strict and refuses thunks otherwise", () => {
  assertEquals(json([lazy(() => 1)]), "[1]");
  assertThrows(() => json([lazy(() => 1)], false), NixError);
});

Deno.test("toJson() reports text that isn't UTF-8 only after evaluating everything", () => {
  const fails = lazy(() => {
    throw new NixError("throw", "later");
  });
  assertThrows(() => json(["\xff", fails]), NixError, "later");
  assertThrows(() => json(["\xff"]), NixError, "JSON serialization error");
});

Deno.test("toJson() says where in the value an error came up", () => {
  const error = assertThrows(() => json(attrs({ a: [1, new Primop("f", 1, () => 1)] })), NixError);
  assertEquals(error.frames.map((f: { text: string }) => stripEscapes(f.text)), [
    "while evaluating list element at index 1",
    "while evaluating attribute 'a'",
  ]);
});
