// The record of inputs against what the process really did. Not in the record, and documented so (docs/serve-protocol.md): looks
// at the folders above what is used (they show where symlinks lead), and below a copied tree its files one by one.
import { assertEquals } from "@std/assert";
import { DEVIX, DEVIX_ENV, NIX } from "./programs.ts";
import { CONFIGURATIONS, LIVE, Project } from "./scenario.ts";
import { hasStrace, realPath, trace } from "./strace.ts";

interface FileInput {
  readonly op: string;
  readonly path: string;
}

const ignore = LIVE === undefined || NIX === undefined || !hasStrace();

for (const name of CONFIGURATIONS) {
  Deno.test(`the inputs of a shell are what the process opens and lists: ${name}`, { ignore }, () => {
    using project = new Project(LIVE!, name);
    const args = ["instantiate", "--dry-run", "--json", "--no-eval-cache", ...project.flags, "-A", "shell"];
    const below = [`${project.dir}/project`, `${LIVE}/devenv`, `${LIVE}/nixpkgs`, `${LIVE}/project`];
    // Files whose trees are kept aren't opened.
    const { out, traced } = trace([...DEVIX, ...args, "--option", "tree-cache", "false"], { below, env: DEVIX_ENV });
    const { inputs } = JSON.parse(out);
    const files: readonly FileInput[] = inputs.files;
    for (let i = 0; i < 2; i++) {
      assertEquals(JSON.parse(trace([...DEVIX, ...args], { below, env: DEVIX_ENV }).out).inputs, inputs);
    }

    const paths = (...ops: string[]) => files.filter(({ op }) => ops.includes(op)).map(({ path }) => path);
    const inRecord = (...ops: string[]) =>
      new Set(paths(...ops).map(realPath).filter((path) => below.some((folder) => path.startsWith(`${folder}/`))));
    const copies = inRecord("copy");
    const isCopied = (path: string) => [...copies].some((copy) => path === copy || path.startsWith(`${copy}/`));
    const isFile = (path: string) => Deno.statSync(path).isFile;

    assertEquals(
      sorted([...traced.files].filter((path) => !isCopied(path))),
      sorted([...inRecord("evaluate", "readFile")].filter((path) => !isCopied(path))),
    );
    assertEquals(
      sorted([...traced.directories].filter((path) => !isCopied(path))),
      sorted([...inRecord("readDir")].filter((path) => !isCopied(path))),
    );
    assertEquals(
      [...copies].filter((path) => isFile(path) ? !traced.files.has(path) : !traced.directories.has(path)),
      [],
    );
    const asked = new Set(paths("pathExists", "resolve"));
    assertEquals([...traced.lookedAt].filter((path) => !asked.has(path) && !isCopied(realPath(path))), []);
    // Once each.
    assertEquals(new Set(files.map((input) => JSON.stringify(input))).size, files.length);
  });
}

function sorted(paths: readonly string[]): string[] {
  return [...paths].sort();
}
