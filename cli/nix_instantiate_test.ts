// Expected texts are what the pinned C++ Nix prints for the same arguments.
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { StorePath } from "../lib/format/store_path.ts";
import { LocalStore } from "../lib/store/local.ts";
import { type FakeOptions, type Ran, runFake } from "./_test_process.ts";
import { nixInstantiate } from "./nix_instantiate.ts";

/** Without a store, unless the environment names one. */
function run(args: readonly string[], options: FakeOptions = {}): Ran {
  return runFake(nixInstantiate, args, { ...options, env: { NIX_REMOTE: "dummy://", ...options.env } });
}

/** Arguments to standard output of a successful run. */
const PRINTS: readonly [what: string, args: readonly string[], out: string][] = [
  ["prints values", ["--eval", "-E", "{ a = 1 + 1; b = x: x; }"], "{ a = <CODE>; b = <CODE>; }\n"],
  ["evaluates everything with --strict", ["--eval", "--strict", "-E", "[(1 + 1)]"], "[ 2 ]\n"],
  ["takes short flags together", ["--eval", "-QE", "1"], "1\n"],
  ["prints each expression", ["--eval", "-E", "1", "2"], "1\n2\n"],
  ["prints each attribute", ["--eval", "-E", "{ a = 1; b = [ 2 ]; }", "-A", "a", "-A", "b.0"], "1\n2\n"],
  ["prints JSON", ["--eval", "--json", "--strict", "-E", '{ a = [ 1 "x" null ]; }'], '{"a":[1,"x",null]}\n'],
  ["prints a string as it is", ["--eval", "--raw", "-E", '"x\\ny"'], "x\ny"],
  ["shows the syntax tree", ["--parse", "-E", "x: x.a or 1"], "(x: (x).a or (1))\n"],
  ["calls functions with --arg and --argstr", [
    ...["--eval", "--strict", "-E", "{ a, b, c ? 3 }: [ a b c ]", "--arg", "a", "1 + 1", "--argstr", "b", "x"],
  ], '[ 2 "x" 3 ]\n'],
  ["calls no function without arguments", ["--eval", "-E", "{ a }: a"], "<LAMBDA>\n"],
  ["passes all arguments to ...", ["--eval", "-E", "{ ... }@all: all.b", "--arg", "b", "2"], "2\n"],
  ["calls a functor", ["--eval", "-E", "{ __functor = self: { a }: a; }", "--arg", "a", "1"], "1\n"],
  ["tells its version", ["--version"], "nix-instantiate (Nix) 2.34.8\n"],
  ["reads nothing after --version", ["--version", "-v", "--foo"], "nix-instantiate (Nix) 2.34.8\n"],
  ["warns of no setting with --version", ["--option", "foo", "1", "--version"], "nix-instantiate (Nix) 2.34.8\n"],
  ["sets settings by flag", ["--eval", "--system", "a", "-E", "builtins.currentSystem"], '"a"\n'],
  ["sets settings by --option", ["--eval", "--option", "system", "b", "-E", "builtins.currentSystem"], '"b"\n'],
  [
    "takes use-cgroups without its feature",
    ["--use-cgroups", "--option", "use-cgroups", "true", "--eval", "-E", "1"],
    "1\n",
  ],
  ["lists -I before NIX_PATH", [
    ...["--eval", "--json", "--strict", "-I", "a=b", "-E", "map (e: e.prefix) builtins.nixPath"],
  ], '["a","c"]\n'],
];

for (const [what, args, out] of PRINTS) {
  Deno.test(`nix-instantiate ${what}`, () => {
    assertEquals(run(args, { env: { NIX_PATH: "c=d" } }), { code: 0, out, err: "" });
  });
}

