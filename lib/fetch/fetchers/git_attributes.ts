/**
 * `.gitattributes` as libgit2 1.9 reads them, which C++ Nix asks what to leave out. git itself is asked here, and reads
 * some of what may stand there otherwise: patterns in quotes and with escaped spaces, comments behind attributes,
 * attributes set to nothing, names it takes for none, macros without a name.
 */

const MACRO = "[attr]";
const ATTRIBUTE = /^[-!]?[A-Za-z0-9_.][-A-Za-z0-9_.]*(?:=.*)?$/s;

/** Returns a text that git reads as libgit2 reads this one. Binary strings. */
export function forGit(text: string): string {
  return text.split("\n").map((line) => lineForGit(line) + "\n").join("");
}

/** Whether libgit2 has a text set `export-ignore` on whatever does not match a pattern, which git can't. */
export function ignoresOthers(text: string): boolean {
  return /^[ \t]*!.*export-ignore/m.test(text);
}

function lineForGit(line: string): string {
  const start = line.trimStart();
  // git takes a macro without a name for a pattern, "[attr]", which names of one letter match.
  if (start === "" || start[0] === "#" || /^\[attr\](?:\s|$)/.test(start)) return "";
  const [pattern] = /^(?:\\\s|\S)*/.exec(start)!;
  const attributes = attributesForGit(start.slice(pattern.length)).join(" ");
  return `${pattern.startsWith(MACRO) ? pattern : patternForGit(pattern)} ${attributes}`;
}

function patternForGit(pattern: string): string {
  const plain = pattern.replace(/\\(\s)/g, "$1");
  if (plain[0] !== '"' && !/\s/.test(plain)) return plain;
  return `"${plain.replace(/["\\]/g, "\\$&")}"`;
}

function attributesForGit(text: string): string[] {
  const words = text.split(/[ \t\r]+/).filter((word) => word !== "");
  const comment = words.findIndex((word) => word[0] === "#");
  return (comment < 0 ? words : words.slice(0, comment))
    .filter((word) => ATTRIBUTE.test(word))
    .map((word) => word.replace(/^([^=]*)=$/, "$1"));
}
