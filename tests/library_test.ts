// devix as somebody else's program uses it: through the package's exports, from a folder of its own, with the programs of
// docs/typescript.md; and the language where there is neither Deno nor Node.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { createContext, runInContext } from "node:vm";
import config from "../deno.json" with { type: "json" };
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { encodeUtf8, MemoryIO, NixError, Session, toJs } from "../mod.ts";
import { ownHome } from "./own_home.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

const home = ownHome();

/** A folder of a program that imports this package. */
async function withConsumer(
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    const name = `jsr:${config.name}@^${config.version}`;
    const imports = { "@devix/devix": name };
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify({ imports, links: [root] }));
    await Deno.mkdir(`${dir}/bin`);
    const devix = `exec '${Deno.execPath()}' run -A --no-check --v8-flags=${V8_FLAGS.join(",")} '${root}cli.ts' "$@"`;
    await Deno.writeTextFile(`${dir}/bin/devix`, `#!/bin/sh\n${devix}\n`, { mode: 0o755 });
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function deno(args: readonly string[], dir: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: dir,
    env: { ...home, NO_COLOR: "1", NIX_CONF_DIR: "/nowhere", PATH: `${dir}/bin:${Deno.env.get("PATH")}` },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert(code === 0, text(stderr));
  return text(stdout);
}

const page = Deno.readTextFileSync(`${root}docs/typescript.md`);
const readme = Deno.readTextFileSync(`${root}README.md`);
const programs = [...page.matchAll(/```ts\n(.*?)```\n\n```text\n(.*?)```/gs)].map(([, program, prints]) => ({
  program,
  prints,
}));

Deno.test("docs/typescript.md has programs", () => assertEquals(programs.length, page.match(/```ts\n/g)!.length));

for (const [i, { program, prints }] of programs.entries()) {
  const what = /import \{ (.*?) \}/.exec(program)![1];
  Deno.test(`program ${i + 1} of docs/typescript.md (${what}) prints what stands below it`, () =>
    withConsumer(async (dir) => {
      await Deno.writeTextFile(`${dir}/main.ts`, program);
      assertEquals(await deno(["run", "-A", "--no-check", "main.ts"], dir), prints);
    }));
}

Deno.test("the first program of docs/typescript.md has ten lines", () => {
  const lines = programs[0].program.split("\n").filter((line) => line !== "" && !line.startsWith("import"));
  assert(lines.length <= 10, `${lines.length} lines`);
});

Deno.test("the program of README.md prints 42", () =>
  withConsumer(async (dir) => {
    await Deno.writeTextFile(`${dir}/main.ts`, /```ts\n(.*?)```/s.exec(readme)![1]);
    assertEquals(await deno(["run", "-A", "--no-check", "main.ts"], dir), "42\n");
  }));

Deno.test("programs of README.md and docs/typescript.md have the right types", () =>
  withConsumer(async (dir) => {
    const all = [...`${readme}\n${page}`.matchAll(/```ts\n(.*?)```/gs)].map(([, program]) => program);
    const names = all.map((_, i) => `program${i + 1}.ts`);
    for (const [i, program] of all.entries()) await Deno.writeTextFile(`${dir}/${names[i]}`, program);
    await deno(["check", ...names], dir);
  }));

Deno.test("sessions need no options, say where errors are and take binary strings only", () => {
  const session = new Session();
  const error = assertThrows(() => session.evaluate(session.parse("let a = 1; in\n  a + null")), NixError);
  const { origin, line, column } = session.positions.resolve(error.pos)!;
  assertEquals([origin.kind, line, column], ["string", 2, 7]);
  assertThrows(() => session.parse('"\u20ac"'), TypeError, "encodeUtf8()");
  assertEquals(toJs(session.evaluate(session.parse(encodeUtf8('"\u20ac"')))), "\u20ac");
});

Deno.test("sessions read files from their directory, which is absolute and a binary string", () => {
  const files = new MemoryIO({
    files: { "/p/a.nix": "import ./b.nix + 1", "/p/b.nix": "41", "/p/d/default.nix": "7" },
  });
  const session = new Session({ files, currentDir: "/p" });
  const read = (path: string) => toJs(session.evaluate(session.parseFile(path)));
  assertEquals([read("a.nix"), read("./a.nix"), read("/p/a.nix"), read("d")], [42, 42, 42, 7]);
  assertThrows(() => read("\u20ac.nix"), TypeError, "encodeUtf8()");
  assertThrows(() => new Session({ currentDir: "/\u20ac" }), TypeError, "encodeUtf8()");
  assertThrows(() => new Session({ currentDir: "p" }), TypeError, "absolute");
});

// The path is C++ Nix's; every hash function goes into it, and bytes that aren't UTF-8.
const IN_BROWSER = `import "@devix/devix/browser";
import { builtin, encodeUtf8, MemoryIO, Session, toJs } from "@devix/devix/language";
const app = '{ n }: derivation { name = "x"; system = "s"; builder = "b"; e = ./src; n = builtins.double n; h = map (a: builtins.hashString a "ä") [ "md5" "sha1" "sha256" "sha512" "blake3" ]; }';
const files = new MemoryIO({ files: { "/src/a": "bytes\\xff", "/app.nix": encodeUtf8(app) } });
const settings = { features: new Set(["blake3-hashes"]) };
const session = new Session({ files, settings, builtins: [builtin("double", (n) => 2 * n)] });
console.log(toJs(session.evaluate(session.parse("import /app.nix { n = 21; }"))));
try {
  session.evaluate(session.parse("let f = n: 1 + f (n + 1); in f 0"));
} catch (e) {
  console.log(session.explain(e));
}
`;

Deno.test("the language runs where there is neither Deno nor Node", () =>
  withConsumer(async (dir) => {
    await Deno.writeTextFile(`${dir}/app.js`, IN_BROWSER);
    await deno(["bundle", "--quiet", "--platform", "browser", "--format", "iife", "-o", "bundle.js", "app.js"], dir);
    const bundle = await Deno.readTextFile(`${dir}/bundle.js`);
    // Not all browsers know it, and to those the whole program is a syntax error.
    assert(!/^\s*(?:await )?using \w+ =/m.test(bundle), "the language has a `using` declaration");
    const lines: unknown[] = [];
    const console = { log: (line: unknown) => lines.push(line) };
    runInContext(bundle, createContext({ TextEncoder, TextDecoder, console }));
    assertEquals(lines, [
      "/nix/store/1vqnc341c32wvwvafaxgb4aid91y22ry-x",
      "error: stack overflow (possible infinite recursion)",
    ]);
  }));
