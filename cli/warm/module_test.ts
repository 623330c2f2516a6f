import { assertEquals } from "@std/assert";
import { isModule } from "./module.ts";

const modules = [
  "{ ... }: { }",
  "{ config, lib, pkgs, ... }:\nlet in { }",
  "# A comment { with: braces }\n/* and\n another: */ { lib, ... }: { }",
  "args@{ lib, ... }: { }",
  "{ lib, ... }@args: { }",
  "{ lib, x ? { }, ... } @ args: { }",
  "{ lib\n, ...\n}:\n{ }",
];

const others = [
  "{ lib, stdenv, fetchurl }: stdenv.mkDerivation { }",
  "{ a = 1; }",
  "self: super: { }",
  "# { lib, ... }: { }\n1",
  "let f = { lib, ... }: { }; in f",
  "",
  `# ${"x".repeat(5000)}\n{ lib, ... }: { }`,
];

Deno.test("modules are told from other files by how they begin", () => {
  for (const text of modules) assertEquals([text, isModule(new TextEncoder().encode(text))], [text, true]);
  for (const text of others) assertEquals([text, isModule(new TextEncoder().encode(text))], [text, false]);
});

Deno.test("whether a file is a module is found in one go, whatever it says", () => {
  const started = performance.now();
  for (
    const text of ["{".repeat(4096), "{ a".repeat(2000), "{ ...".repeat(1000), "/*".repeat(2048), "{}".repeat(2048)]
  ) {
    assertEquals(isModule(new TextEncoder().encode(text)), false);
  }
  assertEquals(performance.now() - started < 1000, true);
});
