import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { pack, unpack } from "../cli/code_cache.ts";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { Fetcher } from "../lib/fetch/fetcher.ts";
import { DEFAULT_FETCH_SETTINGS } from "../lib/fetch/settings.ts";
import { printHash } from "../lib/format/hash.ts";
import { ownHome } from "../tests/own_home.ts";
import {
  asAscii,
  bundle,
  bundleWorker,
  hideImports,
  loadedByAll,
  renameWorkers,
  toScript,
  withoutModules,
} from "./bundle.ts";

const home = ownHome();

Deno.test("renameWorkers() lets workers be found beside the bundle", () => {
  assertEquals(
    renameWorkers('a(new URL("./background/worker.ts", import.meta.url).href, new URL("..", import.meta.url))'),
    'a(new URL("./lib_store_background_worker.js", import.meta.url).href, new URL("..", import.meta.url))',
  );
  assertEquals(
    renameWorkers('new URL("./fetch_worker.ts", import.meta.url)'),
    'new URL("./lib_fetch_fetch_worker.js", import.meta.url)',
  );
});

Deno.test("hideImports() hides what is imported later, and nothing else", () => {
  assertEquals(
    hideImports('import "./a.js";\nawait import("./b.js"); import("node:sqlite"); import(name);'),
    'import "./a.js";\nawait import("" + "./b.js"); import("node:sqlite"); import(name);',
  );
});

Deno.test("renameWorkers() fails if a worker wasn't bundled", () => {
  assertThrows(() => renameWorkers('new URL("./another.ts", import.meta.url)'), Error, "none of the workers");
});

Deno.test("loadedByAll() follows what is imported at once, from what every command loads", () => {
  const texts = new Map([
    ["cli.js", 'import {\n  a\n} from "./chunk-A.js";\nimport "./program-X.js";\n'],
    ["program-X.js", 'import "./chunk-B.js";\nawait import("./main-X.js");\nawait import("./script-X.js");\n'],
    ["script-X.js", 'import { Script } from "node:vm";\n'],
    ["main-X.js", 'import "./chunk-B.js";\nload(() => import("./store-Y.js"));\n'],
    ["chunk-A.js", 'export { b } from "./chunk-C.js";\nimport * as fs from "node:fs";\n'],
    ["chunk-B.js", ""],
    ["chunk-C.js", ""],
    ["chunk-D.js", 'import { DatabaseSync } from "node:sqlite";\n'],
    ["store-Y.js", 'import { d } from "./chunk-D.js";\n'],
  ]);
  const loaded = ["chunk-A.js", "chunk-B.js", "chunk-C.js", "cli.js", "main-X.js", "program-X.js"];
  assertEquals([...loadedByAll(texts)].sort(), loaded);
});

Deno.test("withoutModules() leaves nothing to a script that it can't have", () => {
  assertEquals(
    withoutModules('await import("./eval-X.js"), import("node:sqlite"), import(name), import.meta.url'),
    'await importModule("./eval-X.js"), importModule("node:sqlite"), import(name), importMeta.url',
  );
});

Deno.test("asAscii() changes nothing that is said", () => {
  const script = asAscii('const a = "«\u{1f600}»"; /* … */ `${a}…`;');
  assert(/^[\0-\x7f]*$/.test(script));
  assertEquals((0, eval)(script), "«\u{1f600}»…");
});

Deno.test("toScript() makes a function of a module", () => {
  const module = { exports: {} as Record<string, unknown> };
  const script = toScript('module.exports = { text: "«\u{1f600}»", url: importMeta.url, strict: this === undefined };');
  (0, eval)(script).call(undefined, undefined, module, { url: "file:///x" });
  assertEquals(module.exports, { text: "«\u{1f600}»", url: "file:///x", strict: true });
});

Deno.test("toScript() fails if a module of Node would be loaded at once", () => {
  toScript('var init = __esm({\n  fs = require("node:fs");\n});\n');
  assertThrows(() => toScript('var a;\nvar fs = __toESM(require("node:fs"));\n'), Error, "evaluation loads node:fs");
});

// Libraries for archives are CommonJS and loaded when needed: bundlers and runtimes differ in what that gives.
Deno.test("the bundled fetch worker reads archives of all kinds", async () => {
  const archives = new URL("../testdata/fetch/archives/", import.meta.url).href;
  const { trees } = JSON.parse(await Deno.readTextFile(new URL(`${archives}expected.json`)));
  const dir = await Deno.makeTempDir({ prefix: "devix-bundle-" });
  const worker = `file://${await bundleWorker("lib/fetch/fetch_worker.ts", dir)}`;
  const fetcher = new Fetcher({ settings: { ...DEFAULT_FETCH_SETTINGS, cacheDir: `${dir}/cache` }, worker });
  try {
    for (const name of ["plain.tar.gz", "plain.tar.bz2", "plain.tar.xz", "plain.tar.zst", "plain.zip"]) {
      const { narHash } = fetcher.wait({ kind: "tarball", url: `${archives}${name}`, name: "source" });
      assertEquals(printHash(narHash, "sri"), trees[name].narHash, name);
    }
  } finally {
    fetcher.close();
    await Deno.remove(dir, { recursive: true });
  }
});

/** A file with bytecode. */
interface CodeFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Another when it has been written again. */
  readonly inode: number | null;
}

