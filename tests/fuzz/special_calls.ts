/**
 * What the typed generator hardly ever hits upon: derivations of all sorts, string contexts, paths, hashes, documents of
 * JSON and TOML, regular expressions, XML, positions, and errors behind several frames. Each entry makes the text of one
 * expression; much of it is wrong on purpose, since most of what can be got wrong here are messages and traces.
 */
import type { Generator } from "./generate.ts";
import { quotedContent } from "./literals.ts";
import type { Random } from "./random.ts";
import { INT, randomType, STRING } from "./types.ts";

type Make = (g: Generator) => string;

const pick = (g: Generator, ...texts: readonly string[]) => g.random.pick(texts);

/** Each of the texts with a chance of its own. */
function some(random: Random, chance: number, texts: readonly string[]): string {
  return texts.filter(() => random.chance(chance)).join(" ");
}

function small(g: Generator): string {
  return g.argument(randomType(g.random, 1), 1, []);
}

const HASHES = [
  "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
  "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
  "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "md5:d41d8cd98f00b204e9800998ecf8427e",
  "sha256:zz",
  "sha256-47DEQpj8HBSa",
  "",
];

const VALUES = [
  "1",
  "1.5",
  "true",
  "false",
  "null",
  '"x"',
  '""',
  "[ ]",
  "[ 1 [ 2 ] ]",
  "{ }",
  "{ a = 1; }",
  "./x",
  "(x: x)",
];

function derivation(g: Generator, inner = ""): string {
  const { random } = g;
  const value = () => random.chance(0.15) ? small(g) : random.pick(VALUES);
  const name = random.weighted([[6, '"d"'], [2, '"a-1.0"'], [0.3, '""'], [0.3, '"a b"'], [0.3, '".x"'], [
    0.3,
    '"x.drv"',
  ], [
    0.2,
    "1",
  ], [0.2, "null"]]);
  const attrs = [
    random.chance(0.97) ? `name = ${name};` : "",
    random.chance(0.97) ? `system = ${pick(g, '"s"', '"s"', '"s"', "1", "null", '"builtin"')};` : "",
    random.chance(0.97) ? `builder = ${pick(g, '"/b"', '"/b"', '"builtin:fetchurl"', "./b", "null", '"${x}"')};` : "",
    some(random, 0.12, [
      `args = [ ${random.times(random.below(3), value).join(" ")} ];`,
      `outputs = [ ${
        random.times(random.between(0, 3), () => pick(g, '"out"', '"dev"', '"lib"', '"drv"', "1")).join(" ")
      } ];`,
      `outputHash = "${random.pick(HASHES)}";`,
      `outputHashAlgo = ${pick(g, '"sha256"', '"sha1"', '"md5"', '"sha512"', '""', "null", '"x"', "1")};`,
      `outputHashMode = ${pick(g, '"flat"', '"recursive"', '"nar"', '"text"', '"git"', '"x"', "1")};`,
      "__structuredAttrs = true;",
      "__structuredAttrs = true; a = [ 1 { b = 1.5; } ]; c = { d = null; };",
      `__structuredAttrs = ${value()};`,
      `__ignoreNulls = ${pick(g, "true", "false", "1")};`,
      `__contentAddressed = ${pick(g, "true", "false")};`,
      `__impure = ${pick(g, "true", "false")};`,
      `exportReferencesGraph = [ "g" ${pick(g, "x", '"/nix/store"', "./x")} ];`,
      `allowedReferences = [ ${pick(g, '"out"', "x", "")} ];`,
      'passAsFile = [ "a" ]; a = "text";',
      `a = ${value()};`,
      `b = ${value()};`,
      "c = x;",
      'd = "${x}/bin";',
      `e = x.${pick(g, "outPath", "drvPath", "name", "dev", "all", "drvAttrs", "out")};`,
      `"${random.pick(["a b", "PATH", "é", "out", "type", "drvPath"])}" = ${value()};`,
      'f = builtins.placeholder "out";',
      "h = builtins.unsafeDiscardOutputDependency x.drvPath;",
    ]),
    inner,
  ];
  return `(${pick(g, "derivation", "derivation", "derivation", "builtins.derivationStrict")} { ${attrs.join(" ")} })`;
}

const WITH_X = `let x = derivation { name = "x"; system = "s"; builder = "/b"; outputs = [ "out" "dev" ]; }; in `;

