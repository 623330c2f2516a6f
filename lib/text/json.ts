// JSON as C++ Nix 2.34 reads it, which is nlohmann::json 3.11.3 on byte strings: the same values, the same error texts. The
// input is a binary string holding UTF-8. Writing is in json_text.ts.
//
// Reading is bottom-up through a builder, so that the caller makes its own values and no tree is built between; there
// is no recursion, so any nesting depth works. Values wait on one stack for the list or set they belong to, which then is
// made in its final size: arrays that grow keep room for sixteen more. Most objects of a document have the keys of
// another one, in the same order, so keys are nodes of a tree of sequences: what follows a key is what followed it last
// time, and only compared with that; and what a sequence is to the builder is worked out once. Traps:
//   - an integer literal that fits neither int64 nor uint64 becomes a float; one between 2^63 and 2^64-1 is an error
//     of Nix, not of the JSON parser; "-0" is the integer 0;
//   - a duplicate key keeps the last value: `object` gets both, in order;
//   - the text after "last read:" starts at the last string or number token, not at the offending one;
//   - columns count bytes, and the end of input counts as one.

import {
  BEGIN_ARRAY,
  BEGIN_OBJECT,
  COLON,
  COMMA,
  END,
  END_ARRAY,
  END_OBJECT,
  FAILED,
  FALSE,
  FLOAT,
  INTEGER,
  JsonLexer,
  JsonParseError,
  JsonValueError,
  MAX_INT64,
  NULL,
  STRING,
  TRUE,
  VALUE,
} from "./_json_lexer.ts";

export { JsonParseError, JsonValueError };

/** Makes values of type V, with attribute names of type K, from what the parser meets. */
export interface JsonBuilder<V, K> {
  null(): V;
  boolean(value: boolean): V;
  /** A 64-bit integer: a number while it is safe, a bigint beyond. Never -0. */
  integer(value: number | bigint): V;
  float(value: number): V;
  string(value: string): V;
  /** Takes ownership of `items`. */
  array(items: V[]): V;
  /** Called for the first of equal keys at least. */
  key(name: string): K;
  /**
   * The values of the keys, in source order, are in `stack` from `from` on; nothing but `keys` and these may be kept. The
   * last of equal keys wins.
   */
  object(keys: JsonKeys<K>, stack: readonly V[], from: number): V;
}

/** The keys of an object in source order: the same one for all objects of a document that have the same keys. */
export class JsonKeys<K> {
  /** The keys before the last; null if there are none, in which case there is no last one either. */
  readonly before: JsonKeys<K> | null;
  readonly size: number;
  /** The last key, and how it is spelt. */
  readonly key: K | undefined;
  readonly name: string;
  /** Where that stands in the text, quotes included; the length is 0 if there are escapes. */
  readonly start: number;
  readonly length: number;
  /** Anything the builder wants to remember. */
  made: unknown = null;
  /** What came after it last time. */
  last: JsonKeys<K> | null = null;
  #others: Map<string, JsonKeys<K>> | null = null;

  constructor(before: JsonKeys<K> | null, key: K | undefined, name: string, start: number, length: number) {
    this.before = before;
    this.size = before === null ? 0 : before.size + 1;
    this.key = key;
    this.name = name;
    this.start = start;
    this.length = length;
  }

  /** Returns all keys. */
  toArray(): K[] {
    const keys = new Array<K>(this.size);
    // deno-lint-ignore no-this-alias
    for (let at: JsonKeys<K> = this; at.before !== null; at = at.before) keys[at.size - 1] = at.key!;
    return keys;
  }

  /** Returns these and the string token that has just been read. */
  followedBy(lexer: JsonLexer, builder: JsonBuilder<unknown, K>): JsonKeys<K> {
    const name = lexer.string;
    const { last } = this;
    if (last === null || last.name !== name) this.last = this.#find(name) ?? this.#add(lexer, builder);
    return this.last!;
  }

  #find(name: string): JsonKeys<K> | undefined {
    if (this.last === null) return undefined;
    this.#others ??= new Map([[this.last.name, this.last]]);
    return this.#others.get(name);
  }

  #add(lexer: JsonLexer, builder: JsonBuilder<unknown, K>): JsonKeys<K> {
    const name = checked(lexer);
    const start = lexer.stringStart;
    const added = new JsonKeys(this, builder.key(name), name, start, lexer.escaped ? 0 : lexer.position - start);
    this.#others?.set(name, added);
    return added;
  }
}

/** Returns the string token just read. @throws {JsonValueError} */
function checked(lexer: JsonLexer): string {
  const text = lexer.string;
  // Without escapes there are no control characters.
  if (!lexer.escaped || !text.includes("\0")) return text;
  const shown = text.replaceAll("\0", "\xe2\x90\x80"); // U+2400
  throw new JsonValueError(
    `input string '${shown}' cannot be represented as Nix string because it contains null bytes`,
  );
}

/**
 * Parses a JSON text and returns what `builder` makes of it. The builder is called as tokens are read, so that its own
 * errors come before later syntax errors, as in C++ Nix.
 *
 * @throws {JsonParseError} if the text isn't JSON
 * @throws {JsonValueError} if a value can't be a Nix value
 */
export function parseJson<V, K>(text: string, builder: JsonBuilder<V, K>): V {
  return new Parser(text, builder).parse();
}

