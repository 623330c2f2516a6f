import { assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { DatabaseSync } from "node:sqlite";
import { lockDatabase } from "./blocking/_test_locked_database.ts";
import { loadPosixCalls } from "./io/_posix_calls.ts";
import { HostIO } from "./io/host.ts";
import { RecordingIO } from "./io/recording.ts";
import { ResultCache } from "./result_cache.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

/** A directory with a few files that were last touched a minute ago, and a cache beside it. */
class Rig {
  readonly root = Deno.makeTempDirSync();
  readonly dir = `${this.root}/p`;
  readonly cache: ResultCache;
  readonly env: Record<string, string> = { A: "1" };

  constructor(options: { maxBytes?: number } = {}) {
    this.write("a", "one");
    this.write("d/b", "two");
    Deno.symlinkSync("a", `${this.dir}/l`);
    this.age();
    this.cache = new ResultCache(`${this.root}/cache`, { getEnv: (name) => this.env[name] ?? "", ...options });
  }

  write(name: string, text: string): void {
    const path = `${this.dir}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }

  /** Modification times can be set back, change times can't: observations are said to begin in an hour instead. */
  age(): void {
    this.started = Date.now() + 3_600_000;
  }
  started = 0;

  /** Looks at the world as an evaluation would, and keeps an answer made from that. */
  keep(
    question: string,
    answer: string,
    look: (io: RecordingIO) => void = (io) => void io.readFile(`${this.dir}/a`),
  ): boolean {
    const io = new RecordingIO(new HostIO({ env: new Map(Object.entries(this.env)), inheritEnv: false }));
    look(io);
    return this.cache.keep(question, answer, { seen: io.observations, started: this.started });
  }

  [Symbol.dispose](): void {
    this.cache.close();
    Deno.removeSync(this.root, { recursive: true });
  }
}

Deno.test("ResultCache says why it can't keep an answer, not that there is nothing to undo then", () => {
  using rig = new Rig();
  rig.keep("q", "a");
  using db = new DatabaseSync(rig.cache.path);
  // As SQLite does by itself where the disk is full.
  db.exec("CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END");
  assertThrows(() => rig.keep("r", "b"), Error, "disk is full");
  assertEquals(rig.cache.lookup("q"), "a");
});

Deno.test("ResultCache has no answer to what it was never told", () => {
  using rig = new Rig();
  assertEquals(rig.cache.lookup("q"), undefined);
  rig.keep("q", "a");
  assertEquals([rig.cache.lookup("q"), rig.cache.lookup("r")], ["a", undefined]);
});

const CHANGES:
  readonly (readonly [what: string, look: (io: RecordingIO, dir: string) => void, change: (rig: Rig) => void])[] = [
    ["contents", (io, dir) => io.readFile(`${dir}/a`), (rig) => rig.write("a", "ONE")],
    ["contents of another size", (io, dir) => io.readFile(`${dir}/a`), (rig) => rig.write("a", "one more")],
    ["a file that goes", (io, dir) => io.readFile(`${dir}/a`), (rig) => Deno.removeSync(`${rig.dir}/a`)],
    ["the executable bit", (io, dir) => io.readFile(`${dir}/a`), (rig) => Deno.chmodSync(`${rig.dir}/a`, 0o755)],
    ["a new entry", (io, dir) => io.readDir(`${dir}/d`), (rig) => rig.write("d/new", "")],
    ["an entry of another type", (io, dir) => io.readDir(`${dir}/d`), (rig) => {
      Deno.removeSync(`${rig.dir}/d/b`);
      Deno.mkdirSync(`${rig.dir}/d/b`);
    }],
    ["something where there was nothing", (io, dir) => io.pathExists(`${dir}/none`), (rig) => rig.write("none", "")],
    [
      "nothing where there was something",
      (io, dir) => io.pathExists(`${dir}/a`),
      (rig) => Deno.removeSync(`${rig.dir}/a`),
    ],
    ["a symlink that leads elsewhere", (io, dir) => io.readFile(`${dir}/l`), (rig) => {
      Deno.removeSync(`${rig.dir}/l`);
      Deno.symlinkSync("d/b", `${rig.dir}/l`);
    }],
    ["a symlink in place of a directory", (io, dir) => io.readFile(`${dir}/d/b`), (rig) => {
      Deno.renameSync(`${rig.dir}/d`, `${rig.dir}/e`);
      Deno.symlinkSync("e", `${rig.dir}/d`);
    }],
    ["a variable", (io) => io.getEnv("A"), (rig) => void (rig.env.A = "2")],
    ["a variable that is set", (io) => io.getEnv("B"), (rig) => void (rig.env.B = "2")],
  ];

for (const [what, look, change] of CHANGES) {
  Deno.test(`ResultCache notices ${what}`, () => {
    using rig = new Rig();
    assertEquals(rig.keep("q", "a", (io) => look(io, rig.dir)), true);
    assertEquals(rig.cache.lookup("q"), "a");
    change(rig);
    assertEquals(rig.cache.lookup("q"), undefined);
  });
}

Deno.test("ResultCache doesn't mind what wasn't looked at", () => {
  using rig = new Rig();
  rig.keep("q", "a", (io) => {
    io.readFile(`${rig.dir}/a`);
    io.getEnv("A");
    io.pathExists(`${rig.dir}/d`);
  });
  rig.write("d/b", "other");
  rig.write("d/c", "new");
  rig.write("e", "new");
  rig.env.B = "2";
  assertEquals(rig.cache.lookup("q"), "a");
});

Deno.test("ResultCache reads a file again that was touched, and keeps the answer if it says the same", () => {
  using rig = new Rig();
  rig.keep("q", "a");
  rig.write("a", "one");
  assertEquals(rig.cache.lookup("q"), "a");
});

Deno.test("ResultCache takes no file by its times that could have changed while they were taken", () => {
  using rig = new Rig();
  rig.started = Date.now();
  rig.keep("q", "a");
  const { mtime, atime } = Deno.statSync(`${rig.dir}/a`);
  rig.write("a", "ONE");
  Deno.utimeSync(`${rig.dir}/a`, atime!, mtime!);
  assertEquals(rig.cache.lookup("q"), undefined);
});

Deno.test("ResultCache keeps several answers to one question, for worlds that come back", () => {
  using rig = new Rig();
  rig.keep("q", "one");
  rig.write("a", "2");
  rig.age();
  rig.keep("q", "two");
  assertEquals(rig.cache.lookup("q"), "two");
  rig.write("a", "one");
  assertEquals(rig.cache.lookup("q"), "one");
});

Deno.test("ResultCache keeps nothing made from what can't be checked", () => {
  using rig = new Rig();
  assertEquals(rig.keep("q", "a", (io) => io.readFile("/dev/null")), false);
  assertEquals(rig.keep("q", "a", (io) => io.pathExists(`${rig.dir}/\xff`)), false);
});

Deno.test("ResultCache keeps names that aren't ASCII", () => {
  using rig = new Rig();
  rig.write("\u00e9", "x");
  rig.age();
  assertEquals(rig.keep("q", "\u00e9\u{1f600}", (io) => io.readFile(`${rig.dir}/\xc3\xa9`)), true);
  assertEquals(rig.cache.lookup("q"), "\u00e9\u{1f600}");
  rig.write("\u00e9", "y");
  assertEquals(rig.cache.lookup("q"), undefined);
});

Deno.test("ResultCache stays within bounds, what was used last staying", () => {
  using rig = new Rig({ maxBytes: 40_000 });
  for (let i = 0; i < 30; i++) rig.keep(`q${i}`, `${i}`.padEnd(3000));
  const left = Array.from({ length: 30 }, (_, i) => rig.cache.lookup(`q${i}`) !== undefined);
  assertEquals([left[0], left[29]], [false, true]);
  assertEquals(left.filter(Boolean).length < 14, true);
});

Deno.test("ResultCache begins anew when its file is broken", () => {
  for (const damage of ["junk", "truncate"]) {
    using rig = new Rig();
    for (let i = 0; i < 50; i++) rig.keep(`q${i}`, "a".repeat(5000));
    rig.cache.close();
    const file = `${rig.root}/cache/answers-2.sqlite`;
    if (damage === "junk") Deno.writeTextFileSync(file, "junk".repeat(1000));
    else Deno.truncateSync(file, 20_000);
    assertEquals(rig.cache.lookup("q49"), undefined);
    assertEquals(rig.keep("q", "new"), true);
    assertEquals(rig.cache.lookup("q"), "new");
  }
});

Deno.test("ResultCache gives no answer that was damaged on disk", () => {
  using rig = new Rig();
  rig.keep("q", "an answer to remember");
  rig.cache.close();
  const file = `${rig.root}/cache/answers-2.sqlite`;
  const bytes = Deno.readFileSync(file);
  const at = new TextDecoder("latin1").decode(bytes).indexOf("an answer to remember");
  bytes[at] = 65;
  Deno.writeFileSync(file, bytes);
  assertEquals(rig.cache.lookup("q"), undefined);
});

const CHILD = `
import { ResultCache } from ${JSON.stringify(new URL("./result_cache.ts", import.meta.url).href)};

const [directory, name, count] = Deno.args;
const cache = new ResultCache(directory, { getEnv: () => "" });
const seen = { types: new Map(), contents: new Map(), listings: new Map(), links: new Map(), env: new Map() };
for (let i = 0; i < Number(count); i++) cache.keep(name + i, name + i, { seen, started: 0 });
`;

function child(rig: Rig, name: string, count: number): Deno.ChildProcess {
  const script = `${rig.root}/child.ts`;
  Deno.writeTextFileSync(script, CHILD);
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const args = ["run", "-A", "--no-check", "--config", config, script, `${rig.root}/cache`, name, String(count)];
  return new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).spawn();
}

Deno.test("ResultCache takes answers from several processes at once", async () => {
  using rig = new Rig();
  const children = ["x", "y", "z"].map((name) => child(rig, name, 40));
  assertEquals(await Promise.all(children.map(async (c) => (await c.status).code)), [0, 0, 0]);
  for (const name of ["x", "y", "z"]) {
    for (let i = 0; i < 40; i++) assertEquals(rig.cache.lookup(name + i), name + i);
  }
});

Deno.test("ResultCache waits for a process that makes its file at the same time", async () => {
  using rig = new Rig();
  Deno.mkdirSync(`${rig.root}/cache`);
  await lockDatabase(`${rig.root}/cache/answers-2.sqlite`, 200);
  assertEquals(rig.keep("q", "a"), true);
  assertEquals(rig.cache.lookup("q"), "a");
});

Deno.test("ResultCache survives a process killed while it writes", async () => {
  using rig = new Rig();
  const process = child(rig, "x", 1_000_000);
  const deadline = Date.now() + 30_000;
  while (rig.cache.lookup("x10") === undefined && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  process.kill("SIGKILL");
  await process.status;
  assertEquals(rig.cache.lookup("x5"), "x5");
  assertEquals(rig.keep("q", "a"), true);
  assertEquals(rig.cache.lookup("q"), "a");
});
