// `devix serve` as a process, through its client and through bare pipes.
import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { DevixClient, DevixError, type Json } from "../serve/client.ts";
import { ownHome } from "./own_home.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const [command, ...commandArgs] = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];
const env = { ...ownHome(), NIX_CONF_DIR: "/nowhere", NO_COLOR: "1" };

function spawn(): DevixClient {
  return DevixClient.spawn(command, { commandArgs, args: ["--store", "none"], env, stderr: "null" });
}

/** A folder of Nix files. */
class Project {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync());

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): string {
    const path = `${this.dir}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.dir, { recursive: true });
  }
}

Deno.test("serve evaluates attributes of what was opened", async () => {
  await using devix = spawn();
  assertEquals(
    await devix.open({ expr: '{ a = 1; b.c = [ "é" null ]; f = { x, y ? 2 }: x + y; }', arg: { x: "40" } }),
    {
      handle: "default",
    },
  );
  assertEquals(await devix.eval({ attrs: ["a", "b", "b.c.0", "f"] }), { values: [1, { c: ["é", null] }, "é", 42] });
});

Deno.test("the client gives and takes integers with all their 64 bits", async () => {
  await using devix = spawn();
  const expr = "{ primops }: { big = { a = [ 9007199254740991 9007199254740992 (-9223372036854775807) 1.0e18 ]; }; " +
    "less = primops.less 9223372036854775807; }";
  const less = (n: Json) => typeof n === "bigint" ? n - 1n : null;
  await devix.open({ expr, primops: { less: { arity: 1, call: less } } });
  const { values } = await devix.eval({ attrs: ["big", "less"] });
  const big = [9007199254740991, 9007199254740992n, -9223372036854775807n, 1e18];
  assertEquals(values, [{ a: big }, 9223372036854775806n]);
});

Deno.test("serve tells errors with their kind, and goes on", async () => {
  await using devix = spawn();
  await devix.open({ expr: '{ a = throw "no"; b = builtins.readFile /none; c = let x = x; in x; d = 1; }' });
  const kind = async (attr: string) => (await assertRejects(() => devix.eval({ attrs: [attr] }), DevixError)).type;
  assertEquals([await kind("a"), await kind("b"), await kind("c"), await kind("e")], [
    "throw",
    "io",
    "infinite-recursion",
    "eval",
  ]);
  const { message, rendered } = await assertRejects(() => devix.eval({ attrs: ["a"] }), DevixError);
  assertEquals(message, "no");
  assertStringIncludes(rendered, "error: no");
  assertEquals(await devix.eval({ attrs: ["d"] }), { values: [1] });
});

Deno.test("serve refuses what makes no sense", async () => {
  await using devix = spawn();
  const usage = async (action: () => Promise<unknown>) => {
    const { type, message } = await assertRejects(action, DevixError);
    assertEquals(type, "usage");
    return message;
  };
  assertStringIncludes(await usage(() => devix.eval()), 'nothing was opened as "default"');
  await usage(() => devix.open({ expr: "1", file: "/x" }));
  await usage(() =>
    devix.open({ expr: "1", options: { "max-call-depth": "x" }, primops: { f: { arity: 0, call: () => 1 } } })
  );
  await devix.open({ expr: "1" });
  await usage(() => devix.invalidate({ paths: ["relative"] }));
  await usage(() => devix.eval({ attrs: "a" as never }));
  await usage(() => devix.close({ handle: "other" }));
});

Deno.test("serve keeps handles apart", async () => {
  await using devix = spawn();
  await devix.open({ handle: "a", expr: "builtins.getEnv ''X''", env: { X: "1" } });
  await devix.open({ handle: "b", expr: "builtins.getEnv ''X''", env: { X: "2" }, pure: true });
  await devix.open({ handle: "c", expr: "builtins ? currentTime", pure: true });
  assertEquals((await devix.eval({ handle: "a" })).values, ["1"]);
  assertEquals((await devix.eval({ handle: "b" })).values, ["2"]);
  assertEquals((await devix.eval({ handle: "c" })).values, [false]);
  await devix.close({ handle: "a" });
  await assertRejects(() => devix.eval({ handle: "a" }), DevixError);
});

Deno.test("serve instantiates like the command", async () => {
  await using devix = spawn();
  const drv = 'derivation { name = "x"; system = "s"; builder = "b"; }';
  await devix.open({ expr: `{ d = ${drv}; s = "\${${drv}}"; o = { n = 1; }; bad = throw "x"; }` });
  const { results, version, store } = await devix.instantiate({ attrs: ["d", "s", "o", "bad"], keepGoing: true });
  assertEquals([version, store.mode], [1, "none"]);
  const [d, s, o, bad] = results as unknown as Record<string, unknown>[];
  assertEquals([d.kind, d.name, d.outputName], ["derivation", "x", "out"]);
  assertEquals(s.context, [{ drvPath: d.drvPath, outputs: ["out"] }]);
  assertEquals(o.json, { n: 1 });
  assertEquals((bad.error as { type: string }).type, "throw");
  await assertRejects(() => devix.instantiate({ attrs: ["bad"] }), DevixError);
});

Deno.test("serve calls back functions of the caller's", async () => {
  const calls: unknown[] = [];
  await using devix = spawn();
  await devix.open({
    expr:
      "args: { port = args.primops.allocatePort ''web'' ''http'' args.base; again = (args.primops.allocatePort ''web'') ''http'' 1; env = args.primops.loadDotenv [ ./.env ] true; bad = args.primops.fail 1; }",
    argsExpr: "{ base = 8000; }",
    primops: {
      allocatePort: {
        arity: 3,
        call: async (...args) => {
          calls.push(args);
          await new Promise((resolve) => setTimeout(resolve, 5));
          return (args[2] as number) + 1;
        },
      },
      loadDotenv: { arity: 2, call: (files) => ({ FILES: (files as string[]).length }) },
      fail: {
        arity: 1,
        call: () => {
          throw new Error("no port left");
        },
      },
    },
  });
  assertEquals((await devix.eval({ attrs: ["port", "again", "env", "port"] })).values, [8001, 2, { FILES: 1 }, 8001]);
  assertEquals(calls, [["web", "http", 8000], ["web", "http", 1]]);
  const { message } = await assertRejects(() => devix.eval({ attrs: ["bad"] }), DevixError);
  assertEquals(message, "fail: no port left");
  assertEquals((await devix.invalidate({ primops: ["other"] })).reset, 0);
  assertEquals((await devix.invalidate({ primops: ["loadDotenv"] })).reset > 0, true);
});

const TREE = {
  "root.nix":
    '{ a = import ./a.nix; b = import ./b.nix; text = builtins.readFile ./t; dir = builtins.attrNames (builtins.readDir ./d); src = "${./src}"; }',
  "a.nix": "{ v = builtins.trace ''a'' 1; deep = import ./deep.nix; }",
  "deep.nix": "10",
  "b.nix": "builtins.trace ''b'' 2",
  "t": "one",
  "d/x": "",
  "src/f": "1",
};

Deno.test("serve throws away what a changed file reaches, and nothing else", async () => {
  using project = new Project(TREE);
  await using devix = spawn();
  await devix.open({ file: `${project.dir}/root.nix` });
  assertEquals((await devix.eval({ attrs: ["a", "b", "text", "dir"] })).values, [{ v: 1, deep: 10 }, 2, "one", ["x"]]);

  const deep = project.write("deep.nix", "20");
  // The file's value, and the attribute that holds it.
  assertEquals(await devix.invalidate({ paths: [deep] }), { dropped: [deep], kept: 2, reset: 2 });
  assertEquals((await devix.eval({ attrs: ["a.deep", "b", "text"] })).values, [20, 2, "one"]);

  const text = project.write("t", "two");
  // What was asked for, and the attribute.
  assertEquals(await devix.invalidate({ paths: [text] }), { dropped: [], kept: 3, reset: 2 });
  assertEquals((await devix.eval({ attrs: ["text", "a", "b"] })).values, ["two", { v: 1, deep: 20 }, 2]);

  const root = project.write("root.nix", `${TREE["root.nix"]} // { more = 1; }`);
  assertEquals((await devix.invalidate({ paths: [root] })).dropped, [""]);
  assertEquals((await devix.eval({ attrs: ["text", "a", "b"] })).values, ["two", { v: 1, deep: 20 }, 2]);

  assertEquals(await devix.invalidate({ paths: [project.write("unread", "")] }), { dropped: [], kept: 3, reset: 0 });
  assertEquals(await devix.invalidate({ paths: [text] }), { dropped: [], kept: 3, reset: 0 });
  assertEquals(await devix.invalidate(), { dropped: [], kept: 3, reset: 0 });
});