/** Arguments to standard error of a failing run. */
const FAILS: readonly [what: string, args: readonly string[], err: string][] = [
  [
    "refuses flags it doesn't know",
    ["--foo"],
    "error: unrecognised flag '--foo'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "wants a value for -A",
    ["-A"],
    "error: '-A' requires an argument\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "wants two values for --arg",
    ["--arg", "x"],
    "error: flag '--arg' requires 2 argument(s), but only 1 were given\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "refuses a substituter that is no store",
    ["--eval", "-E", "1", "--substituters", "https://x a"],
    "error: Cannot parse Nix store 'a'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "refuses a store it can't read the name of, also for evaluation",
    ["--eval-store", "nope", "--eval", "-E", "1"],
    "error: Cannot parse Nix store 'nope'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "refuses stores of kinds there are not",
    ["--store", "nope://a", "--eval-store", "ftp://a", "--eval", "-E", "1"],
    "error: don't know how to open Nix store with scheme 'nope'\n",
  ],
  [
    "refuses stores of such kinds also for evaluation",
    ["--eval-store", "ftp://a", "--parse", "-E", "1"],
    "error: don't know how to open Nix store with scheme 'ftp'\n",
  ],
  ["refuses a log format", ["--log-format", "x"], "error: option 'log-format' has an invalid value 'x'\n"],
  [
    "refuses a count of more than 64 bits",
    ["--min-free", "18446744073709551616"],
    "error: setting 'min-free' has invalid value '18446744073709551616'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "turns off no setting by an alias",
    ["--no-build-use-sandbox"],
    "error: unrecognised flag '--no-build-use-sandbox'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "adds to no setting by an alias",
    ["--extra-binary-caches", "x"],
    "error: unrecognised flag '--extra-binary-caches'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "refuses a bad count",
    ["--cores", "1x"],
    "error: invalid unit specifier 'X'\nTry 'nix-instantiate --help' for more information.\n",
  ],
  [
    "names an attribute that isn't there",
    ["--eval", "-E", "{ alpha = 1; }", "-A", "alph"],
    "error: attribute 'alph' in selection path 'alph' not found\n       Did you mean alpha?\n",
  ],
  [
    "names an index that isn't there",
    ["--eval", "-E", "[ 1 ]", "-A", "1"],
    "error: list index 1 in selection path '1' is out of range\n",
  ],
  [
    "wants a list for an index",
    ["--eval", "-E", "{ }", "-A", "1"],
    "error: the expression selected by the selection path '1' should be a list but is a set\n",
  ],
  [
    "wants a set for a name",
    ["--eval", "-E", "[ ]", "-A", "a"],
    "error: the expression selected by the selection path 'a' should be a set but is a list\n",
  ],
  [
    "wants quotes to end",
    ["--eval", "-E", "1", "-A", 'a."b'],
    "error: missing closing quote in selection path 'a.\"b'\n",
  ],
  [
    "finds no file",
    ["--find-file", "nowhere"],
    "error: file 'nowhere' was not found in the Nix search path (add it using $NIX_PATH or -I)\n",
  ],
  [
    "knows no registry of flakes",
    ["--extra-experimental-features", "flakes", "-I", "n=flake:nope/b", "--find-file", "n"],
    "error: cannot find flake 'flake:nope/b' in the flake registries\n",
  ],
  [
    "finds no file on disk for <nix/…>",
    ["--find-file", "nix/fetchurl.nix"],
    "error: '<nix/fetchurl.nix>' has no physical path\n",
  ],
  ...([
    ["md5-AAAAAAAAAAAAAAAAAAAAAA==", "narHash must use SHA-256"],
    ["nope-AAAA", "unknown hash algorithm 'nope', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'"],
  ] as const).map(([narHash, reason]): [what: string, args: readonly string[], err: string] => {
    const expr = `fetchTree { type = "tarball"; url = "file:///x.tar"; narHash = "${narHash}"; }`;
    return [
      `points at its help when a narHash is ${narHash}`,
      ["--extra-experimental-features", "flakes", "--eval", "-E", expr],
      `error:
       \xe2\x80\xa6 while calling the 'fetchTree' builtin
         at \xc2\xabstring\xc2\xbb:1:1:
            1| ${expr}
             | ^

       error: ${reason}
Try 'nix-instantiate --help' for more information.
`,
    ];
  }),
  [
    "wants derivations",
    ["-E", "1"],
    "error: expression does not evaluate to a derivation (or a set or list of those)\n",
  ],
  [
    "wants arguments for functions it calls",
    ["--eval", "-E", "{ a }: a", "--arg", "b", "1"],
    `error: cannot evaluate a function that has an argument without a value ('a')
       Nix attempted to evaluate a function as a top level expression; in
       this case it must have its arguments supplied either by default
       values, or passed explicitly with '--arg' or '--argstr'. See
       https://nix.dev/manual/nix/stable/language/syntax.html#functions.
       at \xc2\xabstring\xc2\xbb:1:3:
            1| { a }: a
             |   ^
`,
  ],
];

