import { assertEquals, assertRejects } from "@std/assert";
import { tarGz } from "./tar.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("tarGz() makes what tar unpacks", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const big = new Uint8Array(100_000).map((_, i) => i * i);
    const archive = await tarGz([
      { path: "a/bin/x", contents: big, executable: true },
      { path: "a/empty", contents: new Uint8Array(0) },
      { path: "a/full", contents: bytes("x".repeat(512)) },
    ]);
    await Deno.writeFile(`${dir}/x.tar.gz`, archive);
    const { code } = await new Deno.Command("tar", { args: ["-xzf", "x.tar.gz"], cwd: dir, stderr: "inherit" })
      .output();
    assertEquals(code, 0);
    assertEquals(await Deno.readFile(`${dir}/a/bin/x`), big);
    assertEquals((await Deno.stat(`${dir}/a/bin/x`)).mode! & 0o777, 0o755);
    assertEquals((await Deno.stat(`${dir}/a/full`)).mode! & 0o777, 0o644);
    assertEquals([await Deno.readTextFile(`${dir}/a/empty`), (await Deno.stat(`${dir}/a/full`)).size], ["", 512]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("tarGz() makes the same bytes of the same files", async () => {
  const entries = [{ path: "a", contents: bytes("b") }];
  assertEquals(await tarGz(entries), await tarGz(entries));
});

Deno.test("tarGz() refuses names that are too long", async () => {
  await assertRejects(() => tarGz([{ path: "a".repeat(101), contents: bytes("") }]), RangeError, "too long");
});