/** An expression, mostly of a string with context; `x` is a derivation of two outputs. */
function contextString(g: Generator): string {
  return pick(
    g,
    '"${x}"',
    '"${x.dev}/lib"',
    "x.drvPath",
    "x.outPath",
    '(x + "/a")',
    '(builtins.toFile "f" "t")',
    "(builtins.unsafeDiscardOutputDependency x.drvPath)",
    "(builtins.addDrvOutputDependencies (builtins.unsafeDiscardOutputDependency x.drvPath))",
    '(builtins.addDrvOutputDependencies "${x}")',
    '(builtins.appendContext "a" (builtins.getContext "${x}"))',
    '(builtins.appendContext "a" { "/nix/store/x" = { path = true; }; })',
    `(builtins.appendContext "a" { \${builtins.unsafeDiscardStringContext x.drvPath} = ${
      pick(
        g,
        "{ allOutputs = true; }",
        '{ outputs = [ "out" "dev" ]; }',
        "{ outputs = [ ]; }",
        "{ path = true; }",
        "{ }",
        "1",
        '{ outputs = "out"; }',
      )
    }; })`,
    '(builtins.substring 1 5 "${x}")',
    '(builtins.concatStringsSep x.dev [ "a" x "b" ])',
    '(builtins.replaceStrings [ "a" "/" ] [ "${x}" x.drvPath ] "a/b")',
    "(builtins.toJSON { a = x; b = [ x.dev ]; })",
    "(builtins.toXML { a = x; })",
    '(toString [ x x.dev "c" ])',
    "(baseNameOf x)",
    "(dirOf x.drvPath)",
    '(builtins.head (builtins.match "(.*)" "${x}"))',
    "(builtins.unsafeDiscardStringContext x)",
    '(builtins.hashString "sha256" "${x}")',
    "(builtins.storePath x)",
    "(builtins.placeholder x)",
  );
}

const PATHS = [
  "/.",
  "/a",
  "./.",
  "../.",
  "./x",
  "/a/./b",
  '(/. + "a")',
  '(./. + "/../x")',
  '(/a + "b/../../..")',
  "(./x + ./y)",
  '(/nix/store + "/x")',
  "<x>",
  "<nix/fetchurl.nix>",
  "~/a",
];

function pathExpression(g: Generator): string {
  const path = () => pick(g, ...PATHS, '"/a/b/"', '"a"', '""', '"/"', "1");
  return pick(
    g,
    `toString ${path()}`,
    `baseNameOf ${path()}`,
    `dirOf ${path()}`,
    `builtins.dirOf (dirOf ${path()})`,
    `${path()} == ${path()}`,
    `${path()} < ${path()}`,
    `builtins.toPath ${path()}`,
    `builtins.pathExists ${path()}`,
    `import ${path()}`,
    `builtins.readFile ${path()}`,
    `builtins.readFileType ${path()}`,
    `builtins.hashFile "sha256" ${path()}`,
    `builtins.storePath ${path()}`,
    `builtins.findFile [ { prefix = "x"; path = ${path()}; } { path = ./.; } ] "x/y"`,
    `builtins.findFile [ ${pick(g, "1", "{ }", '{ path = "a"; }', '{ prefix = 1; path = "/a"; }')} ] "x"`,
    `builtins.path { path = ${path()}; name = "n"; }`,
    `builtins.path { path = ./missing; ${pick(g, "recursive = 1;", 'sha256 = "x";', "filter = 1;", "foo = 1;", "")} }`,
    `builtins.filterSource (p: t: true) ${path()}`,
    `scopedImport { } ${path()}`,
    `"\${${path()}}"`,
    `builtins.toFile ${pick(g, '"a"', '"a/b"', '""', "./x")} ${pick(g, '"t"', "1", "null")}`,
  );
}

function hashExpression(g: Generator): string {
  const algorithm = () => pick(g, '"md5"', '"sha1"', '"sha256"', '"sha512"', '"blake3"', '"x"', "null", "1");
  const format = () => pick(g, '"base16"', '"nix32"', '"base32"', '"base64"', '"sri"', '"x"');
  return pick(
    g,
    `builtins.hashString ${algorithm()} ${pick(g, '"x"', '""', "1", "./x")}`,
    `builtins.convertHash { hash = "${g.random.pick(HASHES)}"; ${some(g.random, 0.7, [`hashAlgo = ${algorithm()};`])} ${
      some(g.random, 0.95, [`toHashFormat = ${format()};`])
    } }`,
  );
}

