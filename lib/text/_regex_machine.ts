// Matches a parsed pattern exactly as libstdc++'s backtracking executor would, in time and memory linear in
// states * text length.
//
// The executor walks an automaton depth first. A repetition tries its body and leaves only if the body led to no match;
// an alternative tries *both* branches and keeps the longer match, the left one if they are equally long. A group
// keeps what an earlier iteration captured. A repetition may be entered twice at the same offset, not three times: the
// second time gives its groups a last, empty iteration ("(a*)+" on "aa" captures "").
//
// Two things make that linear. First, the count of entries is made part of the state ("expanded" below) for
// repetitions whose body can be empty; for others it never matters. What can still happen then depends only on state
// and offset, so each pair is explored once. Second, the choice needs no captures: they are collected afterwards on
// the path that won.
//
// A whole match always ends at the end of the text, so there the first match found is the longest one, and the same
// holds for searches in patterns without alternatives. These use a plain depth-first search that remembers failed
// pairs. Only the others compute the end offset for every pair.

import { type ByteSet, byteTable } from "./_byte_set.ts";
import { isNullable, type RegexNode, type RegexRepeat } from "./_regex_syntax.ts";

const BYTES = 0;
const OPEN = 1;
const CLOSE = 2;
const BEGIN = 3;
const FINISH = 4;
const CHOICE = 5;
const REPEAT = 6;
const ACCEPT = 7;

/** Start and end offsets of the match and its groups, two per group; -1 for a group that took no part. */
export type Captures = Int32Array;

/** More states than anything but a pattern made to be slow needs. */
const STATE_LIMIT = 200_000;

interface State {
  readonly op: number;
  /** Index into the sets for BYTES, the slot for OPEN and CLOSE, the counter or -1 for REPEAT. */
  readonly argument: number;
  next: number;
  /** CHOICE: the left branch. REPEAT: the body. */
  alt: number;
}

/** Builds the automaton back to front: every function gets the state to go to and returns the one to start from. */
class Builder {
  readonly states: State[] = [];
  readonly sets: ByteSet[] = [];
  /** How many repetitions have a body that can be empty. */
  counterCount = 0;

  add(op: number, argument: number, next: number, alt = -1): number {
    return this.states.push({ op, argument, next, alt }) - 1;
  }

  build(node: RegexNode, next: number): number {
    switch (node.kind) {
      case "bytes": {
        let index = this.sets.indexOf(node.set);
        if (index < 0) index = this.sets.push(node.set) - 1;
        return this.add(BYTES, index, next);
      }
      case "group": {
        const close = this.add(CLOSE, 2 * node.index + 1, next);
        return this.add(OPEN, 2 * node.index, this.build(node.body, close));
      }
      case "sequence":
        for (let i = node.items.length - 1; i >= 0; i--) next = this.build(node.items[i]!, next);
        return next;
      case "choice": {
        const starts = node.branches.map((branch) => this.build(branch, next));
        let start = starts[starts.length - 1]!;
        for (let i = starts.length - 2; i >= 0; i--) start = this.add(CHOICE, 0, start, starts[i]);
        return start;
      }
      case "repeat":
        return this.#buildRepeat(node, next);
      case "begin":
        return this.add(BEGIN, 0, next);
      case "end":
        return this.add(FINISH, 0, next);
    }
  }

  #addRepeat(body: RegexNode, next: number): number {
    return this.add(REPEAT, isNullable(body) ? this.counterCount++ : -1, next);
  }

  #buildRepeat({ body, min, max, entersLoop }: RegexRepeat, next: number): number {
    let start = next;
    if (max === Infinity) {
      start = this.#addRepeat(body, next);
      const entry = this.states[start]!.alt = this.build(body, start);
      if (entersLoop) return entry;
    } else {
      for (let i = min; i < max; i++) {
        const optional = this.#addRepeat(body, next);
        this.states[optional]!.alt = this.build(body, start);
        start = optional;
      }
    }
    for (let i = 0; i < min; i++) start = this.build(body, start);
    return start;
  }
}

/** A transition that hasn't been needed yet. */
const UNRESOLVED = -2;
const NOWHERE = -1;

/**
 * The automaton. Where entry counts matter its states are made as a search gets to them: all of them can be very many,
 * but a search that libstdc++ finishes visits few.
 */