Deno.test("serve finds out by itself what has changed when nobody says", async () => {
  using project = new Project(TREE);
  await using devix = spawn();
  await devix.open({ file: `${project.dir}/root.nix` });
  const { values: [, before] } = await devix.eval({ attrs: ["a", "src"] });
  project.write("b.nix", "3");
  assertEquals(await devix.invalidate(), { dropped: [], kept: 2, reset: 0 });
  await devix.eval({ attrs: ["b", "dir"] });
  project.write("d/y", "");
  assertEquals((await devix.invalidate()).reset, 2);
  assertEquals((await devix.eval({ attrs: ["dir", "src"] })).values, [["x", "y"], before]);
  project.write("src/f", "2");
  assertEquals((await devix.invalidate()).reset, 2);
  assertEquals((await devix.eval({ attrs: ["src"] })).values[0] === before, false);
});

Deno.test("serve evaluates again for another environment", async () => {
  await using devix = spawn();
  await devix.open({ expr: "{ a = builtins.getEnv ''A''; b = 1; }", env: { A: "1", B: "1" } });
  assertEquals((await devix.eval({ attrs: ["a"] })).values, ["1"]);
  assertEquals((await devix.invalidate({ env: { B: "2" } })).reset, 0);
  assertEquals((await devix.invalidate({ env: { A: "2" } })).reset, 2);
  assertEquals((await devix.eval({ attrs: ["a"] })).values, ["2"]);
  await devix.invalidate({ env: { A: null } });
  assertEquals((await devix.eval({ attrs: ["a"] })).values, [""]);
});

