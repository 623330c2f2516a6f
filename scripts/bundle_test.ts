import { assertEquals, assertThrows } from "@std/assert";
import { renameWorkers } from "./bundle.ts";

Deno.test("renameWorkers() lets workers be found beside the bundle", () => {
  assertEquals(
    renameWorkers('a(new URL("./background/worker.ts", import.meta.url).href, new URL("..", import.meta.url))'),
    'a(new URL("./lib_store_background_worker.js", import.meta.url).href, new URL("..", import.meta.url))',
  );
  assertEquals(
    renameWorkers('new URL("../fetch_worker.ts", import.meta.url)'),
    'new URL("./fetch_worker.js", import.meta.url)',
  );
});

Deno.test("renameWorkers() fails if a worker wasn't bundled", () => {
  assertThrows(() => renameWorkers('new URL("./another.ts", import.meta.url)'), Error, "none of the workers");
});
