import { assertEquals } from "@std/assert";
import { binaryFromText } from "./bytes.ts";
import { describeError, outcomeOfRun, renderError } from "./outcome.ts";

const kindOf = (stderr: string) => describeError(binaryFromText(stderr)).kind;

Deno.test("describeError() tells a throw by the innermost frame", () => {
  assertEquals(
    kindOf("error:\n       … while calling the 'throw' builtin\n         at x:1:1:\n\n       error: m\n"),
    "throw",
  );
  assertEquals(
    kindOf(
      "error:\n       … while calling the 'throw' builtin\n         at x:1:1:\n\n" +
        "       … while evaluating the error message passed to builtin.throw\n\n       error: cannot coerce\n",
    ),
    "error",
  );
});

Deno.test("describeError() tells kinds by the message", () => {
  const rows = [
    ["syntax error, unexpected end of file", "parse"],
    ["attribute 'a' already defined at /x:1:1", "parse"],
    ["undefined variable 'a'", "undefined"],
    ["evaluation aborted with the following error message: 'x'", "abort"],
    ["infinite recursion encountered", "recursion"],
    ["stack overflow; max-call-depth exceeded", "overflow"],
    ["assertion 'false' failed", "assert"],
    ["attribute 'a' missing", "error"],
  ];
  for (const [message, kind] of rows) assertEquals(kindOf(`error: ${message}\n       at x:1:1:\n`), kind);
});

Deno.test("describeError() tells a failed equality assertion by its frames", () => {
  const head = "error:\n       … while evaluating the condition of the assertion '(a == b)'\n         at x:1:1:\n\n";
  const inside = "       … while comparing attribute 'a'\n\n       … where left hand side is\n\n" +
    "       … where right hand side is\n\n";
  assertEquals(
    kindOf(`${head}       error: an integer with value '1' is not equal to a float with value '2.5'\n`),
    "assert",
  );
  assertEquals(kindOf(`${head}${inside}       error: boolean 'true' is not equal to boolean 'false'\n`), "assert");
  assertEquals(kindOf(`${head}       … while calling the 'head' builtin\n\n       error: x\n`), "error");
});

Deno.test("describeError() keeps the first line of a message and the suggestion", () => {
  const stderr =
    "error:\n       … while x\n\n       error: first\n       second\n       at f:1:1:\n       Did you mean a?\n";
  const { message, suggestion } = describeError(binaryFromText(stderr));
  assertEquals([message, suggestion], ["first", "Did you mean a?"]);
});

Deno.test("describeError() takes an empty message for one", () => {
  const stderr = "error:\n       … while calling the 'throw' builtin\n         at x:1:1:\n\n       error:\n";
  assertEquals(describeError(binaryFromText(stderr)), { kind: "throw", message: "", suggestion: null });
});

Deno.test("outcomeOfRun() strips terminal escapes from errors", () => {
  const outcome = outcomeOfRun({ code: 1, stdout: "", stderr: "\x1b[31;1merror:\x1b[0m path \x1b[35;1m'x'\x1b[0m" });
  assertEquals(outcome.ok ? "" : outcome.message, "path 'x'");
});

Deno.test("renderError() has a line for the suggestion only when there is one", () => {
  assertEquals(renderError({ kind: "error", message: "m", suggestion: null }), "error\nm\n");
  assertEquals(
    renderError({ kind: "error", message: "m", suggestion: "Did you mean a?" }),
    "error\nm\nDid you mean a?\n",
  );
});
