import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { gzipSync } from "node:zlib";
import { concatBytes } from "../../format/bytes.ts";
import { printHash } from "../../format/hash.ts";
import { FetchError } from "../errors.ts";
import { DEFAULT_UNPACK_LIMITS } from "../limits.ts";
import { TreeFile } from "../tree_file.ts";
import { type Member, paxRecords, tar } from "./_fixtures.ts";
import { unpackArchive, type UnpackOptions } from "./unpack.ts";
import { unzstd } from "./zstd.ts";

const ARCHIVES = new URL("../../../testdata/fetch/archives/", import.meta.url);

async function* chunked(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
}

/** Unpacks and hands the tree over; checks that a failure leaves nothing behind. */
async function unpack(
  bytes: Uint8Array,
  options: Partial<UnpackOptions> & { inspect?: (tree: TreeFile) => void } = {},
): Promise<{ narHash: string; lastModified: number }> {
  const dir = await Deno.makeTempDir({ prefix: "devix-unpack-" });
  const treePath = `${dir}/tree`;
  try {
    const { narHash, lastModified } = await unpackArchive(chunked(bytes), { treePath, ...options });
    const tree = TreeFile.open(treePath);
    options.inspect?.(tree);
    tree.close();
    await Deno.remove(treePath);
    return { narHash: printHash(narHash, "sri"), lastModified };
  } finally {
    assertEquals([...Deno.readDirSync(dir)].map((entry) => entry.name), []);
    await Deno.remove(dir);
  }
}

const { trees } = JSON.parse(Deno.readTextFileSync(new URL("expected.json", ARCHIVES))) as {
  trees: Record<string, { narHash: string; lastModified: number }>;
};

for (const [name, expected] of Object.entries(trees)) {
  Deno.test(`unpackArchive() gives what C++ Nix gives for ${name}`, async () => {
    // Its time stamps are local; Nix was asked in UTC.
    const { narHash, lastModified } = await unpack(Deno.readFileSync(new URL(name, ARCHIVES)));
    assertEquals(narHash, expected.narHash);
    if (name !== "plain.zip") assertEquals(lastModified, expected.lastModified);
  });
}

Deno.test("unpackArchive() keeps modes, symlinks, empty directories and odd names", async () => {
  await unpack(Deno.readFileSync(new URL("gnu.tar", ARCHIVES)), {
    inspect: (tree) => {
      assertEquals(tree.lstat("/run.sh"), { type: "regular", executable: true, size: 18 });
      assertEquals(tree.lstat("/hard"), { type: "regular", executable: true, size: 18 });
      assertEquals(tree.readLink("/dangling"), "/nowhere/at/all");
      assertEquals([...tree.readDir("/empty")], []);
      assertEquals([...tree.readDirTypes("/lib")], [["default.nix", "regular"]]);
      assertEquals(tree.readFile("/caf\xe9"), new TextEncoder().encode("odd\n"));
      assertEquals(tree.entries, 12);
    },
  });
});

Deno.test("unpackArchive() keeps pax names that are not UTF-8", async () => {
  const members = [
    { name: "x", type: "x", data: paxRecords({ path: "top/caf\xe9" }) },
    { name: "cut", data: "1" },
    { name: "top/b", data: "2" },
  ];
  await unpack(tar(members), { inspect: (tree) => assertEquals([...tree.readDir("")], ["b", "caf\xe9"]) });
});

const HOSTILE: readonly (readonly [what: string, members: readonly Member[], message: string])[] = [
  [
    "files written through a symlink",
    [{ name: "top/out", type: "2", linkName: "/tmp" }, { name: "top/out/evil", data: "1" }],
    "passes through",
  ],
  [
    "directories that replace a symlink",
    [{ name: "top/out", type: "2", linkName: "/tmp" }, { name: "top/out/", type: "5" }],
    "twice, which is not supported",
  ],
  ["files below a file", [{ name: "top/a", data: "1" }, { name: "top/a/b", data: "2" }], "passes through"],
  ["hard links out of the tree", [{ name: "top/a", type: "1", linkName: "../../etc/passwd" }], "does not exist"],
  ["hard links to absolute paths", [{ name: "top/a", type: "1", linkName: "/etc/passwd" }], "does not exist"],
  ["hard links to nothing", [{ name: "top/a", type: "1", linkName: "top/b" }], "does not exist"],
  ["hard links to directories", [{ name: "d/", type: "5" }, { name: "a", type: "1", linkName: "d" }], "to a directory"],
  ["hard links to themselves", [{ name: "top/a", type: "1", linkName: "top/a" }], "does not exist"],
  ["devices", [{ name: "top/null", type: "3" }], "unsupported file type"],
  ["pipes", [{ name: "top/pipe", type: "6" }], "unsupported file type"],
  [
    "two symlinks of one name",
    [{ name: "a", type: "2", linkName: "b" }, { name: "./a", type: "2", linkName: "c" }],
    "twice, which is not supported",
  ],
  [
    "a directory and a file of one name",
    [{ name: "a/", type: "5" }, { name: "./a", data: "2" }],
    "twice, which is not supported",
  ],
  ["empty symlinks", [{ name: "a", type: "2" }], "invalid target"],
  ["names that are too long", [{ name: "L", type: "L", data: "x".repeat(256) }, { name: "x" }], "longer than"],
  ["files for the top", [{ name: "./", type: "2", linkName: "a" }], "not a directory"],
  ["names like .git", [{ name: "top/.git/config" }], "invalid name for a tree entry"],
  [
    "hard links to links that come later",
    [{ name: "a", type: "1", linkName: "b" }, { name: "b", type: "1", linkName: "c" }, { name: "c" }],
    "does not exist",
  ],
  ["trees that are too deep", [{ name: "L", type: "L", data: "d/".repeat(65) + "x" }, { name: "x" }], "deeper"],
  ["sparse files", [{ name: "a", type: "S" }], "sparse"],
];

