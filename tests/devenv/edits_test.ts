// A shell through a warm server while its devenv.nix is edited: each time what a cold run says.
import { assertEquals } from "@std/assert";
import { DevixClient, DevixError } from "../../serve/client.ts";
import { DEVIX, DEVIX_ENV, runDevix } from "./programs.ts";
import { LIVE, Project } from "./scenario.ts";

/** Versions of a devenv.nix, one after the other; some make no shell. */
const EDITS: readonly string[] = [
  '{ pkgs, ... }: { packages = [ pkgs.jq ]; env.A = "1"; }',
  '{ pkgs, ... }: { packages = [ pkgs.jq ]; env.A = "2"; }',
  '{ pkgs, ... }: { packages = [ pkgs.jq pkgs.curl ]; env.B = "2"; }',
  "{ pkgs, ... }: { packages = [ pkgs.jq ",
  "{ pkgs, ... }: { packages = [ pkgs.no-such-thing ]; }",
  '{ lib, ... }: { env.A = lib.mkForce "3"; languages.c.enable = true; languages.c.lsp.enable = false; languages.c.debugger = null; }',
  "{ pkgs, ... }: { imports = [ ./more.nix ]; overlays = [ (final: prev: { tool = prev.jq; }) ]; packages = [ pkgs.tool ]; }",
  '{ pkgs, ... }: { packages = [ pkgs.jq ]; env.A = "1"; }',
];

Deno.test("a warm server says of an edited shell what a cold run says", { ignore: LIVE === undefined }, async () => {
  using project = new Project(LIVE!, "minimal");
  const { configuration, dir } = project;
  Deno.writeTextFileSync(`${dir}/project/more.nix`, '{ env.MORE = "yes"; }');
  const [command, ...commandArgs] = DEVIX;
  await using devix = DevixClient.spawn(command, {
    commandArgs,
    args: ["--store", "none"],
    env: DEVIX_ENV,
    stderr: "null",
  });
  await devix.open({
    file: `${dir}/project/.devenv/bootstrap`,
    argsFile: `${dir}/args.nix`,
    pure: true,
  });
  const warm = async () => {
    try {
      const { results: [shell] } = await devix.instantiate({ attrs: ["shell"] });
      return "drvPath" in shell ? `${shell.drvPath}\n` : "no derivation";
    } catch (e) {
      if (!(e instanceof DevixError)) throw e;
      return `${e.rendered}\n`;
    }
  };
  for (const text of EDITS) {
    Deno.writeTextFileSync(configuration, text);
    await devix.invalidate({ paths: [configuration] });
    const cold = runDevix(["instantiate", "--dry-run", "--no-eval-cache", ...project.flags, "-A", "shell"]);
    assertEquals(await warm(), cold.out || cold.err, text);
  }
  // Of a package set that was made once, nothing is made again.
  Deno.writeTextFileSync(configuration, EDITS[1]);
  const { dropped, reset } = await devix.invalidate({ paths: [configuration] });
  assertEquals([dropped, reset > 0], [[configuration], true]);
});
