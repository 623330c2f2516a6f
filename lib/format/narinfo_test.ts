import { assert, assertEquals, assertThrows } from "@std/assert";
import { fingerprint, parseNarInfo, printNarInfo } from "./narinfo.ts";
import {
  parsePublicKey,
  parseSecretKey,
  parseSignature,
  printSignature,
  publicKeyOf,
  sign,
  verify,
} from "./signature.ts";
import { bytesToBinary } from "./bytes.ts";
import { FormatError, NarInfoError, StorePathError } from "./errors.ts";
import { testdata } from "./_testdata.ts";

const TEXT = bytesToBinary(testdata("narinfo"));
const INFO = parseNarInfo(TEXT, { whence: "test" });
// Of the seed of 32 bytes 1; made for these tests.
const SECRET = parseSecretKey(
  "test-1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGKiOPddAnxlf1S2y08ul1yymcJvx2UEhvzdIgBtA9vXA==",
);
const PUBLIC = parsePublicKey("test-1:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=");

Deno.test("printNarInfo gives back Nix's text", () => assertEquals(printNarInfo(INFO), TEXT));

Deno.test("parseNarInfo makes whole store paths of base names", () => {
  assertEquals(INFO.references.length, 5);
  assertEquals<string>(INFO.references[0], "/nix/store/6ihfpkhx2hbff9nlfa35pnqvcn0gsd6l-builder.sh");
  const other = parseNarInfo(TEXT.replace("/nix/", "/gnu/"), { whence: "", storeDir: "/gnu/store" });
  assertEquals<string>(other.references[0], "/gnu/store/6ihfpkhx2hbff9nlfa35pnqvcn0gsd6l-builder.sh");
});

Deno.test("parseNarInfo reads a deriver, and none where it is unknown", () => {
  const base = "6ihfpkhx2hbff9nlfa35pnqvcn0gsd6l-x.drv";
  const text = TEXT.replace(/^Sig:/m, `Deriver: ${base}\nSig:`);
  const info = parseNarInfo(text, { whence: "test" });
  assertEquals<string | undefined>(info.deriver, `/nix/store/${base}`);
  assertEquals(printNarInfo(info), text);
  assertEquals(parseNarInfo(text.replace(base, "unknown-deriver"), { whence: "test" }), INFO);
});

Deno.test("parseNarInfo ignores unknown fields and takes bzip2 where it says nothing", () => {
  const info = parseNarInfo(TEXT.replace("Compression: none", "Foo: bar"), { whence: "test" });
  assertEquals(info.compression, "bzip2");
});

const REFUSED: [change: (text: string) => string, reason: string][] = [
  [(text) => text + "x", "expecting ':' at line 11"],
  [(text) => text.slice(0, -1), "expecting '\\n' at line 10"],
  [(text) => text.replace("NarHash: sha256:0", "NarHash: sha256:"), "bad hash at line 6"],
  [(text) => text.replace("FileSize: 1360", "FileSize: -1"), "invalid FileSize at line 5"],
  [(text) => text.replace("NarSize: 1360", "NarSize: x"), "invalid NarSize at line 7"],
  [(text) => text.replace("NarSize: 1360", "NarSize: 0"), "NarSize missing or zero"],
  [(text) => text.replace("StorePath", "X"), "StorePath missing"],
  [(text) => text.replace("NarHash", "X"), "NarHash missing"],
  [(text) => text.replace("URL", "X"), "URL missing"],
  [(text) => text + text.match(/^CA.*\n/m)![0], "extra CA at line 11"],
  [(text) => text + text.match(/^References.*\n/m)![0], "extra References at line 11"],
];

for (const [change, reason] of REFUSED) {
  Deno.test(`parseNarInfo says "${reason}"`, () => {
    const { message } = assertThrows(() => parseNarInfo(change(TEXT), { whence: "test" }), NarInfoError);
    assertEquals(message, `NAR info file 'test' is corrupt: ${reason}`);
  });
}

Deno.test("parseNarInfo refuses malformed store paths", () => {
  assertThrows(() => parseNarInfo(TEXT.replace("References: 6", "References: e"), { whence: "" }), StorePathError);
});

Deno.test("parseNarInfo refuses a file cut within a line or before what it needs", () => {
  const needed = TEXT.indexOf("References");
  for (let length = 0; length < TEXT.length; length++) {
    if (length >= needed && TEXT[length - 1] === "\n") continue;
    assertThrows(() => parseNarInfo(TEXT.slice(0, length), { whence: "test" }), FormatError);
  }
});

Deno.test("sign makes Nix's signature and verify takes it", () => {
  const signature = sign(fingerprint(INFO), SECRET);
  assertEquals(signature, INFO.signatures[0]);
  assert(verify(fingerprint(INFO), { signature, keys: [PUBLIC] }));
  assertEquals(publicKeyOf(SECRET), PUBLIC);
});

Deno.test("verify is false for other texts, keys and names", () => {
  const [signature] = INFO.signatures;
  assert(!verify(fingerprint({ ...INFO, narSize: 1 }), { signature, keys: [PUBLIC] }));
  assert(!verify(fingerprint(INFO), { signature, keys: [] }));
  assert(!verify(fingerprint(INFO), { signature, keys: [{ ...PUBLIC, name: "test-2" }] }));
  assert(!verify(fingerprint(INFO), { signature, keys: [{ ...PUBLIC, bytes: new Uint8Array(32) }] }));
});

Deno.test("verify refuses a signature of the wrong size", () => {
  assertThrows(
    () => verify("", { signature: parseSignature("test-1:AAAA"), keys: [PUBLIC] }),
    FormatError,
    "signature is not valid",
  );
});

Deno.test("signatures and keys are printed as they were parsed", () => {
  const [signature] = INFO.signatures;
  assertEquals(parseSignature(printSignature(signature)), signature);
  assertEquals(parsePublicKey(printSignature(PUBLIC)), PUBLIC);
  assertEquals(parseSecretKey(printSignature(SECRET)), SECRET);
});

Deno.test("keys and signatures that are malformed are refused without being shown", () => {
  for (const text of ["", "a", ":AAAA", "a:", "a:="]) {
    assertThrows(() => parseSignature(text), FormatError, "signature is corrupt");
    assertThrows(() => parseSecretKey(text), FormatError, "key is corrupt");
  }
  assertThrows(() => parsePublicKey("a:AAAA"), FormatError, "public key is not valid");
  assertThrows(() => parseSecretKey("a:AAAA"), FormatError, "secret key is not valid");
});

Deno.test("fingerprint wants a size", () => {
  assertThrows(
    () => fingerprint({ ...INFO, narSize: 0 }),
    NarInfoError,
    `cannot calculate fingerprint of path '${INFO.path}' because its size is not known`,
  );
});
