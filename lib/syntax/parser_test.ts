// The expectations in testdata/syntax were written by C++ Nix 2.34.8 (`nix-instantiate --parse -`, in the directory /).
import { assertEquals, assertThrows } from "@std/assert";
import okayCases from "../../testdata/syntax/parse_okay.json" with { type: "json" };
import failCases from "../../testdata/syntax/parse_fail.json" with { type: "json" };
import {
  AttrsExpr,
  CallExpr,
  ConcatStringsExpr,
  type Expr,
  IntExpr,
  LambdaExpr,
  SelectExpr,
  StringExpr,
  VarExpr,
} from "./ast.ts";
import { ParseError } from "./errors.ts";
import type { ParseOptions } from "./parse_options.ts";
import { parse } from "./parser.ts";
import { NO_POS, PosTable } from "./positions.ts";
import { show } from "./show.ts";
import { intern, symbolName } from "./symbols.ts";

const OPTIONS: ParseOptions = {
  basePath: "/",
  homeDir: () => "/fake-home",
  pureEval: false,
  features: { pipeOperators: false },
  lint: { urlLiterals: "ignore", shortPathLiterals: "ignore", absolutePathLiterals: "ignore" },
  warn: () => {},
};

function parsed(text: string, options: Partial<ParseOptions> = {}): Expr {
  return parse(new PosTable().addSource({ kind: "stdin" }, text), { ...OPTIONS, ...options });
}

// Which of two duplicate formals is reported depends on it; the expectations come from processes of their own.
for (const name of "abcdefgh") intern(name);

