import { assertEquals } from "@std/assert";
import { type ByteSource, type Line, LineReader } from "./lines.ts";

/** Gives chunks one at a time; after `ready` of them it would have to wait. */
function source(chunks: readonly (string | Uint8Array)[], ready = 0): ByteSource {
  const left = chunks.map((chunk) => typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  return {
    read(buffer) {
      const chunk = left.shift();
      ready--;
      if (chunk === undefined) return null;
      buffer.set(chunk);
      return chunk.length;
    },
    ready: () => ready > 0,
  };
}

function all(reader: LineReader): Line[] {
  const lines: Line[] = [];
  for (let line; (line = reader.next()) !== undefined;) lines.push(line);
  return lines;
}

Deno.test("LineReader takes lines apart, wherever chunks end", () => {
  const reader = new LineReader(source(["a\nbc", "", "d\n\ne", "\n"]), { maxBytes: 100 });
  assertEquals(all(reader), [{ text: "a" }, { text: "bcd" }, { text: "" }, { text: "e" }]);
  assertEquals(reader.ended, true);
});

Deno.test("LineReader decodes characters that chunks cut", () => {
  const bytes = new TextEncoder().encode("é\n");
  assertEquals(all(new LineReader(source([bytes.slice(0, 1), bytes.slice(1)]), { maxBytes: 9 })), [{ text: "é" }]);
});

Deno.test("LineReader tells of a line without an end", () => {
  assertEquals(all(new LineReader(source(["a\nb"]), { maxBytes: 9 })), [{ text: "a" }, { cut: "b" }]);
});

Deno.test("LineReader throws away lines that are too long, and nothing else", () => {
  const reader = new LineReader(source(["123456", "789\nok\n", "x".repeat(20) + "\nok\n", "1234567"]), { maxBytes: 5 });
  assertEquals(all(reader), [{ tooLong: 9 }, { text: "ok" }, { tooLong: 20 }, { text: "ok" }, { tooLong: 7 }]);
});

Deno.test("LineReader gives what has come without waiting", () => {
  const reader = new LineReader(source(["a\nb", "\nc\nd", "e\n"], 2), { maxBytes: 9 });
  assertEquals(reader.available(), [{ text: "a" }, { text: "b" }, { text: "c" }]);
  assertEquals(reader.available(), []);
  assertEquals(all(reader), [{ text: "de" }]);
});
