/**
 * Where the background evaluator of a user is to be found: `$XDG_RUNTIME_DIR/devix` or else `/tmp/devix-UID`, a directory
 * that is the user's own and nobody else's, or nowhere. Nothing of devix is loaded here.
 */

/** Set for the evaluators that the background process starts. */
export const WARM_VARIABLE = "DEVIX_WARM_EVALUATOR";

/** The longest path that a socket can be bound to, with room for a suffix. */
const MAX_PATH = 90;

/** Returns the directory, made if need be; undefined if there is none that can be trusted. */
export function warmDirectory(): string | undefined {
  const runtime = Deno.env.get("XDG_RUNTIME_DIR");
  for (const [base, path] of [[runtime, `${runtime}/devix`], ["/tmp", `/tmp/devix-${Deno.uid()}`]] as const) {
    if (!base?.startsWith("/") || path.length > MAX_PATH) continue;
    if (base !== "/tmp" && !isOwn(base)) continue;
    try {
      Deno.mkdirSync(path, { mode: 0o700 });
    } catch {
      // It is there, or can't be: that shows now.
    }
    if (isOwn(path)) return path;
  }
  return undefined;
}

/** Whether a path is a directory (not a symlink to one) of this user that nobody else may enter. */
function isOwn(path: string): boolean {
  try {
    const { isDirectory, uid, mode } = Deno.lstatSync(path);
    return isDirectory && uid === Deno.uid() && ((mode ?? 0o777) & 0o077) === 0;
  } catch {
    return false;
  }
}

/** The socket in a directory. */
export function socketIn(directory: string): string {
  return `${directory}/warm.sock`;
}

/** What has to be the same for two processes to see the same files and network. */
export function namespaces(): readonly string[] {
  return ["mnt", "net", "user", "ipc"].map((name) => {
    try {
      return Deno.readLinkSync(`/proc/self/ns/${name}`);
    } catch {
      return "";
    }
  });
}

/** Variables that a process heeds when it starts and never again; everything else is taken from each job. */
export function startVariables(env: Readonly<Record<string, string>>): string {
  const heeded = /^(?:DENO_.*|SSL_CERT_.*|NODE_.*|LD_.*|.*_proxy|.*_PROXY|TMPDIR|TZ|LANG|LC_.*|DEVIX_DEBUG)$/;
  return JSON.stringify(Object.entries(env).filter(([name]) => heeded.test(name)).sort());
}
