import { assertEquals } from "@std/assert";
import { type CpuProfile, profileText, summarizeProfile } from "./profile.ts";

const frame = (functionName: string, url: string, lineNumber: number) => ({ functionName, url, lineNumber });

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("force", "file:///r/lib/thunk.ts", 9) },
    { id: 2, callFrame: frame("", "file:///r/lib/thunk.ts", 19) },
    { id: 3, callFrame: frame("(garbage collector)", "", -1) },
    // The same function from another caller.
    { id: 4, callFrame: frame("force", "file:///r/lib/thunk.ts", 9) },
  ],
  samples: [1, 2, 3, 4, 1],
  timeDeltas: [1000, 2000, 3000, 4000, -50],
};

Deno.test("summarizeProfile() adds a function up over its callers", () => {
  const { milliseconds, functions, files } = summarizeProfile(profile, "file:///r/");
  assertEquals(milliseconds, 10);
  assertEquals(functions.map(({ name, milliseconds }) => [name, milliseconds]), [
    ["force lib/thunk.ts:10", 5],
    ["(garbage collector)", 3],
    ["(anonymous) lib/thunk.ts:20", 2],
  ]);
  assertEquals(files.map(({ name, milliseconds }) => [name, milliseconds]), [["lib/thunk.ts", 7], [
    "(garbage collector)",
    3,
  ]]);
});

Deno.test("profileText() shows the first few", () => {
  assertEquals(
    profileText(summarizeProfile(profile, "file:///r/"), 1),
    `10 ms in all

by function
      5 ms  50.0%  force lib/thunk.ts:10

by file
      7 ms  70.0%  lib/thunk.ts
`,
  );
});
