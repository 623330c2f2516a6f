// Decides when the JavaScript engine gives what libstdc++'s executor gives, and translates the pattern for it. The
// engine is many times faster than our machine, so nearly every pattern should pass; but it must be certain.
//
// Equal results. Both engines try the same things in the same order, except:
//   - JavaScript refuses an iteration that consumes nothing, libstdc++ allows two: loop bodies that can be empty are
//     not translated (an optional one becomes `(?:x|)`);
//   - JavaScript forgets the groups in a loop at each iteration, libstdc++ keeps them: every group in a loop must take
//     part in every iteration;
//   - in a search JavaScript takes the first alternative that leads to a match, libstdc++ the one that leads to the
//     longest: no two branches may match at the same place, unless all their matches have one length. (A whole match
//     ends at the end of the text in any case.)
//
// Bounded time. JavaScript backtracks without memory. That costs exponential time only where a loop can split the same
// bytes into iterations in more than one way. So in the position automaton of each outermost loop (Glushkov's
// construction, one edge per way to go on) the next byte must decide on the edge. What remains is polynomial: a loop
// that may be left early though it could go on multiplies the work by the length of the text.

import { type ByteSet, byteSet, intersect } from "./_byte_set.ts";
import { isNullable, type ParsedRegex, type RegexNode, type RegexRepeat } from "./_regex_syntax.ts";

export interface NativeRegex {
  /** For a RegExp without flags. */
  readonly source: string;
  /** Whether searches are equal too, not only matches of the whole text. */
  readonly canSearch: boolean;
  /** Matching takes time in the order of length^degree; a search one degree more. */
  readonly degree: number;
}

/** Beyond these the analysis and the engine's own compilation take too long. */
const MAX_POSITIONS = 200;
const MAX_STATES = 5_000;
/** How many times what lies outside of loops may double the work. */
const MAX_DOUBLINGS = 5;
const MAX_PREFIX = 64;
const MAX_COPIES = 64;

interface Edge {
  readonly to: Position;
  /** The outermost loop this edge stays in, 0 outside of loops. */
  readonly loop: number;
}

/** One occurrence of a byte set in the pattern. */
interface Position {
  readonly set: ByteSet;
  readonly loop: number;
  readonly follow: Edge[];
}

interface Outline {
  readonly first: readonly Position[];
  readonly last: readonly Position[];
  readonly nullable: boolean;
}

const EMPTY: Outline = { first: [], last: [], nullable: true };

class Analysis {
  readonly positions: Position[] = [];
  /** Ways to match nothing at one place beyond the first. */
  doublings = 0;
  isBounded = true;
  #loops = 0;

  outline(node: RegexNode, loop: number): Outline {
    switch (node.kind) {
      case "bytes": {
        const position: Position = { set: node.set, loop, follow: [] };
        this.positions.push(position);
        return { first: [position], last: [position], nullable: false };
      }
      case "group":
        return this.outline(node.body, loop);
      case "sequence":
        return node.items.reduce<Outline>((before, item) => this.#chain(before, this.outline(item, loop), loop), EMPTY);
      case "choice": {
        const branches = node.branches.map((branch) => this.outline(branch, loop));
        const nullable = branches.filter((b) => b.nullable).length;
        if (nullable > 1) this.#addEmptyMatches(loop);
        return {
          first: branches.flatMap((b) => b.first),
          last: branches.flatMap((b) => b.last),
          nullable: nullable > 0,
        };
      }
      case "repeat": {
        if (node.max === 0) return EMPTY;
        if (node.body.kind === "bytes" && node.max <= MAX_COPIES) return this.#copies(node, loop);
        const isLoop = node.max > 1;
        const inner = isLoop && loop === 0 ? ++this.#loops : loop;
        const body = this.outline(node.body, inner);
        if (isLoop) this.#connect(body.last, body.first, inner);
        else if (node.min === 0 && body.nullable) this.#addEmptyMatches(loop);
        return node.min === 0 ? { ...body, nullable: true } : body;
      }
      case "begin":
      case "end":
        return EMPTY;
    }
  }

  /** Counted repetition of one byte as what it abbreviates; as a loop it would count as one that may be left early. */
  #copies(node: RegexRepeat, loop: number): Outline {
    let rest = EMPTY;
    for (let i = node.max; i > 0; i--) {
      rest = this.#chain(this.outline(node.body, loop), rest, loop);
      if (i > node.min) rest = { ...rest, nullable: true };
    }
    return rest;
  }

