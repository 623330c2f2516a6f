import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeUtf8, FormatError, NixError, NO_POS, PosTable, stripEscapes } from "../mod.ts";
import { asNixError, errorJson, errorRecord } from "./failure.ts";
import { UsageError } from "./usage_error.ts";

Deno.test("asNixError() leaves errors with a message of their own alone", () => {
  const error = new NixError("throw", "x");
  assertEquals(asNixError(error), error);
  assertEquals(asNixError(new UsageError("u")).message, "u");
  assertEquals(asNixError(new FormatError("f")).message, "f");
});

Deno.test("asNixError() turns an exhausted stack into an error of the program", () => {
  const exhaust = (): number => 1 + exhaust();
  let thrown: unknown;
  try {
    exhaust();
  } catch (e) {
    thrown = e;
  }
  const error = asNixError(thrown);
  assertEquals([error.kind, error.message], ["stack-overflow", "stack overflow (possible infinite recursion)"]);
});

Deno.test("asNixError() turns exhausted memory into an error of the program", () => {
  let thrown: unknown;
  try {
    "x".repeat(2 ** 30);
  } catch (e) {
    thrown = e;
  }
  assertStringIncludes(asNixError(thrown).message, "out of memory");
});

Deno.test("asNixError() admits a bug, without a JavaScript stack", () => {
  const message = stripEscapes(asNixError(new TypeError("x is undefined")).message);
  assertStringIncludes(message, "this is a bug in devix: TypeError: x is undefined");
  assertStringIncludes(message, "report");
  assertEquals(message.includes(".ts:"), false);
});

Deno.test("errorJson() is plain text with the whole trace, outermost first", () => {
  const positions = new PosTable();
  const { base } = positions.addSource({ kind: "file", path: "/a.nix" }, "x\ny");
  const error = new NixError("type", "bad \x1b[35;1mset\x1b[0m", base + 2)
    .addFrame(base, "inner")
    .addFrame(NO_POS, "outer");
  assertEquals(errorJson(error, positions, true), {
    type: "type",
    message: "bad set",
    rendered: [
      "error:",
      "       \u2026 outer",
      "",
      "       \u2026 inner",
      "         at /a.nix:1:1:",
      "            1| x",
      "             | ^",
      "            2| y",
      "",
      "       error: bad set",
      "       at /a.nix:2:1:",
      "            1| x",
      "            2| y",
      "             | ^",
    ].join("\n"),
    trace: [
      { file: null, line: null, column: null, message: "outer" },
      { file: "/a.nix", line: 1, column: 1, message: "inner" },
      { file: "/a.nix", line: 2, column: 1, message: "bad set" },
    ],
  });
});

Deno.test("errorRecord() has a trace only if traces are shown", () => {
  const positions = new PosTable();
  const error = new NixError("eval", "m").addFrame(NO_POS, "frame");
  assertEquals(errorRecord(error, positions, false).trace, null);
  assertEquals(errorRecord(error, positions, true).trace?.map(({ message }) => message), ["frame"]);
});

// As `nix-instantiate --eval --strict --show-trace --log-format internal-json -E '[ (builtins.toJSON [ (throw "x") ]) ]'`.
Deno.test("errorRecord() tells frames of an unknown position from those that have none", () => {
  const error = new NixError("eval", "m").addFrame(NO_POS, "unknown").addPlacelessFrame("none");
  error.addFrame(NO_POS, "of addErrorContext", true);
  const unknown = { file: encodeUtf8("«none»:0"), line: 0, column: 0 };
  assertEquals(errorRecord(error, new PosTable(), true).trace?.map(({ position }) => position), [unknown, null, null]);
});
