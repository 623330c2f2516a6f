import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RunResult } from "../../serve/protocol.ts";
import { textObject } from "../../lib/store/_contract.ts";
import { LocalStore } from "../../lib/store/local.ts";
import { WarmJobs } from "./job.ts";

/** What a job printed, and came to. */
interface Done {
  readonly out: string;
  readonly err: string;
  readonly result: RunResult;
}

/** A directory of files, and an evaluator that does jobs about them. */
class Bench implements Disposable {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-job-" }));
  readonly #before = { cwd: Deno.cwd(), umask: Deno.umask(), env: Deno.env.toObject() };
  #jobs = new WarmJobs();

  readonly #env: Readonly<Record<string, string>>;

  constructor(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
    Deno.mkdirSync(`${this.dir}/cache`);
    for (const [name, text] of Object.entries(files)) this.edit(name, text);
  }

  edit(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.dir}/${name}`, text);
  }

  /** Goes on with another evaluator, which knows the answers that were kept. */
  renew(): void {
    this.#jobs = new WarmJobs();
  }

  run(file: string, flags = ["--strict"]): Done {
    return this.command(["nix-instantiate", "--eval", ...flags, file]);
  }

  command(args: readonly string[], { ahead = false } = {}): Done {
    let out = "";
    let err = "";
    const result = this.#jobs.run({
      args,
      ahead,
      cwd: this.dir,
      env: {
        ...Deno.env.toObject(),
        HOME: this.dir,
        XDG_CACHE_HOME: `${this.dir}/cache`,
        NIX_REMOTE: "dummy://",
        ...this.#env,
      },
      umask: 0o22,
      terminal: "pipe",
      colours: false,
      bars: false,
      columns: 80,
    }, {
      out: (text) => out += text,
      err: (text) => err += text,
      passing: () => {},
      readStdin: () => "",
    });
    return { out, err, result };
  }

  [Symbol.dispose](): void {
    Deno.chdir(this.#before.cwd);
    Deno.umask(this.#before.umask);
    for (const name of Object.keys(Deno.env.toObject())) if (!(name in this.#before.env)) Deno.env.delete(name);
    for (const [name, value] of Object.entries(this.#before.env)) Deno.env.set(name, value);
    Deno.removeSync(this.dir, { recursive: true });
  }
}

const SYSTEM = {
  "system.nix":
    "builtins.zipAttrsWith (_: vs: vs) (map (file: import file { config = import ./system.nix; }) [ ./a.nix ./b.nix ])",
  "a.nix": '{ config, ... }: { name = "a"; size = builtins.length config.name; }',
  "b.nix": '{ config, ... }: { name = "b"; }',
};

Deno.test("edits of a file show, the first and others, and values of other jobs are of use", () => {
  using bench = new Bench(SYSTEM);
  assertEquals(bench.run("system.nix").out, '{ name = [ "a" "b" ]; size = [ 2 ]; }\n');
  const expected = {
    '{ config, ... }: { name = "c"; }': '{ name = [ "a" "c" ]; size = [ 2 ]; }\n',
    '{ config, ... }: { name = "d"; }': '{ name = [ "a" "d" ]; size = [ 2 ]; }\n',
    '{ config, ... }: # more\n { name = "d"; }': '{ name = [ "a" "d" ]; size = [ 2 ]; }\n',
    "{ config, ... }: { size = 1; }": '{ name = [ "a" ]; size = [ 1 1 ]; }\n',
    "{ config, ... }: { size = 2; }": '{ name = [ "a" ]; size = [ 1 2 ]; }\n',
  };
  for (const [text, out] of Object.entries(expected)) {
    bench.edit("b.nix", text);
    assertEquals(bench.run("system.nix"), { out, err: "", result: { code: 0, kept: true } });
  }
});

Deno.test("failures show where the file as it is fails", () => {
  using bench = new Bench(SYSTEM);
  bench.run("system.nix");
  bench.edit("b.nix", '{ config, ... }: { name = "c"; }');
  bench.run("system.nix");
  bench.edit("b.nix", '\n\n{ config, ... }: { name = throw "c"; }');
  const { err, result } = bench.run("system.nix");
  assertEquals(result, { code: 1 });
  assertStringIncludes(err, "b.nix:3:27:");
  bench.edit("b.nix", "{ config, ... }: {");
  assertStringIncludes(bench.run("system.nix").err, "syntax error, unexpected end of file");
  bench.edit("b.nix", '{ config, ... }: { name = "d"; }');
  assertEquals(bench.run("system.nix").out, '{ name = [ "a" "d" ]; size = [ 2 ]; }\n');
});

Deno.test("modules are in pieces from the start, and what shows is what whole files show", () => {
  using bench = new Bench({
    "call.nix": "import ./module.nix { }",
    "module.nix": '{ ... }: { a = 1; b = [ ]; c = builtins.trace "said" (throw "no"); }',
  });
  // Constants of files in pieces wait.
  const lazily = bench.run("call.nix", []);
  assertEquals([lazily.out, lazily.result], ["{ a = 1; b = [ ]; c = <CODE>; }\n", { code: 0 }]);
  const failed = bench.run("call.nix");
  assertEquals([failed.out, failed.result], ["", { code: 1 }]);
  assertEquals(failed.err.split("trace: said\n").length, 2);
  assertStringIncludes(failed.err, "module.nix:1:28:");
});

Deno.test("a first job that goes wrong says everything once", () => {
  using bench = new Bench({
    "call.nix": "(import ./module.nix { }).c",
    "module.nix": '{ ... }: { c = builtins.trace "said" (builtins.trace "again" (throw "no")); }',
  });
  const { out, err, result } = bench.run("call.nix");
  assertEquals([out, result], ["", { code: 1 }]);
  assertEquals(err.slice(0, err.indexOf("error:")), "trace: said\ntrace: again\n");
  bench.edit("module.nix", '{ ... }: { c = builtins.trace "said" 1; }');
  assertEquals(bench.run("call.nix"), { out: "1\n", err: "trace: said\n", result: { code: 0, kept: true } });
});

Deno.test("the first edit of a module leaves what its other attributes made", () => {
  const module = (b: string) =>
    `{ ... }: { a = let f = n: if n < 2 then n else f (n - 1) + f (n - 2); in f 27; b = ${b}; }`;
  using bench = new Bench({ "call.nix": "import ./module.nix { }", "module.nix": module("1") });
  const timed = () => {
    const started = performance.now();
    const { out, result } = bench.run("call.nix");
    return { out, result, ms: performance.now() - started };
  };
  const first = timed();
  assertEquals(first.out, "{ a = 196418; b = 1; }\n");
  bench.edit("module.nix", module("2"));
  const second = timed();
  assertEquals([second.out, second.result], ["{ a = 196418; b = 2; }\n", { code: 0, kept: true }]);
  assertEquals(second.ms < first.ms / 2, true, `${second.ms} ms after ${first.ms}`);
});

Deno.test("answers are kept with what the file says that they were made from", () => {
  const slow = (n: number) => `let f = n: if n < 2 then n else f (n - 1) + f (n - 2); in { a = f ${n}; b = f 20; }`;
  using bench = new Bench({ "root.nix": "(import ./slow.nix).a", "slow.nix": slow(20) });
  assertEquals(bench.run("root.nix").out, "6765\n");
  // So large that they are kept.
  for (const [n, out] of [[24, "46368\n"], [25, "75025\n"], [24, "46368\n"], [26, "121393\n"]] as const) {
    bench.edit("slow.nix", slow(n));
    assertEquals(bench.run("root.nix").out, out);
  }
  for (const [n, out] of [[25, "75025\n"], [26, "121393\n"], [20, "6765\n"]] as const) {
    bench.renew();
    bench.edit("slow.nix", slow(n));
    assertEquals(bench.run("root.nix").out, out);
  }
});

Deno.test("what is done ahead says nothing, and its values are there", () => {
  using bench = new Bench(SYSTEM);
  const args = ["nix-instantiate", "--eval", "--strict", "system.nix"];
  assertEquals(bench.command(args, { ahead: true }), { out: "", err: "", result: { code: 0 } });
  bench.edit("b.nix", '{ config, ... }: { name = "c"; }');
  const { out, result } = bench.command(args);
  assertEquals({ out, result }, { out: '{ name = [ "a" "c" ]; size = [ 2 ]; }\n', result: { code: 0, kept: true } });
  const { result: asks } = bench.command(["nix-instantiate", "--eval", "-"], { ahead: true });
  assertEquals("refused" in asks, true);
  bench.edit("a.nix", 'throw "no"');
  const failed = bench.command(args, { ahead: true });
  assertEquals([failed.out, failed.err, "refused" in failed.result], ["", "", true]);
  assertStringIncludes(bench.command(args).err, "error: no");
});

Deno.test("what is done ahead is written nowhere", () => {
  const drv = 'derivation { name = "a"; system = "s"; builder = builtins.toFile "b" "text"; }';
  using bench = new Bench({ "drv.nix": drv });
  const store = `local:${bench.dir}/store`;
  const written = () => {
    try {
      return [...Deno.readDirSync(`${bench.dir}/store`)].length > 0;
    } catch {
      return false;
    }
  };
  const commands = [
    ["instantiate", "--store", store, "-f", "drv.nix"],
    ["nix-instantiate", "--store", store, "drv.nix"],
    ["nix-instantiate", "--store", store, "--eval", "--read-write-mode", "drv.nix"],
  ];
  for (const args of commands) {
    bench.command(args, { ahead: true });
    assertEquals(written(), false, args.join(" "));
  }
  const { out, err } = bench.command(commands[0]);
  assertEquals([/-a\.drv\n$/.test(out), err, written()], [true, "", true]);
});

Deno.test("an answer that was known is told from one that was evaluated", () => {
  using bench = new Bench({ "a.nix": 'derivation { name = "a"; system = "s"; builder = "b"; }' });
  // What has just been written isn't trusted.
  Deno.utimeSync(`${bench.dir}/a.nix`, 1e9, 1e9);
  const args = ["instantiate", "--dry-run", "-f", "a.nix"];
  const { result, ...answer } = bench.command(args);
  assertEquals(result, { code: 0 });
  bench.renew();
  assertEquals(bench.command(args), { ...answer, result: { code: 0, answered: true } });
  // Nothing has been evaluated so far.
  assertEquals(bench.command(args, { ahead: true }).result, { code: 0 });
  assertEquals(bench.command(args), { ...answer, result: { code: 0, kept: true } });
});

Deno.test("a store whose files lie elsewhere is asked in every job that reads it", () => {
  const root = Deno.makeTempDirSync();
  const { path, contents, references } = textObject("q.nix", "{ x = 42; }");
  {
    using bench = new Bench({ "a.nix": "1" }, { NIX_REMOTE: `local?root=${root}`, PATH: "" });
    assertEquals(bench.run("a.nix").out, "1\n");
    bench.edit("a.nix", `if builtins.pathExists ${path} then (import ${path}).x else 0`);
    assertEquals(bench.run("a.nix").out, "0\n");
    const store = LocalStore.open(root);
    store.addText({ path, contents, references });
    store.close();
    for (let i = 0; i < 3; i++) assertEquals(bench.run("a.nix").out, "42\n");
  }
  new Deno.Command("/bin/chmod", { args: ["-R", "u+w", root] }).outputSync();
  Deno.removeSync(root, { recursive: true });
});
