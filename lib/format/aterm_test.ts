import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseAterm, quoteAterm, writeAterm } from "./aterm.ts";
import { drvNameFromPath } from "./store_path.ts";
import { DerivationError, FormatError } from "./errors.ts";
import { testDrvs } from "./_testdata.ts";

const HASH = "00bgd045z0d4icpbc2yyz4gx48ak44la";

for (const [path, aterm] of testDrvs()) {
  const name = drvNameFromPath(path);

  Deno.test(`writeAterm gives back Nix's ${name}.drv`, () => {
    assertEquals(writeAterm(parseAterm(aterm, { name })), aterm);
  });

  Deno.test(`parseAterm refuses ${name}.drv cut anywhere`, () => {
    for (let length = 0; length < aterm.length; length++) {
      assertThrows(() => parseAterm(aterm.slice(0, length), { name }), FormatError);
    }
  });
}

Deno.test("parseAterm reads every part", () => {
  const [[, aterm]] = [...testDrvs()].filter(([path]) => path.endsWith("-multi.drv"));
  const drv = parseAterm(aterm, { name: "multi" });
  assertEquals([...drv.outputs.keys()], ["a.b", "dev", "out"]);
  assertEquals(drv.inputDrvs.size, 4);
  assertEquals(drv.inputSrcs.length, 1);
  assertEquals(drv.system, "x86_64-linux");
  assertEquals(drv.args, ["-e", 'a"b\\c\n\r\t', "\xc3\xa9", "\x01 \x1f\x7f \n"]);
  assertEquals(drv.env.get('weird "name"'), "x");
});

Deno.test("parseAterm keeps outputs of outputs", () => {
  const [[, aterm]] = [...testDrvs()].filter(([path]) => path.endsWith("-dyn.drv"));
  assert(aterm.startsWith('DrvWithVersion("xp-dyn-drv",['));
  const [[, input]] = [...parseAterm(aterm, { name: "dyn" }).inputDrvs].filter(([path]) => path.endsWith("-x.drv.drv"));
  assertEquals(input, {
    outputs: [],
    dynamicOutputs: new Map([["out", { outputs: ["out"], dynamicOutputs: new Map([["bin", { outputs: ["dev"] }]]) }]]),
  });
});

Deno.test("quoteAterm escapes five chars and no others", () => {
  assertEquals(quoteAterm("plain"), '"plain"');
  assertEquals(quoteAterm('"\\\n\r\t'), '"\\"\\\\\\n\\r\\t"');
  assertEquals(quoteAterm("\x00\x08\x0b\x0c\x1f\x7f\x80\xff\n"), '"\x00\x08\x0b\x0c\x1f\x7f\x80\xff\\n"');
  assertEquals(quoteAterm("\x7f\x80\xff\n"), '"\x7f\x80\xff\\n"');
});

Deno.test("quoteAterm and parseAterm agree on every byte", () => {
  const text = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");
  for (const value of [text, text.replace(/[^"\\\n\r\t -\xff]/g, ""), "\\", '"', '\\"', "\\\\"]) {
    const drv = parseAterm(`Derive([],[],[],"s","b",[${quoteAterm(value)}],[])`, { name: "n" });
    assertEquals(drv.args, [value]);
  }
});

Deno.test("parseAterm unescapes unknown escapes to the char itself", () => {
  assertEquals(parseAterm('Derive([],[],[],"\\s\\0","b",[],[])', { name: "n" }).system, "s0");
});

Deno.test("parseAterm takes stray commas and text after the end, as Nix does", () => {
  const drv = parseAterm('Derive([],[],[],"s","b",[,"a""b"],[])x', { name: "n" });
  assertEquals(drv.args, ["a", "b"]);
});

Deno.test("parseAterm sorts and removes duplicates", () => {
  const [a, b] = [`/nix/store/${HASH}-a`, `/nix/store/${HASH}-b`];
  const drv = parseAterm(
    `Derive([("out","","",""),("dev","","","")],[],["${b}","${a}","${b}"],"s","b",[],[("k","1"),("a",""),("k","2")])`,
    { name: "n" },
  );
  assertEquals([...drv.outputs.keys()], ["dev", "out"]);
  assertEquals<readonly string[]>(drv.inputSrcs, [a, b]);
  assertEquals([...drv.env], [["a", ""], ["k", "2"]]);
});

const REFUSED: [aterm: string, message: string][] = [
  ["", "expected string 'D'"],
  ["Dx", "derivation does not start with 'Derive' or 'DrvWithVersion'"],
  ["Derivx", "expected string 'erive('"],
  ['DrvWithVersion("x"', "Unknown derivation ATerm format version 'x'"],
  ['Derive([],[("a",["out"])],[],"s","b",[],[])', "bad path 'a' in derivation"],
  ['Derive([],[("/a",["out"])],[],"s","b",[],[])', 'path "/a" is not in the Nix store'],
  ['Derive([],[],[],"s","b",["a],[])', "unterminated string in derivation"],
  ['Derive([("out","x","","")],[],[],"s","b",[],[])', "bad path 'x' in derivation"],
  [
    'Derive([("out","","sha9","")],[],[],"s","b",[],[])',
    "unknown hash algorithm 'sha9', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'",
  ],
  [
    'Derive([("out","/x","r:sha256","")],[],[],"s","b",[],[])',
    "content-addressing derivation output should not specify output path",
  ],
  [
    'Derive([("out","/x","r:sha256","impure")],[],[],"s","b",[],[])',
    "impure derivation output should not specify output path",
  ],
  [
    `DrvWithVersion("xp-dyn-drv",[],[("/nix/store/${HASH}-x.drv",x)],[],"s","b",[],[])`,
    "invalid inputDrvs entry in derivation",
  ],
];

for (const [aterm, message] of REFUSED) {
  Deno.test(`parseAterm refuses ${aterm || "nothing"} in Nix's words`, () => {
    assertEquals(assertThrows(() => parseAterm(aterm, { name: "n" }), FormatError).message, message);
  });
}

Deno.test("parseAterm's own errors are DerivationErrors", () => {
  assertThrows(() => parseAterm("Derive(", { name: "n" }), DerivationError, "expected string '['");
});
