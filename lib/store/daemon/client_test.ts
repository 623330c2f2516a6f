import { assert, assertEquals, assertRejects } from "@std/assert";
import { binaryToBytes, concatBytes } from "../../format/bytes.ts";
import { hashOf } from "../../format/hash.ts";
import { WireWriter } from "../../format/wire.ts";
import { sourceObject, TREE } from "../_contract.ts";
import { NIX_OR_NONE, NIX_PROGRAMS, runNix, startDaemon, TestFolder } from "../_nix.ts";
import { FakeDaemon, type FakeDaemonOptions, scriptedTransport, transportPair } from "./_fake_daemon.ts";
import { addedFlat, addedText, addedTree } from "./_objects.ts";
import { DaemonClient } from "./client.ts";
import { ConnectionError, DaemonError } from "./errors.ts";
import { OP, SERVER_MAGIC, STDERR } from "./protocol.ts";

async function withFake(
  options: FakeDaemonOptions,
  test: (client: DaemonClient, daemon: FakeDaemon) => Promise<void>,
): Promise<void> {
  const [ours, theirs] = transportPair();
  const daemon = new FakeDaemon(theirs, options);
  const client = await DaemonClient.connect(ours);
  try {
    await test(client, daemon);
  } finally {
    client.close();
    await daemon.served;
  }
}

/** What any daemon should do with whatever it is asked. */
async function converse(client: DaemonClient): Promise<void> {
  await client.setOptions({ verbosity: 0, overrides: new Map([["connect-timeout", "3"]]) });
  const [one, two] = [addedText("one", "first \xff\n"), addedText("two", "second")];
  const three = addedText("three", `${one.path} ${two.path}`, [one.path, two.path]);
  const [tree, flat] = [addedTree("tree"), addedFlat("flat", "flat bytes")];
  const paths = [one, two, three, tree, flat].map(({ path }) => path);
  assertEquals(await client.isValidPath(one.path), false);
  assertEquals([...await client.queryValidPaths(paths)], []);
  assertEquals(await client.queryPathInfo(one.path), undefined);
  await client.addTempRoots(paths);
  await client.addMultipleToStore([one, two, three]);
  await client.addMultipleToStore([tree, flat, one]);
  assertEquals((await client.queryValidPaths([...paths, addedText("x", "x").path])).size, 5);
  for (const object of [three, tree, flat]) {
    const info = (await client.queryPathInfo(object.path))!;
    const { narHash, narSize, ca, references } = object;
    assertEquals(info.references, [...references].sort());
    assertEquals([info.narHash, info.narSize, info.ca], [narHash, narSize, ca]);
  }
  const parts: Uint8Array[] = [];
  await client.narFromPath(tree.path, (chunk) => parts.push(chunk.slice()));
  assertEquals(concatBytes(parts).length, tree.narSize);
  assertEquals(hashOf("sha256", concatBytes(parts)), tree.narHash);

  const four = addedText("four", "fourth", [one.path]);
  const contents = () => binaryToBytes("fourth");
  const text = { name: "four", method: "text", algo: "sha256", references: [one.path], contents } as const;
  assertEquals((await client.addToStore(text)).path, four.path);
  assertEquals(await client.addTextToStore("one", "first \xff\n", []), one.path);
  const other = sourceObject("other", TREE);
  const recursive = { name: "other", method: "nar", algo: "sha256", references: [], contents: tree.nar } as const;
  assertEquals((await client.addToStore(recursive)).path, other.path);
  const missing = addedText("dangling", "x", [addedText("y", "never added").path]);
  await assertRejects(() => client.addMultipleToStore([missing]), DaemonError, missing.path);
  assertEquals(await client.isValidPath(missing.path), false, "and the connection goes on");
}

for (const minor of [25, 26, 27, 31, 32, 33, 34, 35, 37, 38]) {
  Deno.test(`DaemonClient speaks protocol 1.${minor}`, () =>
    withFake({ minor, trusted: true }, async (client, daemon) => {
      assertEquals(client.info, {
        minor,
        ...(minor >= 33 ? { version: "2.fake" } : {}),
        ...(minor >= 35 ? { trusted: true } : {}),
      });
      await converse(client);
      assertEquals(daemon.ops.includes(OP.addMultipleToStore), minor >= 32);
      assertEquals(daemon.ops.includes(OP.addToStoreNar), minor < 32);
      assertEquals(daemon.tempRoots.length, 5);
    }));
}

Deno.test("DaemonClient goes by its own minor version where the daemon's is higher", () =>
  withFake({ minor: 60 }, async (client) => {
    assertEquals(client.info, { minor: 38, version: "2.fake" });
    assertEquals(await client.isValidPath(addedText("a", "a").path), false);
  }));

Deno.test("DaemonClient carries the daemon's words over", async () => {
  for (const minor of [25, 38]) {
    const refuse = (op: number) => op === OP.queryPathInfo ? "\x1b[31mnot today\x1b[0m" : undefined;
    await withFake({ minor, refuse }, async (client) => {
      const { path } = addedText("a", "a");
      const error = await assertRejects(() => client.queryPathInfo(path), DaemonError);
      assertEquals(error.message, `Cannot ask about "${path}": \x1b[31mnot today\x1b[0m`);
      assertEquals(error.traces, minor === 25 ? [] : ["while serving"]);
      assertEquals(await client.isValidPath(path), false);
    });
  }
});

