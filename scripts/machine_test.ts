import { assertEquals } from "@std/assert";
import { machineOf } from "./machine.ts";

Deno.test("machineOf() knows this machine's own programs", async () => {
  assertEquals(machineOf(await Deno.readFile(Deno.execPath())), `${Deno.build.arch}-${Deno.build.os}`);
});

/** The first bytes of a Mach-O file: magic and type of processor. */
function machO(...processor: number[]): Uint8Array {
  return new Uint8Array(64).fill(0).map((_, i) => [0xcf, 0xfa, 0xed, 0xfe, ...processor][i] ?? 0);
}

Deno.test("machineOf() knows macOS's", () => {
  assertEquals(machineOf(machO(0x0c, 0, 0, 1)), "aarch64-darwin");
  assertEquals(machineOf(machO(0x07, 0, 0, 1)), "x86_64-darwin");
});

Deno.test("machineOf() knows nothing of others", () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(100), machO(1, 2, 3, 4)]) {
    assertEquals(machineOf(bytes), "something else");
  }
});
