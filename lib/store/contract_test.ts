import { LocalStore } from "./local.ts";
import { MemoryStore } from "./memory.ts";
import { testStore } from "./_contract.ts";

testStore("MemoryStore", () => ({ store: new MemoryStore(), close: () => {} }));

testStore("LocalStore", async () => {
  const root = await Deno.makeTempDir();
  const store = LocalStore.open(root);
  return {
    store,
    close: async () => {
      store.close();
      await new Deno.Command("chmod", { args: ["-R", "u+w", root] }).output();
      await Deno.remove(root, { recursive: true });
    },
  };
});
