import { assertEquals, assertThrows } from "@std/assert";
import { hashNar, treeSource } from "../format/nar.ts";
import type { FileTree } from "../format/nar.ts";
import { FetchError } from "./errors.ts";
import { TreeFile } from "./tree_file.ts";
import { TreeWriter } from "./tree_writer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function withTree(write: (writer: TreeWriter) => void, test: (path: string) => void | Promise<void>) {
  const dir = await Deno.makeTempDir({ prefix: "devix-tree-" });
  try {
    const writer = new TreeWriter(`${dir}/tree`);
    write(writer);
    await writer.finish().synced;
    await test(`${dir}/tree`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function writeSome(writer: TreeWriter): void {
  writer.file("b/big", { executable: true });
  for (let i = 0; i < 5; i++) writer.contents(new Uint8Array(500_000).fill(i));
  writer.file("a.txt", { executable: false });
  writer.contents(bytes("hello "));
  writer.contents(bytes("world"));
  writer.directory("./empty/");
  writer.hardLink("b/again", "a.txt");
  writer.symlink("b/\xff", "../\xfe");
}

Deno.test("TreeFile reads what TreeWriter wrote", () =>
  withTree(writeSome, (path) => {
    const tree = TreeFile.open(path);
    assertEquals(tree.entries, 6);
    assertEquals([...tree.readDir("")], ["a.txt", "b", "empty"]);
    assertEquals([...tree.readDirTypes("/b")], [["again", "regular"], ["big", "regular"], ["\xff", "symlink"]]);
    assertEquals(tree.readFile("/a.txt"), bytes("hello world"));
    assertEquals(tree.readFile("/b/again"), bytes("hello world"));
    assertEquals(tree.readLink("/b/\xff"), "../\xfe");
    assertEquals(tree.lstat("/b/big"), { type: "regular", executable: true, size: 2_500_000 });
    const big = tree.readFile("/b/big");
    if (big instanceof Uint8Array) throw new Error("large files come in chunks");
    let size = 0;
    for (const chunk of big.chunks) {
      assertEquals(chunk[0], Math.floor(size / 500_000));
      size += chunk.length;
    }
    assertEquals(size, 2_500_000);
    assertEquals(tree.find("/none"), undefined);
    assertEquals(tree.find("/a.txt/none"), undefined);
    assertThrows(() => tree.readFile("/b"), FetchError, "not a regular file");
    tree.close();
  }));

Deno.test("TreeFile archives to the same NAR as the tree in memory", () =>
  withTree(writeSome, (path) => {
    const big = new Uint8Array(2_500_000);
    for (let i = 0; i < 5; i++) big.fill(i, i * 500_000, (i + 1) * 500_000);
    const text: FileTree = { type: "regular", executable: false, contents: bytes("hello world") };
    const same: FileTree = {
      type: "directory",
      entries: new Map<string, FileTree>([
        ["a.txt", text],
        ["empty", { type: "directory", entries: new Map() }],
        [
          "b",
          {
            type: "directory",
            entries: new Map<string, FileTree>([
              ["again", text],
              ["big", { type: "regular", executable: true, contents: big }],
              ["\xff", { type: "symlink", target: "../\xfe" }],
            ]),
          },
        ],
      ]),
    };
    const tree = TreeFile.open(path);
    assertEquals(hashNar(tree, ""), hashNar(treeSource(same), ""));
    tree.close();
  }));

Deno.test("TreeFile can be a single file", () =>
  withTree((writer) => {
    writer.file("", { executable: false });
    writer.contents(bytes("x"));
  }, (path) => {
    const tree = TreeFile.open(path);
    assertEquals(tree.lstat("").type, "regular");
    assertEquals(tree.readFile(""), bytes("x"));
    tree.close();
  }));

Deno.test("TreeFile.open() refuses files that are cut off or damaged", () =>
  withTree(writeSome, (path) => {
    const whole = Deno.readFileSync(path);
    for (const length of [0, 10, 55, 56, 1000, whole.length - 1]) {
      Deno.writeFileSync(path, whole.subarray(0, length));
      assertThrows(() => TreeFile.open(path), FetchError, "Cannot read tree file");
    }
    for (const at of [whole.length - 1, whole.length - 24, whole.length - 40, whole.length - 41]) {
      const damaged = whole.slice();
      damaged[at] ^= 0xff;
      Deno.writeFileSync(path, damaged);
      assertThrows(() => {
        const tree = TreeFile.open(path);
        try {
          tree.readFile("/a.txt");
        } finally {
          tree.close();
        }
      }, FetchError);
    }
  }));

Deno.test("TreeWriter.abandon() leaves nothing", async () => {
  const dir = await Deno.makeTempDir();
  const writer = new TreeWriter(`${dir}/tree`);
  writeSome(writer);
  writer.abandon();
  writer.abandon();
  assertEquals([...Deno.readDirSync(dir)].length, 0);
  await Deno.remove(dir);
});
