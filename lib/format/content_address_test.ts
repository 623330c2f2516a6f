import { assertEquals, assertThrows } from "@std/assert";
import {
  makeFixedOutputPath,
  makeTextPath,
  parseContentAddress,
  parseContentAddressMethod,
  printContentAddress,
  splitContentAddressPrefix,
} from "./content_address.ts";
import type { ContentAddressMethod } from "./content_address.ts";
import { hashOf, parseSri } from "./hash.ts";
import { parseStorePath } from "./store_path.ts";
import { hashNar, treeSource } from "./nar.ts";
import { binaryToBytes } from "./bytes.ts";
import { FormatError, StorePathError } from "./errors.ts";

const HELLO = "hello\n";
const HELLO_NAR = treeSource({ type: "regular", executable: false, contents: binaryToBytes(HELLO) });

// `nix store add --dry-run --name hello.txt --mode … --hash-algo …` of Nix 2.34.8 for a file with "hello\n".
const PATHS: [method: ContentAddressMethod, hash: ReturnType<typeof hashOf>, path: string][] = [
  ["flat", hashOf("md5", HELLO), "dra1cz5vbrhclpv4y1q0psnbkxz581bk"],
  ["flat", hashOf("sha1", HELLO), "svdva85yi507g9vncgsaxvnd1r808h4w"],
  ["flat", hashOf("sha256", HELLO), "gy454w1cxaq731grqwylhzf4pp9r5izh"],
  ["flat", hashOf("blake3", HELLO), "ygr73lwa33gl8vw3k7jjpnbfc996w908"],
  ["nar", hashNar(HELLO_NAR, "").hash, "i9pmrzmpshapij2kin22pff6fc2adavx"],
  ["nar", hashNar(HELLO_NAR, "", { algo: "sha512" }).hash, "8xkszhbayigjg9vbrrxfa1hp9qflbh6b"],
  ["text", hashOf("sha256", HELLO), "qa1w9gdfrba6jl2r57mb3c43863gqywp"],
  ["git", hashOf("sha1", `blob 6\0${HELLO}`), "rk1ijlrs1r2baksyhs884xqb0afsc830"],
];

for (const [method, hash, hashPart] of PATHS) {
  Deno.test(`makeFixedOutputPath gives Nix's path for ${method} ${hash.algo}`, () => {
    assertEquals<string>(
      makeFixedOutputPath({ method, hash }, { name: "hello.txt" }),
      `/nix/store/${hashPart}-hello.txt`,
    );
  });
}

Deno.test("makeFixedOutputPath counts other references and the path's own", () => {
  // `nix store make-content-addressed` of Nix 2.34.8.
  const ca = parseContentAddress("fixed:r:sha256:1ckljp0ch32pdbpw5p49xiawzjpzrzq6zr3aqmv4zsipa1jq8skg");
  const references = [parseStorePath("/nix/store/4hkjhczc4rc5jilsm450f6l9sw73aar0-a")];
  assertEquals<string>(
    makeFixedOutputPath(ca, { name: "self", references, selfReference: true }),
    "/nix/store/f5ajknfcw9hlkjnnin5nlg5jg4x8h3dw-self",
  );
});

Deno.test("makeFixedOutputPath refuses what can't go together", () => {
  const refused = (method: ContentAddressMethod, algo: "sha1" | "sha256" | "sha512", options = {}) =>
    assertThrows(
      () => makeFixedOutputPath({ method, hash: hashOf(algo, "") }, { name: "n", ...options }),
      StorePathError,
    ).message;
  assertEquals(
    refused("git", "sha512"),
    "Git file ingestion must use SHA-1 or SHA-256 hash, but instead using: sha512",
  );
  assertEquals(
    refused("flat", "sha256", { selfReference: true }).split("\n")[0],
    "fixed output derivation 'n' is not allowed to refer to other store paths.",
  );
  assertEquals(refused("text", "sha256", { selfReference: true }), "self-reference not allowed with text hashing");
  assertEquals(refused("text", "sha1"), 'Cannot make text path "n": hash must be sha256, not sha1');
});

Deno.test("makeTextPath gives builtins.toFile's path, whatever the order of references", () => {
  const a = makeTextPath("A", { name: "a" });
  const b = makeTextPath("B", { name: "b" });
  assertEquals<string[]>([a, b], [
    "/nix/store/draf2pm7skqzj8g3kv0bamg214p6sd70-a",
    "/nix/store/nzfas95xmmqqs930nl13l9cfdh7v0zac-b",
  ]);
  for (const references of [[a, b], [b, a], [a, b, a]]) {
    assertEquals<string>(
      makeTextPath(`${b} ${a}`, { name: "t", references }),
      "/nix/store/1644ca3b4n8bzlxkqkhwbv83q8pqfplr-t",
    );
  }
});

const SRI = parseSri("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
const NIX32 = "sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";

for (
  const [method, text] of [
    ["flat", `fixed:${NIX32}`],
    ["nar", `fixed:r:${NIX32}`],
    ["git", `fixed:git:${NIX32}`],
    ["text", `text:${NIX32}`],
  ] as const
) {
  Deno.test(`printContentAddress and parseContentAddress agree on ${method}`, () => {
    assertEquals(printContentAddress({ method, hash: SRI }), text);
    assertEquals(parseContentAddress(text), { method, hash: SRI });
  });
}

for (
  const [text, message] of [
    ["x", "not a content address because it is not in the form '<prefix>:<rest>': x"],
    ["x:y", "content address prefix 'x' is unrecognized. Recogonized prefixes are 'text' or 'fixed'"],
    ["fixed:y", "content address hash must be in form '<algo>:<hash>', but found: fixed:y"],
    ["fixed:text:y", "unknown hash algorithm 'text', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'"],
    ["text:r:y", "unknown hash algorithm 'r', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'"],
    ["fixed:sha1:y", "hash 'y' has wrong length for hash algorithm 'sha1'"],
  ]
) {
  Deno.test(`parseContentAddress refuses "${text}" in Nix's words`, () => {
    assertEquals(assertThrows(() => parseContentAddress(text), FormatError).message, message);
  });
}

Deno.test("splitContentAddressPrefix leaves what has no prefix", () => {
  assertEquals(splitContentAddressPrefix("r:sha256"), { method: "nar", rest: "sha256" });
  assertEquals(splitContentAddressPrefix("text:sha256"), { method: "text", rest: "sha256" });
  assertEquals(splitContentAddressPrefix("sha256"), { method: "flat", rest: "sha256" });
});

Deno.test("parseContentAddressMethod refuses other words", () => {
  assertEquals(parseContentAddressMethod("nar"), "nar");
  assertThrows(
    () => parseContentAddressMethod("recursive"),
    FormatError,
    "Unknown file ingestion method 'recursive', expect `flat`, `nar`, or `git`",
  );
});
