// POSIX extended regular expressions on binary strings, as `builtins.match` and `builtins.split` of C++ Nix 2.34 have
// them from libstdc++: which patterns are valid, which match is found and what its groups hold.
//
// A pattern runs on the JavaScript engine where that is proven to give the same (see _regex_native.ts), on our own
// machine otherwise, which needs time linear in the length of the text for every pattern. Patterns on which C++ Nix
// runs for years ("(a*)*b" on twenty a's) get the answer it would give in the end.

import { onlyByte } from "./_byte_set.ts";
import { RegexMachine } from "./_regex_machine.ts";
import { type NativeRegex, translateRegex } from "./_regex_native.ts";
import { type ParsedRegex, parseRegex, RegexError, type RegexNode } from "./_regex_syntax.ts";

export { RegexError, type RegexErrorKind } from "./_regex_syntax.ts";

/** What a group captured; undefined if it took no part in the match. */
export type RegexGroup = string | undefined;

/** One match of a search. */
export interface RegexMatch {
  /** Offset of the match in the text. */
  readonly start: number;
  /** Offset after the match. */
  readonly end: number;
  readonly groups: readonly RegexGroup[];
}

/** Steps the JavaScript engine may need at worst before the machine is preferred; some 20 ms. */
const MAX_NATIVE_STEPS = 1 << 24;

/** The text of a pattern without operators, or undefined. */
function literalOf(root: RegexNode): string | undefined {
  const items = root.kind === "sequence" ? root.items : [root];
  let literal = "";
  for (const item of items) {
    if (item.kind !== "bytes") return undefined;
    const code = onlyByte(item.set);
    if (code < 0) return undefined;
    literal += String.fromCharCode(code);
  }
  return literal;
}

/** A compiled pattern. It may be used any number of times; compiling costs more than matching a short text. */
export class PosixRegex {
  readonly pattern: string;
  /** The number of capture groups. */
  readonly groupCount: number;
  readonly #parsed: ParsedRegex;
  readonly #literal: string | undefined;
  readonly #native: NativeRegex | undefined;
  #whole: RegExp | undefined;
  #global: RegExp | undefined;
  #machine: RegexMachine | undefined;

  /** Use {@linkcode compileRegex}. */
  constructor(pattern: string) {
    this.pattern = pattern;
    this.#parsed = parseRegex(pattern);
    this.groupCount = this.#parsed.groupCount;
    this.#literal = literalOf(this.#parsed.root);
    this.#native = this.#literal === undefined ? translateRegex(this.#parsed) : undefined;
  }

  #machineFor(): RegexMachine {
    return this.#machine ??= new RegexMachine(
      this.#parsed.root,
      this.groupCount,
      () => new RegexError("size", this.pattern),
    );
  }

  /**
   * Returns the groups of a match of the whole text, or undefined if there is none.
   *
   * @throws {RegexError} if matching would take too much memory
   */
  matchWhole(text: string): readonly RegexGroup[] | undefined {
    if (this.#literal !== undefined) return text === this.#literal ? [] : undefined;
    const native = this.#native;
    if (native !== undefined && text.length ** native.degree <= MAX_NATIVE_STEPS) {
      const match = withinStack(() => (this.#whole ??= new RegExp(`^(?:${native.source})$`)).exec(text));
      if (match !== undefined) return match === null ? undefined : match.slice(1);
    }
    const captures = this.#machineFor().matchWhole(text);
    return captures && groupsOf(text, captures);
  }

  /**
   * Returns all matches in the text in the order and by the rules of std::regex_iterator: after an empty match comes a
   * match at the same place that isn't empty, if there is one; `^` matches only at the start of the text.
   *
   * @throws {RegexError} if matching would take too much memory
   */
  findAll(text: string): readonly RegexMatch[] {
    if (this.#literal) return findLiteral(text, this.#literal);
    const native = this.#native;
    if (native?.canSearch && text.length ** (native.degree + 1) <= MAX_NATIVE_STEPS) {
      const matches = withinStack(() => findNative(text, this.#global ??= new RegExp(native.source, "g")));
      if (matches !== undefined) return matches;
    }
    return this.#machineFor().findAll(text).map((captures) => ({
      start: captures[0]!,
      end: captures[1]!,
      groups: groupsOf(text, captures),
    }));
  }
}

/** The JavaScript engine's backtracking stack is bounded and so is the size of its programs; undefined where that shows. */
function withinStack<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function groupsOf(text: string, captures: Int32Array): RegexGroup[] {
  const groups: RegexGroup[] = [];
  for (let slot = 2; slot < captures.length; slot += 2) {
    const end = captures[slot + 1]!;
    groups.push(end < 0 ? undefined : text.slice(captures[slot]!, end));
  }
  return groups;
}

function findLiteral(text: string, literal: string): RegexMatch[] {
  const matches: RegexMatch[] = [];
  for (let start = text.indexOf(literal); start >= 0; start = text.indexOf(literal, start + literal.length)) {
    matches.push({ start, end: start + literal.length, groups: [] });
  }
  return matches;
}

function findNative(text: string, regex: RegExp): RegexMatch[] {
  const matches: RegexMatch[] = [];
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const start = match.index;
    const end = start + match[0].length;
    matches.push({ start, end, groups: match.slice(1) });
    // No match at the same place that isn't empty can exist: the engine would have preferred it.
    if (start === end) regex.lastIndex = end + 1;
  }
  return matches;
}

/**
 * Compiles a pattern given as a binary string.
 *
 * @throws {RegexError} if it is malformed or too large; the message is C++ Nix's
 */
export function compileRegex(pattern: string): PosixRegex {
  return new PosixRegex(pattern);
}
