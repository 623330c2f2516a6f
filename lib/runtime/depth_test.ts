import { assert, assertEquals, assertThrows } from "@std/assert";
import { MemoryIO } from "../io/memory.ts";
import { Session } from "../../session.ts";
import { callDepth, restoreCallDepth } from "./depth.ts";
import { isStackOverflow, NixError } from "./errors.ts";
import { force } from "./thunk.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { Attrs, getAttr } from "./attrs.ts";
import { intern } from "../syntax/symbols.ts";

Deno.test("a session that failed evaluates again from the start", () => {
  restoreCallDepth(0);
  const session = new Session({
    settings: { ...DEFAULT_SETTINGS, maxCallDepth: 300 },
    log: { trace: () => {}, warn: () => {}, message: () => {} },
    currentDir: "/",
    files: new MemoryIO({ files: {} }),
  });
  const f = 'let f = n: if n == 0 then throw "end" else 1 + f (n - 1); in';
  for (let i = 0; i < 5; i++) {
    assertThrows(() => session.evaluate(session.parse(`${f} f 100`)), NixError, "end");
    assertEquals(callDepth(), 0);
  }
  for (let i = 0; i < 5; i++) {
    const set = session.evaluate(session.parse(`${f} { a = f 100; }`)) as Attrs;
    const error = assertThrows(() => force(getAttr(set, intern("a"))!), NixError, "end");
    assertEquals(session.explain(error).split("\n").at(-1)!.trim(), "error: end");
    assertEquals(callDepth(), 0);
  }
});

Deno.test("isStackOverflow() tells a stack that is full, whatever was done as it filled", () => {
  let compiled = 0;
  const fall = (depth: number): number => fall(depth + 1) + 1;
  const compile = (depth: number): number => {
    // V8 compiles each when it is used.
    new RegExp(`^[A-Za-z_]{${++compiled}}$`).test("a");
    return compile(depth + 1) + 1;
  };
  for (const full of [fall, compile]) assert(isStackOverflow(assertThrows(() => full(0))));
  for (const other of [new RangeError("Invalid array length"), assertThrows(() => new RegExp("(")), "Stack overflow"]) {
    assertEquals(isStackOverflow(other), false);
  }
});
