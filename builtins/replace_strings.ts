/**
 * `replaceStrings`.
 *
 * One pass from the left; at each place the first string of the list that fits wins, and what was put in isn't looked at
 * again. An empty string fits everywhere, also at the end, and then one byte is copied so that the pass goes on. A
 * replacement is evaluated, and its context taken, when it is first used.
 */
import type { Builtin } from "../lib/runtime/builtin.ts";
import { ContextBuilder } from "../lib/runtime/context.ts";
import { evalError } from "../lib/runtime/errors.ts";
import { forceList, forceString } from "../lib/runtime/expect.ts";
import { tracker } from "../lib/runtime/tracking.ts";
import { makeString, type Slot, stringContext, stringText, type Value } from "../lib/runtime/value.ts";

/** The strings that `replaceStrings` looks for, by their first byte. */
interface Needles {
  readonly texts: readonly string[];
  /** Under each byte the indices of the strings that start with it, in order. */
  readonly byFirst: readonly (readonly number[] | undefined)[];
  /** Index of the first empty string, which matches wherever none before it does; -1 if there is none. */
  readonly empty: number;
}

/** `last` are those of the call before: lists are often written in a function, and say the same in each of its calls. */
function forceNeedles(from: readonly Slot[], last: Needles | null): Needles {
  const texts: string[] = [];
  const words = "while evaluating one of the strings to replace passed to builtins.replaceStrings";
  for (const slot of from) texts.push(typeof slot === "string" ? slot : stringText(forceString(slot, words)));
  if (last !== null && last.texts.length === texts.length && texts.every((text, i) => text === last.texts[i])) {
    return last;
  }
  const empty = texts.indexOf("");
  const byFirst: number[][] = new Array(256);
  for (let i = 0; i < (empty < 0 ? texts.length : empty); i++) {
    const first = texts[i].charCodeAt(0);
    if (byFirst[first] === undefined) byFirst[first] = [i];
    else byFirst[first].push(i);
  }
  return { texts, byFirst, empty };
}

/** Returns the index of the needle that matches at `at`, -1 if none does. */
function needleAt(needles: Needles, text: string, at: number): number {
  const candidates = needles.byFirst[text.charCodeAt(at)];
  if (candidates !== undefined) {
    for (const i of candidates) if (text.startsWith(needles.texts[i], at)) return i;
  }
  return needles.empty;
}

/** Chars from which on a piece is made flat. */
const PIECE = 1 << 12;

/**
 * A string that is made of many. V8 keeps what was appended as a tree, of 20 bytes for each time, until somebody looks at
 * the chars: 100 million replacements would fill the heap, which ends the process.
 */
class Pieces {
  #flat = "";
  #piece = "";
  /** Of the last piece; not for anybody, but what nobody keeps is optimised away. */
  lastFirst = NaN;

  add(text: string): void {
    this.#piece += text;
    if (this.#piece.length < PIECE) return;
    // Looking at one makes it flat.
    this.lastFirst = this.#piece.charCodeAt(0);
    this.#flat += this.#piece;
    this.#piece = "";
  }

  text(): string {
    return this.#flat + this.#piece;
  }
}

function makeReplaceStrings(): Builtin["call"] {
  // The same list is often used again and again (`escapeXML`, `toUpper`).
  let lastFrom: readonly Slot[] | null = null;
  let lastNeedles: Needles | null = null;

  return (from: Slot, to: Slot, s: Slot): Value => {
    const old = forceList(from, "while evaluating the first argument passed to builtins.replaceStrings");
    const new_ = forceList(to, "while evaluating the second argument passed to builtins.replaceStrings");
    if (old.length !== new_.length) {
      throw evalError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths");
    }
    const needles = old === lastFrom ? lastNeedles! : forceNeedles(old, lastNeedles);
    // Where values know what they were made from, each call looks at the elements: it depends on them, and they change.
    lastFrom = tracker === null ? old : null;
    lastNeedles = needles;
    const v = forceString(s, "while evaluating the third argument passed to builtins.replaceStrings");
    const text = stringText(v);
    const context = new ContextBuilder();
    context.add(stringContext(v));

    const replacements = new Array<string | undefined>(new_.length);
    const replacement = (i: number): string => {
      const known = replacements[i];
      if (known !== undefined) return known;
      const words = "while evaluating one of the replacement strings passed to builtins.replaceStrings";
      const r = forceString(new_[i], words);
      context.add(stringContext(r));
      return replacements[i] = stringText(r);
    };

    const out = new Pieces();
    let copied = 0;
    const n = text.length;
    if (needles.empty >= 0) {
      for (let at = 0; at <= n;) {
        const i = needleAt(needles, text, at);
        out.add(replacement(i));
        const size = needles.texts[i].length;
        if (size === 0) out.add(text.charAt(at));
        at += size || 1;
      }
      return makeString(out.text(), context.build());
    }
    for (let at = 0; at < n;) {
      const i = needleAt(needles, text, at);
      if (i < 0) {
        at++;
        continue;
      }
      if (copied < at) out.add(text.slice(copied, at));
      out.add(replacement(i));
      at += needles.texts[i].length;
      copied = at;
    }
    if (copied === 0) return v;
    out.add(text.slice(copied));
    return makeString(out.text(), context.build());
  };
}

/** Returns `replaceStrings`. */
export function replaceStringsBuiltin(): Builtin {
  return {
    name: "replaceStrings",
    params: ["from", "to", "s"],
    doc:
      "Returns *s* with each occurrence of a string of the list *from* replaced by its partner in *to*. Goes through *s* once, from the left; at each place the first of *from* that fits counts.",
    call: makeReplaceStrings(),
  };
}
