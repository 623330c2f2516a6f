import { assert, assertEquals } from "@std/assert";
import type { FileType } from "../runtime/io.ts";
import { symbolName } from "../syntax/symbols.ts";
import { PackedListings } from "./listing_pack.ts";

type Entries = readonly (readonly [string, FileType])[];

const MIXED: Entries = [
  ["zeta", "regular"],
  ["a", "directory"],
  ["\xc3\xa9", "symlink"],
  ["x".repeat(255), "unknown"],
  ["alpha", "regular"],
];

/** Returns the image of directories, which are called `/name`, with the identity `id name`. */
function packed(directories: Readonly<Record<string, Entries>>): Uint8Array<ArrayBuffer> {
  const listings = new PackedListings(() => undefined);
  for (const [name, entries] of Object.entries(directories)) listings.add(`/${name}`, `id ${name}`, entries);
  return listings.image();
}

function list(listings: PackedListings, name: string): [string, FileType][] | undefined {
  const found = listings.find(`/${name}`, `id ${name}`);
  return found?.names.map((symbol, i) => [symbolName(symbol), found.types[i]]);
}

Deno.test("listings: what was given is found by path and identity, in the order of names", () => {
  const image = packed({ mixed: MIXED, empty: [], one: [["one", "directory"]] });
  const listings = new PackedListings(() => image);
  assertEquals(list(listings, "one"), [["one", "directory"]]);
  assertEquals(list(listings, "mixed"), [
    ["a", "directory"],
    ["alpha", "regular"],
    ["x".repeat(255), "unknown"],
    ["zeta", "regular"],
    ["\xc3\xa9", "symlink"],
  ]);
  assertEquals(list(listings, "empty"), []);
  assertEquals(list(listings, "none"), undefined);
  assertEquals(listings.find("/one", "id two"), undefined);
  assertEquals(listings.isLacking(24), false);
});

Deno.test("listings: what was wanted or has changed is kept, all else as far as there is room", () => {
  const many = (prefix: string): Entries => Array.from({ length: 50_000 }, (_, i) => [`${prefix}${i}`, "regular"]);
  const first = packed({ a: many("a"), b: many("b"), c: [["c", "regular"]] });
  const listings = new PackedListings(() => first);
  assertEquals(list(listings, "b")?.length, 50_000);
  listings.add("/c", "later", [["changed", "symlink"]]);
  listings.add("/d", "id d", many("d"));
  assert(listings.hasNews);
  const second = listings.image();
  const again = new PackedListings(() => second);
  assertEquals(list(again, "a"), undefined);
  assertEquals(list(again, "c"), undefined);
  assertEquals(again.find("/c", "later")?.types, ["symlink"]);
  assertEquals(list(again, "b")?.[0], ["b0", "regular"]);
  assertEquals(list(again, "d")?.at(-1), ["d9999", "regular"]);
});

Deno.test("listings: a few that were lacking aren't worth a pack, nor few of many", () => {
  const names = (n: number) => Array.from({ length: n }, (_, i) => `${i}`);
  const image = packed(Object.fromEntries(names(1000).map((name) => [name, []])));
  const lacks = (lacking: number, used: number) => {
    const listings = new PackedListings(() => image);
    for (const name of names(used)) assertEquals(list(listings, name), []);
    for (const name of names(lacking)) listings.add(`/new ${name}`, "id", []);
    return listings.isLacking(24);
  };
  assertEquals([lacks(15, 0), lacks(16, 0), lacks(16, 200), lacks(16, 500), lacks(40, 500)], [
    false,
    true,
    true,
    false,
    true,
  ]);
});

Deno.test("listings: what is too large isn't kept", () => {
  const listings = new PackedListings(() => undefined);
  listings.add("/long", "id long", [["x".repeat(256), "regular"]]);
  listings.add("/many", "id many", Array.from({ length: 200_000 }, (_, i) => [`n${i}`, "regular"]));
  assertEquals(listings.isLacking(24), false);
  assertEquals(listings.find("/long", "id long"), undefined);
});
