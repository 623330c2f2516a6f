import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Attrs, getAttr } from "./attrs.ts";
import { call1 } from "./call.ts";
import { NixError } from "./errors.ts";
import { builtin, fromJs, type JsInput, toJs, toJsonText } from "./js.ts";
import { Float, Primop, type Value } from "./value.ts";
import { intern } from "../syntax/symbols.ts";

const SAME: readonly [what: string, data: JsInput][] = [
  ["null and booleans", [null, true, false]],
  ["integers", [0, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)]],
  ["numbers with a fraction", [0.5, -1e300]],
  ["text beyond Latin-1", "ä€😀"],
  ["sets, with any name", { "": 1, "ä.b": { c: [] }, toString: 1 }],
];

for (const [what, data] of SAME) {
  Deno.test(`fromJs() and toJs() leave ${what} as they are`, () => assertEquals(toJs(fromJs(data)), data));
}

Deno.test("fromJs() makes integers of whole numbers, floats of others", () => {
  assertStrictEquals(fromJs(2), 2);
  assertStrictEquals(fromJs(-0), 0);
  assertStrictEquals(fromJs(5n), 5);
  assertEquals([fromJs(0.5), fromJs(1e300)], [new Float(0.5), new Float(1e300)]);
});

Deno.test("fromJs() keeps a name that JavaScript objects have anyway", () => {
  const attrs = fromJs(JSON.parse('{ "__proto__": { "a": 1 } }')) as Attrs;
  assertEquals(attrs instanceof Attrs && getAttr(attrs, intern("__proto__")) !== undefined, true);
  assertEquals(JSON.stringify(toJs(attrs)), '{"__proto__":{"a":1}}');
});

Deno.test("fromJs() refuses what Nix has nothing for", () => {
  // deno-lint-ignore no-sparse-arrays
  const others: unknown[] = [undefined, Symbol(), 2n ** 63n, "a\0", { a: undefined }, [, 1]];
  for (const data of [...others, new Date(0), new Map([["a", 1]]), new Uint8Array(1), /a/]) {
    assertThrows(() => fromJs(data as JsInput), TypeError, "to a Nix value");
  }
  assertEquals(toJs(fromJs(Object.assign(Object.create(null), { a: 1 }))), { a: 1 });
});

Deno.test("toJsonText() writes all digits of integers, and Unicode", () => {
  assertEquals(toJsonText(fromJs({ n: 2n ** 63n - 1n, text: "ä€" })), '{"n":9223372036854775807,"text":"ä€"}');
});

Deno.test("toJs() refuses functions", () => {
  assertThrows(() => toJs(new Primop("f", 1, () => null)), NixError, "cannot convert");
});

Deno.test("builtin() converts arguments and result", () => {
  const { name, params, call } = builtin("join", (by: string, parts: string[]) => ({ text: parts.join(by) }));
  assertEquals([name, params.length], ["join", 2]);
  assertEquals(toJs(call(fromJs("ä") as string, ["a", "b"])), { text: "aäb" });
});

Deno.test("builtin() results may be functions", () => {
  const { call } = builtin("adder", (a: number) => (b: number) => a + b);
  assertEquals(call1(call(1) as Value, 2, 0), 3);
});

Deno.test("what builtin() functions throw is an error of the program", () => {
  const { call } = builtin("fail", (_: unknown) => {
    throw new TypeError("no luck");
  });
  assertEquals(assertThrows(() => call(1), NixError).message.includes("fail: no luck"), true);
  const long = builtin("long", (_: unknown) => "x".repeat(-1));
  assertThrows(() => long.call(1), NixError, "long: Invalid count value: -1");
  const slow = builtin("slow", ((_: unknown) => Promise.resolve(1)) as never);
  assertThrows(() => slow.call(1), NixError, "can't wait");
});
