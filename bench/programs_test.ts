import { assertEquals, assertThrows } from "@std/assert";
import { commandLabel, parseOracle, parseProgram, programEnvironment } from "./programs.ts";

Deno.test("parseProgram() knows the checkout's own forms", () => {
  assertEquals(parseProgram("binary", "/checkout").words, ["/checkout/dist/devix", "nix-instantiate"]);
  const { name, words } = parseProgram("source", "/checkout");
  assertEquals([name, words[1], words.at(-2), words.at(-1)], ["source", "run", "/checkout/cli.ts", "nix-instantiate"]);
});

Deno.test("parseProgram() reads names, variables and flags", () => {
  assertEquals(parseProgram("old=DEVIX_X=1 Y=a/b build/devix nix-instantiate --flag", "/checkout"), {
    name: "old",
    words: ["build/devix", "nix-instantiate", "--flag"],
    env: { DEVIX_X: "1", Y: "a/b" },
    evaluation: ["--eval", "--strict"],
  });
});

Deno.test("parseProgram() calls programs after their file and adds the command", () => {
  const { name, words } = parseProgram("/opt/devix", "/checkout");
  assertEquals([name, words], ["devix", ["/opt/devix", "nix-instantiate"]]);
});

Deno.test("parseProgram() leaves devix eval as it is", () => {
  const { words, evaluation } = parseProgram("warm=dist/devix eval --warm", "/checkout");
  assertEquals([words, evaluation], [["dist/devix", "eval", "--warm"], []]);
});

Deno.test("parseProgram() needs a command", () => {
  assertThrows(
    () => parseProgram("a=X=1", "/checkout"),
    RangeError,
    'Cannot read program "a=X=1": there is no command',
  );
});

Deno.test("parseOracle() takes a nix-instantiate as it is", () => {
  const { name, words } = parseOracle("bin/nix-instantiate");
  assertEquals([name, words], ["nix", ["bin/nix-instantiate"]]);
});

Deno.test("programEnvironment() hides the machine's settings", () => {
  const env = programEnvironment({ name: "a", words: ["a"], evaluation: [], env: { EXTRA: "1" } }, "/empty");
  assertEquals([env.HOME, env.NIX_CONF_DIR, env.NIX_PATH, env.NIX_REMOTE, env.EXTRA], [
    "/empty",
    "/empty",
    "",
    "dummy://",
    "1",
  ]);
});

Deno.test("commandLabel() leaves folders out", () => {
  const program = {
    name: "a",
    evaluation: [],
    words: ["/opt/x/deno", "run", "--v8-flags=--a=1,--b", "/home/u/cli.ts"],
    env: { X: "1" },
  };
  assertEquals(commandLabel(program), "X=1 deno run --v8-flags=--a=1,--b cli.ts");
});