/** JSON in all its details. */
function json(random: Random, depth: number): string {
  const inner = () => json(random, depth - 1);
  const string = () =>
    `"${
      random.times(random.below(4), () =>
        random.pick([
          ..."ab é/",
          "\\n",
          "\\u0041",
          "\\u00e9",
          "\\ud83d\\ude00",
          "\\ud83d",
          "\\u0000",
          "\\/",
          "\\b",
          "\\x",
          "\t",
          "😀",
          "\x7f",
        ])).join("")
    }"`;
  return random.weighted<() => string>([
    [2, string],
    [
      3,
      () =>
        random.pick([
          "0",
          "-0",
          "-1",
          "00",
          "1.",
          ".5",
          "1e5",
          "1E+2",
          "-1.5e-3",
          "1e400",
          "-1e400",
          "9223372036854775807",
          "9223372036854775808",
          "18446744073709551615",
          "18446744073709551616",
          "-9223372036854775808",
          "-9223372036854775809",
          "123456789012345678901",
          "0.1",
          "1.0",
          "100000000000000000000.0",
          "4.9e-324",
          "+1",
          "NaN",
          "0x1",
        ]),
    ],
    [1, () => random.pick(["true", "false", "null", "nul", "True", ""])],
    [
      depth > 0 ? 2 : 0,
      () => `[${random.times(random.below(4), inner).join(random.pick([",", " , ", ",,", "\n,\n"]))}]`,
    ],
    [
      depth > 0 ? 2 : 0,
      () =>
        `{${
          random.times(random.below(4), () => `${string()}${random.pick([":", " : ", ": ", "="])}${inner()}`).join(",")
        }}`,
    ],
    [0.2, () => `${inner()} ${inner()}`],
    [0.1, () => `/* c */ ${inner()}`],
  ])();
}

/** TOML in all its details. */
function toml(random: Random): string {
  const key = () =>
    random.times(
      random.weighted([[5, 1], [2, 2], [0.5, 3]]),
      () => random.pick(["a", "b", "c", "1", '"x y"', "'q'", '""', "a-b", "é"]),
    ).join(random.pick([".", " . ", "."]));
  const value = (depth: number): string =>
    random.weighted<() => string>([
      [3, () =>
        random.pick([
          "0",
          "1",
          "-1",
          "+1",
          "01",
          "1_000",
          "1__0",
          "_1",
          "0x1F",
          "0xg",
          "0o17",
          "0b101",
          "0b2",
          "-0",
          "9223372036854775807",
          "9223372036854775808",
          "-9223372036854775808",
        ])],
      [2, () =>
        random.pick([
          "1.5",
          "1.",
          ".5",
          "1e3",
          "1E+3",
          "1_0.0_1",
          "inf",
          "-inf",
          "nan",
          "+nan",
          "1.5e",
          "6.626e-34",
          "-0.0",
        ])],
      [
        3,
        () =>
          random.pick([
            '"a"',
            '"\\n\\t\\""',
            '"\\u00e9"',
            '"\\U0001F600"',
            '"\\ud83d"',
            '"\\x41"',
            '"\\e"',
            '"é"',
            "'raw\\'",
            '""',
            "''",
            '"""\nml\\\n   x"""',
            "'''\n'a''b'''",
            '"""a""""',
            '"open',
            '"a\nb"',
          ]),
      ],
      [1, () =>
        random.pick([
          "true",
          "false",
          "True",
          "1979-05-27",
          "07:32:00",
          "1979-05-27T07:32:00Z",
          "1979-05-27 07:32:00.999-07:00",
          "1979-13-01",
          "null",
        ])],
      [
        depth > 0 ? 2 : 0,
        () =>
          `[${random.times(random.below(4), () => value(depth - 1)).join(random.pick([", ", ",", ",\n", ", # c\n"]))}${
            random.pick(["", ",", "\n"])
          }]`,
      ],
      [
        depth > 0 ? 1.5 : 0,
        () =>
          `{ ${random.times(random.below(3), () => `${key()} = ${value(depth - 1)}`).join(", ")}${
            random.pick(["", "", ","])
          } }`,
      ],
    ])();
  const line = () =>
    random.weighted<() => string>([
      [6, () =>
        `${key()} ${random.weighted([[9, "="], [0.3, ":"], [0.3, ""]])} ${value(2)}${
          random.pick(["", "", " # c", "\r"])
        }`],
      [1.5, () =>
        `[${key()}]`],
      [1, () =>
        `[[${key()}]]`],
      [0.5, () => "# comment"],
      [0.2, () => random.pick(["[a", "]", "a", "= 1", "[]", "[[a]", "\x00", "\x7f"])],
    ])();
  return random.times(random.between(1, 5), line).join(random.pick(["\n", "\n", "\r\n"])) + random.pick(["", "\n"]);
}

