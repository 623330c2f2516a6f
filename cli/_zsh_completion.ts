/** Completion for zsh: a function for each command, and one for each name that is several. */
import { summaryOf } from "./commands.ts";
import { briefHelp, type Completion, type Described, followers, valuesOf } from "./described.ts";
import type { Flag } from "./flags.ts";

/** Returns the script. */
export function zshCompletion(commands: readonly Described[]): string {
  const groups = [...followers(commands)].map(([name, names]) => group(name, names));
  return `#compdef devix
# zsh completion for devix; made by 'devix completions zsh'.

${[...commands.map(leaf), ...groups].join("\n")}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _devix "$@"; else compdef _devix devix; fi
`;
}

function leaf({ name, flags, arguments: argument }: Described): string {
  const specs = flags.map(flagSpec);
  if (argument !== undefined) specs.push(quote(`*:argument:${action(argument)}`));
  return `${functionName(name)}() {\n  _arguments -s${specs.map((spec) => ` \\\n    ${spec}`).join("")}\n}\n`;
}

function group(name: string, names: readonly string[]): string {
  const whole = (last: string) => name === "" ? last : `${name} ${last}`;
  const summaries = names.map((last) => {
    const summary = summaryOf(whole(last));
    return `    ${quote(`${last}:${summary.replace(/\.$/, "")}`)}\n`;
  });
  const arms = names.map((last) => `        ${last}) ${functionName(whole(last))} ;;\n`);
  return `${functionName(name)}() {
  local curcontext=$curcontext state line
  local -a commands=(
${summaries.join("")}  )
  _arguments -C '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $line[1] in
${arms.join("")}      esac
      ;;
  esac
}
`;
}

function functionName(name: string): string {
  return ["_devix", ...name.split(" ")].filter((word) => word !== "").join("_");
}

/** May be repeated: nobody says which flags make no sense twice. */
function flagSpec(flag: Flag): string {
  const { name, short, values = [] } = flag;
  const completions = valuesOf(flag);
  const parts = values.map((value, i) => `:${escape(value)}:${action(completions[i])}`);
  const rest = quote(`[${escape(briefHelp(flag))}]${parts.join("")}`);
  return short === undefined ? `'*'--${name}${rest}` : `'*'{-${short},--${name}}${rest}`;
}

function action(completion: Completion | undefined): string {
  if (completion === undefined) return " ";
  if (completion === "file") return "_files";
  return completion === "directory" ? "_files -/" : `(${completion.map(escape).join(" ")})`;
}

function escape(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
