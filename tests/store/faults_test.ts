// What a user sees when a store can't be written to: what and where, exit code 4, and a rerun that completes.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { WireWriter } from "../../lib/format/mod.ts";
import { FakeDaemon, type FakeDaemonOptions } from "../../lib/store/daemon/_fake_daemon.ts";
import { OP, SERVER_MAGIC } from "../../lib/store/daemon/protocol.ts";
import { NIX_OR_NONE, NIX_PROGRAMS, runNix, startDaemon, TestFolder } from "../../lib/store/_nix.ts";
import { LocalStore, type Transport } from "../../lib/store/mod.ts";
import { verifyStore } from "../../lib/store/local/verify.ts";
import { manyDerivations, pathCount, type Ran, runDevix, startDevix } from "./process.ts";

const CHAINS = 20;
const EXPR = manyDerivations(CHAINS);
const ONE = 'derivation { name = "x"; system = "s"; builder = "/b"; text = builtins.toFile "text" "contents"; }';

function instantiate(store: string, expr = EXPR): Promise<Ran> {
  return runDevix(["instantiate", "--store", store, "-E", expr]);
}

/** Checks a store of our own and returns how much is in it. */
function checkLocal(root: string): number {
  const store = LocalStore.open(root);
  try {
    assertEquals([...verifyStore(store, { contents: true })], []);
    return store.database.paths().length;
  } finally {
    store.close();
  }
}

function test(name: string, fn: (folder: string) => Promise<void>, options: { readonly ignore?: boolean } = {}): void {
  Deno.test({
    name,
    ignore: options.ignore,
    async fn() {
      const folder = new TestFolder();
      try {
        await fn(folder.path);
      } finally {
        folder.close();
      }
    },
  });
}

/** Serves connections to a socket until `close` is called. */
function listen(socket: string, serve: (transport: Transport) => Promise<void>): () => Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: socket });
  const served: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const conn of listener) {
      served.push(
        serve({
          read: async (buffer) => await conn.read(buffer) ?? undefined,
          async write(bytes) {
            for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
          },
          close() {
            try {
              conn.close();
            } catch {
              // Closed already.
            }
          },
        }).catch(() => {}),
      );
    }
  })();
  return async () => {
    listener.close();
    await accepting;
    await Promise.all(served);
  };
}

/** Runs devix against a scripted daemon. */
async function withFake(folder: string, options: FakeDaemonOptions, expr?: string): Promise<Ran> {
  const socket = `${folder}/socket`;
  const close = listen(socket, (transport) => new FakeDaemon(transport, options).served);
  const ran = await instantiate(`unix:${socket}`, expr);
  await close();
  return ran;
}

test("a daemon that isn't there is an error of its own", async (folder) => {
  assertEquals(await instantiate(`unix:${folder}/none`, ONE), {
    code: 4,
    signal: null,
    out: "",
    err: `error: Cannot connect to Nix daemon at "${folder}/none": no such file or directory\n`,
  });
});

test("a daemon that refuses is quoted", async (folder) => {
  const refuse = (op: number) =>
    [OP.addMultipleToStore, OP.addToStoreNar].some((add) => add === op) ? "you are not allowed here" : undefined;
  const { code, out, err } = await withFake(folder, { minor: 38, refuse }, ONE);
  assertEquals([code, out], [4, ""]);
  assertMatch(err, /^error: Cannot add "\/nix\/store\/[^"]*": you are not allowed here\n$/);
});

test("a daemon that dies on the way is an error that says what was being done", async (folder) => {
  const onOp = (op: number) => {
    if (op === OP.addMultipleToStore) throw new Error("it dies");
  };
  const { code, out, err } = await withFake(folder, { minor: 38, onOp });
  assertEquals([code, out], [4, ""]);
  assertMatch(err, /^error: Cannot (?:add|ask|keep) .*: the Nix daemon closed the connection\n$/);
});

test("a daemon of another protocol is refused", async (folder) => {
  const socket = `${folder}/socket`;
  const close = listen(socket, async (transport) => {
    await transport.write(new WireWriter().u64(SERVER_MAGIC).u64(1 << 8 | 24).take());
    await transport.read(new Uint8Array(64));
    transport.close();
  });
  const { code, err } = await instantiate(`unix:${socket}`, ONE);
  await close();
  assertEquals([code, err], [
    4,
    "error: Cannot understand Nix daemon: it speaks protocol 1.24, not 1.25 or newer\n",
  ]);
});

test("something else at the socket is no daemon", async (folder) => {
  const socket = `${folder}/socket`;
  const close = listen(socket, async (transport) => {
    await transport.read(new Uint8Array(64));
    await transport.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    transport.close();
  });
  const { code, err } = await instantiate(`unix:${socket}`, ONE);
  await close();
  assertEquals(code, 4);
  assertStringIncludes(err, "error: Cannot understand Nix daemon: its first word is");
});

test("old daemons get everything too", async (folder) => {
  for (const minor of [25, 31]) {
    const ran = await withFake(folder, { minor });
    assertEquals([ran.code, ran.err], [0, ""], `1.${minor}`);
  }
});

test("errors are in the JSON document", async (folder) => {
  const { code, out } = await runDevix(["instantiate", "--json", "--store", `unix:${folder}/none`, "-E", ONE]);
  const { store } = JSON.parse(out);
  assertEquals([code, store.error.type], [4, "store"]);
  assertStringIncludes(store.error.message, "Cannot connect to Nix daemon");
});