  #addEmptyMatches(loop: number): void {
    if (loop === 0) this.doublings++;
    else this.isBounded = false;
  }

  #chain(a: Outline, b: Outline, loop: number): Outline {
    this.#connect(a.last, b.first, loop);
    return {
      first: a.nullable ? [...a.first, ...b.first] : a.first,
      last: b.nullable ? [...a.last, ...b.last] : b.last,
      nullable: a.nullable && b.nullable,
    };
  }

  #connect(from: readonly Position[], to: readonly Position[], loop: number): void {
    if (this.positions.length > MAX_POSITIONS) this.isBounded = false;
    if (!this.isBounded) return;
    for (const position of from) {
      for (const next of to) position.follow.push({ to: next, loop });
    }
  }
}

function isAmbiguous(targets: readonly Position[]): boolean {
  return targets.some((a, i) => targets.slice(0, i).some((b) => a === b || intersect(a.set, b.set)));
}

/** The degree of the polynomial that bounds a match, or undefined if there is none. */
function degreeOf(root: RegexNode): number | undefined {
  const analysis = new Analysis();
  const { first } = analysis.outline(root, 0);
  if (!analysis.isBounded) return undefined;
  let doublings = analysis.doublings + (isAmbiguous(first) ? 1 : 0);
  const ambiguousLoops = new Set<number>();
  for (const { follow, loop } of analysis.positions) {
    if (!isAmbiguous(follow.map((edge) => edge.to))) continue;
    if (loop === 0) doublings++;
    else if (isAmbiguous(follow.filter((edge) => edge.loop === loop).map((edge) => edge.to))) return undefined;
    else ambiguousLoops.add(loop);
  }
  return doublings > MAX_DOUBLINGS ? undefined : 1 + ambiguousLoops.size;
}

function hasGroup(node: RegexNode): boolean {
  switch (node.kind) {
    case "group":
      return true;
    case "sequence":
      return node.items.some(hasGroup);
    case "choice":
      return node.branches.some(hasGroup);
    case "repeat":
      return hasGroup(node.body);
    default:
      return false;
  }
}

/** Whether a match of the node may leave out one of its groups. */
function mayLeaveOutGroup(node: RegexNode): boolean {
  switch (node.kind) {
    case "group":
      return mayLeaveOutGroup(node.body);
    case "sequence":
      return node.items.some(mayLeaveOutGroup);
    case "choice":
      return node.branches.some(hasGroup);
    case "repeat":
      return node.min === 0 ? hasGroup(node.body) : mayLeaveOutGroup(node.body);
    default:
      return false;
  }
}

function iterationsAgree(node: RegexNode): boolean {
  switch (node.kind) {
    case "group":
      return iterationsAgree(node.body);
    case "sequence":
      return node.items.every(iterationsAgree);
    case "choice":
      return node.branches.every(iterationsAgree);
    case "repeat":
      if (node.max > 1 && (isNullable(node.body) || mayLeaveOutGroup(node.body))) return false;
      return iterationsAgree(node.body);
    default:
      return true;
  }
}

/** The sets of the bytes every match of a node starts with; `isAll` if no match has more or fewer bytes. */
interface Prefix {
  readonly sets: readonly ByteSet[];
  readonly isAll: boolean;
}

