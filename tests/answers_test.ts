// Answers of earlier runs, as a caller of the command sees them: what changes makes it evaluate again, and what doesn't.
import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { denoDir } from "./own_home.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const command = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

/** A project, a cache, and a way to ask. */
class Project {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync());
  readonly env: Record<string, string> = { NIX_CONF_DIR: `${this.dir}/etc`, HOME: this.dir, A: "1" };

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const path = `${this.dir}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }

  async run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const { code, stdout, stderr } = await new Deno.Command(command[0], {
      args: [...command.slice(1), ...args],
      cwd: this.dir,
      env: { ...this.env, PATH: "/bin", NO_COLOR: "1", DENO_DIR: denoDir() },
      clearEnv: true,
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), err: text(stderr) };
  }

  /** Instantiates and tells the value of the first result and whether the answer was kept from before. */
  async ask(...args: string[]): Promise<readonly [value: unknown, cached: boolean]> {
    const { code, out, err } = await this.run("instantiate", "--dry-run", "--json", ...args);
    if (code !== 0) throw new Error(err);
    const { results, stats } = JSON.parse(out);
    return [results[0].json ?? results[0].value ?? results[0].drvPath, stats.cached];
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

const SHELL = `
  let value = import ./value.nix; in
  [ value (builtins.readFile ./text) (builtins.pathExists ./maybe) (builtins.attrNames (builtins.readDir ./d)) (builtins.getEnv "A") ]