test("rubbish at a path that isn't valid is replaced", async (folder) => {
  const first = await instantiate(`local:${folder}/a`, ONE);
  const drv = first.out.trim();
  Deno.mkdirSync(`${folder}/b${drv}/sub`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/b${drv}/sub/file`, "half of something");
  assertEquals(await instantiate(`local:${folder}/b`, ONE), first);
  assertEquals(checkLocal(`${folder}/b`), 2);
});

test("two devix may write to one store at once", async (folder) => {
  const both = await Promise.all([instantiate(`local:${folder}/s`), instantiate(`local:${folder}/s`)]);
  assertEquals(both.map(({ code, err }) => [code, err]), [[0, ""], [0, ""]]);
  assertEquals(checkLocal(`${folder}/s`), pathCount(CHAINS));
});

test("an interrupt leaves a store that the next run completes", async (folder) => {
  for (const delay of [150, 400, 700]) {
    const { pid, ended } = startDevix(["instantiate", "--store", `local:${folder}/s`, "-E", EXPR]);
    await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      Deno.kill(pid, "SIGINT");
    } catch {
      // It has ended already.
    }
    const { signal, code } = await ended;
    assertEquals(code === 0 || signal === "SIGINT", true, `${code} ${signal}`);
    checkLocal(`${folder}/s`);
  }
  assertEquals((await instantiate(`local:${folder}/s`)).code, 0);
  assertEquals(checkLocal(`${folder}/s`), pathCount(CHAINS));
});

/** Mounts a file system of a size at a folder; false if that isn't allowed. */
function mount(folder: string, options: string): boolean {
  Deno.mkdirSync(folder, { recursive: true });
  const args = ["-t", "tmpfs", "-o", options, "tmpfs", folder];
  try {
    return new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function command(...words: readonly string[]): void {
  new Deno.Command(words[0], { args: words.slice(1) }).outputSync();
}

function canMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = new TestFolder();
  const can = mount(`${folder.path}/m`, "size=64k");
  if (can) command("umount", `${folder.path}/m`);
  folder.close();
  return can;
}

const ignore = !canMount();

test("a full disk is an error, and with more room the next run completes", async (folder) => {
  const root = `${folder}/full`;
  mount(root, "size=1m");
  try {
    const { code, out, err } = await instantiate(`local:${root}`);
    assertEquals([code, out], [4, ""]);
    assertMatch(err, /^error: Cannot [^:]*"[^"]*": .*(?:no space left on device|disk is full|disk I\/O error)\n$/);
    command("mount", "-o", "remount,size=200m", root);
    checkLocal(root);
    assertEquals((await instantiate(`local:${root}`)).code, 0);
    assertEquals(checkLocal(root), pathCount(CHAINS));
  } finally {
    command("umount", root);
  }
}, { ignore });

test("a read-only store is an error that names a file", async (folder) => {
  const root = `${folder}/ro`;
  mount(root, "size=100m");
  try {
    assertEquals((await instantiate(`local:${root}`, ONE)).code, 0);
    command("mount", "-o", "remount,ro", root);
    const { code, err } = await instantiate(`local:${root}`);
    assertEquals(code, 4);
    assertMatch(err, /^error: Cannot [^:]*"[^"]*": .*read-?only.*\n$/i);
  } finally {
    command("umount", root);
  }
}, { ignore });

for (const nix of NIX_OR_NONE) {
  const withoutNix = NIX_PROGRAMS.length === 0;

  test(`two devix may write through one daemon of Nix ${nix.version} at once`, async (folder) => {
    const daemon = await startDaemon(nix, folder);
    try {
      // The first connections to a new store both set up its database, which 2.8 doesn't survive now and then.
      assertEquals((await instantiate(`unix:${daemon.socket}`, ONE)).code, 0);
      const both = await Promise.all([instantiate(`unix:${daemon.socket}`), instantiate(`unix:${daemon.socket}`)]);
      assertEquals(both.map(({ code, err }) => [code, err]), [[0, ""], [0, ""]]);
      runNix(nix, ["nix-store", "--verify", "--check-contents"], { env: daemon.env });
    } finally {
      await daemon.stop();
    }
  }, { ignore: withoutNix });

  test(`a full disk below the daemon of Nix ${nix.version} is told in its words`, async (folder) => {
    const root = `${folder}/root`;
    mount(root, "size=30m");
    const daemon = await startDaemon(nix, folder);
    try {
      assertEquals((await instantiate(`unix:${daemon.socket}`, ONE)).code, 0);
      const filler = `${root}/filler`;
      command("sh", "-c", `cat /dev/zero > ${filler} 2>/dev/null; truncate -s -1M ${filler}`);
      const { code, out, err } = await instantiate(`unix:${daemon.socket}`);
      assertEquals([code, out], [4, ""]);
      assertMatch(err, /^error: Cannot .*(?:No space left on device|disk is full|disk I\/O error)/s);
      Deno.removeSync(filler);
      runNix(nix, ["nix-store", "--verify", "--check-contents"], { env: daemon.env });
      assertEquals((await instantiate(`unix:${daemon.socket}`)).code, 0);
      runNix(nix, ["nix-store", "--verify", "--check-contents"], { env: daemon.env });
    } finally {
      await daemon.stop();
      command("umount", root);
    }
  }, { ignore: ignore || withoutNix });
}
