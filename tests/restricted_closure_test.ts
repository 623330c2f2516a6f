/** Restricted evaluation may look at what store paths of the search path refer to. */
import { assertEquals, assertThrows } from "@std/assert";
import { NixError, Session } from "../mod.ts";
import { MemoryIO } from "../lib/io/memory.ts";
import type { StorePath } from "../lib/format/store_path.ts";
import { DEFAULT_SETTINGS } from "../lib/runtime/settings.ts";

const path = (name: string) => `/nix/store/${"a".repeat(32)}-${name}` as StorePath;

function read(searchPath: string, file: string): unknown {
  const session = new Session({
    settings: { ...DEFAULT_SETTINGS, restrictEval: true },
    log: { trace: () => {}, warn: () => {}, message: () => {} },
    currentDir: "/",
    files: new MemoryIO({ files: { [path("b")]: "b", [path("a")]: "a", [path("c")]: "c" } }),
    searchPath: [searchPath],
    closureOf: (at) => at.startsWith(path("b")) ? [path("b"), path("a")] : [],
  });
  return session.evaluate(session.parse(`builtins.readFile ${file}`, { kind: "string" }));
}

Deno.test("restricted evaluation reads what a store path of the search path refers to", () => {
  assertEquals(read(`x=${path("b")}`, path("a")), "a");
  assertEquals(read(`x=${path("b")}/lib`, path("a")), "a");
});

Deno.test("restricted evaluation reads nothing else of the store", () => {
  for (const [searchPath, file] of [[`x=${path("b")}`, path("c")], ["x=/elsewhere", path("a")]]) {
    assertThrows(() => read(searchPath, file), NixError, "is forbidden in restricted mode");
  }
});
