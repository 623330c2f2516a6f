import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Script } from "node:vm";
import { type Code, isNews, pack, place, readCode, unpack, writeCode } from "./code_cache.ts";

const CODE: Code = {
  program: "devix 1",
  commands: ["eval", "ö"],
  long: true,
  since: 1e12,
  bytecode: Uint8Array.from({ length: 1001 }, (_, i) => (i * 7) & 255),
};

function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "devix-code-" });
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("unpack() gives back what pack() was given", () => {
  assertEquals(unpack(pack(CODE)), CODE);
  assertEquals(unpack(pack({ ...CODE, bytecode: new Uint8Array() }))?.bytecode.length, 0);
});

Deno.test("unpack() takes nothing that is damaged", () => {
  const bytes = pack(CODE);
  // The last of the four unused header bytes too: all is summed up.
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] ^= 1 << (at & 7);
    assertEquals(unpack(damaged), undefined, `byte ${at}`);
  }
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(unpack(bytes.slice(0, length)), undefined, `${length} bytes`);
  }
  assertEquals(unpack(new Uint8Array(bytes.length + 16)), undefined);
});

Deno.test("place() tells programs apart", () => {
  const names = ["", "a", "b", "ab", "ba", "\0a", "a".repeat(100)].map((program) => place("/f", program));
  assertEquals(new Set(names).size, names.length);
  for (const name of names) assert(/^\/f\/[0-9a-f]{32}$/.test(name), name);
});

Deno.test("readCode() gives back what writeCode() was given, and to its program only", () =>
  inFolder((folder) => {
    const path = place(folder, CODE.program);
    assertEquals(readCode(path, CODE.program), undefined);
    writeCode(path, CODE);
    const { written, ...code } = readCode(path, CODE.program)!;
    assertEquals(code, CODE);
    assert(Math.abs(Date.now() - written) < 60_000);
    assertEquals(readCode(path, "devix 2"), undefined);
    assertEquals(Deno.lstatSync(path).mode! & 0o777, 0o600);
    writeCode(path, { ...CODE, long: false });
    assertEquals(readCode(path, CODE.program)?.long, false);
    assertEquals([...Deno.readDirSync(folder)].length, 1);
  }));

Deno.test("readCode() takes no file that others can write to, no link and no folder", () =>
  inFolder((folder) => {
    const path = place(folder, CODE.program);
    writeCode(path, CODE);
    for (const mode of [0o620, 0o602, 0o666]) {
      Deno.chmodSync(path, mode);
      assertEquals(readCode(path, CODE.program), undefined, mode.toString(8));
    }
    Deno.chmodSync(path, 0o600);
    assertNotEquals(readCode(path, CODE.program), undefined);
    Deno.renameSync(path, `${folder}/elsewhere`);
    Deno.symlinkSync(`${folder}/elsewhere`, path);
    assertEquals(readCode(path, CODE.program), undefined);
    // What is written takes the link's place and leaves alone what it points to.
    writeCode(path, { ...CODE, long: false });
    assertEquals(readCode(path, CODE.program)?.long, false);
    assertEquals(unpack(Deno.readFileSync(`${folder}/elsewhere`))?.long, true);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    assertEquals(readCode(path, CODE.program), undefined);
    writeCode(path, CODE);
    assertEquals(
      new Set([...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`)),
      new Set([path, `${folder}/elsewhere`]),
    );
  }));

Deno.test("writeCode() keeps the six newest, and removes what a kill has left", () =>
  inFolder((folder) => {
    const at = (path: string, seconds: number) => Deno.utimeSync(path, seconds, seconds);
    const now = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 8; i++) {
      const path = place(folder, `devix ${i}`);
      Deno.writeTextFileSync(path, "");
      at(path, now - 1000 + i);
    }
    for (const [name, age] of [["other", 9000], [`${"0".repeat(32)}.7`, 9000], [`${"0".repeat(32)}.8`, 0]] as const) {
      Deno.writeTextFileSync(`${folder}/${name}`, "");
      at(`${folder}/${name}`, now - age);
    }
    writeCode(place(folder, "devix 9"), CODE);
    const left = new Set([...Deno.readDirSync(folder)].map(({ name }) => name));
    for (const i of [3, 4, 5, 6, 7, 9]) assert(left.delete(place("", `devix ${i}`).slice(1)), `devix ${i}`);
    assertEquals([...left].sort(), [`${"0".repeat(32)}.8`, "other"]);
  }));

Deno.test("writeCode() does without a folder", () => {
  writeCode(place("/nowhere/at/all", CODE.program), CODE);
  assertEquals(readCode(place("/nowhere/at/all", CODE.program), CODE.program), undefined);
});

Deno.test("isNews() is for what no run had done before", () => {
  const kept = { ...CODE, written: CODE.since };
  const run = { command: "eval", long: true, ended: CODE.since };
  assertEquals(isNews(run, undefined), true);
  assertEquals(isNews(run, kept), false);
  assertEquals(isNews(run, { ...kept, long: false }), true);
  assertEquals(isNews({ ...run, long: false }, { ...kept, long: false }), false);
  assertEquals(isNews({ ...run, command: "nix", long: false }, kept), true);
});

Deno.test("isNews() is for long runs more and more seldom", () => {
  let kept = { ...CODE, written: CODE.since };
  const times: number[] = [];
  for (let ended = CODE.since; ended < CODE.since + 4 * 3_600_000; ended += 1000) {
    assertEquals(isNews({ command: "eval", long: false, ended }, kept), false);
    if (!isNews({ command: "eval", long: true, ended }, kept)) continue;
    kept = { ...kept, written: ended };
    times.push((ended - CODE.since) / 1000);
  }
  assertEquals(times, [3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 7696, 11297]);
  // A clock that was wrong.
  assertEquals(isNews({ command: "eval", long: true, ended: kept.written - 1e9 }, kept), true);
});

// What place() is told of V8: the first 16 bytes. If V8 changes what is in them this shows.
Deno.test("V8's bytecode begins with what V8 checks, and is rejected if that differs", () => {
  const text = "(function () { return 'some text that has never been compiled here'; })";
  const data = new Uint8Array(new Script(`${text};`).createCachedData());
  const one = new Script("0").createCachedData();
  const other = new Script("1234").createCachedData();
  assertEquals([...one.subarray(0, 8)], [...other.subarray(0, 8)]);
  assertEquals([...one.subarray(12, 16)], [...other.subarray(12, 16)]);
  assertEquals([...one.subarray(0, 8)], [...data.subarray(0, 8)]);
  for (const at of [0, 4, 8, 12]) {
    const changed = data.slice();
    changed[at] ^= 1;
    // Of the same length, and new to V8, which would take it from memory else.
    const fresh = `${text};`.replace("some", `so${at.toString(36)}e`);
    assertEquals(new Script(fresh, { cachedData: changed as never }).cachedDataRejected, true, `byte ${at}`);
  }
});
