// Scanners for TOML 1.0 tokens as toml11 4.4 has them. Each takes a text and an offset and returns the offset after the
// token, or -1; a string scanner that fails tells where it stopped by the complement of that offset (~stop).

import { encodeCodePoint } from "./utf8.ts";

/** Returns the offset after the well-formed UTF-8 character of two to four bytes at `at`, or -1. */
function multibyteEnd(text: string, at: number): number {
  const lead = text.charCodeAt(at);
  const count = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
  if (count === 0 || lead !== lead) return -1;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i <= count; i++) {
    const code = text.charCodeAt(at + i);
    if (!(i === 1 ? code >= low && code <= high : code >= 0x80 && code <= 0xbf)) return -1;
  }
  return at + count + 1;
}

/** Returns the offset after the newline at `at`, or -1. */
export function newlineEnd(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 10) return at + 1;
  return code === 13 && text.charCodeAt(at + 1) === 10 ? at + 2 : -1;
}

/** Returns the offset after spaces and tabs. */
export function blanksEnd(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 9) return at;
    at++;
  }
}

const ESCAPE = /\\(?:["\\bfnrt]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;
const ESCAPED_NEWLINE = /\\[ \t]*\r?\n/y;

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Returns the offset after the characters of a basic string, escapes included, without newlines. */
function basicCharsEnd(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) {
      const end = matchEnd(ESCAPE, text, at);
      if (end < 0) return at;
      at = end;
    } else if (code >= 0x80) {
      const end = multibyteEnd(text, at);
      if (end < 0) return at;
      at = end;
    } else if (code === 9 || code >= 32 && code !== 0x22 && code !== 0x7f) at++;
    else return at;
  }
}

function literalCharsEnd(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) {
      const end = multibyteEnd(text, at);
      if (end < 0) return at;
      at = end;
    } else if (code === 9 || code >= 32 && code !== 0x27 && code !== 0x7f) at++;
    else return at;
  }
}

/** Returns the offset after the comment at `at`, its newline left out, or -1. */
export function commentEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x23) return -1;
  for (at++;;) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) {
      const end = multibyteEnd(text, at);
      if (end < 0) return at;
      at = end;
    } else if (code === 9 || code >= 32 && code !== 0x7f) at++;
    else return at;
  }
}

function multilineCharsEnd(text: string, at: number, quote: string): number {
  for (;;) {
    let end = quote === '"' ? basicCharsEnd(text, at) : literalCharsEnd(text, at);
    const newline = newlineEnd(text, end);
    if (newline >= 0) end = newline;
    else if (quote === '"') {
      const escaped = matchEnd(ESCAPED_NEWLINE, text, end);
      if (escaped >= 0) end = escaped;
    }
    if (end === at) return at;
    at = end;
  }
}

/** Scans a one-line string that starts with `quote`. */
export function stringEnd(text: string, at: number, quote: string): number {
  const end = quote === '"' ? basicCharsEnd(text, at + 1) : literalCharsEnd(text, at + 1);
  return text[end] === quote ? end + 1 : ~end;
}

/** Scans a string in triple quotes; up to two quotes before the closing ones belong to it. */
export function multilineStringEnd(text: string, at: number, quote: string): number {
  at = multilineCharsEnd(text, at + 3, quote);
  while (text[at] === quote) {
    const after = text[at + 1] === quote ? at + 2 : at + 1;
    const end = multilineCharsEnd(text, after, quote);
    if (end === after) break;
    at = end;
  }
  if (!text.startsWith(quote.repeat(3), at)) return ~at;
  at += 3;
  return text[at] !== quote ? at : text[at + 1] === quote ? at + 2 : at + 1;
}

