import { assertEquals } from "@std/assert";
import { after, afterTexts } from "./process.ts";

/** Returns what a writer of those writes, text by text. */
function written(make: (write: (text: string) => void) => (text: string) => void, texts: readonly string[]): string[] {
  const out: string[] = [];
  const write = make((text) => void out.push(text));
  for (const text of texts) write(text);
  return out;
}

Deno.test("after() leaves out chars that were printed before, wherever they end", () => {
  const texts = ["one\n", "two\n", "three\n"];
  assertEquals(written((write) => after(0, write), texts), texts);
  assertEquals(written((write) => after(6, write), texts), ["o\n", "three\n"]);
  assertEquals(written((write) => after(8, write), texts), ["three\n"]);
  assertEquals(written((write) => after(99, write), texts), []);
});

Deno.test("afterTexts() leaves out texts, however long they are this time", () => {
  const texts = ["1%", "17%", "100%"];
  assertEquals(written((write) => afterTexts(0, write), texts), texts);
  assertEquals(written((write) => afterTexts(2, write), texts), ["100%"]);
  assertEquals(written((write) => afterTexts(9, write), texts), []);
});
