import { assertEquals } from "@std/assert";
import { bytesToBinary } from "../../format/bytes.ts";
import { type PipeChunk, PipeReader, PipeWriter } from "./chunk_pipe.ts";

const MAX_BYTES = 1 << 24;

/** Returns a pipe whose writer's thread is the reader's too: it must never fill up. */
function pipe(): { readonly writer: PipeWriter; readonly reader: PipeReader } {
  const reader = new PipeReader(() => {});
  const send = (chunk: PipeChunk) => reader.take(chunk);
  const writer = new PipeWriter({ send, maxBytes: MAX_BYTES, isBroken: () => false, isWanted: () => false });
  return { writer, reader };
}

async function readText(reader: PipeReader, length: number): Promise<string> {
  const bytes = new Uint8Array(length);
  await reader.read(bytes);
  return bytesToBinary(bytes);
}

Deno.test("a pipe carries texts of any bytes and lengths", async () => {
  const { writer, reader } = pipe();
  // Enough of them for what is native to be called the fast way.
  for (let i = 0; i < 20_000; i++) {
    const length = i % 500 === 0 ? 300_000 : i % 700;
    const text = JSON.parse(JSON.stringify("x".repeat(length) + (i % 3 === 0 ? "\xe9\xff" : "")));
    writer.u32(text.length);
    writer.text(text);
    writer.handOver();
    const size = new Uint32Array(1);
    await reader.read(new Uint8Array(size.buffer));
    assertEquals(size[0], text.length, `text ${i}`);
    assertEquals(await readText(reader, size[0]) === text, true, `text ${i}`);
  }
});

Deno.test("a pipe carries what lies across the end of a chunk", async () => {
  const { writer, reader } = pipe();
  const texts = Array.from({ length: 700 }, (_, i) => `${"abc".repeat(500 + i % 7)}${i % 2 === 0 ? "\xe9" : ""}`);
  for (const text of texts) {
    writer.u32(0x04030201);
    writer.text(text);
  }
  writer.handOver();
  for (const text of texts) {
    assertEquals(await readText(reader, 4), "\x01\x02\x03\x04");
    assertEquals(await readText(reader, text.length), text);
  }
  assertEquals(reader.isEmpty, true);
});

Deno.test("a pipe's chunks are used again", async () => {
  const { writer, reader } = pipe();
  const buffers = new Set<SharedArrayBuffer>();
  const take = reader.take.bind(reader);
  reader.take = (chunk) => {
    buffers.add(chunk.buffer);
    take(chunk);
  };
  for (let i = 0; i < 100; i++) {
    writer.text(`${i}`.padEnd(100_000));
    writer.handOver();
    assertEquals((await readText(reader, 100_000)).trimEnd(), `${i}`);
  }
  assertEquals(buffers.size < 4, true);
});
