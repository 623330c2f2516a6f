import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkStorePathName,
  drvNameFromPath,
  isDrvPath,
  isInStore,
  isStorePath,
  makeOutputPath,
  makeStorePath,
  outputPathName,
  parseStorePath,
  splitStorePath,
  storePathBaseName,
  storePathFromBaseName,
  storePathHashPart,
  storePathName,
} from "./store_path.ts";
import { StorePathError, StorePathNameError } from "./errors.ts";

const HASH = "00bgd045z0d4icpbc2yyz4gx48ak44la";
const PATH = `/nix/store/${HASH}-net-tools-1.60_p20170221182432`;

Deno.test("parseStorePath takes a path apart", () => {
  const path = parseStorePath(PATH);
  assertEquals(storePathHashPart(path), HASH);
  assertEquals(storePathName(path), "net-tools-1.60_p20170221182432");
  assertEquals(storePathFromBaseName(storePathBaseName(path)), path);
});

Deno.test("parseStorePath resolves dots and slashes", () => {
  assertEquals<string>(parseStorePath(`//nix/./x/../store/${HASH}-a/`), `/nix/store/${HASH}-a`);
});

Deno.test("parseStorePath knows other store directories", () => {
  const path = `/gnu/store/${HASH}-a`;
  assertEquals<string>(parseStorePath(path, { storeDir: "/gnu/store" }), path);
  assert(!isStorePath(path));
});

const REFUSED_PATHS: [path: string, message: string][] = [
  ["/foo", 'path "/foo" is not in the Nix store'],
  ["foo", 'not an absolute path: "foo"'],
  ["/nix/storefoo", 'path "/nix/storefoo" is not in the Nix store'],
  [`${PATH}/bin`, `path "${PATH}/bin" is not in the Nix store`],
  ["/nix/store/foo", "'foo' is too short to be a valid store path"],
  [`/nix/store/${HASH}`, `'${HASH}' is too short to be a valid store path`],
  [`/nix/store/${HASH}-`, `path '${HASH}-' is not a valid store path: name must not be empty`],
  [
    "/nix/store/iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiie-x",
    "store path 'iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiie-x' contains illegal base-32 character 'e'",
  ],
  [`/nix/store/${HASH}-a b`, `path '${HASH}-a b' is not a valid store path: name 'a b' contains illegal character ' '`],
];

for (const [path, message] of REFUSED_PATHS) {
  Deno.test(`parseStorePath refuses "${path}" in Nix's words`, () => {
    assertEquals(assertThrows(() => parseStorePath(path), StorePathError).message, message);
    assert(!isStorePath(path));
  });
}

const REFUSED_NAMES: [name: string, message: string][] = [
  ["", "name must not be empty"],
  ["a".repeat(212), `name '${"a".repeat(212)}' must be no longer than 211 characters`],
  [".", "name '.' is not valid"],
  ["..", "name '..' is not valid"],
  [".-x", "name '.-x' is not valid: first dash-separated component must not be '.'"],
  ["..-a", "name '..-a' is not valid: first dash-separated component must not be '..'"],
  ["a b", "name 'a b' contains illegal character ' '"],
  ["a\n", "name 'a\n' contains illegal character '\n'"],
  ["\xc3\xa9", "name '\xc3\xa9' contains illegal character '\xc3'"],
  ["a/b", "name 'a/b' contains illegal character '/'"],
];

for (const [name, message] of REFUSED_NAMES) {
  Deno.test(`checkStorePathName refuses ${JSON.stringify(name.slice(0, 20))} in Nix's words`, () => {
    assertEquals(assertThrows(() => checkStorePathName(name), StorePathNameError).message, message);
    assertThrows(
      () => makeStorePath("text", { hash: "sha256:00", name }),
      StorePathError,
      ` is not a valid store path: ${message}`,
    );
  });
}

Deno.test("checkStorePathName takes odd names", () => {
  for (const name of ["...-a", ".a", "..a-b", "?=_+-.", "-", "a".repeat(211)]) checkStorePathName(name);
});

Deno.test("isInStore wants more than the store directory", () => {
  assert(isInStore("/nix/store/x"));
  assert(isInStore(`${PATH}/bin/x`));
  for (const path of ["/nix/store", "/nix/store/", "/nix/storex/y", "/"]) assert(!isInStore(path), path);
});

Deno.test("splitStorePath divides at the first slash", () => {
  const storePath = parseStorePath(PATH);
  assertEquals(splitStorePath(`${PATH}/bin/x`), { storePath, rest: "/bin/x" });
  assertEquals(splitStorePath(PATH), { storePath, rest: "" });
  assertThrows(() => splitStorePath("/foo"), StorePathError, "path '/foo' is not in the Nix store");
});

Deno.test("drvNameFromPath drops the extension and wants one", () => {
  const drv = parseStorePath(`/nix/store/${HASH}-a-1.drv`);
  assert(isDrvPath(drv));
  assertEquals(drvNameFromPath(drv), "a-1");
  assertThrows(
    () => drvNameFromPath(parseStorePath(PATH)),
    StorePathError,
    `store path '${HASH}-net-tools-1.60_p20170221182432' is not a valid derivation path`,
  );
});

Deno.test("outputPathName appends all outputs but out", () => {
  assertEquals(outputPathName("a", "out"), "a");
  assertEquals(outputPathName("a", "dev"), "a-dev");
});

Deno.test("makeOutputPath depends on output, hash, name and store", () => {
  const options = { modulo: "0".repeat(64), drvName: "a" };
  const paths = [
    makeOutputPath("out", options),
    makeOutputPath("dev", options),
    makeOutputPath("out", { ...options, modulo: "1".repeat(64) }),
    makeOutputPath("out", { ...options, drvName: "b" }),
    makeOutputPath("out", { ...options, storeDir: "/s" }),
  ];
  assertEquals(new Set(paths.map(storePathHashPart)).size, paths.length);
  assert(paths[4].startsWith("/s/"));
});