/** POSIX extended regular expressions with all that the grammar has, and what it lets through. */
function regex(random: Random, depth: number): string {
  const inner = () => regex(random, depth - 1);
  const atom = () =>
    random.pick([
      "a",
      "b",
      "-",
      ".",
      "[ab]",
      "[^ab]",
      "[a-c]",
      "[]a]",
      "[^]a]",
      "[a-]",
      "[-a]",
      "[[:alpha:]]",
      "[[:digit:][:space:]]",
      "[^[:upper:]]",
      "[[.a.]]",
      "[[=a=]]",
      "\\.",
      "\\\\",
      "\\(",
      "\\d",
      "\\n",
      "\\1",
      "^",
      "$",
      "()",
      "[\\]",
      "[",
      "{",
      "}",
      "é",
      " ",
      "\t",
      "[[:foo:]]",
      "[b-a]",
    ]);
  return random.weighted<() => string>([
    [depth > 0 ? 1 : 6, atom],
    [depth > 0 ? 4 : 0, () => inner() + inner()],
    [depth > 0 ? 2 : 0, () => `(${inner()})`],
    [
      depth > 0 ? 2 : 0,
      () =>
        `${random.pick(["a", "(a|b)", "(ab)", "[ab]", "."])}${
          random.pick(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{2,1}", "{,2}", "{a}", "{1", "**", "+?"])
        }`,
    ],
    [depth > 0 ? 1 : 0, () => `(${inner()}|${inner()})`],
    [depth > 0 ? 0.5 : 0, () => `${inner()}|${inner()}`],
  ])();
}

const SUBJECTS = [
  "",
  "a",
  "ab",
  "abab",
  "aab",
  "a-b",
  "b.a",
  "A1",
  "a\nb",
  "aé",
  "((",
  "a b",
  "]a",
  "\\",
  "aaaa",
  "a{1}",
];

const text = (g: Generator, content: string) => `"${quotedContent(g.random, content)}"`;

