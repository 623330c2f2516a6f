// Expected texts are what the pinned C++ Nix prints for the same arguments, of a flake.nix with the same contents.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeUtf8 } from "../mod.ts";
import { type Ran, runFakeAsync } from "./_test_process.ts";
import { NIX } from "./nix.ts";

const FLAKE = `{
  outputs = { self }: {
    packages.x86_64-linux.pick = 1;
    legacyPackages.x86_64-linux.pack = 2;
    a.b = { x = 1; l = [ 1 ]; };
    pact = 3;
  };
}
`;

function run(...args: string[]): Promise<Ran> {
  return runFlake(FLAKE, args);
}

async function runFlake(flake: string, args: readonly string[]): Promise<Ran> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/.devenv.flake.nix`, flake);
    const files = { [`${dir}/.devenv.flake.nix`]: flake };
    const features = ["--extra-experimental-features", "nix-command flakes", "--system", "x86_64-linux"];
    const env = { NIX_REMOTE: "dummy://", PATH: "" };
    const ran = await runFakeAsync((p) => NIX.run(p), [...args, ...features], { cwd: dir, files, env });
    return { code: ran.code, out: ran.out.replaceAll(dir, "DIR"), err: ran.err.replaceAll(dir, "DIR") };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const HELP = "Try 'nix --help' for more information.\n";

/** Arguments to standard error of a failing run. */
const FAILS: readonly [what: string, args: readonly string[], err: string][] = [
  [
    "names what is nearly meant, wherever it was looked for",
    ["eval", ".#pa_k"],
    `error: flake 'path:DIR' does not provide attribute 'packages.x86_64-linux.pa_k', 'legacyPackages.x86_64-linux.pa_k' or 'pa_k'
       Did you mean one of pack, pact or pick?
`,
  ],
  ["looks for names in sets only", ["eval", "--json", ".#a.b.x.y"], "error: 'a.b.x' is not an attribute set\n"],
  ["has no indices", ["eval", "--raw", ".#a.b.l.0"], "error: 'a.b.l' is not an attribute set\n"],
  [
    "finds nothing but outputs",
    ["eval", ".#sourceInfo"],
    "error: flake 'path:DIR' does not provide attribute 'packages.x86_64-linux.sourceInfo', 'legacyPackages.x86_64-linux.sourceInfo' or 'sourceInfo'\n",
  ],
  ["decodes names", ["eval", ".#a%2"], "error: invalid URI parameter 'a%2': incomplete pct-encoding\n"],
  ["decodes names from hexadecimal digits", [
    "eval",
    ".#%zz",
  ], "error: invalid URI parameter '%zz': bad hexdig in pct-encoding\n"],
  ["wants outputs after ^", ["eval", ".#a^"], "error: invalid extended outputs specifier '.#a^'\n"],
  ["wants names of outputs", ["eval", ".#a^b,,c"], "error: invalid extended outputs specifier '.#a^b,,c'\n"],
  ["takes one thing to evaluate", ["eval", ".#a", ".#pact"], `error: unexpected argument '.#pact'\n${HELP}`],
  [
    "prints in one way",
    ["eval", "--raw", ".#pact", "--json"],
    `error: --raw and --json are mutually exclusive\n${HELP}`,
  ],
  [
    "tells of flakes, not of what is in them",
    ["flake", "metadata", ".#a"],
    "error: unexpected fragment 'a' in flake reference '.#a'\n",
  ],
  ["explains wrong settings", [
    "eval",
    ".#pact",
    "--max-jobs",
    "x",
  ], `error: configuration setting 'max-jobs' should be 'auto' or an integer\n${HELP}`],
];

for (const [what, args, err] of FAILS) {
  Deno.test(`nix ${what}`, async () => assertEquals(await run(...args), { code: 1, out: "", err }));
}

Deno.test("nix eval takes outputs for what they are named, whether or not they are there", async () => {
  for (const outputs of ["*", ".a", "a.b,-c"]) {
    assertEquals(await run("eval", `.#pact^${outputs}`), { code: 0, out: "3\n", err: "" });
  }
});

Deno.test("nix eval prints what a flake puts out", async () => {
  const out = `{"a":{"b":{"l":[1],"x":1}},"legacyPackages":{"x86_64-linux":{"pack":2}},` +
    `"packages":{"x86_64-linux":{"pick":1}},"pact":3}\n`;
  assertEquals(await run("eval", "--json", ".#."), { code: 0, out, err: "" });
});

