/** Generated code must be indistinguishable from closures: same values, same errors, same traces. */
import { assertEquals } from "@std/assert";
import { Session } from "../../mod.ts";
import { MemoryIO } from "../io/memory.ts";
import { restoreCallDepth } from "../runtime/depth.ts";
import { NixError } from "../runtime/errors.ts";
import { printAmbiguous } from "../runtime/print.ts";
import { forceDeep } from "../runtime/force_deep.ts";
import { DEFAULT_SETTINGS } from "../runtime/settings.ts";

function outcome(text: string, tierUp: boolean): unknown {
  // An error leaves it where it was.
  restoreCallDepth(0);
  const session = new Session({
    // Small enough for the stack that tests have.
    settings: { ...DEFAULT_SETTINGS, showTrace: true, maxCallDepth: 700 },
    log: { trace: () => {}, warn: () => {}, message: () => {} },
    currentDir: "/",
    files: new MemoryIO({ files: {} }),
    optimisations: tierUp ? { tierUpAfter: 100, tierUpAll: true } : { tierUpAfter: Infinity },
  });
  try {
    return printAmbiguous(forceDeep(session.evaluate(session.parse(text, { kind: "string" }))));
  } catch (e) {
    if (!(e instanceof NixError)) throw e;
    return { kind: e.kind, message: e.message, pos: e.pos, frames: e.frames };
  }
}

/** Calls `f` with 0 … 399, so that it and the thunks it makes get hot, then with `last`. */
const heated = (f: string, last: string) =>
  `let f = ${f}; in builtins.seq (builtins.foldl' (a: n: builtins.seq (builtins.tryEval (f n)).value a) 0 (builtins.genList (n: n) 400)) (f (${last}))`;

