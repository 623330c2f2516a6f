/** Help texts, from the same records that command lines are read with. */
import type { Flag } from "./flags.ts";

const COLUMN = 34;

/** Returns a list of flags under their headings; those without one, or without words, are left out. */
export function flagHelp(flags: readonly Flag[]): string {
  const shown = flags.filter((flag) => flag.group !== "" && flag.help !== "");
  const groups = [...new Set(shown.map((flag) => flag.group))];
  return groups.map((group) => {
    const lines = shown.filter((flag) => flag.group === group).map(flagLine);
    return `${group}:\n${lines.join("")}`;
  }).join("\n");
}

function flagLine({ name, short, values = [], help }: Flag): string {
  const left = `  ${short === undefined ? "    " : `-${short}, `}--${[name, ...values].join(" ")}`;
  const [first, ...rest] = help.split("\n");
  const start = left.length + 2 > COLUMN ? `${left}\n${" ".repeat(COLUMN)}` : left.padEnd(COLUMN);
  return start + [first, ...rest.map((line) => " ".repeat(COLUMN) + line)].join("\n") + "\n";
}
