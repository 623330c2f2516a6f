import { assertEquals } from "@std/assert";
import { asCancel, wrongParameter } from "./parameters.ts";

Deno.test("wrongParameter() finds what a method can't take", () => {
  const primops = [{ name: "f", arity: 2 }];
  assertEquals(
    wrongParameter("open", { expr: "1", pure: true, env: { A: "1" }, primops, volatile: ["/a"] }),
    undefined,
  );
  assertEquals(wrongParameter("invalidate", { paths: ["/"], env: { A: null } }), undefined);
  assertEquals(wrongParameter("version", {}), undefined);
  const wrong: Parameters<typeof wrongParameter>[] = [
    ["open", { expr: 1 }],
    ["open", { exp: "1" }],
    ["open", { env: { A: 1 } }],
    ["open", { env: [] }],
    ["open", { env: { "A=B": "1" } }],
    ["open", { env: { "": "1" } }],
    ["invalidate", { env: { "A=B": null } }],
    ["open", { cwd: "relative" }],
    ["open", { primops: [{ name: "f", arity: 0 }] }],
    ["open", { primops: {} }],
    ["open", { pure: null }],
    ["eval", { attrs: "a" }],
    ["eval", { keepGoing: true }],
    ["invalidate", { paths: ["relative"] }],
    ["invalidate", { primops: "f" }],
    ["cancel", { id: {} }],
    ["cancel", {}],
    ["shutdown", { now: true }],
  ];
  for (const [method, params] of wrong) assertEquals(typeof wrongParameter(method, params), "string", method);
  assertEquals(wrongParameter("eval", { attrs: "a" }), '"attrs" is to be a list of strings');
  assertEquals(wrongParameter("open", { exp: "1" }), 'there is no parameter "exp"');
});

Deno.test("asCancel() takes nothing for a wish to cancel that makes no sense", () => {
  const wish = { id: 1, method: "cancel", params: { id: "x" } };
  assertEquals(asCancel(wish), { id: 1, params: { id: "x" } });
  const others = [
    undefined,
    [],
    { ...wish, method: "eval" },
    { ...wish, id: undefined },
    { ...wish, params: undefined },
    { ...wish, params: null },
    { ...wish, params: {} },
    { ...wish, params: { id: 2, now: true } },
    { ...wish, return: 1 },
  ];
  for (const other of others) assertEquals(asCancel(other), undefined, JSON.stringify(other));
});
