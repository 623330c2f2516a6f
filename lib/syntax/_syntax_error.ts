/**
 * Works out the message and position of a syntax error, as Bison would have given them.
 *
 * When the parser gives up, the text is read once more by an automaton that does nothing but recognise. So the
 * parser can be written for speed, and messages need no care there. It must hold that both refuse the same texts, and
 * that errors of other kinds which come before the syntax error have been thrown by the parser.
 */
import { nixGrammar, type Rule } from "./_grammar.ts";
import { buildTables, ERROR, type State } from "./_lalr.ts";
import { T, TOKEN_NAMES } from "./_tokens.ts";
import { ParseError } from "./errors.ts";
import { Lexer } from "./lexer.ts";
import type { Source } from "./positions.ts";

/** What the parser throws, without a stack trace, where the text is not grammatical. */
export const SYNTAX_ERROR = { kind: "syntax error" };

let automaton: { readonly rules: readonly Rule[]; readonly states: readonly State[] } | undefined;

/**
 * Returns the error of `source`, which is known to hold one; `bytes` are its text.
 *
 * @throws {Error} when it holds none: then the parser proper is wrong.
 */
export function syntaxError(
  source: Source,
  bytes: Uint8Array,
  features: { readonly pipeOperators: boolean },
): ParseError {
  const error = recognise(source, { bytes, features });
  if (error === undefined) throw new Error("The parser refuses what the grammar accepts");
  return error;
}

/** What {@link recognise} reads. */
interface Recognition {
  readonly bytes: Uint8Array;
  readonly features: { readonly pipeOperators: boolean };
  /** Is told of every rule of the grammar as it is complete, by its number. */
  readonly onRule?: (rule: number) => void;
}

