// Error texts are those of C++ Nix 2.34.8 (nlohmann::json 3.11.3).

import { assertEquals, assertThrows } from "@std/assert";
import { type JsonBuilder, JsonParseError, JsonValueError, parseJson } from "./json.ts";

const tree: JsonBuilder<unknown, string> = {
  null: () => null,
  boolean: (value) => value,
  integer: (value) => value,
  float: (value) => ({ float: value }),
  string: (value) => value,
  array: (items) => items,
  key: (name) => name,
  object: (keys, stack, from) => keys.toArray().map((key, i) => [key, stack[from + i]]),
};

const parse = (text: string) => parseJson(text, tree);

Deno.test("parseJson() reads every kind of value", () => {
  assertEquals(parse(' { "a" : [ 1 , -2.5e1, true, false, null, {}, [] ], "b":"x" }\n'), [
    ["a", [1, { float: -25 }, true, false, null, [], []]],
    ["b", "x"],
  ]);
});

Deno.test("parseJson() keeps integers of 64 bits exact and makes longer ones floats", () => {
  assertEquals(parse("[9223372036854775807, -9223372036854775808, 18446744073709551616, -9223372036854775809, -0]"), [
    9223372036854775807n,
    -9223372036854775808n,
    { float: 18446744073709551616 },
    { float: -9223372036854775808 },
    0,
  ]);
});

Deno.test("parseJson() decodes escapes to UTF-8 bytes", () => {
  assertEquals(
    parse(String.raw`"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"`),
    '"\\/\b\f\n\r\tA\xc3\xa9\xf0\x9f\x98\x80',
  );
});

Deno.test("parseJson() hands duplicate keys over in order", () => {
  assertEquals(parse('{"a":1,"a":2}'), [["a", 1], ["a", 2]]);
});

Deno.test("parseJson() tells keys apart that begin as those of an object before", () => {
  const objects = [
    '{"a":1,"b":2}',
    '{"a":1,"bc":2}',
    '{ "a" : 1 , "b" : 2 }',
    '{"a":1}',
    "{}",
    '{"b":1,"a":2}',
    '{"a":1,"b":2,"c":3}',
    '{"\\u0061":1,"b":2}',
    '{"a":1,"\\u0062":2}',
    '{"a":{"a":[{"a":1}]},"b":2}',
    '{"a":1,"a":2,"b":3}',
    '{"":1,"a\\"b":2}',
  ];
  const ofJs = (text: string) =>
    [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(([name]) => JSON.parse(name.replace(/\s*:$/, "")));
  const names = (value: unknown): string[] =>
    value instanceof Array
      ? value.flatMap((v) => v instanceof Array && typeof v[0] === "string" ? [v[0], ...names(v[1])] : names(v))
      : [];
  for (const first of objects) {
    for (const second of objects) {
      const text = `[${first},${second},${first}]`;
      assertEquals(names(parse(text)), ofJs(text), text);
    }
  }
});

Deno.test("parseJson() reads floats as the nearest number", () => {
  for (let i = 0; i < 5000; i++) {
    const digits = String(BigInt(i * 7919) ** 3n).slice(0, 1 + i % 19);
    const literal = `${i % 2 ? "-" : ""}${i}.${digits}${i % 3 ? `e${i % 61 - 30}` : ""}`;
    assertEquals(parse(literal), { float: Number(literal) }, literal);
  }
  assertEquals(parse("-0.0"), { float: -0 });
});

Deno.test("parseJson() survives a hundred thousand open brackets", () => {
  const depth = 100_000;
  let value = parse("[".repeat(depth) + "]".repeat(depth)) as unknown[];
  let seen = 1;
  while (value.length > 0) {
    value = value[0] as unknown[];
    seen++;
  }
  assertEquals(seen, depth);
});

const at = (line: number, column: number, rest: string) =>
  `[json.exception.parse_error.101] parse error at line ${line}, column ${column}: ${rest}`;
const ERRORS: readonly (readonly [text: string, message: string])[] = [
  [
    "",
    at(1, 1, "attempting to parse an empty input; check that your input string or stream contains the expected JSON"),
  ],
  [
    "[1,",
    at(1, 4, "syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal"),
  ],
  ["[1\n2]", at(2, 1, "syntax error while parsing array - unexpected number literal; expected ']'")],
  ["04\n", at(1, 0, "syntax error while parsing value - unexpected number literal; expected end of input")],
  ["\n1 2", at(2, 3, "syntax error while parsing value - unexpected number literal; expected end of input")],
  ['{"a" 1}', at(1, 6, "syntax error while parsing object separator - unexpected number literal; expected ':'")],
  ['{"a":1,}', at(1, 8, "syntax error while parsing object key - unexpected '}'; expected string literal")],
  ["{a", at(1, 2, "syntax error while parsing object key - invalid literal; last read: '{a'; expected string literal")],
  ['["x", 1 , tru]', at(1, 14, "syntax error while parsing value - invalid literal; last read: '1 , tru]'")],
  [
    '"a\n',
    at(
      2,
      0,
      "syntax error while parsing value - invalid string: control character U+000A (LF) must be escaped to \\u000A or \\n; last read: '\"a<U+000A>'",
    ),
  ],
  ["-", at(1, 2, "syntax error while parsing value - invalid number; expected digit after '-'; last read: '-'")],
  [
    '"\xe9"',
    at(1, 3, "syntax error while parsing value - invalid string: ill-formed UTF-8 byte; last read: '\"\xe9\"'"),
  ],
  ["[1e400]", "[json.exception.out_of_range.406] number overflow parsing '1e400'"],
];

Deno.test("parseJson() words its errors as nlohmann", () => {
  for (const [text, message] of ERRORS) {
    assertEquals(assertThrows(() => parse(text), JsonParseError).message, message, text);
  }
});

Deno.test("parseJson() refuses what Nix has no value for", () => {
  assertEquals(
    assertThrows(() => parse("[18446744073709551615, }"), JsonValueError).message,
    "unsigned json number 18446744073709551615 outside of Nix integer range",
  );
  assertEquals(
    assertThrows(() => parse('{"a\\u0000b": }'), JsonValueError).message,
    "input string 'a\xe2\x90\x80b' cannot be represented as Nix string because it contains null bytes",
  );
});