/** Errors deep down, and what is in the frames above them. */
function failure(g: Generator): string {
  const bad = () =>
    pick(
      g,
      'throw "t"',
      'abort "a"',
      "assert false; 1",
      "{ }.a",
      "1 + null",
      "[ ].x",
      "builtins.head [ ]",
      '"a" + 1',
      "1 2",
      "{ a = 1; }.a.b",
      "builtins.elemAt [ 1 ] 2",
      "assert { a = 1; } == { a = 2; }; 1",
      "assert [ 1 2 ] == [ 1 3 ]; 1",
      '(throw "inner")',
      "-null",
      "!1",
      "1 && true",
      "if 1 then 2 else 3",
      "{ a, b ? 1 }@x: a",
      "1 // { }",
      "[ ] ++ 1",
      "1 < null",
      '"a" < 1',
      "{ } < { }",
      "[ 1 ] < [ null ]",
      "with 1; a",
      '"${1}"',
      '"${{ }}"',
      "(x: x.y) { }",
      "(x: x.foo or x.bar) { baz = 1; }",
      "undefined",
      "({ a }: a) { }",
      "({ a }: a) { a = 1; b = 2; }",
      "({ abc }: abc) { abd = 2; }",
      "let x = x; in x",
      "let x = y; y = x; in x",
      "rec { a = b; b = a; }.a",
      "9223372036854775807 + 1",
      "1 / 0",
    );
  const b = `(${bad()})`;
  return pick(
    g,
    b,
    `let f = x: ${b}; in f 1`,
    `let f = x: y: ${b}; g = z: f z 2; in g 1`,
    `let o = { __functor = self: x: ${b}; }; in o 1`,
    `let o = { __toString = self: ${b}; }; in "\${o}"`,
    `builtins.addErrorContext "ctx" ${b}`,
    `builtins.addErrorContext "a" (builtins.addErrorContext "b" ${b})`,
    `builtins.addErrorContext ${b} 1`,
    `builtins.map (x: ${b}) [ 1 ]`,
    `builtins.foldl' (a: x: ${b}) 0 [ 1 2 ]`,
    `builtins.sort (a: b: ${b}) [ 2 1 ]`,
    `builtins.filter (x: ${b}) [ 1 ]`,
    `builtins.genList (i: ${b}) 2`,
    `builtins.any (x: ${b}) [ 1 ]`,
    `builtins.concatMap (x: ${b}) [ 1 ]`,
    `builtins.mapAttrs (n: v: ${b}) { a = 1; }`,
    `builtins.groupBy (x: ${b}) [ 1 ]`,
    `builtins.zipAttrsWith (n: vs: ${b}) [ { a = 1; } ]`,
    `builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: ${b}; }`,
    `builtins.genericClosure { startSet = [ { key = ${b}; } { key = 1; } ]; operator = x: [ ]; }`,
    `builtins.listToAttrs [ { name = "a"; value = ${b}; } ]`,
    `builtins.listToAttrs [ { name = ${b}; value = 1; } ]`,
    `builtins.toJSON { a = [ 1 ${b} ]; }`,
    `builtins.toXML { a = [ 1 ${b} ]; }`,
    `builtins.deepSeq { a.b.c = ${b}; } 1`,
    `builtins.seq ${b} 1`,
    `builtins.tryEval ${b}`,
    `toString [ 1 ${b} ]`,
    `{ a.b = ${b}; }.a.b`,
    `{ a = { b = ${b}; }; } == { a = { b = 1; }; }`,
    `[ 1 ${b} ] == [ 1 2 ]`,
    `with { a = ${b}; }; a`,
    `with ${b}; a`,
    `let inherit (${b}) a; in a`,
    `rec { a = ${b}; c = "\${a}"; }.c`,
    `{ \${${b}} = 1; }`,
    `{ a = 1; }.\${${b}}`,
    `{ a = 1; } ? \${${b}}`,
    `{ a = 1; } // ${b}`,
    `${b} // { a = 1; }`,
    `if ${b} then 1 else 2`,
    `assert ${b}; 1`,
    `assert builtins.isInt ${b} -> false; 1`,
    `(${b} || true) && false`,
    `(import (builtins.toFile "f.nix" "1 +"))`,
    `builtins.match ${b} "a"`,
    `builtins.split "(" ${b}`,
    `builtins.substring ${b} 1 "a"`,
    `builtins.substring (-1) 1 "a"`,
    `builtins.replaceStrings [ "a" ${b} ] [ "b" "c" ] "ac"`,
    `builtins.replaceStrings [ "a" ] [ ] "ac"`,
    `builtins.concatStringsSep "," [ "a" ${b} ]`,
    `derivation { name = "n"; system = "s"; builder = "/b"; a = ${b}; }`,
    `(derivation { name = "n"; system = "s"; builder = "/b"; a = ${b}; }).drvPath`,
    `(derivation { name = "n"; system = "s"; builder = "/b"; args = [ "x" ${b} ]; }).outPath`,
    `"\${derivation { name = "n"; system = "s"; builder = ${b}; }}"`,
    `builtins.functionArgs ${b}`,
    `builtins.intersectAttrs { a = 1; } ${b}`,
    `builtins.catAttrs "a" [ ${b} ]`,
    `removeAttrs { a = 1; } [ ${b} ]`,
    `builtins.hasAttr ${b} { }`,
    `builtins.getAttr "a" { ab = ${b}; }`,
    `builtins.warn "w" ${b}`,
    `builtins.warn ${b} 1`,
    `builtins.trace ${b} 1`,
    `builtins.traceVerbose ${b} 1`,
    `builtins.partition (x: ${b}) [ 1 ]`,
    `builtins.all (x: ${b}) [ ]`,
    `builtins.unsafeGetAttrPos ${b} { }`,
    `builtins.parseDrvName ${b}`,
    `builtins.compareVersions "1" ${b}`,
    `builtins.bitAnd 1 ${b}`,
    `builtins.ceil ${b}`,
    `builtins.fromJSON ${b}`,
    `builtins.hashString "md5" ${b}`,
  );
}

