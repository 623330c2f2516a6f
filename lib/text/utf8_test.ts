import { assertEquals } from "@std/assert";
import { binaryToBytes, bytesToBinary, decodeUtf8Lossy, encodeCodePoint, encodeUtf8 } from "./utf8.ts";

Deno.test("decodeUtf8Lossy() inverts encodeUtf8()", () => {
  for (const text of ["", "plain", "\ufeffé€😀", "x".repeat(20000) + "é"]) {
    assertEquals(decodeUtf8Lossy(encodeUtf8(text)), text);
  }
});

Deno.test("what is malformed is replaced, both ways", () => {
  assertEquals(decodeUtf8Lossy("a\xffb\xc3\xa9"), "a\ufffdbé");
  assertEquals(encodeUtf8("\ud800"), "\xef\xbf\xbd");
});

Deno.test("bytesToBinary() inverts binaryToBytes()", () => {
  const binary = Array.from({ length: 20000 }, (_, i) => String.fromCharCode(i & 255)).join("");
  assertEquals(bytesToBinary(binaryToBytes(binary)), binary);
});

Deno.test("encodeCodePoint() gives one to four bytes", () => {
  for (const text of ["a", "é", "€", "😀"]) assertEquals(encodeCodePoint(text.codePointAt(0)!), encodeUtf8(text));
});
