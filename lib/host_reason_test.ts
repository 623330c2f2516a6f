import { assertEquals } from "@std/assert";
import { hostFailure, hostReason } from "./host_reason.ts";

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (e) {
    return e;
  }
}

Deno.test("hostReason() and hostFailure() leave out what Deno adds", () => {
  const thrown = thrownBy(() => Deno.openSync("/nowhere/a (b)"));
  assertEquals(hostReason(thrown), "No such file or directory");
  assertEquals(hostFailure(thrown), "open '/nowhere/a (b)': No such file or directory");
  assertEquals(hostFailure(thrownBy(() => Deno.openSync("/").readSync(new Uint8Array(1)))), "Is a directory");
  assertEquals(hostFailure(new Error("something else")), "something else");
});
