import { assert, assertEquals } from "@std/assert";
import { client, failure, text } from "./_test_client.ts";

Deno.test("HttpClient reads files", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "on disk");
  using c = client({ offline: true });
  assertEquals(text((await c.http.get({ url: `file://${path}` })).bytes), "on disk");
  await Deno.remove(path);
  const missing = await failure(() => c.http.get({ url: `file://${path}` }));
  assertEquals(
    missing.message,
    `unable to download 'file://${path}': Could not read a file:// file (37) Could not open file ${path}`,
  );
});

Deno.test("HttpClient reads files of this machine, however their URLs are written", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "on disk");
  using c = client();
  for (const start of ["FILE://", "file://localhost", "file://LocalHost", "file://127.0.0.1", "file:"]) {
    assertEquals(text((await c.http.get({ url: start + path })).bytes), "on disk");
  }
  for (const start of ["file://other", "file://localhost.other", "file://localhost:1"]) {
    const { message } = await failure(() => c.http.get({ url: start + path }));
    assert(message.endsWith("URL using bad/illegal format or missing URL (3) URL rejected: Bad file:// URL"), message);
  }
  await Deno.remove(path);
});
