import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeUtf8Lossy, encodeUtf8 } from "../mod.ts";
import { type Ran, runFake } from "./_test_process.ts";
import { runCommand } from "./command.ts";
import { INSTANTIATE } from "./instantiate.ts";

function run(args: readonly string[]): Ran {
  return runFake((process) => runCommand(INSTANTIATE, process), ["--dry-run", ...args]);
}

function results(expr: string, ...args: string[]) {
  return JSON.parse(run(["--json", "-E", expr, ...args]).out).results;
}

const DRV = 'derivation { name = "x"; system = "s"; builder = "/b"; outputs = [ "out" "dev" ]; }';
const DRV_PATH = "/nix/store/wnc667hj6lxbry8k94awfc0p0g0hszgx-x.drv";
const OUT = "/nix/store/sywi469r8mgmx1z5filwxbd9mj5agiy5-x";
const DEV = "/nix/store/cg8g15saxkgmxcvnrb8y64vj4hpyz7af-x-dev";

Deno.test("instantiate prints the paths of derivations", () => {
  assertEquals(run(["-E", `rec { a = ${DRV}; b = a.dev; }`, "-A", "a", "-A", "b"]), {
    code: 0,
    out: `${DRV_PATH}\n${DRV_PATH}!dev\n`,
    err: "",
  });
});

Deno.test("instantiate describes a derivation", () => {
  assertEquals(results(`{ a = ${DRV}; }`, "-A", "a"), [{
    attr: "a",
    kind: "derivation",
    name: "x",
    system: "s",
    drvPath: DRV_PATH,
    outPath: OUT,
    outputName: "out",
    outputs: { dev: DEV, out: OUT },
  }]);
});

Deno.test("instantiate tells a string's context", () => {
  assertEquals(results(`let d = ${DRV}; in "\${d} \${d.dev}"`), [{
    attr: "",
    kind: "string",
    value: `${OUT} ${DEV}`,
    context: [{ drvPath: DRV_PATH, outputs: ["dev", "out"] }],
  }]);
  assertEquals(results(`(${DRV}).drvPath`)[0].context, [{ drvPath: DRV_PATH, outputs: ["*"] }]);
  assertEquals(results('builtins.toFile "a" "b"')[0].context, [
    { path: "/nix/store/g76zcpqc540lrc8i6g7xy6ip0npn2hnp-a" },
  ]);
});

Deno.test("instantiate takes a set with an outPath for that string", () => {
  assertEquals(results('{ outPath = "x"; }'), [{ attr: "", kind: "string", value: "x", context: [] }]);
});

Deno.test("instantiate prints other values", () => {
  assertEquals(results("[ 1 { a = null; } ]"), [{ attr: "", kind: "other", json: [1, { a: null }] }]);
});

Deno.test("instantiate stops at the first error unless told to go on", () => {
  const expr = '{ a = throw "no"; b = 1; }';
  const stopped = run(["--json", "-E", expr, "-A", "a", "-A", "b"]);
  assertEquals(stopped.code, 1);
  assertEquals(JSON.parse(stopped.out).results.length, 1);
  const all = results(expr, "-A", "a", "-A", "b", "--keep-going");
  assertEquals(all[0].error.message, "no");
  assertEquals(all[1], { attr: "b", kind: "other", json: 1 });
});

Deno.test("instantiate calls a function once for all paths", () => {
  const expr = `{ n ? 1 }: builtins.trace "called" { a = n; b.c = { m ? 2 }: builtins.trace "inner" { inherit m; }; }`;
  const { code, out, err } = run(["--json", "-E", expr, "-A", "a", "-A", "b.c.m", "-A", "b.c", "-A", "a"]);
  assertEquals(code, 0, err);
  assertEquals(JSON.parse(out).results.slice(0, 3).map(({ json }: { json: unknown }) => json), [1, 2, { m: 2 }]);
  assertEquals(err.match(/called/g)?.length, 1);
  // Functions further down are called for each path.
  assertEquals(err.match(/inner/g)?.length, 2);
});

