import { assertEquals, assertThrows } from "@std/assert";
import { decodeBase16, decodeBase64, encodeBase16, encodeBase64 } from "./base_encodings.ts";
import { decodeNixbase32, encodeNixbase32, nixbase32Length } from "./nixbase32.ts";
import { binaryToBytes } from "./bytes.ts";
import { HashError } from "./errors.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, i) => i);

const VECTORS: [bytes: string, base16: string, base64: string, nix32: string][] = [
  ["", "", "", ""],
  ["\x1f", "1f", "Hw==", "0z"],
  ["f", "66", "Zg==", "36"],
  ["fo", "666f", "Zm8=", "0vv6"],
  ["foo", "666f6f", "Zm9v", "6yvv6"],
  ["\xff\xff\xff\xff\xff", "ffffffffff", "//////8=", "zzzzzzzz"],
];

for (const [bytes, base16, base64, nix32] of VECTORS) {
  Deno.test(`base16, base64 and nix32 write and read the bytes ${base16 || "of nothing"}`, () => {
    const data = binaryToBytes(bytes);
    assertEquals(encodeBase16(data), base16);
    assertEquals(encodeBase64(data), base64);
    assertEquals(encodeNixbase32(data), nix32);
    assertEquals(decodeBase16(base16), data);
    assertEquals(decodeBase64(base64), data);
    assertEquals(decodeNixbase32(nix32), data);
  });
}

Deno.test("encodings round-trip at every length", () => {
  for (let n = 0; n <= 66; n++) {
    const data = ALL.subarray(256 - n - 3, 256 - 3);
    assertEquals(decodeBase16(encodeBase16(data)), data);
    assertEquals(decodeBase64(encodeBase64(data)), data);
    assertEquals(decodeNixbase32(encodeNixbase32(data)), data);
    assertEquals(encodeNixbase32(data).length, nixbase32Length(n));
  }
});

Deno.test("decodeBase16 reads upper case", () => assertEquals(decodeBase16("fF0A"), new Uint8Array([255, 10])));

Deno.test("decodeBase16 refuses an odd length", () => void assertThrows(() => decodeBase16("abc"), HashError));

Deno.test("decodeBase64 stops at padding and skips newlines", () => {
  assertEquals(decodeBase64("Z\nm9\nv"), binaryToBytes("foo"));
  assertEquals(decodeBase64("Zg==Zg=="), binaryToBytes("f"));
  assertEquals(decodeBase64("Zg"), binaryToBytes("f"));
});

Deno.test("decodeNixbase32 makes a longer array of leading chars that overflow", () => {
  assertEquals(decodeNixbase32("zz"), new Uint8Array([0xff, 0x03]));
});

Deno.test("decoders name the char they refuse", () => {
  assertThrows(() => decodeBase16("0g"), HashError, "invalid character in Base16 string: 'g'");
  assertThrows(() => decodeBase64("a!"), HashError, "invalid character in Base64 string: '!'");
  assertThrows(
    () => decodeNixbase32("0e"),
    HashError,
    "invalid character in Nix32 (Nix's Base32 variation) string: 'e'",
  );
  assertThrows(() => decodeBase64("\u0141"), HashError);
});
