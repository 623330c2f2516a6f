import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { type FakeOptions, type Ran, runFake } from "./_test_process.ts";
import { runCommand } from "./command.ts";
import { decodeUtf8Lossy, encodeUtf8 } from "../mod.ts";
import { EVAL } from "./eval.ts";

function run(args: readonly string[], options: FakeOptions = {}): Ran {
  return runFake((process) => runCommand(EVAL, process), args, options);
}

const PRINTS: readonly [what: string, args: readonly string[], out: string][] = [
  ["prints a value with everything inside it", ["-E", "{ a = [ (1 + 1) ]; }"], "{ a = [ 2 ]; }\n"],
  ["prints JSON", ["--json", "-E", '{ a = [ 1 2.5 "x" ]; }'], '{"a":[1,2.5,"x"]}\n'],
  ["prints the JSON of one attribute", ["--json", "-E", "{ a.b = 1; }", "-A", "a"], '{"b":1}\n'],
  ["prints an array of several", ["--json", "-E", "{ a = 1; b = 2; }", "-A", "b", "-A", "a"], "[2,1]\n"],
  ["prints a string as it is", ["--raw", "-E", '"x"'], "x"],
  ["takes flags with =", ["--expr=1", "--json"], "1\n"],
  [
    "prints derivations as nix eval does",
    [
      "-E",
      '{ b = [ (derivation { name = "x"; system = "s"; builder = "/b"; }) { type = "derivation"; } ]; a = x: x; }',
    ],
    "{ a = <LAMBDA>; b = [ \xc2\xabderivation /nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv\xc2\xbb \xc2\xabderivation\xc2\xbb ]; }\n",
  ],
  ["calls the root with --args-expr", ["-E", "a: a.x", "--args-expr", "{ x = 1; }"], "1\n"],
  ["calls the root with --arg", ["-E", "{ x }: x", "--arg", "x", "1"], "1\n"],
  ["calls functions on the way", ["-E", "{ a = { y ? 2 }: { b = y; }; }", "-A", "a.b"], "2\n"],
  ["hides the environment with --pure", ["--pure", "-E", 'builtins.getEnv "PATH"'], '""\n'],
  ["shows --env with --pure", ["--pure", "--env", "X=y=z", "-E", 'builtins.getEnv "X"'], '"y=z"\n'],
  ["has no system with --pure", ["--pure", "-E", "builtins ? currentSystem || builtins ? currentTime"], "false\n"],
  ["is another system with --system", ["--system", "s", "-E", "builtins.currentSystem"], '"s"\n'],
];

for (const [what, args, out] of PRINTS) {
  Deno.test(`eval ${what}`, () => assertEquals(run(args), { code: 0, out, err: "" }));
}

Deno.test("eval reads files, with --pure too", () => {
  const path = Deno.makeTempFileSync({ suffix: ".nix" });
  try {
    Deno.writeTextFileSync(path, "{ a = 1; }");
    assertEquals(run(["--pure", path, "-A", "a"]).out, "1\n");
    assertEquals(run(["--file", path, "-A", "a"]).out, "1\n");
    assertEquals(run(["-E", "x: x.a", "--args-file", path]).out, "1\n");
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("eval fails with 1, and says why in JSON too", () => {
  const { code, out, err } = run(["--json", "-E", '{ a = throw "no"; }', "-A", "a"]);
  assertEquals(code, 1);
  assertStringIncludes(err, "error: no");
  const { error } = JSON.parse(decodeUtf8Lossy(out));
  assertEquals(error.type, "throw");
  assertEquals(error.message, "no");
  assertStringIncludes(error.rendered, "error: no");
  assertEquals(error.trace, [{
    file: "\xabstring\xbb",
    line: 1,
    column: 7,
    message: "while calling the 'throw' builtin",
  }]);
});

Deno.test("eval fails with 2 for a wrong command line", () => {
  assertEquals(run(["--foo"]), {
    code: 2,
    out: "",
    err: "error: unrecognised flag '--foo'\nTry 'devix eval --help' for more information.\n",
  });
  assertEquals(run(["a.nix", "-E", "1"]).code, 2);
  assertEquals(run(["--log-format", "x", "-E", "1"]).code, 2);
  assertEquals(run(["--env", "X"]).code, 2);
  assertEquals(run(["--store", "x"]).code, 2);
});

Deno.test("eval says what was meant, and what is missing", () => {
  assertStringIncludes(run(["--exp", "1"]).err, "Did you mean --expr?");
  const { code, err } = run([], { cwd: "/nowhere" });
  assertEquals(code, 2);
  assertStringIncludes(err, "there is no ./default.nix; name a file");
});

Deno.test("eval fails with 5 for what it can't do", () => {
  const { code, err } = run(["--extra-experimental-features", "flakes", "-E", 'builtins.getFlake "nixpkgs"']);
  assertEquals(code, 5);
  assertStringIncludes(err, "cannot find flake 'flake:nixpkgs' in the flake registries");
});

Deno.test("eval explains itself", () => {
  const { code, out } = run(["--help"]);
  assertEquals(code, 0);
  assertStringIncludes(out, "Usage: devix eval [FLAGS]");
  assertStringIncludes(out, "--args-expr EXPR");
});

Deno.test("eval logs what it reads with -v", () => {
  const { err } = run(["-v", "-E", 'builtins.getEnv "X" + (if builtins.pathExists /nowhere then "a" else "b")']);
  // As C++ Nix, which begins with the function `derivation`.
  const first = "evaluating file '«nix-internal»/derivation-internal.nix'\n";
  assertEquals(decodeUtf8Lossy(err), first + "devenv getEnv: 'X'\ndevenv pathExists: '/nowhere'\n");
});

Deno.test("eval ends with 5 where a caller may fall back: import from derivation, kinds of inputs nobody knows", () => {
  const flakes = ["--option", "extra-experimental-features", "flakes"];
  const drv = 'derivation { name = "x"; system = "s"; builder = "b"; }';
  const exprs = [`import (${drv})`, 'builtins.fetchTree "darcs://x"'];
  for (const expr of exprs) {
    const { code, out } = run(["--json", ...flakes, "-E", expr]);
    assertEquals([code, JSON.parse(out).error.type], [5, "unsupported"]);
  }
});

Deno.test("eval takes the arguments of the root once", () => {
  const { code, err } = run(["-E", "x: x", "--args-file", "/f", "--args-expr", "1"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "error: cannot pass '1' as well as '/f': give one of them\n");
});

Deno.test("eval ends with 1 for names that no store path may have: the program is wrong, not the store", () => {
  for (
    const expr of [
      'builtins.toFile "a b" ""',
      `builtins.path { name = "a b"; path = /. + "${encodeUtf8(fromFileUrl(import.meta.url))}"; }`,
      'builtins.storePath "/nix/store/x"',
    ]
  ) {
    const { code, out } = run(["--json", "-E", expr]);
    assertEquals([code, JSON.parse(out).error.type], [1, "eval"], expr);
  }
});
