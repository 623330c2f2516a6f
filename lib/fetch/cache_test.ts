import { assert, assertEquals, assertThrows } from "@std/assert";
import { lockDatabase } from "../blocking/_test_locked_database.ts";
import { hashTree } from "./archive/unpack.ts";
import { DatabaseSync } from "node:sqlite";
import { FetchCache, INDEX_FILE } from "./cache.ts";
import { FetchError } from "./errors.ts";
import { endSession } from "./scratch.ts";
import { TreeFile } from "./tree_file.ts";
import { TreeWriter } from "./tree_writer.ts";

const SESSION = `${Deno.pid}-test`;

async function withCache(test: (cache: FetchCache, clock: { now: number }) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "devix-cache-" });
  const clock = { now: 1000 };
  const cache = new FetchCache(`${dir}/cache`, { now: () => clock.now, session: SESSION });
  try {
    await test(cache, clock);
  } finally {
    cache.close();
    await Deno.remove(dir, { recursive: true });
  }
}

async function addText(cache: FetchCache, text: string) {
  const path = cache.scratchPath();
  const writer = new TreeWriter(path);
  writer.file("file", { executable: false });
  writer.contents(new TextEncoder().encode(text));
  await writer.finish().synced;
  const { hash, size } = await hashTree(path);
  return await cache.addTree(path, { narHash: hash, narSize: size });
}

function readText(path: string): string {
  const tree = TreeFile.open(path);
  try {
    return new TextDecoder().decode(tree.readFile("/file") as Uint8Array);
  } finally {
    tree.close();
  }
}

Deno.test("FetchCache keeps trees by their hash", () =>
  withCache(async (cache) => {
    const added = await addText(cache, "hello");
    assertEquals(cache.tree(added.narHash), added);
    assertEquals(await addText(cache, "hello"), added);
    assertEquals(readText(added.path), "hello");
    assertEquals(cache.info().trees, 1);
  }));

Deno.test("FetchCache waits for a process that makes its index at the same time", () =>
  withCache(async (cache) => {
    Deno.mkdirSync(cache.dir);
    await lockDatabase(`${cache.dir}/${INDEX_FILE}`, 200);
    assertEquals(cache.info().trees, 0);
  }));

Deno.test("FetchCache drops trees that were altered, and those that are gone", () =>
  withCache(async (cache) => {
    const { path, narHash } = await addText(cache, "hello");
    const bytes = Deno.readFileSync(path);
    bytes[20] ^= 1;
    Deno.chmodSync(path, 0o644);
    Deno.writeFileSync(path, bytes);
    assertEquals(cache.tree(narHash), undefined);
    assertEquals(cache.info().trees, 0);
    await addText(cache, "hello");
    Deno.removeSync(path);
    assertEquals(cache.tree(narHash), undefined);
  }));

const OTHERS: readonly [what: string, make: (path: string) => void][] = [
  ["a symlink to itself", (path) => Deno.symlinkSync(path, path)],
  ["a symlink to nowhere", (path) => Deno.symlinkSync("/nowhere/file", path)],
  ["a folder", (path) => Deno.mkdirSync(`${path}/folder`, { recursive: true })],
  ["a pipe", (path) => void new Deno.Command("mkfifo", { args: [path] }).outputSync()],
];

for (const [what, make] of OTHERS) {
  Deno.test(`FetchCache makes a tree anew where there is ${what} instead`, () =>
    withCache(async (cache) => {
      const added = await addText(cache, "hello");
      const replace = () => {
        Deno.removeSync(added.path);
        make(added.path);
      };
      replace();
      assertEquals(cache.tree(added.narHash), undefined);
      assertEquals(await addText(cache, "hello"), added);
      assertEquals(readText(added.path), "hello");
      replace();
      const { trees, damaged, missing } = await cache.verify();
      assertEquals([trees, damaged.length, missing.length], [0, 1, 1]);
      assertEquals(await addText(cache, "hello"), added);
    }));
}

Deno.test("FetchCache takes in trees that the index doesn't know", () =>
  withCache(async (cache) => {
    const added = await addText(cache, "hello");
    cache.close();
    Deno.removeSync(`${cache.dir}/${INDEX_FILE}`);
    assertEquals(cache.tree(added.narHash), added);
  }));

Deno.test("FetchCache begins its index anew when it is damaged", () =>
  withCache(async (cache) => {
    cache.note("url", "x", 1);
    cache.close();
    Deno.writeTextFileSync(`${cache.dir}/${INDEX_FILE}`, "this is not a database, whatever its name says ".repeat(100));
    assertEquals(cache.fact("url", "x"), undefined);
    cache.note("url", "x", 2);
    assertEquals(cache.fact("url", "x")?.value, 2);
    await Promise.resolve();
  }));

/** Changes what the index has, behind its back. */
function damageIndex(cache: FetchCache, sql: string): void {
  const db = new DatabaseSync(`${cache.dir}/${INDEX_FILE}`);
  db.exec(sql);
  db.close();
}

