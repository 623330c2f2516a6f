import { assertEquals } from "@std/assert";
import type { StorePath } from "../../format/store_path.ts";
import { flatObject, sourceObject, textObject, TREE } from "../_contract.ts";
import { TestFolder } from "../_nix.ts";
import { LocalStore } from "../local.ts";
import type { SourceObject } from "../store.ts";
import { type PipeChunk, PipeReader, PipeWriter } from "./chunk_pipe.ts";
import { writeSource, writeText } from "./entries.ts";
import { LocalTarget } from "./local_target.ts";
import { BackgroundWriter } from "./writer.ts";

/** A store to which somebody else adds things just after it was asked for them. */
class RacedTarget extends LocalTarget {
  override validPaths(): Promise<ReadonlySet<StorePath>> {
    return Promise.resolve(new Set());
  }
}

/** What has a size is passed on as it comes. */
function withSize(source: SourceObject): SourceObject {
  let size = 0;
  source.dump((chunk) => void (size += chunk.length));
  return { ...source, size };
}

Deno.test("BackgroundWriter reads past contents of what somebody else has added meanwhile", async () => {
  const folder = new TestFolder();
  const store = LocalStore.open(`${folder.path}/root`);
  try {
    const [raced, after] = ["raced", "after"].map((name) => withSize(sourceObject(name, TREE)));
    const flat = flatObject("flat", "bytes");
    const text = textObject("text", "contents");
    store.addSource(raced);
    store.addSource(flat);
    const reader = new PipeReader(() => {});
    const pipe = new PipeWriter({
      send: (chunk: PipeChunk) => reader.take(chunk),
      maxBytes: 1 << 20,
      isBroken: () => false,
      isWanted: () => false,
    });
    for (const source of [raced, flat, after]) writeSource(pipe, source);
    writeText(pipe, text, new Map());
    pipe.handOver();
    const target = new RacedTarget({ mode: "local", layout: store.layout });
    const writer = new BackgroundWriter({ pipe: reader, target: Promise.resolve(target), onFailure: () => {} });
    writer.run();
    await writer.flush();
    for (const { path } of [raced, flat, after, text]) assertEquals(store.isValid(path), true, path);
    target.close();
  } finally {
    store.close();
    folder.close();
  }
});
