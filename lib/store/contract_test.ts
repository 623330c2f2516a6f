import { BackgroundStore } from "./background_store.ts";
import type { StorePlace } from "./background/context.ts";
import { NIX_OR_NONE, NIX_PROGRAMS, nixEnvironment, startDaemon, TestFolder } from "./_nix.ts";
import { type OpenStore, testStore } from "./_contract.ts";
import { LocalStore } from "./local.ts";
import { layoutBelow } from "./local/layout.ts";
import { MemoryStore } from "./memory.ts";

testStore("MemoryStore", () => ({ store: new MemoryStore(), close: () => {} }));

testStore("LocalStore", () => {
  const folder = new TestFolder();
  const store = LocalStore.open(folder.path);
  return {
    store,
    close() {
      store.close();
      folder.close();
    },
  };
});

/** Opens a store in the background. */
function background(place: StorePlace, close: () => void | Promise<void>): OpenStore {
  const store = new BackgroundStore({ places: [place], storeDir: "/nix/store" });
  return {
    store,
    async close() {
      store.close();
      await close();
    },
  };
}

testStore("BackgroundStore of a directory", () => {
  const folder = new TestFolder();
  return background({ kind: "local", mode: "", layout: layoutBelow(folder.path) }, () => folder.close());
});

for (const nix of NIX_OR_NONE) {
  const ignore = NIX_PROGRAMS.length === 0;

  testStore(`BackgroundStore of the daemon of Nix ${nix.version}`, async () => {
    const folder = new TestFolder();
    const { socket, stop } = await startDaemon(nix, folder.path);
    return background({ kind: "daemon", mode: "", socket }, async () => {
      await stop();
      folder.close();
    });
  }, { ignore });

  testStore(`BackgroundStore of the programs of Nix ${nix.version}`, () => {
    const folder = new TestFolder();
    const env = nixEnvironment(folder.path);
    const program = `${nix.bin}/nix-daemon`;
    return background({ kind: "program", mode: "", program, env }, () => folder.close());
  }, { ignore });
}
