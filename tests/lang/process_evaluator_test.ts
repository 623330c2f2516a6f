import { assertEquals, assertThrows } from "@std/assert";
import { instantiateCommand, isolatedEnvironment } from "./process_evaluator.ts";

Deno.test("instantiateCommand() appends the subcommand to anything but a nix-instantiate", () => {
  assertEquals(instantiateCommand("/x/devix", "/base"), ["/x/devix", "nix-instantiate"]);
  assertEquals(instantiateCommand("/x/bin/nix-instantiate", "/base"), ["/x/bin/nix-instantiate"]);
});

Deno.test("instantiateCommand() makes relative paths absolute and leaves flags and plain names alone", () => {
  assertEquals(
    instantiateCommand("deno run -A --v8-flags=--stack-size=1/2 cli.ts", "/base"),
    ["deno", "run", "-A", "--v8-flags=--stack-size=1/2", "/base/cli.ts", "nix-instantiate"],
  );
  assertEquals(instantiateCommand("dist/devix", "/base"), ["/base/dist/devix", "nix-instantiate"]);
  assertThrows(() => instantiateCommand(" ", "/base"), Error, "the command is empty");
});

Deno.test("isolatedEnvironment() hides the machine's Nix configuration", () => {
  const env = isolatedEnvironment("/empty");
  assertEquals([env.NIX_CONF_DIR, env.NIX_REMOTE, env.NIX_PATH], ["/empty", "dummy://", undefined]);
});
