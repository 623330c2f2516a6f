import { assertEquals, assertThrows } from "@std/assert";
import { NixError, stripEscapes } from "../runtime/errors.ts";
import { MemoryIO } from "./memory.ts";
import { checkUri, RestrictedIO, type Restriction } from "./restricted.ts";

function restricted(restriction: Restriction = "restricted"): RestrictedIO {
  const files = {
    "/work/open/file": "text",
    "/work/open/out": { symlink: "/work/closed" },
    "/work/open/in": { symlink: "/work/open/file" },
    "/work/closed/file": "secret",
    "/work/door": { symlink: "open" },
    "/workshop/file": "text",
  };
  const io = new RestrictedIO(new MemoryIO({ files, env: { HOME: "/root" } }), restriction);
  io.allow("/work/open");
  return io;
}

function message(action: () => unknown): string {
  const error = assertThrows(action, NixError);
  assertEquals(error.kind, "restricted");
  return stripEscapes(error.message);
}

Deno.test("RestrictedIO shows what is below an allowed path and the way to it", () => {
  const io = restricted();
  assertEquals(["/", "/work", "/work/open", "/work/open/file"].map((p) => io.fileType(p)), [
    "directory",
    "directory",
    "directory",
    "regular",
  ]);
  assertEquals(io.readDir("/work"), [["open", "directory"]]);
  assertEquals(io.readDir("/"), [["work", "directory"]]);
});

Deno.test("RestrictedIO hides the rest", () => {
  const io = restricted();
  for (const path of ["/work/closed", "/work/closed/file", "/work/door", "/workshop", "/work/openly"]) {
    assertEquals(io.fileType(path), undefined, path);
    assertEquals(io.pathExists(path), false, path);
    assertEquals(
      message(() => io.checkAccess(path)),
      `access to absolute path '${path}' is forbidden in restricted mode`,
    );
  }
  assertEquals(
    message(() => io.readFile("/work/closed/file")),
    "access to absolute path '/work/closed/file' is forbidden in restricted mode",
  );
});

Deno.test("RestrictedIO judges a symlink by where it leads", () => {
  const io = restricted();
  assertEquals(io.readFile("/work/open/in").length, 4);
  assertEquals(io.pathExists("/work/open/out/file"), false);
  assertEquals(
    message(() => io.readFile("/work/open/out/file")),
    "access to absolute path '/work/closed/file' is forbidden in restricted mode",
  );
  // A link that may not be seen isn't followed.
  assertEquals(io.resolveSymlinks("/work/door/file", "full"), "/work/door/file");
});

Deno.test("RestrictedIO says how to get out of pure evaluation", () => {
  assertEquals(
    message(() => restricted("pure").readDir("/work/closed")),
    "access to absolute path '/work/closed' is forbidden in pure evaluation mode (use '--impure' to override)",
  );
});

Deno.test("RestrictedIO has no environment", () => {
  assertEquals(restricted().getEnv("HOME"), "");
});

Deno.test("checkUri takes URIs below an allowed one", () => {
  const io = restricted();
  const allowed = ["https://github.com/NixOS", "http://example.org/", "github:"];
  const check = (uri: string) => checkUri(uri, { allowedUris: allowed, io });
  for (
    const uri of [
      "https://github.com/NixOS",
      "https://github.com/NixOS/nixpkgs",
      "http://example.org/a",
      "github:a/b",
      "/work/open/file",
      "file:///work/open/file",
      "file:/work/open/fi%6ce",
      "file:///work//closed/../open/./file",
    ]
  ) check(uri);
  for (
    const uri of [
      "https://github.com/NixOSX",
      "https://github.com",
      "http://example.com/",
      "gitlab:a/b",
      "file://localhost/work/open/file",
      "file://work/open/file",
      "FILE:///work/open/file",
    ]
  ) {
    assertEquals(message(() => check(uri)), `access to URI '${uri}' is forbidden in restricted mode`);
  }
  for (const uri of ["file:///work/open/../closed", "file:///work/open/%2e%2e/closed", "/work/open/../closed"]) {
    assertEquals(
      message(() => check(uri)),
      "access to absolute path '/work/closed' is forbidden in restricted mode",
    );
  }
  assertEquals(
    message(() => check("file:///work/closed")),
    "access to absolute path '/work/closed' is forbidden in restricted mode",
  );
});
