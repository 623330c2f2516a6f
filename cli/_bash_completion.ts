/**
 * Completion for bash, from 3.2 (macOS) on and without the bash-completion package.
 *
 * Bash takes `--flag=value` and `local:DIR` apart at `=` and `:`. The script goes through the words before the cursor: names
 * of commands first, then flags with as many values as they take.
 */
import { type Completion, type Described, followers, valuesOf } from "./described.ts";
import type { Flag } from "./flags.ts";

/** Returns the script. */
export function bashCompletion(commands: readonly Described[]): string {
  return `# bash completion for devix; made by 'devix completions bash'.

# Sets 'words' to the commands that can follow, 'flags' and 'argument' to what the command takes.
_devix_command() {
  words= flags= argument=
  case $1 in
${[...followers(commands)].map(([name, names]) => arm(quote(name), `words=${quote(names.join(" "))}`)).join("")}${
    commands.map(commandArm).join("")
  }  esac
}

# Sets 'pending' to what the values of a flag may be.
_devix_flag() {
  case "$1:$2" in
${flagArms(commands)}  esac
}

_devix() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= word words flags argument i IFS=$' \\t\\n'
  local -a pending
  pending=()
  COMPREPLY=()
  _devix_command ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then continue; fi
    if ((\${#pending[@]} > 0)); then
      pending=("\${pending[@]:1}")
    elif [[ $word == -* ]]; then
      _devix_flag "$command" "$word"
    elif [[ " $words " == *" $word "* ]]; then
      command="\${command:+$command }$word"
      _devix_command "$command"
    fi
  done
  if [[ $cur == = ]]; then cur=; fi
  local kind=$argument
  if ((\${#pending[@]} > 0)); then
    kind=\${pending[0]}
  elif [[ $cur == -* ]]; then
    kind="=$flags"
  elif [[ -n $words ]]; then
    kind="=$words"
  fi
  case $kind in
    =*) COMPREPLY=($(compgen -W "\${kind#=}" -- "$cur")) ;;
    file | directory)
      compopt -o filenames 2>/dev/null
      IFS=$'\\n'
      if [[ $kind == file ]]; then COMPREPLY=($(compgen -f -- "$cur")); else COMPREPLY=($(compgen -d -- "$cur")); fi
      ;;
  esac
  if [[ \${COMPREPLY[0]} == *: ]]; then compopt -o nospace 2>/dev/null; fi
}

complete -F _devix devix
`;
}

function commandArm({ name, flags, arguments: argument }: Described): string {
  const words = flags.flatMap(spellings).join(" ");
  const assignments = [`flags=${quote(words)}`, ...(argument === undefined ? [] : [`argument=${kind(argument)}`])];
  return arm(quote(name), assignments.join(" "));
}

/** A flag that takes the same values wherever there is one is named once. */
function flagArms(commands: readonly Described[]): string {
  const kinds = new Map<string, Map<string, string[]>>();
  for (const { name, flags } of commands) {
    for (const flag of flags) {
      const values = `(${valuesOf(flag).map(kind).join(" ")})`;
      for (const spelling of spellings(flag)) {
        const known = kinds.get(spelling) ?? new Map();
        kinds.set(spelling, known.set(values, [...known.get(values) ?? [], name]));
      }
    }
  }
  const arms = new Map<string, string[]>();
  for (const [spelling, byValues] of kinds) {
    for (const [values, names] of byValues) {
      if (values === "()") continue;
      const patterns = byValues.size === 1 ? [`*:${spelling}`] : names.map((name) => quote(`${name}:${spelling}`));
      arms.set(values, [...arms.get(values) ?? [], ...patterns]);
    }
  }
  return [...arms].map(([values, patterns]) => arm(patterns.join(" | "), `pending=${values}`)).join("");
}

function spellings({ name, short }: Flag): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

function kind(completion: Completion | undefined): string {
  if (completion === undefined) return "any";
  return typeof completion === "string" ? completion : quote(`=${completion.join(" ")}`);
}

function arm(pattern: string, action: string): string {
  return `    ${pattern}) ${action} ;;\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
