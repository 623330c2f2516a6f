// The command as a process of its own: what can't be seen from inside one, above all the native stack. DEVIX names the
// command to test (`dist/devix`), or else it is this checkout with the flags the binary has.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { ownHome } from "./own_home.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const command = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

const home = ownHome();
const env = { ...home, NO_COLOR: "1", NIX_CONF_DIR: "/nowhere" };

/** Runs the command between some words of shell, such as `ulimit`. */
async function devix(args: readonly string[], options: { readonly before?: string; readonly after?: string } = {}) {
  const { before = "", after = "" } = options;
  const { code, signal, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${before} "$@" ${after}`, "bash", ...command, ...args],
    cwd: root,
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal, out: text(stdout), err: text(stderr) };
}

const linux = Deno.build.os === "linux";
const DEEP = ["nix-instantiate", "--eval", "--option", "max-call-depth", "10000000", "-E"];
const COUNT = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 1000000";

Deno.test("devix evaluates", async () => {
  assertEquals(await devix(["eval", "-E", "1 + 1"]), { code: 0, signal: null, out: "2\n", err: "" });
});

Deno.test("devix without a command, or with one that is none, fails with 2", async () => {
  assertEquals((await devix([])).code, 2);
  const { code, err } = await devix(["frobnicate"]);
  assertEquals(code, 2);
  assertStringIncludes(err, "error: 'frobnicate' is not a devix command");
  assertStringIncludes((await devix(["evl"])).err, "Did you mean 'devix eval'?");
});

Deno.test("devix help lists commands and explains them", async () => {
  assertStringIncludes((await devix(["--help"])).out, "nix-instantiate");
  assertStringIncludes((await devix(["help", "eval"])).out, "Usage: devix eval");
  assertStringIncludes((await devix(["help", "nix-instantiate"])).out, "Usage: devix nix-instantiate");
});

Deno.test({
  name: "devix recurses a million levels deep",
  ignore: !linux,
  fn: async () => assertEquals((await devix([...DEEP, COUNT])).out, "1000000\n"),
});

Deno.test({
  name: "devix ends endless recursion in an error",
  ignore: !linux,
  fn: async () => {
    const { code, err } = await devix([...DEEP, "let f = n: 1 + f (n + 1); in f 0"]);
    assertEquals([code, err], [1, "error: stack overflow (possible infinite recursion)\n"]);
  },
});

Deno.test({
  name: "devix ends recursion in an error under a hard stack limit",
  ignore: !linux,
  fn: async () => {
    const small = { before: "ulimit -Hs 8192;" };
    assertEquals((await devix(["eval", "-E", "1 + 1"], small)).out, "2\n");
    const { code, err } = await devix([...DEEP, COUNT], small);
    assertEquals(code, 1);
    assertEquals(err.split("\n")[0], "error: stack overflow (possible infinite recursion)");
    assertStringIncludes(err, "ulimit -Hs");
  },
});

Deno.test({
  name: "devix recurses deep without address randomisation",
  ignore: !linux || !(await hasSetarch()),
  fn: async () => assertEquals((await devix([...DEEP, COUNT], { before: "setarch -R" })).out, "1000000\n"),
});

Deno.test({
  name: "devix works where names and variables aren't UTF-8",
  ignore: !linux,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "devix-test-" });
    const odd = {
      before: `export X=$'a\\xff' && mkdir ${folder}/$'\\xff' && cd ${folder}/$'\\xff' && echo 7 > default.nix &&`,
    };
    assertEquals((await devix(["eval"], odd)).out, "7\n");
    const expr = '[ (builtins.stringLength (toString ./.)) (builtins.stringLength (builtins.getEnv "X")) ]';
    for (const warm of ["--no-warm", "--warm"]) {
      const { out } = await devix(["eval", "--json", warm, "-E", expr], {
        before: odd.before.replace("mkdir", "mkdir -p"),
      });
      assertEquals(out.trim(), JSON.stringify([folder.length + 2, 2]));
    }
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("devix stops quietly when nobody reads its output", async () => {
  const { err } = await devix(["eval", "-E", "builtins.genList (x: x) 100000"], { after: "| head -c 1" });
  assertEquals(err, "");
});

Deno.test({
  name: "devix says that its output can't be written",
  ignore: !linux,
  fn: async () => {
    const { code, err } = await devix(["eval", "-E", "1"], { after: "> /dev/full" });
    assertEquals([code, err], [1, "error: Cannot write to standard output: No space left on device\n"]);
  },
});

Deno.test({
  name: "devix gives its answer though standard error can't be written, as C++ Nix does",
  ignore: !linux,
  fn: async () => {
    const full = { after: "2> /dev/full" };
    const expr = "builtins.trace 1 2";
    assertEquals(await devix(["eval", "-E", expr], full), { code: 0, signal: null, out: "2\n", err: "" });
    assertEquals((await devix(["eval", "-E", "throw 1"], full)).code, 1);
    const gone = { before: "{ ", after: "2>&1 >&3 | true; } 3>&1" };
    assertEquals((await devix(["nix-instantiate", "--eval", "-E", expr], gone)).out, "2\n");
  },
});

Deno.test({
  name: "devix says that standard input can't be read",
  ignore: !linux,
  fn: async () => {
    const args = ["nix-instantiate", "--eval", "-"];
    const directory = await devix(args, { after: "< /" });
    assertEquals([directory.code, directory.err], [1, "error: read of 65536 bytes: Is a directory\n"]);
    const { code, err } = await devix(args, { after: "0> /dev/null" });
    assertEquals([code, err], [1, "error: read of 65536 bytes: Bad file descriptor\n"]);
  },
});

Deno.test({
  name: "devix evaluates where no large file may be written",
  ignore: !linux,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "devix-test-" });
    // Its tree, which is kept, is as large.
    const numbers = `${folder}/numbers.nix`;
    await Deno.writeTextFile(numbers, `[ ${Array.from({ length: 50_000 }, (_, i) => i).join(" ")} ]`);
    const args = ["eval", "--no-eval-cache", numbers, "-A", "49999"];
    const add = (store: string) => ["store", "add", "--store", `local:${folder}/${store}`, numbers];
    // Deno has caches of its own, which it writes to before devix runs: what these commands load is in them from here on.
    for (const command of [args, args, add("there")]) assertEquals((await devix(command)).err, "");
    await Deno.utime(numbers, 1, 1);
    // In KiB. Deno itself takes 32.
    const limited = { before: "(ulimit -f 64;", after: ") | cat" };
    const { out, err } = await devix(args, limited);
    assertEquals([out, err], ["49999\n", ""]);
    assertStringIncludes((await devix(add("none"), limited)).err, "error: Cannot open store database");
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("devix writes to a store", async () => {
  const folder = await Deno.makeTempDir({ prefix: "devix-test-" });
  const expr = 'derivation { name = "x"; system = "s"; builder = "/b"; src = ./deno.json; }';
  const { code, out, err } = await devix(["instantiate", "--store", `local:${folder}`, "-E", expr]);
  assertEquals([code, err], [0, ""]);
  assertStringIncludes(await Deno.readTextFile(folder + out.trim()), "-deno.json");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("devix computes paths of the store that NIX_STORE_DIR names", async () => {
  const elsewhere = { before: "NIX_STORE_DIR=/elsewhere/store" };
  const expr = 'derivation { name = "x"; system = "s"; builder = "/b"; }';
  assertEquals((await devix(["eval", "--raw", "-E", "builtins.storeDir"], elsewhere)).out, "/elsewhere/store");
  for (const command of [["instantiate"], ["nix-instantiate", "--eval", "--raw"]]) {
    const program = command.length > 1 ? `(${expr}).drvPath` : expr;
    const { out } = await devix([...command, "--dry-run", "-E", program], elsewhere);
    // As C++ Nix has it.
    assertEquals(out.trim(), "/elsewhere/store/gfd1vpbb7birn4j44apkw9mymx33wcsc-x.drv");
  }
});

Deno.test("devix names no derivation that it couldn't write, also if another failed because of that", async () => {
  const folder = await Deno.makeTempDir({ prefix: "devix-test-" });
  await Deno.mkdir(`${folder}/nix`);
  await Deno.writeTextFile(`${folder}/nix/store`, "no folder");
  const drv = (name: string) => `derivation { name = "${name}"; system = "s"; builder = "/b"; }`;
  const expr = `{ a = ${drv("a")}; b = builtins.readFile "\${${drv("b")}}"; }`;
  const args = ["instantiate", "--store", `local:${folder}`, "--keep-going", "-E", expr, "-A", "a", "-A", "b"];
  const { code, out, err } = await devix(args);
  assertEquals([code, out], [4, ""]);
  assertStringIncludes(err, `Cannot create store directory "${folder}/nix/store"`);
  await Deno.remove(folder, { recursive: true });
});

async function hasSetarch(): Promise<boolean> {
  try {
    return (await new Deno.Command("setarch", { args: ["-R", "true"] }).output()).success;
  } catch {
    return false;
  }
}