const PROGRAMS: Record<string, string> = {
  "arithmetic": heated("n: n - 1 + n * 2 - (0 - n)", "7"),
  "arithmetic on floats": heated("n: n * 2 - 1", "1.5"),
  "overflow": heated("n: n + 9223372036854775000", "9223372036854775000"),
  "a string where a number is wanted": heated("n: n - 1", '"x"'),
  "an error in the right operand": heated('n: 1 - (if n == 1000 then throw "r" else n)', "1000"),
  "comparison": heated('n: if n < 200 then "low" else if n >= 300 then "high" else "middle"', "250"),
  "a condition that is no Boolean": heated("n: if (if n == 1000 then n else true) then 1 else 2", "1000"),
  "logic": heated("n: (n > 1 && n < 5) || (n == 7 -> n != 8)", "9"),
  "an operand of && that is no Boolean": heated("n: n < 5000 && (if n == 1000 then 1 else true)", "1000"),
  "an operand of -> that fails": heated('n: (if n == 1000 then throw "l" else false) -> true', "1000"),
  "not of a string": heated('n: !(if n == 1000 then "s" else true)', "1000"),
  "let": heated("n: let a = n + 1; b = a + c; c = 2; in b - a", "3"),
  "let that needs itself": heated("n: let a = if n == 1000 then a else n; in a", "1000"),
  "select": heated("n: let s = { a = n; b = { c = n; }; }; in s.a + s.b.c", "3"),
  "select of several shapes": heated("n: (if n == 1000 then { x = 1; y = 2; } else { y = n; z = 3; }).y", "1000"),
  "a missing attribute": heated('n: { yes = n; }.${if n == 1000 then "no" else "yes"}', "1000"),
  "a missing static attribute": heated("n: (if n == 1000 then { abd = 1; } else { abc = n; }).abc", "1000"),
  "select of something that is no set": heated("n: (if n == 1000 then 1 else { a = n; }).a", "1000"),
  "an attribute that fails": heated('n: { a = if n == 1000 then throw "attr" else n; }.a', "1000"),
  "update": heated("n: { a = 1; b = n; } // { b = 2; c = n; }", "5"),
  "update of something that is no set": heated("n: { a = 1; } // (if n == 1000 then 7 else { b = n; })", "1000"),
  "equality": heated('n: [ (n == 1) (n != 2) ("a" == "a") ({ a = n; } == { a = n; }) ]', "2"),
  "strings": heated('n: "a" + "b" + (if n == 1000 then 1 else "c")', "1000"),
  "interpolation": heated('n: "<${toString n}>"', "12"),
  "paths": heated('n: /. + ("a" + toString n)', "3"),
  "calls": heated("n: (x: y: x - y) n (n - 1)", "3"),
  "calls of what is no function": heated("n: (if n == 1000 then 1 else (x: x)) n", "1000"),
  "arguments by set": heated("n: ({ a, b ? a + 1, ... }: a + b) { a = n; }", "3"),
  "with": heated("n: with { m = n; }; m + 1", "3"),
  "lists": heated("n: [ n (n + 1) ] ++ [ (n - 1) ]", "3"),
  "closures over the environment": heated("n: (builtins.head [ (x: x + n) ]) 1", "3"),
  "recursion": "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 18",
  "recursion without end": "let f = n: 1 + f (n - 1); in f 0",
  "a comparison too deep": "let f = n: if n == 100000 then n else f (n + 1); in f 0",
  "arithmetic too deep": "let f = n: if n - 1 < 100000 then f (n + 1) else n; in f 0",
  "negative zero": heated("n: 0 * (0 - n)", "1"),
  "assert": heated("n: assert n != 1000; n", "1000"),
  "thunks that are evaluated": heated(
    "n: let a = if n > 3 then n + 1 else n; b = a == 4; in if b then a else a - 1",
    "7",
  ),
  "thunks that fail": heated('n: let a = if n == 1000 then throw "t" else n; in if a > 5 then a else 0', "1000"),
  "a long sum": heated("n: n + 1 + n + 2 + n + 3", "4"),
  "fallback": heated("n: { a = n; }.b or (n + 1)", "4"),
  "paths of names": heated("n: let s = { a.b.c = n; a.d = [ ]; }; in s.a.b.c + (s.a.b.x or 1) + (s.a.d.e or 2)", "4"),
  "a path whose end fails": heated('n: { a.b = if n == 1000 then throw "end" else n; }.a.b or 1', "1000"),
  "a path whose middle fails": heated('n: { a = if n == 1000 then throw "middle" else { b = n; }; }.a.b', "1000"),
  "a path through what is no set": heated("n: (if n == 1000 then { a = 1; } else { a.b = n; }).a.b", "1000"),
  "a path that ends too soon": heated("n: (if n == 1000 then { a = { }; } else { a.b = n; }).a.b", "1000"),
  "a path through a large set updated": heated(
    "n: (builtins.listToAttrs (builtins.genList (i: { name = toString i; value = { x = i; }; }) 300) // { y.x = n; }).y.x",
    "4",
  ),
  "has attributes": heated("n: let s = { a.b = n; c = 1; }; in [ (s ? a.b) (s ? a.c) (s ? c.d) (s ? d) (n ? a) ]", "4"),
  "has attributes of several shapes": heated(
    "n: (if n == 1000 then { b = 1; } else if n > 200 then { a = 1; b = 2; } else { a = 2; }) ? a",
    "1000",
  ),
  "a path through what fails, asked for": heated(
    'n: { a = if n == 1000 then throw "asked" else { b = n; }; } ? a.b',
    "1000",
  ),
  "variables in branches": heated(
    "n: let a = if n > 5 then n else 1; in if n > 100 then a + n else if n > 3 && a > 2 then a - n else a + n",
    "1000",
  ),
  "bindings of two lets in one place": heated(
    "n: (let a = n; in a + 1) - (let b = n + 1; in b - 1) * (let c = 3; in c)",
    "7",
  ),
  "two arguments": heated("n: let f = a: b: if a > b then a - b else b - a; in f n 5 + f 5 n", "1000"),
  "three arguments": heated('n: let f = a: b: c: if a > b then c else throw "three"; in f n 5 n', "2"),
  "more arguments than one, in two calls": heated(
    "n: let f = a: b: if a > b then a else b; g = f n; in g 3 + builtins.head (map g [ 900 ])",
    "1000",
  ),
  "an argument that a thunk needs later": heated(
    "n: let f = a: b: if b > 3 then { x = a + b; y = a; } else { x = a; }; in f n n",
    "10",
  ),
  "an argument that is a function": heated(
    "n: let f = g: a: if a == 1000 then g == g else g a; in f (x: x + n) n",
    "1000",
  ),
  "arguments that aren't needed": heated('n: let f = a: b: if a > 3 then a else b; in f n (throw "not needed")', "5"),
};

for (const [name, program] of Object.entries(PROGRAMS)) {
  Deno.test(`generated code agrees with closures on ${name}`, () => {
    assertEquals(outcome(program, true), outcome(program, false));
  });
}