Deno.test("serve leaves out changes that a filter leaves out", async () => {
  using project = new Project({
    "root.nix": 'builtins.path { path = ./.; name = "p"; filter = p: t: baseNameOf p != "skip"; }',
    "skip/x": "1",
    "keep": "1",
  });
  await using devix = spawn();
  await devix.open({ file: `${project.dir}/root.nix` });
  const { values: [before] } = await devix.eval();
  assertEquals((await devix.invalidate({ paths: [project.write("skip/x", "2")] })).dropped, []);
  assertEquals((await devix.invalidate({ paths: [project.write("keep", "2")] })).dropped, [""]);
  assertEquals((await devix.eval()).values[0] === before, false);
});

Deno.test("serve tells what evaluation depended on", async () => {
  using project = new Project(TREE);
  await using devix = spawn();
  await devix.open({ file: `${project.dir}/root.nix` });
  await devix.eval({ attrs: ["a.deep", "text"] });
  const { files } = await devix.inputs();
  assertEquals(files.map(({ op, path }) => `${op} ${path.slice(project.dir.length)}`), [
    "evaluate /root.nix",
    "evaluate /a.nix",
    "evaluate /deep.nix",
    "readFile /t",
  ]);
});

/** Takes minutes and hardly any memory, and runs thunks, between which it can be interrupted. Says when it begins. */
const LONG = `builtins.trace "long" (
  let inner = n: builtins.foldl' (a: i: a + builtins.head (map (x: x + 1) [ i ])) n (builtins.genList (x: x) 100000);
  in builtins.foldl' (a: i: a + inner i) 0 (builtins.genList (x: x) 10000))`;

Deno.test("serve gives up what is cancelled: under way, or waiting", async () => {
  await using devix = spawn();
  await devix.open({
    expr: `{ long = ${LONG}; short = 1; }`,
  });
  const long = new AbortController();
  const waiting = new AbortController();
  const cancelled = async (action: Promise<unknown>) =>
    assertEquals((await assertRejects(() => action, DevixError)).type, "cancelled");
  const first = cancelled(devix.eval({ attrs: ["long"] }, { signal: long.signal }));
  const second = cancelled(devix.eval({ attrs: ["short"] }, { signal: waiting.signal }));
  const third = devix.eval({ attrs: ["short"] });
  setTimeout(() => waiting.abort(), 200);
  setTimeout(() => long.abort(), 400);
  await first;
  await second;
  assertEquals((await third).values, [1]);
});

Deno.test("serve gives up a call that is waited for", async () => {
  await using devix = spawn();
  const never = new Promise<never>(() => {});
  await devix.open({
    expr: "{ primops }: { x = primops.wait 1; y = 2; }",
    primops: { wait: { arity: 1, call: () => never } },
  });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  const { type } = await assertRejects(() => devix.eval({ attrs: ["x"] }, { signal: abort.signal }), DevixError);
  assertEquals([type, (await devix.eval({ attrs: ["y"] })).values], ["cancelled", [2]]);
});

