import { assertEquals } from "@std/assert";
import { ownPath } from "./own_path.ts";

Deno.test("ownPath() is a path, whatever the folder is called", () => {
  assertEquals(ownPath("./b.js", "file:///a%20%C3%B6/100%25/c.js"), "/a \u00f6/100%/b.js");
  assertEquals(ownPath("..", "file:///a/cli/c.ts"), "/a/");
});