for (const [what, members, message] of HOSTILE) {
  Deno.test(`unpackArchive() refuses ${what}`, () => assertRejects(() => unpack(tar(members)), FetchError, message));
}

Deno.test("unpackArchive() takes names that differ in case only, and members repeated unchanged", async () => {
  const members = [
    { name: "top/Makefile", data: "1" },
    { name: "top/makefile", data: "2" },
    { name: "top/", type: "5" },
    { name: "top/Makefile", data: "1" },
  ];
  await unpack(tar(members), { inspect: (tree) => assertEquals([...tree.readDir("")], ["Makefile", "makefile"]) });
});

Deno.test("unpackArchive() takes every path from the top of the archive", async () => {
  const members = [{ name: "/etc/passwd" }, { name: "../../out" }, { name: "a/../../b" }, {
    name: "etc/.././c/",
    type: "5",
  }];
  await unpack(tar(members), { inspect: (tree) => assertEquals([...tree.readDir("")], ["b", "c", "etc", "out"]) });
});

Deno.test("unpackArchive() refuses archives that grow too much", async () => {
  const bomb = gzipSync(tar([{ name: "zeros", data: new Uint8Array(3_000_000) }]));
  const limits = { ...DEFAULT_UNPACK_LIMITS, anyRatioBytes: 1_000_000, maxRatio: 100 };
  await assertRejects(() => unpack(bomb, { limits }), FetchError, "100 times its size");
  const small = { ...DEFAULT_UNPACK_LIMITS, maxBytes: 2_000_000 };
  await assertRejects(() => unpack(bomb, { limits: small }), FetchError, "more than 2000000 bytes");
  const few = { ...DEFAULT_UNPACK_LIMITS, maxEntries: 2 };
  const many = tar([{ name: "a" }, { name: "b" }, { name: "c" }]);
  await assertRejects(() => unpack(many, { limits: few }), FetchError, "more than 2 files");
});

Deno.test("unzstd() decodes one block at a time, however many a chunk has", async () => {
  // A frame with a window of 128 KiB, of 4,000 blocks that repeat one byte 128 KiB times: 500 MiB in 16 KB.
  const bytes = new Uint8Array(6 + 4 * 4000);
  bytes.set([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3]);
  for (let i = 0; i < 4000; i++) {
    const header = (1 << 17) << 3 | 1 << 1 | (i === 3999 ? 1 : 0);
    bytes.set([header & 0xff, header >> 8 & 0xff, header >> 16, 0], 6 + 4 * i);
  }
  const before = Deno.memoryUsage().external;
  const pieces = unzstd(chunked(bytes, bytes.length));
  for (let i = 0; i < 10; i++) assert((await pieces.next()).value!.length <= 1 << 17);
  assert(Deno.memoryUsage().external - before < 50 << 20);
  await pieces.return(undefined);
});

Deno.test("unpackArchive() refuses zip archives that say they hold too much, before reading it", async () => {
  const limits = { ...DEFAULT_UNPACK_LIMITS, anyRatioBytes: 10, maxRatio: 0.001 };
  const zip = Deno.readFileSync(new URL("plain.zip", ARCHIVES));
  await assertRejects(() => unpack(zip, { limits }), FetchError, "0.001 times its size");
});

Deno.test("unpackArchive() refuses what is no archive", async () => {
  await assertRejects(() => unpack(new Uint8Array(0)), FetchError, "empty");
  await assertRejects(() => unpack(gzipSync(new Uint8Array(0))), FetchError, "empty");
  const html = new TextEncoder().encode("<!doctype html>".padEnd(2000));
  await assertRejects(() => unpack(html), FetchError, "not a tar archive");
});