Deno.test("a handle keeps its functions until another is opened in its place", async () => {
  await using devix = spawn();
  const expr =
    "{ primops }: builtins.listToAttrs (map (name: { inherit name; value = primops.f name; }) [ ''a'' ''b'' ''c'' ])";
  const says = (text: string) => ({ f: { arity: 1, call: () => text } });
  await devix.open({ expr, primops: says("first") });
  await assertRejects(() => devix.open({ expr, file: "/x", primops: says("refused") }), DevixError);
  assertEquals((await devix.eval({ attrs: ["a"] })).values, ["first"]);
  // All asked for at once.
  const [before, , after] = await Promise.all([
    devix.eval({ attrs: ["b"] }),
    devix.open({ expr, primops: says("second") }),
    devix.eval({ attrs: ["b"] }),
  ]);
  assertEquals([before.values, after.values], [["first"], ["second"]]);
});

Deno.test("serve survives a stack that is full", async () => {
  await using devix = spawn();
  await devix.open({
    expr: "{ deep = let f = n: 1 + f (n + 1); in f 0; ok = 1; }",
    options: { "max-call-depth": "100000000" },
  });
  const { type } = await assertRejects(() => devix.eval({ attrs: ["deep"] }), DevixError);
  assertEquals([type, (await devix.eval({ attrs: ["ok"] })).values], ["stack-overflow", [1]]);
});

Deno.test("serve answers a thousand requests made at once, in order", async () => {
  await using devix = spawn();
  await devix.open({ expr: "builtins.genList (x: x * x) 1000" });
  const done: number[] = [];
  const all = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      devix.eval({ attrs: [`${i}`] }).then(({ values }) => {
        done.push(i);
        return values[0];
      })),
  );
  assertEquals(all, Array.from({ length: 1000 }, (_, i) => i * i));
  assertEquals(done, done.toSorted((a, b) => a - b));
});

