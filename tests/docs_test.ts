// What README and docs/ say of the command line and of each other is so: commands and flags that they name exist, and links
// lead somewhere. (tests/library_test.ts runs the programs of docs/typescript.md.)
import { assertEquals } from "@std/assert";
import { fromFileUrl, toFileUrl } from "@std/path";
import { runFakeAsync } from "../cli/_test_process.ts";
import { findCommand } from "../cli/commands.ts";
import { describeCommands } from "../cli/described.ts";
import { settingNamed } from "../cli/settings.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

const pages = [
  "README.md",
  ...[...Deno.readDirSync(`${root}docs`)].map(({ name }) => `docs/${name}`).filter((path) => path.endsWith(".md"))
    .sort(),
].map((path) => ({ path, text: Deno.readTextFileSync(root + path) }));

/** The command lines in code blocks and in `code`. */
function commandLines(text: string): string[] {
  const joined = text.replace(/\\\n\s*/g, "");
  const blocks = [...joined.matchAll(/^```(?:sh)?\n(.*?)^```/gms)].flatMap(([, block]) => block.split("\n"));
  const indented = joined.split("\n").filter((line) => line.startsWith("    "));
  const inline = [...joined.replace(/^```.*?^```/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  const found = [...blocks, ...indented, ...inline].map((line) => /^\s*(?:\S*\/)?devix\s+(?=\S)(.*)/.exec(line)?.[1]);
  return found.filter((line) => line !== undefined).map((line) => line.replace(/\s[|>#;&].*|\s#.*/, ""));
}

/** The words of a command line; what is quoted is one of them. */
function words(line: string): string[] {
  return (line.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []).filter((word) => word !== "…");
}

let flags = new Map<string, ReadonlySet<string>>();
await runFakeAsync(async (process) => {
  flags = new Map((await describeCommands(process)).map(({ name, flags }) => [
    name,
    new Set(flags.flatMap(({ name, short }) => [`--${name}`, `-${short}`])),
  ]));
  return 0;
}, []);

/** `--a=b` is `--a`, `--a|--b` is two flags, and so is `-ab`. */
function spelledOut(word: string): string[] {
  const flags = word.replace(/=.*/, "").split("|");
  return flags.flatMap((flag) =>
    /^-[a-zA-Z]{2,}$/.test(flag) ? [...flag.slice(1)].map((letter) => `-${letter}`) : flag
  );
}

function wrongIn(line: string): string | undefined {
  // The one flag that stands before a command (cli/main.ts).
  const [first, ...rest] = words(line.replace(/^--profile \S+ /, ""));
  if (/^[A-Z]+$/.test(first)) return undefined;
  const found = findCommand([first.replace(/^--?(?=help|version)/, ""), ...rest]);
  if (found === undefined) return `no command "${first}"`;
  const { name, args } = found;
  const unknown = args.filter((word) => /^--?[a-zA-Z]/.test(word)).flatMap(spelledOut)
    .filter((flag) =>
      !flags.get(name)?.has(flag) && settingNamed(flag.replace(/^--(?:no-|extra-)?/, "")) === undefined
    );
  return unknown.length === 0 ? undefined : `"devix ${name}" has no ${unknown.join(", ")}`;
}

Deno.test("commands and flags that README and docs name exist", () => {
  const wrong = pages.flatMap(({ path, text }) => {
    return commandLines(text).map((line) => [wrongIn(line), line]).filter(([what]) => what !== undefined)
      .map(([what, line]) => `${path}: ${what} (${line})`);
  });
  assertEquals(wrong, []);
});

Deno.test("README and docs name many commands", () => {
  assertEquals(pages.flatMap(({ text }) => commandLines(text)).length > 20, true);
});

Deno.test("links in README and docs lead somewhere", () => {
  const wrong: string[] = [];
  for (const { path, text } of pages) {
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file, anchor] = target.split("#");
      const at = fromFileUrl(new URL(file === "" ? path.replace(/.*\//, "") : file, toFileUrl(root + path)));
      const there = exists(at);
      if (!there || anchor !== undefined && !anchorsOf(Deno.readTextFileSync(at)).includes(anchor)) {
        wrong.push(`${path}: ${target}`);
      }
    }
  }
  assertEquals(wrong, []);
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The names of headings, as links spell them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/\s/g, "-")
  );
}
