/** What restricted evaluation may look at. */
import { assertEquals, assertThrows } from "@std/assert";
import { NixError, Session, stripEscapes } from "../mod.ts";
import { MemoryIO } from "../lib/io/memory.ts";
import type { StorePath } from "../lib/format/store_path.ts";
import { DEFAULT_SETTINGS } from "../lib/runtime/settings.ts";

type Files = Record<string, string | { readonly symlink: string }>;

const path = (name: string) => `/nix/store/${"a".repeat(32)}-${name}` as StorePath;

function open(searchPath: readonly string[], files: Files, warn: (text: string) => void = () => {}): Session {
  return new Session({
    settings: { ...DEFAULT_SETTINGS, restrictEval: true },
    log: { trace: () => {}, warn, message: () => {} },
    currentDir: "/work",
    files: new MemoryIO({ files, env: { HOME: "/home/me" } }),
    searchPath,
    closureOf: (at) => at.startsWith(path("b")) ? [path("b"), path("a")] : [],
  });
}

function read(searchPath: string, file: string): unknown {
  const inStore = { [path("b")]: "b", [path("a")]: "a", [path("c")]: "c" };
  const session = open([searchPath], { ...inStore, "/work/open/file": "open", "/home/me/file": "home" });
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

Deno.test("restricted evaluation reads below entries of the search path, however these are written", () => {
  for (const entry of ["/work/open/", "open", "x=../work/./open", "/work//open"]) {
    assertEquals(read(entry, "/work/open/file"), "open", entry);
  }
});

Deno.test("restricted evaluation knows the home of the user, but shows no environment", () => {
  assertEquals(read("home=/home/me", "~/file"), "home");
  assertThrows(() => read("x=/work", "~/file"), NixError, "access to absolute path '/home/me/file' is forbidden");
  const session = open(["x=/work"], {});
  assertEquals(session.evaluate(session.parse(`builtins.getEnv "HOME"`, { kind: "string" })), "");
});

Deno.test("restricted evaluation looks for all entries of the search path, one after the other, before it begins", () => {
  const files: Files = { "/work/dir/file": "", "/work/link": { symlink: "dir" }, "/work/loop": { symlink: "loop" } };
  const warnings = (...entries: string[]) => {
    const texts: string[] = [];
    open(entries, files, (text) => texts.push(stripEscapes(text)));
    return texts;
  };
  const missing = (entry: string) => `Nix search path entry '${entry}' does not exist, ignoring`;
  assertEquals(warnings("n=nope", "nope", "dir"), [missing("nope")]);
  // What a link leads to has to be allowed by then.
  assertEquals(warnings("n=link", "m=dir"), [missing("link")]);
  assertEquals(warnings("m=dir", "n=link"), []);
  assertThrows(() => warnings("n=loop"), NixError, "infinite symlink recursion in path");
});
