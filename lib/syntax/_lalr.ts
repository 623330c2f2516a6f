/**
 * LALR(1) tables with Bison's default reductions, made at run time.
 *
 * Only a syntax error needs them, and then once. The look-ahead sets follow DeRemer and Pennello (1982); which
 * reduction becomes the default of a state follows Bison 3 (`parse.error detailed`, no LAC): it decides how far the
 * parser reduces before it notices a bad token, and so what is "expected".
 */
import type { Grammar } from "./_grammar.ts";

/** The action of a state on a token: shift to a state (0 or more), reduce by rule `-1 - action`, or {@link ERROR}. */
export type Action = number;

/** What {@link Action} is for a token that a non-associative operator forbids. */
export const ERROR: Action = -1000000;

/** One state of the automaton. */
export interface State {
  /** By token; tokens that are not in it take the default. When empty, the state doesn't look ahead at all. */
  readonly actions: ReadonlyMap<number, Action>;
  /** The rule to reduce by otherwise; -1 when there is none. */
  readonly defaultRule: number;
  /** By non-terminal. */
  readonly goto: ReadonlyMap<number, number>;
}

interface Core {
  /** Items: rule * 16 + position of the dot. */
  readonly kernel: readonly number[];
  readonly transitions: Map<number, number>;
  /** Rules that are complete here, in order. */
  readonly complete: number[];
}

/** A set of up to 62 tokens. */
class TokenSet {
  lo = 0;
  hi = 0;
  add(token: number): void {
    if (token < 31) this.lo |= 1 << token;
    else this.hi |= 1 << (token - 31);
  }
  has(token: number): boolean {
    return ((token < 31 ? this.lo >> token : this.hi >> (token - 31)) & 1) !== 0;
  }
  /** Returns whether that changed the set. */
  addAll(other: TokenSet): boolean {
    const { lo, hi } = this;
    this.lo |= other.lo;
    this.hi |= other.hi;
    return this.lo !== lo || this.hi !== hi;
  }
}

/** Returns the states for `grammar`; 0 is the first. A state that shifts end of file by rule 0 accepts. */
export function buildTables(grammar: Grammar): State[] {
  const cores = buildCores(grammar);
  const lookaheads = buildLookaheads(grammar, cores);
  return cores.map((core, index) => buildState(grammar, core, lookaheads[index]));
}

function buildCores({ rules, tokenCount, symbolCount }: Grammar): Core[] {
  const rulesOf: number[][] = Array.from({ length: symbolCount }, () => []);
  rules.forEach((rule, index) => rulesOf[rule.left].push(index));
  const byKernel = new Map<string, number>();
  const cores: Core[] = [];
  const stateOf = (kernel: number[]): number => {
    const key = kernel.sort((a, b) => a - b).join();
    let state = byKernel.get(key);
    if (state === undefined) {
      byKernel.set(key, state = cores.length);
      cores.push({ kernel, transitions: new Map(), complete: [] });
    }
    return state;
  };
  stateOf([0]);
  for (const core of cores) { // grows
    const items = [...core.kernel];
    const closed = new Set<number>();
    const next = new Map<number, number[]>();
    for (const item of items) { // grows
      const rule = item >> 4;
      const symbol = rules[rule].right[item & 15];
      if (symbol === undefined) {
        core.complete.push(rule);
        continue;
      }
      const kernel = next.get(symbol);
      if (kernel === undefined) next.set(symbol, [item + 1]);
      else kernel.push(item + 1);
      if (symbol >= tokenCount && !closed.has(symbol)) {
        closed.add(symbol);
        for (const r of rulesOf[symbol]) items.push(r << 4);
      }
    }
    core.complete.sort((a, b) => a - b);
    for (const [symbol, kernel] of next) core.transitions.set(symbol, stateOf(kernel));
  }
  return cores;
}