/**
 * Returns what is wrong with a text, with line and column, in the same words whatever engine this runs on; undefined if it
 * is JSON (V8 takes lone surrogates and numbers beyond doubles, which this doesn't).
 */
export function jsonErrorIn(text: string): string | undefined {
  try {
    parseJson(text, CHECKER);
    return undefined;
  } catch (e) {
    if (!(e instanceof JsonParseError)) throw e;
    return e.message;
  }
}

/** Makes nothing. */
const CHECKER: JsonBuilder<null, null> = {
  null: () => null,
  boolean: () => null,
  integer: () => null,
  float: () => null,
  string: () => null,
  array: () => null,
  key: () => null,
  object: () => null,
};

class Parser<V, K> {
  readonly #lexer: JsonLexer;
  readonly #builder: JsonBuilder<V, K>;
  /** Values of what is open, up to `#top`. Not numbers only, even at first, or V8 would make lists of several kinds. */
  readonly #values: V[];
  #top = 0;
  /** By depth: where the values begin, and the keys, null in lists. */
  readonly #from: number[] = [];
  readonly #keys: (JsonKeys<K> | null)[] = [];
  #depth = 0;
  readonly #noKeys = new JsonKeys<K>(null, undefined, "", 0, 0);
  /** By depth: the first key of the last object there. */
  readonly #firsts: (JsonKeys<K> | undefined)[] = [];

  constructor(text: string, builder: JsonBuilder<V, K>) {
    this.#lexer = new JsonLexer(text);
    this.#builder = builder;
    this.#values = [builder.null()];
  }

  parse(): V {
    const lexer = this.#lexer;
    const builder = this.#builder;
    let token = lexer.next();
    for (;;) {
      let value: V;
      switch (token) {
        case STRING:
          value = builder.string(checked(lexer));
          break;
        case INTEGER:
          if (lexer.number > MAX_INT64) {
            throw new JsonValueError(`unsigned json number ${lexer.number} outside of Nix integer range`);
          }
          value = builder.integer(lexer.number);
          break;
        case FLOAT:
          if (!Number.isFinite(lexer.number)) {
            throw new JsonParseError(
              `[json.exception.out_of_range.406] number overflow parsing '${lexer.lastRead()}'`,
            );
          }
          value = builder.float(lexer.number as number);
          break;
        case TRUE:
          value = builder.boolean(true);
          break;
        case FALSE:
          value = builder.boolean(false);
          break;
        case NULL:
          value = builder.null();
          break;
        case BEGIN_ARRAY:
          token = lexer.next();
          if (token !== END_ARRAY) {
            this.#open(null);
            continue;
          }
          value = builder.array([]);
          break;
        case BEGIN_OBJECT:
          if (this.#openObject()) {
            token = lexer.next();
            continue;
          }
          value = builder.object(this.#noKeys, this.#values, this.#top);
          break;
        case FAILED:
          throw lexer.error("value", FAILED);
        case END:
          if (lexer.position === 1) {
            throw lexer.errorHere(
              "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
            );
          }
          throw lexer.error("value", VALUE);
        default:
          throw lexer.error("value", VALUE);
      }
      for (;;) {
        if (this.#depth === 0) {
          if (lexer.next() !== END) throw lexer.error("value", END);
          return value;
        }
        this.#values[this.#top++] = value;
        const keys = this.#keys[this.#depth - 1];
        token = lexer.next();
        if (token === COMMA) {
          if (keys !== null) this.#keys[this.#depth - 1] = this.#readKey(keys);
          token = lexer.next();
          break;
        }
        const from = this.#from[--this.#depth];
        if (keys === null) {
          if (token !== END_ARRAY) throw lexer.error("array", END_ARRAY);
          value = builder.array(this.#values.slice(from, this.#top));
        } else {
          if (token !== END_OBJECT) throw lexer.error("object", END_OBJECT);
          value = builder.object(keys, this.#values, from);
        }
        this.#top = from;
      }
    }
  }

  #open(keys: JsonKeys<K> | null): void {
    this.#from[this.#depth] = this.#top;
    this.#keys[this.#depth++] = keys;
  }

  /** Opens an object with its first key; returns false if it has none. */
  #openObject(): boolean {
    const guess = this.#firsts[this.#depth] ?? null;
    if (guess === null || guess.length === 0 || !this.#lexer.nextIs(guess.start, guess.length)) {
      if (this.#lexer.next() === END_OBJECT) return false;
      this.#open(this.#firsts[this.#depth] = this.#keyAfter(this.#noKeys));
    } else this.#open(guess);
    this.#readColon();
    return true;
  }

  /** Reads the key after `keys`. */
  #readKey(keys: JsonKeys<K>): JsonKeys<K> {
    let next = keys.last;
    if (next === null || next.length === 0 || !this.#lexer.nextIs(next.start, next.length)) {
      this.#lexer.next();
      next = this.#keyAfter(keys);
    }
    this.#readColon();
    return next;
  }

  /** Returns `keys` with the token just read, which must be a string. */
  #keyAfter(keys: JsonKeys<K>): JsonKeys<K> {
    if (this.#lexer.token !== STRING) throw this.#lexer.error("object key", STRING);
    return keys.followedBy(this.#lexer, this.#builder);
  }

  #readColon(): void {
    if (this.#lexer.next() !== COLON) throw this.#lexer.error("object separator", COLON);
  }
}