export class RegexMachine {
  readonly ops: number[] = [];
  readonly next: number[] = [];
  readonly alt: number[] = [];
  readonly argument: number[] = [];
  /** CHOICE and REPEAT states are numbered for the tables of explored pairs. */
  readonly branch: number[] = [];
  branchCount = 0;
  readonly sets: readonly Uint8Array[];
  readonly start: number;
  readonly slotCount: number;
  readonly #states: readonly State[];
  readonly #counterCount: number;
  /** For each state here its origin among #states and the entry counts it stands for. */
  readonly #origins: { readonly state: number; readonly counts: readonly number[] }[] = [];
  readonly #ids = new Map<string, number>();
  readonly #reachable: (readonly boolean[] | undefined)[] = [];
  readonly #tooLarge: () => Error;
  readonly #hasChoice: boolean;
  /** The bytes a match can start with; undefined if it can be empty. */
  readonly #first: Uint8Array | undefined;

  /** Searches throw what `tooLarge` returns if too many states would be needed. */
  constructor(root: RegexNode, groupCount: number, tooLarge: () => Error) {
    const builder = new Builder();
    const start = builder.build(root, builder.add(ACCEPT, 0, NOWHERE));
    this.#states = builder.states;
    this.#counterCount = builder.counterCount;
    this.#tooLarge = tooLarge;
    this.sets = builder.sets.map(byteTable);
    this.slotCount = 2 * groupCount + 2;
    this.#hasChoice = builder.states.some((s) => s.op === CHOICE);
    this.#first = isNullable(root) ? undefined : this.#firstBytes(start);
    if (this.#counterCount > 0) this.start = this.#idOf(start, new Array(this.#counterCount).fill(0));
    else {
      this.start = start;
      for (const { op, argument, next, alt } of builder.states) this.#push(op, argument, next, alt);
    }
  }

  #push(op: number, argument: number, next: number, alt: number): void {
    this.ops.push(op);
    this.argument.push(argument);
    this.next.push(next);
    this.alt.push(alt);
    this.branch.push(op === CHOICE || op === REPEAT ? this.branchCount++ : -1);
  }