/** Returns, per state and complete rule, the tokens that may follow. */
function buildLookaheads(grammar: Grammar, cores: readonly Core[]): Map<number, TokenSet>[] {
  const { rules, tokenCount } = grammar;
  const nullable = nullableSymbols(grammar);
  // What may follow non-terminal A where it was reduced in state p; keyed by both.
  const follows = new Map<number, TokenSet>();
  const includes: [TokenSet, TokenSet][] = [];
  const key = (state: number, symbol: number): number => state * 256 + symbol;
  const follow = (state: number, symbol: number): TokenSet => {
    const k = key(state, symbol);
    let set = follows.get(k);
    if (set === undefined) follows.set(k, set = new TokenSet());
    return set;
  };
  const lookaheads = cores.map((core) => new Map(core.complete.map((rule) => [rule, new TokenSet()])));
  const lookbacks: [TokenSet, TokenSet][] = [];

  cores.forEach((core, p) => {
    for (const [symbol, r] of core.transitions) {
      if (symbol < tokenCount) continue;
      const set = follow(p, symbol);
      for (const next of cores[r].transitions.keys()) {
        if (next < tokenCount) set.add(next);
        else if (nullable.has(next)) includes.push([set, follow(r, next)]);
      }
      rules.forEach((rule, index) => {
        if (rule.left !== symbol) return;
        let state = p;
        rule.right.forEach((part, i) => {
          if (part >= tokenCount && rule.right.slice(i + 1).every((s) => nullable.has(s))) {
            includes.push([follow(state, part), set]);
          }
          state = cores[state].transitions.get(part)!;
        });
        lookbacks.push([lookaheads[state].get(index)!, set]);
      });
    }
  });

  for (let changed = true; changed;) {
    changed = false;
    for (const [to, from] of includes) if (to.addAll(from)) changed = true;
  }
  for (const [to, from] of lookbacks) to.addAll(from);
  return lookaheads;
}

function nullableSymbols({ rules }: Grammar): Set<number> {
  const nullable = new Set<number>();
  for (let size = -1; size !== nullable.size;) {
    size = nullable.size;
    for (const { left, right } of rules) if (right.every((s) => nullable.has(s))) nullable.add(left);
  }
  return nullable;
}

function buildState(grammar: Grammar, core: Core, lookaheads: ReadonlyMap<number, TokenSet>): State {
  const { tokenCount, rules, precedence, associativity } = grammar;
  const goto = new Map<number, number>();
  const shifts = new Map<number, Action>();
  for (const [symbol, state] of core.transitions) (symbol < tokenCount ? shifts : goto).set(symbol, state);
  const { complete } = core;
  if (complete.length === 1 && shifts.size === 0) return { actions: new Map(), defaultRule: complete[0], goto };

  const actions = new Map<number, Action>();
  for (let token = 0; token < tokenCount; token++) {
    let action = shifts.get(token);
    // The first of several rules wins (there are none in Nix); a shift wins unless precedences say otherwise.
    for (const rule of complete) {
      if (!lookaheads.get(rule)!.has(token)) continue;
      if (action === undefined) action = -1 - rule;
      else if (action >= 0 && precedence[token] !== 0 && rules[rule].precedence !== 0) {
        const difference = precedence[token] - rules[rule].precedence;
        if (difference < 0 || (difference === 0 && associativity[token] === "left")) action = -1 - rule;
        else if (difference === 0 && associativity[token] === "none") action = ERROR;
      }
    }
    if (action !== undefined) actions.set(token, action);
  }

  // The most frequent reduction, the first of equals.
  let defaultRule = -1;
  let max = 0;
  for (const rule of complete) {
    let count = 0;
    for (const action of actions.values()) if (action === -1 - rule) count++;
    if (count > max) {
      max = count;
      defaultRule = rule;
    }
  }
  for (const [token, action] of [...actions]) {
    if (action === (defaultRule >= 0 ? -1 - defaultRule : ERROR)) actions.delete(token);
  }
  return { actions, defaultRule, goto };
}
