import { assert, assertEquals, assertRejects } from "@std/assert";
import { findUsed } from "./coverage.ts";

Deno.test("findUsed() finds what runs in any folder, however it ends, and without anybody's settings", async () => {
  const directory = await Deno.makeTempDir({ prefix: "devix eager % \u00f6" });
  try {
    const text = "function a() {} a(); if (Deno.env.has('DEVIX_EAGER_TEST')) throw 1; Deno.exit();";
    await Deno.writeTextFile(`${directory}/main.js`, text);
    Deno.env.set("DEVIX_EAGER_TEST", "1");
    const used = await findUsed(`${directory}/main.js`, [[]]);
    assertEquals([...used.keys()], ["main.js"]);
    assert(used.get("main.js")!.has(0));
  } finally {
    Deno.env.delete("DEVIX_EAGER_TEST");
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("findUsed() fails where a command does", async () => {
  const directory = await Deno.makeTempDir({ prefix: "devix-eager-" });
  try {
    await Deno.writeTextFile(`${directory}/main.js`, 'throw new Error("no " + Deno.args[0]);');
    await assertRejects(() => findUsed(`${directory}/main.js`, [["way"]]), Error, 'Cannot bundle: "way" fails: ');
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
