/**
 * A project as devenv 1.3 lays it out: a generated `.devenv.flake.nix` whose inputs are paths, with devenv.lock. Beside it
 * the same under the names that stock Nix knows, flake.nix and flake.lock, which Nix locks.
 */
import { runNix } from "./programs.ts";

const SYSTEM = "x86_64-linux";

const PACKAGES = `{
  outputs = { self }: {
    lib.greet = name: "hello \${name}";
    legacyPackages.${SYSTEM} = rec {
      tool = derivation {
        name = "tool"; system = "${SYSTEM}"; builder = "/bin/sh"; outputs = [ "out" "dev" ];
        args = [ "-c" "echo tool > $out; echo dev > $dev" ];
      };
      shell = attrs: derivation ({
        name = "devenv-shell"; system = "${SYSTEM}"; builder = "/bin/bash"; args = [ "-c" "echo shell > $out" ];
      } // attrs);
    };
  };
}
`;

const MODULES = `{
  outputs = { ... }: { modules = ./.; isTmpDir = true; hasIsTesting = true; };
}
`;

const TOP_LEVEL = `
{ inputs, pkgs, root, project }:
let config = project { inherit inputs pkgs config; };
in {
  inherit (config) packages env;
  cachix = { enable = true; pull = [ "devenv" ]; push = null; };
  processes = builtins.mapAttrs (name: p: p // { inherit name; }) config.processes;
  task.config = builtins.toFile "tasks.json" (builtins.toJSON (builtins.attrNames config.processes));
  info = builtins.concatStringsSep "\\n" (map (p: "- " + p.name) config.packages);
  shell = pkgs.shell (config.env // { PACKAGES = config.packages; DEVENV_ROOT = root; });
}
`;

/** In what both projects have in common. */
const DEVENV_NIX = `{ inputs, pkgs, ... }: {
  packages = [ pkgs.tool ];
  env.GREETING = inputs.packages.lib.greet (builtins.readFile (inputs.plain + "/name.txt"));
  env.FILE = "\${./file.txt}";
  processes.web = { exec = "sleep 1"; };
}
`;

function flake(dir: string): string {
  return `{
  description = "a project";
  inputs = {
    packages.url = "path:${dir}/packages";
    devenv.url = "path:${dir}/devenv?dir=src/modules";
    plain = { url = "path:${dir}/plain"; flake = false; };
    again.follows = "packages";
  };
  outputs = { packages, ... }@inputs:
    let
      pkgs = packages.legacyPackages.${SYSTEM};
      config = import (inputs.devenv.modules + "/top-level.nix") {
        inherit inputs pkgs;
        root = "/a/project";
        project = import ./devenv.nix;
      };
    in {
      packages.${SYSTEM} = { inherit (config) info; inherit (pkgs) tool; optionsJSON = pkgs.tool.dev; };
      devenv = config;
      build = { inherit (config) packages; };
      devShell.${SYSTEM} = config.shell;
    };
}
`;
}

/** Both forms of the project, in a temporary folder. */
export class V1Project {
  readonly dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix-devenv-1.3-" }));
  /** For devix. */
  readonly project = `${this.dir}/project`;
  /** For stock Nix. */
  readonly copy = `${this.dir}/copy`;
  /** Roots of stores. */
  readonly ours = `${this.dir}/ours`;
  readonly theirs = `${this.dir}/theirs`;

  constructor() {
    const { dir, project, copy } = this;
    write(`${dir}/packages/flake.nix`, PACKAGES);
    write(`${dir}/devenv/src/modules/flake.nix`, MODULES);
    write(`${dir}/devenv/src/modules/top-level.nix`, TOP_LEVEL);
    write(`${dir}/plain/name.txt`, "world");
    for (const [folder, name] of [[copy, "flake.nix"], [project, ".devenv.flake.nix"]]) {
      write(`${folder}/${name}`, flake(dir));
      write(`${folder}/devenv.nix`, DEVENV_NIX);
      write(`${folder}/file.txt`, "a file");
    }
    const { code, err } = runNix("nix", ["flake", "lock"], { root: this.theirs, cwd: copy });
    if (code !== 0) throw new Error(err);
    Deno.copyFileSync(`${copy}/flake.lock`, `${project}/devenv.lock`);
  }

  [Symbol.dispose](): void {
    new Deno.Command("chmod", { args: ["-R", "u+w", this.dir] }).outputSync();
    Deno.removeSync(this.dir, { recursive: true });
  }
}

function write(path: string, text: string): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  Deno.writeTextFileSync(path, text);
}
