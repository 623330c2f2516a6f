// The command lines of devenv 1.3, on a project as it lays it out and, with stock Nix, on a copy under stock names.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseLog } from "./log_parser.ts";
import { type Done, NIX, NIX_ENV, run, runDevix, runNix } from "./programs.ts";
import { V1Project } from "./v1_project.ts";

/** What devenv 1.3 puts before every subcommand. */
const FLAGS = [
  ["--show-trace", "--extra-experimental-features", "nix-command", "--extra-experimental-features", "flakes"],
  ["--option", "warn-dirty", "false", "--keep-going", "--max-jobs", "2", "--option", "eval-cache", "false"],
].flat();
/** What it puts after those whose output it keeps. */
const CACHED = ["-vv", "--log-format", "internal-json"];

// Stock Nix here means one that has all of flakes.
const ignore = NIX === undefined || Number(NIX.version.split(".")[1]) < 30 || !await canBuild();

Deno.test("devix nix does for devenv 1.3 what Nix does", { ignore }, async (t) => {
  using project = new V1Project();
  const bin = `${project.dir}/wrapper/bin`;
  assertEquals(runDevix(["nix-wrapper", "wrapper"], { cwd: project.dir }).code, 0);
  const env = NIX_ENV(project.ours);
  const ours = (program: string, args: readonly string[]): Done =>
    run(`${bin}/${program}`, [...FLAGS, ...args], { cwd: project.project, env });
  const theirs = (program: string, args: readonly string[]): Done =>
    runNix(program, [...FLAGS, ...args], { root: project.theirs, cwd: project.copy });

  const same = [
    ["eval", "--json", ".#devenv.cachix"],
    ["eval", "--json", ".#devenv.processes"],
    ["eval", "--json", ".#build"],
    ["eval", "--json", ".#devenv.env", "--offline"],
    ["eval", "--json", ".#devenv.env", "--no-pure-eval"],
    ["eval", "--raw", ".#info"],
    ["eval", ".#devenv.packages"],
    ["eval", ".#tool"],
    ["eval", "--json", ".#devenv.nothing"],
    ["build", "--no-link", "--print-out-paths", ".#optionsJSON"],
    ["build", "--no-link", "--print-out-paths", ".#devenv.task.config"],
    ["--option", "extra-substituters", "", "build", "--no-link", "--print-out-paths", ".#tool", ".#devenv.shell"],
    ["build", "--no-link", "--print-out-paths", ".#tool^dev,out"],
    ["print-dev-env", "--json"],
    ["print-dev-env", "--profile", `${project.dir}/profile`],
    ["search", "--help"],
    ["store", "ping", "--json"],
  ];
  for (const args of same) {
    await t.step(args.join(" ").replace(project.dir, "DIR"), () => {
      const [mine, other] = [ours("nix", args), theirs("nix", args)];
      const plain = (text: string) => text.replaceAll(project.ours, "ROOT").replaceAll(project.theirs, "ROOT");
      assertEquals([mine.code, plain(mine.out)], [other.code, plain(other.out)], mine.err);
    });
  }

  await t.step("the profile can be cleaned up after", () => {
    const { code, err } = ours("nix-env", ["-p", `${project.dir}/profile`, "--delete-generations", "old"]);
    assertEquals([code, err.includes("error")], [0, false], err);
  });

  await t.step("a failing attribute says which", () => {
    const args = ["eval", "--json", ".#nothing"];
    const message = (done: Done) =>
      done.err.split("\n")[0].replaceAll(project.project, "DIR").replaceAll(project.copy, "DIR");
    assertEquals(message(ours("nix", args)), message(theirs("nix", args)));
  });

  await t.step("flake metadata lists the same inputs", () => {
    const args = ["flake", "metadata"];
    const inputs = (done: Done) => done.out.slice(done.out.indexOf("Inputs:"));
    assertEquals(inputs(ours("nix", args)), inputs(theirs("nix", args)));
    const json = (done: Done) => JSON.parse(done.out);
    const [mine, other] = [json(ours("nix", [...args, "--json"])), json(theirs("nix", [...args, "--json"]))];
    assertEquals([mine.locks, mine.description], [other.locks, other.description]);
  });

  await t.step("the log tells what evaluation depended on", () => {
    const { err } = ours("nix", ["eval", "--json", ".#build", ...CACHED]);
    const { lost, operations } = parseLog(err);
    assertEquals(lost, []);
    const source = (path: string) => `${project.project}/${path}`;
    for (const path of [".devenv.flake.nix", "devenv.nix"]) {
      assert(operations.some(({ op, path: at }) => op === "evaluate" && at === source(path)), path);
    }
  });

  await t.step("what isn't locked is left to the real nix", () => {
    Deno.renameSync(`${project.project}/devenv.lock`, `${project.project}/away`);
    const { err } = ours("nix", ["eval", "--json", ".#build"]);
    assertStringIncludes(err, `leaving it to ${NIX!.bin}/nix`);
  });
});

/** Whether Nix may build below a root of its own. */
async function canBuild(): Promise<boolean> {
  const dir = Deno.makeTempDirSync();
  try {
    const expr =
      'derivation { name = "x"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }';
    const { code } = runNix("nix-build", ["--no-out-link", "-E", expr], { root: dir });
    return await Promise.resolve(code === 0);
  } finally {
    new Deno.Command("chmod", { args: ["-R", "u+w", dir] }).outputSync();
    Deno.removeSync(dir, { recursive: true });
  }
}
