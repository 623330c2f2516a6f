// Programs whose files come out of the cache of syntax trees, as processes: the order of symbols, which is visible, is that
// of the process.
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import {
  EMPTY_ATTRS,
  EvalInputs,
  type FileType,
  forceDeep,
  HostIO,
  MemoryIO,
  NixError,
  printAmbiguous,
  RecordingIO,
  renderError,
  selectAttrPath,
  Session,
  type TreeCache,
  treeCache,
} from "../mod.ts";
import { ownHome } from "./own_home.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const command = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

const home = ownHome();

async function evaluate(expr: string, cache: string, flags: readonly string[] = []) {
  const [program, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args, "nix-instantiate", "--eval", "--strict", "--show-trace", ...flags, "-E", expr],
    env: { ...home, NO_COLOR: "1", NIX_CONF_DIR: "/nowhere", XDG_CACHE_HOME: cache },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const LIBRARY = `# Long enough to be kept. ${"x".repeat(5000)}
rec {
  zeta = 1; alpha = zeta + 1; inherit (builtins) length; mid = { inherit zeta alpha; };
  formals = { zeta ? alpha, alpha, mid ? zeta, ... } @ all: [ zeta alpha mid (all ? other) ];
  lets = let zeta = alpha; alpha = 5; inherit (mid) first; mid.first = zeta; in [ zeta alpha first ];
  overridden = rec { __overrides = { alpha = 10; }; zeta = alpha; alpha = 1; };
  dynamic = { \${"al" + "pha"} = x: y: x + y; zeta = 2; };
  path = ./. + "/x";
  string = "a\${toString zeta}b'' \\n" + ''
    indented \${toString alpha}
  '';
  numbers = [ 1.5 (-3) 9223372036854775807 ];
  position = builtins.unsafeGetAttrPos "zeta" mid;
  withs = with mid; with { other = 1; }; [ zeta other ];
  wrong = { zeta = throw "zeta"; alpha = throw "alpha"; };
  failing = x: assert x == [ zeta { } ]; x;
}
`;

Deno.test("trees from the cache evaluate as those just parsed, whatever was named before", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/library.nix`;
    await Deno.writeTextFile(file, LIBRARY);
    const orders = [
      "{ }",
      "{ mid = 1; alpha = 1; zeta = 1; other = 1; first = 1; }",
      "{ first = 1; zeta = 1; alpha = 1; }",
    ];
    const uses = [
      "l: { inherit (l) zeta alpha mid lets overridden path string numbers position withs; d = l.dynamic.alpha 1 2; " +
      "f = l.formals { alpha = 1; other = 2; }; }",
      "l: l.wrong",
      "l: l.failing 1",
      "l: l.formals { }",
      "l: l.dynamic.alpha 1 { }",
    ];
    let failed = 0;
    for (const order of orders) {
      for (const use of uses) {
        const expr = `builtins.seq ${order} ((${use}) (import ${file}))`;
        const parsed = await evaluate(expr, `${folder}/cache`, ["--option", "tree-cache", "false"]);
        const kept = await evaluate(expr, `${folder}/cache`);
        assertEquals(kept, parsed, expr);
        if (parsed.code !== 0) failed++;
      }
    }
    assertEquals(failed, orders.length * 4);
    const kept = [...Deno.readDirSync(`${folder}/cache/devix/trees`)].filter(({ name }) => name !== "packs");
    assertEquals(kept.length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("files with warnings warn every time", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/url.nix`;
    await Deno.writeTextFile(file, `# ${"x".repeat(5000)}\nhttp://example.org`);
    for (let i = 0; i < 2; i++) {
      const { err, out } = await evaluate(`import ${file}`, `${folder}/cache`, [
        "--option",
        "lint-url-literals",
        "warn",
      ]);
      assertStringIncludes(err, "warning:");
      assertEquals(out, '"http://example.org"\n');
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("positions in a file that has changed since are those of what was read, if that is kept", () => {
  const images = new Map<string, Uint8Array<ArrayBuffer>>();
  const trees: TreeCache = {
    key: (contents, context) => `${contents.length} ${context}`,
    get: (key) => images.get(key),
    put: (key, image) => void images.set(key, image.slice()),
  };
  const evaluateWith = (keepsCode: boolean, changed: string) => {
    const files = new MemoryIO({ files: { "/library.nix": LIBRARY } });
    const session = new Session({ files, trees, keepsCode });
    const library = session.evaluate(session.parse("import /library.nix", { kind: "string" }));
    files.write("/library.nix", changed);
    const thrown = assertThrows(() => forceDeep(selectAttrPath(library, "wrong", EMPTY_ATTRS)), NixError);
    return renderError(thrown, { positions: session.positions, showTrace: true });
  };
  const known = evaluateWith(true, "# short");
  assertStringIncludes(known, "/library.nix:15:20");
  assertEquals(images.size, 1);
  assertEquals(evaluateWith(true, "# short"), known);
  assertEquals(evaluateWith(false, LIBRARY), known);
  // As in C++ Nix, which reads it again too: the line is wrong, and nothing of it is shown.
  assertStringIncludes(evaluateWith(false, "# short"), "/library.nix:1:");
});

Deno.test("trees are kept below what the variable says, whatever it is written in", async () => {
  const dir = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${dir}/library.nix`, LIBRARY);
    assertEquals((await evaluate(`(import ${dir}/library.nix).zeta`, `${dir}/zürich`)).out, "1\n");
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name).sort(), ["library.nix", "zürich"]);
    assert([...Deno.readDirSync(`${dir}/zürich/devix`)].some(({ name }) => name === "trees"));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

/** The host, which says what is read of it. */
class CountingIO extends HostIO {
  readonly read: string[] = [];

  override readFile(path: string): Uint8Array {
    this.read.push(path.slice(path.lastIndexOf("/") + 1));
    return super.readFile(path);
  }

  override readDir(path: string): readonly (readonly [string, FileType])[] {
    this.read.push(`${path.slice(path.lastIndexOf("/") + 1)}/`);
    return super.readDir(path);
  }
}

Deno.test("files that haven't changed aren't read again, and all else is as if they were", async () => {
  const dir = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(
      `${dir}/default.nix`,
      "{ a = import ./small.nix; l = import ./library.nix; u = import ./url.nix; d = map builtins.readDir [ ./d ./e ]; }",
    );
    Deno.mkdirSync(`${dir}/d/sub`, { recursive: true });
    Deno.mkdirSync(`${dir}/e`);
    // As symbols, in another order than in that of names.
    for (const name of ["zeta", "alpha", "\u00e9"]) Deno.writeTextFileSync(`${dir}/d/${name}`, "");
    Deno.symlinkSync("zeta", `${dir}/d/link`);
    Deno.writeTextFileSync(`${dir}/small.nix`, "[ ./. 1 ]");
    Deno.writeTextFileSync(`${dir}/library.nix`, LIBRARY);
    Deno.writeTextFileSync(`${dir}/url.nix`, "http://example.org");
    const run = (program = "devix 1") => {
      const files = new CountingIO();
      const recording = new RecordingIO(files);
      const inputs = new EvalInputs();
      const warnings: string[] = [];
      const log = { trace() {}, message() {}, warn: (text: string) => void warnings.push(text) };
      const settings = { lintUrlLiterals: "warn" as const };
      const trees = treeCache(`${dir}/cache`, program);
      const session = new Session({ files: recording, trees, keepsCode: false, inputs, log, settings });
      const all = session.evaluate(session.parse(`import ${dir}`, { kind: "string" }));
      const value = JSON.stringify(forceDeep(selectAttrPath(all, "a", EMPTY_ATTRS)));
      forceDeep(selectAttrPath(all, "u", EMPTY_ATTRS));
      const lists = printAmbiguous(forceDeep(selectAttrPath(all, "d", EMPTY_ATTRS)));
      const read = [...files.read];
      const thrown = assertThrows(() => forceDeep(selectAttrPath(all, "l.wrong", EMPTY_ATTRS)), NixError);
      const error = renderError(thrown, { positions: session.positions, showTrace: true });
      trees.close();
      const { contents, types, listings } = recording.observations;
      return { read, seen: { value, lists, error, warnings, inputs: [...inputs.files()], contents, types, listings } };
    };
    const fresh = run();
    assertEquals(fresh.read, ["default.nix", "small.nix", "url.nix", "d/", "e/"]);
    // Files as new as these may change without showing it.
    assertEquals(run(), fresh);
    await new Promise((resolve) => setTimeout(resolve, 3100));
    assertEquals(run(), fresh);
    const kept = run();
    assertEquals(kept.seen, fresh.seen);
    // What is warned of has to be warned of again.
    assertEquals(kept.read, ["url.nix"]);
    assertEquals(run("devix 2").read, fresh.read);
    assertEquals(run().read, ["url.nix"]);
    Deno.writeTextFileSync(`${dir}/small.nix`, "[ ./. 2 ]");
    const changed = run();
    assertEquals(changed.read, ["small.nix", "url.nix"]);
    assertStringIncludes(changed.seen.value, "2]");
    Deno.removeSync(`${dir}/d/zeta`);
    const removed = run();
    assertEquals(removed.read, ["small.nix", "url.nix", "d/"]);
    assertEquals(removed.seen.lists, fresh.seen.lists.replace(' zeta = "regular";', ""));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