Deno.test("DaemonClient takes requests before earlier ones are answered", () =>
  withFake({ minor: 38 }, async (client) => {
    const texts = Array.from({ length: 50 }, (_, i) => addedText(`t${i}`, String(i)));
    const adds = texts.map((text) => client.addMultipleToStore([text]));
    const asked = texts.map((text) => client.isValidPath(text.path));
    const before = client.queryValidPaths(texts.map(({ path }) => path));
    assertEquals(await Promise.all(asked), texts.map(() => true));
    assertEquals((await before).size, 50);
    await Promise.all(adds);
  }));

Deno.test("DaemonClient tells of its own side's failure, and goes on", () =>
  withFake({ minor: 38 }, async (client) => {
    const text = addedText("a", "a");
    const broken = {
      ...text,
      *nar() {
        yield (text.nar() as Uint8Array).subarray(0, 50);
        throw new Error("the disk is gone");
      },
    };
    await assertRejects(() => client.addToStoreNar(broken), Error, "the disk is gone");
    assertEquals(await client.isValidPath(text.path), false);
    await client.addToStoreNar(text);
    assertEquals(await client.isValidPath(text.path), true);
  }));

Deno.test("DaemonClient stops sending to a daemon that has refused", async () => {
  const [ours, theirs] = transportPair();
  const client = DaemonClient.connect(ours);
  const greeting = new WireWriter().u64(SERVER_MAGIC).u64(0x122).string("2.8").u64(STDERR.last);
  await theirs.write(greeting.take());
  const daemon = await client;
  let asked = 0;
  const objects = Array.from({ length: 1000 }, (_, i) => {
    const text = addedText(`t${i}`, "x".repeat(10_000));
    return { ...text, nar: () => (asked++, text.nar()) };
  });
  const refusal = new WireWriter().u64(STDERR.error).string("Error").u64(0).string("").string("no").u64(0).u64(0);
  await theirs.write(refusal.take());
  await assertRejects(() => daemon.addMultipleToStore(objects), DaemonError, "no");
  assert(asked < 10, `${asked} were read`);
  daemon.close();
});

Deno.test("DaemonClient passes on what the daemon logs", async () => {
  const said = new WireWriter().u64(SERVER_MAGIC).u64(0x126).strings([]).string("2.34").u64(1).u64(STDERR.last)
    .u64(STDERR.next).string("a line\n")
    .u64(STDERR.startActivity).u64(7).u64(3).u64(105).string("building").u64(2).u64(0).u64(5).u64(1).string("x").u64(0)
    .u64(STDERR.result).u64(7).u64(101).u64(0).u64(STDERR.stopActivity).u64(7)
    .u64(STDERR.last).bool(true);
  const logs: unknown[] = [];
  const client = await DaemonClient.connect(scriptedTransport(said.take()), { onLog: (log) => logs.push(log) });
  assertEquals(await client.isValidPath(addedText("a", "a").path), true);
  assertEquals(logs, [
    { type: "message", text: "a line\n" },
    { type: "start", id: 7n, level: 3, activity: 105, text: "building", fields: [5n, "x"], parent: 0n },
    { type: "result", id: 7n, result: 101, fields: [] },
    { type: "stop", id: 7n },
  ]);
});

Deno.test("DaemonClient refuses daemons it can't talk to", async () => {
  const greeting = (...words: number[]) => {
    const to = new WireWriter();
    for (const word of words) to.u64(word);
    return DaemonClient.connect(scriptedTransport(to.take()));
  };
  await assertRejects(
    () => greeting(SERVER_MAGIC, 0x118),
    ConnectionError,
    "it speaks protocol 1.24, not 1.25 or newer",
  );
  await assertRejects(() => greeting(SERVER_MAGIC, 0x226), ConnectionError, "it speaks protocol 2.38");
  await assertRejects(() => greeting(0x20505448, 0), ConnectionError, "its first word is 0x20505448");
  await assertRejects(() => greeting(SERVER_MAGIC), ConnectionError, "the Nix daemon closed the connection");
});

Deno.test("DaemonClient fails all requests once the connection is gone", async () => {
  const said = new WireWriter().u64(SERVER_MAGIC).u64(0x122).string("2.8").u64(STDERR.last).u64(STDERR.last);
  const client = await DaemonClient.connect(scriptedTransport(said.take()));
  const { path } = addedText("a", "a");
  const all = [client.isValidPath(path), client.queryPathInfo(path), client.addTempRoots([path])];
  const reasons = (await Promise.allSettled(all)).map((result) => (result as PromiseRejectedResult).reason.message);
  assertEquals(reasons, Array(3).fill(`Cannot ask whether "${path}" is valid: the Nix daemon closed the connection`));
});

Deno.test("DaemonClient says where there is no daemon", async () => {
  const error = await assertRejects(() => DaemonClient.connect("/nonexistent/socket"), ConnectionError);
  assertEquals(error.message, 'Cannot connect to Nix daemon at "/nonexistent/socket": no such file or directory');
});

for (const nix of NIX_OR_NONE) {
  for (const trusted of [true, false]) {
    Deno.test({
      name: `DaemonClient gets along with the daemon of Nix ${nix.version}${trusted ? "" : " without its trust"}`,
      ignore: NIX_PROGRAMS.length === 0,
      async fn() {
        const folder = new TestFolder();
        const daemon = await startDaemon(nix, folder.path, trusted ? {} : { trustedUsers: "nobody" });
        const client = await DaemonClient.connect(daemon.socket);
        try {
          assertEquals(client.info.version, nix.version);
          assertEquals(client.info.trusted, client.info.minor >= 35 ? trusted : undefined);
          await converse(client);
          runNix(nix, ["nix-store", "--verify", "--check-contents"], { env: daemon.env });
        } finally {
          client.close();
          await daemon.stop();
          folder.close();
        }
      },
    });
  }
}
