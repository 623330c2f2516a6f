import { assertEquals, assertThrows } from "@std/assert";
import { whileLocked } from "./while_locked.ts";

Deno.test("whileLocked() tries again what is locked, for a time, and nothing else", () => {
  let tries = 0;
  const failing = (message: string, times: number) => () => {
    if (++tries <= times) throw new Error(message);
    return tries;
  };
  assertEquals(whileLocked(failing("database is locked", 2), { timeoutMs: 1000 }), 3);
  tries = 0;
  assertThrows(() => whileLocked(failing("database is locked", 100), { timeoutMs: 30 }), Error, "locked");
  assertEquals(tries, 4);
  tries = 0;
  assertThrows(() => whileLocked(failing("no such table", 100), { timeoutMs: 1000 }), Error, "no such table");
  assertEquals(tries, 1);
});
