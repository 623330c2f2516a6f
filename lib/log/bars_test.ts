import { assertEquals } from "@std/assert";
import { BarLogger } from "./bars.ts";

/** What a terminal shows after all that was written to it. */
function screen(text: string): string[] {
  const lines = [""];
  let row = 0;
  // deno-lint-ignore no-control-regex
  for (const [part, up] of text.matchAll(/\x1b\[(\d+)A\r\x1b\[J|[^\x1b\n]+|\n/g)) {
    if (up !== undefined) lines.length = (row -= Number(up)) + 1, lines[row] = "";
    else if (part === "\n") lines[++row] = "";
    else lines[row] += part;
  }
  return lines;
}

function logger({ columns = 80 } = {}) {
  let text = "";
  const clock = { now: 0 };
  const log = new BarLogger((line) => text += line, {
    verbosity: 3,
    colours: false,
    bars: (line) => text += line,
    columns: () => columns,
    now: () => clock.now,
  });
  return { log, clock, shown: () => screen(text) };
}

const download = (url: string) => ({ type: "fileTransfer", level: 4, text: "", fields: [url] } as const);

Deno.test("BarLogger shows what takes a while, below the messages", () => {
  const { log, clock, shown } = logger();
  const id = log.start(download("https://codeload.github.com/owner/repo/tar.gz/0123"));
  log.result(id, "progress", [1, 100]);
  assertEquals(shown(), [""]);
  clock.now = 1000;
  log.result(id, "progress", [5 << 20, 10 << 20]);
  const bar = "owner/repo               [==========          ] 5.0 MiB of 10.0 MiB  5.0 MiB/s";
  assertEquals(shown(), [bar, ""]);
  log.message(3, "hello");
  assertEquals(shown(), ["hello", bar, ""]);
  log.message(4, "too much");
  log.clear();
  assertEquals(shown(), ["hello", ""]);
  log.stop(id);
  assertEquals(shown(), ["hello", ""]);
});

Deno.test("BarLogger shows several, those of unknown length, and how many wait", () => {
  const { log, clock, shown } = logger();
  const ids = [
    log.start(download("http://x/a.tar.gz?token=1")),
    log.start({ type: "fetchTree", level: 4, text: "git" }),
  ];
  log.start({ type: "unknown", level: 3, text: "unpacking" });
  clock.now = 500;
  log.result(ids[0], "progress", [512, 0]);
  clock.now = 1000;
  log.waiting(3);
  assertEquals(shown(), [
    "a.tar.gz                 512 B  512 B/s",
    "git                      0",
    "3 more to fetch",
    "",
  ]);
  clock.now = 1050;
  log.stop(ids[0]);
  log.stop(ids[1]);
  assertEquals(shown(), [""]);
});

Deno.test("BarLogger breaks no line of a narrow terminal", () => {
  const { log, clock, shown } = logger({ columns: 10 });
  const id = log.start(download("https://example.org/some-name.tar.gz"));
  clock.now = 1000;
  log.result(id, "progress", [5 << 20, 10 << 20]);
  assertEquals(shown().map((line) => line.length), [9, 0]);
});
