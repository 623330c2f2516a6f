import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runFake } from "./_test_process.ts";
import { CACHE_INFO, CACHE_PRUNE, CACHE_VERIFY } from "./cache.ts";
import { type CommandSpec, runCommand } from "./command.ts";
import { EVAL } from "./eval.ts";
import { FETCH } from "./fetch.ts";
import { INSTANTIATE } from "./instantiate.ts";

const ARCHIVES = new URL("../testdata/fetch/archives/", import.meta.url);
const TARBALL = `file://${ARCHIVES.pathname}plain.tar.gz`;
const ZIP = `file://${ARCHIVES.pathname}plain.zip`;
/** As C++ Nix has it. */
const EXPECTED: Record<string, { narHash: string; lastModified: number }> =
  JSON.parse(Deno.readTextFileSync(new URL("expected.json", ARCHIVES))).trees;
const { narHash, lastModified } = EXPECTED["plain.tar.gz"];

type Run = (spec: CommandSpec, args: readonly string[]) => ReturnType<typeof runFake>;

// The C library stays loaded (lib/io): Deno 2.6 takes that for a leak.
function test(name: string, body: (run: Run, dir: string) => void): void {
  Deno.test({
    name,
    sanitizeResources: false,
    async fn() {
      const dir = await Deno.makeTempDir({ prefix: "devix-fetch-" });
      const files: Record<string, string> = {};
      const run: Run = (spec, args) => {
        for (const { name } of Deno.readDirSync(dir)) {
          if (name.endsWith(".lock")) files[name] = Deno.readTextFileSync(`${dir}/${name}`);
        }
        // Local repositories are cloned like others.
        const options = { env: { XDG_CACHE_HOME: dir, _NIX_FORCE_HTTP: "1" }, files, cwd: dir };
        return runFake((process) => runCommand(spec, process), args, options);
      };
      try {
        body(run, dir);
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

test("fetch prints hash and path, and what is known of it as JSON", (run) => {
  const { code, out, err } = run(FETCH, [TARBALL]);
  assertEquals([code, err], [0, `unpacking '${TARBALL}'...\n`]);
  assert(out.startsWith(`${narHash}  /nix/store/`) && out.endsWith("-source\n"), out);
  const json = run(FETCH, ["--json", JSON.stringify({ type: "tarball", url: TARBALL })]);
  assertEquals(json.err, "");
  const { fetched: [{ attrs, outPath, fromCache, ...rest }] } = JSON.parse(json.out);
  assertEquals(attrs, { type: "tarball", url: TARBALL, narHash, lastModified });
  assertEquals([fromCache, rest.narHash, rest.lastModified], [true, narHash, lastModified]);
  assertEquals(out, `${narHash}  ${outPath}\n`);
});

function lockFile(tarballHash: string): string {
  const node = (url: string, rest: Record<string, unknown> = {}) => ({
    locked: { type: "tarball", url, ...rest },
    original: { type: "tarball", url },
  });
  return JSON.stringify({
    version: 7,
    root: "root",
    nodes: {
      root: { inputs: { one: "a", two: "b", same: ["one"] } },
      a: { ...node(TARBALL, { narHash: tarballHash }), inputs: { inner: "c", again: "b" } },
      b: { ...node(ZIP, { narHash: EXPECTED["plain.zip"].narHash }), flake: false },
      c: {
        locked: { type: "path", path: "./sub" },
        original: { type: "path", path: "./sub" },
        parent: ["one"],
      },
    },
  });
}

test("fetch --lock fetches each input once, or those that are named", (run, dir) => {
  Deno.writeTextFileSync(`${dir}/x.lock`, lockFile(narHash));
  const all = run(FETCH, ["--lock", "x.lock"]);
  assertEquals(all.code, 0, all.err);
  assertEquals(all.out.split("\n").map((line) => line.split("  ")[0]), ["one", "one/again", ""]);
  assertStringIncludes(all.err, "input 'one/inner' is a path relative to another one: there is nothing to fetch");
  const one = run(FETCH, ["--lock", "x.lock", "--input", "same", "--input", "one/again"]);
  assertEquals(one.out.split("\n").map((line) => line.split("  ")[0]), ["same", "one/again", ""]);
  const none = run(FETCH, ["--lock", "x.lock", "--input", "three"]);
  assertEquals(none.code, 2);
  assertStringIncludes(none.err, "'x.lock' has no input 'three'; there are one, same, two");
});

test("fetch --lock takes paths that nothing is known of, as devenv locks them", (run, dir) => {
  Deno.mkdirSync(`${dir}/tree`);
  const path = { type: "path", path: `${dir}/tree` };
  const nodes = { root: { inputs: { tree: "tree" } }, tree: { locked: path, original: path } };
  Deno.writeTextFileSync(`${dir}/x.lock`, JSON.stringify({ version: 7, root: "root", nodes }));
  const { code, out, err } = run(FETCH, ["--lock", "x.lock"]);
  assertEquals([code, err], [0, ""]);
  assertEquals(out.split("  ")[0], "tree");
});

test("fetch goes on after a failure, shows both hashes of a mismatch and keeps nothing of it", (run, dir) => {
  const wrong = `sha256-${"A".repeat(43)}=`;
  Deno.writeTextFileSync(`${dir}/x.lock`, lockFile(wrong));
  const { code, out, err } = run(FETCH, ["--lock", "x.lock", "--json"]);
  assertEquals(code, 3);
  assertStringIncludes(err, `expected '${wrong}' but got '${narHash}'`);
  const [failed, fetched] = JSON.parse(out).fetched;
  assertEquals([failed.name, failed.error.type, fetched.narHash], ["one", "fetch", EXPECTED["plain.zip"].narHash]);
  assertEquals(JSON.parse(run(CACHE_INFO, ["--json"]).out).trees, 1);
});

test("fetch says what is wrong with what it is given", (run, dir) => {
  Deno.writeTextFileSync(`${dir}/damaged.lock`, "damaged");
  for (
    const [args, code, message] of [
      [[], 2, "nothing to fetch"],
      [["--input", "x", TARBALL], 2, "'--input' needs '--lock'"],
      [["{"], 2, "cannot read attributes: [json.exception.parse_error.101] parse error at line 1, column 2:"],
      [['{"type":"nothing"}'], 5, "cannot fetch unsupported input"],
      [["--lock", "nowhere"], 3, "opening file 'nowhere': No such file or directory"],
      [
        ["--lock", "damaged.lock"],
        1,
        "Could not parse 'damaged.lock': [json.exception.parse_error.101] parse error at line 1, column 1: syntax error",
      ],
      [["file:///nowhere.tar.gz"], 3, "does not exist"],
      [["--offline", "http://127.0.0.1:1/x.tar.gz"], 3, "no network (--offline)"],
      [["--fetch-concurrency", "x", TARBALL], 2, "setting 'fetch-concurrency' has invalid value 'x'"],
    ] as const
  ) {
    const ran = run(FETCH, args);
    assertEquals([ran.code, ran.out], [code, ""], ran.err);
    assertStringIncludes(ran.err, message);
  }
});

test("fetch and cache say why a file can't be used, in the host's words", (run, dir) => {
  Deno.writeTextFileSync(`${dir}/file`, "");
  for (
    const [command, what] of [
      [CACHE_INFO, `create directory "${dir}/file/fetch"`],
      [CACHE_VERIFY, `read directory "${dir}/file/fetch/tmp"`],
      [CACHE_PRUNE, `read directory "${dir}/file/fetch/tmp"`],
    ] as const
  ) {
    const { code, err } = run(command, ["--cache-dir", `${dir}/file`]);
    assertEquals([code, err], [3, `error: Cannot ${what}: Not a directory\n`]);
  }
  if (Deno.uid() === 0) return;
  Deno.chmodSync(`${dir}/file`, 0);
  const { code, err } = run(FETCH, [`path:${dir}/file`]);
  assertEquals(code, 3);
  assertStringIncludes(err, `while fetching the input 'path:${dir}/file'`);
  assertStringIncludes(err, `opening file '${dir}/file': Permission denied\n`);
});

test("cache verify finds what was altered or is gone, and removes it", (run, dir) => {
  run(FETCH, [TARBALL, ZIP]);
  assertEquals(run(CACHE_VERIFY, []).code, 0);
  const trees = `${dir}/devix/fetch/trees`;
  const [first, second] = [...Deno.readDirSync(trees)].map(({ name }) => `${trees}/${name}`);
  const bytes = Deno.readFileSync(first);
  bytes[30] ^= 1;
  Deno.chmodSync(first, 0o644);
  Deno.writeFileSync(first, bytes);
  Deno.removeSync(second);
  const { code, out } = run(CACHE_VERIFY, ["--json"]);
  const { damaged, missing } = JSON.parse(out);
  assertEquals([code, damaged.length, missing.length], [1, 1, 1]);
  assertEquals(run(CACHE_VERIFY, []), { code: 0, out: "0 trees, 0 KiB: 0 damaged, 0 missing\n", err: "" });
});

test("cache prune removes what wasn't used", (run) => {
  run(FETCH, [TARBALL, ZIP]);
  assertStringIncludes(run(CACHE_PRUNE, []).out, "removed 0 trees");
  assertStringIncludes(run(CACHE_PRUNE, ["--max-size", "0"]).out, "removed 2 trees");
  assertStringIncludes(run(CACHE_INFO, []).out, "trees      0, 0 KiB\n");
  assertEquals(run(CACHE_PRUNE, ["--older-than", "soon"]).code, 2);
});

test("evaluation fetches, and instantiate tells what", (run) => {
  const expr = `let tree = fetchTarball "${TARBALL}"; in builtins.readFileType "${"$"}{tree}/run.sh"`;
  const { code, out, err } = run(EVAL, ["--json", "-E", expr]);
  assertEquals(code, 0, err);
  assertEquals(out, '"regular"\n');
  const document = JSON.parse(run(INSTANTIATE, ["--dry-run", "--json", "-E", `fetchTarball "${TARBALL}"`]).out);
  const [fetched] = document.inputs.fetched;
  assertEquals([fetched.narHash, fetched.outPath], [narHash, document.results[0].value]);
});

test("what has a hash and isn't read isn't fetched with --no-eager-fetch", (run) => {
  const expr = `fetchTarball { url = "${TARBALL}"; sha256 = "${narHash}"; }`;
  const none = `fetchTarball { url = "file:///nowhere.tar.gz"; sha256 = "${narHash}"; }`;
  const { code, out } = run(EVAL, ["--no-eager-fetch", "--json", "-E", `[ (${expr}) (${none}) ]`]);
  assertEquals([code, new Set(JSON.parse(out)).size], [0, 1]);
  assertEquals(JSON.parse(run(CACHE_INFO, ["--json"]).out).trees, 0);
  assertEquals(run(EVAL, ["--no-eager-fetch", "-E", `builtins.readFileType "${"$"}{${expr}}/run.sh"`]).code, 0);
  assertEquals(JSON.parse(run(CACHE_INFO, ["--json"]).out).trees, 1);
});

test("what is no URL is refused even if it has a hash and isn't read", (run) => {
  for (const [name, words] of [["fetchTarball", "'x' doesn't have"], ["builtins.fetchurl", "URL 'x' doesn't have"]]) {
    const { code, err } = run(EVAL, ["--no-eager-fetch", "-E", `${name} { url = "x"; sha256 = "${narHash}"; }`]);
    assertEquals(code, 1);
    assertStringIncludes(err, `error: ${words} a scheme`);
  }
});

test("the search path and file arguments may be URLs", (run) => {
  const { out } = run(EVAL, ["-I", `x=${TARBALL}`, "-E", "builtins.pathExists <x>"]);
  assertEquals(out, "true\n");
  const { code, err } = run(EVAL, [TARBALL]);
  assertEquals(code, 1);
  assertStringIncludes(err, "-source/default.nix' does not exist");
});

test("fetch clones a git repository anew when its clone is damaged", (run, dir) => {
  const git = (...args: string[]) => {
    const identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    const { success, stdout } = new Deno.Command("git", { args: ["-C", dir, ...identity, ...args] }).outputSync();
    assert(success, args.join(" "));
    return new TextDecoder().decode(stdout).trim();
  };
  git("init", "-q", "-b", "main", "repo");
  const commit = (text: string) => {
    Deno.writeTextFileSync(`${dir}/repo/file`, text);
    git("-C", "repo", "add", "file");
    git("-C", "repo", "commit", "-q", "-m", text);
    return git("-C", "repo", "rev-parse", "HEAD");
  };
  const url = `git+file://${dir}/repo?ref=main`;
  const objects = () => {
    const clones = `${dir}/devix/fetch/git`;
    const [name] = [...Deno.readDirSync(clones)].map(({ name }) => name);
    const files = [...Deno.readDirSync(`${clones}/${name}/objects`)].filter(({ name }) => name.length === 2)
      .flatMap(({ name: part }) =>
        [...Deno.readDirSync(`${clones}/${name}/objects/${part}`)].map((file) =>
          `${clones}/${name}/objects/${part}/${file.name}`
        )
      );
    assert(files.length > 0);
    for (const file of files) Deno.chmodSync(file, 0o644);
    return files;
  };
  const damages: readonly ((file: string) => void)[] = [
    (file) => Deno.truncateSync(file),
    (file) => Deno.writeTextFileSync(file, "damaged"),
    (file) => Deno.removeSync(file),
  ];
  commit("0");
  assertEquals(run(FETCH, [url]).code, 0);
  for (const [i, damage] of damages.entries()) {
    objects().forEach(damage);
    const rev = commit(String(i + 1));
    const { code, out, err } = run(FETCH, ["--tarball-ttl", "0", "--json", url]);
    assertEquals(code, 0, err);
    assertStringIncludes(out, rev);
  }
  // A tree that isn't in the cache, of a commit that should be in the clone.
  objects().forEach(damages[1]);
  const again = `${url}&rev=${git("-C", "repo", "rev-parse", "HEAD")}&exportIgnore=1`;
  const offline = run(FETCH, ["--offline", again]);
  assertEquals([offline.code, offline.out], [3, ""], offline.err);
  assertStringIncludes(offline.err, "is damaged\n");
  const online = run(FETCH, [again]);
  assertEquals(online.code, 0, online.err);
  assertStringIncludes(online.err, "is damaged; cloning anew");
});

test("fetch gets over locks that a git left behind when it was killed", (run, dir) => {
  const git = (...args: string[]) => {
    const identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    const { success } = new Deno.Command("git", { args: ["-C", dir, ...identity, ...args] }).outputSync();
    assert(success, args.join(" "));
  };
  git("init", "-q", "-b", "main", "repo");
  git("-C", "repo", "commit", "-q", "--allow-empty", "-m", "1");
  const url = `git+file://${dir}/repo?ref=`;
  assertEquals(run(FETCH, [`${url}main`]).code, 0);
  git("-C", "repo", "branch", "other");
  const clones = `${dir}/devix/fetch/git`;
  const [clone] = [...Deno.readDirSync(clones)].map(({ name }) => `${clones}/${name}`);
  for (const name of ["config", "HEAD", "packed-refs", "shallow", "refs/heads/other"]) {
    Deno.mkdirSync(`${clone}/${name.replace(/[^/]*$/, "")}`, { recursive: true });
    Deno.writeTextFileSync(`${clone}/${name}.lock`, "");
  }
  const { code, err } = run(FETCH, [`${url}other`]);
  assertEquals(code, 0, err);
});