/** Writes bytes to a server and returns everything it answers. */
async function raw(
  write: (writer: WritableStreamDefaultWriter<Uint8Array>) => Promise<void>,
): Promise<{ code: number; lines: Record<string, unknown>[] }> {
  const child = new Deno.Command(command, {
    args: [...commandArgs, "serve"],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const output = new Response(child.stdout).text();
  await write(writer);
  await writer.close();
  const text = await output;
  return {
    code: (await child.status).code,
    lines: text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const typeOf = (line: Record<string, unknown>) => (line.error as { type: string } | undefined)?.type;

Deno.test("serve says so where there is no request, and goes on", async () => {
  const { code, lines } = await raw(async (writer) => {
    await writer.write(
      bytes(
        'garbage\n\n[1]\n"x"\n{"id":1}\n{"method":"version"}\n{"id":{},"method":"version"}\n{"return":7,"value":1}\n',
      ),
    );
    await writer.write(
      bytes('{"id":2,"method":"nope"}\n{"id":3,"method":"constructor"}\n{"id":4,"method":"version","params":5}\n'),
    );
    await writer.write(new Uint8Array([0xff, 0xfe, 10]));
    await writer.write(bytes('{"id":"last","method":"version"}\n'));
  });
  assertEquals(code, 0);
  assertEquals(lines.map(({ id }) => id), [null, null, null, 1, null, null, 2, 3, 4, null, "last"]);
  assertEquals(lines.slice(0, -1).every((line) => typeOf(line) === "usage"), true);
});

Deno.test("serve says what of a request is wrong", async () => {
  const wrong = {
    '{"id":1,"method":"version","params":[]}': '"params" is to be an object',
    '{"id":9007199254740993,"method":"version"}': '"id" is a number',
    '{"id":1e400,"method":"version"}': '"id" is a number',
    '{"id":1,"method":5}': 'no "method"',
    "garbage":
      "Cannot read request: no JSON at column 1: syntax error while parsing value - invalid literal; last read: 'g'",
    '{"id":1,}': "no JSON at column 9: syntax error while parsing object key - unexpected '}'; expected string literal",
    '{"id":1,"method":"é"x}': "no JSON at column 22: syntax error while parsing object - invalid literal",
    [`{"id":"${"y".repeat(1000)}`]: `invalid string: missing closing quote; last read: '"yy`,
    '{"return":"7","value":1}': '"return" is to be the number of the call',
    '{"id":1,"method":"open","params":{"expr":"1","env":{"A":"\\u0000"}}}': '"env" has a NUL in it',
  };
  const { lines } = await raw((writer) => writer.write(bytes(`${Object.keys(wrong).join("\n")}\n`)));
  assertEquals(lines.length, Object.keys(wrong).length);
  for (const [i, part] of Object.values(wrong).entries()) {
    assertStringIncludes((lines[i].error as { message: string }).message, part);
  }
});

Deno.test("serve doesn't cancel the wish to cancel", async () => {
  const { lines } = await raw((writer) => writer.write(bytes('{"id":1,"method":"cancel","params":{"id":1}}\n')));
  assertEquals(lines, [{ id: 1, result: { cancelled: false } }]);
});

Deno.test("serve says once that its command line is wrong", async () => {
  const child = new Deno.Command(command, {
    args: [...commandArgs, "serve", "--nope"],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(bytes('{"id":1,"method":"version"}\n'));
  const { code, stdout, stderr } = await child.output();
  await writer.close().catch(() => {});
  const err = new TextDecoder().decode(stderr);
  assertEquals([code, stdout.length, err.split("unrecognised flag").length], [2, 0, 2]);
});

Deno.test("serve refuses what is nested too deep, and goes on", async () => {
  const nested = (depth: number) => `${"[".repeat(depth)}"["${"]".repeat(depth)}`;
  const { code, lines } = await raw(async (writer) => {
    await writer.write(bytes(`{"id":1,"method":"nope","params":${nested(200_000)}}\n`));
    await writer.write(bytes(`{"id":2,"method":"nope","params":${nested(1000)}}\n`));
  });
  assertEquals([code, ...lines.map(({ id }) => id)], [0, null, 2]);
});

Deno.test("serve answers to half a line that it is half a line", async () => {
  const { code, lines } = await raw((writer) => writer.write(bytes('{"id":1,"method":"version"}\n{"id":2,"meth')));
  assertEquals([code, lines.length, typeOf(lines.find(({ id }) => id === null)!)], [0, 2, "usage"]);
});

Deno.test("serve refuses a line of 100 MB and answers the next", async () => {
  const { code, lines } = await raw(async (writer) => {
    await writer.write(bytes('{"id":1,"method":"version","params":"'));
    const chunk = new Uint8Array(1 << 20).fill(97);
    for (let i = 0; i < 100; i++) await writer.write(chunk);
    await writer.write(bytes('"}\n{"id":2,"method":"version"}\n'));
  });
  assertEquals(code, 0);
  assertEquals(lines.map(({ id }) => id), [null, 2]);
  assertStringIncludes((lines[0].error as { message: string }).message, "too long");
});

/** A server on bare pipes, for what no client would say. */
class Pipes {
  readonly child = new Deno.Command(command, {
    args: [...commandArgs, "serve", "--store", "none"],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  readonly #writer = this.child.stdin.getWriter();
  readonly #reader = this.child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  readonly #log = this.child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  /** What waits for an answer that doesn't come waits for the end then. */
  readonly #timer = setTimeout(() => this.child.kill("SIGKILL"), 60_000);
  #text = "";
  #logged = "";

  /** Opens something as "default". */
  static async open(expr: string): Promise<Pipes> {
    const pipes = new Pipes();
    await pipes.send({ id: "open", method: "open", params: { expr } });
    assertEquals(await pipes.next(), { id: "open", result: { handle: "default" } });
    return pipes;
  }

  /** Writes a line each; texts as they are. */
  async send(...messages: readonly unknown[]): Promise<void> {
    const lines = messages.map((message) => typeof message === "string" ? message : JSON.stringify(message));
    await this.#writer.write(bytes(lines.map((line) => `${line}\n`).join("")));
  }

  /** Asks for an attribute. */
  async eval(id: unknown, attr: string, handle = "default"): Promise<void> {
    await this.send({ id, method: "eval", params: { handle, attrs: [attr] } });
  }

  /** Waits for the next line; undefined at the end. */
  async next(): Promise<Record<string, unknown> | undefined> {
    let end: number;
    while ((end = this.#text.indexOf("\n")) < 0) {
      const { value } = await this.#reader.read();
      if (value === undefined) return undefined;
      this.#text += value;
    }
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return JSON.parse(line);
  }

  /** Waits until {@link LONG} is evaluated. */
  async busy(): Promise<void> {
    for (const begins = "trace: long\n";;) {
      const at = this.#logged.indexOf(begins);
      if (at >= 0) return void (this.#logged = this.#logged.slice(at + begins.length));
      const { value } = await this.#log.read();
      if (value === undefined) throw new Error("the server has ended");
      this.#logged += value;
    }
  }

  async take(count: number): Promise<Record<string, unknown>[]> {
    const lines: Record<string, unknown>[] = [];
    while (lines.length < count) lines.push((await this.next())!);
    return lines;
  }

  /** The process that evaluates; waits for it where there is none yet. */
  async evaluator(): Promise<number> {
    for (;;) {
      const text = Deno.readTextFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`).trim();
      if (text !== "") return Number(text.split(" ")[0]);
      await sleep(10);
    }
  }

  /** Ends the server in good order; returns what it still says. */
  async end(): Promise<Record<string, unknown>[]> {
    await this.#writer.close();
    const rest: Record<string, unknown>[] = [];
    for (let line; (line = await this.next()) !== undefined;) rest.push(line);
    const { code } = await this.child.status;
    await this.#log.cancel();
    clearTimeout(this.#timer);
    assertEquals(code, 0);
    return rest;
  }
}

/** Whether a process runs. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Evaluates `{ primops }: BODY` until it calls `primops.f`, and then writes lines; returns what is said to that. */
async function called(body: string, ...lines: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const pipes = new Pipes();
  const params = { expr: `{ primops }: ${body}`, primops: [{ name: "f", arity: 1 }] };
  await pipes.send({ id: 1, method: "open", params }, { id: 2, method: "eval" });
  assertEquals((await pipes.take(2))[1].call, 1);
  await pipes.send(...lines);
  return await pipes.end();
}

Deno.test("integers that functions of the caller's return have 64 bits", async () => {
  for (const n of ["9007199254740993", "-9223372036854775807", "9223372036854775807"]) {
    assertEquals(
      await called(`(primops.f 1).a == [ (${n}) 1 ]`, `{"return":1,"value":{"a":[${n},1]}}`),
      [{ id: 2, result: { values: [true] } }],
      n,
    );
  }
});

Deno.test("an error that a function of the caller's returns needn't be a string, and null is none", async () => {
  const message = async (error: string) => {
    const [line] = await called("primops.f 1", `{"return":1,"value":5,"error":${error}}`);
    return (line.error as { message: string } | undefined)?.message ?? line.result;
  };
  assertEquals(await message('{"code":7}'), 'f: {"code":7}');
  assertEquals(await message('""'), "f: ");
  assertEquals(await message("null"), { values: [5] });
});

Deno.test("what is no answer to a call is said to be wrong while it is waited for", async () => {
  const lines = await called("primops.f 1", '{"return":1,"value":NaN}', [1], { return: "1" }, "", {
    return: 1,
    value: 2,
  });
  assertEquals(lines.map(({ id }) => id), [null, null, null, 2]);
  assertEquals(lines.slice(0, -1).map(typeOf), ["usage", "usage", "usage"]);
});

Deno.test("serve answers what nobody can be called for any more, and what came after it", async () => {
  const lines = await called("{ a = primops.f 1; b = 2; }", { id: 3, method: "eval", params: { attrs: ["b"] } });
  assertEquals(lines.map((line) => [line.id, typeOf(line)]), [[2, "cancelled"], [3, undefined]]);
});

Deno.test("serve refuses to cancel what no id says, when its turn comes", async () => {
  const pipes = await Pipes.open(`{ long = ${LONG}; ok = 1; }`);
  const evaluator = await pipes.evaluator();
  await pipes.eval(2, "long");
  await pipes.busy();
  await pipes.send(
    { foo: 1 },
    { id: 3, method: "cancel" },
    { id: 4, method: "cancel", params: { id: 2, now: true } },
    { id: 5, method: "cancel", params: { id: 2 } },
  );
  const lines = await pipes.take(5);
  assertEquals(lines[0], { id: 5, result: { cancelled: true } });
  assertEquals(lines.slice(1).map((line) => [line.id, typeOf(line)]), [
    [2, "cancelled"],
    [null, "usage"],
    [3, "usage"],
    [4, "usage"],
  ]);
  await pipes.eval(6, "ok");
  assertEquals(await pipes.next(), { id: 6, result: { values: [1] } });
  assertEquals(await pipes.evaluator(), evaluator);
  assertEquals(await pipes.end(), []);
});

Deno.test("serve answers once to what is wrong and says something of cancelling", async () => {
  const pipes = await Pipes.open(LONG);
  await pipes.eval(2, "");
  await pipes.busy();
  await pipes.send(
    '{"id":3,"method":"cancel",',
    { id: 4, method: "version", params: "cancel" },
    { id: 5, method: "cancel", params: { id: 2 } },
  );
  const lines = [...await pipes.take(4), ...await pipes.end()];
  assertEquals(lines.map((line) => [line.id, typeOf(line)]), [
    [5, undefined],
    [2, "cancelled"],
    [null, "usage"],
    [4, "usage"],
  ]);
});

Deno.test("serve leaves alone what has the id of something that was cancelled before", async () => {
  const pipes = await Pipes.open(LONG);
  const evaluator = await pipes.evaluator();
  await pipes.eval(2, "");
  await pipes.busy();
  await pipes.send({ id: 3, method: "cancel", params: { id: 2 } });
  assertEquals((await pipes.take(2)).map(({ id }) => id), [3, 2]);
  await pipes.eval(2, "");
  // Longer than what was cancelled would have had to end.
  await sleep(1500);
  await pipes.send({ id: 4, method: "cancel", params: { id: 2 } });
  assertEquals((await pipes.take(2)).map(({ id }) => id), [4, 2]);
  assertEquals(await pipes.evaluator(), evaluator);
  assertEquals(await pipes.end(), []);
});

Deno.test("serve ends a cancelled request that can't be interrupted", async () => {
  const pipes = await Pipes.open(`
    let text = builtins.concatStringsSep "" (builtins.genList (x: "ab") 4000000); in
    { made = builtins.stringLength text; split = builtins.length (builtins.split "(a|b)" text); ok = 1; }`);
  await pipes.eval(1, "made");
  assertEquals(await pipes.next(), { id: 1, result: { values: [8_000_000] } });
  const evaluator = await pipes.evaluator();
  // One call of a builtin that takes a long time.
  await pipes.eval(2, "split");
  await sleep(300);
  await pipes.send({ id: 3, method: "cancel", params: { id: 2 } });
  const lines = await pipes.take(2);
  assertEquals([lines[0].id, typeOf(lines[0])], [2, "cancelled"]);
  assertEquals(lines[1], { id: 3, result: { cancelled: true } });
  await pipes.eval(4, "ok");
  assertEquals(await pipes.next(), { id: 4, result: { values: [1] } });
  assertNotEquals(await pipes.evaluator(), evaluator);
  assertEquals(await pipes.end(), []);
});

Deno.test("serve carries on with what came after a cancelled request that had been answered", async () => {
  const pipes = await Pipes.open(
    `{ long = ${LONG}; text = builtins.concatStringsSep "" (builtins.genList (_: "0123456789") 100000); ok = 1; }`,
  );
  const evaluator = await pipes.evaluator();
  // More than pipes hold: as long as nobody reads it, the answer behind it is on its way, and the evaluator goes on.
  await pipes.eval(1, "text");
  await pipes.eval(2, "ok");
  await pipes.eval(3, "long");
  await pipes.busy();
  await pipes.send({ id: 4, method: "cancel", params: { id: 2 } });
  while (isAlive(evaluator)) await sleep(10);
  assertEquals((await pipes.take(3)).map((line) => [line.id, typeOf(line)]), [
    [1, undefined],
    [2, undefined],
    [4, undefined],
  ]);
  // What has ended has a number until the server looks, which had to get rid of its answers first.
  while (await pipes.evaluator() === evaluator) await sleep(10);
  await pipes.send({ id: 5, method: "cancel", params: { id: 3 } });
  const rest = [...await pipes.take(2), ...await pipes.end()];
  assertEquals(rest.map((line) => [line.id, typeOf(line)]).sort(), [[3, "cancelled"], [5, undefined]]);
});

Deno.test("serve carries out once, and after what was open, what comes while a new evaluator starts", async () => {
  const pipes = await Pipes.open(LONG);
  // More than a pipe holds: it is being written until there is somebody to read it.
  await pipes.send({ id: 1, method: "open", params: { handle: "large", expr: `# ${"x".repeat(300_000)}\n1` } });
  await pipes.send({ id: 2, method: "open", params: { handle: "last", expr: "{ ok = 1; }" } });
  await pipes.take(2);
  await pipes.eval(3, "");
  await pipes.busy();
  Deno.kill(await pipes.evaluator(), "SIGKILL");
  const crashed = await pipes.next();
  assertEquals([crashed!.id, typeOf(crashed!)], [3, "crashed"]);
  const ids = Array.from({ length: 20 }, (_, i) => 100 + i);
  for (const id of ids) {
    await pipes.eval(id, "ok", "last");
    await sleep(5);
  }
  assertEquals(await pipes.end(), ids.map((id) => ({ id, result: { values: [1] } })));
});

Deno.test("serve hands on to a new evaluator more than it reads before its answers are", async () => {
  const pipes = await Pipes.open(
    `{ long = ${LONG}; text = builtins.concatStringsSep "" (builtins.genList toString 200); }`,
  );
  await pipes.eval("long", "long");
  const count = 3000;
  for (let i = 0; i < count; i++) await pipes.eval(i, "text");
  await sleep(300);
  Deno.kill(await pipes.evaluator(), "SIGKILL");
  const lines = await pipes.end();
  assertEquals(lines.map(({ id }) => id), ["long", ...Array.from({ length: count }, (_, i) => i)]);
  assertEquals(lines.filter((line) => "error" in line).map(typeOf), ["crashed"]);
});

/** Starts a server that evaluates something long, with the ends of its pipes. */
async function busy(): Promise<{ child: Deno.ChildProcess; writer: WritableStreamDefaultWriter<Uint8Array> }> {
  const child = new Deno.Command(command, {
    args: [...commandArgs, "serve"],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const open = { id: 1, method: "open", params: { expr: LONG } };
  await writer.write(bytes(`${JSON.stringify(open)}\n{"id":2,"method":"eval"}\n`));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { child, writer };
}

Deno.test("serve ends when its caller is gone, even in the middle of an evaluation", async () => {
  const { child, writer } = await busy();
  await writer.close();
  await child.stdout.cancel();
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const { code } = await child.status;
  clearTimeout(timer);
  assertEquals(code, 0);
});

Deno.test("serve leaves nobody behind when it is killed", async () => {
  const { child, writer } = await busy();
  const children = Deno.readTextFileSync(`/proc/${child.pid}/task/${child.pid}/children`).trim().split(" ");
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
  await writer.abort().catch(() => {});
  const alive = () => children.filter((pid) => isAlive(Number(pid)));
  for (let i = 0; i < 100 && alive().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assertEquals([children.length > 0, alive()], [true, []]);
});

Deno.test("serve answers what was asked before its input ended", async () => {
  const { code, lines } = await raw((writer) =>
    writer.write(
      bytes(
        `{"id":1,"method":"open","params":{"expr":"builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 1000000)"}}\n{"id":2,"method":"eval"}\n`,
      ),
    )
  );
  assertEquals([code, lines[1]], [0, { id: 2, result: { values: [499999500000] } }]);
});

Deno.test("serve survives a request that ends its evaluator", async () => {
  await using devix = spawn();
  await devix.open({ handle: "other", expr: "map builtins.getEnv [ ''A'' ''B'' ''C'' ]", env: { A: "1", B: "1" } });
  await devix.invalidate({ handle: "other", env: { A: "2" } });
  await devix.invalidate({ handle: "other", env: { B: null, C: "2" } });
  await devix.invalidate({ handle: "other", env: { C: "3" } });
  await devix.open({
    expr: "args: args.primops.fatal 1",
    primops: {
      fatal: {
        arity: 1,
        call: () => {
          const [evaluator] = children();
          Deno.kill(evaluator, "SIGKILL");
          return 1;
        },
      },
    },
  });
  const [first, second] = [devix.eval(), devix.eval({ handle: "other" })];
  assertEquals((await assertRejects(() => first, DevixError)).type, "crashed");
  assertEquals((await second).values, [["2", "", "3"]]);
});

/** The evaluators among the processes that the servers of this process have started. */
function children(): number[] {
  const of = (pid: number) => {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
    return text === "" ? [] : text.split(" ").map(Number);
  };
  const own = Deno.readDirSync("/proc/self/task");
  const supervisors = [...own].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/self/task/${name}/children`).trim().split(" ").filter(Boolean).map(Number)
  );
  return supervisors.flatMap(of);
}

Deno.test("serve keeps its memory bounded over ten thousand requests", async () => {
  using project = new Project({ "default.nix": "x: builtins.length (builtins.genList (y: x + y) 2000)", "v.nix": "0" });
  await using devix = spawn();
  await devix.open({ expr: `{ f = n: import ${project.dir} n; v = import ${project.dir}/v.nix; }` });
  const [evaluator] = children();
  const size = () => {
    const status = Deno.readTextFileSync(`/proc/${evaluator}/status`);
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  };
  const batch = async (from: number) => {
    const requests: Promise<unknown>[] = [];
    for (let i = from; i < from + 100; i++) {
      if (i % 10 === 0) {
        project.write("v.nix", String(i));
        requests.push(devix.invalidate({ paths: [`${project.dir}/v.nix`] }));
      }
      if (i % 50 === 0) {
        const expr = `builtins.foldl' (a: b: a + b) ${i} (builtins.genList (x: x) 100000)`;
        requests.push(devix.open({ handle: "other", expr }), devix.eval({ handle: "other" }));
      } else requests.push(devix.eval({ attrs: ["v"] }));
    }
    await Promise.all(requests);
  };
  await batch(0);
  const early = size();
  let most = 0;
  for (let i = 1; i < 100; i++) {
    await batch(i * 100);
    most = Math.max(most, size());
  }
  // The garbage of 10,000 requests is more than what is let lie before it is collected.
  if (most > early + (800 << 20)) throw new Error(`${early} bytes after 100 requests, up to ${most} in 10,000`);
  // Still the same one. Others belong to tests that run beside this.
  assert(children().includes(evaluator));
});
