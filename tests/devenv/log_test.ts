// The log as devenv reads it: no line is lost on it, and it learns of everything that evaluation depended on.
import { assertEquals, assertMatch } from "@std/assert";
import { type LoggedOperation, parseLog } from "./log_parser.ts";
import { type Done, runDevix } from "./programs.ts";
import { CONFIGURATIONS, LIVE, Project } from "./scenario.ts";

const LOG = ["--log-format", "internal-json", "-vv", "--no-eval-cache"];

interface FileInput {
  readonly op: string;
  readonly path: string;
  readonly target?: string;
}

/** Returns the inputs in the document as the log has them. */
function operations(done: Done): LoggedOperation[] {
  const { files, env } = JSON.parse(done.out).inputs as { files: FileInput[]; env: { name: string }[] };
  return [
    ...files.map(({ op, path, target }): LoggedOperation => {
      // That a path led elsewhere is logged as a test for it: there is no line that says more.
      if (op === "resolve") return { op: "pathExists", path };
      return { op: op as LoggedOperation["op"], path, ...(op === "copy" ? { target } : {}) };
    }),
    ...env.map(({ name }): LoggedOperation => ({ op: "getEnv", path: name })),
  ];
}

/** Like C++ Nix we log that its own files are evaluated, too, which are no inputs. */
function inputsOf(logged: readonly LoggedOperation[]): LoggedOperation[] {
  return logged.filter(({ path }) => !/^(?:\u00abnix-internal|<)/.test(path));
}

function sorted(all: readonly LoggedOperation[]): string[] {
  return all.map((operation) => JSON.stringify(operation)).sort();
}

const FILES = {
  "default.nix": `builtins.trace "traced" (builtins.warn "warned" {
    imported = import ./lib;
    read = builtins.readFile ./text;
    listed = builtins.readDir ./lib;
    tested = builtins.pathExists ./no;
    asked = builtins.getEnv "HOME";
    copied = "\${./text}";
    filtered = builtins.path { path = ./lib; name = "filtered"; filter = path: type: type == "regular"; };
    failing = throw "thrown";
  })`,
  "lib/default.nix": "import ../value.nix",
  "value.nix": "1",
  "text": "text with 'quotes' and\ttabs",
};

Deno.test("the log loses nothing on devenv", () => {
  const dir = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devix 'log' \u00e9-" }));
  try {
    Deno.mkdirSync(`${dir}/lib`);
    for (const [name, text] of Object.entries(FILES)) Deno.writeTextFileSync(`${dir}/${name}`, text);
    const attrs = ["imported", "read", "listed", "tested", "asked", "copied", "filtered"].flatMap((
      name,
    ) => ["-A", name]);
    const done = runDevix(["instantiate", "--dry-run", "--json", ...LOG, dir, ...attrs]);
    assertEquals(done.code, 0, done.err);
    const log = parseLog(done.err);
    assertEquals([log.lost, log.errors], [[], []]);
    const logged = inputsOf(log.operations);
    assertEquals(sorted(logged), sorted(operations(done)));
    assertEquals(logged.length, 9);

    const failed = runDevix(["eval", ...LOG, dir, "-A", "failing"]);
    const { lost, errors } = parseLog(failed.err);
    assertEquals([lost, errors.length], [[], 1]);
    // The line that says what to do something about is the last.
    assertMatch(errors[0], /thrown$/);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

for (const name of CONFIGURATIONS) {
  Deno.test(`the log of a shell loses nothing on devenv: ${name}`, { ignore: LIVE === undefined }, () => {
    using project = new Project(LIVE!, name);
    const done = runDevix(["instantiate", "--dry-run", "--json", ...LOG, ...project.flags, "-A", "shell"]);
    assertEquals(done.code, 0, done.err);
    const log = parseLog(done.err);
    assertEquals(log.lost, []);
    assertEquals(sorted(inputsOf(log.operations)), sorted(operations(done)));
  });
}
