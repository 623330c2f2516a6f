import { assertEquals } from "@std/assert";
import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import { hashHex } from "../format/hash.ts";
import { hashListing } from "../format/listing.ts";
import { narBytes } from "../format/nar.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { HostIO } from "./host.ts";
import { MemoryIO } from "./memory.ts";
import { RecordingIO } from "./recording.ts";
import { narSource } from "./source_io.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

function world(): { memory: MemoryIO; io: RecordingIO } {
  const memory = new MemoryIO({
    files: {
      "/p/a.nix": "1",
      "/p/run": { executable: "#!" },
      "/p/sub/b": "bee",
      "/p/link": { symlink: "sub" },
      "/p/loop": { symlink: "loop" },
      "/p/pipe": { unknown: true },
    },
    env: { HOME: "/h" },
  });
  return { memory, io: new RecordingIO(memory) };
}

Deno.test("RecordingIO notes types, absence included", () => {
  const { io } = world();
  io.fileType("/p/a.nix");
  io.stat("/p/run");
  io.fileType("/p/none");
  assertEquals([...io.observations.types], [
    ["/", "directory"],
    ["/p/a.nix", "regular"],
    ["/p/run", "executable"],
    ["/p/none", "absent"],
  ]);
});

Deno.test("RecordingIO notes contents under the real path, and every directory on the way", () => {
  const { io } = world();
  assertEquals(bytesToBinary(io.readFile("/p/link/b")), "bee");
  const { types, contents, links } = io.observations;
  assertEquals([...contents], [["/p/sub/b", hashHex("sha256", "bee")]]);
  assertEquals([...links], [["/p/link", "sub"]]);
  assertEquals([types.get("/p"), types.get("/p/link"), types.get("/p/sub"), types.get("/p/sub/b")], [
    "directory",
    "symlink",
    "directory",
    "regular",
  ]);
});

Deno.test("RecordingIO notes listings and the environment", () => {
  const { memory, io } = world();
  io.readDir("/p/sub");
  io.getEnv("HOME");
  io.getEnv("NOPE");
  assertEquals([...io.observations.listings], [["/p/sub", hashListing(memory.readDir("/p/sub"))]]);
  assertEquals([...io.observations.env], [["HOME", "/h"], ["NOPE", ""]]);
});

Deno.test("RecordingIO notes only variables that are the host's", () => {
  const { memory } = world();
  const given = new RecordingIO(memory, { env: new Map([["HOME", "/x"]]) });
  assertEquals([given.getEnv("HOME"), given.getEnv("USER")], ["/x", ""]);
  assertEquals([...given.observations.env.keys()], ["USER"]);
  const hidden = new RecordingIO(memory, { inheritEnv: false });
  assertEquals([hidden.getEnv("HOME"), hidden.observations.env.size], ["", 0]);
});

Deno.test("hashListing tells names and types apart, not their order", () => {
  const a = hashListing([["x", "regular"], ["y", "directory"]]);
  assertEquals(a, hashListing([["y", "directory"], ["x", "regular"]]));
  assertEquals(a === hashListing([["x", "regular"], ["y", "regular"]]), false);
  assertEquals(a === hashListing([["xregular", "regular"], ["y", "directory"]]), false);
});

Deno.test("RecordingIO answers as the world below", () => {
  const { memory, io } = world();
  for (const path of ["/p/link/b", "/p/none/x", "/p/link", "/p", "/", "/p/link/none"]) {
    for (const mode of ["full", "ancestors"] as const) {
      assertEquals(io.resolveSymlinks(path, mode), memory.resolveSymlinks(path, mode), `${mode} ${path}`);
    }
    assertEquals(io.pathExists(path), memory.pathExists(path), path);
    assertEquals(io.stat(path), memory.stat(path), path);
  }
});

Deno.test("RecordingIO notes a path that changes under it as unstable", () => {
  const { memory, io } = world();
  io.readFile("/p/a.nix");
  assertEquals(io.unstable, null);
  memory.write("/p/a.nix", "2");
  io.readFile("/p/a.nix");
  assertEquals(io.unstable, "/p/a.nix");
});

Deno.test("RecordingIO notes every file of a tree that is archived, also large ones", () => {
  const dir = Deno.makeTempDirSync();
  try {
    const large = "x".repeat((2 << 20) + 5);
    Deno.writeTextFileSync(`${dir}/large`, large);
    Deno.mkdirSync(`${dir}/d`);
    Deno.writeTextFileSync(`${dir}/d/small`, "s");
    const io = new RecordingIO(new HostIO());
    narBytes(narSource(io), dir);
    const { contents, listings } = io.observations;
    assertEquals(contents.get(`${dir}/large`), hashHex("sha256", large));
    assertEquals(contents.get(`${dir}/d/small`), hashHex("sha256", "s"));
    assertEquals([listings.has(dir), listings.has(`${dir}/d`), io.unstable], [true, true, null]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("RecordingIO gives the hash of what it read for free, and of other bytes too", () => {
  const { io } = world();
  const bytes = io.readFile("/p/a.nix");
  assertEquals(io.hash(bytes), hashHex("sha256", "1"));
  assertEquals(io.hash(binaryToBytes("other")), hashHex("sha256", "other"));
});

Deno.test("RecordingIO notes what it sees last, and finds its way anew when told", () => {
  const { memory, io } = world();
  io.readFile("/p/link/b");
  memory.write("/p/other/b", "2");
  memory.write("/p/link", { symlink: "other" });
  io.revisit();
  io.readFile("/p/link/b");
  const { contents, links } = io.observations;
  assertEquals([contents.get("/p/other/b"), links.get("/p/link")], [hashHex("sha256", "2"), "other"]);
});
