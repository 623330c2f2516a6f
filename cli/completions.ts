/** `devix completions`: scripts for shells, made from the commands and flags there are. */
import { encodeUtf8 } from "../mod.ts";
import { bashCompletion } from "./_bash_completion.ts";
import { fishCompletion } from "./_fish_completion.ts";
import { zshCompletion } from "./_zsh_completion.ts";
import { commandHelp, helpFlag, type OwnCommand, USAGE } from "./command.ts";
import { describeCommands, type Described } from "./described.ts";
import type { Process } from "./process.ts";

const SHELLS: Readonly<Record<string, (commands: readonly Described[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The command. */
export const COMPLETIONS: OwnCommand = {
  name: "completions",
  usage: Object.keys(SHELLS).join("|"),
  details: `Where the script goes, for yourself:

  devix completions bash > ~/.local/share/bash-completion/completions/devix
  devix completions zsh > ~/.zfunc/_devix    # a directory in $fpath, before compinit
  devix completions fish > ~/.config/fish/completions/devix.fish`,
  arguments: Object.keys(SHELLS),
  flags: () => [helpFlag()],
  run,
};

async function run(process: Process): Promise<number> {
  const [shell, ...rest] = process.args;
  if (["--help", "-h"].includes(shell)) {
    process.out(encodeUtf8(commandHelp(COMPLETIONS, [helpFlag()])));
    return 0;
  }
  if (!Object.hasOwn(SHELLS, shell ?? "") || rest.length > 0) {
    process.err(
      `error: expected the name of a shell: ${Object.keys(SHELLS).join(", ")}\n` +
        "Try 'devix completions --help' for more information.\n",
    );
    return USAGE;
  }
  process.out(encodeUtf8(SHELLS[shell](await describeCommands(process))));
  return 0;
}
