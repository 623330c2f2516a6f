/** devix and C++ Nix as processes, in surroundings that say nothing of this machine. */
import { fromFileUrl } from "@std/path";
import { NIX_PROGRAMS } from "../../lib/store/_nix.ts";
import { V8_FLAGS } from "../../cli/v8_flags.ts";
import { ownHome } from "../own_home.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));

/** The newest C++ Nix there is; undefined if there is none. */
export const NIX = NIX_PROGRAMS.at(-1);

/** How devix is run: the binary DEVIX names, or these sources. */
export const DEVIX: readonly string[] = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

/** What devix finds in its environment. */
export const DEVIX_ENV = { ...ownHome(), NIX_CONF_DIR: "/nowhere", NIX_PATH: "", NO_COLOR: "1" };

/** What a process did. */
export interface Done {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs devix. */
export function runDevix(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Done {
  const [command, ...before] = DEVIX;
  return run(command, [...before, ...args], { ...options, env: { ...DEVIX_ENV, ...options.env } });
}

/** Runs a program of C++ Nix. `root` is where its store is. */
export function runNix(
  program: string,
  args: readonly string[],
  options: { readonly root: string; readonly cwd?: string },
): Done {
  return run(`${NIX!.bin}/${program}`, args, { ...options, env: NIX_ENV(options.root) });
}

/** What C++ Nix finds in its environment: a store below a root, and the host's programs where it builds. */
export function NIX_ENV(root: string): Record<string, string> {
  const conf = `${root}/etc`;
  Deno.mkdirSync(conf, { recursive: true });
  const lines = [
    "experimental-features = nix-command flakes",
    "build-users-group =",
    "build-hook =",
    "substituters =",
    "sandbox = false",
    `sandbox-paths = ${["/bin", "/lib", "/lib64", "/usr"].filter(exists).join(" ")}`,
  ];
  Deno.writeTextFileSync(`${conf}/nix.conf`, lines.join("\n") + "\n");
  return {
    NIX_CONF_DIR: conf,
    NIX_PATH: "",
    NIX_REMOTE: `local?root=${root}`,
    NO_COLOR: "1",
    HOME: root,
    PATH: `${NIX!.bin}:${Deno.env.get("PATH") ?? ""}`,
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program and returns what it did. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
): Done {
  const { cwd, env } = options;
  const { code, stdout, stderr } = new Deno.Command(command, { args: [...args], cwd, env, stdin: "null" }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
