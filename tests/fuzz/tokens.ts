/**
 * Nix source as a tree of tokens, for the mutator and the shrinker.
 *
 * It is no parser: anything goes, broken programs too, and printing a tree gives back the very text it was made from.
 * Brackets, strings and interpolations are groups; unbalanced ones end with the source or stay plain tokens. Written
 * apart from the evaluator's lexer on purpose, so that a bug of that one cannot blind the fuzzer. Sources are binary
 * strings.
 */

/** What sort of token a leaf is. `text` is the inside of a string. */
export type LeafClass = "space" | "name" | "number" | "path" | "operator" | "text";

/** A token. */
export interface Leaf {
  readonly type: "leaf";
  readonly class: LeafClass;
  readonly text: string;
}

/** Tokens between an opening and a closing bracket, quote or `${ }`. `close` is empty where the source ended first. */
export interface Group {
  readonly type: "group";
  readonly open: string;
  readonly close: string;
  readonly children: readonly Node[];
}

export type Node = Leaf | Group;

const SPACE = /(?:[ \t\r\n]+|#[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)+/y;
const PATH = /(?:~|[a-zA-Z0-9._+-]*)(?:\/[a-zA-Z0-9._+-]+)+\/?|<[a-zA-Z0-9._+-]+(?:\/[a-zA-Z0-9._+-]+)*>/y;
const NUMBER = /(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const NAME = /[a-zA-Z_][a-zA-Z0-9_'-]*/y;
const OPERATOR = /\.\.\.|==|!=|<=|>=|&&|\|\||->|\/\/|\+\+|<\||\|>|[^]/y;
const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "${": "}" };

/** Returns the tree of a source. */
export function parseTree(source: string): Node[] {
  return new TreeReader(source).code("");
}

/** Returns the text of nodes, exactly as it was read. */
export function printTree(nodes: readonly Node[]): string {
  let out = "";
  for (const node of nodes) out += node.type === "leaf" ? node.text : node.open + printTree(node.children) + node.close;
  return out;
}

class TreeReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Reads tokens up to `close`, which stays unread; "" reads to the end and takes stray closers for tokens. */
  code(close: string): Node[] {
    const nodes: Node[] = [];
    while (this.#at < this.#source.length) {
      if (close !== "" && this.#source.startsWith(close, this.#at)) break;
      nodes.push(this.#node());
    }
    return nodes;
  }

  #node(): Node {
    const source = this.#source;
    if (source.startsWith("''", this.#at)) return this.#string("''");
    if (source[this.#at] === '"') return this.#string('"');
    const open = source.startsWith("${", this.#at) ? "${" : source[this.#at];
    const close = CLOSERS[open];
    if (close !== undefined) {
      this.#at += open.length;
      const children = this.code(close);
      return { type: "group", open, children, close: this.#closing(close) };
    }
    return this.#match(SPACE, "space") ?? this.#match(PATH, "path") ?? this.#match(NUMBER, "number") ??
      this.#match(NAME, "name") ?? this.#match(OPERATOR, "operator")!;
  }

  #match(pattern: RegExp, leaf: LeafClass): Leaf | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return { type: "leaf", class: leaf, text: match[0] };
  }

  #closing(close: string): string {
    if (!this.#source.startsWith(close, this.#at)) return "";
    this.#at += close.length;
    return close;
  }

  #string(quote: string): Group {
    const source = this.#source;
    this.#at += quote.length;
    const children: Node[] = [];
    let start = this.#at;
    const endText = () => {
      if (this.#at > start) children.push({ type: "leaf", class: "text", text: source.slice(start, this.#at) });
    };
    while (this.#at < source.length) {
      const escape = this.#escapeLength(quote);
      if (escape > 0) this.#at += escape;
      else if (source.startsWith(quote, this.#at)) break;
      else if (source.startsWith("${", this.#at)) {
        endText();
        children.push(this.#node());
        start = this.#at;
      } else this.#at++;
    }
    this.#at = Math.min(this.#at, source.length);
    endText();
    return { type: "group", open: quote, children, close: this.#closing(quote) };
  }

  /** Returns the length of the escape at the current place of a string, or 0. */
  #escapeLength(quote: string): number {
    const source = this.#source, at = this.#at;
    if (quote === '"') return source[at] === "\\" ? 2 : source.startsWith("$${", at) ? 2 : 0;
    if (source.startsWith("'''", at)) return 3;
    if (source.startsWith("''$", at)) return 3;
    if (source.startsWith("''\\", at)) return 4;
    return source.startsWith("$${", at) ? 2 : 0;
  }
}
