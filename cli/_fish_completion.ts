/** Completion for fish, from 3.4 on. It takes one value for a flag: the second of two is completed as an argument is. */
import { summaryOf } from "./commands.ts";
import { briefHelp, type Completion, type Described, followers, valuesOf } from "./described.ts";
import type { Flag } from "./flags.ts";

/** Returns the script. */
export function fishCompletion(commands: readonly Described[]): string {
  const names = [...followers(commands)].flatMap(([name, lasts]) => lasts.map((last) => whole(name, last)));
  return `# fish completion for devix; made by 'devix completions fish'.

# Whether the command line names this command so far.
function __devix_is
    set -l names ${names.map(quote).join(" ")}
    set -l found
    for word in (commandline -opc)[2..]
        set -l longer (string join -- ' ' $found $word)
        contains -- $longer $names; or break
        set found $longer
    end
    test "$found" = "$argv[1]"
end

complete -c devix -f
${[...followers(commands)].map(([name, lasts]) => group(name, lasts)).join("")}
${commands.map(leaf).join("\n")}`;
}

function group(name: string, names: readonly string[]): string {
  return names.map((last) => {
    const summary = summaryOf(whole(name, last));
    return line(name, ["-a", quote(last), "-d", quote(summary.replace(/\.$/, ""))]);
  }).join("");
}

function leaf({ name, flags, arguments: argument }: Described): string {
  const lines = flags.map((flag) => line(name, flagParts(flag)));
  if (argument !== undefined) lines.push(line(name, completed(argument)));
  return lines.join("");
}

function flagParts(flag: Flag): string[] {
  const parts = flag.short === undefined ? [] : ["-s", flag.short];
  parts.push("-l", flag.name);
  const values = valuesOf(flag);
  if (values.length > 0) parts.push("-r", ...(values[0] === undefined ? ["-f"] : completed(values[0])));
  return [...parts, "-d", quote(briefHelp(flag))];
}

function completed(completion: Completion): string[] {
  if (completion === "file") return ["-F"];
  return ["-f", "-a", completion === "directory" ? "'(__fish_complete_directories)'" : quote(completion.join(" "))];
}

function line(name: string, parts: readonly string[]): string {
  return `complete -c devix -n ${quote(`__devix_is ${quote(name)}`)} ${parts.join(" ")}\n`;
}

function whole(name: string, last: string): string {
  return name === "" ? last : `${name} ${last}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