/** Positions of everything that has one. */
function position(g: Generator): string {
  const set = pick(
    g,
    "{ a = 1; b.c = 2; }",
    "rec { a = 1;\n  b = a; }",
    "{ inherit (c) a;\n b = 1; }",
    "let a = 1; in { inherit a; }",
    "({ a = 1; } // { b = 2; })",
    'builtins.listToAttrs [ { name = "a"; value = 1; } ]',
    "builtins.mapAttrs (n: v: v) { a = 1; }",
    'builtins.removeAttrs { a = 1; b = 2; } [ "b" ]',
    "builtins.intersectAttrs { a = 1; } { a = 2; }",
    '{ "a" = 1; ${"b"} = 2; }',
    '(builtins.fromJSON "{\\"a\\":1}")',
    "builtins.functionArgs ({ a, b ? 1 }: a)",
    "builtins.zipAttrsWith (n: v: v) [ { a = 1; } { b = 2; } ]",
    'builtins.groupBy (x: x) [ "a" ]',
    "{\r\n  a = 1;\r  b = 2; }",
    "{ a.x = 1; a.y = 2; b = __curPos; }",
  );
  return `let c = { a = 1; }; s = ${set}; in [ (builtins.unsafeGetAttrPos "${
    pick(g, "a", "b", "c")
  }" (${set})) __curPos ]`;
}

/** Sets that override each other, and functions and lists in them, for the printers. */
function nested(g: Generator): string {
  const { random } = g;
  const value = (depth: number): string =>
    depth <= 0
      ? random.pick([...VALUES, "x", "s", "-1", "1.0e-7", '"a\\n\\${b}"', "builtins.add", "(builtins.add 1)"])
      : random.weighted<() => string>([
        [2, () => value(0)],
        [
          2,
          () =>
            `{ ${
              random.times(
                random.below(3),
                () =>
                  `${random.pick(["a", "b", '"x y"', "a.b", "outPath", "__toString", "type"])} = ${value(depth - 1)};`,
              ).join(" ")
            } }`,
        ],
        [1, () => `[ ${random.times(random.below(3), () => value(depth - 1)).join(" ")} ]`],
        [1, () => `(${value(depth - 1)} // ${value(depth - 1)})`],
        [0.5, () => `({ a, b ? ${value(depth - 1)}, ... }@args: args)`],
        [0.5, () => `(rec { __overrides = { a = ${value(depth - 1)}; }; a = 0; b = a; })`],
        [0.5, () => `(let s = ${value(depth - 1)}; in [ s s ])`],
        [0.3, () => '(derivation { name = "n"; system = "s"; builder = "/b"; })'],
      ])();
  return `let s = { a = 1; }; x = [ s s ]; in ${value(3)}`;
}

/** All of them. */
export const SPECIAL_CALLS: readonly Make[] = [
  (g) => WITH_X + derivation(g) + pick(g, "", ".drvPath", ".outPath", ".all", ".name", ".out", ".dev"),
  (g) => `${WITH_X}[ ${derivation(g)}.outPath (builtins.getContext ${derivation(g)}.drvPath) ]`,
  (g) => `${WITH_X}builtins.getContext ${contextString(g)}`,
  (g) => `${WITH_X}[ ${contextString(g)} (builtins.hasContext ${contextString(g)}) ]`,
  (g) => WITH_X + derivation(g, `z = ${contextString(g)};`) + ".drvPath",
  pathExpression,
  pathExpression,
  hashExpression,
  (g) => `builtins.fromJSON ${text(g, json(g.random, 3))}`,
  (g) => `builtins.fromTOML ${text(g, toml(g.random))}`,
  (g) => `builtins.fromTOML ${text(g, toml(g.random))}`,
  (g) => `builtins.match ${text(g, regex(g.random, 3))} ${text(g, g.random.pick(SUBJECTS))}`,
  (g) => `builtins.split ${text(g, regex(g.random, 3))} ${text(g, g.random.pick(SUBJECTS))}`,
  (g) => `builtins.toXML ${g.argument(randomType(g.random, 3), 2, [])}`,
  failure,
  failure,
  failure,
  (g) => `let f = { a, b ? ${g.argument(INT, 1, [])} }: ${failure(g)}; in f { a = ${g.argument(STRING, 1, [])}; }`,
  position,
  nested,
];
