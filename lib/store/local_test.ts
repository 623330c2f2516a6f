import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { binaryToBytes } from "../format/bytes.ts";
import { printHash } from "../format/hash.ts";
import { narBytes, treeSource } from "../format/nar.ts";
import { NIX_OR_NONE, NIX_PROGRAMS, nixEnvironment, runNix, TestFolder } from "./_nix.ts";
import { DERIVATION, flatObject, sourceObject, textObject, TREE } from "./_contract.ts";
import { StoreError } from "./errors.ts";
import { LocalStore } from "./local.ts";
import { collectGarbage } from "./local/collect_garbage.ts";
import { verifyStore } from "./local/verify.ts";

function withStore(test: (store: LocalStore, root: string) => void | Promise<void>) {
  return async () => {
    const folder = new TestFolder();
    const store = LocalStore.open(`${folder.path}/root`);
    try {
      await test(store, `${folder.path}/root`);
    } finally {
      store.close();
      folder.close();
    }
  };
}

Deno.test(
  "LocalStore gives files Nix's modes and times whatever the umask",
  withStore((store) => {
    const source = sourceObject("tree", TREE);
    store.addSource(source);
    const root = store.realPath(source.path)!;
    for (const [name, mode] of [["", 0o555], ["/run", 0o555], ["/empty", 0o444], ["/dir/empty", 0o555]] as const) {
      const info = Deno.lstatSync(root + name);
      assertEquals([info.mode! & 0o7777, info.mtime!.getTime()], [mode, 1000], name);
    }
    assertEquals(Deno.lstatSync(`${root}/link`).mtime!.getTime(), 1000);
  }),
);

Deno.test(
  "LocalStore.nar() gives a tree back as it came, whatever its names",
  withStore((store) => {
    const source = sourceObject("tree", TREE);
    store.addSource(source);
    assertEquals(store.nar(source.path), narBytes(treeSource(TREE), ""));
  }),
);

Deno.test(
  "LocalStore replaces what lies at a path without being valid",
  withStore((store, root) => {
    const text = textObject("t", "right");
    const tree = sourceObject("tree", TREE);
    const [file, directory] = [text, tree].map(({ path }) => root + path);
    Deno.mkdirSync(`${file}/sub`, { recursive: true });
    Deno.writeTextFileSync(directory, "wrong");
    store.addText(text);
    store.addSource(tree);
    assertEquals([...verifyStore(store, { contents: true })], []);
    assertEquals(Deno.readTextFileSync(file), "right");
  }),
);

Deno.test(
  "LocalStore leaves nothing behind of what it refused",
  withStore((store, root) => {
    const source = sourceObject("tree", TREE);
    assertThrows(
      () => store.addSource({ ...source, dump: (sink) => sink(narBytes(treeSource(TREE), "").subarray(0, 500)) }),
      Error,
    );
    const failing = (sink: (chunk: Uint8Array) => void) => {
      sink(narBytes(treeSource(TREE), "").subarray(0, 500));
      throw new Error("unreadable");
    };
    assertThrows(() => store.addSource({ ...source, dump: failing }), Error, "unreadable");
    assertEquals([...Deno.readDirSync(`${root}/nix/store`)].map(({ name }) => name), [".links"]);
    assertEquals(store.isValid(source.path), false);
    store.addSource(source);
  }),
);

Deno.test(
  "LocalStore registers several paths at once or none",
  withStore((store) => {
    const [a, b] = [textObject("a", "a"), textObject("b", "b")];
    const adding = store.begin([a.path, b.path]);
    adding.text({ ...a, contents: binaryToBytes(a.contents) });
    assertEquals([adding.isMissing(a.path), adding.isMissing(b.path)], [false, true]);
    adding.abort();
    assertEquals(store.isValid(a.path), false);
    const again = store.begin([a.path, b.path]);
    for (const object of [a, b]) again.text({ ...object, contents: binaryToBytes(object.contents) });
    const added = again.commit().map(({ path, narHash }) => [path, printHash(narHash, "sri").length]);
    assertEquals(added, [[a.path, 51], [b.path, 51]]);
  }),
);

