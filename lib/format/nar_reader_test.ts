import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FileTree, MAX_NAR_DEPTH, narBytes, treeSource } from "./nar.ts";
import { type NarEvent, NarReader, narTree, readNar, readNarAsync } from "./nar_reader.ts";
import { binaryToBytes, concatBytes } from "./bytes.ts";
import { NarError } from "./errors.ts";
import { testTree } from "./_test_tree.ts";
import { WireWriter } from "./wire.ts";

const NAR = narBytes(treeSource(testTree({ latin1: true })), "");

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/** The events with the contents of each file in one piece. */
function joined(events: Iterable<NarEvent>): NarEvent[] {
  const list: NarEvent[] = [];
  for (const event of events) {
    const last = list[list.length - 1];
    if (event.type === "contents" && last?.type === "contents") {
      list[list.length - 1] = { type: "contents", chunk: concatBytes([last.chunk, event.chunk]) };
    } else {
      list.push(event.type === "contents" ? { type: "contents", chunk: event.chunk.slice() } : event);
    }
  }
  return list;
}

Deno.test("narTree reverses narBytes", () => {
  const tree = narTree(NAR);
  assertEquals(narBytes(treeSource(tree), ""), NAR);
  assertEquals([...(tree as FileTree & { type: "directory" }).entries.keys()], [
    "Z",
    "a",
    "d",
    "d ",
    "d-",
    "d.x",
    "empty",
  ]);
});

Deno.test("readNar yields the same events however the input is cut", async () => {
  const events = joined(readNar(NAR));
  for (const size of [1, 3, 7, 8, 64, 1000]) {
    assertEquals(joined(readNar(pieces(NAR, size))), events);
    const read: NarEvent[] = [];
    for await (const event of readNarAsync(stream(pieces(NAR, size)))) {
      read.push(event.type === "contents" ? { type: "contents", chunk: event.chunk.slice() } : event);
    }
    assertEquals(joined(read), events);
  }
});

async function* stream(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

Deno.test("readNar tells where contents begin", () => {
  for (const event of readNar(NAR)) {
    if (event.type === "regular" && event.size === 8) {
      assertEquals(NAR.subarray(event.offset, event.offset + 8), binaryToBytes("12345678"));
    }
  }
});

Deno.test("readNar refuses a NAR cut anywhere, and says so", () => {
  for (let length = 0; length < NAR.length; length++) {
    const { message } = assertThrows(() => joined(readNar(NAR.subarray(0, length))), NarError);
    assert(/^Cannot parse NAR at offset \d+: input ends at \d+ in /.test(message), message);
    assert(message.includes(`input ends at ${length} in`), `${length}: ${message}`);
  }
});

Deno.test("NarReader leaves what follows the archive", async () => {
  const reader = new NarReader();
  const trailer = binaryToBytes("trailer");
  reader.push(concatBytes([NAR, trailer]));
  while (reader.next() !== undefined);
  assert(reader.done);
  assertEquals(reader.offset, NAR.length);
  assertEquals(reader.rest, trailer);
  assertEquals(joined(readNar([NAR, trailer])), joined(readNar(NAR)));
  for await (const _ of readNarAsync(stream([NAR, trailer])));
});

Deno.test("NarReader isn't done after an error", () => {
  const reader = new NarReader();
  reader.push(new Uint8Array(16));
  assertThrows(() => reader.next(), NarError);
  assertEquals(reader.next(), undefined);
  assert(!reader.done);
});

function framed(...texts: string[]): Uint8Array {
  const writer = new WireWriter();
  for (const text of texts) writer.string(text);
  return writer.take();
}

const MAGIC = "nix-archive-1";
const DIR = [MAGIC, "(", "type", "directory"];
const entry = (
  name: string,
): string[] => ["entry", "(", "name", name, "node", "(", "type", "symlink", "target", "t", ")", ")"];

const REFUSED: [what: string, nar: string[], reason: string][] = [
  ["a wrong magic", ["nix-archive-2"], "input doesn't look like a Nix archive"],
  ["a long magic", ["nix-archive-10"], "magic of 14 bytes is too long, at most 13 are allowed"],
  ["a wrong tag", [MAGIC, ")"], 'expected tag "(", got ")"'],
  ["an unknown type", [MAGIC, "(", "type", "socket"], 'unknown file type "socket"'],
  ["a long tag", [MAGIC, "x".repeat(33)], 'tag "(" of 33 bytes is too long, at most 32 are allowed'],
  [
    "a marker with a value",
    [MAGIC, "(", "type", "regular", "executable", "x"],
    "executable marker of 1 bytes is too long",
  ],
  ["a file without contents", [MAGIC, "(", "type", "regular", ")"], 'expected tag "contents", got ")"'],
  ["an empty target", [MAGIC, "(", "type", "symlink", "target", ""], 'invalid symlink target ""'],
  ["a target with NUL", [MAGIC, "(", "type", "symlink", "target", "a\0"], "invalid symlink target"],
  ["a long target", [MAGIC, "(", "type", "symlink", "target", "x".repeat(4096)], "target of 4096 bytes is too long"],
  ["what isn't an entry", [...DIR, "node"], 'expected tag "entry" or ")", got "node"'],
  ["an empty name", [...DIR, ...entry("")], 'invalid file name ""'],
  ["the name .", [...DIR, ...entry(".")], 'invalid file name "."'],
  ["the name ..", [...DIR, ...entry("..")], 'invalid file name ".."'],
  ["a name with a slash", [...DIR, ...entry("a/b")], 'invalid file name "a/b"'],
  ["a name with NUL", [...DIR, ...entry("a\0b")], 'invalid file name "a\0b"'],
  ["a long name", [...DIR, ...entry("x".repeat(256))], "name of 256 bytes is too long, at most 255 are allowed"],
  ["names in disorder", [...DIR, ...entry("b"), ...entry("a")], 'directory is not sorted: "a" after "b"'],
  ["a name twice", [...DIR, ...entry("b"), ...entry("b")], 'directory is not sorted: "b" after "b"'],
];

for (const [what, nar, reason] of REFUSED) {
  Deno.test(`readNar refuses ${what}`, () => {
    assertThrows(() => joined(readNar(framed(...nar))), NarError, reason);
  });
}

Deno.test("readNar refuses padding that isn't zero", () => {
  const nar = NAR.slice();
  assertEquals(nar[21], 0);
  nar[21] = 1;
  assertThrows(() => joined(readNar(nar)), NarError, "Cannot parse NAR at offset 21: padding is not zero");
});

Deno.test("readNar refuses lengths no file has", () => {
  const nar = concatBytes([framed(MAGIC, "(", "type", "regular", "contents"), new Uint8Array(8).fill(255)]);
  assertThrows(() => joined(readNar(nar)), NarError, "length exceeds 2^53");
});

Deno.test("narTree doesn't allocate what a NAR only announces", () => {
  const size = new WireWriter().u64(2 ** 50).take();
  const nar = concatBytes([framed(MAGIC, "(", "type", "regular", "contents"), size]);
  assertThrows(() => narTree(nar), NarError, "input ends at 96 in contents");
});

Deno.test("readNar refuses more levels than Nix does", () => {
  const open = ["(", "type", "directory", "entry", "(", "name", "d", "node"];
  const nar = framed(MAGIC, ...Array.from({ length: MAX_NAR_DEPTH }, () => open).flat(), "(");
  assertThrows(() => joined(readNar(nar)), NarError, "nesting exceeds 64 levels");
});
