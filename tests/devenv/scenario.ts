/**
 * Projects on devenv's own modules, for comparing with C++ Nix what devix makes of them.
 *
 * The modules and the packages aren't ours and aren't kept here: DEVIX_TEST_DEVENV names a folder with `devenv/` (its
 * `src/modules` and flake.lock), `nixpkgs/`, `project/` (a minimal project with `.devenv/bootstrap` and devenv.lock) and
 * `args.nix`, whose paths are absolute. A second folder after a colon may hold the same with a lock whose inputs have
 * hashes. DEVIX_TEST_NIXPKGS names a modern nixpkgs tree. What is ours are the projects' devenv.nix, in testdata/devenv.
 */
import { fromFileUrl } from "@std/path";

const TESTDATA = fromFileUrl(new URL("../../testdata/devenv/", import.meta.url));

/** The folders to work from; undefined where there are none. */
export const [LIVE, LOCKED] = (Deno.env.get("DEVIX_TEST_DEVENV") ?? "").split(":").map((dir) => dir || undefined);

/** A modern nixpkgs. */
export const NIXPKGS = Deno.env.get("DEVIX_TEST_NIXPKGS");

/** The names of our projects. */
export const CONFIGURATIONS: readonly string[] = [...Deno.readDirSync(TESTDATA)]
  .filter(({ name }) => name.endsWith(".nix"))
  .map(({ name }) => name.slice(0, -".nix".length))
  .sort();

/** How a {@link Project} differs from the one it is made after. */
export interface ProjectOptions {
  /** Instead of the packages of the lock. */
  readonly nixpkgs?: string;
}

/** One project in a temporary folder, with what devenv would evaluate of it. */
export class Project {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-devenv-" }));

  /** Makes one after `base`, with the configuration of that name. */
  constructor(base: string, configuration: string, { nixpkgs }: ProjectOptions = {}) {
    const { dir } = this;
    Deno.mkdirSync(`${dir}/project/.devenv`, { recursive: true });
    // What `./.devenv` in the arguments means, which lie beside the project.
    Deno.mkdirSync(`${dir}/.devenv`);
    Deno.symlinkSync(`${base}/project/.devenv/bootstrap`, `${dir}/project/.devenv/bootstrap`);
    Deno.copyFileSync(`${TESTDATA}${configuration}.nix`, this.configuration);
    const lock = Deno.readTextFileSync(`${base}/project/devenv.lock`);
    Deno.writeTextFileSync(
      `${dir}/project/devenv.lock`,
      nixpkgs === undefined ? lock : lock.replaceAll(`"${base}/nixpkgs"`, JSON.stringify(nixpkgs)),
    );
    Deno.writeTextFileSync(`${dir}/args.nix`, Deno.readTextFileSync(`${base}/args.nix`).replaceAll(base, dir));
  }

  /** Its devenv.nix. */
  get configuration(): string {
    return `${this.dir}/project/devenv.nix`;
  }

  /** What devix is told to evaluate. */
  get flags(): readonly string[] {
    // devenv has flakes on, and with them fetchTree.
    const features = ["--option", "extra-experimental-features", "flakes"];
    return [
      "--pure",
      ...features,
      "--file",
      `${this.dir}/project/.devenv/bootstrap`,
      "--args-file",
      `${this.dir}/args.nix`,
    ];
  }

  /** The same as an expression. */
  get expr(): string {
    return `(import ${this.dir}/project/.devenv/bootstrap (import ${this.dir}/args.nix))`;
  }

  [Symbol.dispose](): void {
    new Deno.Command("chmod", { args: ["-R", "u+w", this.dir] }).outputSync();
    Deno.removeSync(this.dir, { recursive: true });
  }
}
