// The worker that writes to a store while evaluation goes on. See background_store.ts for the other side.

import { serve } from "../../blocking/serve.ts";
import { concatBytes } from "../../format/bytes.ts";
import type { StorePath } from "../../format/store_path.ts";
import { encodeBase64 } from "../../format/base_encodings.ts";
import { printContentAddress } from "../../format/content_address.ts";
import { printHash } from "../../format/hash.ts";
import { narTree } from "../../format/nar_reader.ts";
import type { PathInfo } from "../store.ts";
import { type PipeChunk, PipeReader } from "./chunk_pipe.ts";
import { type BackgroundContext, FAILED, IDLE, type PathInfoMessage } from "./context.ts";
import { openTarget } from "./open_target.ts";
import type { RootOptions } from "./target.ts";
import { BackgroundWriter } from "./writer.ts";

interface RootRequest {
  readonly link: string;
  readonly path: StorePath;
  readonly options: RootOptions;
}

/** The most lines of the daemon's log that are kept. */
const MAX_LOG = 100;

serve<BackgroundContext>((context) => {
  const flags = new Int32Array(context.flags);
  const log: string[] = [];
  const pipe = new PipeReader((idle) => Atomics.store(flags, IDLE, idle ? 1 : 0));
  const target = openTarget(context.places, {
    storeDir: context.storeDir,
    onLine: (line) => log.length < MAX_LOG && log.push(line),
  });
  // Whoever asks for it is told.
  target.catch(() => {});
  const writer = new BackgroundWriter({ pipe, target, onFailure: () => Atomics.store(flags, FAILED, 1) });
  writer.run();
  return {
    take: (chunk: PipeChunk) => pipe.take(chunk),
    mode: async () => (await target).mode,
    flush: async () => ({ ...await writer.flush(), log: log.splice(0) }),
    isValid: async (path: StorePath) => await (await target).isValid(path),
    pathInfo: async (path: StorePath) => {
      const info = await (await target).pathInfo(path);
      return info === undefined ? null : pathInfoMessage(info);
    },
    file: async (path: StorePath) => {
      const store = await target;
      if (!await store.isValid(path)) return null;
      const parts: Uint8Array[] = [];
      await store.nar(path, (chunk) => parts.push(chunk.slice()));
      const tree = narTree(concatBytes(parts));
      return tree.type === "regular" ? encodeBase64(tree.contents) : null;
    },
    addRoot: async ({ link, path, options }: RootRequest) => {
      await (await target).addRoot(link, path, options);
    },
    close: async () => (await target).close(),
  };
});

function pathInfoMessage(info: PathInfo): PathInfoMessage {
  const { narHash, ca, ...rest } = info;
  return {
    ...rest,
    ...(narHash === undefined ? {} : { narHash: printHash(narHash, "sri") }),
    ...(ca === undefined ? {} : { ca: printContentAddress(ca) }),
  };
}
