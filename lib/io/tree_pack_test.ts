import { assert, assertEquals } from "@std/assert";
import { hashHex } from "../format/hash.ts";
import { DENO_CALLS } from "./_deno_calls.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { FileTreePack } from "./tree_pack.ts";

const OWNER = "devix 1\0context\0/first.nix";
const bytes = (...numbers: number[]) => Uint8Array.from(numbers);
const image = (n: number) => Uint8Array.from({ length: 100 * n + 3 }, (_, i) => i * n);
const source = (n: number) => bytes(n, n + 1);

/** Runs `action` with the path of a pack, which isn't there yet. */
async function withPath(action: (path: string, folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    action(`${folder}/packs/pack`, `${folder}/packs`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function fill(path: string, numbers: readonly number[]): void {
  const pack = new FileTreePack(path, OWNER, DENO_CALLS);
  for (const n of numbers) {
    if (pack.find(`/${n}.nix`, `id ${n}`) === undefined) {
      pack.add(`/${n}.nix`, `id ${n}`, { source: source(n), image: image(n) });
    }
  }
  pack.close();
}

/** Returns which of files have an image, which must be theirs. */
function found(path: string, numbers: readonly number[], { owner = OWNER, calls = DENO_CALLS } = {}): number[] {
  const pack = new FileTreePack(path, owner, calls);
  const there = numbers.filter((n) => {
    const tree = pack.find(`/${n}.nix`, `id ${n}`);
    if (tree === undefined) return false;
    assertEquals({ ...tree, image: tree.image.slice() }, {
      image: image(n),
      sourceLength: 2,
      hash: hashHex("sha256", source(n)),
    });
    return true;
  });
  pack.close();
  return there;
}

Deno.test("tree pack: what was given is found by path and identity", async () => {
  await withPath((path) => {
    assertEquals(found(path, [1, 2]), []);
    fill(path, [1, 2, 700]);
    assertEquals(found(path, [700, 1, 2, 3, 1]), [700, 1, 2, 1]);
    const pack = new FileTreePack(path, OWNER, loadPosixCalls() ?? DENO_CALLS);
    assertEquals(pack.find("/1.nix", "id 2"), undefined);
    assertEquals(pack.find("/1.nix", "id 1")?.image, image(1) as Uint8Array<ArrayBuffer>);
    pack.close();
  });
});

Deno.test("tree pack: it is found in a folder that isn't ASCII", async () => {
  await withPath((path) => {
    const elsewhere = `${path}\u00f6\u65e5/pack`;
    fill(elsewhere, [1]);
    assertEquals(found(elsewhere, [1], { calls: loadPosixCalls() ?? DENO_CALLS }), [1]);
    assertEquals(found(elsewhere, [1]), [1]);
  });
});

Deno.test("tree pack: somebody else's, damaged ones and what isn't one are as good as none", async () => {
  await withPath((path) => {
    fill(path, [1, 2]);
    assertEquals(found(path, [1, 2], { owner: "devix 2\0context\0/first.nix" }), []);
    assertEquals(found(path, [1, 2], { owner: "devix 1" }), []);
    const good = Deno.readFileSync(path);
    let taken = 0;
    for (let at = 0; at < good.length; at += 5) {
      const damaged = good.slice();
      damaged[at] ^= 4;
      Deno.writeFileSync(path, damaged);
      // What is found is right, or the assertion in `found` fails.
      taken += found(path, [1, 2]).length;
    }
    // Damage of one image leaves the other.
    assert(taken > 0 && taken < good.length / 5);
    for (const length of [0, 7, 48, 100, good.length - 1]) {
      Deno.writeFileSync(path, good.subarray(0, length));
      assert(found(path, [1, 2]).length < 2, `${length} bytes`);
    }
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    assertEquals(found(path, [1]), []);
    // It can't be written then: nothing happens.
    fill(path, [1]);
  });
});

Deno.test("tree pack: a changed file takes the place of what it was, and the rest stays", async () => {
  await withPath((path) => {
    fill(path, [1, 2, 3]);
    const pack = new FileTreePack(path, OWNER, DENO_CALLS);
    assertEquals(pack.find("/2.nix", "later"), undefined);
    pack.add("/2.nix", "later", { source: source(9), image: image(9) });
    pack.close();
    assertEquals(found(path, [1, 2, 3]), [1, 3]);
    const again = new FileTreePack(path, OWNER, DENO_CALLS);
    assertEquals(again.find("/2.nix", "later")?.hash, hashHex("sha256", source(9)));
    again.close();
  });
});

Deno.test("tree pack: it is written anew for what it lacks, unless that is little; what nobody wants goes", async () => {
  await withPath((path) => {
    const many = Array.from({ length: 60 }, (_, i) => i + 1);
    fill(path, many);
    const written = Deno.statSync(path).ino;
    fill(path, many);
    fill(path, [...many, 100]);
    assertEquals(Deno.statSync(path).ino, written);
    assertEquals(found(path, [100]), []);
    fill(path, [...many, 100, 101, 102]);
    assertEquals(found(path, [100, 101, 102, 60]), [100, 101, 102, 60]);
    for (let i = 0; i < 8; i++) fill(path, [1, 200 + i]);
    assertEquals(found(path, [2, 100]), [2, 100]);
    fill(path, [1, 300]);
    assertEquals(found(path, [1, 2, 100, 207]), [1, 207]);
  });
});

Deno.test("tree pack: old ones are thrown away, and what kills left behind", async () => {
  await withPath((path, folder) => {
    Deno.mkdirSync(folder);
    for (let i = 0; i < 40; i++) {
      Deno.writeTextFileSync(`${folder}/old${i}`, "");
      Deno.utimeSync(`${folder}/old${i}`, i, i);
    }
    Deno.writeTextFileSync(`${folder}/pack.1`, "");
    Deno.utimeSync(`${folder}/pack.1`, 1, 1);
    Deno.writeTextFileSync(`${folder}/pack.2`, "");
    fill(path, [1]);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.length, 25);
    assert(names.includes("pack") && names.includes("pack.2") && names.includes("old39"));
    assert(!names.includes("pack.1") && !names.includes("old3"));
  });
});