`;
const FILES = { "default.nix": SHELL, "value.nix": "1", "text": "t", "d/x": "", "other": "" };

Deno.test("instantiate answers from before while nothing has changed", async () => {
  using project = new Project(FILES);
  const answer = [1, "t", false, ["x"], "1"];
  assertEquals(await project.ask(), [answer, false]);
  assertEquals(await project.ask(), [answer, true]);
});

const CHANGES: readonly (readonly [what: string, change: (project: Project) => void, index: number, value: unknown])[] =
  [
    ["an imported file", (p) => p.write("value.nix", "2"), 0, 2],
    ["a file that was read", (p) => p.write("text", "u"), 1, "u"],
    ["a file that wasn't there", (p) => p.write("maybe", ""), 2, true],
    ["a directory listing", (p) => p.write("d/y", ""), 3, ["x", "y"]],
    ["a variable", (p) => void (p.env.A = "2"), 4, "2"],
  ];

for (const [what, change, index, value] of CHANGES) {
  Deno.test(`instantiate evaluates again after a change of ${what}`, async () => {
    using project = new Project(FILES);
    await project.ask();
    change(project);
    const [answer, cached] = await project.ask();
    assertEquals([(answer as unknown[])[index], cached], [value, false]);
    assertEquals((await project.ask())[1], true);
  });
}

Deno.test("instantiate doesn't evaluate again for what it never looked at", async () => {
  using project = new Project(FILES);
  await project.ask();
  project.write("other", "changed");
  project.write("new", "");
  project.env.B = "1";
  assertEquals((await project.ask())[1], true);
});

Deno.test("instantiate evaluates again for other arguments, attributes and settings", async () => {
  using project = new Project({ "default.nix": "{ a ? 1 }: { x = a; y = a + 1; }" });
  assertEquals(await project.ask("-A", "x"), [1, false]);
  assertEquals(await project.ask("-A", "x", "--arg", "a", "5"), [5, false]);
  assertEquals(await project.ask("-A", "y"), [2, false]);
  assertEquals(await project.ask("-A", "x"), [1, true]);
  project.write("etc/nix.conf", "max-call-depth = 5000\n");
  assertEquals(await project.ask("-A", "x"), [1, false]);
});

Deno.test("instantiate with --no-eval-cache neither takes nor keeps an answer", async () => {
  using project = new Project({ "default.nix": "1" });
  assertEquals(await project.ask("--no-eval-cache"), [1, false]);
  assertEquals(await project.ask("--no-eval-cache"), [1, false]);
  assertEquals(await project.ask("--option", "eval-cache", "false"), [1, false]);
  assertEquals(await project.ask("--option", "eval-cache", "false"), [1, false]);
});

Deno.test("instantiate keeps no answer that depends on the time, nor a failure", async () => {
  using project = new Project({ "default.nix": "builtins.currentTime > 0" });
  assertEquals(await project.ask(), [true, false]);
  assertEquals(await project.ask(), [true, false]);
  for (let i = 0; i < 2; i++) {
    const { code, out } = await project.run("instantiate", "--dry-run", "--json", "--keep-going", "-E", 'throw "x"');
    assertEquals([code, JSON.parse(out).stats.cached], [1, false]);
  }
});

Deno.test("an answer from before comes with its warnings, and with the log devenv reads", async () => {
  using project = new Project({ "default.nix": 'builtins.trace "hello" (builtins.readFile ./t)', "t": "t" });
  const args = ["instantiate", "--dry-run", "--json", "-v", "--log-format", "internal-json"];
  const [first, second] = [await project.run(...args), await project.run(...args)];
  assertEquals(JSON.parse(second.out).stats.cached, true);
  assertEquals(second.err, first.err);
  assertMatch(first.err, /"msg":"trace: hello"/);
  assertMatch(first.err, /"msg":"devenv readFile: '.*\/t'"/);
  const { stats: _, ...before } = JSON.parse(first.out);
  const { stats: __, ...after } = JSON.parse(second.out);
  assertEquals(after, before);
});

Deno.test("what --env sets and --pure hides is part of the question", async () => {
  using project = new Project({ "default.nix": 'builtins.getEnv "A"' });
  assertEquals(await project.ask("--env", "A=7"), ["7", false]);
  project.env.A = "other";
  assertEquals(await project.ask("--env", "A=7"), ["7", true]);
  assertEquals(await project.ask("--env", "A=8"), ["8", false]);
  assertEquals(await project.ask("--pure"), ["", false]);
  project.env.A = "third";
  assertEquals(await project.ask("--pure"), ["", true]);
});

Deno.test("answers lie where --cache-dir says", async () => {
  using project = new Project({ "default.nix": "1" });
  assertEquals(await project.ask("--cache-dir", `${project.dir}/elsewhere`), [1, false]);
  assertEquals([...Deno.readDirSync(`${project.dir}/elsewhere`)].some(({ name }) => name.startsWith("answers-")), true);
});

for (
  const [what, spoil, reason] of [
    ["is to be where a file is", (dir: string) => Deno.writeTextFileSync(dir, ""), "File exists"],
    [
      "is a directory",
      (dir: string) => Deno.mkdirSync(`${dir}/answers-2.sqlite`, { recursive: true }),
      "unable to open database file",
    ],
  ] as const
) {
  Deno.test(`a cache of answers that ${what} costs a warning, in plain words and with its path`, async () => {
    using project = new Project({ "default.nix": "1" });
    const cache = `${project.dir}/c`;
    spoil(cache);
    const { code, err } = await project.run("instantiate", "--dry-run", "--json", "--cache-dir", cache);
    assertEquals({ code, err }, {
      code: 0,
      err: `warning: cannot keep the answer in '${cache}/answers-2.sqlite': ${reason}\n`,
    });
  });
}

const DRV = 'derivation { name = "x"; system = "s"; builder = "b"; src = ./value.nix; }';

for (const [what, expr] of [["a derivation", DRV], ["a set of derivations", `{ a = ${DRV}; b = [ (${DRV}) ]; }`]]) {
  Deno.test(`an answer that names store paths, of ${what}, holds as long as they are there`, async () => {
    using project = new Project({ "default.nix": expr, "value.nix": "1" });
    const args = ["instantiate", "--json", "--store", `local:${project.dir}/store`];
    const ask = async () => JSON.parse((await project.run(...args)).out);
    const first = await ask();
    assertEquals([first.stats.cached, first.store.added.length, first.store.alreadyValid], [false, 2, 0]);
    const second = await ask();
    assertEquals([second.stats.cached, second.store.added.length, second.store.alreadyValid], [true, 0, 2]);
    assertEquals(second.results, first.results);
    const { path } = first.store.added.find(({ kind }: { kind: string }) => kind === "drv");
    const drv = `${project.dir}/store${path}`;
    Deno.chmodSync(drv.slice(0, drv.lastIndexOf("/")), 0o755);
    Deno.removeSync(drv);
    assertEquals((await ask()).stats.cached, false);
  });
}

Deno.test("instantiate with --add-root always does what it says", async () => {
  using project = new Project({ "default.nix": DRV, "value.nix": "1" });
  const args = ["instantiate", "--json", "--store", `local:${project.dir}/store`, "--add-root", "roots"];
  for (let i = 0; i < 2; i++) {
    assertEquals(JSON.parse((await project.run(...args)).out).stats.cached, false);
    Deno.removeSync(`${project.dir}/roots`, { recursive: true });
  }
});
