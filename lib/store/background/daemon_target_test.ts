import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { binaryToBytes } from "../../format/bytes.ts";
import { hashOf } from "../../format/hash.ts";
import { narBytes, treeSource } from "../../format/nar.ts";
import { BackgroundStore } from "../background_store.ts";
import { textObject } from "../_contract.ts";
import { NIX_OR_NONE, NIX_PROGRAMS, type RunningDaemon, runNix, startDaemon, TestFolder } from "../_nix.ts";
import { FakeDaemon } from "../daemon/_fake_daemon.ts";
import { StoreError } from "../errors.ts";
import type { TextObject } from "../store.ts";
import { DaemonTarget } from "./daemon_target.ts";
import type { Addition } from "./target.ts";

const A = textObject("a", "one");
const B = textObject("b", `two ${A.path}`, [A.path]);

function addition({ path, references, contents }: TextObject): Addition {
  const bytes = binaryToBytes(contents);
  const nar = narBytes(treeSource({ type: "regular", executable: false, contents: bytes }), "");
  return {
    index: 0,
    path,
    references,
    ca: { method: "text", hash: hashOf("sha256", contents) },
    narHash: hashOf("sha256", nar),
    narSize: nar.length,
    contents: { kind: "text", nar: nar.slice(), bytes: bytes.slice() },
  };
}

/** A target whose connections are served by a fake daemon each, newest last, that has what those before have. */
async function withFakes(
  run: (target: DaemonTarget, fakes: readonly FakeDaemon[], cut: () => void) => Promise<void>,
): Promise<void> {
  const folder = new TestFolder();
  const socket = `${folder.path}/socket`;
  const listener = Deno.listen({ transport: "unix", path: socket });
  const fakes: FakeDaemon[] = [];
  const open: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const conn of listener) {
      open.push(conn);
      const fake = new FakeDaemon({
        read: async (buffer) => await conn.read(buffer).catch(() => null) ?? undefined,
        write: async (bytes) => void await conn.write(bytes),
        close: () => {},
      }, { minor: 38 });
      fake.served.catch(() => {});
      for (const { paths } of fakes) for (const [path, known] of paths) fake.paths.set(path, known);
      fakes.push(fake);
    }
  })();
  const cut = () => {
    for (const conn of open.splice(0)) conn.close();
  };
  const target = await DaemonTarget.open({ kind: "daemon", mode: "", socket }, {
    storeDir: "/nix/store",
    onLog: () => {},
  });
  try {
    await run(target, fakes, cut);
  } finally {
    target.close();
    cut();
    listener.close();
    await accepting;
    folder.close();
  }
}

Deno.test("DaemonTarget.keepOn() keeps everything on another connection when the one there was is lost", async () => {
  await withFakes(async (target, fakes, cut) => {
    await target.add([addition(A)]);
    await target.keepOn([A.path]);
    assertEquals([await target.isValid(B.path), fakes.length], [false, 2]);
    cut();
    await target.keepOn([A.path]);
    assertEquals(fakes[2].tempRoots, [A.path]);
    await target.add([addition(B)]);
    assertEquals(fakes[2].paths.has(B.path), true);
    assertEquals([await target.isValid(B.path), fakes.length], [true, 4], "a question asked anew");
  });
});

Deno.test("DaemonTarget.keepOn() fails if something is gone", async () => {
  await withFakes(async (target, fakes, cut) => {
    await target.add([addition(A)]);
    cut();
    fakes[0].paths.clear();
    await assertRejects(
      () => target.keepOn([A.path]),
      StoreError,
      `Cannot keep "${A.path}": the connection to the Nix daemon was lost, and the path collected`,
    );
  });
});

/** Ends a daemon with all its connections. */
async function kill({ pid, stop }: RunningDaemon): Promise<void> {
  await new Deno.Command("pkill", { args: ["-9", "-P", String(pid)] }).output();
  await stop();
}

for (const nix of NIX_OR_NONE) {
  const ignore = NIX_PROGRAMS.length === 0;

  Deno.test({
    name: `BackgroundStore.flush() notices that the daemon of Nix ${nix.version} was restarted`,
    ignore,
    async fn() {
      const folder = new TestFolder();
      let daemon = await startDaemon(nix, folder.path);
      const { socket, env } = daemon;
      const store = new BackgroundStore({ places: [{ kind: "daemon", mode: "", socket }], storeDir: "/nix/store" });
      const collect = () => runNix(nix, ["nix-store", "--gc"], { env });
      const restart = async () => {
        await kill(daemon);
        Deno.removeSync(socket);
        daemon = await startDaemon(nix, folder.path);
      };
      try {
        store.addText(A);
        store.flush();
        await restart();
        store.flush();
        collect();
        assertEquals(store.isValid(A.path), true, "it is kept again");
        await restart();
        store.addText(B);
        store.flush();
        collect();
        assertEquals(store.isValid(B.path), true, "what is added then is added to what is kept again");
        await restart();
        collect();
        assertThrows(() => store.flush(), StoreError, "the path collected");
        assert(store.hasFailed);
      } finally {
        store.close();
        await kill(daemon);
        folder.close();
      }
    },
  });
}
