import { assert, assertEquals } from "@std/assert";
import { Generator } from "./generate.ts";
import { Random } from "./random.ts";
import { type Node, parseTree } from "./tokens.ts";
import { INT } from "./types.ts";

const programs = Array.from({ length: 3000 }, (_, index) => new Generator(new Random(11, index)).program());

Deno.test("Generator.program() is a function of seed and index", () => {
  assertEquals(new Generator(new Random(11, 42)).program(), programs[42]);
});

Deno.test("Generator.program() closes every bracket and string", () => {
  const unclosed = (nodes: readonly Node[]): boolean =>
    nodes.some((node) => node.type === "group" && (node.close === "" || unclosed(node.children)));
  const bad = programs.filter((program) => unclosed(parseTree(program)));
  // An indented string may end in a dollar sign or quote that eats its end; that is rare and welcome.
  assert(bad.length < programs.length / 100, bad[0]);
});

Deno.test("Generator.program() uses every construct of the language", () => {
  const all = programs.join("");
  const wanted = [
    ..."let with rec assert if inherit or __functor __overrides __toString outPath @ ... ++ // -> && || == != <= >="
      .split(" "),
    "let {",
    "inherit (",
    "args@",
    "}@args",
    "''",
    "${null}",
    " ? ",
    "tryEval",
    "derivation {",
  ];
  assertEquals(wanted.filter((text) => !all.includes(text)), []);
});

Deno.test("Generator.program() uses every pure builtin it knows of", () => {
  const all = programs.join("");
  const names =
    "add bitAnd floor stringLength length compareVersions foldl' isAttrs all any elem hasAttr typeOf substring " +
    "concatStringsSep replaceStrings toJSON toXML hashString convertHash genList filter concatLists concatMap sort partition " +
    "attrNames attrValues catAttrs split match splitVersion genericClosure mapAttrs intersectAttrs listToAttrs groupBy " +
    "zipAttrsWith parseDrvName functionArgs fromJSON fromTOML getContext seq deepSeq addErrorContext head elemAt tail";
  assertEquals(names.split(" ").filter((name) => !all.includes(name)), []);
});

Deno.test("Generator puts parentheses where the grammar needs them", () => {
  const generator = new Generator(new Random(5));
  assertEquals(generator.wrap({ text: "a: a", level: 0 }, 15), "(a: a)");
  const bare = new Set(Array.from({ length: 50 }, () => generator.wrap({ text: "a", level: 16 }, 15)));
  assert(bare.has("a"));
});

Deno.test("Generator.expression() at depth 0 is a leaf", () => {
  const generator = new Generator(new Random(5));
  for (let i = 0; i < 50; i++) {
    const text = generator.expression(INT, 0, [{ name: "x", type: INT }]).text;
    assert(text.length < 60, text);
  }
});
