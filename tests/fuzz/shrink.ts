/**
 * Makes a program that shows a difference smaller while it still shows it.
 *
 * Greedy on token trees: candidates come from the boldest (some inner part alone) to the smallest (one name shorter);
 * the first group with interesting ones gives the next program, and all starts over until no candidate is. Candidates are
 * asked about in groups, because a process can answer several. Every candidate is strictly smaller by {@link cost}, so
 * it ends.
 */
import { type Group, type Node, parseTree, printTree } from "./tokens.ts";

/** Answers for each program (binary string) whether it still shows the difference. */
export type Interesting = (programs: readonly string[]) => Promise<readonly boolean[]>;

/** Candidates that are asked about together. */
const GROUP = 8;

/**
 * Returns the smallest program found that is still interesting, asking about at most `limit` candidates. The program
 * given must be interesting itself.
 */
export async function shrink(program: string, interesting: Interesting, limit: number): Promise<string> {
  const tried = new Set([program]);
  let best = program;
  for (let left = limit; left > 0;) {
    let found: string | null = null;
    const pending: string[] = [];
    const ask = async () => {
      left -= pending.length;
      const answers = await interesting(pending);
      // The smallest, since none is asked about twice.
      const small = pending.filter((_, index) => answers[index]).sort((a, b) => cost(a) - cost(b));
      found = small[0] ?? null;
      pending.length = 0;
    };
    for (const candidate of candidates(best)) {
      if (tried.has(candidate) || cost(candidate) >= cost(best)) continue;
      tried.add(candidate);
      pending.push(candidate);
      if (pending.length === GROUP) await ask();
      if (found !== null || left <= 0) break;
    }
    if (found === null && pending.length > 0) await ask();
    if (found === null) break;
    best = found;
  }
  return best;
}

/** Orders programs by size: length, then how much is more than the plainest letters and digits. */
function cost(program: string): number {
  return program.length + program.replaceAll(/[ab01\s]/g, "").length / 1e6;
}

/** Yields smaller variants of a program, bold ones first. */
function* candidates(program: string): Generator<string> {
  const tree = parseTree(program);
  const groups = groupsOf(tree);
  // Some inner part alone, the largest first.
  for (const group of groups) {
    if (!isString(group)) yield printTree(group.children).trim();
    yield printTree([group]);
  }
  // Ranges of siblings removed, halves first; also everything but a range.
  for (const list of [tree, ...groups.map((group) => group.children)]) {
    for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at + size <= list.length; at += Math.max(1, size >> 1)) {
        yield replaced(tree, list, [...list.slice(0, at), ...list.slice(at + size)]);
        if (size > 1 && size < list.length) yield replaced(tree, list, list.slice(at, at + size));
      }
      if (size === 1) break;
    }
    // Statements (`name = value;`, `let … in`) are longer than one token and end in the middle of nowhere.
    if (list.length <= 40) {
      for (let from = 0; from < list.length; from++) {
        for (let to = from + 2; to <= list.length; to++) {
          yield replaced(tree, list, [...list.slice(0, from), ...list.slice(to)]);
        }
      }
    }
  }
  // Groups replaced by their content or by something trivial.
  for (const group of groups) {
    for (const text of ["1", "null", "{ }", "[ ]", '""', "a"]) yield withGroup(tree, group, parseTree(text));
    if (!isString(group)) yield withGroup(tree, group, group.children);
  }
  yield* simplerLeaves(program, tree);
}

function* simplerLeaves(program: string, tree: readonly Node[]): Generator<string> {
  const change = (match: (node: Node) => string | null) => printTree(mapLeaves(tree, match));
  const leaves = leavesOf(tree);
  for (const leaf of leaves) {
    const only = (text: string) => change((node) => (node === leaf ? text : null));
    if (leaf.class === "space" && leaf.text !== " ") yield only(" ");
    if (leaf.class === "number") { for (const text of ["0", "1"]) yield only(text); }
    if (leaf.class === "path") { for (const text of ["/a", "./a"]) yield only(text); }
    if (leaf.class === "text") {
      for (let at = 0; at < leaf.text.length; at++) yield only(leaf.text.slice(0, at) + leaf.text.slice(at + 1));
      yield only("a");
    }
  }
  // Names renamed everywhere, so that references stay intact.
  for (const name of new Set(leaves.filter((leaf) => leaf.class === "name").map((leaf) => leaf.text))) {
    for (const short of ["a", "b"]) {
      yield change((node) => (node.type === "leaf" && node.class === "name" && node.text === name ? short : null));
    }
  }
  yield program.trim();
  yield program.replaceAll(/\s+/g, " ").trim();
}

function isString(group: Group): boolean {
  return group.open === '"' || group.open === "''";
}

/** Returns all groups, the longest text first. */
function groupsOf(nodes: readonly Node[]): Group[] {
  const groups: Group[] = [];
  const visit = (list: readonly Node[]) => {
    for (const node of list) {
      if (node.type === "group") {
        groups.push(node);
        visit(node.children);
      }
    }
  };
  visit(nodes);
  const size = new Map(groups.map((group) => [group, printTree([group]).length]));
  return groups.sort((a, b) => size.get(b)! - size.get(a)!);
}

function leavesOf(nodes: readonly Node[]): (Node & { type: "leaf" })[] {
  return nodes.flatMap((node) => (node.type === "leaf" ? [node] : leavesOf(node.children)));
}

function mapLeaves(nodes: readonly Node[], change: (node: Node) => string | null): Node[] {
  return nodes.map((node) => {
    if (node.type === "group") return { ...node, children: mapLeaves(node.children, change) };
    const text = change(node);
    return text === null ? node : { ...node, text };
  });
}

/** Returns the text of `tree` with one of its sibling lists (by identity) replaced. */
function replaced(tree: readonly Node[], list: readonly Node[], by: readonly Node[]): string {
  const rebuild = (nodes: readonly Node[]): readonly Node[] =>
    nodes === list
      ? by
      : nodes.map((node) => (node.type === "group" ? { ...node, children: rebuild(node.children) } : node));
  return printTree(rebuild(tree));
}

function withGroup(tree: readonly Node[], group: Group, by: readonly Node[]): string {
  const rebuild = (nodes: readonly Node[]): Node[] =>
    nodes.flatMap((node): Node[] => {
      if (node === group) return [...by];
      return [node.type === "group" ? { ...node, children: rebuild(node.children) } : node];
    });
  return printTree(rebuild(tree));
}
