import { assert, assertEquals } from "@std/assert";
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
