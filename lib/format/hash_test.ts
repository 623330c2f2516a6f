import { assertEquals, assertThrows } from "@std/assert";
import {
  compressHash,
  digestLength,
  equalHashes,
  hashBytes,
  Hasher,
  hashHex,
  hashOf,
  parseHash,
  parseHashAlgo,
  parseHashAllowEmpty,
  parseHashAs,
  parseHashFormat,
  parseHashPrefixed,
  parseHashUnprefixed,
  parseHashWithFormat,
  parseSri,
  printHash,
} from "./hash.ts";
import type { HashAlgo, HashFormat } from "./hash.ts";
import { decodeBase16, encodeBase16 } from "./base_encodings.ts";
import { binaryToBytes } from "./bytes.ts";
import { HashError } from "./errors.ts";

const ABC: Record<HashAlgo, string> = {
  md5: "900150983cd24fb0d6963f7d28e17f72",
  sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
  sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  sha512:
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e" +
    "2a9ac94fa54ca49f",
  blake3: "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
};

for (const [algo, hex] of Object.entries(ABC) as [HashAlgo, string][]) {
  Deno.test(`hash of "abc" by ${algo} is Nix's, from bytes, strings and streams`, () => {
    assertEquals(hashHex(algo, "abc"), hex);
    assertEquals(hashHex(algo, binaryToBytes("abc")), hex);
    assertEquals(hashBytes(algo, "abc"), decodeBase16(hex));
    const hasher = new Hasher(algo).update("a").update(binaryToBytes("bc"));
    assertEquals(hasher.length, 3);
    assertEquals(encodeBase16(hasher.digest()), hex);
    assertEquals(hex.length, 2 * digestLength(algo));
  });
}

Deno.test("hash of a binary string is that of its bytes, not of its UTF-8", () => {
  for (const algo of ["sha256", "blake3"] as const) {
    assertEquals(hashHex(algo, "\xff\x80"), hashHex(algo, new Uint8Array([0xff, 0x80])));
  }
});

const EMPTY = hashOf("sha256", "");
const SPELLINGS: Record<HashFormat, string> = {
  base16: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  nix32: "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
  base64: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  sri: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
};

for (const [format, text] of Object.entries(SPELLINGS) as [HashFormat, string][]) {
  Deno.test(`printHash and parseHash agree in ${format}`, () => {
    assertEquals(printHash(EMPTY, format), text);
    const prefixed = printHash(EMPTY, format, { prefix: true });
    assertEquals(prefixed, format === "sri" ? text : `sha256:${text}`);
    assertEquals(parseHashWithFormat(prefixed), { hash: EMPTY, format });
    assertEquals(parseHash(text, "sha256"), EMPTY);
    assertEquals(parseHashPrefixed(prefixed), EMPTY);
    if (format !== "sri") {
      assertEquals(parseHashUnprefixed(text, "sha256"), EMPTY);
      assertEquals(parseHashAs(text, { algo: "sha256", format }), EMPTY);
    }
  });
}

Deno.test("parseSri takes base64 without padding", () => {
  assertEquals(parseSri("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"), EMPTY);
});

// What Nix 2.34.8 says.
const REFUSED: [text: string, algo: HashAlgo | undefined, message: string][] = [
  ["sha256-", undefined, "invalid SRI hash '', length 0 != expected length 32"],
  ["sha256-!!!", undefined, "invalid SRI hash '!!!', length 0 != expected length 32"],
  ["sha256:zz", undefined, "hash 'zz' has wrong length for hash algorithm 'sha256'"],
  ["zz", undefined, "hash 'zz' does not include a type, nor is the type otherwise known from context"],
  [
    "sha9:zz",
    undefined,
    "unknown hash algorithm 'sha9', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'",
  ],
  [
    `sha256:${"g".repeat(64)}`,
    undefined,
    `invalid base16 hash '${"g".repeat(64)}', length 0 != expected length 32`,
  ],
  [`sha256:${"e".repeat(52)}`, undefined, `invalid nix32 hash '${"e".repeat(52)}', length 0 != expected length 32`],
  ["z".repeat(52), "sha256", `invalid nix32 hash '${"z".repeat(52)}', length 33 != expected length 32`],
  [
    "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==",
    undefined,
    "invalid Base64 hash '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==', length 31 != expected length 32",
  ],
  [
    "md5-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    undefined,
    "invalid SRI hash '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', length 32 != expected length 16",
  ],
  [
    "sha256:sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    undefined,
    "hash 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' has wrong length for hash algorithm 'sha256'",
  ],
  [
    "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha1",
    "hash 'sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' should have type 'sha1'",
  ],
];

for (const [text, algo, message] of REFUSED) {
  Deno.test(`parseHash refuses "${text.slice(0, 30)}" in Nix's words`, () => {
    assertEquals(assertThrows(() => parseHash(text, algo), HashError).message, message);
  });
}

Deno.test("parseHashPrefixed and parseSri want a type", () => {
  assertThrows(() => parseHashPrefixed("zz"), HashError, "hash 'zz' does not include a type");
  assertThrows(() => parseSri("zz"), HashError, "hash 'zz' is not SRI");
});

Deno.test("parseHashAlgo takes no property of objects for an algorithm", () => {
  assertThrows(() => parseHashAlgo("constructor"), HashError, "unknown hash algorithm 'constructor'");
});

Deno.test("parseHashFormat warns of base32 and refuses the unknown", () => {
  const warnings: string[] = [];
  assertEquals(parseHashFormat("base32", (message) => warnings.push(message)), "nix32");
  assertEquals(warnings, ['"base32" is a deprecated alias for hash format "nix32".']);
  assertEquals(parseHashFormat("sri"), "sri");
  const { message } = assertThrows(() => parseHashFormat("foo"), HashError);
  assertEquals(message, "unknown hash format 'foo', expect 'base16', 'base32', 'base64', or 'sri'");
});

Deno.test("parseHashAllowEmpty makes zeros of nothing and warns", () => {
  const warnings: string[] = [];
  const hash = parseHashAllowEmpty("", "sha256", { onWarning: (message) => warnings.push(message) });
  assertEquals(hash, { algo: "sha256", digest: new Uint8Array(32) });
  assertEquals(warnings, ["found empty hash, assuming 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='"]);
  assertEquals(parseHashAllowEmpty(SPELLINGS.sri, undefined), EMPTY);
  assertThrows(() => parseHashAllowEmpty("", undefined), HashError, "empty hash requires explicit hash algorithm");
});

Deno.test("compressHash folds by XOR", () => {
  assertEquals(compressHash(new Uint8Array([1, 2, 4, 8, 16]), 2), new Uint8Array([1 ^ 4 ^ 16, 2 ^ 8]));
});

Deno.test("equalHashes compares algorithm and digest", () => {
  assertEquals(equalHashes(EMPTY, hashOf("sha256", "")), true);
  assertEquals(equalHashes(EMPTY, { algo: "blake3", digest: EMPTY.digest }), false);
  assertEquals(equalHashes(EMPTY, hashOf("sha256", "a")), false);
});