Deno.test("instantiate reports an error of the root once", () => {
  const { code, out, err } = run(["--json", "--keep-going", "-E", "x", "-A", "a", "-A", "b"]);
  assertEquals(code, 1);
  assertEquals(JSON.parse(out).results.length, 1);
  assertEquals(err.match(/undefined variable/g)?.length, 1);
});

Deno.test("instantiate has the document's other parts", () => {
  const document = JSON.parse(run(["--json", "-E", DRV]).out);
  assertEquals(document.version, 1);
  assertEquals(document.store, { mode: "none", added: [], alreadyValid: 0 });
  assertEquals(document.stats.derivations, 1);
});

Deno.test("instantiate tells what evaluation depended on", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "abc");
    const expr = `builtins.readFile ${path} + builtins.getEnv "X"`;
    const { inputs } = JSON.parse(run(["--json", "--env", "X=y", "-E", expr]).out);
    const hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const read = inputs.files.filter(({ op }: { op: string }) => op === "readFile");
    assertEquals(read, [{ op: "readFile", path, hash }]);
    assertEquals(inputs.env, [{ name: "X", value: "y" }]);
    assertEquals(inputs.fetched, []);
    assertStringIncludes(run(["--json", "-vv", "-E", expr]).err, `devenv readFile: '${path}'\n`);
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("instantiate tells of files that arguments were taken from", () => {
  const { code, out } = runFake(
    (process) => runCommand(INSTANTIATE, process),
    ["--dry-run", "--json", "-E", "{ a }: a", "--arg-from-file", "a", "x/../arg.txt"],
    { cwd: "/p", files: { "x/../arg.txt": "abc" } },
  );
  const hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assertEquals([code, JSON.parse(out).inputs.files], [0, [{ op: "readFile", path: "/p/arg.txt", hash }]]);
});

