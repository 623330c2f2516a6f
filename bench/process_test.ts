import { assert, assertEquals } from "@std/assert";
import { Launcher, type ProcessResult } from "./process.ts";

const ignore = Deno.build.os !== "linux";

async function run(words: readonly string[], timeout = 30): Promise<ProcessResult> {
  const directory = await Deno.makeTempDir({ prefix: "bench-test-" });
  using launcher = new Launcher(directory);
  try {
    return await launcher.run({ words, env: { PATH: "/usr/bin:/bin", GIVEN: "yes" }, timeout });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "Launcher returns exit code and output",
  ignore,
  fn: async () => {
    const result = await run(["sh", "-c", 'echo "$GIVEN $1"; echo no >&2; exit 3', "sh", "a b"]);
    assertEquals([result.code, result.stdout, result.stderr, result.timedOut], [3, "yes a b\n", "no\n", false]);
  },
});

Deno.test({
  name: "Launcher measures programs that end at once",
  ignore,
  fn: async () => {
    const { code, usage } = await run(["true"]);
    assertEquals(code, 0);
    assert(usage.wall > 0 && usage.user + usage.sys < 0.5, JSON.stringify(usage));
    // Not the memory of the process that asks.
    assert(usage.peak > 0 && usage.peak < 20e6, JSON.stringify(usage));
  },
});

Deno.test({
  name: "Launcher counts the time of processors and of sleeping apart",
  ignore,
  fn: async () => {
    const { usage } = await run(["sleep", "0.2"]);
    assert(usage.wall >= 0.2 && usage.user < 0.1, JSON.stringify(usage));
  },
});

Deno.test({
  name: "Launcher gives signals as negative codes",
  ignore,
  fn: async () => assertEquals((await run(["sh", "-c", "kill -15 $$"])).code, -15),
});

Deno.test({
  name: "Launcher kills what takes too long",
  ignore,
  fn: async () => {
    const { code, timedOut } = await run(["sleep", "20"], 0.1);
    assertEquals([code, timedOut], [-9, true]);
  },
});

Deno.test({
  name: "Launcher reports a program that isn't there as the shell does",
  ignore,
  fn: async () => assertEquals((await run(["/nonexistent/program"])).code, 127),
});