  #idOf(state: number, counts: readonly number[]): number {
    const reachable = this.#reachable[state] ??= this.#reachableCounters(state);
    const relevant = counts.map((count, counter) => reachable[counter] ? count : 0);
    const key = `${state}:${relevant}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.ops.length;
      if (id >= STATE_LIMIT) throw this.#tooLarge();
      const { op, argument } = this.#states[state]!;
      this.#ids.set(key, id);
      this.#origins.push({ state, counts: relevant });
      this.#push(op, argument, UNRESOLVED, UNRESOLVED);
    }
    return id;
  }

  /** The counters that can be looked at before a byte is consumed. */
  #reachableCounters(start: number): boolean[] {
    const counters: boolean[] = new Array(this.#counterCount).fill(false);
    const seen = new Set([NOWHERE]);
    const pending = [start];
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (seen.has(state)) continue;
      seen.add(state);
      const { op, argument, next, alt } = this.#states[state]!;
      if (op === BYTES) continue;
      if (op === REPEAT && argument >= 0) counters[argument] = true;
      pending.push(next, alt);
    }
    return counters;
  }

  /** Fills in the transitions of a state whose `next` is unresolved. */
  resolve(id: number): void {
    const { state, counts } = this.#origins[id]!;
    const { op, argument, next, alt } = this.#states[state]!;
    this.next[id] = next < 0
      ? NOWHERE
      : this.#idOf(next, op === BYTES ? new Array(this.#counterCount).fill(0) : counts);
    if (alt < 0) this.alt[id] = NOWHERE;
    else if (op !== REPEAT || argument < 0) this.alt[id] = this.#idOf(alt, counts);
    else if (counts[argument]! >= 2) this.alt[id] = NOWHERE;
    else this.alt[id] = this.#idOf(alt, counts.with(argument, counts[argument]! + 1));
  }

  #firstBytes(start: number): Uint8Array {
    const first = new Uint8Array(256);
    const seen = new Set([NOWHERE]);
    const pending = [start];
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (seen.has(state)) continue;
      seen.add(state);
      const { op, argument, next, alt } = this.#states[state]!;
      if (op === BYTES) this.sets[argument]!.forEach((flag, code) => first[code]! |= flag);
      else pending.push(next, alt);
    }
    return first;
  }

  /** Returns the captures of a match of the whole text, or undefined. */
  matchWhole(text: string): Captures | undefined {
    return new FirstSearch(this, text, true).matchAt(0, -1);
  }

  /** Returns every match in the text that std::regex_iterator visits, in order. */
  findAll(text: string): Captures[] {
    const search = this.#hasChoice ? new LongestSearch(this, text) : new FirstSearch(this, text, false);
    const matches: Captures[] = [];
    const find = (from: number) => {
      for (let at = from; at <= text.length; at++) {
        if (this.#first !== undefined && !this.#first[text.charCodeAt(at)]) continue;
        const match = search.matchAt(at, -1);
        if (match !== undefined) return match;
      }
    };
    for (let match = find(0); match !== undefined;) {
      matches.push(match);
      const end: number = match[1]!;
      if (end > match[0]!) match = find(end);
      // After an empty match: a match at the same place that isn't empty, or any later one.
      else match = search.matchAt(end, end) ?? find(end + 1);
    }
    return matches;
  }
}

/** Finds the match the executor would from a given offset. Offsets asked for must not decrease. */
interface RegexSearch {
  /** The match starting at `at`, or undefined; one that ends at `forbidden` doesn't count. */
  matchAt(at: number, forbidden: number): Captures | undefined;
}

/** Depth-first search for the first match; remembers the pairs of branching state and offset that led to none. */
class FirstSearch implements RegexSearch {
  readonly #machine: RegexMachine;
  readonly #text: string;
  readonly #whole: boolean;
  /** One bit per offset, `stride` words per branch. */
  #explored: Uint32Array;
  readonly #stride: number;

  constructor(machine: RegexMachine, text: string, whole: boolean) {
    this.#machine = machine;
    this.#text = text;
    this.#whole = whole;
    this.#stride = (text.length >>> 5) + 1;
    this.#explored = new Uint32Array(machine.branchCount * this.#stride);
  }

  /** Marks a pair; false if it was marked already. */
  #explore(branch: number, offset: number): boolean {
    const word = branch * this.#stride + (offset >>> 5);
    if (word >= this.#explored.length) {
      const larger = new Uint32Array(2 * this.#machine.branchCount * this.#stride);
      larger.set(this.#explored);
      this.#explored = larger;
    }
    const bit = 1 << (offset & 31);
    const isNew = (this.#explored[word]! & bit) === 0;
    this.#explored[word]! |= bit;
    return isNew;
  }

  /** What holds at `at` need not hold for another `forbidden`, and pairs on the path of a match aren't failed ones. */
  #forget(at: number): void {
    const mask = ~(1 << (at & 31));
    for (let word = at >>> 5; word < this.#explored.length; word += this.#stride) this.#explored[word]! &= mask;
  }

  matchAt(at: number, forbidden: number): Captures | undefined {
    const machine = this.#machine;
    const { ops, next, alt, argument, sets, branch, start, slotCount } = machine;
    const text = this.#text;
    const captures = new Int32Array(slotCount).fill(-1);
    // Pairs: a state and the offset to resume it at, or the complement of a slot and its former value.
    const stack: number[] = [];
    if (forbidden >= 0) this.#forget(forbidden);
    let state = start;
    let offset = at;
    for (;;) {
      if (next[state] === UNRESOLVED) machine.resolve(state);
      const op = ops[state]!;
      if (op === BYTES) {
        if (offset < text.length && sets[argument[state]!]![text.charCodeAt(offset)] === 1) {
          offset++;
          state = next[state]!;
          continue;
        }
      } else if (op === CHOICE || op === REPEAT) {
        if (this.#explore(branch[state]!, offset)) {
          if (alt[state]! < 0) state = next[state]!;
          else {
            stack.push(next[state]!, offset);
            state = alt[state]!;
          }
          continue;
        }
      } else if (op === OPEN || op === CLOSE) {
        const slot = argument[state]!;
        stack.push(~slot, captures[slot]!);
        captures[slot] = offset;
        state = next[state]!;
        continue;
      } else if (op === BEGIN ? offset === 0 : op === FINISH && offset === text.length) {
        state = next[state]!;
        continue;
      } else if (op === ACCEPT && offset !== forbidden && (!this.#whole || offset === text.length)) {
        captures[0] = at;
        captures[1] = offset;
        this.#forget(offset);
        return captures;
      }
      for (;;) {
        if (stack.length === 0) return undefined;
        offset = stack.pop()!;
        state = stack.pop()!;
        if (state >= 0) break;
        captures[~state] = offset;
      }
    }
  }
}

const UNKNOWN = 0;
const NO_MATCH = -1;
/** The first child of a branching state hasn't been evaluated yet. */
const PENDING = -2;

/** Computes the end of the longest match for every pair it meets, then walks the path that leads to it. */
class LongestSearch implements RegexSearch {
  readonly #machine: RegexMachine;
  readonly #text: string;
  /** End offset + 2, NO_MATCH + 2, or UNKNOWN; by branch, then by offset. */
  #ends: Int32Array;
  readonly #stride: number;
  #forbidden = -1;

  constructor(machine: RegexMachine, text: string) {
    this.#machine = machine;
    this.#text = text;
    this.#stride = text.length + 1;
    this.#ends = new Int32Array(machine.branchCount * this.#stride);
  }

  #setEnd(branch: number, offset: number, end: number): void {
    const index = branch * this.#stride + offset;
    if (index >= this.#ends.length) {
      const larger = new Int32Array(2 * this.#machine.branchCount * this.#stride);
      larger.set(this.#ends);
      this.#ends = larger;
    }
    this.#ends[index] = end + 2;
  }

  matchAt(at: number, forbidden: number): Captures | undefined {
    this.#forbidden = forbidden;
    const { ops, next, alt, argument, start, slotCount } = this.#machine;
    if (forbidden >= 0) {
      for (let i = forbidden; i < this.#ends.length; i += this.#stride) this.#ends[i] = UNKNOWN;
    }
    const end = this.#longestFrom(start, at);
    if (end === NO_MATCH) return undefined;
    const captures = new Int32Array(slotCount).fill(-1);
    captures[0] = at;
    captures[1] = end;
    let offset = at;
    for (let state = start; ops[state] !== ACCEPT;) {
      const op = ops[state]!;
      if (op === CHOICE || op === REPEAT) {
        const first = alt[state]! < 0 ? NO_MATCH : this.#longestFrom(alt[state]!, offset);
        const takesFirst = first !== NO_MATCH && (op === REPEAT || first >= this.#longestFrom(next[state]!, offset));
        state = takesFirst ? alt[state]! : next[state]!;
        continue;
      }
      if (op === BYTES) offset++;
      else if (op === OPEN || op === CLOSE) captures[argument[state]!] = offset;
      state = next[state]!;
    }
    return captures;
  }

  #longestFrom(state: number, offset: number): number {
    const machine = this.#machine;
    const { ops, next, alt, argument, sets, branch } = machine;
    const text = this.#text;
    // Triples: branching state, its offset, and the result of its first child or PENDING.
    const stack: number[] = [];
    for (;;) {
      if (next[state] === UNRESOLVED) machine.resolve(state);
      let value = NO_MATCH;
      const op = ops[state]!;
      if (op === BYTES) {
        if (offset < text.length && sets[argument[state]!]![text.charCodeAt(offset)] === 1) {
          offset++;
          state = next[state]!;
          continue;
        }
      } else if (op === CHOICE || op === REPEAT) {
        const known = this.#ends[branch[state]! * this.#stride + offset] ?? UNKNOWN;
        if (known === UNKNOWN) {
          stack.push(state, offset, PENDING);
          if (alt[state]! >= 0) {
            state = alt[state]!;
            continue;
          }
        } else value = known - 2;
      } else if (
        op === OPEN || op === CLOSE || (op === BEGIN ? offset === 0 : op === FINISH && offset === text.length)
      ) {
        state = next[state]!;
        continue;
      } else if (op === ACCEPT && offset !== this.#forbidden) value = offset;

      for (;;) {
        if (stack.length === 0) return value;
        const first = stack.pop()!;
        offset = stack.pop()!;
        state = stack.pop()!;
        if (first === PENDING && (ops[state] === CHOICE || value === NO_MATCH)) {
          stack.push(state, offset, value);
          state = next[state]!;
          break;
        }
        if (first !== PENDING && first >= value) value = first;
        this.#setEnd(branch[state]!, offset, value);
      }
    }
  }
}
