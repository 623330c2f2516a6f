/** `devix nix-wrapper`: a folder that stands for a Nix, as devenv 1.x takes it in $DEVENV_NIX. */
import { decodeUtf8Lossy } from "../mod.ts";
import type { CommandSpec } from "./command.ts";
import { ownPath } from "./own_path.ts";
import { passingScript, wrapperScript } from "./real_nix.ts";
import { UsageError } from "./usage_error.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** Programs that devenv 1.x runs besides `nix`. */
const OTHERS = ["nix-store", "nix-env"];

/** The command. */
export const NIX_WRAPPER: CommandSpec = {
  name: "nix-wrapper",
  usage: "DIR",
  details:
    `Makes DIR/bin/nix, which is 'devix nix', and DIR/bin/nix-store and DIR/bin/nix-env, which are those on the PATH.

  devix nix-wrapper ~/.local/share/devix-nix
  DEVENV_NIX=~/.local/share/devix-nix devenv shell`,
  prepare: ({ process }) => {
    let dir: string | undefined;
    return {
      flags: [],
      argument: (text) => {
        if (dir !== undefined) throw new UsageError(`unexpected argument '${text}'`);
        dir = text;
      },
      run: () => {
        if (dir === undefined) throw new UsageError("no folder given");
        const bin = decodeUtf8Lossy(`${dir[0] === "/" ? dir : `${process.cwd}/${dir}`}/bin`);
        Deno.mkdirSync(bin, { recursive: true });
        write(`${bin}/nix`, wrapperScript(devixCommand()));
        for (const name of OTHERS) write(`${bin}/${name}`, passingScript(name));
        return 0;
      },
      // It does more than print.
      keepAfter: Infinity,
    };
  },
};

/** Puts a script in place at once, whatever was there. */
function write(path: string, text: string): void {
  const aside = `${path}.${Deno.pid}`;
  Deno.writeTextFileSync(aside, text, { mode: 0o755 });
  Deno.renameSync(aside, path);
}

/** How this devix is run. */
function devixCommand(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  // A bundle's files are all in one folder. This needn't be what was started: tests have a program of their own.
  const path = ownPath(import.meta.url.endsWith(".ts") ? "../cli.ts" : "./cli.js", import.meta.url);
  return [Deno.execPath(), "run", "-A", "--no-check", `--v8-flags=${V8_FLAGS.join(",")}`, path];
}
