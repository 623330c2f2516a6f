import { assert, assertEquals } from "@std/assert";
import { binaryToBytes, binaryToUtf8, bytesToBinary, concatBytes, equalBytes, isAscii, utf8ToBinary } from "./bytes.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, i) => i);

Deno.test("bytesToBinary gives one char per byte, for all bytes", () => {
  const text = bytesToBinary(ALL);
  assertEquals(text.length, 256);
  for (let i = 0; i < 256; i++) assertEquals(text.charCodeAt(i), i);
});

Deno.test("bytesToBinary reads the part of the buffer a view shows", () => {
  assertEquals(bytesToBinary(ALL.subarray(0xe0, 0xe3)), "\xe0\xe1\xe2");
});

Deno.test("bytesToBinary keeps a UTF-8 byte order mark", () => {
  assertEquals(bytesToBinary(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\xef\xbb\xbfa");
});

Deno.test("bytesToBinary isn't fooled by bytes that decode to as many replacement chars", () => {
  assertEquals(bytesToBinary(new Uint8Array([0xff, 0xfe, 0x80])), "\xff\xfe\x80");
});

Deno.test("binaryToBytes reverses bytesToBinary", () => {
  for (const part of [ALL, ALL.subarray(0, 128), ALL.subarray(128), new Uint8Array(0)]) {
    assertEquals(binaryToBytes(bytesToBinary(part)), part);
  }
});

Deno.test("utf8ToBinary and binaryToUtf8 are each other's inverse", () => {
  assertEquals(utf8ToBinary("é"), "\xc3\xa9");
  for (const text of ["", "abc", "é€😀"]) assertEquals(binaryToUtf8(utf8ToBinary(text)), text);
});

Deno.test("isAscii is false from 0x80 up", () => {
  assert(isAscii("\x00\x7f"));
  assert(!isAscii("a\x80"));
  for (const length of [65_535, 65_536, 200_000]) {
    const text = "x".repeat(length);
    assert(isAscii(text));
    assert(!isAscii(`${text}\xe9`));
    assert(!isAscii(`\xe9${text}`));
  }
});

Deno.test("isAscii stays right once it is optimised", () => {
  // Deno 2.6's encodeInto begins to miscount after some thousand calls.
  for (let i = 0; i < 10_000; i++) assert(!isAscii(JSON.parse(`"${"x".repeat(i % 100)}\xe9"`)));
});

Deno.test("equalBytes compares length and contents", () => {
  assert(equalBytes(ALL, ALL.slice()));
  assert(!equalBytes(ALL, ALL.subarray(1)));
  assert(!equalBytes(new Uint8Array([1]), new Uint8Array([2])));
});

Deno.test("concatBytes joins in order", () => {
  assertEquals(concatBytes([ALL.subarray(0, 3), new Uint8Array(0), ALL.subarray(3)]), ALL);
});
