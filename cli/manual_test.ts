import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs";
import { fromFileUrl } from "@std/path";
import { runFakeAsync } from "./_test_process.ts";
import { describeCommands } from "./described.ts";
import { HELP } from "./help_command.ts";
import type { Process } from "./process.ts";

const page = (await runFakeAsync(HELP.run, ["--man"])).out;

Deno.test("help --man names every command, and every flag that --help names", async () => {
  const words = page.replaceAll("\\-", "-");
  let commands: Awaited<ReturnType<typeof describeCommands>> = [];
  await runFakeAsync(async (process: Process) => {
    commands = await describeCommands(process);
    return 0;
  }, []);
  for (const { name, flags } of commands) {
    assert(words.includes(`.SS devix ${name} `), name);
    for (const flag of flags) assert(words.includes(`\\fB--${flag.name}\\fR`), flag.name);
  }
});

/** Variables that processes of devix set for each other, and what every program heeds. */
const UNDOCUMENTED = new Set([
  "DEVIX_NIX_WRAPPER",
  "DEVIX_SERVE_CHILD",
  "DEVIX_STACK_CHILD",
  "DEVIX_WARM_EVALUATOR",
  "DEVIX_WORKER",
  "GIT_CONFIG_COUNT",
  "PATH",
  "_NIX_FORCE_HTTP",
]);

Deno.test("help --man names the variables that devix reads, and no others", async () => {
  const root = fromFileUrl(new URL("..", import.meta.url));
  const read = new Set<string>();
  for (const folder of ["cli", "lib", "serve"]) {
    for await (const { path } of walk(root + folder, { exts: [".ts"], skip: [/_test\.ts$/, /_bench\.ts$/, /\/_/] })) {
      const text = await Deno.readTextFile(path);
      const calls = /\b(?:env|getEnv|variable|env\.get|get)\("([A-Z_]{4,}|[a-z]+_proxy)"\)/g;
      for (const [, name] of text.matchAll(calls)) read.add(name);
      for (const [, name] of text.matchAll(/"(DEVIX_[A-Z_]+)"/g)) read.add(name);
    }
  }
  const environment = /^\.SH ENVIRONMENT\n(.*?)^\.SH/ms.exec(page)![1].replaceAll(/\\f[BR]/g, " ");
  const named = new Set(environment.match(/\b(?:[A-Z_]{4,}|[a-z]+_proxy)\b/g));
  // Its parts are read one by one, for each scheme.
  named.delete("http_proxy");
  // Named to say that it isn't read.
  named.delete("HTTP_PROXY");
  assertEquals([...read].filter((name) => !named.has(name) && !UNDOCUMENTED.has(name)), []);
  assertEquals([...named].filter((name) => !read.has(name)), []);
});

Deno.test("help --man is ASCII, in lines of ordinary length that no text begins with a request", () => {
  for (const line of page.split("\n")) {
    assert(/^[ -~]*$/.test(line), line);
    assert(/^(?![.'])|^\.(?:TH|SH|SS|TP|PP|RS|RE|EX|EE|B|I|BR|RI)\b/.test(line), line);
  }
});

Deno.test({
  name: "help --man is a page that mandoc finds nothing wrong with",
  ignore: !(await hasMandoc()),
  fn: async () => {
    const child = new Deno.Command("mandoc", { args: ["-T", "lint"], stdin: "piped", stdout: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(page));
    await writer.close();
    const said = new TextDecoder().decode((await child.output()).stdout).split("\n");
    // A date would make each day's page another.
    assertEquals(said.filter((line) => line !== "" && !line.includes("missing date")), []);
  },
});

async function hasMandoc(): Promise<boolean> {
  try {
    await new Deno.Command("mandoc", { args: ["-T", "lint", "/dev/null"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}
