/** One contract for all program evaluators, checked on this checkout. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { checkoutCommand } from "../lang/process_evaluator.ts";
import {
  BatchEvaluator,
  type EvaluatorOptions,
  type ProgramEvaluator,
  type Result,
  resultOfRun,
  writePrograms,
} from "./batch.ts";
import { ServerEvaluator } from "./server_evaluator.ts";

const root = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");
const EVALUATORS: Readonly<Record<string, (options: EvaluatorOptions) => ProgramEvaluator>> = {
  BatchEvaluator: (options) => new BatchEvaluator(checkoutCommand(root), options),
  ServerEvaluator: (options) => new ServerEvaluator(checkoutCommand(root), options),
};

const missing: Result = {
  kind: "error",
  error: "error",
  message: "attribute 'b' missing",
  suggestion: "Did you mean a?",
  trace: `error: attribute 'b' missing
       at /pwd/p1.nix:1:1:
            1| { a = 1; }.b
             | ^
       Did you mean a?
`,
};

const THROWN = `error:
       \xe2\x80\xa6 while calling the 'throw' builtin
         at /pwd/p4.nix:1:1:
            1| throw "\xff"
             | ^

       error: \xff
`;

for (const [name, create] of Object.entries(EVALUATORS)) {
  Deno.test(`${name} evaluates every program of a batch with failures in it`, async () => {
    const directory = await Deno.makeTempDir();
    const state = await Deno.makeTempDir();
    const evaluator = create({ directory, state, timeout: 30_000 });
    try {
      const files = await writePrograms(directory, ["1 + 1", "{ a = 1; }.b", '"x\\n"', "./f", 'throw "\xff"']);
      assertEquals(await evaluator.evaluate(files, "strict"), [
        { kind: "value", output: "2\n" },
        missing,
        { kind: "value", output: '"x\\n"\n' },
        { kind: "value", output: "/pwd/f\n" },
        {
          kind: "error",
          error: "throw",
          message: "\xff",
          suggestion: null,
          trace: THROWN,
        },
      ]);
      assertEquals(await evaluator.evaluate(files.slice(0, 1), "xml"), [
        { kind: "value", output: "<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <int value=\"2\" />\n</expr>\n" },
      ]);
      assertEquals(await evaluator.evaluate(files.slice(1, 2), "parse"), [{
        kind: "value",
        output: "({ a = 1; }).b\n",
      }]);
      assertEquals(await evaluator.alone(files[1], "json"), missing);
    } finally {
      await evaluator.close();
      await Deno.remove(directory, { recursive: true });
      await Deno.remove(state, { recursive: true });
    }
  });
}

Deno.test("resultOfRun() takes an exit without an error report for a crash", () => {
  assertEquals(resultOfRun({ code: 1, stdout: "", stderr: "Segmentation fault" }, "/d").kind, "crash");
  assertEquals(resultOfRun({ code: 3, stdout: "", stderr: "error: x" }, "/d").kind, "crash");
});

Deno.test("resultOfRun() hides the directory", () => {
  assertEquals(resultOfRun({ code: 0, stdout: "/d/x\n", stderr: "" }, "/d"), { kind: "value", output: "/pwd/x\n" });
});
