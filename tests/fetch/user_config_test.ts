// What the user has told git and hg to do by default, and fetching.

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ownHome } from "../own_home.ts";
import { git, hasProgram } from "./world.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url));

const home = ownHome();

/** Evaluates an expression in a process of its own: the environment is the whole process's, tests beside this one included. */
async function evaluate(expr: string, dir: string, env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLI, "eval", "--raw", "--cache-dir", `${dir}/cache`, "-E", expr],
    env: { ...home, ...env },
  }).output();
  return new TextDecoder().decode(stdout) || new TextDecoder().decode(stderr);
}

Deno.test("clones don't depend on git's default object format", async () => {
  const dir = await Deno.makeTempDir();
  git(dir, ["init", "-q", "--bare", "--object-format=sha1", "bare.git"]);
  git(dir, ["init", "-q", "--object-format=sha1", "repo"]);
  git(`${dir}/repo`, ["commit", "-q", "--allow-empty", "-m", "x"]);
  git(`${dir}/bare.git`, ["fetch", "-q", "../repo", "HEAD:refs/heads/main"]);
  assertEquals(
    await evaluate(`(fetchGit { url = "${dir}/bare.git"; ref = "main"; }).rev`, dir, { GIT_DEFAULT_HASH: "sha256" }),
    git(`${dir}/repo`, ["rev-parse", "HEAD"]),
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("git gets a token besides the configuration in the environment", async () => {
  const dir = await Deno.makeTempDir();
  git(dir, ["init", "-q", "-b", "main", "repo"]);
  await Deno.writeTextFile(`${dir}/repo/a`, "x");
  git(`${dir}/repo`, ["add", "a"]);
  git(`${dir}/repo`, ["commit", "-q", "-m", "x"]);
  git(`${dir}/repo`, ["archive", "--prefix=x/", "-o", `${dir}/x.tar.gz`, "HEAD"]);
  assertEquals(
    await evaluate(`(fetchTree { type = "github"; owner = "o"; repo = "repo"; ref = "main"; }).rev`, dir, {
      NIX_CONFIG: "extra-experimental-features = flakes\naccess-tokens = github.com=secret\n" +
        `forge-archives = github.com=file://${dir}/x.tar.gz\nforge-repositories = github.com=short:{repo}`,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: `url.${dir}/.insteadOf`,
      GIT_CONFIG_VALUE_0: "short:",
    }),
    git(`${dir}/repo`, ["rev-parse", "HEAD"]),
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test({
  name: "hg may leave out what it says of an archive",
  ignore: !hasProgram("hg"),
  async fn() {
    const dir = await Deno.makeTempDir();
    const hg = async (...args: string[]) => {
      const env = { HGPLAIN: "1", HGRCPATH: "/dev/null", HGUSER: "A <a@example.org>" };
      const { success } = await new Deno.Command("hg", { args: ["--cwd", `${dir}/repo`, ...args], env }).output();
      assertEquals(success, true, args.join(" "));
    };
    await Deno.mkdir(`${dir}/repo`);
    await hg("init");
    await Deno.writeTextFile(`${dir}/repo/a`, "x");
    await hg("commit", "-A", "-m", "x");
    await Deno.writeTextFile(`${dir}/hgrc`, "[ui]\narchivemeta = false\n");
    const expr = `toString (builtins.attrNames (builtins.readDir (fetchMercurial "${dir}/repo")))`;
    assertEquals(await evaluate(expr, dir, { HGRCPATH: `${dir}/hgrc` }), "a");
    await Deno.remove(dir, { recursive: true });
  },
});