for (const [what, args, err] of FAILS) {
  Deno.test(`nix-instantiate ${what}`, () => assertEquals(run(args), { code: 1, out: "", err }));
}

Deno.test("nix-instantiate prints the JSON before a string that isn't UTF-8", () => {
  const cut = (expr: string) => run(["--eval", "--strict", "--json", "-E", expr]);
  const err = (reason: string) => `error: JSON serialization error: [json.exception.type_error.316] ${reason}\n`;
  assertEquals(cut('"a\xffb"'), { code: 1, out: '"', err: err("invalid UTF-8 byte at index 1: 0xFF") });
  assertEquals(cut('{ a = [ 1 { b = "\xf8"; } "\xff" ]; }'), {
    code: 1,
    out: '{"a":[1,{"b":"',
    err: err("invalid UTF-8 byte at index 0: 0xF8"),
  });
  assertEquals(cut('{ "k\xff" = 1; }').out, '{"');
  // What the buffer holds is lost: it is handed on at 500 bytes.
  const long = (text: string) => cut(`[ "${text}\xe2\x82" ]`).out;
  assertEquals(long("x".repeat(499)), '["');
  assertEquals(long("x".repeat(1234)), `["${"x".repeat(1000)}`);
  assertEquals(long("\t".repeat(250)), `["${"\\t".repeat(250)}`);
  assertEquals(long("\xf0\x9f\x98\x80".repeat(130)), `["${"\xf0\x9f\x98\x80".repeat(125)}`);
  assertEquals(long(`x${"\xf0\x9f\x98\x80".repeat(130)}`), `["x${"\xf0\x9f\x98\x80".repeat(125)}`);
});

Deno.test("nix-instantiate closes the XML that an error cuts off", () => {
  const expr = '{ a = 1; b = [ 2 { c = throw "x"; } 3 ]; d = 4; }';
  const out = `<?xml version='1.0' encoding='utf-8'?>
<expr>
  <attrs>
    <attr name="a">
      <int value="1" />
    </attr>
    <attr name="b">
      <list>
        <int value="2" />
        <attrs>
          <attr name="c">
          </attr>
        </attrs>
      </list>
    </attr>
  </attrs>
</expr>
`;
  for (const more of [[], ["--read-write-mode"]]) {
    const ran = run(["--eval", "--strict", "--xml", "--no-location", ...more, "-E", expr]);
    assertEquals([ran.code, ran.out], [1, out]);
  }
});

// Reading a fetched file loads the C library for good (lib/io): Deno 2.6 takes that for a leak.
Deno.test("nix-instantiate leaves with 102 if what was fetched isn't what was expected", {
  sanitizeResources: false,
}, async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/file`, "text");
  const hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const fetchurl = `builtins.readFile (builtins.fetchurl { url = "file://${dir}/file"; sha256 = "${hash}"; })`;
  const fetchTree = `fetchTree { type = "file"; url = "file://${dir}/file"; narHash = "${hash}"; }`;
  const codes = [
    fetchurl,
    `builtins.readFile "\${${fetchTree}}"`,
    `[ (${fetchurl}) (throw "x") ]`,
    `[ (throw "x") (${fetchurl}) ]`,
  ]
    .map((expr) => {
      const features = ["--extra-experimental-features", "fetch-tree"];
      return run(["--eval", "--strict", ...features, "-E", expr], { env: { HOME: dir, XDG_CACHE_HOME: dir } }).code;
    });
  assertEquals(codes, [102, 102, 102, 1]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("nix-instantiate takes what flake: names for a file unless its URL is an archive's", {
  sanitizeResources: false,
}, async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dir}/a.nix`, `"a"`);
  const flags = ["--extra-experimental-features", "flakes", "-I", `n=flake:file://${dir}/a.nix`];
  const ran = run([...flags, "--eval", "-E", "import <n>"], { env: { HOME: dir, XDG_CACHE_HOME: dir } });
  assertEquals(ran, { code: 0, out: `"a"\n`, err: "" });
  await Deno.remove(dir, { recursive: true });
});

