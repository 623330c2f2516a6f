// Scripts are tried in the shells they are for, as somebody who types would. A shell that isn't there is skipped by name.
import { assert, assertEquals } from "@std/assert";
import { bashCompletion } from "./_bash_completion.ts";
import { fishCompletion } from "./_fish_completion.ts";
import { runFakeAsync } from "./_test_process.ts";
import { zshCompletion } from "./_zsh_completion.ts";
import { COMPLETIONS } from "./completions.ts";
import { describeCommands, type Described } from "./described.ts";
import type { Flag } from "./flags.ts";

function flag(name: string, more: Partial<Flag> = {}): Flag {
  return { name, help: `It's [${name}]: "so"\nand so.`, group: "Flags", run: () => {}, ...more };
}

const COMMANDS: readonly Described[] = [
  {
    name: "eval",
    summary: "Evaluates.",
    usage: "",
    details: "",
    flags: [
      flag("file", { short: "f", values: ["FILE"] }),
      flag("cache", { values: ["DIR"] }),
      flag("arg", { values: ["NAME", "EXPR"] }),
      flag("read", { values: ["NAME", "FILE"] }),
      flag("where", { values: ["STORE"], choices: ["auto", "none"] }),
      flag("json"),
    ],
    arguments: "file",
  },
  { name: "store gc", summary: "Collects.", usage: "", details: "", flags: [flag("dry-run")] },
  { name: "store ls", summary: "Lists.", usage: "", details: "", flags: [flag("long")], arguments: "file" },
  { name: "teach", summary: "Teaches.", usage: "", details: "", flags: [], arguments: ["cats", "dogs"] },
];

/** In a folder with the files "one" and "other" and the folder "open". */
const LINES: readonly [line: string, words: readonly string[]][] = [
  ["devix ", ["eval", "store", "teach"]],
  ["devix s", ["store"]],
  ["devix store ", ["gc", "ls"]],
  ["devix store gc --", ["--dry-run"]],
  ["devix eval --f", ["--file"]],
  ["devix eval o", ["one", "open", "other"]],
  ["devix eval -f ot", ["other"]],
  ["devix eval --cache o", ["open"]],
  ["devix eval --where ", ["auto", "none"]],
  ["devix eval --where no", ["none"]],
  ["devix eval --arg store one --js", ["--json"]],
  ["devix eval store --js", ["--json"]],
  ["devix store ls one ot", ["other"]],
  ["devix teach ", ["cats", "dogs"]],
];

/** Returns what a shell says to each line when it is to be completed, one after the other, each followed by "END\n". */
type Shell = (script: string, dir: string) => Promise<string>;

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { HOME: cwd, TERM: "xterm", LC_ALL: "C" },
    stderr: "inherit",
    signal: AbortSignal.timeout(60_000),
  }).output();
  return new TextDecoder().decode(stdout);
}

const typed = LINES.map(([line]) => line);

const bash: Shell = (script, dir) => {
  const text = `. "$1"; shift; for line; do
    eval "COMP_WORDS=(\${line/% / \\'\\'})"; COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _devix; printf '%s\\n' "\${COMPREPLY[@]}" END
  done`;
  return output("bash", ["-c", text, "bash", script, ...typed], dir);
};

/** Types the lines into a terminal, each with the key for completion and then the key that takes it all back. */
const zsh: Shell = (script, dir) => {
  const text = `zmodload zsh/zpty; zpty z zsh -f -i
    zpty -w z "PS1='=''> '; stty cols 1000 rows 200; autoload -U compinit; compinit -D -u; source $1"
    zpty -r -m z x '*=> *'; shift
    for line; do
      zpty -n -w z "$line"$'\\t'; zpty -w z $'\\025print EN\\'\\'D'; zpty -r -m z x '*END*=> *'
      print -r -- "\${x%END*}"; print END
    done`;
  return output("zsh", ["-f", "-c", text, "zsh", script, ...typed], dir);
};

const fish: Shell = (script, dir) => {
  const text = `source ${script}; for line in $argv; complete -C "$line"; echo END; end`;
  return output("fish", ["--no-config", "-c", text, ...typed], dir);
};

async function isThere(shell: string): Promise<boolean> {
  try {
    // No more than that: fish makes folders in the user's home when it runs something.
    return (await new Deno.Command(shell, { args: ["--version"], stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

const SHELLS = [["bash", bash, bashCompletion], ["zsh", zsh, zshCompletion], ["fish", fish, fishCompletion]] as const;
const KNOWN = new Set(LINES.flatMap(([, words]) => words));

for (const [name, shell, script] of SHELLS) {
  Deno.test({
    name: `completions: ${name} completes commands, flags, their values and arguments`,
    ignore: !(await isThere(name)),
    fn: async () => {
      const dir = await Deno.makeTempDir();
      try {
        await Deno.mkdir(`${dir}/open`);
        for (const file of ["one", "other"]) await Deno.writeTextFile(`${dir}/${file}`, "");
        await Deno.mkdir(`${dir}/scripts`);
        const path = `${dir}/scripts/devix`;
        await Deno.writeTextFile(path, script(COMMANDS));
        const said = (await shell(path, dir)).split("END\n");
        for (const [i, [line, words]] of LINES.entries()) {
          // deno-lint-ignore no-control-regex
          const plain = said[i].replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "");
          const rest = plain.replaceAll(line.slice(0, line.lastIndexOf(" ")), "");
          const offered = new Set(rest.split(/[\s/]+/).filter((word) => KNOWN.has(word)));
          assertEquals([line, ...[...offered].sort()], [line, ...words]);
        }
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  });

  Deno.test(`completions prints a script for ${name} that names every command and is one`, async () => {
    const { code, out, err } = await runFakeAsync(COMPLETIONS.run, [name]);
    assertEquals([code, err], [0, ""]);
    for (const word of ["nix-instantiate", "args-expr", "internal-json"]) assert(out.includes(word), word);
    if (!(await isThere(name))) return;
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, out);
      assertEquals((await new Deno.Command(name, { args: ["-n", path], stderr: "inherit" }).output()).success, true);
    } finally {
      await Deno.remove(path);
    }
  });
}

Deno.test("completions fails with 2 for a shell it doesn't know", async () => {
  for (const args of [[], ["csh"], ["bash", "x"], ["constructor"]]) {
    assertEquals((await runFakeAsync(COMPLETIONS.run, args)).code, 2);
  }
});

Deno.test("completions know arguments by their names in usage lines", async () => {
  let described: readonly Described[] = [];
  await runFakeAsync(async (process) => {
    described = await describeCommands(process);
    return 0;
  }, []);
  const of = (name: string) => described.find((command) => command.name === name)?.arguments;
  assertEquals(["eval", "nix-instantiate", "fetch", "nix-wrapper", "completions"].map(of), [
    "file",
    "file",
    undefined,
    "directory",
    ["bash", "zsh", "fish"],
  ]);
});
