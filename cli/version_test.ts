import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { runFake } from "./_test_process.ts";
import { runCommand } from "./command.ts";
import { V8_FLAGS, v8FlagsFor } from "./v8_flags.ts";
import { DEVIX_VERSION, NIX_VERSION, VERSION } from "./version.ts";

function run(...args: string[]): string {
  return runFake((process) => runCommand(VERSION, process), args).out;
}

Deno.test("DEVIX_VERSION is that of deno.json", () => assertEquals(DEVIX_VERSION, config.version));

Deno.test("version names both versions", () => {
  assertEquals(run(), `devix ${DEVIX_VERSION} (compatible with Nix ${NIX_VERSION})\n`);
});

Deno.test("version --json lists what there is", () => {
  const document = JSON.parse(run("--json"));
  assertEquals([document.version, document.nixVersion], [DEVIX_VERSION, NIX_VERSION]);
  assert(document.builtins.includes("map"));
  assert(document.features.includes("pipe-operators"));
});

Deno.test("V8_FLAGS are those of the tasks in deno.json", () => {
  assert(config.tasks.devix.includes(` --v8-flags=${V8_FLAGS.join(",")} `), config.tasks.devix);
});

Deno.test("v8FlagsFor() differs by the stack alone", () => {
  assertEquals(v8FlagsFor("linux"), V8_FLAGS);
  const [stack, ...others] = v8FlagsFor("darwin");
  assertEquals([stack, others], ["--stack-size=7000", V8_FLAGS.slice(1)]);
});
