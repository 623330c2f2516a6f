import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { binaryFromBytes } from "../lang/bytes.ts";
import { discoverCases } from "../lang/case.ts";
import { type Node, parseTree, printTree } from "./tokens.ts";

const corpus = fromFileUrl(new URL("../../testdata/lang", import.meta.url));

/** A tree as nested arrays, for comparison: texts of leaves, [open, …, close] of groups. */
type Shape = (string | Shape)[];

function shape(nodes: readonly Node[]): Shape {
  return nodes.flatMap((node): Shape =>
    node.type === "leaf"
      ? (node.class === "space" ? [] : [node.text])
      : [[node.open, ...shape(node.children), node.close]]
  );
}

Deno.test("printTree() gives back what parseTree() read, for the whole corpus", async () => {
  for (const lang of await discoverCases(corpus)) {
    const source = binaryFromBytes(await Deno.readFile(`${corpus}/${lang.file}`));
    assertEquals(printTree(parseTree(source)), source, lang.name);
  }
});

Deno.test("parseTree() finds brackets, strings and interpolations", () => {
  assertEquals(shape(parseTree('f [ (1) ] { a = "x${b}y"; }')), [
    "f",
    ["[", ["(", "1", ")"], "]"],
    ["{", "a", "=", ['"', "x", ["${", "b", "}"], "y", '"'], ";", "}"],
  ]);
});

Deno.test("parseTree() knows the escapes of both kinds of strings", () => {
  assertEquals(shape(parseTree('"a\\"\\${b}$${c}"')), [['"', 'a\\"\\${b}$${c}', '"']]);
  assertEquals(shape(parseTree("''a'''b''${c}''\\''d''")), [["''", "a'''b''${c}''\\''d", "''"]]);
});

Deno.test("parseTree() ends unclosed groups with the source and takes stray closers for tokens", () => {
  assertEquals(shape(parseTree('[ 1 ( "a')), [["[", "1", ["(", ['"', "a", ""], ""], ""]]);
  assertEquals(shape(parseTree(") 1 ]")), [")", "1", "]"]);
});

Deno.test("parseTree() keeps comments, paths, numbers and names whole", () => {
  assertEquals(shape(parseTree("# c [\n a-b' /* ( */ ./x/y <n/p> 1.5e-3 ++ a->b")), [
    "a-b'",
    "./x/y",
    "<n/p>",
    "1.5e-3",
    "++",
    "a-",
    ">",
    "b",
  ]);
});
