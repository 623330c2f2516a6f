import { assertEquals } from "@std/assert";
import { HostIO } from "./host.ts";
import { loadPosixCalls } from "./_posix_calls.ts";
import { noteOf, RecordingIO } from "./recording.ts";
import { WorldCheck } from "./world_check.ts";

// Loaded here, or else the first test to read a file would be blamed for not unloading it.
loadPosixCalls();

Deno.test("WorldCheck.changes() finds what has changed, in any way, and nothing else", () => {
  const dir = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const path = (name: string) => `${dir}/${name}`;
    Deno.mkdirSync(path("d"));
    for (const name of ["same", "text", "mode", "gone", "size"]) Deno.writeTextFileSync(path(name), "1");
    Deno.symlinkSync("same", path("link"));
    const io = new RecordingIO(new HostIO());
    for (const name of ["same", "text", "mode", "gone", "size", "link"]) io.readFile(path(name));
    io.readDir(path("d"));
    io.pathExists(path("new"));
    io.getEnv("DEVIX_TEST_VARIABLE");
    const check = new WorldCheck();
    let variable = "";
    const changes = () => check.changes(io.observations, () => variable).sort();
    assertEquals(changes(), []);
    assertEquals(changes(), []);
    Deno.writeTextFileSync(path("text"), "2");
    Deno.writeTextFileSync(path("size"), "22");
    Deno.chmodSync(path("mode"), 0o755);
    Deno.removeSync(path("gone"));
    Deno.writeTextFileSync(path("d/x"), "");
    Deno.writeTextFileSync(path("new"), "");
    Deno.removeSync(path("link"));
    Deno.symlinkSync("text", path("link"));
    variable = "1";
    const expected = [
      noteOf("contents", path("text")),
      noteOf("contents", path("size")),
      noteOf("types", path("mode")),
      noteOf("contents", path("mode")),
      noteOf("types", path("gone")),
      noteOf("contents", path("gone")),
      noteOf("listings", path("d")),
      noteOf("types", path("new")),
      noteOf("links", path("link")),
      noteOf("env", "DEVIX_TEST_VARIABLE"),
    ];
    assertEquals(changes(), expected.sort());
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
