/**
 * Small damage to real programs: what people mistype, and what lexers and parsers get wrong.
 *
 * Mutations work on token trees, so that most results still have matching brackets and many still parse. Material to
 * insert comes from other programs of the same pool.
 */
import { binaryFromText } from "../lang/bytes.ts";
import * as literal from "./literals.ts";
import type { Random } from "./random.ts";
import { type Group, type Leaf, type Node, parseTree, printTree } from "./tokens.ts";

const TOKENS = [
  ..."+ - * / // ++ == != < > <= >= && || -> ! ? . , : ; = @ ... ${ } { [ ] ( ) \" ''".split(" "),
  ..."let in rec with assert if then else inherit or null true false builtins x a 1 0 1.5 ./a /a <a> a:b ~/a".split(
    " ",
  ),
  "__curPos",
  "import",
  "# c\n",
  "/* c */",
  " ",
  "\n",
  "$",
  "\\",
  "é",
];

/** Returns `source` with one to three mutations; `donor` is another program to take pieces from. */
export function mutate(random: Random, source: string, donor: string): string {
  let tree: readonly Node[] = parseTree(source);
  const pool = nodesOf(parseTree(donor));
  for (let count = random.weighted([[5, 1], [2, 2], [1, 3]]); count > 0; count--) tree = mutateTree(random, tree, pool);
  return printTree(tree);
}

/** Returns all nodes below some, themselves included, in order. */
function nodesOf(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node) => (node.type === "leaf" ? [node] : [node, ...nodesOf(node.children)]));
}

function mutateTree(random: Random, tree: readonly Node[], pool: readonly Node[]): readonly Node[] {
  // Every sibling list is as likely as it is long.
  const lists: (readonly Node[])[] = [tree];
  const collect = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      if (node.type === "group" && node.children.length > 0) {
        lists.push(node.children);
        collect(node.children);
      }
    }
  };
  collect(tree);
  const target = random.weighted(lists.map((list) => [list.length + 0.001, list] as const));
  const changed = mutateList(random, target, pool);
  const rebuild = (nodes: readonly Node[]): readonly Node[] =>
    nodes === target
      ? changed
      : nodes.map((node) => node.type === "group" ? { ...node, children: rebuild(node.children) } : node);
  return rebuild(tree);
}

function leaf(text: string): Leaf {
  return { type: "leaf", class: "operator", text };
}

function mutateList(random: Random, list: readonly Node[], pool: readonly Node[]): Node[] {
  const out = [...list];
  const at = random.below(Math.max(out.length, 1));
  const span = random.weighted([[6, 1], [2, 2], [1, 4]]);
  const material = (): Node =>
    pool.length > 0 && random.chance(0.5) ? random.pick(pool) : leaf(binaryFromText(random.pick(TOKENS)));
  random.weighted<() => void>([
    [3, () => void out.splice(at, span)],
    [2, () => void out.splice(at, 0, ...out.slice(at, at + span))],
    [3, () => void out.splice(at, 0, material())],
    [4, () => void out.splice(at, 1, material())],
    [2, () => {
      const other = random.below(Math.max(out.length, 1));
      if (out.length > 1) [out[at], out[other]] = [out[other], out[at]];
    }],
    [3, () => {
      const node = out[at];
      if (node?.type === "leaf") out[at] = mutateLeaf(random, node, pool);
      else if (node !== undefined) out.splice(at, 1, ...mutateGroup(random, node));
    }],
    [1, () => {
      const spaces = out.flatMap((node, index) => (node.type === "leaf" && node.class === "space" ? [index] : []));
      if (spaces.length > 0) out.splice(random.pick(spaces), 1);
    }],
  ])();
  return out;
}

function mutateLeaf(random: Random, node: Leaf, pool: readonly Node[]): Leaf {
  const alike = pool.filter((other): other is Leaf => other.type === "leaf" && other.class === node.class);
  switch (node.class) {
    case "number":
      return { ...node, text: random.chance(0.5) ? literal.integerLiteral(random) : literal.floatLiteral(random) };
    case "text": {
      const cut = random.below(node.text.length + 1);
      const text = node.text.slice(0, cut) + binaryFromText(literal.randomText(random)) +
        node.text.slice(cut + random.below(2));
      return { ...node, text };
    }
    default:
      return alike.length > 0
        ? random.pick(alike)
        : { ...node, text: node.text + random.pick(["'", "-", "x", "1", "."]) };
  }
}

function mutateGroup(random: Random, group: Group): readonly Node[] {
  const [open, close] = random.pick([["(", ")"], ["[", "]"], ["{", "}"], ['"', '"'], ["''", "''"], ["${", "}"], [
    "rec {",
    "}",
  ]]);
  return random.weighted<readonly Node[]>([
    [2, group.children],
    [2, [{ ...group, open, close }]],
    [1, [{ ...group, close: "" }]],
    [1, [{ ...group, children: [] }]],
    [1, [{ ...group, children: [...group.children, ...group.children] }]],
  ]);
}
