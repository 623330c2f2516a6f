// Expected texts are what the pinned C++ Nix prints for the same arguments, of a flake.nix with the same contents.
import { assertEquals } from "@std/assert";
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

async function run(...args: string[]): Promise<Ran> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/.devenv.flake.nix`, FLAKE);
    const files = { [`${dir}/.devenv.flake.nix`]: FLAKE };
    const features = ["--extra-experimental-features", "nix-command flakes", "--system", "x86_64-linux"];
    const env = { NIX_REMOTE: "dummy://", PATH: "" };
    const ran = await runFakeAsync((p) => NIX.run(p), [...args, ...features], { cwd: dir, files, env });
    return { ...ran, err: ran.err.replaceAll(dir, "DIR") };
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