/** Returns a message without highlights, which have a test of their own. */
function plain(message: string): string {
  // deno-lint-ignore no-control-regex
  return message.replace(/\x1b\[[0-9;]*m/g, "");
}

/** Message, line and column. */
function failure(text: string, options: Partial<ParseOptions> = {}): [string, number?, number?] {
  const positions = new PosTable();
  positions.addSource({ kind: "string" }, "so that the base isn't 1");
  const source = positions.addSource({ kind: "stdin" }, text);
  const error = assertThrows(() => parse(source, { ...OPTIONS, ...options }), ParseError);
  const pos = positions.resolve(error.pos);
  return [plain(error.message), pos?.line, pos?.column];
}

for (const [text, shown] of okayCases as [string, string][]) {
  Deno.test(`parse() reads ${JSON.stringify(text)}`, () => assertEquals(show(parsed(text)), shown));
}

for (const [text, message, line, column] of failCases as [string, string, number, number][]) {
  Deno.test(`parse() refuses ${JSON.stringify(text)}`, () => assertEquals(failure(text), [message, line, column]));
}

Deno.test("parse() gives a path relative to the base path", () => {
  assertEquals(show(parsed("[ ./a ../b/../c d/e ]", { basePath: "/x/y" })), "[ (/x/y/a) (/x/c) (/x/y/d/e) ]");
});

Deno.test("parse() refuses ~ in pure evaluation, without a position", () => {
  assertEquals(failure("x ~/a/b", { pureEval: true }), [
    "the path '~/a/b' can not be resolved in pure mode",
    undefined,
    undefined,
  ]);
});

Deno.test("parse() takes pipe operators when they are enabled", () => {
  const features = { pipeOperators: true };
  assertEquals(show(parsed("a |> b c |> d", { features })), "(d (b c a))");
  assertEquals(show(parsed("a b <| c <| d + 1", { features })), "(a b (c (d + 1)))");
  assertEquals(failure("a |> b <| c", { features })[1], 1);
});

Deno.test("parse() lints literals", () => {
  const all = { urlLiterals: "fatal", shortPathLiterals: "fatal", absolutePathLiterals: "fatal" } as const;
  const cases: [string, string][] = [
    ["x:y", 'URL literals are disallowed. Consider using a string literal "x:y" instead (lint-url-literals)'],
    [
      "a/b",
      "relative path literal 'a/b' should be prefixed with '.' for clarity: './a/b' (lint-short-path-literals)",
    ],
    [
      "/a",
      "absolute path literals are not portable. Consider replacing path literal '/a' by a string, relative path, or parameter (lint-absolute-path-literals)",
    ],
    [
      "~/a",
      "home path literals are not portable. Consider replacing path literal '~/a' by a string, relative path, or parameter (lint-absolute-path-literals)",
    ],
  ];
  for (const [text, message] of cases) assertEquals(failure(`x: ${text}`, { lint: all }), [message, 1, 4]);
  const warnings: [string, number][] = [];
  parsed("[ x:y ./a ]", {
    lint: { ...all, urlLiterals: "warn" },
    warn: (message, pos) => warnings.push([plain(message), pos]),
  });
  assertEquals(warnings, [[
    'URL literals are discouraged. Consider using a string literal "x:y" instead (lint-url-literals)',
    3,
  ]]);
});

Deno.test("parse() warns of an `or` that is a variable and an argument", () => {
  const warnings: [string, number][] = [];
  parsed("x:\n[ (map or [ ]) (f or) a\r\nor (f {\n} or x) ]", {
    warn: (message, pos) => warnings.push([message, pos]),
  });
  const warning = (at: string, snippet: string): [string, number] => [
    `at \xc2\xabstdin\xc2\xbb:${at}: This expression uses \`or\` as an identifier in a way that will change in a future Nix release.\nWrap this entire expression in parentheses to preserve its current meaning:\n    (${snippet})\nGive feedback at https://github.com/NixOS/nix/pull/11121`,
    NO_POS,
  ];
  assertEquals(warnings, [warning("2:23", "a\nor"), warning("3:7", "{\n} or")]);
});

Deno.test("parse() names curried functions after their attribute", () => {
  const { body } = parsed("x: { a.b = y: (z: w: w); c = { d }: d; }") as LambdaExpr;
  const [a, c] = (body as AttrsExpr).attrs;
  const b = (a.expr as AttrsExpr).attrs[0].expr as LambdaExpr;
  const names = [b, b.body, (b.body as LambdaExpr).body, c.expr].map((e) => symbolName((e as LambdaExpr).name));
  assertEquals(names, ["b", "b", "b", "c"]);
});

Deno.test("parse() gives positions as C++ Nix does", () => {
  const base = (text: string): Expr => parsed(text);
  const sum = base("(1) + 2 + 3") as ConcatStringsExpr;
  assertEquals([sum.pos, ...sum.parts.map((part) => part.pos)], [9, 1, 11]);
  const string = base('  "a${1}b${2}"') as ConcatStringsExpr;
  assertEquals([string.pos, ...string.parts.map((part) => part.pos)], [4, 4, 5, 9, 10]);
  const indented = base("  ''a${1} b''") as ConcatStringsExpr;
  assertEquals([indented.pos, ...indented.parts.map((part) => part.pos)], [3, 5, 6, 10]);
  const path = base(" ./a${1}/b") as ConcatStringsExpr;
  assertEquals([path.pos, ...path.parts.map((part) => part.pos)], [2, 2, 5, 9]);
  const call = base(" (f a) b") as CallExpr;
  assertEquals([call.pos, call.fn instanceof VarExpr && call.fn.pos], [3, 3]);
  const minus = base("1 - 2") as CallExpr;
  assertEquals([minus.pos, (minus.fn as VarExpr).pos], [3, NO_POS]);
  assertEquals((base(" (x).y.z or w") as SelectExpr).pos, 2);
  assertEquals((base("let { }") as SelectExpr).pos, NO_POS);
  const attrs = base(' { a.b = 1; inherit (c) "d"; e = rec { }; }') as AttrsExpr;
  assertEquals([attrs.pos, ...attrs.attrs.map((attr) => attr.pos)], [2, 4, 25, 30]);
  assertEquals((attrs.attrs[0].expr as AttrsExpr).pos, NO_POS);
  assertEquals((attrs.attrs[2].expr as AttrsExpr).pos, 34);
});

Deno.test("parse() makes symbols in the order of C++ Nix", () => {
  parsed("pn_arg: { pn_a, pn_b ? pn_c, ... }@pn_d: { pn_e = pn_f; } // pn_g");
  const order = ["pn_a", "pn_c", "pn_b", "pn_e", "pn_f", "pn_g", "pn_d", "pn_arg"];
  const next = intern("pn_next");
  const symbols = order.map(intern);
  assertEquals([...symbols, next], [...symbols, next].sort((a, b) => a - b));
});

Deno.test("parse() renumbers the sources of merged sets", () => {
  const attrs = parsed("x: { a = { inherit (b) c; }; a = { inherit (d) e f; }; }") as LambdaExpr;
  assertEquals(show(attrs.body), "{ a = { inherit (b) c; inherit (d) e f; }; }");
});

Deno.test("parse() keeps integers beyond 2^53 exact", () => {
  assertEquals((parsed("9007199254740991") as IntExpr).value, 9007199254740991);
  assertEquals((parsed("9007199254740993") as IntExpr).value, 9007199254740993n);
  assertEquals((parsed("000000000000000000000000001") as IntExpr).value, 1);
});

Deno.test("parse() reads bytes that aren't ASCII, after texts that are longer", () => {
  parsed(`"${"x".repeat(300000)}"`);
  const text = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("").replace(/["\\$\r\0]/g, "");
  assertEquals((parsed(`"${text}"`) as StringExpr).value, text);
});

Deno.test("parse() takes the bytes of the text when given", () => {
  const bytes = Uint8Array.from([34, 0xe9, 34]);
  assertEquals((parsed('"\xe9"', { bytes }) as StringExpr).value, "\xe9");
});

Deno.test("parse() finds duplicates in large sets", () => {
  const many = Array.from({ length: 3000 }, (_, i) => `a${i} = 1;`).join(" ");
  assertEquals((parsed(`{ ${many} }`) as AttrsExpr).attrs.length, 3000);
  assertEquals(failure(`{ ${many} a7 = 2; }`)[0], "attribute 'a7' already defined at \xc2\xabstdin\xc2\xbb:1:59");
  const nested = Array.from({ length: 3000 }, (_, i) => `b.a${i} = 1;`).join(" ");
  assertEquals(failure(`{ ${nested}\nb.a7 = 2; }`), [
    "attribute 'b.a7' already defined at \xc2\xabstdin\xc2\xbb:1:73",
    2,
    1,
  ]);
  assertEquals(failure(`{ b = { a7 = 2; };\n${nested} }`)[1], 2);
  assertEquals(failure(`{ ${many}\ninherit a9; }`)[1], 2);
});

Deno.test("parse() reads deep nesting", () => {
  assertEquals(show(parsed("(".repeat(1000) + "1" + ")".repeat(1000))), "1");
  assertEquals(
    failure("(".repeat(1000) + "1" + ")".repeat(999))[0],
    "syntax error, unexpected end of file, expecting ')'",
  );
});

Deno.test("parse() refuses nesting beyond the stack", () => {
  // In a process of its own: with the deep stack that `deno task` asks for, a test would die of it.
  const code = `
    import { parse } from "${new URL("./parser.ts", import.meta.url)}";
    import { PosTable } from "${new URL("./positions.ts", import.meta.url)}";
    const source = new PosTable().addSource({ kind: "string" }, "[".repeat(1000000));
    try { parse(source, ${JSON.stringify(OPTIONS)}); } catch (error) { console.log(error.name + ": " + error.message); }
  `;
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["eval", code], stderr: "inherit" }).outputSync();
  assertEquals(new TextDecoder().decode(stdout), "ParseError: stack overflow (possible infinite recursion)\n");
});

Deno.test("parse() highlights what its errors quote as C++ Nix does", () => {
  const marked = (text: string) => `\x1b[35;1m${text}\x1b[0m`;
  const message = (text: string, lint: Partial<ParseOptions["lint"]> = {}) => {
    const source = new PosTable().addSource({ kind: "string" }, text);
    return assertThrows(() => parse(source, { ...OPTIONS, lint: { ...OPTIONS.lint, ...lint } }), ParseError).message;
  };
  assertEquals(
    message("{ a = 1; a = 2; }"),
    `attribute '${marked("a")}' already defined at ${marked("\xc2\xabstring\xc2\xbb:1:3")}`,
  );
  assertEquals(message("{ a, a }: 1"), `duplicate formal function argument '${marked("a")}'`);
  assertEquals(message("9223372036854775808"), `invalid integer '${marked("9223372036854775808")}'`);
  assertEquals(
    message("a:b", { urlLiterals: "fatal" }),
    `URL literals are ${marked("disallowed")}. Consider using a string literal "${marked("a:b")}" instead ` +
      `(\x1b[1m${marked("lint-url-literals")}\x1b[0m)`,
  );
});
