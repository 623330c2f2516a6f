/** devix and C++ Nix as processes, in surroundings that say nothing of this machine. */
import { NIX_PROGRAMS } from "../../lib/store/_nix.ts";
import { V8_FLAGS } from "../../cli/v8_flags.ts";

const root = new URL("../..", import.meta.url).pathname;

/** The newest C++ Nix there is; undefined if there is none. */
export const NIX = NIX_PROGRAMS.at(-1);

/** How devix is run: the binary DEVIX names, or these sources. */
export const DEVIX: readonly string[] = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

/** What devix finds in its environment. */
export const DEVIX_ENV = { NIX_CONF_DIR: "/nowhere", NIX_PATH: "", NO_COLOR: "1" };

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
  const conf = `${options.root}/etc`;
  Deno.mkdirSync(conf, { recursive: true });
  Deno.writeTextFileSync(`${conf}/nix.conf`, "experimental-features = nix-command flakes\nbuild-users-group =\n");
  const env = {
    NIX_CONF_DIR: conf,
    NIX_PATH: "",
    NIX_REMOTE: `local?root=${options.root}`,
    NO_COLOR: "1",
    HOME: options.root,
  };
  return run(`${NIX!.bin}/${program}`, args, { ...options, env });
}

function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
): Done {
  const { cwd, env } = options;
  const { code, stdout, stderr } = new Deno.Command(command, { args: [...args], cwd, env, stdin: "null" }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