/** Expressions to what `nix eval` shows for them. */
const SHOWN: readonly [what: string, expression: string, out: string][] = [
  [
    "what fails where it is",
    '{ a = throw "x\\ty"; b = [ (abort "z") {}.q (import ./no) ]; c = 1 + "a"; }',
    "{ a = «error: x       y»; b = [ «error: evaluation aborted with the following error message: 'z'» " +
    "«error: attribute 'q' missing» «error: path 'DIR/no' does not exist» ]; " +
    "c = «error: cannot add a string to an integer»; }",
  ],
  ["a set whose type fails", '{ type = throw "t"; a = 1; }', "«error: t»"],
  [
    "a cycle where it closes",
    "let x = x; y = { b = y; }; in [ x y ]",
    "[ «error: infinite recursion encountered» { b = «repeated»; } ]",
  ],
  [
    "functions by name and place",
    "{ f = x: x; g = { a, ... }: a; h = map; i = map (x: x); j = [ (x: x) ]; }",
    "{ f = «lambda f @ DIR/.devenv.flake.nix:1:28»; g = «lambda g @ DIR/.devenv.flake.nix:1:38»; h = «primop map»; " +
    "i = «partially applied primop map»; j = [ «lambda @ DIR/.devenv.flake.nix:1:85» ]; }",
  ],
  [
    "what it has shown once",
    "let a = { x = 1; }; b = [ 1 ]; in [ a a b b {} {} [] [] ]",
    "[ { x = 1; } «repeated» [ 1 ] «repeated» { } «repeated» [ ] [ ] ]",
  ],
  [
    "derivations by their path",
    `let d = drvPath: { type = "derivation"; inherit drvPath; }; p = "/nix/store/ffffffffffffffffffffffffffffffff-a"; in
      [ (d p) (d "/x") (d 1) (d (throw "n")) { type = "derivation"; } ]`,
    "[ «derivation /nix/store/ffffffffffffffffffffffffffffffff-a» «error: path '/x' is not in the Nix store» " +
    "«error: cannot coerce an integer to a string: 1» «error: n» «derivation» ]",
  ],
  [
    "names in quotes where they need them",
    '{ "a b" = null; "if" = 1.5; or = "\\n"; "" = ./x; }',
    '{ "" = DIR/x; "a b" = null; "if" = 1.5; or = "\\n"; }',
  ],
];

for (const [what, expression, out] of SHOWN) {
  Deno.test(`nix eval shows ${what}`, async () => {
    const ran = await runFlake(`{ outputs = _: { v = ${expression}; }; }`, ["eval", ".#v"]);
    assertEquals(ran, { code: 0, out: encodeUtf8(out) + "\n", err: "" });
  });
}

Deno.test("nix eval copies a path that is to be printed as it is", async () => {
  const flake = "{ outputs = _: { p = { outPath = ./.devenv.flake.nix; }; }; }";
  const { code, out, err } = await runFlake(flake, ["eval", "--raw", ".#p"]);
  assertEquals({ code, err }, { code: 0, err: "" });
  assertMatch(out, /^\/nix\/store\/[0-9a-z]{32}-\.devenv\.flake\.nix$/);
});

Deno.test("nix eval fails where the value itself does, and where nothing inside it is to blame", async () => {
  const deep = "let f = x: 1 + f x; in [ (f 1) ]";
  for (const [expression, message] of [['throw "x"', "error: x\n"], [deep, "error: stack overflow"]]) {
    const { code, out, err } = await runFlake(`{ outputs = _: { v = ${expression}; }; }`, [
      "eval",
      ".#v",
      "--option",
      "max-call-depth",
      "100",
    ]);
    assertEquals({ code, out }, { code: 1, out: "" });
    assertStringIncludes(err, message);
  }
});

Deno.test("nix leaves flags to the real nix that C++ Nix doesn't have there", async () => {
  const lines = [
    ["--json", "eval", ".#pact"],
    ["flake", "--json", "metadata", "."],
    ["flake", "metadata", "--raw"],
    ["eval", "--no-link", ".#pact"],
    ["eval", "-k", ".#pact"],
    ["print-dev-env", "-o", "x"],
    ["build", "--raw"],
  ];
  for (const args of lines) {
    const err = `error: this command takes Nix itself, and there is no 'nix' on the PATH\n${HELP}`;
    assertEquals(await run(...args), { code: 1, out: "", err }, args.join(" "));
  }
  const out = await run("--offline", "-L", "eval", "--keep-going", "--impure", ".#pact");
  assertEquals(out, { code: 0, out: "3\n", err: "" });
});
