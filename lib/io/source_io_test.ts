// One contract for all implementations of EvalIO that have files: what evaluation relies on.

import { assertEquals, assertThrows } from "@std/assert";
import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import { KnownPaths } from "../known_paths.ts";
import { NixError, stripEscapes } from "../runtime/errors.ts";
import { ComputeOnlyStore } from "../store/compute_only.ts";
import { DENO_CALLS } from "./_deno_calls.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { HostIO } from "./host.ts";
import { InternalFilesIO } from "./internal_files.ts";
import { type MemoryFile, MemoryIO } from "./memory.ts";
import { RestrictedIO } from "./restricted.ts";
import type { SourceIO } from "./source_io.ts";
import { StoreIO } from "./store_io.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

const FILES: Readonly<Record<string, MemoryFile>> = {
  "/plain": "text\xff",
  "/empty": "",
  "/script": { executable: "#!" },
  "/dir/inner/leaf": "leaf",
  "/dir/up": { symlink: "../plain" },
  "/to-dir": { symlink: "dir" },
  "/slashes": { symlink: "dir//./inner/" },
  "/absolute": { symlink: "ROOT/dir/inner" },
  "/beyond": { symlink: "../../../../../../../../../../../../ROOT/plain" },
  "/dangling": { symlink: "nowhere" },
  "/loop-a": { symlink: "loop-b" },
  "/loop-b": { symlink: "loop-a" },
};

/** A world with FILES below a root, which "ROOT" in symlinks stands for. */
interface World {
  readonly io: SourceIO;
  readonly root: string;
}

function memory(root: string): MemoryIO {
  const files: Record<string, MemoryFile> = {};
  for (const [path, file] of Object.entries(FILES)) files[root + path] = withRoot(file, root);
  return new MemoryIO({ files, env: { NAME: "value" } });
}

function withRoot(file: MemoryFile, root: string): MemoryFile {
  if (typeof file !== "object" || !("symlink" in file)) return file;
  return { symlink: file.symlink.replace("/ROOT", root).replace("ROOT", root) };
}

function onDisk(): string {
  const root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-io-" }));
  for (const [path, given] of Object.entries(FILES)) {
    const file = withRoot(given, root);
    Deno.mkdirSync(root + path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (typeof file === "string") Deno.writeFileSync(root + path, binaryToBytes(file));
    else if ("symlink" in file) Deno.symlinkSync(file.symlink, root + path);
    else if ("executable" in file) Deno.writeTextFileSync(root + path, file.executable as string, { mode: 0o755 });
  }
  return root;
}

const WORLDS: Readonly<Record<string, () => World>> = {
  MemoryIO: () => ({ io: memory("/root"), root: "/root" }),
  HostIO: () => ({ io: new HostIO(), root: onDisk() }),
  "HostIO without libc": () => ({ io: new HostIO({ calls: DENO_CALLS }), root: onDisk() }),
  RestrictedIO: () => {
    const io = new RestrictedIO(memory("/root"), "restricted");
    io.allow("/root");
    return { io, root: "/root" };
  },
  InternalFilesIO: () => ({ io: new InternalFilesIO(memory("/root"), {}), root: "/root" }),
  StoreIO: () => {
    const io = new StoreIO({ files: memory("/root"), store: new ComputeOnlyStore(), knownPaths: new KnownPaths() });
    return { io, root: "/root" };
  },
  "StoreIO in the store": () => {
    // Files right in the store directory that nobody knows are the host's.
    const root = "/nix/store/00000000000000000000000000000000-tree";
    const io = new StoreIO({ files: memory(root), store: new ComputeOnlyStore(), knownPaths: new KnownPaths() });
    return { io, root };
  },
};

for (const [name, make] of Object.entries(WORLDS)) {
  const test = (fact: string, body: (world: World) => void) =>
    Deno.test(`${name} ${fact}`, () => {
      const world = make();
      try {
        body(world);
      } finally {
        if (name.startsWith("HostIO")) Deno.removeSync(world.root, { recursive: true });
      }
    });

  test("tells what a path is without following it", ({ io, root }) => {
    const types = ["/plain", "/dir", "/to-dir", "/dangling", "/nothing", "/plain/below"].map((p) =>
      io.fileType(root + p)
    );
    assertEquals(types, ["regular", "directory", "symlink", "symlink", undefined, undefined]);
  });

  test("knows what is executable", ({ io, root }) => {
    const { type, executable, size } = io.stat(`${root}/script`)!;
    assertEquals([type, executable, size], ["regular", true, 2]);
    assertEquals(io.stat(`${root}/plain`)?.executable, false);
    assertEquals(io.stat(`${root}/dir`)?.executable, false);
  });

  test("follows symlinks to say whether something exists", ({ io, root }) => {
    const found = ["/dir/up", "/to-dir/inner/leaf", "/dangling", "/nothing"].map((p) => io.pathExists(root + p));
    assertEquals(found, [true, true, false, false]);
  });

  test("reads bytes, through symlinks", ({ io, root }) => {
    assertEquals(bytesToBinary(io.readFile(`${root}/to-dir/up`)), "text\xff");
    assertEquals(io.readFile(`${root}/empty`).length, 0);
  });

  test("can't read what isn't a file", ({ io, root }) => {
    assertEquals(failure(() => io.readFile(`${root}/nothing`)), `path '${root}/nothing' does not exist`);
    assertEquals(failure(() => io.readFile(`${root}/dir`)).replace(/\d+/, "N"), "read of N bytes: Is a directory");
  });

  test("lists directories", ({ io, root }) => {
    assertEquals([...io.readDir(`${root}/to-dir`)].sort(), [["inner", "directory"], ["up", "symlink"]]);
    const plain = `${root}/plain`;
    assertEquals(failure(() => io.readDir(plain)), `cannot read directory "${plain}": Not a directory`);
    assertEquals(failure(() => io.readDir(`${root}/nothing`)), `path '${root}/nothing' does not exist`);
  });

  test("reads symlinks", ({ io, root }) => {
    assertEquals(io.readLink(`${root}/to-dir/up`), "../plain");
  });

  test("resolves symlinks in all components", ({ io, root }) => {
    const cases = {
      "/to-dir/up": "/plain",
      "/slashes/leaf": "/dir/inner/leaf",
      "/absolute/leaf": "/dir/inner/leaf",
      "/dangling": "/nowhere",
      "/dangling/below": "/nowhere/below",
      "/nothing/below": "/nothing/below",
      "/plain/below": "/plain/below",
    };
    for (const [path, real] of Object.entries(cases)) {
      assertEquals(io.resolveSymlinks(root + path, "full"), root + real, path);
    }
    assertEquals(io.resolveSymlinks("/", "full"), "/");
  });

  test("resolves symlinks above the last component", ({ io, root }) => {
    assertEquals(io.resolveSymlinks(`${root}/to-dir/up`, "ancestors"), `${root}/dir/up`);
    assertEquals(io.resolveSymlinks(`${root}/absolute`, "ancestors"), `${root}/absolute`);
  });

  test("stays below the root directory", ({ io, root }) => {
    assertEquals(io.resolveSymlinks(`${root}/beyond`, "full"), `${root}/plain`);
  });

  test("notices symlinks that lead in circles", ({ io, root }) => {
    for (const path of [`${root}/loop-a`, `${root}/loop-a/below`]) {
      const message = failure(() => io.resolveSymlinks(path, "full"));
      assertEquals(message, `infinite symlink recursion in path '${path}'`);
    }
  });
}

function failure(action: () => unknown): string {
  return stripEscapes(assertThrows(action, NixError).message);
}
