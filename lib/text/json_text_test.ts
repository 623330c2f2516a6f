import { assertEquals, assertThrows } from "@std/assert";
import { JsonText, JsonWriteError, quoteJson } from "./json_text.ts";

Deno.test("quoteJson() escapes quotes, backslashes and control characters only", () => {
  assertEquals(quoteJson("plain/\x7f"), '"plain/\x7f"');
  assertEquals(quoteJson('"\\\b\t\n\f\r\x01\xc3\xa9'), '"\\"\\\\\\b\\t\\n\\f\\r\\u0001\xc3\xa9"');
});

Deno.test("quoteJson() refuses strings that aren't UTF-8", () => {
  const message = (text: string) => assertThrows(() => quoteJson(text), JsonWriteError).message;
  assertEquals(message("a\xff"), "[json.exception.type_error.316] invalid UTF-8 byte at index 1: 0xFF");
  assertEquals(message("\xed\xa0\x80"), "[json.exception.type_error.316] invalid UTF-8 byte at index 1: 0xA0");
  assertEquals(message("\xe2\x82"), "[json.exception.type_error.316] incomplete UTF-8 string; last byte: 0x82");
});

function text(write: (out: JsonText) => void): string {
  const out = new JsonText();
  write(out);
  return out.finish();
}

Deno.test("JsonText quotes strings as quoteJson() does, short and long", () => {
  const chars = Array.from({ length: 0x80 }, (_, i) => String.fromCharCode(i)).join("");
  for (const part of [chars, "\xc3\xa9", "plain", `${chars}\xe2\x82\xac`, ""]) {
    for (const count of [1, 3, 100]) {
      const string = part.repeat(count);
      assertEquals(text((out) => out.string(string)), quoteJson(string));
    }
  }
  assertThrows(() => text((out) => out.string("a\xff")), JsonWriteError, "index 1: 0xFF");
});

Deno.test("JsonText adds what is JSON as it is, however long", () => {
  for (const part of ["x", "\xe9", "x\xe9\xe9\xe9"]) {
    for (const length of [1, 255, 256, 257, 5000, 70_000]) {
      const json = part.repeat(length);
      assertEquals(text((out) => out.json(json)) === json, true);
      const after = "x".repeat(length) + part;
      assertEquals(text((out) => [json, after].forEach((part) => out.json(part))) === json + after, true);
    }
  }
});

Deno.test("JsonText writes integers in decimal", () => {
  const integers = [
    0,
    1,
    9,
    10,
    99,
    100,
    12345,
    999999999,
    1e9,
    2 ** 53 - 1,
    -1,
    -10,
    9223372036854775807n,
    -(2n ** 63n),
  ];
  for (const n of integers) assertEquals(text((out) => out.integer(n)), String(n));
});

Deno.test("JsonText may be written while another one is", () => {
  const inner = () => text((out) => out.string("inner"));
  const outer = text((out) => {
    out.json("[");
    out.string("outer");
    out.char(0x2c);
    out.json(inner());
    out.json("]");
  });
  assertEquals(outer, '["outer","inner"]');
});