Deno.test("nix-instantiate tells where things are with -v --version", () => {
  const { out } = run(["-v", "--version"], {
    env: { NIX_CONF_DIR: "/x//y/", NIX_STATE_DIR: '/a"/../b"', NIX_STORE: "/bar" },
  });
  const lines = out.split("\n").filter((line) => /^(?:System conf|Store|State)/.test(line));
  assertEquals(lines, [
    'System configuration file: "/x/y/nix.conf"',
    "Store directory: /bar",
    'State directory: "/b\\""',
  ]);
});

Deno.test("nix-instantiate reads where the store is from NIX_STORE_DIR, else NIX_STORE", () => {
  const storeDir = (env: Record<string, string>) => {
    const { out, err } = run(["--eval", "-E", "builtins.storeDir"], { env });
    return out + err;
  };
  assertEquals(storeDir({ NIX_STORE: "/b/../c/" }), '"/c"\n');
  assertEquals(storeDir({ NIX_STORE_DIR: "/a//b/.", NIX_STORE: "/c" }), '"/a/b"\n');
  assertEquals(storeDir({ NIX_STORE_DIR: "", NIX_STORE: "" }), '"/nix/store"\n');
  assertEquals(storeDir({ NIX_STORE_DIR: "rel" }), 'error: not an absolute path: "rel"\n');
  const drv = run(["-E", 'derivation { name = "q"; system = "s"; builder = "b"; }'], {
    env: { NIX_STORE: "/foo/store" },
  });
  assertEquals(drv.out, "/foo/store/9fpiz61pp9wd2i79xh1243cag14z684v-q.drv\n");
});

const DRV = 'derivation { name = "x"; system = "s"; builder = "/b"; outputs = [ "out" "dev" ]; }';
const DRV_PATH = "/nix/store/wnc667hj6lxbry8k94awfc0p0g0hszgx-x.drv";
const NO_ROOT = "warning: you did not specify '--add-root'; the result might be removed by the garbage collector\n";

Deno.test("nix-instantiate prints derivations and warns once", () => {
  const expr =
    `let d = ${DRV}; in { a = d; b = { c = d.dev // { outputSpecified = true; }; recurseForDerivations = true; }; x = 1; "y z" = d; }`;
  const { code, out, err } = run(["--dry-run", "-E", expr]);
  assertEquals({ code, out, err }, { code: 0, out: `${DRV_PATH}\n${DRV_PATH}!dev\n`, err: NO_ROOT });
});

Deno.test("nix-instantiate does not warn where there is a root", () => {
  assertEquals(run(["-E", DRV, "--add-root", "x"]), { code: 0, out: `${DRV_PATH}\n`, err: "" });
  assertEquals(run(["-E", DRV, "--no-gc-warning"]), { code: 0, out: `${DRV_PATH}\n`, err: "" });
  assertEquals(run(["-E", DRV, "--add-root", "x", "--add-root", ""]), { code: 0, out: `${DRV_PATH}\n`, err: NO_ROOT });
});

Deno.test("nix-instantiate counts a derivation found twice once", () => {
  assertEquals(run(["-E", `let d = ${DRV}; in [ d d ]`]).out, `${DRV_PATH}\n`);
});

Deno.test("nix-instantiate calls a function anew for each path, and reads what it made before", () => {
  const drv = 'derivation { name = "x"; system = "s"; builder = "/b"; }';
  const expr = `let a = ${drv}; in { n ? 1 }: builtins.trace "called" { inherit a; b = builtins.readFile a.drvPath; }`;
  const { out, err } = run(["--eval", "-E", expr, "-A", "a.drvPath", "-A", "b"]);
  assertEquals(err.match(/called/g)?.length, 2, err);
  const [path, text] = out.trimEnd().split("\n");
  assertStringIncludes(path, "-x.drv");
  assertStringIncludes(text, "Derive([");
});

