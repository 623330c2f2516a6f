import { assertEquals } from "@std/assert";
import type { LogRecord } from "./internal_json.ts";
import { JsonLogger, type Logger, type LogSink, RawLogger } from "./logger.ts";

function lines(make: (sink: LogSink) => Logger, use: (logger: Logger) => void): string[] {
  const written: string[] = [];
  use(make((line) => written.push(line)));
  return written;
}

const RECORD: LogRecord = {
  level: 0,
  rendered: "\x1b[31;1merror:\x1b[0m m\n       more",
  message: "m",
  position: { file: "/a.nix:1:2", line: 1, column: 2 },
  trace: [{ message: "while x", position: null }],
};

Deno.test("RawLogger writes what the verbosity allows, without colours unless told", () => {
  const use = (logger: Logger) => {
    logger.message(4, "x");
    logger.record(RECORD);
  };
  assertEquals(lines((s) => new RawLogger(s, { verbosity: 3, colours: false }), use), ["error: m\n       more\n"]);
  assertEquals(lines((s) => new RawLogger(s, { verbosity: 4, colours: true }), use), ["x\n", RECORD.rendered + "\n"]);
});

Deno.test("RawLogger puts priorities before lines for systemd", () => {
  const make = (s: LogSink) => new RawLogger(s, { verbosity: 7, colours: false, priorities: true });
  const use = (logger: Logger) => [0, 1, 2, 3, 4, 5, 6, 7].forEach((level) => logger.message(level, "x"));
  assertEquals(lines(make, use), ["<3>x\n", "<4>x\n", "<5>x\n", "<5>x\n", "<6>x\n", "<6>x\n", "<7>x\n", "<7>x\n"]);
});

Deno.test("JsonLogger writes messages with their escape codes", () => {
  const use = (logger: Logger) => logger.message(0, 'trace: \xc3\xa9 "\x1b[0m\n\xff');
  assertEquals(lines((s) => new JsonLogger(s, { verbosity: 3 }), use), [
    '@nix {"action":"msg","level":0,"msg":"trace: \xc3\xa9 \\"\\u001b[0m\\n\xef\xbf\xbd"}\n',
  ]);
});

Deno.test("JsonLogger writes records in parts, whatever the verbosity", () => {
  assertEquals(lines((s) => new JsonLogger(s, { verbosity: 0 }), (logger) => logger.record({ ...RECORD, level: 1 })), [
    '@nix {"action":"msg","column":2,"file":"/a.nix:1:2","level":1,"line":1,' +
    '"msg":"\\u001b[31;1merror:\\u001b[0m m\\n       more","raw_msg":"m",' +
    '"trace":[{"column":null,"file":null,"line":null,"raw_msg":"while x"}]}\n',
  ]);
});

Deno.test("JsonLogger writes activities with parent and fields, always", () => {
  const use = (logger: Logger) => {
    const fetch = logger.start({ type: "fetchTree", level: 5, text: "fetching x" });
    const id = logger.start({
      type: "fileTransfer",
      level: 5,
      text: "",
      fields: ["https://x/\xc3\xa9"],
      parent: fetch,
    });
    logger.result(id, "progress", [1, 2, 0, 0]);
    logger.stop(id);
  };
  assertEquals(lines((s) => new JsonLogger(s, { verbosity: 0 }), use), [
    '@nix {"action":"start","fields":[],"id":1,"level":5,"parent":0,"text":"fetching x","type":112}\n',
    '@nix {"action":"start","fields":["https://x/\xc3\xa9"],"id":2,"level":5,"parent":1,"text":"","type":101}\n',
    '@nix {"action":"result","fields":[1,2,0,0],"id":2,"type":105}\n',
    '@nix {"action":"stop","id":2}\n',
  ]);
});

Deno.test("RawLogger writes that an activity begins, if it has a text and the verbosity allows", () => {
  const use = (logger: Logger) => {
    logger.start({ type: "fetchTree", level: 3, text: "fetching x" });
    logger.start({ type: "fetchTree", level: 3, text: "" });
    logger.start({ type: "fetchTree", level: 4, text: "fetching y" });
    logger.result(0, "progress", []);
    logger.stop(0);
  };
  assertEquals(lines((s) => new RawLogger(s, { verbosity: 3, colours: false }), use), ["fetching x...\n"]);
});
