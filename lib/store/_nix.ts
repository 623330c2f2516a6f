// Installations of C++ Nix for tests. Folders with its programs are taken from DEVIX_TEST_NIX (separated by colons), or are
// .oracle/bin in this checkout and wherever nix-store is on the PATH. Each is given a store of its own below a temporary
// folder; nothing touches the host's. Tests that need one are skipped, under their names, where there is none.
import { fromFileUrl } from "@std/path";

const CHECKOUT = fromFileUrl(new URL("../../", import.meta.url));

/** An installation of Nix. */
export interface NixPrograms {
  /** Such as "2.34.8". */
  readonly version: string;
  /** Folder of nix-store, nix-daemon and the others. */
  readonly bin: string;
}

/** The installations there are, older ones first. */
export const NIX_PROGRAMS: readonly NixPrograms[] = findPrograms();

function findPrograms(): NixPrograms[] {
  const given = Deno.env.get("DEVIX_TEST_NIX");
  const folders = given?.split(":") ?? [`${CHECKOUT}.oracle/bin`, ...(Deno.env.get("PATH") ?? "").split(":")];
  const found = new Map<string, NixPrograms>();
  for (const bin of folders) {
    if (bin === "" || !isFile(`${bin}/nix-store`)) continue;
    const { stdout } = new Deno.Command(`${bin}/nix-store`, { args: ["--version"] }).outputSync();
    const version = /[0-9]+\.[0-9]+[0-9.]*/.exec(new TextDecoder().decode(stdout))?.[0];
    if (version !== undefined && !found.has(version)) found.set(version, { version, bin });
  }
  return [...found.values()].sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What a test says where no Nix is installed. */
const NO_NIX: NixPrograms = { version: "(not installed)", bin: "" };

/** The installations, or a stand-in for a test to be skipped with. */
export const NIX_OR_NONE: readonly NixPrograms[] = NIX_PROGRAMS.length > 0 ? NIX_PROGRAMS : [NO_NIX];

/** A temporary folder, removed when the test is over whatever the modes of what is in it. */
export class TestFolder {
  readonly path = Deno.makeTempDirSync({ prefix: "devix-test-" });

  close(): void {
    new Deno.Command("chmod", { args: ["-R", "u+w", this.path] }).outputSync();
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The environment Nix's programs run in below a folder: its own configuration, no store but the one they are told of. */
export function nixEnvironment(
  folder: string,
  options: { readonly trustedUsers?: string } = {},
): Record<string, string> {
  const conf = `${folder}/etc`;
  Deno.mkdirSync(conf, { recursive: true });
  const features = "experimental-features = nix-command";
  const lines = [
    features,
    "build-users-group =",
    "sandbox = false",
    "substituters =",
    `trusted-users = ${options.trustedUsers ?? "root"}`,
  ];
  Deno.writeTextFileSync(`${conf}/nix.conf`, lines.join("\n") + "\n");
  return { NIX_CONF_DIR: conf, HOME: folder, NIX_REMOTE: `local?root=${folder}/root` };
}

/** Runs one of Nix's programs and returns its output. @throws {Error} with what it said if it fails */
export function runNix(
  nix: NixPrograms,
  command: readonly string[],
  options: { readonly env: Record<string, string> },
): string {
  const child = new Deno.Command(`${nix.bin}/${command[0]}`, {
    args: command.slice(1),
    env: options.env,
    stdin: "null",
  });
  const { success, stdout, stderr } = child.outputSync();
  const text = new TextDecoder();
  if (!success) throw new Error(`${command.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

/** A daemon of an installation with a store of its own. */
export interface RunningDaemon {
  readonly socket: string;
  /** The root of its store. */
  readonly root: string;
  /** The environment for programs to look at its store without it. */
  readonly env: Record<string, string>;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a daemon below a folder. */
export async function startDaemon(
  nix: NixPrograms,
  folder: string,
  options: { readonly trustedUsers?: string } = {},
): Promise<RunningDaemon> {
  const env = nixEnvironment(folder, options);
  const socket = `${folder}/socket`;
  const child = new Deno.Command(`${nix.bin}/nix-daemon`, {
    env: { ...env, NIX_DAEMON_SOCKET_PATH: socket },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  for (let i = 0; !canConnect(socket); i++) {
    if (i === 2400) throw new Error(`nix-daemon ${nix.version} made no socket`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    socket,
    root: `${folder}/root`,
    env,
    pid: child.pid,
    async stop() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
    },
  };
}

function canConnect(socket: string): boolean {
  try {
    return Deno.statSync(socket).isSocket === true;
  } catch {
    return false;
  }
}