Deno.test("nix-instantiate wants drvPath to be one", () => {
  const bad = (drvPath: string) =>
    run(["-E", `{ type = "derivation"; name = "x"; outputName = "out"; ${drvPath} }`]).err;
  assertStringIncludes(bad(""), "error: derivation does not contain a 'drvPath' attribute\n");
  assertStringIncludes(bad('drvPath = "/tmp/x";'), "error: path '/tmp/x' is not in the Nix store\n");
  const name = "wnc667hj6lxbry8k94awfc0p0g0hszgx-x";
  assertStringIncludes(
    bad(`drvPath = "/nix/store/${name}";`),
    `error: store path '${name}' is not a valid derivation path\n`,
  );
});

Deno.test("nix-instantiate reads an expression from standard input", () => {
  assertEquals(
    run(["--eval", "-"], { stdin: "1 +" }).err.split("\n")[0],
    "error: syntax error, unexpected end of file",
  );
  assertEquals(run(["--eval", "-"], { stdin: "1 + 1" }).out, "2\n");
});

Deno.test("nix-instantiate passes standard input and files as arguments", () => {
  const args = ["--eval", "--strict", "-E", "{ a, b }: [ a b ]", "--arg-from-stdin", "a", "--arg-from-file", "b", "/f"];
  assertEquals(run(args, { stdin: "in", files: { "/f": "file" } }).out, '[ "in" "file" ]\n');
  assertEquals(run(args).err, 'error: opening file "/f": No such file or directory\n');
});

Deno.test("nix-instantiate reads nix.conf", () => {
  const options = { env: { NIX_CONF_DIR: "/c" }, files: { "/c/nix.conf": "system = a\nfoo = 1" } };
  const ran = run(["--eval", "-E", "builtins.currentSystem"], options);
  assertEquals(ran, { code: 0, out: '"a"\n', err: "warning: unknown setting 'foo'\n" });
  const bad = run(["--eval", "-E", "1"], { env: { NIX_CONFIG: "pure-eval = maybe" } });
  assertEquals(bad.code, 1);
  assertStringIncludes(bad.err, "error: Boolean setting 'pure-eval' has invalid value 'maybe'\nTry 'nix-instantiate");
});

Deno.test("nix-instantiate looks for channels where they are", () => {
  const files = { "/h/.nix-defexpr/channels": "", "/s/profiles/per-user/root/channels/nixpkgs": "" };
  const env = { HOME: "/h", NIX_STATE_DIR: "/s" };
  const args = ["--eval", "--strict", "--json", "-E", 'map (e: e.prefix + "=" + e.path) builtins.nixPath'];
  const all = '["=/h/.nix-defexpr/channels","nixpkgs=/s/profiles/per-user/root/channels/nixpkgs"]\n';
  assertEquals(run(args, { files, env }).out, all);
  assertEquals(run([...args, "--restrict-eval"], { files, env }).out, "[]\n");
});

Deno.test("nix-instantiate colours what it logs on a terminal", () => {
  assertEquals(
    run(["--foo"], { colours: true }).err.split("\n")[0],
    "\x1b[31;1merror:\x1b[0m unrecognised flag '\x1b[35;1m--foo\x1b[0m'",
  );
});

Deno.test("nix-instantiate logs JSON lines", () => {
  const { err } = run(["--log-format", "internal-json", "--eval", "-E", 'builtins.trace "t" (builtins.warn "w" 1)']);
  assertEquals(err.split("\n").map((line) => line.slice(0, 30)), [
    '@nix {"action":"msg","level":0',
    '@nix {"action":"msg","column":',
    "",
  ]);
});

Deno.test("nix-instantiate is as loud as it is told", () => {
  const trace = ["--eval", "-E", 'builtins.trace "t" 1'];
  assertEquals(run([...trace, "--quiet", "--quiet", "--quiet"]).err, "trace: t\n");
  assertEquals(run(["--eval", "--option", "x", "y", "--quiet", "--quiet", "--quiet", "-E", "1"]).err, "");
});

