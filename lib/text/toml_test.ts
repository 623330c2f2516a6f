// Expectations are those of C++ Nix 2.34.8 (toml11 4.4).

import { assertEquals, assertThrows } from "@std/assert";
import { parseToml, TomlParseError, type TomlValue } from "./toml.ts";

/** The tree as plain values; what JSON can't tell apart gets a tag. */
function plain(value: TomlValue): unknown {
  switch (value.kind) {
    case "table":
      return Object.fromEntries([...value.entries].map(([key, entry]) => [key, plain(entry)]));
    case "array":
      return value.items.map(plain);
    case "float":
    case "timestamp":
      return { [value.kind]: value.value };
    default:
      return value.value;
  }
}

const read = (text: string) => plain(parseToml(text));

Deno.test("parseToml() reads scalars", () => {
  assertEquals(
    read(
      "s = \"\\u00e9\\t\" # comment\nl = 'c:\\d'\nt = true\ni = -1_000\nh = 0xdead_beef\no = 0o17\nb = 0b101\nf = 6.5e-1\n",
    ),
    { s: "\xc3\xa9\t", l: "c:\\d", t: true, i: -1000, h: 0xdeadbeef, o: 15, b: 5, f: { float: 0.65 } },
  );
});

Deno.test("parseToml() keeps 64-bit integers exact", () => {
  assertEquals(read("a = 9223372036854775807\nb = -9223372036854775808\nc = 9007199254740991\nd = -0"), {
    a: 9223372036854775807n,
    b: -9223372036854775808n,
    c: 9007199254740991,
    d: 0,
  });
});

Deno.test("parseToml() reads strings in triple quotes", () => {
  assertEquals(read('a = """\nx\n  y \\\n   \n  z"""\nb = """a"" """""\nc = \'\'\'\r\n\\n\'\'\'\'\''), {
    a: "x\n  y z",
    b: 'a"" ""',
    c: "\\n''",
  });
});

Deno.test("parseToml() nests tables and arrays of tables", () => {
  assertEquals(
    read("[a.b]\nx = 1\n[a]\ny.z = { p = [1, 2,], q.r = 3 }\n[[t]]\n[[t]]\nn = 1\n[t.s]\n[ 'k 1' . \"k.2\" ]\n"),
    {
      a: { b: { x: 1 }, y: { z: { p: [1, 2], q: { r: 3 } } } },
      t: [{}, { n: 1, s: {} }],
      "k 1": { "k.2": {} },
    },
  );
});

Deno.test("parseToml() normalises dates and times", () => {
  const times: readonly (readonly [string, string])[] = [
    ["1979-05-27", "1979-05-27"],
    ["07:32:00.1234567891", "07:32:00.123456789"],
    ["07:00:00.0001000", "07:00:00.000100"],
    ["1979-05-27 07:32:60.5z", "1979-05-27T07:32:60.500Z"],
    ["1979-05-27t07:32:00", "1979-05-27T07:32:00"],
    ["1979-05-27T07:32:00-00:00", "1979-05-27T07:32:00Z"],
    ["1979-05-27T07:32:00+24:60", "1979-05-27T07:32:00+25:00"],
  ];
  for (const [text, timestamp] of times) assertEquals(read(`a = ${text}`), { a: { timestamp } });
});

const message = (text: string): string => assertThrows(() => parseToml(text), TomlParseError).message;

Deno.test("parseToml() shows where an error is", () => {
  assertEquals(
    message("attr = 9223372036854775808"),
    "[error] toml::parse_dec_integer: too large integer: current max digits = 2^63\n --> fromTOML\n   |\n" +
      " 1 | attr = 9223372036854775808\n   |                           ^-- must be < 2^63\n",
  );
});

Deno.test("parseToml() shows both places of a conflict", () => {
  assertEquals(
    message("a.b=1\n[a]\nc=2"),
    "[error] toml::insert_value: failed to insert a table, table already defined\n --> fromTOML\n   |\n" +
      " 2 | [a]\n   | ^^^-- inserting this\n   | ...\n   |\n 1 | a.b=1\n   | ^^^-- this table is explicitly defined\n",
  );
});

Deno.test("parseToml() goes on after an error and reports the later ones too", () => {
  const titles = message("a=[1,2\nb=3\nc=[=\n").split("\n").filter((line) => line.startsWith("[error]"));
  assertEquals(titles, [
    "[error] toml::parse_array: expected value-separator `,` or closing `]`",
    "[error] bad format: unknown value appeared",
    "[error] bad format: unknown value appeared",
    "[error] toml::parse_array: missing closing bracket `]`",
  ]);
});

Deno.test("parseToml() refuses redefinitions and malformed values", () => {
  const table: readonly (readonly [string, string])[] = [
    ["a = 1\na = 2", "toml::insert_value: failed to insert a value, value already exists"],
    ["a = {}\na.b = 1", "toml::insert_value: failed to insert a value: inline table is immutable"],
    ["[a.b]\n[a]\nb.c = 1", "toml::insert_value: reopening a table using dotted keys"],
    ["a = [{}]\n[[a]]", "toml::insert_value: failed to insert a table, inline array of tables is immutable"],
    ["a = {x=1,}", "toml::parse_inline_table: trailing comma is not allowed in TOML-v1.0.0)"],
    ["a = 01", "bad integer: invalid digit after an integer"],
    ["a = 1__0", "bad integer: `_` must be surrounded by digits"],
    ["a = .5", "bad float: integer part is required before decimal point"],
    ["a = True", "toml::parse_value: `true` must be in lowercase. A string must be surrounded by quotes."],
    ["a = 1979-02-30", "toml::parse_local_date: invalid date."],
    ['a = "\\ud800"', "toml::parse_utf8_codepoint: [0xD800, 0xDFFF] is not a valid UTF-8"],
    ["a = 'x\x01'", "toml::parse_literal_string: invalid string format"],
    ["\xe9 = 1", "toml::parse_simple_key: invalid key: key must be \"quoted\", 'quoted-literal', or bare key."],
    ["a = 1 b = 2", "toml::parse_table: newline (LF / CRLF) or EOF is expected"],
    ["[a] x", "toml::parse_file: newline (or EOF) expected"],
    ["# \x01\n", "toml::parse_comment_line: newline (LF / CRLF) or EOF is expected"],
  ];
  for (const [text, title] of table) assertEquals(message(text).split("\n")[0], `[error] ${title}`, text);
});

Deno.test("parseToml() refuses NUL bytes", () => {
  const expected =
    "error: input string 'a\xe2\x90\x80b' cannot be represented as Nix string because it contains null bytes";
  assertEquals(message('k = "a\\u0000b"'), expected);
  assertEquals(message('"a\\u0000b" = 1'), expected);
});
