import { assertEquals, assertThrows } from "@std/assert";
import { bytesToBinary } from "../../format/bytes.ts";
import { FetchError } from "../errors.ts";
import { type Member, paxRecords, tar } from "./_fixtures.ts";
import type { ArchiveSink } from "./sink.ts";
import { TarReader } from "./tar.ts";

class Recorder implements ArchiveSink {
  readonly events: string[] = [];
  directory(path: string) {
    this.events.push(`dir ${path}`);
  }
  symlink(path: string, target: string) {
    this.events.push(`link ${path} -> ${target}`);
  }
  file(path: string, { executable }: { executable: boolean }) {
    this.events.push(`${executable ? "exec" : "file"} ${path}: `);
  }
  contents(chunk: Uint8Array) {
    this.events[this.events.length - 1] += bytesToBinary(chunk);
  }
  hardLink(path: string, target: string) {
    this.events.push(`hard ${path} -> ${target}`);
  }
}

function read(bytes: Uint8Array, chunkSize = bytes.length): { events: string[]; mtime: number } {
  const sink = new Recorder();
  const reader = new TarReader(sink);
  for (let at = 0; at < bytes.length; at += chunkSize) reader.push(bytes.subarray(at, at + chunkSize));
  reader.end();
  return { events: sink.events, mtime: reader.lastModified };
}

const BASIC: readonly Member[] = [
  { name: "top/", type: "5", mode: 0o755, mtime: 5 },
  { name: "top/a", data: "hello", mtime: 9 },
  { name: "top/b", data: "x".repeat(512), mode: 0o755, mtime: 7 },
  { name: "top/empty" },
  { name: "top/link", type: "2", linkName: "../else\xffwhere" },
  { name: "top/hard", type: "1", linkName: "top/a" },
];

const BASIC_EVENTS = [
  "dir top/",
  "file top/a: hello",
  `exec top/b: ${"x".repeat(512)}`,
  "file top/empty: ",
  "link top/link -> ../else\xffwhere",
  "hard top/hard -> top/a",
];

Deno.test("TarReader reads members of all kinds", () => {
  assertEquals(read(tar(BASIC)), { events: BASIC_EVENTS, mtime: 9 });
});

Deno.test("TarReader reads chunks of any size", () => {
  for (const size of [1, 7, 511, 512, 513, 1000]) assertEquals(read(tar(BASIC), size).events, BASIC_EVENTS);
});

Deno.test("TarReader joins prefix and name of ustar but not of GNU headers", () => {
  const member = { name: "name", prefix: "some/where" };
  assertEquals(read(tar([member])).events, ["file some/where/name: "]);
  assertEquals(read(tar([{ ...member, magic: "ustar  \0" }])).events, ["file name: "]);
});

Deno.test("TarReader takes GNU long names and link names", () => {
  const long = "d/".repeat(80) + "\xffile";
  const { events } = read(tar([
    { name: "././@LongLink", type: "L", data: long + "\0" },
    { name: "short", data: "1" },
    { name: "././@LongLink", type: "K", data: long + "\0" },
    { name: "link", type: "2", linkName: "cut" },
  ]));
  assertEquals(events, [`file ${long}: 1`, `link link -> ${long}`]);
});

Deno.test("TarReader keeps pax names byte for byte", () => {
  const name = "caf\xe9\xff/\xc3\xa9";
  const { events, mtime } = read(tar([
    { name: "pax_global_header", type: "g", data: paxRecords({ comment: "0123" }) },
    { name: "PaxHeader", type: "x", data: paxRecords({ path: name, mtime: "12.75", size: "3" }) },
    { name: "cut", data: "abc", size: 0 },
    { name: "PaxHeader", type: "x", data: paxRecords({ linkpath: name }) },
    { name: "link", type: "2", linkName: "cut" },
  ]));
  assertEquals(events, [`file ${name}: abc`, `link link -> ${name}`]);
  assertEquals(mtime, 12);
});

Deno.test("TarReader takes base-256 sizes and files of the old format", () => {
  const old = tar([{ name: "dir/", type: "\0", magic: "" }, { name: "f", type: "\0", magic: "", data: "1" }]);
  assertEquals(read(old).events, ["dir dir/", "file f: 1"]);
});

