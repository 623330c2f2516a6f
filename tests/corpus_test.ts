/** What the golden corpus has to hold: cases for every builtin and every rule of the grammar. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { nixGrammar } from "../lib/syntax/_grammar.ts";
import { recognise } from "../lib/syntax/_syntax_error.ts";
import { borrowBytes } from "../lib/syntax/lexer.ts";
import { PosTable } from "../lib/syntax/positions.ts";
import { T } from "../lib/syntax/_tokens.ts";
import { binaryFromBytes } from "./lang/bytes.ts";
import { discoverCases, readExpectation } from "./lang/case.ts";
import { runInProcess } from "./lang/in_process_evaluator.ts";

const corpus = fromFileUrl(new URL("../testdata/lang", import.meta.url));
const cases = await discoverCases(corpus);

/** Their cases talk to servers: tests/fetch. */
const FETCHING = /^(fetch.*|getFlake|parseFlakeRef|flakeRefToString)$/;

/** It always fails where the store is empty, as it is for cases. */
const FAILING = ["storePath"];

/** `true`, `false` and `null` are everywhere. */
const LITERALS = ["true", "false", "null"];

Deno.test(
  "corpus: three cases or more for every builtin, one of them an error",
  { sanitizeResources: false },
  async () => {
    const types = JSON.parse(
      runInProcess(["--eval", "--strict", "--json", "-E", "builtins.mapAttrs (n: builtins.typeOf) builtins"], {
        cwd: corpus,
        env: { NIX_REMOTE: "dummy://", NIX_CONF_DIR: "/nonexistent" },
      }).stdout,
    ) as Record<string, string>;
    const lacking: string[] = [];
    for (const [name, type] of Object.entries(types)) {
      if (FETCHING.test(name) || LITERALS.includes(name)) continue;
      // foldl' is in foldl.
      const own = cases.filter((lang) => lang.name.startsWith(`${name.replace("'", "")}/`));
      const errors = (await Promise.all(own.map((lang) => readExpectation(corpus, lang)))).filter(({ err }) =>
        err !== null
      );
      if (own.length < 3) lacking.push(`${name} has ${own.length} cases`);
      if (type === "lambda" && errors.length === 0) lacking.push(`${name} has no case that fails`);
      if (!FAILING.includes(name) && errors.length > 0 && own.length - errors.length < 2) {
        lacking.push(
          `${name} has fewer than 2 cases that don't fail`,
        );
      }
    }
    assertEquals(lacking, []);
  },
);

Deno.test("corpus: a case for every rule of the grammar", async () => {
  const { rules } = nixGrammar();
  // The REPL's own way in; rule 0 is what accepts.
  const missing = new Set(rules.keys().filter((rule) => rule > 0 && !rules[rule].right.includes(T.ReplBindings)));
  const positions = new PosTable();
  for (const lang of cases) {
    const text = binaryFromBytes(await Deno.readFile(`${corpus}/${lang.file}`));
    const source = positions.addSource({ kind: "string" }, text);
    const pipeOperators = lang.directives.options.some(([, value]) => value.includes("pipe-operators"));
    recognise(source, {
      bytes: borrowBytes(text),
      features: { pipeOperators },
      onRule: (rule) => missing.delete(rule),
    });
  }
  const names = new Map(Object.entries(T).map(([name, token]) => [token as number, name]));
  assertEquals([...missing].map((rule) => `${rule}: ${rules[rule].right.map((s) => names.get(s) ?? s).join(" ")}`), []);
});
