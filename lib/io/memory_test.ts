import { assertEquals, assertThrows } from "@std/assert";
import { MemoryIO } from "./memory.ts";

Deno.test("MemoryIO refuses files that nobody would find, or not as they were given", () => {
  for (
    const [path, file, reason] of [
      ["app.nix", "1", "not an absolute, canonical path"],
      ["./app.nix", "1", "not an absolute, canonical path"],
      ["/a/../b.nix", "1", "not an absolute, canonical path"],
      ["/a/", "1", "not an absolute, canonical path"],
      ["", "1", "not an absolute, canonical path"],
      ["/\u20ac", "1", "encodeUtf8"],
      ["/a", '"\u20ac"', "encodeUtf8"],
      ["/a", { executable: "\u20ac" }, "encodeUtf8"],
      ["/a", { symlink: "\u20ac" }, "encodeUtf8"],
      ["/file/below", "1", "there is a file above it"],
    ] as const
  ) {
    const error = assertThrows(() => new MemoryIO({ files: { "/file": "", [path]: file } }), TypeError, reason);
    assertEquals(error.message.startsWith(`Cannot write file "${path}": `), true);
  }
});

Deno.test("MemoryIO writes over what was there, in directories that come by themselves", () => {
  const io = new MemoryIO({ files: { "/a/b/c": "1", "/link": { symlink: "a" }, "/\xff": "\xff" } });
  io.write("/a/b/c", "2");
  io.write("/link/d", "3");
  assertEquals([...io.readFile("/a/b/c")], [0x32]);
  assertEquals(io.readDir("/").map(([name]) => name).sort(), ["a", "link", "\xff"]);
});
