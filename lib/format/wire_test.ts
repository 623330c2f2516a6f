import { assertEquals, assertThrows } from "@std/assert";
import { WireReader, WireWriter } from "./wire.ts";
import { TruncatedError, WireError } from "./errors.ts";

function message(): Uint8Array {
  return new WireWriter().u64(1).u64(2n ** 64n - 1n).bool(true).string("").string("12345678").string("caf\xe9")
    .string(new Uint8Array([0, 255])).strings(["a", ""]).strings([]).raw("xyz").take();
}

function read(bytes: Uint8Array): unknown[] {
  const reader = new WireReader(bytes);
  const values = [
    reader.u64(),
    reader.bigU64(),
    reader.bool(),
    reader.string(),
    reader.string(),
    reader.string(),
    reader.bytes(),
    reader.strings(),
    reader.strings(),
    reader.raw(3),
  ];
  assertEquals(reader.rest.length, 0);
  assertEquals(reader.offset, bytes.length);
  return values;
}

Deno.test("WireReader reads what WireWriter writes", () => {
  assertEquals(read(message()), [
    1,
    2n ** 64n - 1n,
    true,
    "",
    "12345678",
    "caf\xe9",
    new Uint8Array([0, 255]),
    ["a", ""],
    [],
    new Uint8Array([0x78, 0x79, 0x7a]),
  ]);
});

Deno.test("WireWriter frames strings with length and padding", () => {
  assertEquals(
    new WireWriter().string("abc").take(),
    new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 0x61, 0x62, 0x63, 0, 0, 0, 0, 0]),
  );
});

Deno.test("WireWriter pads with zeros where something else was", () => {
  const writer = new WireWriter().raw("\xff".repeat(100));
  writer.take();
  assertEquals(writer.string("a").take(), new WireWriter().string("a").take());
});

Deno.test("WireWriter grows", () => {
  const text = "x".repeat(100_000);
  const writer = new WireWriter().u64(7).string(text);
  assertEquals(writer.length, 100_016);
  const reader = new WireReader(writer.take());
  assertEquals([reader.u64(), reader.string()], [7, text]);
  assertEquals(writer.length, 0);
});

Deno.test("WireReader says how much is missing wherever a message is cut", () => {
  const bytes = message();
  for (let length = 0; length < bytes.length; length++) {
    const error = assertThrows(() => read(bytes.slice(0, length)), TruncatedError);
    assertEquals(error.offset + error.got, length);
    assertEquals(error.wanted > error.got, true);
  }
});

Deno.test("WireReader reads from the middle of a buffer", () => {
  const bytes = new Uint8Array(100);
  bytes.set(new WireWriter().string("a").take(), 7);
  assertEquals(new WireReader(bytes.subarray(7, 23)).string(), "a");
});

Deno.test("WireReader refuses wrong padding and lengths", () => {
  const bytes = new WireWriter().string("abc").take();
  assertThrows(
    () => new WireReader(bytes).string({ max: 2 }),
    WireError,
    "3 bytes are too long, at most 2 are allowed",
  );
  bytes[11] = 1;
  assertThrows(() => new WireReader(bytes).string(), WireError, "padding at offset 11 is not zero");
  const huge = new WireWriter().u64(2n ** 60n).take();
  assertThrows(() => new WireReader(huge).u64(), WireError, "exceeds 2^53 - 1");
});

Deno.test("WireWriter refuses numbers that aren't unsigned integers", () => {
  for (const value of [-1, 0.5, NaN, 2 ** 53]) assertThrows(() => new WireWriter().u64(value), WireError);
});