Deno.test("FetchCache doesn't believe facts that aren't what was noted", () =>
  withCache(async (cache) => {
    const fact = () => cache.fact("url", "x")?.value;
    const damages = ["value = '2'", "value = '{'", "time = 2000", "sum = ''"];
    for (const damage of damages) {
      cache.note("url", "x", 1);
      assertEquals(fact(), 1);
      damageIndex(cache, `update facts set ${damage}`);
      assertEquals(fact(), undefined);
    }
    damageIndex(cache, "update facts set key = 'y', value = '1', time = 1000");
    assertEquals(cache.fact("url", "y"), undefined);
    assertEquals(cache.info().facts, 1);
    cache.prune({});
    assertEquals(cache.info().facts, 0);
    await Promise.resolve();
  }));

Deno.test("FetchCache doesn't believe rows of trees that were damaged", () =>
  withCache(async (cache) => {
    const added = await addText(cache, "hello");
    damageIndex(cache, "update trees set nar_size = 1");
    assertEquals(cache.tree(added.narHash), added);
    damageIndex(cache, "update trees set hash = 'sha256-nonsense'");
    assertEquals(cache.tree(added.narHash), added);
    assertEquals(cache.verify().missing, ["sha256-nonsense"]);
    damageIndex(cache, "update trees set hash = 'sha256-nonsense'");
    assertEquals(cache.prune({ olderThan: 0 }).trees, 1);
  }));

Deno.test("FetchCache begins its index anew when its tables have other columns", () =>
  withCache(async (cache) => {
    cache.note("url", "x", 1);
    cache.close();
    damageIndex(cache, "alter table facts rename column value to walue");
    cache.note("url", "x", 2);
    assertEquals(cache.fact("url", "x")?.value, 2);
    await Promise.resolve();
  }));

Deno.test("FetchCache begins its index anew when something else lies in its place", () =>
  withCache(async (cache) => {
    Deno.mkdirSync(cache.dir);
    for (const suffix of ["", "-wal", "-shm"]) {
      const path = `${cache.dir}/${INDEX_FILE}${suffix}`;
      for (const make of [() => Deno.mkdirSync(path), () => Deno.symlinkSync(path, path)]) {
        make();
        cache.note("url", "x", suffix);
        assertEquals(cache.fact("url", "x")?.value, suffix);
        cache.close();
        for (const { name } of Deno.readDirSync(cache.dir)) Deno.removeSync(`${cache.dir}/${name}`);
      }
    }
    await Promise.resolve();
  }));

Deno.test("FetchCache leaves the indices of other versions alone", () =>
  withCache(async (cache) => {
    Deno.mkdirSync(cache.dir, { recursive: true });
    const others = ["index.sqlite", "index-0.sqlite", "index-999.sqlite"];
    for (const name of others) {
      const db = new DatabaseSync(`${cache.dir}/${name}`);
      db.exec("pragma user_version = 999");
      db.close();
    }
    const added = await addText(cache, "hello");
    cache.note("url", "x", 1);
    cache.close();
    assertEquals(cache.tree(added.narHash), added);
    cache.prune({ olderThan: 0 });
    for (const name of others) {
      const db = new DatabaseSync(`${cache.dir}/${name}`);
      assertEquals(db.prepare("pragma user_version").get()!.user_version, 999);
      db.close();
    }
    const left = [...Deno.readDirSync(cache.dir)].map(({ name }) => name);
    assertEquals(left.filter((name) => name.endsWith(".damaged")), []);
  }));

Deno.test("FetchCache remembers facts and when it learnt them", () =>
  withCache(async (cache, clock) => {
    cache.note("url", "x", { a: 1 });
    const fact = cache.fact<{ a: number }>("url", "x")!;
    assertEquals(fact, { value: { a: 1 }, time: 1000 });
    assertEquals(cache.fact("other", "x"), undefined);
    clock.now += 60;
    assert(cache.isFresh(fact, 60));
    assert(!cache.isFresh(fact, 59));
    assert(!cache.isFresh(fact, 0));
    await Promise.resolve();
  }));

Deno.test("FetchCache removes its scratch files, and those of processes that are gone", () =>
  withCache(async (cache) => {
    Deno.mkdirSync(`${cache.dir}/tmp/999999999-x`, { recursive: true });
    Deno.mkdirSync(`${cache.dir}/tmp/${Deno.pid}-other`);
    Deno.writeTextFileSync(cache.scratchPath(), "x");
    const names = () => [...Deno.readDirSync(`${cache.dir}/tmp`)].length;
    assertEquals(names(), Deno.build.os === "linux" ? 2 : 3);
    endSession(cache.dir, SESSION);
    assertEquals(names(), Deno.build.os === "linux" ? 1 : 2);
    await Promise.resolve();
  }));