/** A code point that an escape names but UTF-8 can't hold; offsets are those of `uXXXX`. */
export interface BadCodePoint {
  readonly codePoint: number;
  readonly first: number;
  readonly last: number;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Replaces the escapes in the scanned content of a basic string; a backslash at the end of a line eats blank space. */
export function unescapeToml(content: string): string | BadCodePoint {
  let at = content.indexOf("\\");
  if (at < 0) return content;
  let value = "";
  let from = 0;
  for (; at >= 0; at = content.indexOf("\\", from)) {
    value += content.slice(from, at);
    const newline = matchEnd(ESCAPED_NEWLINE, content, at);
    if (newline >= 0) {
      from = newline;
      for (let next = from; next >= 0; next = newlineEnd(content, from)) from = blanksEnd(content, next);
      continue;
    }
    const letter = content[at + 1]!;
    const short = SHORT_ESCAPES[letter];
    if (short !== undefined) {
      value += short;
      from = at + 2;
      continue;
    }
    from = at + (letter === "u" ? 6 : 10);
    const codePoint = parseInt(content.slice(at + 2, from), 16);
    if (codePoint > 0x10ffff || codePoint >= 0xd800 && codePoint <= 0xdfff) {
      return { codePoint, first: at + 1, last: from };
    }
    value += encodeCodePoint(codePoint);
  }
  return value + content.slice(from);
}

/** Returns the offset after a bare key, or -1. */
export function bareKeyEnd(text: string, at: number): number {
  return matchEnd(BARE_KEY, text, at);
}

/** Returns the offset after a bare or quoted key, or -1. */
function simpleKeyEnd(text: string, at: number): number {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return bareKeyEnd(text, at);
  return Math.max(stringEnd(text, at, quote), -1);
}

/** Returns the offset after a dotted or simple key, or -1. */
function keyEnd(text: string, at: number): number {
  let end = simpleKeyEnd(text, at);
  while (end >= 0) {
    const dot = blanksEnd(text, end);
    if (text[dot] !== ".") break;
    const next = simpleKeyEnd(text, blanksEnd(text, dot + 1));
    if (next < 0) break;
    end = next;
  }
  return end;
}

/** Where the header `[key]` or `[[key]]` at an offset ends or what is missing in it and where. */
export type TomlHeader =
  | { readonly end: number }
  | { readonly expected: string; readonly stop: number };

/** Scans a table header. */
export function scanHeader(text: string, at: number, open: "[" | "[["): TomlHeader {
  if (!text.startsWith(open, at)) return { expected: open, stop: at };
  const key = blanksEnd(text, at + open.length);
  const end = keyEnd(text, key);
  if (end < 0) return { expected: "basic key([a-zA-Z0-9_-]) or quoted key(\" or ')", stop: key };
  const close = open === "[" ? "]" : "]]";
  const stop = blanksEnd(text, end);
  return text.startsWith(close, stop) ? { end: stop + close.length } : { expected: close, stop };
}

const BARE_KEY = /[A-Za-z0-9_-]+/y;
const DECIMAL = "[+-]?(?:[1-9](?:_?[0-9])+|[0-9])";
const DIGITS = "[0-9](?:_?[0-9])*";
const EXPONENT = `[eE][+-]?${DIGITS}`;
const DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME = "[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?";

const PATTERNS = {
  offsetDatetime: new RegExp(`${DATE}[Tt ]${TIME}(?:[zZ]|[+-][0-9]{2}:[0-9]{2})`, "y"),
  localDatetime: new RegExp(`${DATE}[Tt ]${TIME}`, "y"),
  localDate: new RegExp(DATE, "y"),
  localTime: new RegExp(TIME, "y"),
  float: new RegExp(`${DECIMAL}(?:${EXPONENT}|\\.${DIGITS}(?:${EXPONENT})?)|[+-]?(?:inf|nan)`, "y"),
  integer: new RegExp(`0x[0-9a-fA-F](?:_?[0-9a-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*|${DECIMAL}`, "y"),
} as const;

export type TomlNumberKind = keyof typeof PATTERNS;

/** Returns the offset after a number, date or time of the given kind, or -1. */
export function numberEnd(kind: TomlNumberKind, text: string, at: number): number {
  return matchEnd(PATTERNS[kind], text, at);
}
