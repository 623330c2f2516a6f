import { assertEquals } from "@std/assert";
import { binaryToUtf8, utf8ToBinary } from "../format/bytes.ts";
import { stripMarks } from "./_test_text.ts";
import { attrsFromJson, type AttrValue, type InputAttrs } from "./attrs.ts";
import { FetchError } from "./errors.ts";
import { flakeRefAttrs, flakeRefFromAttrs, parseFlakeRef, printFlakeRef } from "./flake_ref.ts";
import type { InputOptions } from "./input.ts";

const OPTIONS: InputOptions = { features: new Set(["flakes", "fetch-tree", "verified-fetches"]), trustForges: true };

interface Golden {
  readonly refs: readonly (readonly [string, Record<string, AttrValue> & { error?: string }])[];
  readonly print: readonly (readonly [Record<string, AttrValue>, string | { readonly error: string }])[];
}

// Made by C++ Nix: builtins.parseFlakeRef and builtins.flakeRefToString.
const golden: Golden = JSON.parse(
  Deno.readTextFileSync(new URL("../../testdata/fetch/flake_refs.json", import.meta.url)),
);

function plain(attrs: InputAttrs): Record<string, AttrValue> {
  return Object.fromEntries([...attrs].map(([k, v]) => [k, typeof v === "string" ? binaryToUtf8(v) : v]));
}

function outcome<T>(action: () => T): T | { error: string } {
  try {
    return action();
  } catch (e) {
    if (!(e instanceof FetchError)) throw e;
    return { error: binaryToUtf8(stripMarks(e.message)) };
  }
}

for (const [text, expected] of golden.refs) {
  Deno.test(`parseFlakeRef() takes ${JSON.stringify(text)} as C++ Nix does`, () => {
    assertEquals(outcome(() => plain(flakeRefAttrs(parseFlakeRef(utf8ToBinary(text), OPTIONS)))), expected);
  });
}

for (const [attrs, expected] of golden.print) {
  Deno.test(`printFlakeRef() shows ${JSON.stringify(attrs)} as C++ Nix does`, () => {
    const printed = outcome(() => binaryToUtf8(printFlakeRef(flakeRefFromAttrs(attrsFromJson(attrs), OPTIONS))));
    assertEquals(printed, expected);
  });
}

Deno.test("parseFlakeRef() warns of parameters without value", () => {
  const warnings: string[] = [];
  parseFlakeRef("github:a/b?foo", { ...OPTIONS, warn: (message) => warnings.push(stripMarks(message)) });
  assertEquals(warnings, ["dubious URI query 'foo' is missing equal sign '=', ignoring"]);
});

Deno.test("parseFlakeRef() demands the feature", () => {
  const off = { ...OPTIONS, features: new Set<string>() };
  assertEquals(outcome(() => parseFlakeRef("nixpkgs", off)), {
    error: "experimental Nix feature 'flakes' is disabled; add '--extra-experimental-features flakes' to enable it",
  });
});

Deno.test("parseFlakeRef() makes relative paths absolute where it is told from where", () => {
  const parse = (text: string) => plain(flakeRefAttrs(parseFlakeRef(text, { ...OPTIONS, baseDir: "/base" })));
  assertEquals(parse("./a"), { type: "path", path: "/base/a" });
  assertEquals(parse("path:a"), { type: "path", path: "/base/a" });
  assertEquals(parse("git+file:a?ref=x"), { type: "git", url: "file:/base/a", ref: "x" });
});