Deno.test("LocalStore.open() refuses a store of another schema version", () => {
  const folder = new TestFolder();
  Deno.mkdirSync(`${folder.path}/nix/var/nix/db`, { recursive: true });
  Deno.writeTextFileSync(`${folder.path}/nix/var/nix/db/schema`, "11");
  assertThrows(() => LocalStore.open(folder.path), StoreError, 'schema version is "11", not 10');
  folder.close();
});

Deno.test("LocalStore.open() says which directory can't be made", () => {
  const error = assertThrows(() => LocalStore.open("/dev/null/store"), StoreError);
  assertEquals(
    error.message,
    'Cannot create store directory "/dev/null/store/nix/store": not a directory',
  );
});

Deno.test(
  "verifyStore finds what is gone and what was changed",
  withStore((store) => {
    const [gone, changed, fine] = ["gone", "changed", "fine"].map((name) => textObject(name, name));
    for (const text of [gone, changed, fine]) store.addText(text);
    Deno.removeSync(store.realPath(gone.path)!);
    Deno.chmodSync(store.realPath(changed.path)!, 0o644);
    Deno.writeTextFileSync(store.realPath(changed.path)!, "else");
    const wrong = (contents: boolean) => [...verifyStore(store, { contents })].map(({ path }) => path);
    assertEquals(wrong(false), [gone.path]);
    assertEquals(wrong(true).sort(), [gone.path, changed.path].sort());
  }),
);

Deno.test("collectGarbage keeps what roots lead to and removes all else", () => {
  const folder = new TestFolder();
  const root = `${folder.path}/root`;
  const used = textObject("used", "u");
  const user = textObject("user", used.path, [used.path]);
  const unused = textObject("unused", "x");
  const direct = sourceObject("tree", TREE);
  const writer = LocalStore.open(root);
  for (const text of [used, user, unused]) writer.addText(text);
  writer.addSource(direct);
  writer.addRoot(`${folder.path}/result`, user.path);
  Deno.mkdirSync(`${root}/nix/var/nix/gcroots/sub`);
  Deno.symlinkSync(direct.path, `${root}/nix/var/nix/gcroots/sub/link`);
  Deno.writeTextFileSync(`${root}/nix/store/tmp-devix-1-2`, "left behind");
  assertEquals(collectGarbage(writer, { dryRun: true }).paths, [], "temporary roots of a process that is alive");
  writer.close();

  const store = LocalStore.open(root);
  assertEquals(collectGarbage(store, { dryRun: true }).paths, [unused.path]);
  const { paths, bytes } = collectGarbage(store);
  assertEquals([paths, bytes], [[unused.path], 12]);
  assertEquals(store.database.paths().length, 3);
  Deno.removeSync(`${folder.path}/result`);
  assertEquals(collectGarbage(store).paths, [used.path, user.path].sort());
  assertEquals([...verifyStore(store, { contents: true })], []);
  assertEquals([...Deno.readDirSync(`${root}/nix/store`)].length, 2);
  store.close();
  folder.close();
});

Deno.test("collectGarbage keeps what a process is about to add, and what it makes it from", () => {
  const folder = new TestFolder();
  const root = `${folder.path}/root`;
  const contents = `${root}/nix/store`;
  const store = LocalStore.open(root);
  const { path } = textObject("x", "not valid yet");
  const unheld = textObject("y", "of a process that ended").path;
  // What C++ Nix has at such a time.
  const temporary = `tmp-${Deno.pid}-0`;
  const roots = `${root}/nix/var/nix/temproots/${Deno.pid}`;
  const locked = [
    Deno.openSync(roots, { createNew: true, read: true, write: true }),
    (Deno.mkdirSync(`${contents}/${temporary}`), Deno.openSync(`${contents}/${temporary}`, { read: true })),
  ];
  for (const file of locked) file.lockSync(true);
  locked[0].writeSync(new TextEncoder().encode(`${path}\0`));
  const base = path.slice("/nix/store/".length);
  for (const name of [base, `${base}.chroot`]) Deno.mkdirSync(`${contents}/${name}/sub`, { recursive: true });
  for (const name of [`${base}.lock`, unheld.slice("/nix/store/".length)]) {
    Deno.writeTextFileSync(`${contents}/${name}`, "");
  }
  collectGarbage(store);
  const names = () => [...Deno.readDirSync(contents)].map(({ name }) => name).sort();
  assertEquals(names(), [".links", base, `${base}.chroot`, `${base}.lock`, temporary].sort());
  for (const file of locked) file.close();
  // Where Deno can't ask for locks, processes that are alive keep what is theirs.
  if ("tryLockSync" in Deno.FsFile.prototype) {
    collectGarbage(store);
    assertEquals(names(), [".links"]);
  }
  store.close();
  folder.close();
});

