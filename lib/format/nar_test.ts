import { assertEquals, assertThrows } from "@std/assert";
import {
  fileNarFrame,
  type FileTree,
  hashNar,
  MAX_NAR_DEPTH,
  narBytes,
  narChunks,
  type NarSource,
  treeSource,
  writeNar,
} from "./nar.ts";
import { narTree } from "./nar_reader.ts";
import { hashHex, printHash } from "./hash.ts";
import { binaryToBytes, concatBytes } from "./bytes.ts";
import { NarError } from "./errors.ts";
import { testTree } from "./_test_tree.ts";

const SOURCE = treeSource(testTree({ latin1: true }));

Deno.test("hashNar gives what nix-hash gives for the same tree", () => {
  const { hash, size } = hashNar(SOURCE, "");
  assertEquals(printHash(hash, "nix32"), "0hzpjqr24y157qyqri24aji2njyjnm0b5llc3xznib2j6pxm5zb8");
  assertEquals(size, 2872);
  assertEquals(
    printHash(hashNar(SOURCE, "", { algo: "md5" }).hash, "base16"),
    "3663f97239b2139f6ef5a9106443c6d3",
  );
});

Deno.test("narBytes are the bytes that are hashed", () => {
  const nar = narBytes(SOURCE, "");
  assertEquals(hashHex("sha256", nar), "68fd52fb3552ac687f1f8cd2b240b5d24b2ba25444c48c3d3e2578223296f743");
});

Deno.test("writeNar can begin below the source's root", () => {
  assertEquals(narTree(narBytes(SOURCE, "/d/x")), {
    type: "regular",
    executable: true,
    contents: binaryToBytes("#!/bin/sh\n"),
  });
});

Deno.test("writeNar asks the filter about all entries but the root, and not below what it leaves out", () => {
  const asked: string[] = [];
  const nar = narBytes(SOURCE, "", {
    filter: (path, stat) => {
      asked.push(`${path} ${stat.type}`);
      return stat.type !== "directory" || path === "/Z";
    },
  });
  assertEquals(asked, [
    "/Z directory",
    "/Z/l symlink",
    "/a regular",
    "/d directory",
    "/d  regular",
    "/d- regular",
    "/d.x directory",
    "/empty directory",
  ]);
  const tree = narTree(nar) as FileTree & { type: "directory" };
  assertEquals([...tree.entries.keys()], ["Z", "a", "d ", "d-"]);
});

function fileSource(contents: ReturnType<NarSource["readFile"]>): NarSource {
  return {
    ...treeSource({ type: "symlink", target: "" }),
    lstat: () => ({ type: "regular" }),
    readFile: () => contents,
  };
}

Deno.test("writeNar passes contents in chunks of any size on", () => {
  const contents = new Uint8Array(300_001).map((_, i) => i % 251);
  const whole = hashNar(fileSource(contents), "");
  for (const step of [1000, 65_536, 100_000, 300_001]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < contents.length; at += step) chunks.push(contents.subarray(at, at + step));
    assertEquals(hashNar(fileSource({ size: contents.length, chunks }), ""), whole);
  }
});

Deno.test("writeNar refuses a file whose size isn't as announced", () => {
  assertThrows(
    () => hashNar(fileSource({ size: 3, chunks: [new Uint8Array(2)] }), "/f"),
    NarError,
    'Cannot archive "/f": file has 2 bytes where its size was 3',
  );
});

Deno.test("writeNar refuses files of unknown type in Nix's words", () => {
  const source: NarSource = { ...SOURCE, lstat: () => ({ type: "unknown" }) };
  assertThrows(() => hashNar(source, "/dev/null"), NarError, "file '/dev/null' has an unsupported type");
});

/** A directory with a file `depth` levels below it. */
function nested(depth: number): FileTree {
  let tree: FileTree = { type: "regular", executable: false, contents: new Uint8Array(0) };
  for (let i = 0; i < depth; i++) tree = { type: "directory", entries: new Map([["d", tree]]) };
  return tree;
}

Deno.test("writeNar and narTree take as many levels as Nix and no more", () => {
  const deepest = nested(MAX_NAR_DEPTH - 1);
  assertEquals(narTree(narBytes(treeSource(deepest), "")), deepest);
  const path = "/d".repeat(MAX_NAR_DEPTH);
  assertThrows(
    () => narBytes(treeSource(nested(MAX_NAR_DEPTH)), ""),
    NarError,
    `path '${path}' exceeds maximum NAR directory depth of 64`,
  );
});

Deno.test("writeNar writes sizes beyond 32 bits", () => {
  const size = 2 ** 33 + 5;
  const chunks = function* (): Generator<Uint8Array> {
    // More than the writer holds, so that what is before it reaches the sink.
    yield new Uint8Array(1 << 17);
    throw new NarError("enough");
  };
  const written: Uint8Array[] = [];
  assertThrows(
    () => writeNar(fileSource({ size, chunks: chunks() }), "", { sink: (chunk) => void written.push(chunk.slice()) }),
    NarError,
    "enough",
  );
  assertEquals(new DataView(written[0].buffer).getBigUint64(written[0].length - 8, true), BigInt(size));
});

Deno.test("treeSource names what isn't there", () => {
  assertThrows(() => SOURCE.readLink("/a"), NarError, 'Cannot read "/a": not a symlink of the tree');
  assertThrows(() => SOURCE.lstat("/a/b"), NarError, 'Cannot read "/a/b": not a file of the tree');
});

Deno.test("narChunks reads contents only when they are asked for", () => {
  let read = 0;
  const chunks = function* () {
    for (; read < 10; read++) yield new Uint8Array(100_000);
  };
  const nar = narChunks(fileSource({ size: 1_000_000, chunks: chunks() }), "");
  nar.next();
  nar.next();
  assertEquals(read < 3, true);
  let rest = 0;
  for (const chunk of nar) rest += chunk.length;
  assertEquals([read, rest > 800_000], [10, true]);
});

Deno.test("narChunks takes names and targets of any length", () => {
  const long = "n".repeat(100_000);
  const tree: FileTree = { type: "directory", entries: new Map([[long, { type: "symlink", target: long }]]) };
  assertEquals(narBytes(treeSource(tree), "").length, 200_272);
});

Deno.test("fileNarFrame makes contents a NAR", () => {
  for (let size = 0; size < 10; size++) {
    const contents = new Uint8Array(size).fill(7);
    const { head, tail } = fileNarFrame(size);
    const tree: FileTree = { type: "regular", executable: false, contents };
    assertEquals(concatBytes([head, contents, tail]), narBytes(treeSource(tree), ""));
  }
});

Deno.test("treeSource() refuses names and targets that no archive may have", () => {
  const file: FileTree = { type: "regular", executable: false, contents: new Uint8Array() };
  for (const name of ["", ".", "..", "a/b", "a\0b", "\u20ac"]) {
    const tree: FileTree = { type: "directory", entries: new Map([[name, file]]) };
    assertThrows(() => narBytes(treeSource(tree), ""), NarError, `invalid file name "${name}"`);
  }
  for (const target of ["", "a\0", "\u20ac"]) {
    assertThrows(() => narBytes(treeSource({ type: "symlink", target }), ""), NarError, "invalid symlink target");
  }
  assertEquals(narTree(narBytes(treeSource({ type: "symlink", target: "\n/\xff" }), "")), {
    type: "symlink",
    target: "\n/\xff",
  });
});