function inStore(args: readonly string[], test: (ran: Ran, dir: string) => void): void {
  const dir = Deno.makeTempDirSync();
  try {
    test(
      runFake((process) => runCommand(INSTANTIATE, process), ["--store", `local:${dir}/store`, ...args], { cwd: dir }),
      dir,
    );
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("instantiate writes derivations to the store before it prints them", () =>
  inStore(["-E", DRV], ({ code, out, err }, dir) => {
    assertEquals([code, out, err], [0, `${DRV_PATH}\n`, ""]);
    assertStringIncludes(Deno.readTextFileSync(`${dir}/store${DRV_PATH}`), `Derive([("dev","${DEV}"`);
  }));

Deno.test("instantiate finds stores whose folders' names aren't ASCII, to write to and to read", () => {
  const dir = Deno.makeTempDirSync();
  try {
    const store = ["--store", `local:${encodeUtf8(`${dir}/stöße ☃`)}`];
    const inIt = (expr: string, ...args: string[]) =>
      runFake((process) => runCommand(INSTANTIATE, process), [...store, ...args, "-E", expr], { cwd: dir });
    const { code, out, err } = inIt(DRV);
    assertEquals([code, out, err], [0, `${DRV_PATH}\n`, ""]);
    assertStringIncludes(Deno.readTextFileSync(`${dir}/stöße ☃${DRV_PATH}`), "Derive([");
    const again = inIt(`{ again = builtins.seq (builtins.readFile ${DRV_PATH}) (${DRV}); }`, "--json", "-A", "again");
    const { results, store: { mode, alreadyValid } } = JSON.parse(decodeUtf8Lossy(again.out));
    assertEquals([results[0].drvPath, mode, alreadyValid], [DRV_PATH, `local:${dir}/stöße ☃`, 1]);
    const dry = inIt(`builtins.seq (builtins.readFile ${DRV_PATH}) (${DRV})`, "--dry-run");
    assertEquals([dry.code, dry.out, dry.err], [0, `${DRV_PATH}\n`, ""]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("instantiate tells what it added, in order", () => {
  const expr = `derivation { name = "y"; system = "s"; builder = "/b"; a = ${DRV}; f = builtins.toFile "f" "text"; }`;
  inStore(["--json", "-E", expr], ({ code, out }, dir) => {
    const { results, store } = JSON.parse(out);
    assertEquals(code, 0);
    assertEquals([store.mode, store.alreadyValid], [`local:${dir}/store`, 0]);
    const [x, f, y] = store.added;
    assertEquals(store.added.length, 3);
    assertEquals(x, {
      path: DRV_PATH,
      kind: "drv",
      narHash: x.narHash,
      references: [],
    });
    assertEquals([f.path.slice(44), f.kind], ["f", "text"]);
    assertEquals([y.path, y.references], [results[0].drvPath, [DRV_PATH, f.path].sort()]);
  });
});

Deno.test("instantiate makes roots of its results", () => {
  const args = ["--json", "-E", `{ a = ${DRV}; s = "x\${${DRV}}"; n = 1; l = [ (${DRV}) ]; }`, "--add-root", "roots"];
  inStore([...args, ...["a", "s", "n", "l"].flatMap((name) => ["-A", name])], ({ code }, dir) => {
    assertEquals(code, 0);
    const links = [...Deno.readDirSync(`${dir}/roots`)].map((
      { name },
    ) => [name, Deno.readLinkSync(`${dir}/roots/${name}`)]);
    assertEquals(links.sort(), ["a", "l", "s"].map((name) => [name, DRV_PATH]));
    assertEquals([...Deno.readDirSync(`${dir}/store/nix/var/nix/gcroots/auto`)].length, 3);
  });
  inStore(
    ["-E", `{ a = ${DRV}; b = [ (${DRV}) (${DRV} // { other = 1; }) ]; }`, "--add-root", "roots"],
    ({ code }, dir) => {
      assertEquals([code, Deno.readLinkSync(`${dir}/roots/result`)], [0, DRV_PATH]);
    },
  );
});

Deno.test("instantiate takes no store path that isn't there", () => {
  const missing = "/nix/store/00000000000000000000000000000000-x";
  const uses = [`builtins.storePath "${missing}"`, `builtins.appendContext "" { "${missing}".path = true; }`];
  for (const use of uses) {
    inStore(["-E", `builtins.seq (${use}) (${DRV})`], ({ code, err }) => {
      assertEquals(code, 5);
      assertStringIncludes(err, `path '${missing}' is required, but there is no substituter that can build it`);
    });
  }
  const there = 'builtins.storePath "${builtins.toFile "y" "y"}"';
  inStore(["-E", `builtins.seq (${there}) (${DRV})`], ({ code }) => assertEquals(code, 0));
});

Deno.test("instantiate ends with 4 if the store can't be written to", () => {
  for (
    const [store, message] of [
      ["local:/dev/null/xÿ", 'Cannot create store directory "/dev/null/xÿ/nix/store": not a directory'],
      ["unix:/nonexistent/söckel", 'Cannot connect to Nix daemon at "/nonexistent/söckel": no such file or directory'],
    ]
  ) {
    const args = ["--store", encodeUtf8(store), "--json", "-E", DRV];
    const ran = runFake((process) => runCommand(INSTANTIATE, process), args);
    assertEquals(ran.code, 4);
    assertStringIncludes(ran.err, encodeUtf8(message));
    const { error } = JSON.parse(decodeUtf8Lossy(ran.out)).store;
    assertEquals([error.type, error.message], ["store", message]);
  }
});

Deno.test("instantiate says once that the store can't be written to, whoever comes upon it", () => {
  // More than the background takes before it has looked at the store.
  const many = `builtins.deepSeq (builtins.genList (i: (derivation {
    name = "a\${toString i}";
    system = "x";
    builder = "b";
  }).drvPath) 20000)`;
  const ran = runFake((process) => runCommand(INSTANTIATE, process), [
    "--store",
    "local:/dev/null/x",
    "--json",
    "-E",
    `${many} (${DRV})`,
  ]);
  const { results, store } = JSON.parse(ran.out);
  assertEquals([ran.code, results[0].error.type, store.error.type], [4, "store", "store"]);
  assertEquals(ran.err.match(/Cannot create store directory/g)?.length, 1);
});

Deno.test("instantiate writes nothing with --dry-run", () =>
  inStore(["--dry-run", "-E", DRV], ({ code, out }, dir) => {
    assertEquals([code, out], [0, `${DRV_PATH}\n`]);
    assertEquals([...Deno.readDirSync(dir)], []);
  }));