Deno.test("FetchCache says each time that there can be no scratch files", () =>
  withCache(async (cache) => {
    Deno.mkdirSync(cache.dir);
    Deno.writeTextFileSync(`${cache.dir}/tmp`, "");
    for (const _ of [1, 2]) assertThrows(() => cache.scratchPath(), FetchError, "Cannot create directory");
    await Promise.resolve();
  }));

Deno.test("FetchCache.exclusively() waits for no pipe", () =>
  withCache(async (cache) => {
    await cache.exclusively("key", () => Promise.resolve());
    const [lock] = [...Deno.readDirSync(`${cache.dir}/locks`)].map(({ name }) => `${cache.dir}/locks/${name}`);
    Deno.removeSync(lock);
    new Deno.Command("mkfifo", { args: [lock] }).outputSync();
    assertEquals(await cache.exclusively("key", () => Promise.resolve("done")), "done");
  }));

Deno.test("FetchCache.exclusively() lets one at a time", () =>
  withCache(async (cache) => {
    let inside = 0;
    let peak = 0;
    await Promise.all([1, 2, 3].map(() =>
      cache.exclusively("key", async () => {
        peak = Math.max(peak, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 10));
        inside--;
      })
    ));
    assertEquals(peak, 1);
  }));

Deno.test("FetchCache.verify() finds damaged, missing and foreign files", () =>
  withCache(async (cache) => {
    const good = await addText(cache, "good");
    const bad = await addText(cache, "bad");
    const gone = await addText(cache, "gone");
    Deno.chmodSync(bad.path, 0o644);
    Deno.truncateSync(bad.path, 100);
    Deno.removeSync(gone.path);
    Deno.writeTextFileSync(`${cache.dir}/trees/README`, "x");
    const check = await cache.verify();
    assertEquals([check.trees, check.damaged.length, check.missing.length], [1, 2, 1]);
    const again = await cache.verify();
    assertEquals([again.trees, again.damaged, again.missing], [1, [], []]);
    assertEquals(cache.tree(good.narHash), good);
  }));

Deno.test("FetchCache.prune() removes what wasn't used, and facts that lead there", () =>
  withCache(async (cache, clock) => {
    const old = await addText(cache, "old");
    cache.note("url", "old", { narHash: "sha256-x" });
    clock.now += 1000;
    const young = await addText(cache, "young");
    assertEquals(cache.prune({ olderThan: 500 }).trees, 1);
    assertEquals(cache.tree(old.narHash), undefined);
    assert(cache.tree(young.narHash) !== undefined);
    assertEquals(cache.fact("url", "old"), undefined);
    assertEquals(cache.prune({ maxBytes: 0 }).trees, 1);
    assertEquals(cache.info().trees, 0);
  }));

Deno.test("FetchCache.prune() counts clones and removes what is longest unused, but nothing in use", () =>
  withCache(async (cache, clock) => {
    clock.now = 2_000_000_000;
    const clone = (name: string, size: number, age: number) => {
      const path = cache.repositoryPath("git", name);
      Deno.mkdirSync(`${path}/objects`, { recursive: true });
      Deno.writeFileSync(`${path}/objects/pack`, new Uint8Array(size));
      for (const at of ["/objects", ""]) Deno.utimeSync(path + at, clock.now - age, clock.now - age);
      return path;
    };
    const exists = (paths: readonly string[]) =>
      paths.map((path) => [...Deno.readDirSync(`${cache.dir}/git`)].some(({ name }) => path.endsWith(name)));
    const clones = [clone("busy", 50_000, 10), clone("recent", 30_000, 1000), clone("old", 20_000, 5000)];
    clock.now -= 3000;
    const tree = await addText(cache, "x".repeat(10_000));
    clock.now += 3000;
    const size = cache.info().bytes;

    // The busy one doesn't count.
    assertEquals(cache.prune({ maxBytes: 50_000 + size }), { trees: 0, repositories: 0, bytes: 0 });
    assertEquals(cache.prune({ maxBytes: 49_999 + size }), { trees: 0, repositories: 1, bytes: 20_000 });
    assertEquals(exists(clones), [true, true, false]);
    assertEquals(cache.prune({ maxBytes: 30_000 }), { trees: 1, repositories: 0, bytes: size });
    assertEquals(cache.tree(tree.narHash), undefined);
    assertEquals(cache.prune({ maxBytes: 0 }), { trees: 0, repositories: 1, bytes: 30_000 });
    assertEquals(exists(clones), [true, false, false]);
    clock.now += 700;
    assertEquals(cache.prune({ olderThan: 650 }), { trees: 0, repositories: 1, bytes: 50_000 });
  }));

Deno.test("FetchCache.repositoryPath() tells that a clone is used", () =>
  withCache(async (cache) => {
    const path = cache.repositoryPath("git", "x");
    Deno.mkdirSync(path);
    Deno.utimeSync(path, 1, 1);
    cache.repositoryPath("git", "x");
    assert(Date.now() - Deno.statSync(path).mtime!.getTime() < 60_000);
    await Promise.resolve();
  }));