Deno.test("unpackArchive() says what is an archive of a kind it can't unpack", async () => {
  const dir = await Deno.makeTempDir();
  const read = (name: string) => Deno.readFileSync(new URL(name, ARCHIVES));
  const sparse = [{ name: "p", type: "x", data: paxRecords({ "GNU.sparse.major": "1" }) }];
  const text = (text: string) => new TextEncoder().encode(text);
  const bzip2 = read("plain.zip");
  // Of each member the directory says how it is compressed.
  for (const at of directoryEntries(bzip2)) bzip2[at + 10] = 12;
  const table: [bytes: Uint8Array, reason: string][] = [
    [new Uint8Array([0x04, 0x22, 0x4d, 0x18, 0, 0, 0]), "lz4"],
    [new Uint8Array([0x5d, 0, 0, 0x80, 0]), "lzma"],
    [read("sha256.tar.xz"), "a filter or a check"],
    [read("bcj.tar.xz"), "a filter or a check"],
    [concatBytes([read("plain.tar.gz"), text("garbage")]), "followed by something else"],
    [concatBytes([text("#!/bin/sh\n"), read("plain.zip")]), "behind something else"],
    [concatBytes([new Uint8Array(5000).fill(7), read("plain.zip")]), "behind something else"],
    [bzip2, "method 12"],
    [tar([{ name: "f", type: "S" }]), "a sparse file"],
    [tar(sparse), "a sparse file"],
  ];
  for (const [bytes, reason] of table) {
    const error = await assertRejects(
      () => unpackArchive(chunked(bytes, 1 << 16), { treePath: `${dir}/tree` }),
      FetchError,
      reason,
    );
    assertEquals(error.code, "unsupported", reason);
  }
  await Deno.remove(dir);
  // Hostile is hostile, whatever else it holds.
  const hostile = tar([{ name: "zip", data: "PK\x03\x04" }, { name: "zip/below" }]);
  assertEquals((await assertRejects(() => unpack(hostile), FetchError)).code, "archive");
});

Deno.test("unpackArchive() refuses devices in zip archives in C++ Nix's words", async () => {
  const zip = Deno.readFileSync(new URL("plain.zip", ARCHIVES));
  for (const at of directoryEntries(zip)) zip[at + 41] = 0x20;
  const error = await assertRejects(() => unpack(zip), FetchError);
  assertMatch(error.message, /^file '.*' in tarball has unsupported file type .*8192/);
});

Deno.test("unpackArchive() takes backslashes in zip archives for slashes where there are no others", async () => {
  await unpack(Deno.readFileSync(new URL("backslashes.zip", ARCHIVES)), {
    inspect: (tree) =>
      assertEquals([...tree.readDirTypes("")], [["a", "regular"], ["b", "directory"], ["d", "directory"]]),
  });
});

Deno.test("unpackArchive() passes on what its source throws", async () => {
  async function* broken() {
    yield Deno.readFileSync(new URL("plain.tar.gz", ARCHIVES)).slice(0, 100);
    await Promise.resolve();
    throw new FetchError("network", "the line is dead");
  }
  const treePath = await Deno.makeTempFile();
  await Deno.remove(treePath);
  await assertRejects(() => unpackArchive(broken(), { treePath }), FetchError, "the line is dead");
});

function* directoryEntries(zip: Uint8Array): Generator<number> {
  for (let at = directoryStart(zip); zip[at + 2] === 1; at += 46 + zip[at + 28] + zip[at + 30]) yield at;
}

function directoryStart(zip: Uint8Array): number {
  return new DataView(zip.buffer).getUint32(zip.length - 6, true);
}

/** A fixed sequence of numbers below 1. */
function* random(seed: number): Generator<number> {
  for (;;) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    yield seed / 2 ** 32;
  }
}

for (const name of ["plain.tar.gz", "plain.tar.bz2", "plain.tar.xz", "plain.tar.zst", "plain.zip", "gnu.tar"]) {
  Deno.test(`unpackArchive() refuses ${name} cut off or damaged anywhere, or gives the same`, async () => {
    const bytes = Deno.readFileSync(new URL(name, ARCHIVES));
    // What is behind the end mark of a tar archive doesn't matter; a zip archive's directory has no checksum.
    const end = name === "gnu.tar" ? 17_000 : name === "plain.zip" ? directoryStart(bytes) : bytes.length;
    const numbers = random(7);
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const at = Math.floor(numbers.next().value! * end);
      const bad = i % 2 === 0 ? bytes.slice(0, at) : bytes.slice();
      if (i % 2 === 1) bad[at] ^= 1 << (i % 8);
      try {
        const { narHash } = await unpack(bad);
        // Uncompressed contents have no checksum; flags and time stamps don't change the tree.
        if (name !== "gnu.tar") assertEquals(narHash, trees[name].narHash, `${i} ${at}`);
      } catch (e) {
        assert(e instanceof FetchError, String(e));
        refused++;
      }
    }
    // Half are cut off.
    assert(refused >= 100, `${refused} refused`);
  });
}
