// What a small evaluation must not pay for. Times are measured by bench/; what they are made of is tested here.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ownHome } from "./own_home.ts";

const SCRIPT = fromFileUrl(new URL("./_report_loading.ts", import.meta.url));

const home = ownHome();

async function devix(...args: string[]): Promise<{ readonly out: string; readonly err: string }> {
  // An answer kept by an earlier run would be loaded, and nothing else.
  const cache = await Deno.makeTempDir();
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", SCRIPT, ...args],
      env: { ...home, XDG_CACHE_HOME: cache, NIX_CONF_DIR: "/nowhere", NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { out: text(stdout), err: text(stderr) };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

// What `eval` observes it asks libc for.
const ALLOWED = /^(?:prlimit\+signal|statx\+\S*)$/;
/** What it takes to keep an answer, which is done where it took long enough. */
const KEEPING = /^(?:node:(?:crypto|sqlite)|SHA256_\S*)$/;

for (
  const { args, keeps = false } of [
    { args: ["eval", "--no-eval-cache"] },
    { args: ["eval"], keeps: true },
    { args: ["nix-instantiate", "--eval"] },
  ]
) {
  Deno.test({
    name: `devix ${args.join(" ")} loads nothing that takes long for an expression without files`,
    // Elsewhere there is a second process (cli/stack.ts).
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const { out, err } = await devix(...args, "-E", "1 + 1");
      assertEquals(out, "2\n");
      const loaded = /^loaded: (.*)\n$/.exec(err)![1].split(" ");
      const isAllowed = (name: string) => name === "" || ALLOWED.test(name) || keeps && KEEPING.test(name);
      // Nothing at all where a test before this one has raised the stack limit, which is inherited.
      assertEquals(loaded.filter((name) => !isAllowed(name)), []);
    },
  });
}
