// What a small evaluation must not pay for. Times are measured by bench/; what they are made of is tested here.
import { assertEquals } from "@std/assert";

const SCRIPT = new URL("./_report_loading.ts", import.meta.url).pathname;

async function devix(...args: string[]): Promise<{ readonly out: string; readonly err: string }> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...args],
    env: { NIX_CONF_DIR: "/nowhere", NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { out: text(stdout), err: text(stderr) };
}

// What `eval` observes it asks libc for.
const ALLOWED = /^(?:prlimit|statx\+\S*)$/;

for (const args of [["eval"], ["nix-instantiate", "--eval"]]) {
  Deno.test({
    name: `devix ${args[0]} loads nothing that takes long for an expression without files`,
    // Elsewhere there is a second process (cli/stack.ts).
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const { out, err } = await devix(...args, "-E", "1 + 1");
      assertEquals(out, "2\n");
      const loaded = /^loaded: (.*)\n$/.exec(err)![1].split(" ");
      // Nothing at all where a test before this one has raised the stack limit, which is inherited.
      assertEquals(loaded.filter((name) => name !== "" && !ALLOWED.test(name)), []);
    },
  });
}
