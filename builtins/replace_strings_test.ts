import { assertEquals } from "@std/assert";
import { EMPTY_ATTRS, force, selectAttrPath, Session } from "../mod.ts";
import { loadPosixCalls } from "../lib/io/_posix_calls.ts";
import { Workspace } from "../serve/workspace.ts";

// Loaded here, or else the test would be blamed for not unloading it.
loadPosixCalls();

Deno.test("replaceStrings looks again for what its list was made from", () => {
  const dir = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.writeTextFileSync(`${dir}/word`, "foo");
    const program = `let from = [ (builtins.readFile ./word) ]; in {
      a = builtins.replaceStrings from [ "X" ] "foo bar";
      b = builtins.replaceStrings from [ "X" ] "bar foo";
    }`;
    const workspace = new Workspace({
      openSession: (options) => new Session({ currentDir: dir, ...options }),
      evaluate: (session) => {
        const root = session.evaluate(session.parse(program, { kind: "string" }));
        return (attr) => selectAttrPath(root, attr, EMPTY_ATTRS);
      },
      env: new Map(),
      inheritEnv: false,
      onInput: () => {},
    });
    const replaced = () => workspace.run((select) => ["a", "b"].map((name) => force(select(name))), () => {});
    assertEquals(replaced(), ["X bar", "bar X"]);
    Deno.writeTextFileSync(`${dir}/word`, "bar");
    workspace.invalidate({ paths: [`${dir}/word`] });
    assertEquals(replaced(), ["foo X", "X foo"]);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
