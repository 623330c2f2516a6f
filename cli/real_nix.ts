/** The `nix` that isn't devix: what devix leaves to others goes to the one on the PATH. */
import { decodeUtf8Lossy } from "../mod.ts";
import type { Process } from "./process.ts";
import { UsageError } from "./usage_error.ts";

/** Set by the wrappers of {@link wrapperScript}: the folder they are in, which is no place to look for the real one. */
const WRAPPER_VARIABLE = "DEVIX_NIX_WRAPPER";

/** A program of Nix. */
export interface RealNix {
  readonly path: string;
  /** Runs it with this process's standard streams and returns its exit code. */
  run(args: readonly string[]): Promise<number>;
  /** Returns what it prints. */
  read(args: readonly string[]): string;
}

/** Returns the first `nix` on the PATH that isn't a wrapper around devix; undefined if there is none. */
export function findRealNix({ env }: Process): RealNix | undefined {
  const wrapper = env(WRAPPER_VARIABLE);
  for (const dir of (env("PATH") ?? "").split(":")) {
    if (dir === "" || dir === wrapper) continue;
    const path = decodeUtf8Lossy(`${dir}/nix`);
    if (isProgram(path)) return program(path);
  }
  return undefined;
}

/** Returns the real nix. @throws {UsageError} if there is none */
export function realNix(process: Process, what: string): RealNix {
  const found = findRealNix(process);
  if (found !== undefined) return found;
  throw new UsageError(`${what} takes Nix itself, and there is no 'nix' on the PATH`);
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}

function program(path: string): RealNix {
  return {
    path,
    async run(args) {
      const options = {
        args: args.map(decodeUtf8Lossy),
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      } as const;
      const { code, signal } = await new Deno.Command(path, options).spawn().status;
      return signal === "SIGINT" ? 130 : code;
    },
    read(args) {
      const { stdout } = new Deno.Command(path, { args: args.map(decodeUtf8Lossy), stdin: "null", stderr: "null" })
        .outputSync();
      return new TextDecoder().decode(stdout);
    },
  };
}

/** Returns a shell script that is `nix` to its callers and devix in truth. */
export function wrapperScript(devix: readonly string[]): string {
  const command = devix.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return `#!/bin/sh
# Made by "devix nix-wrapper": evaluation by devix, the rest by the nix that is on the PATH.
${WRAPPER_VARIABLE}=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export ${WRAPPER_VARIABLE}
exec ${command} nix "$@"
`;
}

/** Returns a shell script that is another program of Nix: the one on the PATH. */
export function passingScript(name: string): string {
  return `#!/bin/sh
# Made by "devix nix-wrapper": the ${name} that is on the PATH.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
IFS=:
for dir in $PATH; do
  if [ "$dir" != "$here" ] && [ -x "$dir/${name}" ]; then exec "$dir/${name}" "$@"; fi
done
echo "error: there is no '${name}' on the PATH" >&2
exit 127
`;
}