function prefixOf(node: RegexNode): Prefix {
  switch (node.kind) {
    case "bytes":
      return { sets: [node.set], isAll: true };
    case "group":
      return prefixOf(node.body);
    case "sequence": {
      const sets: ByteSet[] = [];
      for (const item of node.items) {
        const prefix = prefixOf(item);
        sets.push(...prefix.sets);
        if (!prefix.isAll || sets.length > MAX_PREFIX) return { sets, isAll: false };
      }
      return { sets, isAll: true };
    }
    case "choice": {
      const prefixes = node.branches.map(prefixOf);
      const length = Math.min(...prefixes.map((p) => p.sets.length));
      const sets = Array.from({ length }, (_, i) => byteSet(prefixes.flatMap((p) => p.sets[i]!)));
      return { sets, isAll: prefixes.every((p) => p.isAll && p.sets.length === length) };
    }
    case "repeat": {
      if (node.min === 0) return { sets: [], isAll: node.max === 0 };
      const body = prefixOf(node.body);
      const isFixed = body.isAll && node.min === node.max && node.min * body.sets.length <= MAX_PREFIX;
      return isFixed
        ? { sets: Array.from({ length: node.min }, () => body.sets).flat(), isAll: true }
        : { sets: body.sets, isAll: false };
    }
    case "begin":
    case "end":
      return { sets: [], isAll: true };
  }
}

function isExclusive(a: Prefix, b: Prefix): boolean {
  if (a.isAll && b.isAll && a.sets.length === b.sets.length) return true;
  return a.sets.some((set, i) => i < b.sets.length && !intersect(set, b.sets[i]!));
}

function searchesAgree(node: RegexNode): boolean {
  switch (node.kind) {
    case "group":
    case "repeat":
      return searchesAgree(node.body);
    case "sequence":
      return node.items.every(searchesAgree);
    case "choice": {
      const prefixes = node.branches.map(prefixOf);
      return prefixes.every((a, i) => prefixes.slice(0, i).every((b) => isExclusive(a, b))) &&
        node.branches.every(searchesAgree);
    }
    default:
      return true;
  }
}

function byteSource(code: number): string {
  const c = String.fromCharCode(code);
  return /[A-Za-z0-9_ ]/.test(c) ? c : `\\x${code.toString(16).padStart(2, "0")}`;
}

function setSource(set: ByteSet): string {
  if (set.length === 2 && set[0] === set[1]) return byteSource(set[0]!);
  let ranges = "";
  for (let i = 0; i < set.length; i += 2) {
    const from = byteSource(set[i]!);
    ranges += set[i] === set[i + 1] ? from : `${from}-${byteSource(set[i + 1]!)}`;
  }
  return `[${ranges}]`;
}

function sourceOf(node: RegexNode): string {
  switch (node.kind) {
    case "bytes":
      return setSource(node.set);
    case "group":
      return `(${sourceOf(node.body)})`;
    case "sequence":
      return node.items.map(sourceOf).join("");
    case "choice":
      return node.branches.map(sourceOf).join("|");
    case "repeat": {
      const body = node.body.kind === "repeat" ? `(?:${sourceOf(node.body)})` : sourceOf(node.body);
      const { min, max } = node;
      if (min === 0 && max === 1) return isNullable(node.body) ? `(?:${body}|)` : `${body}?`;
      if (max === Infinity) return body + (min === 0 ? "*" : min === 1 ? "+" : `{${min},}`);
      return `${body}{${min},${max}}`;
    }
    case "begin":
      return "^";
    case "end":
      return "$";
  }
}

/** Returns the translation of a pattern, or undefined if the JavaScript engine can't be trusted with it. */
export function translateRegex(regex: ParsedRegex): NativeRegex | undefined {
  if (regex.stateCount > MAX_STATES || !iterationsAgree(regex.root)) return undefined;
  const degree = degreeOf(regex.root);
  if (degree === undefined) return undefined;
  return { source: sourceOf(regex.root), canSearch: searchesAgree(regex.root), degree };
}
