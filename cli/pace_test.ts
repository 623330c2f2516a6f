import { assertEquals } from "@std/assert";
import { paceOf, type Way } from "./pace.ts";

function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "devix-pace-" });
  try {
    run(`${folder}/cache/code`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Runs something once that takes so long as a script and as modules, and returns how it was run. */
function run(what: string, folder: string, script: number | undefined, modules: number): Way | undefined {
  const pace = paceOf(what, folder);
  pace?.note(pace.way === "script" ? script : modules);
  return pace?.way;
}

function repeat(folder: string, what: string, script: number | undefined, modules: number): string {
  let ways = "";
  for (let i = 0; i < 8; i++) ways += run(what, folder, script, modules)![0];
  return ways;
}

Deno.test("paceOf() tries both ways and stays with the quicker", () =>
  inFolder((folder) => {
    assertEquals(repeat(folder, "1 + 1", 28, 14), "smmmmmmm");
    assertEquals(repeat(folder, "hello", 280, 310), "smssssss");
    assertEquals(repeat(folder, "firefox", 1700, 1800), "ssssssss");
    assertEquals(repeat(folder, "1 + 1", 28, 14), "mmmmmmmm");
  }));

Deno.test("paceOf() learns nothing from a run that means nothing", () =>
  inFolder((folder) => {
    assertEquals(repeat(folder, "1 + 1", undefined, 14), "ssssssss");
    assertEquals(repeat(folder, "1 + 1", 28, 14), "smmmmmmm");
  }));

Deno.test("paceOf() isn't misled by a run that takes long, but by many", () =>
  inFolder((folder) => {
    repeat(folder, "hello", 280, 310);
    assertEquals(run("hello", folder, 900, 900), "script");
    assertEquals(repeat(folder, "hello", 280, 310), "ssssssss");
    assertEquals(repeat(folder, "hello", 900, 310), "sssmmmmm");
  }));

Deno.test("paceOf() makes a folder and a file for this user alone", () =>
  inFolder((folder) => {
    run("x", folder, 30, 10);
    assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
    assertEquals(Deno.statSync(`${folder}/pace`).mode! & 0o777, 0o600);
  }));

Deno.test("paceOf() takes no folder that others can write to, no link and no file", () =>
  inFolder((folder) => {
    run("x", folder, 30, 10);
    for (const mode of [0o720, 0o702, 0o777]) {
      Deno.chmodSync(folder, mode);
      assertEquals(paceOf("x", folder), undefined, mode.toString(8));
    }
    Deno.chmodSync(folder, 0o700);
    assertEquals(run("x", folder, 30, 10), "modules");
    Deno.symlinkSync(folder, `${folder}-link`);
    assertEquals(paceOf("x", `${folder}-link`), undefined);
    assertEquals(paceOf("x", `${folder}/pace`), undefined);
    assertEquals(paceOf("x", `${folder}/pace/code`), undefined);
  }));

Deno.test("paceOf() does with a damaged file, and without one", () =>
  inFolder((folder) => {
    run("x", folder, 30, 10);
    Deno.writeFileSync(`${folder}/pace`, new Uint8Array(10).fill(255));
    assertEquals(run("x", folder, 30, 10), "script");
    assertEquals(run("x", folder, 30, 10), "modules");
    Deno.removeSync(`${folder}/pace`);
    Deno.mkdirSync(`${folder}/pace`);
    assertEquals(paceOf("x", folder), undefined);
  }));
