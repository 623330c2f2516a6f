// Repositories that no git has made in the usual way.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ownHome } from "../own_home.ts";
import { git } from "./world.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url));
const home = ownHome();

/** Makes a tree of one entry and returns its id. */
async function makeTree(repository: string, entry: string): Promise<string> {
  const child = new Deno.Command("git", {
    args: ["-C", repository, "mktree"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(entry));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout).trim();
}

Deno.test("a tree whose names lead out of it writes nothing there", async () => {
  const dir = await Deno.makeTempDir();
  const repository = `${dir}/repository`;
  git(dir, ["init", "-q", "-b", "main", "repository"]);
  await Deno.writeTextFile(`${repository}/x`, "x export-ignore\n");
  const blob = git(repository, ["hash-object", "-w", "x"]);
  let tree = await makeTree(repository, `100644 blob ${blob}\t.gitattributes\n`);
  for (let i = 0; i < 4; i++) tree = await makeTree(repository, `040000 tree ${tree}\t..\n`);
  const rev = git(repository, ["commit-tree", "-m", "x", tree]);
  git(repository, ["update-ref", "refs/heads/main", rev]);
  const cache = `${dir}/cache`;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLI, "eval", "--raw", "--cache-dir", cache, "-E"]
      .concat(`(builtins.fetchGit { url = "${repository}"; rev = "${rev}"; }).outPath`),
    env: { ...home, NO_COLOR: "1" },
  }).output();
  assertEquals(code, 3);
  assertStringIncludes(new TextDecoder().decode(stderr), `error: a tree of commit '${rev}' has an entry named '..'`);
  for (const at of [dir, cache]) {
    assertEquals([...Deno.readDirSync(at)].some(({ name }) => name === ".gitattributes"), false, at);
  }
  await Deno.remove(dir, { recursive: true });
});
