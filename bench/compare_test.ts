import { assertEquals } from "@std/assert";
import { compare } from "./compare.ts";
import type { ProcessResult } from "./process.ts";
import type { Program } from "./programs.ts";

const programs: Program[] = ["a", "b"].map((name) => ({ name, words: [name], env: {}, evaluation: [] }));

function ended(stdout: string, more: Partial<ProcessResult> = {}): ProcessResult {
  return { code: 0, timedOut: false, stdout, stderr: "", usage: { wall: 1, user: 1, sys: 0, peak: 1 }, ...more };
}

Deno.test("compare() lets programs take turns and doesn't count the warm-up", async () => {
  const order: string[] = [];
  const run = (program: Program) => {
    order.push(program.name);
    return Promise.resolve(ended("1\n", { usage: { wall: order.length, user: 0, sys: 0, peak: 0 } }));
  };
  const result = await compare(programs, { warmup: 1, runs: 2, run });
  assertEquals(order.join(""), "ababab");
  if (result.kind === "failed") throw new Error(result.reason);
  assertEquals(result.output, "1");
  assertEquals([...result.samples].map(([name, usages]) => [name, usages.map(({ wall }) => wall)]), [
    ["a", [3, 5]],
    ["b", [4, 6]],
  ]);
});

Deno.test("compare() fails where outputs differ", async () => {
  const run = ({ name }: Program) => Promise.resolve(ended(`${name}1\n`));
  assertEquals(await compare(programs, { warmup: 0, runs: 1, run }), {
    kind: "failed",
    reason: "a prints\na1\nb prints\nb1",
  });
});

Deno.test("compare() fails where a later run differs", async () => {
  let runs = 0;
  const run = () => Promise.resolve(ended(++runs > 3 ? "2" : "1"));
  const result = await compare(programs, { warmup: 1, runs: 5, run });
  assertEquals([result.kind, runs], ["failed", 4]);
});

Deno.test("compare() fails where a program does, and says how", async () => {
  const reason = async (ending: Partial<ProcessResult>) => {
    const run = ({ name }: Program) => Promise.resolve(name === "a" ? ended("1") : ended("1", ending));
    const result = await compare(programs, { warmup: 0, runs: 1, run });
    return result.kind === "failed" ? result.reason : "";
  };
  assertEquals(await reason({ code: 1, stderr: "error: no\n" }), "b exits with 1\nerror: no");
  assertEquals(await reason({ code: -6, stderr: "abort\n" }), "b was ended by signal 6\nabort");
  assertEquals(await reason({ code: -9, timedOut: true }), "b took too long");
});
