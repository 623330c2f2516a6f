/**
 * devix as a process that writes to a store, for tests of what goes wrong meanwhile. DEVIX names the command to test
 * (`dist/devix`), or else it is this checkout with the flags the binary has.
 */
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../../cli/v8_flags.ts";
import { ownHome } from "../own_home.ts";

const root = fromFileUrl(new URL("../..", import.meta.url));
const command = Deno.env.get("DEVIX")?.split(" ") ??
  [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, `${root}cli.ts`];

const surroundings = {
  ...ownHome(),
  NO_COLOR: "1",
  NIX_CONF_DIR: "/nowhere",
  NIX_REMOTE: "",
  NIX_CONFIG: "eval-cache = false",
};

/** What became of a process. */
export interface Ran {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly out: string;
  readonly err: string;
}

/** A process that runs. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ran>;
}

/** Starts `devix ARGS`. */
export function startDevix(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = new Deno.Command(command[0], {
    args: [...command.slice(1), ...args],
    cwd: root,
    env: { ...surroundings, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = child.output().then(({ code, signal, stdout, stderr }): Ran => {
    const text = new TextDecoder();
    return { code, signal, out: text.decode(stdout), err: text.decode(stderr) };
  });
  return { pid: child.pid, ended };
}

/** Runs `devix ARGS` to its end. */
export function runDevix(args: readonly string[], env?: Record<string, string>): Promise<Ran> {
  return startDevix(args, env).ended;
}

/**
 * Returns an expression of `chains` chains of ten derivations each; each has a text, and each chain a source, which is a
 * filtered tree. All come to one derivation.
 */
export function manyDerivations(chains: number): string {
  return `let
    d = name: args: derivation ({ inherit name; system = "x"; builder = "/b"; } // args);
    chain = i: builtins.foldl' (dep: j: d "d\${toString i}-\${toString j}" {
      inherit dep;
      text = builtins.toFile "t\${toString i}-\${toString j}" (toString (builtins.genList (n: n * i + j) 200));
    }) (builtins.path { path = /. + "${root}examples"; name = "s\${toString i}"; filter = p: t: true; }) (builtins.genList (j: j) 10);
  in d "all" { chains = builtins.genList chain ${chains}; }`;
}

/** How many paths {@link manyDerivations} makes. */
export function pathCount(chains: number): number {
  return chains * 21 + 1;
}