/** Returns the error of `source`; undefined if it is grammatical. */
export function recognise(source: Source, { bytes, features, onRule }: Recognition): ParseError | undefined {
  if (automaton === undefined) {
    const grammar = nixGrammar();
    automaton = { rules: grammar.rules, states: buildTables(grammar) };
  }
  const { rules, states } = automaton;
  const tokens = new TokenStream(new Lexer(source, bytes, features));
  try {
    const stack = [0];
    let token = -1;
    for (;;) {
      const state = states[stack[stack.length - 1]];
      let action: number | undefined;
      if (state.actions.size !== 0) {
        if (token < 0) token = tokens.next();
        action = state.actions.get(token);
      }
      action ??= state.defaultRule < 0 ? ERROR : -1 - state.defaultRule;
      if (action === ERROR) {
        const pos = source.base + (token === T.Eof ? tokens.stop : tokens.start);
        return new ParseError(message(state, token), pos);
      }
      if (action >= 0) {
        if (token === T.Eof) return undefined;
        stack.push(action);
        token = -1;
        continue;
      }
      const rule = rules[-1 - action];
      onRule?.(-1 - action);
      stack.length -= rule.right.length;
      stack.push(states[stack[stack.length - 1]].goto.get(rule.left)!);
    }
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}

/** Bison lists what was expected only if that is four tokens or fewer. */
function message(state: State, token: number): string {
  const expected = [...state.actions].filter(([, action]) => action !== ERROR).map(([expectable]) => expectable);
  const names = expected.sort((a, b) => a - b).map((expectable) => TOKEN_NAMES[expectable]);
  const expecting = names.length === 0 || names.length > 4 ? "" : `, expecting ${names.join(" or ")}`;
  return `syntax error, unexpected ${TOKEN_NAMES[token]}${expecting}`;
}

const Mode = { Initial: 0, Default: 1, String: 2, IndString: 3, Path: 4, PathSlash: 5 } as const;

/** All tokens of a text, in every mode; what the parser gets by asking the scanner for strings and paths. */
class TokenStream {
  /** Byte offsets of the current token. */
  start = 0;
  stop = 0;
  readonly #lexer: Lexer;
  readonly #modes: number[] = [Mode.Initial];
  /** Where the token before began. */
  #before = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  /**
   * Scans and returns the next token.
   *
   * @throws {ParseError} when there is an error in the token itself.
   */
  next(): number {
    switch (this.#modes.at(-1)) {
      case Mode.String:
        return this.#inString();
      case Mode.IndString:
        return this.#inIndString();
      case Mode.Path:
      case Mode.PathSlash:
        return this.#inPath();
      default:
        return this.#plain();
    }
  }

  #token(token: number, start: number, stop: number): number {
    this.#before = this.start;
    this.start = start;
    this.stop = stop;
    this.#lexer.stop = stop;
    return token;
  }

  #end(): number {
    // A NUL, or half of an escape, may stand for the end.
    return this.#token(T.Eof, this.#lexer.stop, this.#lexer.end);
  }

  #plain(): number {
    const lexer = this.#lexer;
    const modes = this.#modes;
    const from = lexer.stop;
    const token = lexer.next();
    switch (token) {
      case T.Error:
        throw lexer.lexError;
      case T.Eof:
        // The end keeps the place of what was before; see #inPath for when that isn't the end of the text.
        if (lexer.start >= lexer.end && from === lexer.end) return token;
        break;
      case T.DollarCurly:
      case T.LBrace:
        modes.push(Mode.Default);
        break;
      case T.RBrace:
        if (modes.at(-1) !== Mode.Initial) modes.pop();
        break;
      case T.Quote:
        modes.push(Mode.String);
        break;
      case T.IndOpen:
        modes.push(Mode.IndString);
        break;
      case T.Path:
      case T.HPath:
        modes.push(lexer.bytes[lexer.stop - 1] === 47 ? Mode.PathSlash : Mode.Path);
    }
    return this.#token(token, lexer.start, lexer.stop);
  }

  #inString(): number {
    const { bytes, stop: p, end } = this.#lexer;
    const q = this.#lexer.scanString(p);
    if (q > p) return this.#token(T.Str, p, q);
    if (p < end && bytes[p] === 34) {
      this.#modes.pop();
      return this.#token(T.Quote, p, p + 1);
    }
    return p + 1 < end && bytes[p] === 36 && bytes[p + 1] === 123 ? this.#dollarCurly(p) : this.#end();
  }

  #dollarCurly(p: number): number {
    this.#modes.push(Mode.Default);
    return this.#token(T.DollarCurly, p, p + 2);
  }

  #inIndString(): number {
    const { bytes, stop: p, end } = this.#lexer;
    const q = this.#lexer.scanIndString(p);
    if (q > p) return this.#token(T.IndStr, p, q);
    if (p >= end) return this.#end();
    if (bytes[p] === 36 && bytes[p + 1] === 123) return this.#dollarCurly(p);
    const behind = this.#lexer.scanIndEscape(p);
    if (behind > p) return this.#token(T.IndStr, p, behind);
    this.#modes.pop();
    return this.#token(T.IndClose, p, p + 2);
  }

  #inPath(): number {
    const lexer = this.#lexer;
    const { bytes, stop: p, end } = lexer;
    const modes = this.#modes;
    if (bytes[p] === 36 && bytes[p + 1] === 123) {
      modes[modes.length - 1] = Mode.Path;
      return this.#dollarCurly(p);
    }
    const q = lexer.scanPathPart(p);
    if (q > p) {
      modes[modes.length - 1] = bytes[q - 1] === 47 ? Mode.PathSlash : Mode.Path;
      return this.#token(T.Str, p, q);
    }
    if (modes.pop() === Mode.PathSlash) {
      throw new ParseError("path has a trailing slash", lexer.base + (p >= end ? this.start : p));
    }
    // The end of a path has the place of the path's last piece; at the end of the text, that of the token before it,
    // which the end of file then inherits.
    if (p >= end) {
      this.stop = this.start;
      this.start = this.#before;
    }
    return T.PathEnd;
  }
}
