// What a daemon says, mutated: bytes flipped, cut, repeated, words made extreme. Whatever comes, the client ends with an answer
// or a clean error, soon, and without taking memory for lengths that are only claimed.
//
// The streams are what Nix 2.8 and 2.34 said in this conversation, and what the fake daemon says in other versions. Written
// anew with DEVIX_RECORD=1 where those are installed.

import { assert, assertEquals } from "@std/assert";
import { concatBytes } from "../../format/bytes.ts";
import type { FileTree } from "../../format/nar.ts";
import { StoreError } from "../errors.ts";
import { NIX_PROGRAMS, startDaemon, TestFolder } from "../_nix.ts";
import { FakeDaemon, scriptedTransport, transportPair } from "./_fake_daemon.ts";
import { addedFlat, addedText, addedTree } from "./_objects.ts";
import { DaemonClient } from "./client.ts";
import { connectUnix, type Transport } from "./transport.ts";

const RECORDINGS = new URL("../../../testdata/store/", import.meta.url);
const ROUNDS = 10_000;
/** The longest a client may take, in milliseconds; a busy machine included. */
const TIME_LIMIT = 1_000;

const SMALL_TREE: FileTree = {
  type: "directory",
  entries: new Map<string, FileTree>([
    ["file", { type: "regular", executable: true, contents: new Uint8Array(100) }],
    ["link", { type: "symlink", target: "file" }],
  ]),
};

/** A conversation; returns whether all of it went well. */
async function converse(transport: Transport): Promise<boolean> {
  const client = await DaemonClient.connect(transport);
  try {
    const [text, tree, flat] = [addedText("a", "text"), addedTree("tree", SMALL_TREE), addedFlat("flat", "bytes")];
    const user = addedText("b", text.path, [text.path]);
    const results = await Promise.allSettled([
      client.setOptions({ verbosity: 7 }),
      client.queryValidPaths([text.path, tree.path]),
      client.addTempRoots([text.path, tree.path]),
      client.addMultipleToStore([text, tree, user]),
      client.addToStoreNar(flat),
      client.queryPathInfo(user.path),
      client.queryPathInfo(addedText("c", "absent").path),
      client.narFromPath(tree.path, () => {}),
      client.addMultipleToStore([addedText("d", "d", [addedText("e", "never added").path])]),
      client.isValidPath(flat.path),
    ]);
    let failures = 0;
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      assert(result.reason instanceof StoreError, String(result.reason.stack));
      failures++;
    }
    return failures === 1;
  } finally {
    client.close();
  }
}

/** Returns what a daemon says. */
async function record(daemon: Transport): Promise<Uint8Array> {
  const said: Uint8Array[] = [];
  const read = async (buffer: Uint8Array) => {
    const n = await daemon.read(buffer);
    if (n !== undefined) said.push(buffer.slice(0, n));
    return n;
  };
  assert(await converse({ ...daemon, read, write: (bytes) => daemon.write(bytes), close: () => daemon.close() }));
  return concatBytes(said);
}

async function recordings(): Promise<Uint8Array[]> {
  const streams: Uint8Array[] = [];
  if (Deno.env.get("DEVIX_RECORD") === "1") await recordNix();
  for (const { name } of Deno.readDirSync(RECORDINGS)) {
    if (name.startsWith("daemon-")) streams.push(Deno.readFileSync(new URL(name, RECORDINGS)));
  }
  for (const minor of [25, 31, 35]) {
    const [ours, theirs] = transportPair();
    const daemon = new FakeDaemon(theirs, { minor, trusted: true });
    streams.push(await record(ours));
    await daemon.served;
  }
  return streams;
}

async function recordNix(): Promise<void> {
  for (const nix of NIX_PROGRAMS) {
    const folder = new TestFolder();
    const daemon = await startDaemon(nix, folder.path);
    const stream = await record(await connectUnix(daemon.socket));
    await daemon.stop();
    folder.close();
    Deno.writeFileSync(new URL(`daemon-${nix.version}`, RECORDINGS), stream);
  }
}

/** Small, fast and the same everywhere. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = Math.imul(state ^ state >>> 15, state | 1);
    state ^= state + Math.imul(state ^ state >>> 7, state | 61);
    return ((state ^ state >>> 14) >>> 0) % below;
  };
}

const EXTREMES = [0n, 1n, 2n, 0x7fff_ffffn, 0xffff_ffffn, 0x20_0000_0000_0000n, 0xffff_ffff_ffff_ffffn, 0x616c7473n];

function mutate(stream: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = stream.slice();
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(bytes.length);
    const word = at - at % 8;
    switch (random(5)) {
      case 0:
        bytes[at] ^= 1 << random(8);
        break;
      case 1:
        bytes = bytes.slice(0, at + 1);
        break;
      case 2:
        bytes = concatBytes([bytes.subarray(0, word), bytes.subarray(word + 8 * random(4))]) as typeof bytes;
        break;
      case 3:
        bytes = concatBytes([bytes.subarray(0, word), bytes.subarray(Math.max(0, word - 64))]) as typeof bytes;
        break;
      case 4:
        if (word + 8 <= bytes.length) {
          new DataView(bytes.buffer).setBigUint64(word, EXTREMES[random(EXTREMES.length)], true);
        }
    }
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

Deno.test(`DaemonClient ends cleanly whatever a daemon says, ${ROUNDS} times`, async () => {
  const streams = await recordings();
  assertEquals(streams.length >= 3, true);
  for (const stream of streams) assert(await converse(scriptedTransport(stream)), "not mutated, it goes well");
  const random = randomNumbers(1);
  let slowest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const stream = mutate(streams[round % streams.length], random);
    const started = performance.now();
    try {
      await converse(scriptedTransport(stream));
    } catch (e) {
      assert(e instanceof StoreError, `round ${round}: ${(e as Error).stack}`);
    }
    slowest = Math.max(slowest, performance.now() - started);
  }
  assert(slowest < TIME_LIMIT, `${slowest} ms`);
});
