import * as crypto from "node:crypto";
import { assertEquals } from "@std/assert";
import { sha256Hex } from "./_sha256.ts";

Deno.test("sha256Hex() agrees with node:crypto on every length up to four blocks, and on long ones", () => {
  const bytes = new Uint8Array(100_000);
  for (let i = 0, x = 1; i < bytes.length; i++) {
    x = Math.imul(x, 1103515245) + 12345 | 0;
    bytes[i] = x >>> 16;
  }
  for (const length of [...Array(257).keys(), 4095, 4096, 65_536, 100_000]) {
    const part = bytes.subarray(bytes.length - length);
    assertEquals(sha256Hex(part), crypto.hash("sha256", part, "hex"), `${length} bytes`);
  }
});

Deno.test("sha256Hex() gives the digests of FIPS 180-4's examples", () => {
  const of = (text: string) => sha256Hex(new TextEncoder().encode(text));
  assertEquals(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assertEquals(
    of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
});
