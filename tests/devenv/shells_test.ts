// Shells on devenv's own modules: the same derivations and the same JSON as C++ Nix. See scenario.ts for what is needed.
import { assertEquals } from "@std/assert";
import { NIX, runDevix, runNix } from "./programs.ts";
import { CONFIGURATIONS, LIVE, LOCKED, NIXPKGS, Project, type ProjectOptions } from "./scenario.ts";

/** What `devenv shell` asks for besides the shell. */
const ATTRIBUTES = [
  "bash",
  "config.info",
  "config.cachix.enable",
  "config.cachix.pull",
  "config.cachix.push",
  "devenv.config.task.config",
  "devenv.config.dotenv",
  "build",
];

function shellTest(name: string, base: string | undefined, configuration: string, options?: ProjectOptions): void {
  const ignore = base === undefined || NIX === undefined;
  Deno.test(`a devenv shell is that of C++ Nix: ${name}`, { ignore }, () => {
    using project = new Project(base!, configuration, options);
    compare(project);
  });
}

for (const name of CONFIGURATIONS) shellTest(name, LIVE, name);
shellTest("minimal, inputs with hashes", LOCKED, "minimal");
shellTest("minimal, on a modern nixpkgs", NIXPKGS && LIVE, "minimal", { nixpkgs: NIXPKGS });

function compare(project: Project): void {
  const theirRoot = `${project.dir}/theirs`;
  const ourRoot = `${project.dir}/ours`;
  const theirs = runNix("nix-instantiate", ["-E", `${project.expr}.shell`], { root: theirRoot });
  if (theirs.code !== 0) throw new Error(theirs.err);
  const ours = runDevix([
    "instantiate",
    "--no-eval-cache",
    "--store",
    `local:${ourRoot}`,
    ...project.flags,
    "-A",
    "shell",
  ]);
  assertEquals([ours.code, ours.out, ours.err], [0, theirs.out, ""]);
  const names = derivations(theirRoot);
  assertEquals(derivations(ourRoot), names);
  for (const name of names) {
    const read = (root: string) => Deno.readTextFileSync(`${root}/nix/store/${name}`);
    assertEquals(read(ourRoot), read(theirRoot));
  }

  // All at once; of an attribute that can't be evaluated (not every package set has every package) the error.
  const [known, failing]: [string[], string[]] = [[], []];
  const expected: unknown[] = [];
  for (const attr of ATTRIBUTES) {
    const { code, out } = runNix("nix-instantiate", ["--eval", "--strict", "--json", "-E", `${project.expr}.${attr}`], {
      root: theirRoot,
    });
    (code === 0 ? known : failing).push(attr);
    if (code === 0) expected.push(JSON.parse(out));
  }
  const args = (attrs: readonly string[]) => [...project.flags, ...attrs.flatMap((attr) => ["-A", attr])];
  const values = runDevix(["eval", "--json", "--no-eval-cache", ...args(known)]);
  assertEquals(JSON.parse(values.out), expected);
  assertEquals(failing.filter((attr) => runDevix(["eval", "--no-eval-cache", ...args([attr])]).code !== 1), []);
}

function derivations(root: string): string[] {
  return [...Deno.readDirSync(`${root}/nix/store`)].map(({ name }) => name).filter((name) => name.endsWith(".drv"))
    .sort();
}
