import { assert, assertEquals, assertMatch } from "@std/assert";
import { allCommands, type CommandEntry, findCommand } from "./commands.ts";

Deno.test("every command knows its name, and is explained in one sentence", async () => {
  for (const { name, summary, load } of allCommands()) {
    assertEquals((await load()).name, name);
    assertMatch(summary, /^[A-Z].*\.$/);
  }
});

const never = () => Promise.reject(new Error("nobody asked for it"));
const LIST: readonly CommandEntry[] = [
  { name: "eval", summary: "", load: never },
  { name: "store", summary: "", commands: [{ name: "gc", summary: "", load: never }] },
];

Deno.test("findCommand() goes as far as names go", () => {
  const found = (...args: string[]) => {
    const { name, args: rest, entry } = findCommand(args, LIST) ?? {};
    return [name, rest, entry?.load !== undefined];
  };
  assertEquals(found("eval", "gc"), ["eval", ["gc"], true]);
  assertEquals(found("store", "gc", "-v"), ["store gc", ["-v"], true]);
  assertEquals(found("store", "-v"), ["store", ["-v"], false]);
  assertEquals(found("nothing"), [undefined, undefined, false]);
});

Deno.test("allCommands() gives whole names, and loads nothing", () => {
  assertEquals(allCommands(LIST).map(({ name }) => name), ["eval", "store gc"]);
  assert(allCommands().length > 4);
});
