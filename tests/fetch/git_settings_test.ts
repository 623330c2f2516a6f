// What the user has told git to do by default, and clones.

import { assertEquals } from "@std/assert";
import { git } from "./world.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

Deno.test("clones don't depend on git's default object format", async () => {
  const dir = await Deno.makeTempDir();
  git(dir, ["init", "-q", "--bare", "--object-format=sha1", "bare.git"]);
  git(dir, ["init", "-q", "--object-format=sha1", "repo"]);
  git(`${dir}/repo`, ["commit", "-q", "--allow-empty", "-m", "x"]);
  git(`${dir}/bare.git`, ["fetch", "-q", "../repo", "HEAD:refs/heads/main"]);
  // The environment is the whole process's, tests that run beside this one included.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      CLI,
      "eval",
      "--raw",
      "--cache-dir",
      dir,
      "-E",
      `(fetchGit { url = "${dir}/bare.git"; ref = "main"; }).rev`,
    ],
    env: { GIT_DEFAULT_HASH: "sha256" },
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout),
    git(`${dir}/repo`, ["rev-parse", "HEAD"]),
    new TextDecoder().decode(stderr),
  );
  await Deno.remove(dir, { recursive: true });
});
