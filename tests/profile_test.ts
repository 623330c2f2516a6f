// `--profile` and NIX_SHOW_STATS, in processes of their own.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../cli/v8_flags.ts";
import { ownHome } from "./own_home.ts";

const root = fromFileUrl(new URL("..", import.meta.url));
const command = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

const home = ownHome();

async function devix(args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command[0], {
    args: [...command.slice(1), ...args],
    cwd: root,
    env: { ...home, NO_COLOR: "1", NIX_CONF_DIR: "/nowhere", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const SUM = ["nix-instantiate", "--eval", "-E", "builtins.foldl' builtins.add 0 (builtins.genList (x: x) 1000)"];

Deno.test("devix --profile writes a profile of what a command did, also if it fails", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const file = `${directory}/a.cpuprofile`;
    assertEquals(await devix(["--profile", file, ...SUM]), { code: 0, out: "499500\n", err: "" });
    const { nodes, samples } = JSON.parse(await Deno.readTextFile(file));
    assert(nodes.length > 0 && samples.length > 0);
    assert(nodes.some((node: { callFrame: { url: string } }) => node.callFrame.url.startsWith("file:")));

    const failed = await devix([`--profile=${directory}/b.cpuprofile`, "eval", "-E", "throw ''no''"]);
    assertEquals(failed.code, 1);
    assertStringIncludes(await Deno.readTextFile(`${directory}/b.cpuprofile`), '"samples"');
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("devix --profile says what is wrong with its file", async () => {
  assertEquals((await devix(["--profile"])).code, 2);
  const { code, out, err } = await devix(["--profile", "/nowhere/a.cpuprofile", ...SUM]);
  assertEquals([code, out], [1, "499500\n"]);
  assertStringIncludes(err, 'error: Cannot write profile to "/nowhere/a.cpuprofile"');
});

Deno.test("NIX_SHOW_STATS counts, NIX_COUNT_CALLS by name", async () => {
  const short = JSON.parse((await devix(SUM, { NIX_SHOW_STATS: "1" })).err);
  assertEquals(short.primops, undefined);
  // As C++ Nix 2.34: the fold, the list, and the additions.
  assertEquals(short.nrPrimOpCalls, 1002);
  assert(short.cpuTime > 0 && short.symbols.number > 0 && short.gc.heapSize > 1e6);
  if (Deno.build.os === "linux") assert(short.maxResidentBytes > 1e7);

  const long = JSON.parse((await devix(SUM, { NIX_SHOW_STATS: "1", NIX_COUNT_CALLS: "1" })).err);
  assertEquals(long.primops, { add: 1000, "foldl'": 1, genList: 1 });
  assert(long.internals.force > 0);

  assertEquals((await devix(SUM, { NIX_SHOW_STATS: "0" })).err, "");
});
