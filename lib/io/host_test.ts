import { assertEquals, assertThrows } from "@std/assert";
import { binaryToBytes, bytesToBinary } from "../format/bytes.ts";
import { NixError, stripEscapes } from "../runtime/errors.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { HostIO } from "./host.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

function inTempDir(body: (dir: string) => void): void {
  const dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-host-" }));
  try {
    body(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

function message(action: () => unknown): string {
  return stripEscapes(assertThrows(action, NixError).message);
}

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("HostIO reads devices as empty, as they say they are", onLinux, () => {
  const io = new HostIO();
  assertEquals(io.fileType("/dev/zero"), "unknown");
  assertEquals(io.readFile("/dev/zero").length, 0);
});

Deno.test("HostIO doesn't wait for a pipe", onLinux, () => {
  inTempDir((dir) => {
    new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).outputSync();
    const io = new HostIO();
    assertEquals(io.fileType(`${dir}/pipe`), "unknown");
    assertEquals(message(() => io.readFile(`${dir}/pipe`)), `cannot read '${dir}/pipe': not a regular file`);
  });
});

Deno.test("HostIO reads names in UTF-8 as their bytes", () => {
  inTempDir((dir) => {
    Deno.writeTextFileSync(`${dir}/é`, "x");
    Deno.symlinkSync("é", `${dir}/link`);
    const io = new HostIO();
    assertEquals(io.readDir(dir).map(([name]) => name).sort(), ["link", "\xc3\xa9"]);
    assertEquals(io.readLink(`${dir}/link`), "\xc3\xa9");
    assertEquals(bytesToBinary(io.readFile(`${dir}/\xc3\xa9`)), "x");
  });
});

Deno.test("HostIO reads names that aren't UTF-8", onLinux, () => {
  inTempDir((dir) => {
    // Only a shell can make them: Deno's calls don't take such names.
    const script = `cd ${dir} && d=$(printf 'd\\351') && mkdir "$d" && printf text > "$d/$(printf 'f\\377')" && ` +
      `chmod +x "$d"/* && ln -s "$d" link && ln -s /none "$d/l"`;
    assertEquals(new Deno.Command("sh", { args: ["-c", script] }).outputSync().success, true);
    const io = new HostIO();
    assertEquals([...io.readDir(dir)].sort(), [["d\xe9", "directory"], ["link", "symlink"]]);
    assertEquals([...io.readDir(`${dir}/d\xe9`)].sort(), [["f\xff", "regular"], ["l", "symlink"]]);
    const { type, executable, size } = io.stat(`${dir}/d\xe9/f\xff`)!;
    assertEquals([type, executable, size], ["regular", true, 4]);
    assertEquals(bytesToBinary(io.readFile(`${dir}/link/f\xff`)), "text");
    assertEquals(io.readLink(`${dir}/link`), "d\xe9");
    assertEquals(io.resolveSymlinks(`${dir}/link/f\xff`, "full"), `${dir}/d\xe9/f\xff`);
    assertEquals(io.fileType(`${dir}/d\xe9/nothing`), undefined);
    assertEquals(io.fileType(`${dir}/d\xe9/f\xff/below`), undefined);
    assertEquals(message(() => io.readFile(`${dir}/nothing\xff`)), `path '${dir}/nothing\xff' does not exist`);
  });
});

Deno.test("HostIO hands out large files in chunks", () => {
  inTempDir((dir) => {
    const bytes = new Uint8Array(3_000_000).map((_, i) => i * 7 >> 3);
    Deno.writeFileSync(`${dir}/large`, bytes);
    const contents = new HostIO().readContents(`${dir}/large`);
    if (contents instanceof Uint8Array) throw new Error("came whole");
    let at = 0;
    for (const chunk of contents.chunks) {
      assertEquals(chunk[0], bytes[at]);
      at += chunk.length;
    }
    assertEquals([at, contents.size], [bytes.length, bytes.length]);
  });
});

Deno.test("HostIO sees what comes to be after it wasn't there", () => {
  inTempDir((dir) => {
    const io = new HostIO();
    assertEquals(io.pathExists(`${dir}/new/file`), false);
    Deno.mkdirSync(`${dir}/new`);
    Deno.writeFileSync(`${dir}/new/file`, binaryToBytes(""));
    assertEquals(io.pathExists(`${dir}/new/file`), true);
    assertEquals(io.readFile(`${dir}/new/file`).length, 0);
    Deno.writeTextFileSync(`${dir}/new/file`, "more");
    assertEquals(io.readFile(`${dir}/new/file`).length, 4);
  });
});

Deno.test("HostIO forgets what was there when told to", () => {
  inTempDir((dir) => {
    const io = new HostIO();
    Deno.mkdirSync(`${dir}/a`);
    assertEquals(io.fileType(`${dir}/a`), "directory");
    Deno.removeSync(`${dir}/a`);
    io.forget();
    assertEquals(io.fileType(`${dir}/a`), undefined);
  });
});

Deno.test("HostIO answers with given variables, then the process's", () => {
  Deno.env.set("DEVIX_TEST_OWN", "é");
  try {
    const io = new HostIO({ env: new Map([["GIVEN", "1"]]) });
    assertEquals(["GIVEN", "DEVIX_TEST_OWN", "DEVIX_TEST_NONE", "", "a=b", "a\0b"].map((n) => io.getEnv(n)), [
      "1",
      "\xc3\xa9",
      "",
      "",
      "",
      "",
    ]);
    assertEquals(new HostIO({ inheritEnv: false }).getEnv("DEVIX_TEST_OWN"), "");
  } finally {
    Deno.env.delete("DEVIX_TEST_OWN");
  }
});