Deno.test("nix-instantiate writes derivations to the store, unless it only evaluates", () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  const drv = 'derivation { name = "x"; system = "s"; builder = "/b"; }';
  const path = "/nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv";
  try {
    for (
      const args of [
        ["--eval"],
        ["--dry-run"],
        ["--readonly-mode"],
        ["--eval", "--read-write-mode", "--readonly-mode"],
        ["--parse"],
      ]
    ) {
      assertEquals(run([...args, "-E", drv], { env }).code, 0);
    }
    assertEquals([...Deno.readDirSync(dir)], []);
    const warning = "warning: you did not specify '--add-root'; the result might be removed by the garbage collector\n";
    assertEquals(run(["-E", drv], { env }), { code: 0, out: `${path}\n`, err: warning });
    assertStringIncludes(Deno.readTextFileSync(`${dir}/root${path}`), "Derive");
    const args = ["--add-root", "link", "-E", `[ (${drv}) (${drv}) ]`];
    assertEquals(run(args, { env, cwd: dir }), { code: 0, out: `${dir}/link\n${dir}/link-2\n`, err: "" });
    assertEquals(Deno.readLinkSync(`${dir}/link-2`), path);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("nix-instantiate --eval writes to the store in read-write mode", () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  try {
    run(["--eval", "--read-write-mode", "-E", 'builtins.toFile "f" "x"'], { env });
    const names = [...Deno.readDirSync(`${dir}/root/nix/store`)].map(({ name }) => name.slice(33));
    assertEquals(names.includes("f"), true);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("nix-instantiate prints nothing that couldn't be written", () => {
  const env = { NIX_REMOTE: "unix:///nonexistent/socket", PATH: "" };
  const file = 'builtins.toFile "f" "x"';
  for (
    const args of [
      ["-E", `derivation { name = "x"; system = "s"; builder = ${file}; }`],
      ["--eval", "--read-write-mode", "-E", file],
    ]
  ) {
    const { code, out, err } = run(args, { env });
    assertEquals([code, out], [1, ""]);
    assertStringIncludes(err, 'Cannot connect to Nix daemon at "/nonexistent/socket"');
  }
});

Deno.test("nix-instantiate prints what was written before an expression failed", () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  const drv = 'derivation { name = "x"; system = "s"; builder = "/b"; }';
  try {
    const { code, out } = run(["-E", drv, "throw ''no''"], { env });
    assertEquals([code, out], [1, "/nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv\n"]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("nix-instantiate --add-root replaces links into the store, and no others", () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  const args = ["--add-root", "link", "-E", 'derivation { name = "x"; system = "s"; builder = "/b"; }'];
  try {
    Deno.symlinkSync("nowhere", `${dir}/link`);
    assertEquals(run(args, { env, cwd: dir }), {
      code: 1,
      out: "",
      err: `error: Cannot make root "${dir}/link": there is something else already\n`,
    });
    assertEquals(Deno.readLinkSync(`${dir}/link`), "nowhere");
    Deno.removeSync(`${dir}/link`);
    Deno.symlinkSync("/nix/store/00000000000000000000000000000000-old", `${dir}/link`);
    assertEquals(run(args, { env, cwd: dir }).out, `${dir}/link\n`);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("nix-instantiate --dry-run --add-root makes links to what isn't there", () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  const expr =
    '[ { type = "derivation"; name = "x"; drvPath = "/nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv"; outputName = "dev"; } ' +
    '(derivation { name = "x"; system = "x"; builder = "/b"; }) ]';
  try {
    assertEquals(run(["--dry-run", "--add-root", "link", "-E", expr], { env, cwd: dir }), {
      code: 0,
      out: `${dir}/link!dev\n${dir}/link-2\n`,
      err: "",
    });
    assertEquals(Deno.readLinkSync(`${dir}/link`), "/nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv");
    const second = Deno.readLinkSync(`${dir}/link-2`);
    assertStringIncludes(second, "-x.drv");
    assertThrows(() => Deno.lstatSync(`${dir}/root${second}`), Deno.errors.NotFound);
    assertEquals([...Deno.readDirSync(`${dir}/root/nix/var/nix/gcroots/auto`)].length, 2);
    // Nobody makes a root where there is no store.
    const none = run(["--dry-run", "--add-root", "other", "-E", expr], { cwd: dir });
    assertEquals(none.out, `/nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv!dev\n${second}\n`);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

/** Makes a store below a folder in which a path is valid that holds a Nix expression. */
function storeWith(root: string, path: StorePath, expr: string): void {
  const store = LocalStore.open(root);
  const adding = store.begin([path]);
  adding.text({ path, references: [], contents: new TextEncoder().encode(expr) });
  adding.commit();
  store.close();
}

const IMPORTED = "/nix/store/00000000000000000000000000000000-q" as StorePath;
const PLAIN = 'derivation { name = "x"; system = "s"; builder = "/b"; }';

/** Calls of the host stay loaded, by whichever test makes them first. */
const LOADS = { sanitizeResources: false };

Deno.test("nix-instantiate reads what is valid in a store whose files lie elsewhere", LOADS, () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  const output = run(["--eval", "--raw", "-E", `(${PLAIN}).outPath`], { env }).out as StorePath;
  try {
    for (
      const [path, expr] of [
        [IMPORTED, `import (builtins.storePath ${IMPORTED})`],
        [output, `import (${PLAIN})`],
      ] as const
    ) {
      storeWith(`${dir}/root`, path, `{ x = ${PLAIN}; }`);
      const drvPath = "/nix/store/cmb8q6cmqa3my5qg8bwjjxww4gf9hgxl-x.drv";
      for (const flags of [["--no-gc-warning"], ["--dry-run", "--no-gc-warning"]]) {
        const { out, err } = run([...flags, "-E", `(${expr}).x`], { env });
        assertEquals([out, err], [`${drvPath}\n`, ""]);
      }
      const { out, err } = run(["--eval", "--raw", "-E", `(${expr}).x.drvPath`], { env });
      assertEquals([out, err], [drvPath, ""]);
    }
  } finally {
    new Deno.Command("chmod", { args: ["-R", "u+w", dir] }).outputSync();
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test(
  "nix-instantiate --eval reads the store that it would write to, also behind a daemon that is gone",
  LOADS,
  () => {
    const dir = Deno.makeTempDirSync();
    // As a daemon leaves it behind that was killed.
    Deno.mkdirSync(`${dir}/state/daemon-socket`, { recursive: true });
    Deno.writeTextFileSync(`${dir}/state/daemon-socket/socket`, "");
    const env = { NIX_REMOTE: "", NIX_STATE_DIR: `${dir}/state`, XDG_DATA_HOME: dir, PATH: "" };
    try {
      const args = ["--eval", "-E", `import (builtins.storePath ${IMPORTED})`];
      assertEquals(run(["--eval", "-E", `builtins.pathExists ${IMPORTED}`], { env }).out, "false\n");
      storeWith(`${dir}/nix/root`, IMPORTED, "42");
      assertEquals(run(args, { env }), { code: 0, out: "42\n", err: "" });
      assertEquals(run(args, { env: { ...env, XDG_DATA_HOME: `${dir}/other` } }).code, 1);
    } finally {
      new Deno.Command("chmod", { args: ["-R", "u+w", dir] }).outputSync();
      Deno.removeSync(dir, { recursive: true });
    }
  },
);

Deno.test("nix-instantiate --eval opens no store to find out that it has no such path", () => {
  const dir = Deno.makeTempDirSync();
  const env = { NIX_REMOTE: `local?root=${dir}/root`, PATH: "" };
  try {
    assertEquals(run(["--eval", "-E", `builtins.pathExists ${IMPORTED}`], { env }).out, "false\n");
    assertEquals([...Deno.readDirSync(dir)], []);
    Deno.mkdirSync(`${dir}/root${IMPORTED}`, { recursive: true });
    assertEquals(run(["--eval", "-E", `builtins.pathExists ${IMPORTED}`], { env }).out, "false\n", "it isn't valid");
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