Deno.test("TarReader takes unknown types for files and skips volume labels", () => {
  assertEquals(read(tar([{ name: "label", type: "V" }, { name: "f", type: "z", data: "1" }])).events, ["file f: 1"]);
});

Deno.test("TarReader ignores what follows the end mark", () => {
  const bytes = new Uint8Array([...tar([{ name: "f" }]), ...new Uint8Array(512).fill(1)]);
  assertEquals(read(bytes).events, ["file f: "]);
});

const REFUSED: readonly (readonly [what: string, members: readonly Member[], message: string])[] = [
  ["sparse files of GNU tar", [{ name: "f", type: "S" }], "sparse"],
  ["sparse files of pax", [{ name: "p", type: "x", data: paxRecords({ "GNU.sparse.major": "1" }) }], "sparse"],
  ["character devices", [{ name: "null", type: "3" }], "unsupported file type"],
  ["block devices", [{ name: "sda", type: "4" }], "unsupported file type"],
  ["pipes", [{ name: "pipe", type: "6" }], "unsupported file type"],
  ["wrong checksums", [{ name: "f", checksum: 1 }], "damaged"],
  ["malformed pax headers", [{ name: "p", type: "x", data: "99 path=x\n" }], "malformed"],
  ["negative sizes", [{ name: "p", type: "x", data: paxRecords({ size: "-1" }) }], "size"],
  ["two pax headers of a member", [{ name: "p", type: "x", size: 0 }, { name: "p", type: "x" }], "two headers"],
  ["huge extended headers", [{ name: "p", type: "x", size: 1 << 30 }], "too large"],
];

for (const [what, members, message] of REFUSED) {
  Deno.test(`TarReader refuses ${what}`, () => void assertThrows(() => read(tar(members)), FetchError, message));
}

Deno.test("TarReader refuses archives cut off anywhere", () => {
  const bytes = tar(BASIC);
  const end = bytes.length - 1024;
  for (let at = 1; at < end; at += 37) {
    if (at % 512 !== 0) assertThrows(() => read(bytes.subarray(0, at)), FetchError, "cut off");
  }
  const extended = tar([{ name: "x", type: "x", data: paxRecords({ path: "f" }) }]);
  assertThrows(() => read(extended.subarray(0, 1024)), FetchError, "cut off");
});

Deno.test("TarReader needs no end mark", () => {
  assertEquals(read(tar(BASIC).slice(0, -1024)).events, BASIC_EVENTS);
});

Deno.test("TarReader ignores pax records for all members, and time stamps that are none", () => {
  const { events, mtime } = read(tar([
    { name: "g", type: "g", data: paxRecords({ mtime: "9", path: "g", size: "1" }) },
    { name: "x", type: "x", data: paxRecords({ mtime: "1e9", path: "", linkpath: "" }) },
    { name: "f", data: "abc", mtime: 5 },
    { name: "x", type: "x", data: paxRecords({ mtime: "7.", path: "cut\0off", size: "2 " }) },
    { name: "g", data: "de" },
  ]));
  assertEquals(events, ["file f: abc", "file cut: de"]);
  assertEquals(mtime, 7);
});

Deno.test("TarReader takes what has a long link name and is no symlink for a hard link", () => {
  const { events } = read(tar([
    { name: "x", type: "x", data: paxRecords({ linkpath: "target" }) },
    { name: "f", data: "abc" },
    { name: "K", type: "K", data: "target\0" },
    { name: "d", type: "5" },
  ]));
  assertEquals(events, ["hard f -> target", "hard d -> target"]);
});

Deno.test("TarReader skips the contents of hard links in pax archives only", () => {
  const link = { name: "b", type: "1", linkName: "a", size: 1 };
  assertEquals(read(tar([link, { name: "c" }])).events, ["hard b -> a", "file c: "]);
  const pax = { name: "x", type: "x", data: paxRecords({ mtime: "1" }) };
  assertEquals(read(tar([pax, { ...link, data: "1" }, { name: "c" }])).events, ["hard b -> a", "file c: "]);
});

Deno.test("TarReader expects no contents of directories, whatever their size", () => {
  const members = [{ name: "a/", size: 3 }, { name: "b", type: "5", size: 3 }, { name: "c" }];
  assertEquals(read(tar(members)).events, ["dir a/", "dir b", "file c: "]);
});
