import { assert, assertEquals } from "@std/assert";
import { shrink } from "./shrink.ts";

const PROGRAM = `let
  unused = [ 1 2 3 ];
  f = { a, b ? 2 }: a + b; # a comment
in
if f { a = 40; } == 42 then { result = "text \${toString (builtins.bad 1)} more"; } else throw "no"
`;

/** Interesting is what still holds the words, whatever it means. */
const holds = (...words: string[]) => (programs: readonly string[]) =>
  Promise.resolve(programs.map((program) => words.every((word) => program.includes(word))));

Deno.test("shrink() finds the part that matters", async () => {
  assertEquals(await shrink(PROGRAM, holds("builtins.bad"), 5000), "builtins.bad");
});

Deno.test("shrink() keeps parts that are far from each other", async () => {
  const small = await shrink(PROGRAM, holds("builtins.bad", "== 42"), 5000);
  assert(small.includes("builtins.bad") && small.includes("== 42"));
  assert(small.length <= 24, small);
});

Deno.test("shrink() returns a program that cannot get smaller", async () => {
  assertEquals(await shrink("1", holds("1"), 100), "1");
});

Deno.test("shrink() asks about no more than the limit, give or take a group", async () => {
  let asked = 0;
  const never = (programs: readonly string[]) => {
    asked += programs.length;
    return Promise.resolve(programs.map(() => false));
  };
  assertEquals(await shrink(PROGRAM, never, 40), PROGRAM);
  assert(asked <= 48, `${asked}`);
});

Deno.test("shrink() asks about a program once", async () => {
  const seen = new Set<string>();
  const once = (programs: readonly string[]) => {
    for (const program of programs) {
      assert(!seen.has(program), program);
      seen.add(program);
    }
    return Promise.resolve(programs.map((program) => program.includes("f {")));
  };
  await shrink(PROGRAM, once, 5000);
});