// What is made of a bundle's script when it is damaged is in cli/code_cache_test.ts; here it is V8's turn.
Deno.test("a bundle's script finds the bytecode of its last run, and makes it anew if it can't be used", async (t) => {
  const dir = await Deno.makeTempDir({ prefix: "devix-bundle-" });
  // In a URL it looks different.
  const directory = `${dir}/a bundle% \u00f6`;
  const program = await bundle(directory);
  const folder = `${dir}/cache/devix/code`;
  const product = "6 * 7";
  const env = { DEVIX_CODE_CACHE: "1" };
  const run = async (args: readonly string[] = ["nix-instantiate", "--eval", "-E", product], code = 0) => {
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, program, ...args],
      env: { ...home, ...env, XDG_CACHE_HOME: `${dir}/cache`, NIX_CONF_DIR: "/nowhere", NO_COLOR: "1" },
    }).output();
    const [out, err] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(output.code, code, err);
    return { out, err };
  };
  const find = (): CodeFile => {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.length, 1, names.join(" "));
    const path = `${folder}/${names[0]}`;
    return { path, bytes: Deno.readFileSync(path), inode: Deno.statSync(path).ino };
  };
  /** Runs until nothing is written any more: on a busy machine a run may seem to be a long one, the first of its kind. */
  const settle = async () => {
    for (let i = 0; i < 6; i++) {
      const before = find();
      assertEquals((await run()).out, "42\n");
      if (find().inode === before.inode) return before;
    }
    throw new Error("every run writes it anew");
  };
  try {
    await t.step("its files are ASCII", async () => {
      for await (const { name } of Deno.readDir(directory)) {
        const isAscii = (await Deno.readFile(`${directory}/${name}`)).every((byte) => byte < 0x80);
        assert(isAscii, name);
      }
    });
    await t.step("it is the same each time", async () => {
      const other = `${dir}/other`;
      await bundle(other);
      for await (const { name } of Deno.readDir(other)) {
        assert(await Deno.readTextFile(`${directory}/${name}`) === await Deno.readTextFile(`${other}/${name}`), name);
      }
    });
    await t.step("what most runs use is compiled with its file", async () => {
      const files = [...Deno.readDirSync(directory)].filter(({ name }) => /^(?:start|evaluate)\.js$/.test(name));
      const texts = await Promise.all(files.map(({ name }) => Deno.readTextFile(`${directory}/${name}`)));
      assert(texts.join("").split("{ value: (function").length > 100);
    });
    await t.step("its nix-wrapper finds it", async () => {
      await run(["nix-wrapper", `${dir}/wrapper`]);
      const nix = new Deno.Command(`${dir}/wrapper/bin/nix`, { args: ["--version"], env: home });
      const { success, stderr } = await nix.output();
      const said = new TextDecoder().decode(stderr);
      // Where there is Nix, it is asked.
      assert(success || said.includes("there is no 'nix' on the PATH"), said);
    });
    await t.step("a run uses what the one before has written", async () => {
      assertEquals((await run()).out, "42\n");
      const { commands, bytecode } = unpack((await settle()).bytes)!;
      assertEquals(commands, ["nix-instantiate"]);
      assert(bytecode.length > 100_000, `${bytecode.length} bytes`);
      assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
    });
    await t.step("what a command does for the first time is added", async () => {
      const { out } = await run(["eval", "--no-eval-cache", "-E", product]);
      assertEquals(out, "42\n");
      assertEquals(unpack(find().bytes)!.commands, ["nix-instantiate", "eval"]);
    });
    const whole = await settle();
    const damages: readonly (readonly [name: string, bytes: Uint8Array])[] = [
      ["empty", new Uint8Array()],
      ["cut", whole.bytes.subarray(0, whole.bytes.length / 2)],
      ["another bit in the middle", whole.bytes.map((byte, i) => i === whole.bytes.length >> 1 ? byte ^ 8 : byte)],
      ["something else", new TextEncoder().encode("x".repeat(whole.bytes.length))],
      [
        "another V8's",
        pack({
          ...unpack(whole.bytes)!,
          bytecode: unpack(whole.bytes)!.bytecode.map((byte, i) => i === 4 ? byte ^ 1 : byte),
        }),
      ],
    ];
    for (const [name, bytes] of damages) {
      await t.step(`a file that is ${name} is replaced`, async () => {
        await Deno.writeFile(whole.path, bytes);
        const { inode } = find();
        assertEquals((await run()).out, "42\n");
        const { bytes: made, inode: other } = find();
        assert(inode !== other);
        assertEquals(unpack(made)!.commands, ["nix-instantiate"]);
        await settle();
      });
    }
    await t.step("a folder in its place is left alone", async () => {
      await Deno.remove(whole.path);
      await Deno.mkdir(whole.path);
      assertEquals((await run()).out, "42\n");
      await Deno.remove(whole.path);
    });
    await t.step("where nothing can be written nothing is", async () => {
      await Deno.chmod(folder, 0o777);
      assertEquals((await run()).out, "42\n");
      assertEquals([...Deno.readDirSync(folder)], []);
      await Deno.chmod(folder, 0o700);
    });
    await t.step("errors are the same, and workers are found", async () => {
      assertStringIncludes(
        (await run(["nix-instantiate", "--eval", "-E", `throw "no" # ${product}`], 1)).err,
        "error: no",
      );
      const archive = new URL("../testdata/fetch/archives/plain.tar.gz", import.meta.url).href;
      const expr = `builtins.readFileType (builtins.fetchTarball "${archive}")`;
      assertEquals((await run(["nix-instantiate", "--eval", "-E", expr])).out, '"directory"\n');
      assertEquals(unpack(find().bytes)!.commands, ["nix-instantiate"]);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