Deno.test("collectGarbage tells who is about to lock a list of temporary roots that it is gone", () => {
  const folder = new TestFolder();
  const store = LocalStore.open(folder.path);
  // No process has such a number.
  const list = `${folder.path}/nix/var/nix/temproots/99999999`;
  using opened = Deno.openSync(list, { createNew: true, read: true, write: true });
  collectGarbage(store);
  assertEquals(opened.statSync().size, 1);
  assertThrows(() => Deno.statSync(list), Deno.errors.NotFound);
  store.close();
  folder.close();
});

Deno.test("LocalStore can be written to by several processes at once", async () => {
  const folder = new TestFolder();
  const root = `${folder.path}/root`;
  const script = `
    import { LocalStore } from ${JSON.stringify(import.meta.resolve("./local.ts"))};
    import { textObject, sourceObject, TREE } from ${JSON.stringify(import.meta.resolve("./_contract.ts"))};
    const store = LocalStore.open(${JSON.stringify(root)});
    let before = [];
    for (let i = 0; i < 150; i++) {
      const text = textObject("t" + i, String(i), before);
      store.addText(text);
      if (i % 10 === 0) store.addSource(sourceObject("s" + i, TREE));
      before = [text.path];
    }
    store.close();`;
  await Deno.writeTextFile(`${folder.path}/writer.ts`, script);
  const args = ["run", "-A", "--no-check", `--config=${fromFileUrl(new URL("../../deno.json", import.meta.url))}`];
  const writers = Array.from(
    { length: 3 },
    () => new Deno.Command(Deno.execPath(), { args: [...args, `${folder.path}/writer.ts`] }).output(),
  );
  for (const { success, stderr } of await Promise.all(writers)) assert(success, new TextDecoder().decode(stderr));
  const store = LocalStore.open(root);
  assertEquals(store.database.paths().length, 165);
  assertEquals([...verifyStore(store, { contents: true })], []);
  const names = [...Deno.readDirSync(`${root}/nix/store`)].map(({ name }) => name);
  assertEquals(names.filter((name) => /lock|tmp/.test(name)), []);
  store.close();
  folder.close();
});

for (const nix of NIX_OR_NONE) {
  const ignore = NIX_PROGRAMS.length === 0;

  Deno.test({
    name: `LocalStore writes stores that Nix ${nix.version} reads, checks and writes to`,
    ignore,
    fn() {
      const folder = new TestFolder();
      const root = `${folder.path}/root`;
      const env = nixEnvironment(folder.path);
      const store = LocalStore.open(root);
      const tree = sourceObject("tree", TREE);
      const text = textObject("text", tree.path, [tree.path]);
      const drv = textObject("x.drv", DERIVATION);
      store.addSource(tree);
      store.addSource(flatObject("flat", "bytes"));
      store.addText(text);
      store.addText(drv);
      runNix(nix, ["nix-store", "--verify", "--check-contents"], { env });
      const requisites = runNix(nix, ["nix-store", "-q", "--requisites", text.path], { env });
      assertEquals(requisites.trim().split("\n"), [tree.path, text.path]);
      assertEquals(
        runNix(nix, ["nix-store", "-q", "--outputs", drv.path], { env }).trim(),
        /\/nix[^"]*/.exec(DERIVATION)![0],
      );
      // While it is open here.
      Deno.writeTextFileSync(`${folder.path}/added`, "by Nix");
      const added = runNix(nix, ["nix-store", "--add", `${folder.path}/added`], { env }).trim();
      assertEquals(store.isValid(added as typeof text.path), true);
      assertEquals(runNix(nix, ["nix-store", "--gc", "--print-dead"], { env }).trim().split("\n"), [added]);
      assertEquals([...verifyStore(store, { contents: true })], []);
      store.close();
      folder.close();
    },
  });
}
